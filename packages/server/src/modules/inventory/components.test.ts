import { createAsset } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import { ApiProblem } from '@muster/api/client';
import { addAssetRelation, componentListRoutes, getAssetImpact, listAssetRelations, removeAssetRelation } from '@muster/api/components';
import { swapUuid } from '@muster/core/identity';
import type { Json } from '@muster/protocols';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ingestReports } from './ingest.ts';
import { readComponentsOnce } from './jobs.ts';
import { item, type Machine, report } from './test-reports.ts';

const day = (n: number): string => `2026-03-${String(n).padStart(2, '0')}T08:00:00Z`;
const disk = (serial: string): Json => ({ name: 'sda', model: 'MZVL2', manufacturer: 'Samsung', serial, disksize: 512_110 });

async function take(t: TestApp, m: Machine, at: string, only?: readonly string[]): Promise<string> {
  const [result] = await t.db
    .transaction()
    .execute((tx) => ingestReports(tx, [item(report({ ...m, titles: ['A@1'] }, only ? { only } : {}), at)]));
  return result?.assetId as string;
}

resourceSuite({
  routes: componentListRoutes,
  seed: async (t) => {
    await take(
      t,
      {
        more: {
          storages: [disk('S-1'), disk('S-2')],
          memories: [{ capacity: 8192, description: 'DIMM', numslots: 1 }],
          monitors: [{ caption: 'U2422H', manufacturer: 'Dell', serial: 'CN01' }],
          batteries: [{ name: 'DELL 5C', serial: '77', capacity: 41_000 }],
          usbdevices: [{ name: 'Hub' }, { name: 'Hub' }, { name: 'Camera' }],
          licenseinfos: [{ name: 'Office', key: 'AAAAA-BBBBB' }],
        },
      },
      day(1),
    );
  },
});

describe('components and relations', () => {
  let t: TestApp;
  let manager: TestActor;
  beforeAll(async () => {
    t = await testApp();
    manager = await t.as('asset_manager');
  });
  afterAll(() => t.close());
  const listed = async (filter: string, who = manager) =>
    (await who.call(componentListRoutes.list, { query: { filter, sort: 'serial' } })).data.items;
  const status = async (promise: Promise<unknown>): Promise<number> =>
    promise.then(
      () => 200,
      (error: unknown) => (error instanceof ApiProblem ? error.document.status : 500),
    );
  const host: Machine = { name: 'host1', serial: 'HOST0001', uuid: '11111111-2222-4333-8444-5555aabbccdd', mac: '00:1b:21:00:01:01' };
  const guestUuid = '4c4c4544-0037-5810-8047-b7c04f4d9999';
  const guest: Machine = { name: 'vm1', serial: 'VMSER001', uuid: guestUuid, mac: '00:1b:21:00:01:02', vmSystem: 'VMware' };

  test('answer which asset holds a serial number, and where it was before', async () => {
    const a = await take(
      t,
      { name: 'pc-a', serial: 'PCAPCA01', uuid: null, mac: '00:1b:21:00:02:01', more: { storages: [disk('MOVES'), disk('STAYS')] } },
      day(1),
    );
    const again = { name: 'pc-a', serial: 'PCAPCA01', uuid: null, mac: '00:1b:21:00:02:01' };
    expect(await listed('serial:moves')).toMatchObject([{ asset: { id: a, label: 'pc-a' }, kind: 'disk', removedAt: null }]);
    // A partial report without disks says nothing about them; one with disks says all of them.
    await take(t, { ...again, more: { storages: [] } }, day(2), ['users']);
    await take(t, { ...again, more: { storages: [disk('STAYS')] } }, day(3), ['storages']);
    const b = await take(
      t,
      { name: 'pc-b', serial: 'PCBPCB01', uuid: null, mac: '00:1b:21:00:02:02', more: { storages: [disk('MOVES')] } },
      day(4),
    );
    const found = await listed('serial:MOVES');
    expect(
      found.map((c) => [c.asset?.id, c.removedAt?.slice(0, 10) ?? null]).toSorted((x, y) => (String(x[1]) < String(y[1]) ? -1 : 1)),
    ).toEqual([
      [a, '2026-03-03'],
      [b, null],
    ]);
    expect(await listed('serial:STAYS')).toMatchObject([{ firstSeen: '2026-03-01T08:00:00.000Z', removedAt: null }]);
    expect(await listed('serial:MOVES', await t.as('asset_manager', { kind: 'asset_class', key: 'server' }))).toEqual([]);
  });

  test('a virtual machine runs on the host that tells of it, in either byte order and whoever comes first', async () => {
    const told: Json = [{ name: 'vm1', uuid: swapUuid(guestUuid), vmtype: 'vmware', status: 'running' }];
    const h = await take(t, { ...host, more: { virtualmachines: told } }, day(1));
    const g = await take(t, guest, day(2));
    const relations = async (id: string) => (await manager.call(listAssetRelations, { params: { id } })).data.items;
    expect(await relations(g)).toMatchObject([
      { kind: 'runs_on', label: 'Runs on', outgoing: true, other: { id: h, label: 'host1' }, source: 'glpi' },
    ]);
    expect(await relations(h)).toMatchObject([{ kind: 'runs_on', label: 'Hosts', outgoing: false, other: { id: g } }]);
    const [one] = await relations(g);
    expect(await status(manager.call(removeAssetRelation, { params: { id: g, relationId: one?.id ?? '' } }))).toBe(409);
    await take(t, { ...host, more: { virtualmachines: [] } }, day(3));
    expect(await relations(g)).toEqual([]);
    await take(t, { ...host, more: { virtualmachines: told } }, day(4));
    expect(await relations(g)).toMatchObject([{ firstSeenAt: '2026-03-02T08:00:00.000Z', lastSeenAt: '2026-03-04T08:00:00.000Z' }]);
  });

  test('are read once out of what was stored before components were read', async () => {
    const before = (await listed('removed_at:null')).map((c) => [c.asset?.id, c.kind, c.serial, c.name]);
    await sql`truncate components, relations`.execute(t.db);
    await readComponentsOnce(t.platform);
    await t.jobsDone();
    const after = (await listed('removed_at:null')).map((c) => [c.asset?.id, c.kind, c.serial, c.name]);
    expect(new Set(after.map((c) => c.join()))).toEqual(new Set(before.map((c) => c.join())));
    const { data } = await manager.call(listAssetRelations, { params: { id: (await listed('name:vm1'))[0]?.asset?.id ?? '' } });
    expect(data.items).toMatchObject([{ label: 'Hosts' }]);
  });

  test('by hand: entered, seen from both sides, walked to what depends, taken back', async () => {
    const make = async (name: string): Promise<string> => (await manager.call(createAsset, { body: { class: 'server', name } })).data.id;
    const [rack, blade, app, other] = [await make('rack'), await make('blade'), await make('app'), await make('other')];
    const add = async (id: string, body: Parameters<typeof manager.call<typeof addAssetRelation>>[1]['body']): Promise<number> =>
      status(manager.call(addAssetRelation, { params: { id }, body }));
    expect(await add(rack, { kind: 'part_of', other: blade, outgoing: false, note: 'slot 3' })).toBe(200);
    expect(await add(app, { kind: 'depends_on', other: blade })).toBe(200);
    expect(await add(rack, { kind: 'depends_on', other: app })).toBe(200);
    expect(await add(other, { kind: 'connected_to', other: rack })).toBe(200);
    expect(await add(app, { kind: 'depends_on', other: blade })).toBe(409);
    expect(await add(app, { kind: 'depends_on', other: app })).toBe(400);
    expect(await add(app, { kind: 'depends_on', other: '00000000-0000-7000-8000-000000000000' })).toBe(404);
    expect(
      await status((await t.as('auditor')).call(addAssetRelation, { params: { id: app }, body: { kind: 'depends_on', other: rack } })),
    ).toBe(403);
    const { data } = await manager.call(getAssetImpact, { params: { id: rack } });
    expect(data).toMatchObject({
      more: false,
      items: [
        { asset: { label: 'blade' }, depth: 1, through: rack, label: 'Part of' },
        { asset: { label: 'app' }, depth: 2, through: blade },
      ],
    });
    const { items } = (await manager.call(listAssetRelations, { params: { id: blade } })).data;
    const part = items.find((r) => r.kind === 'part_of');
    expect(part).toMatchObject({ outgoing: true, note: 'slot 3', source: 'manual' });
    expect(
      (await manager.call(removeAssetRelation, { params: { id: rack, relationId: part?.id ?? '' } })).data.items.map((r) => r.kind),
    ).not.toContain('part_of');
    const log = (await (await t.as('auditor')).call(auditListRoutes.list, { query: { filter: 'action:relation.*' } })).data.items;
    expect(log).toHaveLength(5);
  });
});
