import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { startEmbedded } from '../platform/db/embedded.ts';
import { processStart, runningPostmaster, stopPostmaster } from '../platform/db/embedded-process.ts';
import { migrate } from '../platform/db/migrate.ts';
import { openDb } from '../platform/db/pool.ts';

const PREFIX = 'muster-test-pg-';

/** What a test needs of durability is none: nothing is flushed. Everything else is as in production. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
  max_connections: '300',
  max_wal_size: '1GB',
  log_min_duration_statement: '-1',
  autovacuum_naptime: '5min',
};

export interface TestServer {
  url: string;
  /** The migrated database that tests clone. */
  template: string;
  stop: () => Promise<void>;
}

/**
 * The server for a test run: the one DATABASE_URL_TEST names (its user may create databases), or an embedded PostgreSQL of its own in a
 * temporary folder.
 */
export async function startTestServer(): Promise<TestServer> {
  const external = process.env['DATABASE_URL_TEST'];
  const server = external ? { url: external, stop: async () => undefined } : await ownServer();
  const template = `muster_template_${process.pid}`;
  try {
    await onServer(server.url, async (db) => {
      await sql.raw(`create database ${template}`).execute(db);
    });
    const db = openDb(withDatabase(server.url, template), { max: 1 });
    try {
      await migrate(db);
    } finally {
      await db.destroy();
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  const stop = async (): Promise<void> => {
    await onServer(server.url, async (db) => {
      await sql.raw(`drop database if exists ${template} with (force)`).execute(db);
    });
    await server.stop();
  };
  return { url: server.url, template, stop };
}

async function ownServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  await sweepLeftovers();
  const dataDir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  // Run by root, PostgreSQL is someone else and must get in.
  chmodSync(dataDir, 0o755);
  const postgres = await startEmbedded({ dataDir, log: pino({ level: 'warn' }), settings });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Servers of test runs that were killed: their folders carry the pid of a process that is gone. */
async function sweepLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!Number.isInteger(pid) || processStart(pid) !== null) continue;
    const folder = join(tmpdir(), name);
    try {
      const pgData = join(folder, 'postgres');
      const left = existsSync(pgData) ? runningPostmaster(pgData) : null;
      if (left) await stopPostmaster(left, 5000);
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another user's leftover, or another run sweeps it at this moment.
    }
  }
}

/** Runs statements that must stand alone (create, drop database) on the server's own database. */
export async function onServer(url: string, work: (db: ReturnType<typeof openDb>) => Promise<void>): Promise<void> {
  const db = openDb(url, { max: 1 });
  try {
    await work(db);
  } finally {
    await db.destroy();
  }
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
