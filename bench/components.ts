/**
 * What the queries of components and relations cost at a million component rows, with their plans. Runs alone, over a PostgreSQL of its own:
 * `node bench/components.ts 1000000`. A scan of a whole table is said.
 */
import { cpus, loadavg } from 'node:os';
import type { ListQueryInput } from '@muster/api/listing';
import { sql } from 'kysely';
import { componentListing } from '../packages/server/src/modules/inventory/store-listing.ts';
import { holdersOf, linkVirtualMachines, presentComponents } from '../packages/server/src/modules/inventory/store-components.ts';
import { dependants, relationsOf } from '../packages/server/src/modules/inventory/store-relations.ts';
import { systemActor } from '../packages/server/src/platform/context.ts';
import { openDb } from '../packages/server/src/platform/db/pool.ts';
import type { Db, Tx } from '../packages/server/src/platform/db/types.ts';
import { listQuery } from '../packages/server/src/platform/listing/index.ts';
import { startTestServer, withDatabase } from '../packages/server/src/testing/server.ts';

const rounds = 15;
const perAsset = 20;
const id = (kind: number, n: string): string => `('${kind}0000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
const uuidOf = (kind: number, n: number): string => `${kind}0000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** A twentieth are hosts with virtual machines, a tenth of the rows is removed, a disk's serial number in a hundred is a shared one. */
async function fill(db: Db, rows: number): Promise<void> {
  const assets = rows / perAsset;
  const run = async (text: string): Promise<void> => void (await sql.raw(text).execute(db));
  await run("insert into asset_classes (key, label) values ('server', 'Server'), ('laptop', 'Laptop') on conflict do nothing");
  await run(`insert into assets (id, name, class_key, serial, last_seen_at)
    select ${id(1, 'n')}, 'pc-' || n, case when n % 20 = 0 then 'server' else 'laptop' end, 'SN' || n, now() from generate_series(1, ${assets}) n`);
  await run(`insert into observations (id, source, native_id, asset_id, first_received_at, last_received_at, last_full_at)
    select ${id(2, 'n')}, 'glpi', 'pc-' || n, ${id(1, 'n')}, now(), now(), now() from generate_series(1, ${assets}) n`);
  await run(`insert into identity_keys (kind, value, asset_id, observation_id, quality, seen_at)
    select 'uuid', ${id(4, 'n')}::text, ${id(1, 'n')}, ${id(2, 'n')}, 'good', now() from generate_series(1, ${assets}) n`);
  await run(`insert into components (asset_id, id, observation_id, kind, key, name, manufacturer, model, serial, data, first_seen_at, removed_at)
    select ${id(1, 'a')}, ${id(3, `a * ${perAsset} + i`)}, ${id(2, 'a')}, kind, kind || ':' || a || ':' || i, kind || ' ' || (a % 500), 'Maker ' || (a % 40), 'Model ' || (a % 900),
      case when kind = 'virtual_machine' then ${id(4, `1 + (a * 7 + i) % ${assets}`)}::text when kind = 'disk' and a % 100 = 0 then 'SHARED' when kind in ('disk', 'memory', 'monitor', 'battery') then kind || '-' || a || '-' || i end,
      '{"capacity": 8192}', now() - (a % 700) * interval '1 day', case when i % 10 = 9 then now() - (a % 90) * interval '1 day' end
    from generate_series(1, ${assets}) a cross join generate_series(0, ${perAsset - 1}) i
    cross join lateral (select case when a % 20 = 0 and i > 8 then 'virtual_machine' else (array['cpu','memory','memory','disk','monitor','battery','graphics','peripheral','peripheral','licence_key'])[1 + i % 10] end as kind) k`);
  await run(`insert into relations (asset_id, id, kind, other_id, source, first_seen_at, last_seen_at)
    select ${id(1, 'n')}, ${id(5, 'n')}, 'runs_on', ${id(1, `20 * (1 + n % ${Math.floor(assets / 20)})`)}, 'glpi', now(), now() from generate_series(1, ${assets}) n where n % 20 <> 0`);
  for (const table of ['assets', 'observations', 'identity_keys', 'components', 'relations']) await run(`vacuum analyze ${table}`);
}

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: Plan[];
}

/** A Db whose statements are explained instead of answered. */
function explaining(db: Db, plans: { ms: number; plan: Plan }[]): Db {
  const executor = db.getExecutor();
  const executeQuery = async (query: Parameters<typeof executor.executeQuery>[0]) => {
    const { rows } = await executor.executeQuery<{ 'QUERY PLAN': { Plan: Plan; 'Execution Time': number }[] }>({
      ...query,
      sql: `explain (analyze, format json) ${query.sql}`,
    });
    const [told] = rows[0]?.['QUERY PLAN'] ?? [];
    if (told) plans.push({ ms: told['Execution Time'], plan: told.Plan });
    return { rows: [] };
  };
  const explain = new Proxy(executor, {
    get: (target, name) => {
      if (name === 'executeQuery') return executeQuery;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { getExecutor: () => explain } as unknown as Db;
}

const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];

async function measure(db: Db, what: string, work: (db: Db) => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const from = performance.now();
    await work(db);
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const plans: { ms: number; plan: Plan }[] = [];
  await work(explaining(db, plans)).catch(() => undefined);
  const scans = plans.flatMap(({ plan }) => nodes(plan)).filter((n) => n['Relation Name'] !== undefined || n['Index Name'] !== undefined);
  const used = [...new Set(scans.map((n) => n['Index Name'] ?? `${n['Node Type']} of ${n['Relation Name']}`))];
  const at = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  process.stdout.write(`| ${what} | ${at(0.5)} ms, ${at(0.95)} ms | ${used.join(', ')} |\n`);
}

const rows = Number(process.argv[2] ?? 1_000_000);
const server = await startTestServer();
const db = openDb(withDatabase(server.url, server.template), { max: 2, applicationName: 'muster-bench' });
try {
  const from = performance.now();
  await fill(db, rows);
  process.stdout.write(
    `${rows} rows in ${Math.round((performance.now() - from) / 1000)} s; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}\n`,
  );
  process.stdout.write('| query | p50, p95 | by |\n|---|---|---|\n');
  const list = (query: ListQueryInput) => async (d: Db) =>
    listQuery(d, componentListing, { limit: 100, ...query }, systemActor, new Date());
  const n = rows / perAsset;
  const host = Math.floor(n / 40) * 20;
  await measure(db, 'list, first page, newest first', list({}));
  for (const sort of ['name', 'kind', 'serial', '-removedAt', 'manufacturer']) await measure(db, `list sorted by ${sort}`, list({ sort }));
  for (const filter of [
    'serial:disk-77-3',
    'serial:SHARED',
    'kind:memory removed_at>now-7d',
    'kind:monitor removed_at:null',
    'kind:database name:*oracle*',
    `asset:${uuidOf(1, 77)} removed_at:null`,
    'manufacturer:"Maker 7"',
    'first_seen>now-2d',
  ])
    await measure(db, `list, ${filter.replace(/[0-9a-f-]{36}/, 'one')}`, list({ filter }));
  await measure(db, 'search as you type, `disk-4242`', list({ q: 'disk-4242' }));
  await measure(db, 'present components of 60 reports, 10 kinds each', async (d) =>
    presentComponents(
      d,
      Array.from({ length: 600 }, (_, i) => ({
        assetId: uuidOf(1, 1 + (i % 60)),
        observationId: uuidOf(2, 1 + (i % 60)),
        section: '',
        kind: ['cpu', 'memory', 'disk', 'monitor', 'battery', 'graphics', 'peripheral', 'licence_key', 'database', 'sim_card'][
          Math.floor(i / 60)
        ] as string,
      })),
    ),
  );
  await measure(db, 'who holds 600 serial numbers', async (d) =>
    holdersOf(
      d,
      Array.from({ length: 600 }, (_, i) => ({ kind: 'disk', serial: `disk-${i + 1}-3` })),
    ),
  );
  await measure(db, 'who holds a serial number that one asset in a hundred has', async (d) =>
    holdersOf(d, [{ kind: 'disk', serial: 'SHARED' }]),
  );
  await measure(db, 'link the virtual machines of a host', async (d) => linkVirtualMachines(d as Tx, [uuidOf(1, host)], new Date()));
  await measure(db, 'link 60 guests', async (d) =>
    linkVirtualMachines(
      d as Tx,
      Array.from({ length: 60 }, (_, i) => uuidOf(1, 21 + i * 20)),
      new Date(),
    ),
  );
  await measure(db, 'relations of a host', async (d) => relationsOf(d, uuidOf(1, host), 1000));
  await measure(db, 'impact, one step of 500 assets', async (d) =>
    dependants(
      d,
      Array.from({ length: 500 }, (_, i) => uuidOf(1, 20 * (i + 1))),
      ['runs_on', 'part_of', 'depends_on'],
      1500,
    ),
  );
} finally {
  await db.destroy();
  await server.stop();
}
