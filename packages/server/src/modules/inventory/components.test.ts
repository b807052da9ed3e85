import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAsset, getAssetTimeline } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import { ApiProblem } from '@muster/api/client';
import { addAssetRelation, componentListRoutes, getAssetImpact, listAssetRelations, removeAssetRelation } from '@muster/api/components';
import { componentSections, componentsOf } from '@muster/core/components';
import { swapUuid } from '@muster/core/identity';
import { decodeReport, type Json } from '@muster/protocols';
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

/** Of the GLPI inventory format, where they lie beside the checkout. */
const fixtures = join(import.meta.dirname, '../../../../../../shared/fixtures/inventory_format');
describe.skipIf(!existsSync(fixtures))('inventories of real machines', () => {
  test.each([
    ['computer_1.json', { cpu: 1, memory: 2, disk: 1, monitor: 1, battery: 1, peripheral: 14 }],
    ['computer_2.json', { virtual_machine: 6 }],
    ['computer_2_partial_dbs.json', { database: 5 }],
    ['legacy-2.xml', { cpu: 1, memory: 2, disk: 1, monitor: 1, battery: 1, graphics: 1, peripheral: 12, licence_key: 1 }],
    ['phone_1.json', { cpu: 1, memory: 1, battery: 1, sim_card: 1, peripheral: 1 }],
  ])('%s has its components', (file, expected) => {
    const { sections } = decodeReport(readFileSync(join(fixtures, file)), {});
    const found = componentSections.flatMap((section) => componentsOf(section, sections[section]));
    expect(Object.fromEntries([...Map.groupBy(found, (c) => c.kind)].map(([kind, list]) => [kind, list.length]))).toEqual(expected);
  });
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

  test('an event for what came, went and was replaced, and on the asset that a part left', async () => {
    const pc = (name: string, mac: string, disks: string[], more: Record<string, Json> = {}): Machine => ({
      name,
      serial: `EV-${name}-01`,
      uuid: null,
      mac,
      more: { monitors: [], storages: disks.map((d, i) => ({ ...(disk(d) as object), name: `nvme${i}n1` })), ...more },
    });
    const summaries = async (id: string) =>
      (await manager.call(getAssetTimeline, { params: { id }, query: {} })).data.items
        .filter((e) => e.kind.startsWith('component'))
        .map((e) => e.summary);
    const macs = ['00:1b:21:00:05:01', '00:1b:21:00:05:02'] as const;
    const one = await take(t, pc('one', macs[0], ['EV-A', 'EV-B']), day(1));
    // A first inventory is told by one event, however much is in it.
    expect((await manager.call(getAssetTimeline, { params: { id: one }, query: {} })).data.items.map((e) => e.kind)).toEqual(['created']);
    await take(t, pc('one', macs[0], ['EV-A']), day(2));
    expect(await summaries(one)).toEqual(['Disk MZVL2 (EV-B) is gone.']);
    const two = await take(t, pc('two', macs[1], ['EV-B']), day(3));
    expect(await summaries(one)).toEqual(['Disk MZVL2 (EV-B) went to another asset.', 'Disk MZVL2 (EV-B) is gone.']);
    expect(await summaries(two)).toEqual([]);
    await take(t, pc('two', macs[1], ['EV-C'], { monitors: [{ caption: 'U2422H', serial: 'EV-M' }] }), day(4));
    expect(await summaries(two)).toEqual(['Disk MZVL2 (EV-B) was replaced by disk MZVL2 (EV-C); monitor U2422H (EV-M) was added.']);
    // Back, while the other one no longer has it; the other way round the one that it left says where it is.
    await take(t, pc('one', macs[0], ['EV-A', 'EV-B']), day(5));
    expect((await summaries(one))[0]).toBe('Disk MZVL2 (EV-B) was added, before on two.');
    await take(t, pc('one', macs[0], ['EV-A', 'EV-B'], { monitors: [{ caption: 'U2422H', serial: 'EV-M' }] }), day(6));
    await take(t, pc('two', macs[1], ['EV-C']), day(7));
    expect((await summaries(two))[0]).toBe('Monitor U2422H (EV-M) is gone, now on one.');
    // The same report again, and a change of a detail, are no change of components.
    const before = (await summaries(two)).length;
    await take(t, pc('two', macs[1], ['EV-C']), day(8));
    await take(t, pc('two', macs[1], ['EV-C'], { storages: [{ ...(disk('EV-C') as object), name: 'nvme0n1', firmware: '2' }] }), day(9));
    expect(await summaries(two)).toHaveLength(before);
    const many = Array.from({ length: 60 }, (_, i) => `EV-MANY-${i}`);
    await take(t, pc('two', macs[1], ['EV-C', ...many]), day(10));
    const [event] = (await manager.call(getAssetTimeline, { params: { id: two }, query: {} })).data.items;
    expect(event?.data).toMatchObject({ cameIn: expect.toSatisfy((list: unknown[]) => list.length === 20), counts: { cameIn: 60 } });
    expect(event?.summary).toMatch(/; 57 more\.$/);
  });

  test('a serial number on several assets moves nowhere', async () => {
    const machine = { name: 'ev3', serial: 'EV-3-01', uuid: null, mac: '00:1b:21:00:05:03', more: { storages: [disk('EV-D')] } };
    const id = await take(t, machine, day(1));
    await take(t, { name: 'ev4', serial: 'EV-4-01', uuid: null, mac: '00:1b:21:00:05:04', more: { storages: [disk('EV-D')] } }, day(2));
    await take(t, { name: 'ev5', serial: 'EV-5-01', uuid: null, mac: '00:1b:21:00:05:05', more: { storages: [disk('EV-D')] } }, day(3));
    await take(t, { ...machine, more: { storages: [] } }, day(4));
    const events = (await manager.call(getAssetTimeline, { params: { id }, query: {} })).data.items.filter((e) =>
      e.kind.startsWith('component'),
    );
    expect(events.map((e) => e.summary)).toEqual(['Disk MZVL2 (EV-D) is gone.']);
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
