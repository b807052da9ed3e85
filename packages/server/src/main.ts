import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { type App, buildPlatform, createApp } from './app.ts';
import { withSystemToken } from './modules/access/index.ts';
import { type Config, ConfigError, loadConfig, unknownVariables } from './platform/config.ts';
import type { Platform } from './platform/context.ts';
import { EmbeddedPostgresError, runningEmbeddedUrl, startEmbedded } from './platform/db/embedded.ts';
import { migrate, MigrationError } from './platform/db/migrate.ts';
import { openDb } from './platform/db/pool.ts';
import { createLogger } from './platform/log.ts';

const usage = `Usage: muster <command> [--option value ...]
  serve     UI, API, agent endpoints and jobs in one process (the default)
  worker    jobs only, beside a server on the same database
  migrate   brings the database to this version and ends
Options and environment variables are described in docs/guides/configuration.md.
`;

/** How long a graceful stop may take before the process ends anyway. PostgreSQL is safe either way. */
const STOP_LIMIT_MS = 20_000;
/** Ctrl-C arrives up to three times (from the terminal, npm and the start script); only a later one means "at once". */
const SAME_SIGNAL_MS = 1000;

/** Something went wrong that the person can act on: its message is printed, without a stack. */
class StartError extends Error {
  override name = 'StartError';
}

type Stop = () => Promise<void>;

async function main(argv: readonly string[]): Promise<void> {
  const startedMs = performance.now();
  const given = argv[0] !== undefined && !argv[0].startsWith('-') ? argv[0] : null;
  const command = given ?? 'serve';
  if (['help'].includes(command) || argv.includes('--help') || argv.includes('-h')) return void process.stdout.write(usage);
  const run = { serve, worker, migrate: migrateOnly }[command];
  if (!run) throw new StartError(`There is no command ${command}.\n${usage}`);
  const config = loadConfig({ env: process.env, argv: given === null ? argv : argv.slice(1) });
  const log = createLogger(config);
  for (const warning of unknownVariables(process.env)) log.warn(warning);
  const lifecycle = new Lifecycle(log);
  try {
    await run(config, log, lifecycle, startedMs);
  } catch (error) {
    await lifecycle.stopAll();
    throw error;
  }
}

/** What was started, to be stopped in reverse; listens to signals from the first thing on. */
class Lifecycle {
  readonly #log: Logger;
  readonly #stops: { name: string; stop: Stop }[] = [];
  #stopping: Promise<void> | undefined;
  #signalledMs = 0;

  constructor(log: Logger) {
    this.#log = log;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.#signalled(signal));
    process.on('uncaughtException', (error) => void this.#crashed(error));
    process.on('unhandledRejection', (error) => void this.#crashed(error));
  }

  get stopping(): boolean {
    return this.#stopping !== undefined;
  }

  started(name: string, stop: Stop): void {
    this.#stops.push({ name, stop });
  }

  /** Stops everything once, the last started first; one that fails does not keep the others running. */
  stopAll(): Promise<void> {
    this.#stopping ??= this.#stopEach();
    return this.#stopping;
  }

  async #stopEach(): Promise<void> {
    for (const { name, stop } of this.#stops.toReversed()) {
      try {
        await stop();
      } catch (error) {
        this.#log.error({ err: error }, `${name} did not stop cleanly`);
      }
    }
  }

  #signalled(signal: string): void {
    if (this.stopping) {
      if (performance.now() - this.#signalledMs < SAME_SIGNAL_MS) return;
      this.#log.warn('stopped at once');
      process.exit(130);
    }
    this.#signalledMs = performance.now();
    this.#log.info({ signal }, 'stopping');
    void this.#end(0);
  }

  async #crashed(error: unknown): Promise<void> {
    this.#log.fatal({ err: error }, 'an error nobody caught');
    if (!this.stopping) await this.#end(1);
  }

  async #end(code: number): Promise<void> {
    const limit = setTimeout(() => {
      this.#log.error('the stop took too long');
      process.exit(1);
    }, STOP_LIMIT_MS);
    await this.stopAll();
    clearTimeout(limit);
    this.#log.info('stopped');
    process.exit(code);
  }
}

/** The database's URL: the given one, or that of a PostgreSQL started for it. */
async function database(config: Config, log: Logger, lifecycle: Lifecycle): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl;
  const postgres = await startEmbedded({ dataDir: config.dataDir, log });
  lifecycle.started('PostgreSQL', () => postgres.stop());
  return postgres.url;
}

async function bringUpToDate(databaseUrl: string, log: Logger): Promise<string[]> {
  const db = openDb(databaseUrl, { max: 1 });
  try {
    const applied = await migrate(db);
    if (applied.length > 0) log.info({ applied }, 'the database was brought up to date');
    return applied;
  } finally {
    await db.destroy();
  }
}

async function serve(config: Config, log: Logger, lifecycle: Lifecycle, startedMs: number): Promise<void> {
  const databaseUrl = await database(config, log, lifecycle);
  await bringUpToDate(databaseUrl, log);
  const platform = await buildPlatform(config, { databaseUrl, log, processMetrics: true });
  const app = await createApp(platform);
  lifecycle.started('the server', () => app.stop());
  const first = await app.start();
  const url = await listen(app, config);
  const ms = Math.round(performance.now() - startedMs);
  log.info({ url, ms }, 'ready');
  process.stdout.write(welcome(url, ms, first, config));
  if (config.demo) await demo(platform, listeningUrl(app, url), lifecycle);
}

async function listen(app: App, config: Config): Promise<string> {
  try {
    await app.fastify.listen({ host: config.host, port: config.port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE')
      throw new StartError(`Port ${config.port} is taken. Stop what uses it, or choose another: PORT=${config.port + 1} npm start`);
    if (code === 'EACCES')
      throw new StartError(`This user may not listen on port ${config.port}. Choose one from 1024 on, for example PORT=3000.`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new StartError(`${config.host} is no address of this machine. Set HOST to 127.0.0.1, or to 0.0.0.0 for all.`);
    throw error;
  }
  const { port } = app.fastify.server.address() as AddressInfo;
  return config.port === 0 ? config.baseUrl.replace(/:0$/, `:${port}`) : config.baseUrl;
}

/** Where this process itself listens: the public address may be a proxy's. */
function listeningUrl(app: App, url: string): string {
  const { address, port, family } = app.fastify.server.address() as AddressInfo;
  if (['0.0.0.0', '::', '127.0.0.1', '::1'].includes(address))
    return `http://${family === 'IPv6' && address !== '::' ? '[::1]' : '127.0.0.1'}:${port}`;
  return url;
}

function welcome(url: string, ms: number, first: Awaited<ReturnType<App['start']>>, config: Config): string {
  const signIn = first.setupPath
    ? `  First start: make the administrator with this link (valid for 24 hours, once)\n    ${url}${first.setupPath}`
    : first.administrator
      ? `  Sign in as ${first.administrator} with the password of MUSTER_ADMIN_PASSWORD.`
      : `  Sign in${config.adminEmail ? ` as ${config.adminEmail}` : ''} with your e-mail address and password.`;
  return `\nMuster is ready: ${url}   (${ms} ms)\n${signIn}\n  API: ${url}/api/docs   Agents: ${url}/agent/<enrolment key>   Stop: Ctrl-C\n\n`;
}

/**
 * Fills the running server with the demo organisation. The seed is a program of its own that speaks HTTP and the agents' protocols, as
 * everything else that comes from outside does.
 */
async function demo(platform: Platform, url: string, lifecycle: Lifecycle): Promise<void> {
  const program = join(import.meta.dirname, '..', '..', 'cli', 'src', 'main.ts');
  const stop = new AbortController();
  const whole = withSystemToken(platform, 'demo seed', async (secret) => {
    const child = spawn(process.execPath, [program, 'seed'], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, MUSTER_URL: url, MUSTER_API_TOKEN: secret },
    });
    stop.signal.addEventListener('abort', () => child.kill());
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0 && !lifecycle.stopping)
      platform.log.error({ code }, 'the demo organisation is not complete; start again with --demo to go on');
  });
  // The token is taken back before the pool is closed.
  lifecycle.started('the demo seed', async () => {
    stop.abort();
    await whole;
  });
  await whole;
}

async function worker(config: Config, log: Logger, lifecycle: Lifecycle, startedMs: number): Promise<void> {
  const databaseUrl = config.databaseUrl ?? runningEmbeddedUrl(config.dataDir);
  if (databaseUrl === null)
    throw new StartError(
      'A worker needs the database of a server: set DATABASE_URL, or start it beside a running server with the same MUSTER_DATA_DIR.',
    );
  await bringUpToDate(databaseUrl, log);
  const app = await createApp(await buildPlatform(config, { databaseUrl, log }));
  lifecycle.started('the worker', () => app.stop());
  await app.start();
  log.info({ ms: Math.round(performance.now() - startedMs) }, 'the worker is ready');
}

async function migrateOnly(config: Config, log: Logger, lifecycle: Lifecycle): Promise<void> {
  const running = config.databaseUrl ?? runningEmbeddedUrl(config.dataDir);
  const applied = await bringUpToDate(running ?? (await database(config, log, lifecycle)), log);
  await lifecycle.stopAll();
  process.stdout.write(applied.length > 0 ? `Applied ${applied.length} migrations.\n` : 'The database is up to date.\n');
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const known =
    error instanceof StartError ||
    error instanceof ConfigError ||
    error instanceof EmbeddedPostgresError ||
    error instanceof MigrationError;
  process.stderr.write(known ? `${error.message}\n` : `Muster could not start: ${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
