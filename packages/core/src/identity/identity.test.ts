import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import macs from '../../../../content/identity/placeholder-macs.json' with { type: 'json' };
import serials from '../../../../content/identity/placeholder-serials.json' with { type: 'json' };
import uuids from '../../../../content/identity/placeholder-uuids.json' with { type: 'json' };
import usb from '../../../../content/identity/usb-drivers.json' with { type: 'json' };
import {
  type Candidate,
  canonicalUuid,
  classOf,
  compileLists,
  decide,
  extractKeys,
  type IdentityFacts,
  type IdentityKey,
  normaliseMac,
  normaliseMaker,
  nothingTold,
} from './index.ts';

const lists = compileLists([macs, serials, uuids, usb]);
const keysOf = (facts: Partial<IdentityFacts>): IdentityKey[] => extractKeys({ ...nothingTold, ...facts }, lists);
const qualityOf = (facts: Partial<IdentityFacts>, kind: string): string | undefined => keysOf(facts).find((k) => k.kind === kind)?.quality;
const candidate = (assetId: string, facts: Partial<IdentityFacts>, more: Partial<Candidate> = {}): Candidate => ({
  assetId,
  keys: keysOf(facts),
  sameNativeId: false,
  observed: true,
  ...more,
});
const decideOn = (facts: Partial<IdentityFacts>, candidates: Candidate[], partial = false) =>
  decide({ keys: keysOf(facts), partial }, candidates);

const U1 = '4C4C4544-0037-5810-8047-B7C04F4D3333';
const U1swapped = '44454C4C-3700-1058-8047-B7C04F4D3333';
const nic = (mac: string, more = {}) => ({ mac, virtual: false, type: 'ethernet', driver: 'e1000e', ...more });

describe('normalising', () => {
  test('a UUID is one value in both byte orders, with braces or without dashes', () => {
    expect(canonicalUuid(U1)).toBe(canonicalUuid(U1swapped));
    expect(canonicalUuid(`{${U1.toLowerCase()}}`)).toBe(canonicalUuid(U1));
    expect(canonicalUuid('not a uuid')).toBeNull();
    expect(canonicalUuid('1234')).toBeNull();
  });
  test('a VMware serial is the UUID of the machine', () => {
    const keys = keysOf({ manufacturer: 'VMware, Inc.', serial: 'VMware-56 4d 60 49 3a 2b 11 cc-8a 01 7e 4f 20 91 55 6e' });
    expect(keys.filter((k) => k.kind === 'serial')).toEqual([]);
    expect(keys.find((k) => k.kind === 'uuid')).toMatchObject({
      value: canonicalUuid('564d6049-3a2b-11cc-8a01-7e4f2091556e'),
      quality: 'good',
    });
  });
  test('makers and MAC addresses have one spelling', () => {
    expect([normaliseMaker('Dell Inc.'), normaliseMaker('DELL'), normaliseMaker('Hewlett-Packard'), normaliseMaker('HP')]).toEqual([
      'DELL',
      'DELL',
      'HP',
      'HP',
    ]);
    expect([normaliseMac('00:1B:21:3C:4D:5E'), normaliseMac('001b.213c.4d5e'), normaliseMac('hello'), normaliseMac('00:1b')]).toEqual([
      '001b213c4d5e',
      '001b213c4d5e',
      null,
      null,
    ]);
  });
});

describe('ids of modems and registrations', () => {
  const valuesOf = (facts: Partial<IdentityFacts>, kind: string): string[] =>
    keysOf(facts).flatMap((k) => (k.kind === kind ? [k.value] : []));

  test.each([
    ['356938035643809', '35693803564380'],
    ['35-693803-564380-9', '35693803564380'],
    ['3569380356438012', '35693803564380'],
    ['A0000049F59E20', 'A0000049F59E20'],
    ['a0000049f59e20', 'A0000049F59E20'],
    // The same MEID in decimal: A0000049 and F59E20.
    ['268435463316096800', 'A0000049F59E20'],
  ])('%s is the modem %s', (raw, value) => {
    expect(valuesOf({ imeis: [raw] }, 'imei')).toEqual([value]);
  });

  test.each(['', '1234567', 'not an IMEI', '999999999999999999'])('%j is no modem', (raw) => {
    expect(valuesOf({ imeis: [raw] }, 'imei')).toEqual([]);
  });

  test('a directory names a registration in either byte order; nothing but zeros names none', () => {
    expect(valuesOf({ directoryIds: [U1] }, 'udid')).toEqual(valuesOf({ directoryIds: [U1swapped.toLowerCase()] }, 'udid'));
    expect(qualityOf({ directoryIds: ['00000000-0000-0000-0000-000000000000'] }, 'udid')).toBe('placeholder');
    expect(valuesOf({ directoryIds: ['a name'] }, 'udid')).toEqual([]);
  });

  test('the registration of a managed device is that device, until a serial number says that it is another', () => {
    const managed = candidate('a', { manufacturer: 'Dell', serial: '7XK21M3', directoryIds: [U1] });
    expect(decideOn({ directoryIds: [U1] }, [managed], true)).toMatchObject({ outcome: 'link', assetId: 'a', rule: 'udid' });
    expect(decideOn({ manufacturer: 'Dell', serial: '8YL32N4', directoryIds: [U1] }, [managed])).toMatchObject({
      outcome: 'conflict',
      shared: [{ kind: 'udid' }],
    });
  });
});

describe('quality', () => {
  test.each([
    'To be filled by O.E.M.',
    'System Serial Number',
    'Not Specified',
    '0',
    '000000',
    'XXXXXXXX',
    '123456789',
    'ab1',
    'Default string',
    'LATITUDE 5540',
    'pc-77',
    '10.0.0.1',
    '  Default   STRING ',
  ])('serial %s is a placeholder', (serial) => {
    expect(qualityOf({ manufacturer: 'Dell Inc.', model: 'Latitude 5540', name: 'PC-77', serial }, 'serial')).toBe('placeholder');
  });
  test.each(['7XK21M3', 'PF2ABCDE', '5CG1234XYZ', 'C02XK0ABJG5H', '10.2A-77X'])('serial %s is good', (serial) => {
    expect(qualityOf({ manufacturer: 'Dell Inc.', serial }, 'serial')).toBe('good');
  });
  test.each([
    ['a serial without maker is weak', { serial: '7XK21M3' }, 'serial', 'weak'],
    ['an LXC container shows the serial of its host', { serial: '7XK21M3', manufacturer: 'Dell', vmSystem: 'lxc' }, 'serial', 'shared'],
    ['a container UUID is weak', { uuid: U1, vmSystem: 'Docker' }, 'uuid', 'weak'],
    ['the nil UUID', { uuid: '00000000-0000-0000-0000-000000000000' }, 'uuid', 'placeholder'],
    ['a UUID of makers', { uuid: '03000200-0400-0500-0006-000700080009' }, 'uuid', 'placeholder'],
    ['the same in the other byte order', { uuid: '00020003-0004-0005-0006-000700080009' }, 'uuid', 'placeholder'],
    ['three different bytes', { uuid: '01010101-0202-0303-0101-010203010101' }, 'uuid', 'placeholder'],
    ['a real UUID', { uuid: U1 }, 'uuid', 'good'],
    ['a board MAC', { interfaces: [nic('00:1b:21:3c:4d:5e')] }, 'mac', 'good'],
    ['a local MAC', { interfaces: [nic('02:1b:21:3c:4d:5e')] }, 'mac', 'weak'],
    ['a USB dock', { interfaces: [nic('00:1b:21:3c:4d:5e', { driver: 'r8152' })] }, 'mac', 'weak'],
    ['a bridge', { interfaces: [nic('00:1b:21:3c:4d:5e', { virtual: true })] }, 'mac', 'weak'],
    ['RAS', { interfaces: [nic('20:41:53:59:4e:ff')] }, 'mac', 'placeholder'],
    ['VirtualBox host adapter', { interfaces: [nic('0a:00:27:00:00:01')] }, 'mac', 'placeholder'],
    ['a host name never is good', { name: 'pc1' }, 'hostname', 'weak'],
  ] as const)('%s', (_, facts, kind, quality) => {
    expect(qualityOf(facts as Partial<IdentityFacts>, kind)).toBe(quality);
  });
  test('a host named by its IP has no FQDN key', () => {
    expect(keysOf({ name: '10.1.2.3', fqdn: '10.1.2.3' }).filter((k) => k.kind === 'fqdn')).toEqual([]);
  });
});

describe('deciding', () => {
  const dell = { manufacturer: 'Dell Inc.', serial: '7XK21M3', uuid: U1, name: 'par-pc1', model: 'Latitude 5540' };
  test.each<[string, Partial<IdentityFacts>, Candidate[], boolean, string, string | null, string]>([
    ['nothing known', dell, [], false, 'create', null, 'unknown'],
    ['a partial of an unknown thing', dell, [], true, 'hold', null, 'partial_of_unknown'],
    ['the same native id', dell, [candidate('a', dell, { sameNativeId: true })], true, 'same', 'a', 'native_id'],
    ['renamed', { ...dell, name: 'par-pc2' }, [candidate('a', dell, { sameNativeId: true })], false, 'same', 'a', 'native_id'],
    ['another agent on it', { ...dell, manufacturer: 'DELL' }, [candidate('a', dell)], false, 'link', 'a', 'serial'],
    ['the UUID in the other byte order', { uuid: U1swapped }, [candidate('a', { uuid: U1 })], false, 'link', 'a', 'uuid'],
    [
      'a replaced board: serial agrees, UUID differs',
      { ...dell, uuid: '9a1b2c3d-1111-4222-8333-abcdef012345' },
      [candidate('a', dell)],
      false,
      'link',
      'a',
      'serial',
    ],
    ['a cloned UUID with another serial', { ...dell, serial: '8YL32N4' }, [candidate('a', dell)], false, 'conflict', null, 'contradiction'],
    [
      'a cloned agent id with another serial',
      { ...dell, serial: '8YL32N4', uuid: null },
      [candidate('a', dell, { sameNativeId: true })],
      false,
      'conflict',
      null,
      'contradiction',
    ],
    [
      'the same serial of another maker',
      { manufacturer: 'LENOVO', serial: '7XK21M3' },
      [candidate('a', dell)],
      false,
      'create',
      null,
      'unknown',
    ],
    [
      'the same host name',
      { name: 'par-pc1', domain: 'corp.example' },
      [candidate('a', { name: 'par-pc1', domain: 'corp.example' })],
      false,
      'create',
      null,
      'unknown',
    ],
    [
      'placeholder serials on both',
      { manufacturer: 'Dell', serial: 'Default string' },
      [candidate('a', { manufacturer: 'Dell', serial: 'Default string' })],
      false,
      'create',
      null,
      'unknown',
    ],
    [
      'a board MAC and the model',
      { model: 'NUC', interfaces: [nic('00:1b:21:3c:4d:5e')] },
      [candidate('a', { model: 'NUC', interfaces: [nic('00:1b:21:3c:4d:5e')] })],
      false,
      'link',
      'a',
      'mac_and_model',
    ],
    [
      'a board MAC alone',
      { model: 'NUC', interfaces: [nic('00:1b:21:3c:4d:5e')] },
      [candidate('a', { model: 'Other', interfaces: [nic('00:1b:21:3c:4d:5e')] })],
      false,
      'create',
      null,
      'unknown',
    ],
    [
      'the tag of an asset entered by hand',
      { assetTag: 'A-00017' },
      [candidate('a', { assetTag: 'A-00017' }, { observed: false })],
      false,
      'link',
      'a',
      'asset_tag',
    ],
    ['the tag of an observed asset', { assetTag: 'A-00017' }, [candidate('a', { assetTag: 'A-00017' })], false, 'create', null, 'unknown'],
    [
      'a serial entered by hand without maker',
      dell,
      [candidate('a', { serial: '7XK21M3' }, { observed: false })],
      false,
      'link',
      'a',
      'serial_by_hand',
    ],
    [
      'two containers of one host',
      { serial: '7XK21M3', manufacturer: 'Dell', vmSystem: 'lxc' },
      [candidate('a', dell)],
      false,
      'create',
      null,
      'unknown',
    ],
    [
      'a UUID on two assets decides nothing',
      { uuid: U1 },
      [candidate('a', { uuid: U1 }), candidate('b', { uuid: U1 })],
      false,
      'create',
      null,
      'unknown',
    ],
  ])('%s', (_, facts, candidates, partial, outcome, assetId, rule) => {
    const decision = decideOn(facts, candidates, partial);
    expect({ outcome: decision.outcome, assetId: decision.assetId, rule: decision.rule }).toEqual({ outcome, assetId, rule });
    expect(decision.reasons.length).toBeGreaterThan(0);
    for (const reason of decision.reasons) expect(reason).toMatch(/^[A-Z].*\.$/);
  });
  test('a contradiction names both serials and demotes the shared UUID', () => {
    const decision = decideOn({ ...dell, serial: '8YL32N4' }, [candidate('a', dell, { sameNativeId: true })]);
    expect(decision.reasons[0]).toContain('7XK21M3');
    expect(decision.reasons[0]).toContain('8YL32N4');
    expect(decision).toMatchObject({ forked: true, shared: [{ kind: 'uuid', value: canonicalUuid(U1) }] });
  });
  test('a tag or MAC address on two machines is no conflict, but stops to identify', () => {
    const decision = decideOn(
      { manufacturer: 'Dell', serial: '8YL32N4', assetTag: 'RELEASE-KEYS', interfaces: [nic('00:1b:21:3c:4d:5e')] },
      [candidate('a', { manufacturer: 'Dell', serial: '7XK21M3', assetTag: 'RELEASE-KEYS', interfaces: [nic('00:1b:21:3c:4d:5e')] })],
    );
    expect(decision).toMatchObject({ outcome: 'create', rule: 'unknown', shared: [{ kind: 'asset_tag' }, { kind: 'mac' }] });
  });
  test('a value demoted to shared no longer decides', () => {
    const a = candidate('a', { uuid: U1 });
    const demoted = { ...a, keys: a.keys.map((k) => ({ ...k, quality: 'shared' as const })) };
    expect(decideOn({ uuid: U1 }, [demoted]).outcome).toBe('create');
  });
});

// Small alphabets make collisions likely, which is where a rule could go wrong.
const serial = fc.constantFrom('7XK21M3', '8YL32N4', 'PF2ABCDE', 'Default string', null);
const facts = fc.record({
  manufacturer: fc.constantFrom('Dell Inc.', 'DELL', 'LENOVO', null),
  serial,
  uuid: fc.constantFrom(U1, U1swapped, '9a1b2c3d-1111-4222-8333-abcdef012345', null),
  boardSerial: fc.constantFrom('BRD0077', 'BRD0088', null),
  model: fc.constantFrom('Latitude 5540', 'T14', null),
  name: fc.constantFrom('pc1', 'pc2', null),
  assetTag: fc.constantFrom('A-00017', null),
  agentId: fc.constantFrom('agent-one', 'agent-two', null),
  vmSystem: fc.constantFrom('Physical', 'lxc', null),
  interfaces: fc.array(fc.constantFrom(nic('00:1b:21:3c:4d:5e'), nic('00:1b:21:3c:4d:5f'), nic('02:1b:21:3c:4d:5f')), { maxLength: 2 }),
});
const candidates = fc
  .uniqueArray(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), facts, observed: fc.boolean() }), {
    selector: (c) => c.id,
    maxLength: 4,
  })
  .chain((list) =>
    fc.nat(list.length).map((native) => list.map((c, i) => candidate(c.id, c.facts, { observed: c.observed, sameNativeId: i === native }))),
  );
const goodSerials = (keys: readonly IdentityKey[]): string[] =>
  keys.filter((k) => k.kind === 'serial' && k.quality === 'good').map((k) => k.value.split('|')[1] as string);

describe('for any machine', () => {
  test('two different good serial numbers are never one asset', () => {
    fc.assert(
      fc.property(facts, candidates, fc.boolean(), (f, list, partial) => {
        const decision = decideOn(f, list, partial);
        const chosen = list.find((c) => c.assetId === decision.assetId);
        const [mine, theirs] = [goodSerials(keysOf(f)), goodSerials(chosen?.keys ?? [])];
        return mine.length === 0 || theirs.length === 0 || mine.some((s) => theirs.includes(s));
      }),
      { numRuns: 2000 },
    );
  });
  test('the order of keys and candidates changes nothing', () => {
    fc.assert(
      fc.property(facts, candidates, fc.boolean(), (f, list, partial) => {
        const keys = keysOf(f);
        expect(
          decide(
            { keys: [...keys].reverse(), partial },
            [...list].reverse().map((c) => ({ ...c, keys: [...c.keys].reverse() })),
          ),
        ).toEqual(decide({ keys, partial }, list));
      }),
      { numRuns: 1000 },
    );
  });
  test('deciding again about a created asset finds it', () => {
    fc.assert(
      fc.property(facts, candidates, (f, list) => {
        const first = decideOn(f, list);
        if (first.outcome !== 'create' && first.outcome !== 'conflict') return;
        const again = decideOn(f, [...list.map((c) => ({ ...c, sameNativeId: false })), candidate('new', f, { sameNativeId: true })]);
        expect(again).toMatchObject({ outcome: 'same', assetId: 'new' });
      }),
      { numRuns: 1000 },
    );
  });
  test('only a full report creates', () => {
    fc.assert(fc.property(facts, candidates, (f, list) => !['create', 'conflict'].includes(decideOn(f, list, true).outcome)));
  });
});

describe('class', () => {
  test.each([
    ['Notebook', 'Physical', 'Latitude 5540', 'Windows 11', 'laptop'],
    ['Rack Mount Chassis', null, 'PowerEdge R650', 'Debian', 'server'],
    ['Tower', null, 'OptiPlex', null, 'desktop'],
    ['Other', 'VMware', 'VMware Virtual Platform', 'Windows Server 2022', 'virtual_machine'],
    [null, 'Docker', null, null, 'container'],
    ['Tower', null, 'PowerEdge T340', 'Windows', 'server'],
    ['Desktop', 'Physical', 'x', 'Microsoft Windows Server 2022 Standard', 'server'],
    [null, null, 'MacBookPro18,3', 'macOS', 'laptop'],
    [null, null, null, null, 'computer'],
  ])('%s %s %s %s is a %s', (chassisType, vmSystem, model, osName, key) => {
    expect(classOf({ itemType: 'Computer', chassisType, vmSystem, model, manufacturer: null, osName, osFamily: null })).toBe(key);
  });
});
