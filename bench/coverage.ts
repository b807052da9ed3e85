/**
 * What the page of coverage and its list cost at a million assets, with their plans. Runs alone, over a PostgreSQL of its own:
 * `node bench/coverage.ts 1000000`. With DATABASE_URL_BENCH it measures a filled database of the same shape instead.
 */
import { cpus, loadavg } from 'node:os';
import type { ListQueryInput } from '@muster/api/listing';
import { sql } from 'kysely';
import { sumUpSources } from '../packages/server/src/modules/inventory/store-asset-sources.ts';
import { coverageCounts } from '../packages/server/src/modules/integrations/store-coverage.ts';
import { assetCoverageListing } from '../packages/server/src/modules/integrations/store-listing.ts';
import { systemActor } from '../packages/server/src/platform/context.ts';
import { openDb } from '../packages/server/src/platform/db/pool.ts';
import type { Db, Tx } from '../packages/server/src/platform/db/types.ts';
import { listQuery } from '../packages/server/src/platform/listing/index.ts';
import { startTestServer, withDatabase } from '../packages/server/src/testing/server.ts';

const rounds = 15;
const id = (kind: string, n: string): string => `(${kind} || '000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

/** Nine in ten have an agent, three in five are in device management, half are in the directory; reports are up to sixty days old. */
async function fill(db: Db, assets: number): Promise<void> {
  const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
  await run("insert into asset_classes (key, label) values ('server', 'Server'), ('laptop', 'Laptop') on conflict do nothing");
  await run(`insert into assets (id, name, class_key, serial, last_seen_at)
    select ${id("'10'", 'n')}, 'pc-' || n, case when n % 20 = 0 then 'server' else 'laptop' end, 'SN' || n, now() from generate_series(1, ${assets}) n`);
  await run(`insert into observations (id, source, native_id, asset_id, keys, first_received_at, last_received_at, last_full_at)
    select ${id('(20 + s)', 'n')}, (array['glpi', 'intune', 'ldap'])[s], 'pc-' || n, ${id("'10'", 'n')},
      (select jsonb_agg(jsonb_build_object('kind', k, 'value', k || '-value-' || n, 'quality', 'good')) from unnest(array['serial', 'uuid', 'mac', 'fqdn', 'hostname', 'model']) k),
      now() - interval '200 days', now() - (n % 60) * interval '1 day' - (n % 86400) * interval '1 second', now()
    from generate_series(1, ${assets}) n cross join generate_series(1, 3) s where (s = 1 and n % 10 <> 0) or (s = 2 and n % 5 < 3) or (s = 3 and n % 2 = 0)`);
  await run(`insert into observations (id, source, native_id, first_received_at, last_received_at)
    select gen_random_uuid(), 'ldap', 'held-' || n, now(), now() from generate_series(1, ${Math.ceil(assets / 500)}) n`);
  for (let from = 0; from < assets; from += 20_000)
    await sumUpSources(
      db as Tx,
      (await sql<{ id: string }>`select id from assets order by id offset ${from} limit 20000`.execute(db)).rows.map((row) => row.id),
    );
  await run('insert into sources_heard select source, max(last_received_at) from observations group by source');
  for (const table of ['assets', 'observations', 'asset_sources']) await run(`vacuum analyze ${table}`);
}

async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  process.stdout.write(`| ${what} | ${at(0.5)} ms, ${at(0.95)} ms |\n`);
}

const assets = Number(process.argv[2] ?? 1_000_000);
const filled = process.env['DATABASE_URL_BENCH'];
const server = filled ? null : await startTestServer();
const db = openDb(server ? withDatabase(server.url, server.template) : (filled ?? ''), { max: 2, applicationName: 'muster-bench' });
try {
  const from = performance.now();
  if (server) await fill(db, assets);
  process.stdout.write(
    `filled in ${Math.round((performance.now() - from) / 1000)} s; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  process.stdout.write('| query | p50, p95 |\n|---|---|\n');
  await measure('figures and sources of the page', async () => coverageCounts(db));
  const list = (query: ListQueryInput) => async () =>
    listQuery(db, assetCoverageListing, { limit: 100, ...query }, systemActor, new Date());
  await measure('list, first page', list({}));
  for (const sort of ['-asset', 'class', 'sources', '-sourceCount', 'agentAt', '-lastReceivedAt'])
    await measure(`list sorted by ${sort}`, list({ sort }));
  for (const filter of ['managed:true agent_recent:false', 'source_count:1', 'sources:*ldap*', 'class:server'])
    await measure(`list, ${filter}`, list({ filter }));
  await measure('adding up the sources of 60 assets', async () =>
    sumUpSources(
      db as Tx,
      Array.from({ length: 60 }, (_, i) => `10000000-0000-7000-8000-${(i + 1).toString(16).padStart(12, '0')}`),
    ),
  );
} finally {
  await db.destroy();
  await server?.stop();
}
