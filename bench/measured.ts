import { Client } from 'pg';
import { runningEmbeddedUrl } from '../packages/server/src/platform/db/embedded.ts';
import type { RunningServer } from '../test/running-server.ts';

/** A connection to the database of a benchmark's server, for rows that are not worth the way through the API. */
export async function databaseOf(server: Pick<RunningServer, 'dataDir'>): Promise<Client> {
  const url = process.env['DATABASE_URL'] ?? runningEmbeddedUrl(server.dataDir);
  if (!url) throw new Error('The server of the benchmark has no database running');
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The value below which the share `p` of ascending milliseconds lies, in words. */
export function percentile(ascending: readonly number[], p: number): string {
  return `${(ascending[Math.min(ascending.length - 1, Math.ceil(p * ascending.length) - 1)] ?? 0).toFixed(1)} ms`;
}
