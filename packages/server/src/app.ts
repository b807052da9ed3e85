import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { accessModule } from './modules/access/module.ts';
import { bootstrapAccess, createAuthenticate, type FirstStart } from './modules/access/index.ts';
import { assetsModule } from './modules/assets/module.ts';
import { attachmentsModule } from './modules/attachments/module.ts';
import { bulkModule } from './modules/bulk/module.ts';
import { custodyModule } from './modules/custody/module.ts';
import { discoveryModule } from './modules/discovery/module.ts';
import { handoverModule } from './modules/handover/module.ts';
import { importsModule } from './modules/imports/module.ts';
import { integrationsModule } from './modules/integrations/module.ts';
import { inventoryModule } from './modules/inventory/module.ts';
import { labelsModule } from './modules/labels/module.ts';
import { licensingModule } from './modules/licensing/module.ts';
import { version } from './modules/operations/index.ts';
import { operationsModule } from './modules/operations/module.ts';
import { fieldsModule } from './modules/fields/module.ts';
import { peopleModule } from './modules/people/module.ts';
import { placesModule } from './modules/places/module.ts';
import { reservationsModule } from './modules/reservations/module.ts';
import { softwareModule } from './modules/software/module.ts';
import { stockModule } from './modules/stock/module.ts';
import { viewsModule } from './modules/views/module.ts';
import type { Config } from './platform/config.ts';
import type { Module, Platform } from './platform/context.ts';
import { openDb } from './platform/db/pool.ts';
import { createMetrics } from './platform/http/metrics.ts';
import { createHttp } from './platform/http/server.ts';
import { BossJobs } from './platform/jobs/boss-jobs.ts';
import { createLogger } from './platform/log.ts';
import { createSecrets, loadSecretKey } from './platform/secrets.ts';

/** Every module, in the order they start: who reads reports comes last. This file alone knows them all. */
export const modules: readonly Module[] = [
  accessModule,
  operationsModule,
  fieldsModule,
  peopleModule,
  placesModule,
  assetsModule,
  custodyModule,
  stockModule,
  reservationsModule,
  labelsModule,
  handoverModule,
  attachmentsModule,
  softwareModule,
  inventoryModule,
  discoveryModule,
  integrationsModule,
  licensingModule,
  viewsModule,
  bulkModule,
  importsModule,
];

const root = join(import.meta.dirname, '..', '..', '..');

export interface PlatformOptions {
  databaseUrl: string;
  log?: Logger;
  now?: () => Date;
  /** Most database connections; the configuration's unless given. */
  poolMax?: number;
  /** Process and garbage-collector figures in /metrics; once per process. */
  processMetrics?: boolean;
}

/** Everything a verb may use, over a migrated database. `createApp().stop()` closes it. */
export async function buildPlatform(config: Config, options: PlatformOptions): Promise<Platform> {
  const log = options.log ?? createLogger(config);
  const db = openDb(options.databaseUrl, {
    max: options.poolMax ?? config.dbPoolMax,
    onError: (error) => log.warn({ err: error }, 'An idle database connection was lost'),
  });
  return {
    config,
    databaseUrl: options.databaseUrl,
    log,
    db,
    jobs: new BossJobs({ databaseUrl: options.databaseUrl, log }),
    secrets: createSecrets(await loadSecretKey(config)),
    metrics: createMetrics({ processMetrics: options.processMetrics ?? false }),
    now: options.now ?? (() => new Date()),
  };
}

export interface App {
  readonly fastify: FastifyInstance;
  readonly platform: Platform;
  /** Starts modules and jobs and makes what the environment asks for; then the server may listen. */
  start(): Promise<FirstStart>;
  /** HTTP, then jobs, then the modules' own workers, then the pool. */
  stop(): Promise<void>;
}

export interface AppOptions {
  /** Instead of all modules, for tests; access is needed for anyone to get in. */
  modules?: readonly Module[];
  requestsPerMinute?: number;
}

/** Puts the modules together over a platform. Nothing runs before `start`. */
export async function createApp(platform: Platform, options: AppOptions = {}): Promise<App> {
  const chosen = options.modules ?? modules;
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  const fastify = await createHttp({
    platform,
    modules: chosen,
    authenticate: createAuthenticate(platform),
    readiness: async () => (state === 'ready' ? [] : [`the server is ${state}`]),
    folders: { web: join(root, 'packages', 'web', 'dist'), errors: join(root, 'docs', 'errors') },
    version,
    ...(options.requestsPerMinute === undefined ? {} : { requestsPerMinute: options.requestsPerMinute }),
  });
  return {
    fastify,
    platform,
    async start() {
      for (const module of chosen) await module.start?.(platform);
      await platform.jobs.start(platform);
      const firstStart = await bootstrapAccess(platform);
      await fastify.ready();
      state = 'ready';
      return firstStart;
    },
    async stop() {
      state = 'stopping';
      await fastify.close();
      await platform.jobs.stop();
      for (const module of chosen.toReversed()) await module.stop?.();
      await platform.db.destroy();
    },
  };
}
