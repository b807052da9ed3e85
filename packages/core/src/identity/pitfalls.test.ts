import { describe, expect, test } from 'vitest';
import macs from '../../../../content/identity/placeholder-macs.json' with { type: 'json' };
import serials from '../../../../content/identity/placeholder-serials.json' with { type: 'json' };
import uuids from '../../../../content/identity/placeholder-uuids.json' with { type: 'json' };
import usb from '../../../../content/identity/usb-drivers.json' with { type: 'json' };
import {
  compileLists,
  createResolver,
  decide,
  extractKeys,
  type IdentityFacts,
  type IdentityKey,
  nothingTold,
  type Resolution,
} from './index.ts';

// The pitfalls of inventory that field reports tell of (docs/guides/identity.md), one test each, through the resolver and its rules.

const lists = compileLists([macs, serials, uuids, usb]);
type Facts = Partial<IdentityFacts>;
interface How {
  source?: string;
  partial?: boolean;
  hasAgent?: boolean;
  byHand?: boolean;
}
const keysOf = (facts: Facts): IdentityKey[] => extractKeys({ ...nothingTold, ...facts }, lists);
const qualities = (facts: Facts, kind: string): string[] => keysOf(facts).flatMap((k) => (k.kind === kind ? [k.quality] : []));
/** A fleet: reports by native id, answered with the decision. */
function fleet(): { report: (nativeId: string, facts: Facts, how?: How) => Resolution; size: () => number; shared: () => string[] } {
  const resolver = createResolver();
  return {
    report: (nativeId, facts, { source = 'agent', partial = false, ...how } = {}) =>
      resolver.resolve({ source, nativeId, partial, keys: keysOf(facts), ...how }),
    size: () => resolver.clusters().length,
    shared: () => [...resolver.shared()],
  };
}
const rule = (r: Resolution): string => `${r.decision.outcome} ${r.decision.rule}`;
const nic = (mac: string, more = {}) => ({ mac, virtual: false, type: 'ethernet', driver: 'e1000e', ...more });
const disk = (serial: string) => ({ serial, type: 'disk' });
const U1 = '4C4C4544-0037-5810-8047-B7C04F4D3333';
const U1swapped = '44454C4C-3700-1058-8047-B7C04F4D3333';
const U2 = '9a1b2c3d-1111-4222-8333-abcdef012345';
const dell: Facts = { manufacturer: 'Dell Inc.', model: 'Latitude 5540', serial: '7XK21M3', uuid: U1, name: 'par-pc1' };
const spare: Facts = { manufacturer: 'Dell Inc.', model: 'Latitude 5540', serial: '8YL32N4', uuid: U2, name: 'par-pc2' };
const vmware: Facts = { manufacturer: 'VMware, Inc.', model: 'VMware Virtual Platform', vmSystem: 'VMware', osFamily: 'linux' };

describe('values that mean nothing', () => {
  test('pitfall 01: placeholder serials', () => {
    for (const serial of ['To be filled by O.E.M.', 'System Serial Number', '0', 'Not Specified', 'Default string']) {
      const f = fleet();
      f.report('a', { manufacturer: 'ASUS', serial, name: 'a', agentId: 'agent-a' });
      f.report('b', { manufacturer: 'ASUS', serial, name: 'b', agentId: 'agent-b' });
      expect(f.size()).toBe(2);
    }
  });
  test('pitfall 12: one address in every Bluetooth dongle', () => {
    const f = fleet();
    const dongle = nic('00:1a:7d:da:71:0a', { type: null, driver: null });
    f.report('a', { model: 'NUC', name: 'a', interfaces: [dongle] });
    f.report('b', { model: 'NUC', name: 'b', interfaces: [dongle] });
    expect(f.size()).toBe(2);
    expect(qualities({ interfaces: [dongle] }, 'mac')).toEqual(['placeholder']);
  });
  test('pitfall 13: virtual adapters', () => {
    expect(qualities({ interfaces: [nic('20:41:53:59:4e:ff'), nic('0a:00:27:00:00:00'), nic('00:50:56:c0:00:08')] }, 'mac')).toEqual([
      'placeholder',
      'placeholder',
      'placeholder',
    ]);
    expect(qualities({ interfaces: [nic('00:1b:21:3c:4d:5e', { virtual: true })] }, 'mac')).toEqual(['weak']);
  });
  test('pitfall 14: randomised addresses of wireless adapters', () => {
    const f = fleet();
    for (const mac of ['02:1b:21:3c:4d:5e', '06:1b:21:3c:4d:5e', '0a:1b:21:3c:4d:5e', 'fe:1b:21:3c:4d:5e']) {
      expect(qualities({ interfaces: [nic(mac)] }, 'mac')).toEqual(['weak']);
      expect(f.report('a', { ...dell, interfaces: [nic(mac, { type: 'wifi' })] }).clusterId).toBe('000000001');
    }
    // Two machines that made up the same address are not one.
    expect(rule(f.report('b', { model: 'Latitude 5540', interfaces: [nic('02:1b:21:3c:4d:5e')] }))).toBe('create unknown');
  });
  test('pitfall 25: a host named by its IP', () => {
    const f = fleet();
    const host = { name: '10.1.2.3', interfaces: [nic('00:1b:21:3c:4d:5e')] };
    expect(qualities(host, 'hostname')).toEqual(['placeholder']);
    f.report('a', host, { source: 'scan', hasAgent: false });
    expect(rule(f.report('b', { ...host, interfaces: [nic('00:1b:21:3c:4d:5f')] }, { source: 'scan', hasAgent: false }))).toBe(
      'create unknown',
    );
  });
});

describe('clones', () => {
  test('pitfall 02: a cloned virtual machine keeps agent id and UUID', () => {
    const f = fleet();
    const original = { ...vmware, name: 'srv1', agentId: 'agent-x', uuid: U1, interfaces: [nic('00:50:56:81:00:01')] };
    const copy = { ...original, interfaces: [nic('00:50:56:81:00:02')] };
    expect(f.report('x', original).clusterId).toBe('000000001');
    expect(rule(f.report('x', copy))).toBe('hold addresses_changed');
    expect(rule(f.report('x', original))).toBe('same native_id');
    expect(f.report('x', copy)).toMatchObject({ clusterId: '000000002', decision: { outcome: 'conflict', forked: true } });
    expect(f.report('x', original).clusterId).toBe('000000001');
    expect(f.report('x', copy).clusterId).toBe('000000002');
    expect(f.size()).toBe(2);
  });
  test('pitfall 02: a new adapter is no clone', () => {
    const f = fleet();
    const before = { ...vmware, name: 'srv1', agentId: 'agent-x', uuid: U1, interfaces: [nic('00:50:56:81:00:01')] };
    const after = { ...before, interfaces: [nic('00:50:56:81:00:02')] };
    f.report('x', before);
    const held = f.report('x', after);
    expect([rule(held), rule(f.report('x', after)), rule(f.report('x', after)), f.size()]).toEqual([
      'hold addresses_changed',
      'same native_id',
      'same native_id',
      1,
    ]);
  });
  test('pitfall 04: an image without sysprep shares device ids, and the serial number tells them apart', () => {
    const f = fleet();
    const a = f.report('hw-1', { ...dell, agentId: 'agent-x' });
    const b = f.report('hw-1', { ...spare, agentId: 'agent-x' });
    expect(b).toMatchObject({ decision: { outcome: 'conflict', rule: 'contradiction', forked: true } });
    expect([
      f.report('hw-1', { ...dell, agentId: 'agent-x', name: 'r' }).clusterId,
      f.report('hw-1', { ...spare, agentId: 'agent-x', name: 's' }).clusterId,
    ]).toEqual([a.clusterId, b.clusterId]);
  });
  test('pitfall 05: one UUID on many machines is learnt to be shared', () => {
    const f = fleet();
    f.report('a', dell);
    f.report('b', { ...spare, uuid: U1 });
    expect(f.shared()).toContainEqual(expect.stringMatching(/^uuid /));
    expect(rule(f.report('c', { uuid: U1, name: 'c' }))).toBe('create unknown');
    expect(f.size()).toBe(3);
  });
  test('pitfall 05: so is a serial number that no list knows', () => {
    const f = fleet();
    const box = (n: number): Facts => ({
      manufacturer: 'Noname',
      serial: 'SN-2217-AA',
      name: `box${n}`,
      interfaces: [nic(`00:1b:21:3c:4d:0${n}`)],
      uuid: `9a1b2c3d-1111-4222-8333-abcdef01234${n}`,
      storage: [disk(`WD-000${n}`)],
    });
    f.report('a', box(1));
    expect(f.report('b', box(2)).decision).toMatchObject({ outcome: 'conflict', shared: [{ kind: 'serial', value: 'NONAME|SN-2217-AA' }] });
    expect(rule(f.report('c', box(3)))).toBe('create unknown');
    expect(f.size()).toBe(3);
  });
  test('pitfall 18: the D-Bus machine id is copied with images', () => {
    const f = fleet();
    const machineId = '0123456789abcdef0123456789abcdee';
    expect(qualities({ machineId }, 'machine_id')).toEqual(['weak']);
    f.report('a', { machineId, name: 'a' });
    f.report('b', { machineId, name: 'b' });
    expect(f.size()).toBe(2);
  });
});

describe('containers and virtual machines', () => {
  test('pitfall 03: LXC containers show the UUID of their host', () => {
    const f = fleet();
    f.report('host', dell);
    f.report('ct1', { ...dell, name: 'ct1', vmSystem: 'lxc' });
    f.report('ct2', { uuid: U1, name: 'ct2', vmSystem: 'lxc' });
    expect(f.size()).toBe(3);
  });
  test('pitfall 06: Docker containers show the serial number of their host', () => {
    const f = fleet();
    f.report('host', dell);
    f.report('c1', { ...dell, name: 'c1', vmSystem: 'Docker', containerId: 'a'.repeat(63) + '1' });
    // An agent that does not see where it is: its only address is Docker's.
    f.report('c2', { ...dell, name: 'c2', interfaces: [nic('02:42:ac:11:00:02')] });
    expect(f.size()).toBe(3);
  });
  test('pitfall 07: a virtual machine seen by its hypervisor and by its agent is one', () => {
    const f = fleet();
    const seen = f.report(
      'vc/vm-42',
      { name: 'SRV1 (prod)', uuid: U1swapped, instanceId: 'vcenter|vc-1|vm-42' },
      { source: 'hypervisor', hasAgent: false },
    );
    const inside = f.report('x', { ...vmware, name: 'srv1', uuid: U1 });
    expect([inside.clusterId, rule(inside)]).toEqual([seen.clusterId, 'link uuid']);
  });
  test('pitfall 08: UUIDs in both byte orders', () => {
    const f = fleet();
    f.report('a', { uuid: U1 });
    expect(rule(f.report('b', { uuid: U1swapped }, { source: 'other' }))).toBe('link uuid');
  });
  test('pitfall 09: a VMware serial number is a UUID', () => {
    const f = fleet();
    f.report('a', { ...vmware, serial: 'VMware-56 4d 60 49 3a 2b 11 cc-8a 01 7e 4f 20 91 55 6e' });
    expect(rule(f.report('b', { uuid: '564d6049-3a2b-11cc-8a01-7e4f2091556e' }, { source: 'hypervisor' }))).toBe('link uuid');
  });
  test('pitfall 10: a virtual machine that tells nothing has only its source, and says so', () => {
    const f = fleet();
    const first = f.report('a', { agentId: 'agent-a', serial: '', name: 'vm' });
    expect(first.decision.reasons[0]).toBe("Nothing but the source's own id identifies it.");
    expect(rule(f.report('a', { agentId: 'agent-a', serial: '', name: 'other' }))).toBe('same native_id');
    expect(rule(f.report('b', { agentId: 'agent-b', serial: '', name: 'vm' }))).toBe('create unknown');
  });
});

describe('adapters and names wander', () => {
  test('pitfall 11: the address of a dock moves between laptops', () => {
    const f = fleet();
    for (const driver of ['r8152', null]) {
      const dock = nic('00:e0:4c:68:00:01', { driver });
      f.report('a', { ...dell, interfaces: [nic('a4:bb:6d:00:00:01'), dock] });
      f.report('b', { ...spare, interfaces: [nic('a4:bb:6d:00:00:02'), dock] });
      // Without a serial number and of the same model, but with another adapter of its own and another name.
      f.report('c', { model: 'Latitude 5540', name: 'par-pc3', interfaces: [nic('a4:bb:6d:00:00:03'), dock] });
    }
    expect(f.size()).toBe(3);
  });
  test('pitfall 15: a rename makes no duplicate, not even when the agent makes itself a new id', () => {
    const f = fleet();
    f.report('par-pc1-2026-01-01', { ...dell, agentId: 'agent-a' });
    f.report('par-pc1-2026-01-01', { ...dell, agentId: 'agent-a', name: 'par-pc9' });
    expect(rule(f.report('par-pc9-2026-02-02', { ...dell, agentId: 'agent-b', name: 'par-pc9' }))).toBe('link serial');
    expect(f.size()).toBe(1);
  });
  test('pitfall 16: one name in two domains', () => {
    const f = fleet();
    const facts = (domain: string): Facts => ({ name: 'srv1', domain, osFamily: 'windows' });
    f.report('a', facts('corp.example'), { source: 'directory', hasAgent: false });
    expect(rule(f.report('b', facts('plant.example')))).toBe('create unknown');
    expect(rule(f.report('c', facts('corp.example')))).toBe('link fqdn_and_system');
  });
  test('pitfall 17: a host name alone never merges, and a full name only one agent and one candidate', () => {
    const f = fleet();
    const facts = { name: 'srv1', domain: 'corp.example', osFamily: 'windows' };
    f.report('a', { name: 'srv1' });
    expect(rule(f.report('b', { name: 'srv1' }))).toBe('create unknown');
    f.report('c', facts);
    const second = f.report('d', facts);
    expect([rule(second), second.decision.proposal]).toEqual(['create unknown', { kind: 'same_name', assetIds: ['000000003'] }]);
    expect(rule(f.report('e', facts, { source: 'directory', hasAgent: false }))).toBe('create unknown');
    expect(rule(fleetWith(facts).report('f', { ...facts, osFamily: 'linux' }))).toBe('create unknown');
  });
});
const fleetWith = (facts: Facts): ReturnType<typeof fleet> => {
  const f = fleet();
  f.report('directory', facts, { source: 'directory', hasAgent: false });
  return f;
};

describe('what happens to hardware', () => {
  test('pitfall 19: a re-imaged machine has a new agent id and is the same', () => {
    const f = fleet();
    f.report('old', { ...dell, agentId: 'agent-old' });
    expect(rule(f.report('new', { ...dell, agentId: 'agent-new', name: 'fresh' }))).toBe('link serial');
    const box = { name: 'box', model: 'B550M PRO', interfaces: [nic('2c:f0:5d:00:00:01')] };
    f.report('old2', { ...box, agentId: 'agent-3' });
    expect(rule(f.report('new2', { ...box, agentId: 'agent-4', name: 'fresh2' }))).toBe('link mac_and_model');
    expect(f.size()).toBe(2);
  });
  test('pitfall 20: a replaced board is proposed, not applied', () => {
    const f = fleet();
    const before = { ...dell, agentId: 'agent-a', storage: [disk('S5GXNF0R1')], interfaces: [nic('a4:bb:6d:00:00:01')] };
    const first = f.report('a', before);
    const after = f.report('a', { ...before, serial: '9ZM43P5', uuid: U2, interfaces: [nic('a4:bb:6d:00:00:02')] });
    expect(rule(after)).toBe('conflict board_swap');
    expect(after.decision.proposal).toEqual({ kind: 'board_swap', assetIds: [first.clusterId] });
    expect(after.clusterId).not.toBe(first.clusterId);
    // The technician wrote the serial number into the new board: the same machine, and the reason names the UUID.
    const rewritten = fleet();
    rewritten.report('a', before);
    const linked = rewritten.report('b', { ...before, uuid: U2, interfaces: [nic('a4:bb:6d:00:00:02')] });
    expect([rule(linked), linked.decision.reasons[1]]).toEqual([
      'link serial',
      expect.stringContaining('the board may have been replaced'),
    ]);
  });
  test('pitfall 21: a disk moved to a spare laptop takes the agent along, not the asset', () => {
    const f = fleet();
    const old = f.report('a', { ...dell, agentId: 'agent-a', storage: [disk('S5GXNF0R1')] });
    const known = f.report('b', { ...spare, agentId: 'agent-b', storage: [disk('S5GXNF0R2')] });
    const moved = f.report('a', { ...spare, name: 'par-pc1', agentId: 'agent-a', storage: [disk('S5GXNF0R1')] });
    expect([moved.clusterId, moved.decision.forked, old.clusterId === known.clusterId]).toEqual([known.clusterId, true, false]);
    expect(f.report('a', { ...spare, name: 'par-pc7', agentId: 'agent-a', storage: [disk('S5GXNF0R1')] }).clusterId).toBe(known.clusterId);
  });
  test('pitfall 22: two sources send different types of serial number', () => {
    const f = fleet();
    f.report('a', { ...dell, boardSerial: 'CNWS200BA00YT' });
    const other = f.report(
      'z',
      { name: 'par-pc1', manufacturer: 'Dell', model: 'Latitude 5540', serial: 'CNWS200BA00YT' },
      { source: 'scanner' },
    );
    expect(rule(other)).toBe('link serial_of_other_type');
    // The enclosure of blades has the number that each blade reports as that of its enclosure.
    f.report('e', { manufacturer: 'HPE', model: 'BladeSystem c7000', serial: 'CZ29110077' }, { source: 'network' });
    f.report('b1', { manufacturer: 'HPE', model: 'ProLiant BL460c', serial: 'CZ3911AA01', enclosureSerial: 'CZ29110077' });
    f.report('b2', { manufacturer: 'HPE', model: 'ProLiant BL460c', serial: 'CZ3911AA02', enclosureSerial: 'CZ29110077' });
    expect(f.size()).toBe(4);
  });
  test('pitfall 23: a serial number that stands twice in the data already: the oldest is taken and it is said', () => {
    // The list of such groups with its merge is the server's; here it stays the same choice every time.
    const candidate = (assetId: string) => ({ assetId, keys: keysOf(dell), sameNativeId: false, observed: true });
    const decision = decide({ keys: keysOf(dell), partial: false }, [candidate('b'), candidate('a')]);
    expect([decision.assetId, decision.reasons[1]]).toEqual(['a', '2 assets have it; the oldest was taken.']);
  });
  test('pitfall 24: members of a stack are components of one device', () => {
    const f = fleet();
    const stack = {
      manufacturer: 'Cisco',
      model: 'C9300-48P',
      serial: 'FOC1111A111',
      memberSerials: ['FOC1111A111', 'FOC2222B222', 'FOC3333C333'],
    };
    f.report('10.0.0.2', stack, { source: 'network' });
    expect(rule(f.report('10.0.0.9', { ...stack, serial: 'FOC2222B222' }, { source: 'network' }))).toBe('link stack_member');
    expect(rule(f.report('10.0.0.2', { ...stack, serial: 'FOC3333C333' }, { source: 'network' }))).toBe('same native_id');
    // A member that was taken out and stands alone is a device of its own.
    expect(rule(f.report('10.0.0.7', { ...stack, serial: 'FOC2222B222', memberSerials: [] }, { source: 'network' }))).not.toBe(
      'link stack_member',
    );
  });
});

describe('what other layers do, as far as the rules show it', () => {
  test('pitfall 26: network discovery joins an asset that an agent manages without replacing it', () => {
    // Which source may write which field is the authority's; here the agent's keys stay beside the scanner's.
    const f = fleet();
    const mine = f.report('a', { ...dell, interfaces: [nic('a4:bb:6d:00:00:01')] });
    const scan = f.report('10.0.0.5', { name: 'par-pc1', interfaces: [nic('a4:bb:6d:00:00:01')] }, { source: 'scan', hasAgent: false });
    expect([scan.clusterId, rule(scan)]).toEqual([mine.clusterId, 'link mac_and_name']);
    expect(f.report('a', { ...dell, interfaces: [nic('a4:bb:6d:00:00:01')] }).clusterId).toBe(mine.clusterId);
  });
  test('pitfall 27: the same unmanaged host is one however often it is seen', () => {
    // Ageing and quotas per subnet belong to the scanner's module.
    const f = fleet();
    for (let i = 0; i < 50; i++)
      f.report('00:1b:21:3c:4d:5e', { interfaces: [nic('00:1b:21:3c:4d:5e')] }, { source: 'scan', hasAgent: false });
    expect(f.size()).toBe(1);
  });
  test('pitfall 28: every decision tells its rule, its reasons and what was compared', () => {
    // The server stores what is returned here.
    const f = fleet();
    f.report('a', dell);
    const { decision } = f.report('b', { ...spare, uuid: U1 });
    expect(decision.compared).toEqual([
      {
        assetId: '000000001',
        agrees: [expect.stringContaining('UUID'), 'model (supports only)'],
        contradicts: ['serial number 8YL32N4 is not 7XK21M3'],
      },
    ]);
    expect(decision.reasons[0]).toContain('7XK21M3');
  });
  test('pitfall 29: nothing stands in the way of a deleted asset that is reported again', () => {
    // The tombstone is the server's: it offers no candidate, and the same report creates anew.
    expect(decide({ keys: keysOf(dell), partial: false }, [])).toMatchObject({ outcome: 'create', rule: 'unknown' });
  });
  test('pitfall 30: a partial report before the first full one is kept and joins it', () => {
    const resolver = createResolver();
    const send = (facts: Facts, partial: boolean): Resolution =>
      resolver.resolve({ source: 'agent', nativeId: 'a', partial, keys: keysOf(facts) });
    const held = send({ name: 'par-pc1' }, true);
    expect([rule(held), held.clusterId, resolver.clusters().length]).toEqual(['hold partial_of_unknown', null, 0]);
    const full = send(dell, false);
    expect(resolver.clusterOf(held.member)).toBe(full.clusterId);
    // Nor does a partial one after it forget what it does not speak of.
    expect(rule(send({ name: 'par-pc1', interfaces: [nic('a4:bb:6d:00:00:01')] }, true))).toBe('same native_id');
    expect(resolver.resolve({ source: 'mdm', nativeId: 'z', partial: false, keys: keysOf(dell) }).clusterId).toBe(full.clusterId);
  });
});
