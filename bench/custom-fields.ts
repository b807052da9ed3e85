/**
 * Lists, counts, search and asset pages over assets with 20 custom fields each, of every type that a list shows: `node bench/custom-fields.ts 1000000`.
 * Runs alone against a server of its own and prints a table; the slowest cases are named. Nothing here asserts.
 */
import { loadavg } from 'node:os';
import { assetListRoutes, getAsset, getAssetTimeline } from '@muster/api/assets';
import { createClient } from '@muster/api/client';
import { createCustomField, type CustomFieldCreate, getCustomField } from '@muster/api/custom-fields';
import type { ListQueryInput } from '@muster/api/listing';
import { startServer, until } from '../test/running-server.ts';
import { databaseOf, percentile } from './measured.ts';

const assets = Number(process.argv[2] ?? 100_000);
const rounds = 4;
const choices = ['north', 'south', 'east', 'west'];

type Given = Pick<CustomFieldCreate, 'key' | 'type'> & Partial<CustomFieldCreate>;
/** Half of them with an index, as an organisation has that filters by half of what it records. */
const fields: Given[] = [
  { key: 'warranty_team', type: 'choice', indexed: true, options: choices.map((value) => ({ value, label: value })) },
  { key: 'lease_end', type: 'date', indexed: true },
  { key: 'purchase_price', type: 'money', indexed: true },
  { key: 'weight', type: 'number', unit: 'kg', indexed: true },
  { key: 'contract_no', type: 'text', indexed: true },
  { key: 'encrypted_disk', type: 'boolean', indexed: true },
  { key: 'owner', type: 'person', indexed: true },
  { key: 'home_place', type: 'place', indexed: true },
  { key: 'tags', type: 'multi_choice', indexed: true, options: choices.map((value) => ({ value, label: value })) },
  { key: 'ticket', type: 'url', indexed: true },
  ...Array.from({ length: 10 }, (_, i): Given => ({ key: `extra_${i}`, type: i % 2 ? 'number' : 'text' })),
];

const filters = [
  '',
  'class:laptop',
  'custom.warranty_team:north',
  'custom.lease_end<2027-03-01',
  'custom.purchase_price>900',
  'custom.weight>2.4 class:laptop',
  'custom.contract_no:C-00042',
  'custom.contract_no:C-000*',
  'custom.encrypted_disk:true state:in_use',
  'custom.tags:north',
  '-has:custom.ticket',
];
const sorts = ['name', '-createdAt', 'custom.lease_end', '-custom.purchase_price', 'custom.contract_no'];
/** Fields without an index: they are read row by row, which is said in the guide. */
const unindexed: ListQueryInput[] = [
  { filter: 'custom.extra_0:text-77', sort: 'name' },
  { filter: 'custom.extra_1>49000', sort: 'name' },
  { sort: 'custom.extra_2' },
];
const searches = ['bench-0001', 'sn00042', 'user0042', 'latitude', 'dell user01', 'be', 'bench-099', 'zzzz'];

const server = await startServer();
const db = await databaseOf(server);
const call = createClient({ baseUrl: server.url, token: server.token });
try {
  console.log(`load average before: ${loadavg()[0]?.toFixed(1)}`);
  await fill();
  for (const field of fields) {
    const { data } = await call(createCustomField, { body: { resource: 'assets', label: field.key, ...field } });
    if (!data.indexed) continue;
    await until(
      `the index of ${data.key} is built`,
      async () => (await call(getCustomField, { params: { id: data.id } })).data.indexState,
      (state) => state === 'ready',
      1_800_000,
    );
  }
  console.log(`filled and indexed; load average ${loadavg()[0]?.toFixed(1)}`);
  console.log(`| ${assets.toLocaleString('en')} assets with 20 custom fields | p50 | p95 | slowest |\n|---|---|---|---|`);
  const list = async (query: ListQueryInput): Promise<unknown> => await call(assetListRoutes.list, { query: { limit: 100, ...query } });
  const combined = filters.flatMap((filter) => sorts.map((sort): ListQueryInput => ({ sort, ...(filter ? { filter } : {}) })));
  await measure('list of 100 rows, 55 filters and sorts', combined, list);
  await measure('list by a field without index', unindexed, list, 2);
  await measure(
    'counts by class, state and choices',
    filters.map((filter): ListQueryInput => (filter ? { filter } : {})),
    async (query) => await call(assetListRoutes.facets, { query }),
    2,
  );
  await measure(
    'search as you type',
    searches.map((q): ListQueryInput => ({ q, limit: 20 })),
    list,
  );
  const { rows } = await db.query<{ id: string }>('select id from assets order by id limit 60');
  await measure(
    'asset page: the record and its timeline',
    rows.map(({ id }) => ({ filter: id })),
    async ({ filter: id = '' }) =>
      await Promise.all([call(getAsset, { params: { id }, query: {} }), call(getAssetTimeline, { params: { id }, query: {} })]),
  );
  console.log(`load average after: ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await db.end();
  await server.stop();
  await server.remove();
}

/** Every query once for warmth, then `rounds` times; a row of the table. */
async function measure<T>(
  what: string,
  queries: ListQueryInput[],
  run: (query: ListQueryInput) => Promise<T>,
  times = rounds,
): Promise<void> {
  const taken: { ms: number; query: ListQueryInput }[] = [];
  for (let round = 0; round <= times; round++)
    for (const query of queries) {
      const start = performance.now();
      await run(query);
      if (round > 0) taken.push({ ms: performance.now() - start, query });
    }
  taken.sort((a, b) => a.ms - b.ms);
  const at = (p: number): string =>
    percentile(
      taken.map((one) => one.ms),
      p,
    );
  const words = (query: ListQueryInput): string => [query.filter, query.sort, query.q].filter(Boolean).join(', ') || 'no filter';
  const slow = [...new Map(taken.map((t) => [words(t.query), t.ms])).entries()]
    .toSorted((a, b) => b[1] - a[1])
    .map(([k, ms]) => `${ms.toFixed(0)} ms ${k}`);
  console.log(`| ${what} (n=${taken.length}) | ${at(0.5)} | ${at(0.95)} | ${taken.at(-1)?.ms.toFixed(0)} ms |`);
  console.log(`  slowest: ${slow.slice(0, 12).join('; ')}`);
}

/** Synthetic rows straight into the tables: what reads them is measured here. */
async function fill(): Promise<void> {
  await db.query(`insert into people (id, name) select gen_random_uuid(), 'Person ' || i from generate_series(1, 10000) i`);
  await db.query(
    `insert into places (id, name, path) select id, 'Bench place ' || i, array[id] from (select i, gen_random_uuid() id from generate_series(1, 200) i) p`,
  );
  await db.query(
    `with p as (select array_agg(id) ids from people), l as (select array_agg(id) ids from places)
     insert into assets (id, name, class_key, state, manufacturer, model, serial, os_name, os_version, os_family, cores, memory_mb, last_user, first_seen_at, last_seen_at, created_at, person_id, place_id, custom)
     select gen_random_uuid(), 'bench-' || lpad(i::text, 7, '0'), (array['laptop','desktop','server','virtual_machine'])[1 + i % 4], (array['discovered','in_use','in_stock'])[1 + i % 3],
       (array['Dell Inc.','HP','LENOVO'])[1 + i % 3], (array['Latitude 5540','EliteBook 840 G9','ThinkPad T14 Gen 4','OptiPlex 7010'])[1 + i % 4], 'SN' || lpad(i::text, 8, '0'),
       (array['Microsoft Windows 11 Pro','Debian GNU/Linux 12 (bookworm)','macOS 14.5'])[1 + i % 3], (array['10.0.22631','12','14.5'])[1 + i % 3], (array['windows','linux','macos'])[1 + i % 3],
       4 + i % 12, 16384, 'user' || lpad((i % 4000)::text, 4, '0'), now(), now() - (i % 90) * interval '1 day', now() - (i % 400) * interval '1 day',
       case when i % 3 > 0 then p.ids[1 + i % 10000] end, l.ids[1 + i % 200],
       jsonb_build_object('warranty_team', (array['north','south','east','west'])[1 + i % 4], 'lease_end', (date '2026-01-01' + i % 1500)::text,
         'purchase_price', jsonb_build_object('amount', (300 + i % 1700)::text || '.00', 'currency', 'EUR'), 'weight', (i % 300) / 100.0, 'contract_no', 'C-' || lpad((i % 20000)::text, 5, '0'),
         'encrypted_disk', i % 2 = 0, 'owner', p.ids[1 + (i * 7) % 10000], 'home_place', l.ids[1 + (i * 3) % 200], 'tags', jsonb_build_array((array['north','south','east','west'])[1 + i % 4]),
         'extra_0', 'text-' || i % 1000, 'extra_1', i % 50000, 'extra_2', 'more-' || i, 'extra_3', i, 'extra_4', 'x' || i % 7, 'extra_5', i % 9, 'extra_6', 'a note of some length ' || i, 'extra_7', i % 2, 'extra_8', 'z', 'extra_9', 1)
       || case when i % 5 > 0 then jsonb_build_object('ticket', 'https://tickets.example.org/' || i) else '{}' end
     from generate_series(1, $1::int) i, p, l`,
    [assets],
  );
  for (const table of ['assets', 'people', 'places']) await db.query(`vacuum analyze ${table}`);
}
