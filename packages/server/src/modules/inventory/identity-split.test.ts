import { getAsset, updateAsset } from '@muster/api/assets';
import { getAssetIdentity } from '@muster/api/inventory';
import { listIdentityOperations, mergeAsset, previewSplit, splitAsset } from '@muster/api/identity';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { emptyIdentity, type Fleet, fleetOf, type Reported } from './test-fleet.ts';

let t: TestApp;
let manager: TestActor;
let fleet: Fleet;
let day = 0;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());
beforeEach(async () => {
  await emptyIdentity(t);
  fleet = fleetOf(t, new Date(Date.UTC(2026, 1, ++day, 8)));
  fleet.wait(0);
  manager = await t.as('asset_manager');
});

const laptop: Reported = {
  manufacturer: 'Dell Inc.',
  model: 'Latitude 5540',
  serial: '7XK21M3',
  name: 'pc1',
  macs: ['a4:bb:6d:00:00:01'],
  user: 'CORP\\ada',
};
const other: Reported = {
  ...laptop,
  serial: '8YL32N4',
  name: 'pc2',
  macs: ['a4:bb:6d:00:00:02'],
  disks: ['S5GXNF0R2'],
  user: 'CORP\\Grace',
};
const reason = 'two desks';
const usersOf = async (assetId: string): Promise<string[]> =>
  (await sql<{ login: string }>`select login from asset_users where asset_id = ${assetId} order by 1`.execute(t.db)).rows.map(
    (r) => r.login,
  );

/** Two machines that were merged by mistake. */
async function mistaken(): Promise<{ asset: string; merged: string; observation: string }> {
  const one = await fleet.report('pc1', laptop);
  const two = await fleet.report('pc2', other);
  await manager.call(mergeAsset, { params: { id: one.assetId ?? '' }, body: { merged: two.assetId ?? '', reason } });
  return { asset: one.assetId ?? '', merged: two.assetId ?? '', observation: two.observationId };
}

test('a split takes along the user that the report names with a domain', async () => {
  const { asset, observation } = await mistaken();
  expect(await usersOf(asset)).toEqual(['ada', 'grace']);
  const { data } = await manager.call(splitAsset, { params: { id: asset }, body: { observations: [observation], reason } });
  expect(await usersOf(data.other?.id ?? '')).toEqual(['grace']);
});

test('a preview tells what goes and what both records say then, writes nothing, and the split does what it told', async () => {
  const { asset, observation } = await mistaken();
  const stored = async (): Promise<unknown> =>
    Promise.all(
      [
        'assets',
        'asset_field_values',
        'asset_events',
        'observations',
        'identity_keys',
        'identity_operations',
        'identity_pins',
        'asset_users',
        'audit_log',
        'jobs',
      ].map(async (table) => (await sql`select to_jsonb(x) as v from ${sql.table(table)} x order by to_jsonb(x)::text`.execute(t.db)).rows),
    );
  await t.jobsDone();
  const before = await stored();
  const record = (await manager.call(getAsset, { params: { id: asset } })).data;
  const { data: preview } = await manager.call(previewSplit, { params: { id: asset }, body: { observations: [observation] } });
  expect(await stored()).toEqual(before);
  expect(preview).toMatchObject({ goes: 1, stays: 1, interfaces: 1, disks: 1, users: ['grace'] });
  expect(preview.otherChanges).toContainEqual({ field: 'serial', from: null, to: '8YL32N4' });
  expect(preview.stayingChanges).toContainEqual({ field: 'name', from: record.name, to: 'pc1' });
  const { data: made } = await manager.call(splitAsset, { params: { id: asset }, body: { observations: [observation], reason } });
  const fresh = (await manager.call(getAsset, { params: { id: made.other?.id ?? '' } })).data;
  for (const { field, to } of preview.otherChanges.filter((c) => ['name', 'serial', 'model', 'manufacturer'].includes(c.field)))
    expect(String(fresh[field as 'name']), field).toBe(to);
});

test('a preview refuses what the split refuses', async () => {
  const { asset, observation } = await mistaken();
  const { observations } = (await manager.call(getAssetIdentity, { params: { id: asset } })).data;
  const preview = async (ids: string[], actor = manager): Promise<unknown> =>
    actor.call(previewSplit, { params: { id: asset }, body: { observations: ids } });
  await expect(preview(observations.map((o) => o.id))).rejects.toMatchObject({ code: 'conflict' });
  await expect(preview([asset])).rejects.toMatchObject({ code: 'conflict' });
  await expect(preview([])).rejects.toMatchObject({ code: 'validation_failed' });
  await expect(preview([observation], await t.as('auditor'))).rejects.toMatchObject({ code: 'forbidden' });
});

test('the other asset of an operation is not named outside the scope', async () => {
  const { asset } = await mistaken();
  const { data, etag } = await manager.call(getAsset, { params: { id: asset } });
  await manager.call(updateAsset, { params: { id: asset }, body: { class: 'server' }, ...(etag ? { ifMatch: etag } : {}) });
  const servers = await t.as('asset_manager', { kind: 'asset_class', key: 'server' });
  const { items } = (await servers.call(listIdentityOperations, { params: { id: asset } })).data;
  expect(data.class.key).not.toBe('server');
  expect(items).toMatchObject([{ asset: { id: asset }, other: null, reason }]);
  expect((await manager.call(listIdentityOperations, { params: { id: asset } })).data.items[0]?.other).not.toBeNull();
});

test('a scanned network device that is split off has the class that the scan gave it', async () => {
  const device = (
    serial: string,
    name: string,
    mac: string,
  ): string => `<DEVICE><INFO><ID>1</ID><TYPE>NETWORKING</TYPE><MANUFACTURER>Cisco</MANUFACTURER><MODEL>WS-C3560G-48TS</MODEL>
    <SERIAL>${serial}</SERIAL><NAME>${name}</NAME><MAC>${mac}</MAC><COMMENTS>Cisco IOS Software, C3560 Software (C3560-IPSERVICESK9-M), Version 12.2(55)SE3</COMMENTS></INFO></DEVICE>`;
  const scan = async (content: string): Promise<{ assetId: string; observationId: string }> => {
    const xml = `<?xml version="1.0" encoding="UTF-8" ?><REQUEST><CONTENT>${content}</CONTENT><DEVICEID>scanner-1</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
    const { assetId, observationId } = await fleet.scan(xml);
    return { assetId: assetId ?? '', observationId };
  };
  const one = await scan(device('FOC1408Z61U', 'access-1', '00:1b:54:aa:bb:00'));
  const two = await scan(device('FOC1408Z62V', 'access-2', '00:1b:54:aa:cc:00'));
  await manager.call(mergeAsset, { params: { id: one.assetId }, body: { merged: two.assetId, reason } });
  const { data } = await manager.call(splitAsset, { params: { id: one.assetId }, body: { observations: [two.observationId], reason } });
  for (const id of [data.other?.id ?? '', one.assetId]) {
    const { data: asset } = await manager.call(getAsset, { params: { id } });
    expect(asset.class.key).toBe('switch');
  }
});
