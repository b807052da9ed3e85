import { identityConflictListRoutes, resolveIdentityConflict, splitAsset } from '@muster/api/identity';
import { auditListRoutes } from '@muster/api/audit';
import { createAsset } from '@muster/api/assets';
import { getAssetIdentity } from '@muster/api/inventory';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { emptyIdentity, type Fleet, fleetOf, type Reported } from './test-fleet.ts';

// The pitfalls of docs/guides/identity.md, through reports of agents to the server and what is stored of them.

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
  fleet = fleetOf(t, new Date(Date.UTC(2026, 0, ++day, 8)));
  fleet.wait(0);
  manager = await t.as('asset_manager');
});

const dell: Reported = {
  manufacturer: 'Dell Inc.',
  model: 'Latitude 5540',
  serial: '7XK21M3',
  uuid: '4C4C4544-0037-5810-8047-B7C04F4D3333',
  name: 'par-pc1',
  macs: ['a4:bb:6d:00:00:01'],
  disks: ['S5GXNF0R1'],
};
const spare: Reported = {
  ...dell,
  serial: '8YL32N4',
  uuid: '9a1b2c3d-1111-4222-8333-abcdef012345',
  name: 'par-pc2',
  macs: ['a4:bb:6d:00:00:02'],
  disks: ['S5GXNF0R2'],
};
const vmware: Reported = {
  manufacturer: 'VMware, Inc.',
  model: 'VMware Virtual Platform',
  vmSystem: 'VMware',
  uuid: '564d6049-3a2b-11cc-8a01-7e4f2091556e',
  os: 'Debian GNU/Linux 12',
};
const named = (name: string, more: Partial<Reported> = {}): Reported => ({ name, domain: 'corp.example', ...more });
const nothing = { serial: null, uuid: null, manufacturer: null, model: null, disks: [] };
const conflicts = async () => (await manager.call(identityConflictListRoutes.list, { query: { sort: 'openedAt', limit: 50 } })).data.items;
const answer = async (id: string, as: 'same' | 'different', survivor?: string | null) =>
  manager.call(resolveIdentityConflict, { params: { id }, body: { as, reason: 'looked at it', ...(survivor ? { survivor } : {}) } });
const held = async (): Promise<number> =>
  (await sql<{ n: number }>`select count(*)::int as n from observations where asset_id is null`.execute(t.db)).rows[0]?.n ?? -1;

describe('clones', () => {
  const original: Reported = { ...vmware, name: 'srv1', macs: ['00:50:56:81:00:01'] };
  const copy: Reported = { ...original, macs: ['00:50:56:81:00:02'] };
  test('pitfall 02: a cloned virtual machine is told from its original by its second report', async () => {
    const first = await fleet.report('x', original);
    const doubted = await fleet.report('x', copy);
    expect(doubted).toMatchObject({ assetId: null, outcome: 'hold', rule: 'addresses_changed' });
    expect(await fleet.report('x', original)).toMatchObject({ assetId: first.assetId });
    const second = await fleet.report('x', copy);
    expect(second).toMatchObject({
      observationId: doubted.observationId,
      outcome: 'conflict',
      nativeId: expect.stringMatching(/^x#/) as string,
    });
    expect(second.assetId).not.toBe(first.assetId);
    expect(await fleet.report('x', original)).toMatchObject({ assetId: first.assetId });
    expect(await fleet.report('x', copy)).toMatchObject({ assetId: second.assetId });
    expect([await fleet.assets(), (await sql`select 1 from observation_doubts`.execute(t.db)).rows.length]).toEqual([2, 0]);
  });
  test('pitfall 02: a new adapter is no clone, and nothing of the doubt is left', async () => {
    const first = await fleet.report('x', original);
    await fleet.report('x', copy);
    const again = await fleet.report('x', copy);
    expect(again).toMatchObject({ assetId: first.assetId, nativeId: 'x', observationId: first.observationId });
    expect(await fleet.report('x', copy)).toMatchObject({ assetId: first.assetId, nativeId: 'x' });
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from observations`.execute(t.db);
    expect([rows[0]?.n, await held()]).toEqual([1, 0]);
    // Both decisions are on the asset's page.
    const { decisions } = (await manager.call(getAssetIdentity, { params: { id: first.assetId ?? '' } })).data;
    expect(decisions.map((d) => d.rule)).toContain('addresses_changed');
  });
  test('pitfall 05: a UUID on several machines stops to identify, which is audited and seen on the identity tab', async () => {
    const one = await fleet.report('a', dell);
    const two = await fleet.report('b', { ...spare, uuid: dell.uuid ?? '' });
    expect(two.assetId).not.toBe(one.assetId);
    const auditor = await t.as('auditor');
    const { items } = (await auditor.call(auditListRoutes.list, { query: { filter: 'action:identity_key.shared' } })).data;
    expect(items.map((row) => row.summary)).toContainEqual(expect.stringContaining('uuid'));
    for (const id of [one.assetId, two.assetId]) {
      const { observations } = (await manager.call(getAssetIdentity, { params: { id: id ?? '' } })).data;
      expect(observations[0]?.keys.find((k) => k.kind === 'uuid')).toMatchObject({ quality: 'shared', reason: 'seen on several machines' });
    }
    expect(await fleet.report('c', { uuid: dell.uuid ?? '', name: 'c' })).toMatchObject({ outcome: 'create', rule: 'unknown' });
  });
  test('pitfall 06: a container does not spoil the serial number of its host', async () => {
    const host = await fleet.report('host', dell);
    const inside = await fleet.report('c1', { ...dell, name: 'c1', vmSystem: 'Docker', macs: ['02:42:ac:11:00:02'], disks: [] });
    expect(inside.assetId).not.toBe(host.assetId);
    expect(await fleet.report('host-new', { ...dell, name: 'fresh' })).toMatchObject({ assetId: host.assetId, rule: 'serial' });
  });
});

describe('names', () => {
  test('pitfall 16: one name in two domains', async () => {
    await fleet.directory('dn-1', { ...nothing, name: 'srv1', mac: '' });
    expect(await fleet.report('b', { name: 'srv1', domain: 'plant.example' })).toMatchObject({ outcome: 'create' });
    expect(await fleet.assets()).toBe(2);
  });
  test('pitfall 17: a full name leads an agent to the one asset that has none, when it was heard of lately', async () => {
    const entry = await fleet.directory('dn-1', { ...nothing, name: 'srv1', mac: '' });
    expect(await fleet.report('a', named('srv1'))).toMatchObject({ assetId: entry.assetId, rule: 'fqdn_and_system' });
    const old = await fleet.directory('dn-2', { ...nothing, name: 'srv2', mac: '' });
    fleet.wait(31);
    const late = await fleet.report('b', named('srv2'));
    expect(late).toMatchObject({ outcome: 'create', rule: 'unknown' });
    manager = await t.as('asset_manager');
    expect(await conflicts()).toMatchObject([{ kind: 'same_name', state: 'open' }]);
    expect(late.assetId).not.toBe(old.assetId);
  });
  test('pitfall 17: two agents of one name are two machines until a person says otherwise', async () => {
    const one = await fleet.report('a', named('srv1'));
    const two = await fleet.report('b', named('srv1'));
    expect(two).toMatchObject({ outcome: 'create', reasons: expect.arrayContaining([expect.stringContaining('FQDN')]) as string[] });
    const [asked] = await conflicts();
    expect(asked).toMatchObject({ kind: 'same_name' });
    await answer(asked?.id ?? '', 'same', one.assetId);
    expect(await fleet.report('b', named('srv1', { macs: ['a4:bb:6d:00:00:07'] }))).toMatchObject({ assetId: one.assetId, rule: 'person' });
    expect(await fleet.assets()).toBe(1);
  });
});

describe('what happens to hardware', () => {
  const before = { ...dell };
  const after: Reported = { ...dell, serial: '9ZM43P5', uuid: '9a1b2c3d-1111-4222-8333-abcdef012346', macs: ['a4:bb:6d:00:00:03'] };
  test('pitfall 20: a replaced board is proposed; accepted it is one asset', async () => {
    const one = await fleet.report('a', before);
    const two = await fleet.report('a', after);
    expect(two).toMatchObject({ outcome: 'conflict', rule: 'board_swap' });
    const [asked] = await conflicts();
    expect(asked).toMatchObject({ kind: 'board_swap', reason: expect.stringContaining('its board was replaced') as string });
    await answer(asked?.id ?? '', 'same', one.assetId);
    expect(await fleet.report('a', { ...after, name: 'par-pc9' })).toMatchObject({ assetId: one.assetId });
    expect(await fleet.assets()).toBe(1);
  });
  test('pitfall 20: rejected it stays two, and what both have no longer leads to either', async () => {
    const one = await fleet.report('a', { ...before, assetTag: 'T-100' });
    const two = await fleet.report('a', { ...after, assetTag: 'T-100' });
    await answer((await conflicts())[0]?.id ?? '', 'different');
    expect(await fleet.report('a', { ...after, assetTag: 'T-100', name: 'par-pc9' })).toMatchObject({ assetId: two.assetId });
    expect(await fleet.report('a', { ...before, assetTag: 'T-100', name: 'par-pc8' })).toMatchObject({ assetId: one.assetId });
    expect((await conflicts()).map((c) => c.state)).toEqual(['different']);
  });
  test('pitfall 22: one source sends the serial number of the board', async () => {
    const one = await fleet.report('a', { ...dell, boardSerial: 'CNWS200BA00YT' });
    const other = { ...nothing, name: 'par-pc1', manufacturer: 'Dell', model: 'Latitude 5540', serial: 'CNWS200BA00YT', mac: '' };
    expect(await fleet.directory('z', other)).toMatchObject({ assetId: one.assetId, rule: 'serial_of_other_type' });
  });
  test('pitfall 23: of assets that a person told apart none is taken', async () => {
    const twin = (n: number): Reported => ({
      manufacturer: 'Noname',
      model: 'Box',
      serial: 'SN-2217-AA',
      name: 'box',
      macs: [`00:1b:21:3c:4d:0${n}`],
    });
    const one = await fleet.report('a', twin(1));
    const two = await fleet.report('b', twin(2));
    expect(two.assetId).toBe(one.assetId);
    await manager.call(splitAsset, { params: { id: one.assetId ?? '' }, body: { observations: [two.observationId], reason: 'two desks' } });
    const three = await fleet.report('c', twin(3));
    expect(three).toMatchObject({ outcome: 'conflict', rule: 'told_apart' });
    expect((await conflicts()).filter((c) => c.kind === 'told_apart').length).toBe(2);
    // From then on the number is known to be on several machines.
    expect(await fleet.report('d', twin(4))).toMatchObject({ outcome: 'create', rule: 'unknown' });
  });
  test('pitfall 19: a serial number without its maker adopts what a person entered', async () => {
    const { data } = await manager.call(createAsset, { body: { class: 'laptop', name: 'on the shelf', serial: '7XK21M3' } });
    expect(await fleet.report('a', { ...dell, manufacturer: '' })).toMatchObject({ assetId: data.id, rule: 'serial_by_hand' });
  });
});

describe('what the network tells', () => {
  const stack = (serial: string, members: readonly string[]): string =>
    `<DEVICE><INFO><ID>1</ID><TYPE>NETWORKING</TYPE><MANUFACTURER>Cisco</MANUFACTURER><MODEL>C9300-48P</MODEL><SERIAL>${serial}</SERIAL><NAME>core</NAME></INFO>
    <COMPONENTS>${members.map((m, i) => `<COMPONENT><INDEX>${i + 1}</INDEX><TYPE>chassis</TYPE><SERIAL>${m}</SERIAL></COMPONENT>`).join('')}</COMPONENTS></DEVICE>`;
  const scan = async (device: string) => {
    fleet.wait(1);
    const xml = `<?xml version="1.0" encoding="UTF-8" ?><REQUEST><CONTENT>${device}</CONTENT><DEVICEID>scanner-1</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
    return fleet.scan(xml);
  };
  test('pitfall 24: a stack under another leader is the same device, a member taken out is another', async () => {
    const members = ['FOC1111A111', 'FOC2222B222', 'FOC3333C333'];
    const one = await scan(stack('FOC1111A111', members));
    const led = await scan(stack('FOC2222B222', members));
    expect([led.assetId, led.rule]).toEqual([one.assetId, 'stack_member']);
    const alone = await scan(stack('FOC3333C333', []));
    expect(alone.rule).not.toBe('stack_member');
    expect(alone.assetId).not.toBe(one.assetId);
  });
  test('pitfall 26: a scan joins what an agent manages', async () => {
    const mine = await fleet.report('a', dell);
    const found = await scan(
      '<DEVICE><INFO><ID>1</ID><TYPE>COMPUTER</TYPE><NAME>par-pc1</NAME><MAC>a4:bb:6d:00:00:01</MAC><SERIAL></SERIAL></INFO></DEVICE>',
    );
    expect(found).toMatchObject({ assetId: mine.assetId, rule: 'mac_and_name' });
  });
});

describe('adapters', () => {
  test('pitfall 11: the address of a dock makes no two laptops one', async () => {
    const dock = '00:e0:4c:68:00:01';
    const one = await fleet.report('a', { ...dell, macs: ['a4:bb:6d:00:00:01', dock] });
    const two = await fleet.report('b', { ...spare, macs: ['a4:bb:6d:00:00:02', dock] });
    const three = await fleet.report('c', { model: 'Latitude 5540', name: 'par-pc3', macs: ['a4:bb:6d:00:00:03', dock] });
    expect(new Set([one.assetId, two.assetId, three.assetId]).size).toBe(3);
  });
  test('pitfall 15: a rename with a new agent makes no duplicate', async () => {
    const one = await fleet.report('par-pc1-2026-01-01', dell, { agentId: 'a1b2c3d4-0000-4000-8000-000000000001' });
    const two = await fleet.report('par-pc9-2026-02-02', { ...dell, name: 'par-pc9' }, { agentId: 'a1b2c3d4-0000-4000-8000-000000000002' });
    expect([two.assetId, two.rule]).toEqual([one.assetId, 'serial']);
  });
  test('pitfall 30: a partial report before the first full one is kept and joins it', async () => {
    const part = await fleet.report('a', { name: 'par-pc1' }, { partial: true });
    expect(part).toMatchObject({ assetId: null, rule: 'partial_of_unknown' });
    const full = await fleet.report('a', dell);
    expect([full.observationId, full.outcome]).toEqual([part.observationId, 'create']);
  });
});
