import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { openDb } from '../platform/db/pool.ts';
import type { Db } from '../platform/db/types.ts';
import { onServer, withDatabase } from './server.ts';
import './global-setup.ts';

export interface TestDb {
  db: Db;
  url: string;
  /** Ends the pool and drops the database. */
  close: () => Promise<void>;
}

/** An empty migrated database of its own on the run's PostgreSQL, cloned in some 60 ms. For tests of the `server` project. */
export async function testDb(options: { max?: number } = {}): Promise<TestDb> {
  const server = inject('testServer');
  const name = `t_${randomBytes(8).toString('hex')}`;
  await onServer(server.url, async (admin) => {
    await sql.raw(`create database ${name} template ${server.template} strategy file_copy`).execute(admin);
  });
  const url = withDatabase(server.url, name);
  const db = openDb(url, { max: options.max ?? 8, applicationName: 'muster-test' });
  let closed = false;
  return {
    db,
    url,
    close: async () => {
      if (closed) return;
      closed = true;
      await db.destroy();
      await onServer(server.url, async (admin) => {
        await sql.raw(`drop database if exists ${name} with (force)`).execute(admin);
      });
    },
  };
}
