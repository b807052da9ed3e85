import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createResolver, decide, diffClusters, type IdentityKey, type KeyKind, type Observation, replay, sortKeys } from './index.ts';

const key = (kind: KeyKind, value: string): IdentityKey => ({ kind, value, quality: 'good', reason: null });
const observation = (nativeId: string, keys: IdentityKey[], partial = false): Observation => ({ source: 'agent', nativeId, keys, partial });

describe('diffClusters', () => {
  test('names what is joined, split and regrouped, whatever the ids are', () => {
    const before = [
      { id: '1', members: ['a', 'b'] },
      { id: '2', members: ['c'] },
      { id: '3', members: ['d'] },
      { id: '4', members: ['e', 'f'] },
      { id: '5', members: ['g', 'h'] },
    ];
    const after = [
      { id: 'p', members: ['a', 'b'] },
      { id: 'q', members: ['c', 'd'] },
      { id: 'r', members: ['e', 'g'] },
      { id: 's', members: ['f', 'h'] },
    ];
    expect(diffClusters(before, after)).toEqual([
      { kind: 'joined', before: ['2', '3'], after: ['q'], members: ['c', 'd'] },
      { kind: 'regrouped', before: ['4', '5'], after: ['r', 's'], members: ['e', 'f', 'g', 'h'] },
    ]);
    expect(diffClusters(after, before)[0]).toMatchObject({ kind: 'split', before: ['q'], after: ['2', '3'] });
    expect(diffClusters(before, before)).toEqual([]);
  });
  test('a dry run of other lists shows which machines they would part', () => {
    const stream = [
      observation('a', [key('serial', 'X|SN-1')]),
      observation('b', [key('serial', 'X|SN-1')]),
      observation('c', [key('serial', 'X|SN-2')]),
    ];
    const stricter = stream.map((o) => ({
      ...o,
      keys: o.keys.map((k) => (k.value === 'X|SN-1' ? { ...k, quality: 'placeholder' as const } : k)),
    }));
    expect(diffClusters(replay(stream), replay(stricter))).toEqual([
      { kind: 'split', before: ['000000001'], after: ['000000001', '000000002'], members: ['agent a', 'agent b'] },
    ]);
  });
  test('other rules can be tried as well', () => {
    const stream = [observation('a', [key('uuid', 'u-1')]), observation('b', [key('uuid', 'u-1')])];
    const none: typeof decide = (report, candidates) =>
      decide(
        report,
        candidates.filter((c) => c.sameNativeId),
      );
    expect(diffClusters(replay(stream), replay(stream, { decide: none }))).toMatchObject([{ kind: 'split' }]);
  });
});

const keys = fc
  .array(
    fc.oneof(
      fc.constantFrom('7XK21M3', '8YL32N4', 'PF2ABC').map((v) => key('serial', `DELL|${v}`)),
      fc.constantFrom('u-1', 'u-2').map((v) => key('uuid', v)),
      fc.constantFrom('001b213c4d5e', '001b213c4d5f', '001b213c4d60').map((v) => key('mac', v)),
      fc.constantFrom('agent-1', 'agent-2').map((v) => key('agent_id', v)),
      fc.constantFrom('pc1', 'pc2').map((v): IdentityKey => ({ ...key('hostname', v), quality: 'weak' })),
      fc.constantFrom('VMWARE7,1', 'T14').map((v): IdentityKey => ({ ...key('model', v), quality: 'weak' })),
      fc.constantFrom('S5GX1', 'S5GX2').map((v): IdentityKey => ({ ...key('disk_serial', v), quality: 'weak' })),
    ),
    { maxLength: 6 },
  )
  // A machine has one of each, but may have several adapters.
  .map((list) => sortKeys([...new Map(list.map((k) => [k.kind === 'mac' ? k.value : k.kind, k])).values()]));
const streams = fc.array(
  fc.record({ source: fc.constantFrom('agent', 'mdm'), nativeId: fc.constantFrom('a', 'b', 'c'), keys, partial: fc.boolean() }),
  { maxLength: 25 },
);

describe('for any stream of observations', () => {
  test('the same observations give the same clusters, in whatever order their keys are', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        expect(replay(stream.map((o) => ({ ...o, keys: [...o.keys].reverse() })))).toEqual(replay(stream));
      }),
      { numRuns: 300 },
    );
  });
  test('every member is in one cluster, and no cluster has two good serial numbers', () => {
    fc.assert(
      fc.property(streams, (stream) => {
        const resolver = createResolver();
        const serials = new Map<string, string>();
        for (const o of stream) {
          // What is left out of a partial report stays; a full one has all.
          const { member, clusterId } = resolver.resolve({ ...o, partial: false });
          const serial = o.keys.find((k) => k.kind === 'serial');
          if (clusterId === null) continue;
          if (serial) serials.set(member, serial.value);
          else serials.delete(member);
        }
        const members = resolver.clusters().flatMap((c) => c.members);
        expect(new Set(members).size).toBe(members.length);
        for (const c of resolver.clusters()) {
          const known = c.members.flatMap((m) => serials.get(m) ?? []).filter((v) => !resolver.shared().has(`serial ${v}`));
          expect(new Set(known).size).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 500 },
    );
  });
  test('only full reports open clusters', () => {
    fc.assert(fc.property(streams, (stream) => replay(stream.map((o) => ({ ...o, partial: true }))).length === 0));
  });
});
