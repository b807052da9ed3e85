/**
 * Lists of assets as of a time over as many kept versions as assets, and what keeping versions costs a batch of reports. Runs alone against a
 * server of its own: `node bench/as-of.ts 1000000`; the figures are printed as a table.
 */
import { assetListRoutes } from '@muster/api/assets';
import { createClient } from '@muster/api/client';
import type { ListQueryInput } from '@muster/api/listing';
import type { Client } from 'pg';
import { startServer } from '../test/running-server.ts';
import { databaseOf, percentile } from './measured.ts';

const assets = Number(process.argv[2] ?? 100_000);
const rounds = 5;
/** The present versions began evenly over the last year and the kept ones over the year before each: every age has its own mix. */
const ages = [1, 100, 300, 500];
const filters = ['', 'class:laptop', 'state:retired', 'manufacturer:"Dell Inc."', 'name:bench-01*', 'last_user:user0042', '-has:person'];
const sorts = ['name', '-name', 'serial', 'model', '-createdAt', 'lastUser'];
const searches = ['bench-0001', 'sn00042', 'latitude', 'dell user01', 'zzzz'];

const server = await startServer();
try {
  const db = await databaseOf(server);
  await fill(db);
  const call = createClient({ baseUrl: server.url, token: server.token });
  const list = async (query: ListQueryInput): Promise<number> => {
    const start = performance.now();
    await call(assetListRoutes.list, { query: { limit: 100, ...query } });
    return performance.now() - start;
  };
  console.log(`| work, ${assets.toLocaleString('en')} assets and as many kept versions | p50 | p95 | slowest |\n|---|---|---|---|`);
  for (const age of ages) {
    const as_of = new Date(Date.now() - age * 86_400_000).toISOString().slice(0, 10);
    const times: { what: string; ms: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const filter of filters)
        for (const sort of sorts) {
          const ms = await list({ as_of, sort, ...(filter ? { filter } : {}) });
          if (round > 0) times.push({ what: `${filter || 'no filter'}, ${sort}`, ms });
        }
      for (const q of searches) {
        const ms = await list({ as_of, q, limit: 20 });
        if (round > 0) times.push({ what: `search ${q}`, ms });
      }
    }
    row(`lists and searches as of ${age} days ago`, times);
    const counts: { what: string; ms: number }[] = [];
    for (const filter of ['', 'class:laptop', 'state:retired'])
      for (let round = 0; round < 3; round++) {
        const start = performance.now();
        await call(assetListRoutes.facets, { query: { as_of, ...(filter ? { filter } : {}) } });
        counts.push({ what: filter || 'no filter', ms: performance.now() - start });
      }
    row(`counts by class, state and so on as of ${age} days ago`, counts);
  }
  await measureWrites(db);
  await db.end();
} finally {
  await server.stop();
  await server.remove();
}

function row(work: string, times: { what: string; ms: number }[]): void {
  const sorted = times.toSorted((a, b) => a.ms - b.ms);
  const at = (p: number): string =>
    percentile(
      sorted.map((one) => one.ms),
      p,
    );
  const slowest = sorted.at(-1);
  console.log(`| ${work} (n=${sorted.length}) | ${at(0.5)} | ${at(0.95)} | ${slowest?.ms.toFixed(0)} ms ${slowest?.what} |`);
}

/** 60 assets of a batch with a new processor each, with the trigger and without, taken back each time. */
async function measureWrites(db: Client): Promise<void> {
  for (const [what, how] of [
    ['without versions', 'disable'],
    ['with versions', 'enable'],
  ] as const) {
    await db.query(`alter table assets ${how} trigger assets_version`);
    for (const [kind, set] of [
      ['changed', `cpu = 'new ' || random(), updated_at = now(), version = version + 1`],
      ['only seen again', `last_seen_at = now()`],
    ] as const) {
      const times: { what: string; ms: number }[] = [];
      for (let round = 0; round < 30; round++) {
        await db.query('begin');
        const start = performance.now();
        await db.query(`update assets set ${set} where id in (select id from assets order by id offset $1 limit 60)`, [round * 60]);
        times.push({ what: '', ms: performance.now() - start });
        await db.query('rollback');
      }
      row(`60 assets of a batch, ${kind}, ${what}`, times.slice(5));
    }
  }
}

/** Synthetic rows straight into the tables: the lists are measured here, not ingest. */
async function fill(db: Client): Promise<void> {
  await db.query(
    `insert into assets (id, name, class_key, state, manufacturer, model, serial, os_name, os_version, os_family, cores, memory_mb, last_user, first_seen_at, last_seen_at, created_at, version_since)
     select gen_random_uuid(), 'bench-' || lpad(i::text, 7, '0'), (array['laptop','desktop','server','virtual_machine'])[1 + i % 4], (array['discovered','in_use','retired'])[1 + i % 3],
       (array['Dell Inc.','HP','LENOVO'])[1 + i % 3], (array['Latitude 5540','EliteBook 840 G9','ThinkPad T14 Gen 4','OptiPlex 7010'])[1 + i % 4], 'SN' || lpad(i::text, 8, '0'),
       (array['Microsoft Windows 11 Pro','Debian GNU/Linux 12 (bookworm)','macOS 14.5'])[1 + i % 3], (array['10.0.22631','12','14.5'])[1 + i % 3], (array['windows','linux','macos'])[1 + i % 3],
       4 + i % 12, 16384, 'user' || lpad((i % 4000)::text, 4, '0'), now(), now(), now() - (400 + i % 330) * interval '1 day', now() - (i % 365) * interval '1 day'
     from generate_series(1, $1::int) i`,
    [assets],
  );
  await db.query(
    `insert into asset_history (asset_id, valid_from, valid_to, name, class_key, state, manufacturer, model, serial, os_name, os_version, os_family, cores, memory_mb, last_user, custom, created_at)
     select id, created_at, version_since, name, class_key, 'in_stock', manufacturer, model, serial, os_name, os_version, os_family, cores, memory_mb, last_user, custom, created_at from assets where version_since > created_at`,
  );
  await db.query('vacuum analyze assets');
  await db.query('vacuum analyze asset_history');
}
