import {
  getIdentityConflict,
  identityConflictListRoutes,
  listIdentityOperations,
  mergeAsset,
  resolveIdentityConflict,
  splitAsset,
  undoIdentityOperation,
} from '@muster/api/identity';
import { getAsset, updateAsset } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import { getAssetIdentity } from '@muster/api/inventory';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ingestReports } from './ingest.ts';
import { item, type Machine, report } from './test-reports.ts';

let t: TestApp;
let manager: TestActor;
let auditor: TestActor;
beforeAll(async () => {
  t = await testApp();
  manager = await t.as('asset_manager');
  auditor = await t.as('auditor');
});
afterAll(() => t.close());

let n = 0;
beforeEach(() => {
  n++;
});
const see = async (machine: Machine): Promise<string> => {
  const at = new Date(Date.UTC(2026, 2, n, 8)).toISOString();
  const [result] = await inTx(t.db, async (tx) => ingestReports(tx, [item(report(machine), at)]));
  return result?.assetId ?? '';
};
/** Two machines that share nothing, of this test alone. */
const machine = (letter: string): Machine => ({
  deviceId: `${letter}${n}`,
  name: `${letter}${n}`,
  serial: `5${letter.toUpperCase()}K21M${n}`,
  uuid: `${newId().slice(0, 14)}4${newId().slice(15)}`,
  mac: `00:1b:21:${letter === 'a' ? '0a' : '0b'}:00:${String(10 + n)}`,
  disks: [`S-${letter}${n}`],
});
const reason = 'the label on the case says so';

describe('merge, split and undo over HTTP', () => {
  test('a merge redirects, is in history and audit, and is undone', async () => {
    const [survivor, merged] = [await see(machine('a')), await see(machine('b'))];
    const { data: made } = await manager.call(mergeAsset, { params: { id: survivor }, body: { merged, reason } });
    expect(made).toMatchObject({ kind: 'merge', reason, observations: 1, undoneAt: null });
    expect((await manager.call(getAsset, { params: { id: merged } })).data.redirectedTo).toBe(survivor);
    await expect(manager.call(mergeAsset, { params: { id: survivor }, body: { merged, reason } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await manager.call(undoIdentityOperation, { params: { id: made.id }, body: { reason } });
    const { items } = (await auditor.call(listIdentityOperations, { params: { id: survivor } })).data;
    expect(items).toMatchObject([{ id: made.id, undoReason: reason }]);
    expect((await manager.call(getAsset, { params: { id: merged } })).data.redirectedTo).toBeNull();
    const { data: log } = await auditor.call(auditListRoutes.list, { query: { filter: `resource_id:${survivor}`, limit: 10 } });
    expect(log.items.map((row) => row.action)).toEqual(expect.arrayContaining(['asset.merged', 'asset.merge_undone']));
  });

  test('a split makes a new asset; the last observation stays', async () => {
    const asset = await see(machine('a'));
    await inTx(t.db, async (tx) =>
      ingestReports(tx, [item(report(machine('a'), { family: 'ocs' }), new Date(Date.UTC(2026, 2, n, 9)).toISOString())]),
    );
    const other = await see(machine('b'));
    await manager.call(mergeAsset, { params: { id: asset }, body: { merged: other, reason } });
    const { observations } = (await manager.call(getAssetIdentity, { params: { id: asset } })).data;
    const all = observations.map((o) => o.id);
    await expect(manager.call(splitAsset, { params: { id: asset }, body: { observations: all, reason } })).rejects.toMatchObject({
      code: 'conflict',
    });
    const { data: made } = await manager.call(splitAsset, { params: { id: asset }, body: { observations: all.slice(0, 1), reason } });
    expect(made).toMatchObject({ kind: 'split', observations: 1 });
    expect((await manager.call(getAssetIdentity, { params: { id: made.other?.id ?? '' } })).data.observations.map((o) => o.id)).toEqual(
      all.slice(0, 1),
    );
  });

  test('says all that is wrong at once, knows no stranger’s ids, and asks for the permission and the scope', async () => {
    const [one, two] = [await see(machine('a')), await see(machine('b'))];
    const bad = await manager.inject({ method: 'POST', url: `/api/v1/assets/${one}/merge`, payload: { merged: 'x', reason: '' } });
    expect(bad.statusCode).toBe(400);
    expect(
      bad
        .json<{ errors: { field: string }[] }>()
        .errors.map((e) => e.field)
        .sort(),
    ).toEqual(['merged', 'reason']);
    await expect(manager.call(mergeAsset, { params: { id: one }, body: { merged: newId(), reason } })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(auditor.call(mergeAsset, { params: { id: one }, body: { merged: two, reason } })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const servers = await t.as('asset_manager', { kind: 'asset_class', key: 'server' });
    const { etag, data } = await manager.call(getAsset, { params: { id: one } });
    expect(data.class.key).not.toBe('server');
    await manager.call(updateAsset, { params: { id: one }, body: { class: 'server' }, ...(etag ? { ifMatch: etag } : {}) });
    await expect(servers.call(mergeAsset, { params: { id: one }, body: { merged: two, reason } })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('conflicts', () => {
  /** The same UUID under another serial number: a clone, or a mistake. */
  const contradict = async (): Promise<{ id: string; assets: string[] }> => {
    const a = machine('a');
    const assets = [await see(a), await see({ ...machine('b'), uuid: a.uuid ?? null })];
    const { items } = (await auditor.call(identityConflictListRoutes.list, { query: { filter: 'state:open', sort: '-openedAt' } })).data;
    const found = items.find((c) => assets.includes(c.assetA?.id ?? '') && assets.includes(c.assetB?.id ?? ''));
    return { id: found?.id ?? '', assets };
  };

  test('one is read with both sides and answered once; a merge by it is undone with the question open again', async () => {
    const { id, assets } = await contradict();
    const { data } = await auditor.call(getIdentityConflict, { params: { id } });
    expect(data).toMatchObject({ kind: 'contradiction', state: 'open' });
    expect(data.sides.map((s) => s.asset.id).sort()).toEqual([...assets].sort());
    await expect(
      manager.call(resolveIdentityConflict, { params: { id }, body: { as: 'same', survivor: newId(), reason } }),
    ).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await manager.call(resolveIdentityConflict, { params: { id }, body: { as: 'later', reason } });
    const { data: same } = await manager.call(resolveIdentityConflict, {
      params: { id },
      body: { as: 'same', survivor: assets[1] ?? '', reason },
    });
    expect(same.state).toBe('same');
    expect((await manager.call(getAsset, { params: { id: assets[0] ?? '' } })).data.redirectedTo).toBe(assets[1]);
    await expect(manager.call(resolveIdentityConflict, { params: { id }, body: { as: 'later', reason } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await manager.call(undoIdentityOperation, { params: { id: same.operation ?? '' }, body: { reason } });
    expect((await auditor.call(getIdentityConflict, { params: { id } })).data.state).toBe('open');
  });

  test('what a person called different is not merged, and not asked about again', async () => {
    const { id, assets } = await contradict();
    await manager.call(resolveIdentityConflict, { params: { id }, body: { as: 'different', reason } });
    await expect(
      manager.call(mergeAsset, { params: { id: assets[0] ?? '' }, body: { merged: assets[1] ?? '', reason } }),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await auditor.call(getIdentityConflict, { params: { id } })).data.state).toBe('different');
  });
});
