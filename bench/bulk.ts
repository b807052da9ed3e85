/** Bulk edit with undo over `node bench/bulk.ts [assets]` synthetic assets of a server of its own; prints what docs/benchmarks.md names. */
import { loadavg } from 'node:os';
import { applyBulkChange, type BulkChange, createBulkChange, getBulkChange, undoBulkChange } from '@muster/api/bulk-changes';
import { type Call, createClient } from '@muster/api/client';
import { type RunningServer, startServer, until } from '../test/running-server.ts';
import { databaseOf } from './measured.ts';

const assets = Number(process.argv[2] ?? 100_000);
/** A phase that takes longer than this has failed. */
const longestMs = 1_800_000;

async function fill(server: RunningServer): Promise<void> {
  const client = await databaseOf(server);
  await client.query(
    `insert into assets (id, name, class_key, state, manufacturer, model, serial, os_name, last_seen_at)
     select gen_random_uuid(), 'bulk-' || lpad(i::text, 7, '0'), 'laptop', 'in_stock', (array['Dell Inc.','HP','LENOVO'])[1 + i % 3],
       (array['Latitude 5540','EliteBook 840 G9'])[1 + i % 2], 'SN' || lpad(i::text, 8, '0'), 'Debian GNU/Linux 12 (bookworm)', now()
     from generate_series(1, $1::int) i`,
    [assets],
  );
  // The record is a view of these: without them an edit would empty it.
  await client.query(`insert into asset_field_values (asset_id, field, source, value, observed_at)
    select a.id, f.field, 'glpi', to_jsonb(f.value), now() from assets a cross join lateral (values ('name', a.name), ('class', a.class_key),
      ('manufacturer', a.manufacturer), ('model', a.model), ('serial', a.serial), ('osName', a.os_name)) f (field, value)`);
  await client.query('vacuum analyze assets');
  await client.query('vacuum analyze asset_field_values');
  await client.end();
}

async function untilState(call: Call, id: string, state: BulkChange['state']): Promise<BulkChange> {
  return until(
    `the bulk change is ${state}`,
    async () => (await call(getBulkChange, { params: { id } })).data,
    (change) => {
      if (change.state === 'stopped') throw new Error(`It stopped: ${JSON.stringify(change)}`);
      return change.state === state;
    },
    longestMs,
  );
}

const server = await startServer();
try {
  await fill(server);
  const call = createClient({ baseUrl: server.url, token: server.token });
  console.log(`load average before: ${loadavg()[0]?.toFixed(1)}`);
  const timed = async (what: string, work: () => Promise<BulkChange>): Promise<BulkChange> => {
    const start = performance.now();
    const change = await work();
    console.log(`${what} of ${assets} assets: ${((performance.now() - start) / 1000).toFixed(1)} s, ${JSON.stringify(change.counts)}`);
    return change;
  };
  const run = async (operation: string, parameters: Record<string, unknown>): Promise<void> => {
    const previewed = await timed(`preview ${operation}`, async () => {
      const { data } = await call(createBulkChange, { body: { selection: { all: true, filter: 'class:laptop' }, operation, parameters } });
      return untilState(call, data.id, 'ready');
    });
    const params = { id: previewed.id };
    await timed(`apply ${operation}`, async () => {
      await call(applyBulkChange, { params });
      return untilState(call, params.id, 'applied');
    });
    await timed(`undo ${operation}`, async () => {
      await call(undoBulkChange, { params });
      return untilState(call, params.id, 'undone');
    });
  };
  await run('set_fields', { values: { domain: 'corp.example.org', notes: 'Moved in the autumn' } });
  await run('transition', { to: 'retired', reason: 'Benchmark' });
  console.log(`load average after: ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await server.stop();
  await server.remove();
}
