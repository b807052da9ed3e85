import type { Permission, RoleName, Scope } from '@muster/api/permissions';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from './config.ts';
import type { Db } from './db/types.ts';
import type { HandledRoute } from './http/routes.ts';
import type { Jobs } from './jobs/jobs.ts';
import type { Secrets } from './secrets.ts';

/** Who acts: a signed-in user, a token, an agent with an enrolment key, or the system itself. */
export interface Actor {
  readonly kind: 'user' | 'token' | 'agent' | 'system';
  readonly id: string | null;
  readonly label: string;
  readonly userId: string | null;
  readonly personId: string | null;
  /** What it may do, and where. Several grants of one permission add up. */
  readonly grants: readonly Grant[];
}
export interface Grant {
  readonly permission: Permission;
  readonly scope: Scope;
  /** The role it comes from; absent for a token that no person made. */
  readonly role?: RoleName;
}

/** The clock's and start-up's own deeds. */
export const systemActor: Actor = { kind: 'system', id: null, label: 'Muster', userId: null, personId: null, grants: [] };

/** What every verb and job may use. Made once, in app.ts. */
export interface Platform {
  readonly db: Db;
  readonly config: Config;
  /** Where the database is: for worker threads, which open connections of their own. */
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly jobs: Jobs;
  readonly secrets: Secrets;
  /** Where a module registers its Prometheus gauges and counters (`new Gauge({ registers: [platform.metrics], ... })`). */
  readonly metrics: Registry;
  /** Now; a function so that tests can set it. */
  readonly now: () => Date;
}

/** What a module gives to app.ts. */
export interface Module {
  readonly name: string;
  readonly routes: readonly HandledRoute[];
  /**
   * Raw routes that speak a foreign protocol (agents): called in a scope of its own where every body arrives as a Buffer, whatever its
   * content type, and nothing is compressed. Each route must say `config: { access: 'agent' }` (or 'public', or a permission).
   */
  readonly mount?: (scope: FastifyInstance, platform: Platform) => void | Promise<void>;
  /** Registers job handlers, schedules and listeners; called once before the server listens. */
  readonly start?: (platform: Platform) => Promise<void>;
  readonly stop?: () => Promise<void>;
}
