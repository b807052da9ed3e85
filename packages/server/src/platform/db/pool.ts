import { Kysely, PostgresDialect } from 'kysely';
import { Pool, TypeOverrides } from 'pg';
import type { Tables } from './tables.ts';
import type { Db, Tx } from './types.ts';

const DATE = 1082;
const DATE_ARRAY = 1182;

/**
 * DATE stays text: as a JS Date it shifts by the machine's time zone. INT8 and NUMERIC stay text by pg's own default, so no digit is
 * lost; timestamptz is a JS Date.
 */
function typeParsers(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(DATE, (value) => value);
  types.setTypeParser(DATE_ARRAY, (value) =>
    value === '{}'
      ? []
      : value
          .slice(1, -1)
          .split(',')
          .map((item) => (item === 'NULL' ? null : item)),
  );
  return types;
}

export interface PoolOptions {
  /** Most connections at once; 10 unless said. */
  max?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Told of errors on idle connections (the server restarted); without a listener such an error would end the process. */
  onError?: (error: Error) => void;
}

/** A pool of connections with the type parsers above. `Db` is made over one; end it yourself. */
export function openPool(url: string, options: PoolOptions = {}): Pool {
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'muster',
    connectionTimeoutMillis: 15_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    types: typeParsers(),
  });
  pool.on('error', (error: Error & { client?: unknown }) => {
    // An ending pool does not wait for its last sockets; the server may close them first.
    if (pool.ending) return;
    // pg hangs the whole client on the error; a log has no use for it.
    delete error.client;
    options.onError?.(error);
  });
  return pool;
}

/** Kysely over a pool, plain: columns are snake_case. `db.destroy()` ends the pool. */
export function openDb(url: string, options: PoolOptions = {}): Db {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool(url, options) }) });
}

/** Runs `fn` in one transaction; joins the one at hand when `db` is already a transaction. */
export async function inTx<T>(db: Db, fn: (tx: Tx) => Promise<T>): Promise<T> {
  if (db.isTransaction) return fn(db as Tx);
  return db.transaction().execute(fn);
}
