import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  byTurns,
  createResolver,
  goesAlong,
  type IdentityKey,
  judgeAlternation,
  type KeyKind,
  type Observation,
  sortKeys,
} from './index.ts';

const weak: ReadonlySet<KeyKind> = new Set(['disk_serial', 'hostname', 'fqdn', 'os_family', 'model', 'machine_id']);
const key = (kind: KeyKind, value: string): IdentityKey =>
  weak.has(kind) ? { kind, value, quality: 'weak', reason: 'supports' } : { kind, value, quality: 'good', reason: null };
const machine = (of: Partial<Record<KeyKind, string>>): IdentityKey[] =>
  sortKeys(Object.entries(of).map(([kind, value]) => key(kind as KeyKind, value)));

const firmware = { serial: 'ACME|BATCH-1', uuid: '0f1e2d3c-1111-4222-8333-abcdef012345', model: 'BOX', os_family: 'windows' };
const one = { ...firmware, mac: '001b213c4d01', hostname: 'pc1', disk_serial: 'DISK-1' };
const two = { ...firmware, mac: '001b213c4d02', hostname: 'pc2', disk_serial: 'DISK-2' };
const without = (of: Partial<Record<KeyKind, string>>, ...kinds: KeyKind[]): Partial<Record<KeyKind, string>> =>
  Object.fromEntries(Object.entries(of).filter(([kind]) => !kinds.includes(kind as KeyKind)));
const judge = (a: Partial<Record<KeyKind, string>>, ...others: Partial<Record<KeyKind, string>>[]) =>
  judgeAlternation(machine(a), others.map(machine));
const kvm = { model: 'STANDARD PC (Q35 + ICH9, 2009)', disk_serial: 'QM00001' };

describe('two agents by turns', () => {
  test.each([
    ['all of the hardware differs', two, one, 'two'],
    ['nothing is told of the disks', without(two, 'disk_serial'), without(one, 'disk_serial'), 'two'],
    ['the clone still has the name, on another disk', { ...two, hostname: 'pc1' }, one, 'two'],
    ['the agent id was copied as well', { ...two, agent_id: 'a-1' }, { ...one, agent_id: 'a-1' }, 'two'],
    ['the board serial is repeated as well', { ...two, board_serial: 'ACME|B' }, { ...one, board_serial: 'ACME|B' }, 'two'],
    [
      'the same board, and nothing is told of the disks',
      { ...without(two, 'disk_serial'), board_serial: 'ACME|B' },
      { ...without(one, 'disk_serial'), board_serial: 'ACME|B' },
      'two',
    ],
    ['virtual machines have the disks of their image', { ...two, ...kvm }, { ...one, ...kvm }, 'two'],
    [
      'the clone still has the name, and no disk is told',
      { ...without(two, 'disk_serial'), hostname: 'pc1' },
      without(one, 'disk_serial'),
      'unclear',
    ],
    [
      'two systems that use an adapter each',
      { ...without(two, 'disk_serial'), os_family: 'linux' },
      without(one, 'disk_serial'),
      'unclear',
    ],
    ['a disk and a name each, and no address', without(two, 'mac'), without(one, 'mac'), 'unclear'],
    ['two systems on one disk', { ...two, os_family: 'linux', disk_serial: 'DISK-1' }, one, 'one'],
    ['two systems with one adapter', { ...two, os_family: 'linux', mac: one.mac }, one, 'one'],
    ['two agents of one system', one, one, 'one'],
    ['only the name differs', { ...one, hostname: 'pc2' }, one, 'one'],
    ['nothing but firmware is told', firmware, firmware, 'one'],
    ['one instance of a cloud', { ...two, instance_id: 'aws|1|i-1' }, { ...one, instance_id: 'aws|1|i-1' }, 'one'],
  ] as const)('%s', (_, a, b, verdict) => {
    expect(judge(a, b).verdict).toBe(verdict);
  });
  test('says which values are on both, what differs, and why', () => {
    const { shared, reason, compared } = judge(two, one);
    expect(shared).toEqual([
      { kind: 'serial', value: firmware.serial },
      { kind: 'uuid', value: firmware.uuid },
    ]);
    expect(reason).toContain('serial number BATCH-1 and UUID');
    expect(reason).toContain('MAC addresses, disks and host names of one are not those of the other');
    expect(compared.contradicts).toContain('no MAC addresses in common');
  });
  test('when one of the others is on its machine, it stays', () => {
    expect(judge(two, one, { ...two, hostname: 'pc3' }).verdict).toBe('one');
  });
  test('takes both to have come back after the other', () => {
    expect(byTurns({ first: 2, last: 2 }, { first: 1, last: 3 })).toBe(true);
    // A new agent after the old one; a backup that brought the old one back; and the older of the two.
    expect(byTurns({ first: 2, last: 4 }, { first: 1, last: 1 })).toBe(false);
    expect(byTurns({ first: 1, last: 1 }, { first: 2, last: 2 })).toBe(false);
  });
  test('another source goes with the machine whose address it has', () => {
    const seen = machine({ mac: two.mac });
    expect(goesAlong(seen, machine(two), [machine(one)])).toBe(true);
    expect(goesAlong(seen, machine(two), [machine({ ...one, mac: two.mac })])).toBe(false);
    expect(goesAlong(machine({ hostname: 'pc2' }), machine(two), [machine(one)])).toBe(false);
  });
});

describe('in the stream', () => {
  const says = (nativeId: string, of: Partial<Record<KeyKind, string>>, source = 'glpi'): Observation => ({
    source,
    nativeId,
    keys: machine(of),
    partial: false,
  });
  const clusters = (...stream: Observation[]): string[][] => {
    const resolver = createResolver();
    for (const o of stream) resolver.resolve(o);
    return resolver.clusters().map((c) => [...c.members].sort());
  };
  const [a, b] = [says('a', without(one, 'disk_serial')), says('b', without(two, 'disk_serial'))];
  test('A, B, A, B is two machines, and what both have leads nowhere any more', () => {
    const resolver = createResolver();
    expect([a, b, a].map((o) => resolver.resolve(o).clusterId)).toEqual(['000000001', '000000001', '000000001']);
    expect(resolver.resolve(b)).toMatchObject({ clusterId: '000000002', decision: { rule: 'alternation' } });
    expect([...resolver.shared()]).toEqual([`serial ${firmware.serial}`, `uuid ${firmware.uuid}`]);
    expect([a, b].map((o) => resolver.resolve(o).clusterId)).toEqual(['000000001', '000000002']);
    expect(resolver.resolve(says('c', { ...without(two, 'disk_serial'), mac: '001b213c4d03', hostname: 'pc3' }))).toMatchObject({
      clusterId: '000000003',
    });
  });
  test('a new agent, an old one from a backup, and agents of two protocols are one machine', () => {
    expect(clusters(a, b, b, b)).toHaveLength(1);
    expect(clusters(a, b, a, a)).toHaveLength(1);
    const other = { ...b, source: 'osquery' };
    expect(clusters(a, other, a, other, a, other)).toHaveLength(1);
  });
  test('two systems of one machine are one, however often they change', () => {
    const linux = says('b', { ...two, os_family: 'linux', disk_serial: one.disk_serial, mac: one.mac });
    const windows = says('a', one);
    expect(clusters(windows, linux, windows, linux, windows, linux)).toHaveLength(1);
  });
  test('what another source tells of the clone goes with it', () => {
    const known = says('x', { serial: firmware.serial, mac: two.mac }, 'sccm');
    expect(clusters(a, b, known, a, b)).toEqual([['glpi a'], ['glpi b', 'sccm x']]);
  });
  test('three clones become three machines', () => {
    const c = says('c', { ...without(two, 'disk_serial'), mac: '001b213c4d03', hostname: 'pc3' });
    expect(clusters(a, b, c, a, b, c)).toHaveLength(3);
  });
});

const values = (kind: KeyKind, list: readonly string[]) =>
  fc.option(fc.constantFrom(...list), { nil: undefined }).map((v) => [kind, v] as const);
const machines = fc
  .tuple(
    values('mac', ['001b213c4d01', '001b213c4d02']),
    values('hostname', ['pc1', 'pc2']),
    values('disk_serial', ['DISK-1', 'DISK-2']),
    values('board_serial', ['ACME|B1', 'ACME|B2']),
    values('os_family', ['windows', 'linux']),
    values('model', ['BOX', 'VIRTUAL MACHINE']),
    values('instance_id', ['aws|1|i-1', 'aws|1|i-2']),
  )
  .map((pairs) => machine({ ...firmware, ...Object.fromEntries(pairs.filter(([, v]) => v !== undefined)) }));

describe('for any two machines', () => {
  test('the verdict is the same whichever of them came first', () => {
    fc.assert(fc.property(machines, machines, (a, b) => judgeAlternation(a, [b]).verdict === judgeAlternation(b, [a]).verdict));
  });
  test('a machine is never told from itself, nor from what has its address', () => {
    fc.assert(
      fc.property(machines, machines, (a, b) => {
        expect(judgeAlternation(a, [a]).verdict).toBe('one');
        const mac = key('mac', '001b213c4d0f');
        expect(judgeAlternation(sortKeys([...a, mac]), [sortKeys([...b, mac])]).verdict).toBe('one');
      }),
    );
  });
  test('the order of the others changes nothing, and only two machines share values', () => {
    fc.assert(
      fc.property(machines, fc.array(machines, { maxLength: 4 }), (a, others) => {
        const [there, back] = [judgeAlternation(a, others), judgeAlternation(a, [...others].reverse())];
        expect([back.verdict, back.shared]).toEqual([there.verdict, there.shared]);
        if (there.verdict !== 'two') expect(there.shared).toEqual([]);
      }),
    );
  });
});
