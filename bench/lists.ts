import { createClient, type Call } from '@muster/api/client';
import { assetListRoutes } from '@muster/api/assets';
import type { ListQueryInput } from '@muster/api/listing';
import type { RunningServer } from '../test/running-server.ts';
import { databaseOf, percentile } from './measured.ts';

/** Lists and search over `assets` synthetic assets: every filter and sort in turn, both warm, p95 over all. */
export async function measureLists(server: RunningServer, assets: number): Promise<{ work: string; target: string; measured: string }[]> {
  await fill(server, assets);
  const call = createClient({ baseUrl: server.url, token: server.token });
  const lists = [
    '',
    'class:laptop',
    'state:discovered os_family:windows',
    'manufacturer:"Dell Inc."',
    'name:bench-01*',
    'last_seen_at>now-30d',
    'last_user:user0042',
    '-has:person',
  ];
  const sorts = ['name', '-name', '-lastSeenAt', 'serial', 'model', '-createdAt', 'osVersion', 'lastUser'];
  const listTimes: Timed[] = [];
  for (let round = 0; round < 3; round++)
    for (const filter of lists)
      for (const sort of sorts)
        listTimes.push({
          what: `${filter || 'no filter'}, ${sort}`,
          ms: await time(call, { ...(filter ? { filter } : {}), sort, limit: 100 }, round > 0),
        });
  const searches = ['bench-0001', 'sn00042', 'user0042', 'latitude', 'dell user01', 'be', 'bench-099', 'zzzz'];
  const searchTimes: Timed[] = [];
  for (let round = 0; round < 4; round++)
    for (const q of searches) searchTimes.push({ what: q, ms: await time(call, { q, limit: 20 }, round > 0) });
  const n = assets.toLocaleString('en');
  return [
    {
      work: `asset list, 100 rows, ${lists.length * sorts.length} filters and sorts, at ${n} assets`,
      target: 'p95 < 50 ms',
      measured: percentiles(listTimes),
    },
    { work: `search as you type, at ${n} assets`, target: 'p95 < 50 ms', measured: percentiles(searchTimes) },
  ];
}

interface Timed {
  what: string;
  ms: number;
}

async function time(call: Call, query: ListQueryInput, counts: boolean): Promise<number> {
  const start = performance.now();
  await call(assetListRoutes.list, { query });
  return counts ? performance.now() - start : Number.NaN;
}

function percentiles(times: Timed[]): string {
  const counted = times.filter((t) => !Number.isNaN(t.ms)).sort((a, b) => a.ms - b.ms);
  console.log(
    `slowest: ${counted
      .slice(-8)
      .map((t) => `${t.ms.toFixed(0)} ms ${t.what}`)
      .join('; ')}`,
  );
  const sorted = counted.map((t) => t.ms);
  return `p50 ${percentile(sorted, 0.5)}, p95 ${percentile(sorted, 0.95)}, max ${percentile(sorted, 1)} (n=${sorted.length})`;
}

/** Synthetic rows straight into the table: the lists are measured here, not ingest. */
async function fill(server: RunningServer, assets: number): Promise<void> {
  const client = await databaseOf(server);
  await client.query(
    `insert into assets (id, name, class_key, state, manufacturer, model, serial, os_name, os_version, os_family, cores, memory_mb, last_user, first_seen_at, last_seen_at)
     select gen_random_uuid(), 'bench-' || lpad(i::text, 7, '0'), (array['laptop','desktop','server','virtual_machine'])[1 + i % 4], (array['discovered','in_use','in_stock'])[1 + i % 3],
       (array['Dell Inc.','HP','LENOVO'])[1 + i % 3], (array['Latitude 5540','EliteBook 840 G9','ThinkPad T14 Gen 4','OptiPlex 7010'])[1 + i % 4], 'SN' || lpad(i::text, 8, '0'),
       (array['Microsoft Windows 11 Pro','Debian GNU/Linux 12 (bookworm)','macOS 14.5'])[1 + i % 3], (array['10.0.22631','12','14.5'])[1 + i % 3], (array['windows','linux','macos'])[1 + i % 3],
       4 + i % 12, 16384, 'user' || lpad((i % 4000)::text, 4, '0'), now() - (i % 400) * interval '1 day', now() - (i % 90) * interval '1 day'
     from generate_series(1, $1::int) i`,
    [assets],
  );
  await client.query('vacuum analyze assets');
  await client.end();
}
