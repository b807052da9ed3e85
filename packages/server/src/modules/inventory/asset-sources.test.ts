import { assetCoverageListRoutes, type Coverage, getCoverage } from '@muster/api/connectors';
import { undoIdentityOperation } from '@muster/api/identity';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ingestReports } from './ingest.ts';
import { mergeAssets, splitAsset } from './operations.ts';
import { item, type Machine, report } from './test-reports.ts';

let t: TestApp;
let manager: TestActor;
beforeAll(async () => {
  t = await testApp();
  manager = await t.as('asset_manager');
});
afterAll(() => t.close());

const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
const tell = async (source: string, machine: Machine, at = new Date()) =>
  inTx(t.db, (tx) => ingestReports(tx, [{ ...item(report(machine), at.toISOString()), source }]));
const pc = (n: number): Machine => ({
  deviceId: `pc-${n}`,
  name: `pc-${n}`,
  serial: `SERIAL${n}`,
  uuid: `4c4c4544-0037-5810-8047-0000000000${10 + n}`,
  mac: `a4:bb:6d:00:00:${10 + n}`,
});
const total = async (filter: string): Promise<number> =>
  (await manager.call(assetCoverageListRoutes.list, { query: { ...(filter ? { filter } : {}), total: 'exact', limit: 1 } })).data.total ??
  -1;

/** Each figure is the length of the list it leads to, and both are what the observations come to. */
async function agreed(): Promise<Coverage> {
  const coverage = (await manager.call(getCoverage, {})).data;
  expect(coverage.assets).toBe(await total(''));
  expect(coverage.managedWithoutAgent).toBe(await total('managed:true agent_recent:false'));
  expect(coverage.oneSource).toBe(await total('source_count:1'));
  for (const s of coverage.sources) expect(s.assets, s.source).toBe(await total(`sources:*${s.source}*`));
  const { rows } = await sql`
    with told as (select asset_id, string_agg(distinct source, ', ' order by source) as sources, count(distinct source)::integer as source_count,
        max(last_received_at) filter (where source in ('glpi', 'ocs')) as agent_at, max(last_received_at) filter (where source = 'intune') as managed_at,
        max(last_received_at) as last_received_at from observations where asset_id is not null group by asset_id)
    (select * from told except select * from asset_sources) union all (select * from asset_sources except select * from told)`.execute(
    t.db,
  );
  expect(rows).toEqual([]);
  return coverage;
}

describe('who sees an asset', () => {
  test('figures and lists agree after reports, changed and unchanged ones, and after one that is held', async () => {
    await tell('glpi', pc(1));
    await tell('glpi', pc(1));
    await tell('glpi', pc(2), daysAgo(40));
    await tell('intune', { ...pc(2), deviceId: 'managed-2' });
    await tell('intune', { ...pc(3), deviceId: 'managed-3' });
    await tell('ldap', { deviceId: 'dn-9', serial: null, uuid: null, manufacturer: null, model: null, name: '' });
    const seen = await agreed();
    expect(seen).toMatchObject({ managedWithoutAgent: 2, oneSource: seen.assets - 1 });
    expect(Object.fromEntries(seen.sources.map((s) => [s.source, s.assets]))).toMatchObject({ glpi: 2, intune: 2 });
    // The agent is back.
    await tell('glpi', pc(2));
    expect((await agreed()).managedWithoutAgent).toBe(1);
  });

  test('and after a merge, its undoing and a split', async () => {
    const one = (await tell('ocs', pc(5)))[0]?.assetId ?? '';
    const other = (await tell('intune', { ...pc(6), deviceId: 'managed-6' }))[0]?.assetId ?? '';
    const before = await agreed();
    const merged = await inTx(t.db, (tx) => mergeAssets(tx, systemActor, one, other, 'the same', new Date()));
    expect((await agreed()).assets).toBe(before.assets - 1);
    await manager.call(undoIdentityOperation, { params: { id: merged }, body: { reason: 'not the same' } });
    expect(await agreed()).toMatchObject({ assets: before.assets, oneSource: before.oneSource });
    await inTx(t.db, (tx) => mergeAssets(tx, systemActor, one, other, 'the same', new Date()));
    const { rows } = await sql<{ id: string }>`select id from observations where asset_id = ${one} and source = 'intune'`.execute(t.db);
    await inTx(t.db, (tx) =>
      splitAsset(tx, systemActor, one, { observations: rows.map((r) => r.id), into: null, reason: 'two desks' }, new Date()),
    );
    expect(await agreed()).toMatchObject({ assets: before.assets, oneSource: before.oneSource });
  });

  test('two reports of one asset at the same time lose neither source', async () => {
    await tell('glpi', pc(7));
    await Promise.all([
      tell('ocs', { ...pc(7), deviceId: 'ocs-7' }),
      tell('intune', { ...pc(7), deviceId: 'managed-7' }),
      tell('glpi', pc(7)),
    ]);
    await agreed();
    expect(await total('sources:"glpi, intune, ocs"')).toBe(1);
  });
});
