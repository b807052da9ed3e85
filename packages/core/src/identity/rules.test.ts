import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Candidate,
  compileRules,
  createResolver,
  decide,
  type IdentityKey,
  type IdentityRules,
  type KeyKind,
  type KeyUse,
  plainRules,
  ruleKinds,
  sortKeys,
} from './index.ts';

const shipped: IdentityRules = {
  placeholders: [],
  uses: Object.fromEntries(ruleKinds.map((kind) => [kind, 'identifies'])) as IdentityRules['uses'],
  nameWithinDays: 30,
  proposeSameName: true,
};
const key = (kind: KeyKind, value: string, quality: IdentityKey['quality'] = 'good'): IdentityKey => ({
  kind,
  value,
  quality,
  reason: null,
});
const qualityOf = (rules: Partial<IdentityRules>, k: IdentityKey): string =>
  compileRules({ ...shipped, ...rules }).seen([k])[0]?.quality ?? '';
const use = (kind: (typeof ruleKinds)[number], as: KeyUse): Partial<IdentityRules> => ({ uses: { ...shipped.uses, [kind]: as } });
const candidate = (assetId: string, keys: IdentityKey[], more: Partial<Candidate> = {}): Candidate => ({
  assetId,
  keys,
  sameNativeId: false,
  observed: true,
  ...more,
});

describe('rules that are data', () => {
  test.each([
    ['serial', 'mb-2217-aa', 'NONAME|MB-2217-AA', true],
    ['serial', 'MB-*', 'NONAME|MB-2217-AA', true],
    ['serial', '*-AA', 'NONAME|MB-2217-AA', true],
    ['serial', 'MB*2*AA', 'NONAME|MB-2217-AA', true],
    ['serial', 'MB*AAA', 'NONAME|MB-2217-AA', false],
    ['serial', 'MB-2217-A', 'NONAME|MB-2217-AA', false],
    ['serial', 'AA*AA', 'X|AAA', false],
    ['mac', '00:1A:7D:*', '001a7dda710a', true],
    ['mac', '00-1a-7d-da-71-0b', '001a7dda710a', false],
    ['uuid', '4C4C4544-0037-5810-8047-B7C04F4D3333', '44454c4c-3700-1058-8047-b7c04f4d3333', true],
    ['uuid', '4c4c4544-*', '44454c4c-3700-1058-8047-b7c04f4d3333', true],
    ['fqdn', '*.Guest.Example', 'pc1.guest.example', true],
  ] as const)('%s %s of %s: %s', (kind, pattern, value, means) => {
    expect(qualityOf({ placeholders: [{ kind, pattern }] }, key(kind, value))).toBe(means ? 'placeholder' : 'good');
  });
  test('a pattern holds for its kind alone', () => {
    expect(qualityOf({ placeholders: [{ kind: 'serial', pattern: 'T-100' }] }, key('asset_tag', 'T-100'))).toBe('good');
  });
  test('as shipped they change nothing, for any keys', () => {
    const keys = fc.array(
      fc.record({
        kind: fc.constantFrom(...ruleKinds),
        value: fc.string({ minLength: 1 }),
        quality: fc.constantFrom('good', 'weak', 'shared', 'placeholder'),
        reason: fc.constant(null),
      }),
    );
    fc.assert(fc.property(keys, (list) => compileRules(shipped).seen(list as IdentityKey[]) === list));
  });
  test('no rules make a key better than it was', () => {
    const rank = { good: 0, weak: 1, shared: 2, placeholder: 3 };
    const k = fc.record({
      kind: fc.constantFrom(...ruleKinds),
      value: fc.constantFrom('A', 'DELL|A', 'b'),
      quality: fc.constantFrom('good' as const, 'weak' as const, 'shared' as const, 'placeholder' as const),
      reason: fc.constant(null),
    });
    const uses = fc.record(Object.fromEntries(ruleKinds.map((kind) => [kind, fc.constantFrom('identifies', 'supports', 'ignored')])));
    fc.assert(
      fc.property(k, uses, (one, of) => {
        const [seen] = compileRules({
          ...shipped,
          uses: of as IdentityRules['uses'],
          placeholders: [{ kind: 'serial', pattern: 'a' }],
        }).seen([one]);
        expect(rank[seen?.quality ?? 'good']).toBeGreaterThanOrEqual(rank[one.quality]);
      }),
    );
  });
});

describe('what decide takes of the rules', () => {
  const pc = [key('serial', 'DELL|7XK21M3'), key('model', 'T14', 'weak'), key('mac', '001b213c4d5e')];
  const by = (rules: Partial<IdentityRules>, keys: IdentityKey[], candidates: Candidate[]) => {
    const { seen, options } = compileRules({ ...shipped, ...rules });
    const judged = candidates.map((c) => ({ ...c, keys: seen(c.keys) }));
    return decide({ keys: seen(sortKeys(keys)), partial: false }, judged, options);
  };
  test('a kind that only supports never joins alone, and what is left decides', () => {
    expect(by({}, pc, [candidate('a', pc)]).rule).toBe('serial');
    expect(by(use('serial', 'supports'), pc, [candidate('a', pc)]).rule).toBe('mac_and_model');
    const both: Partial<IdentityRules> = { uses: { ...shipped.uses, serial: 'supports', mac: 'supports' } };
    expect(by(both, pc, [candidate('a', pc)]).outcome).toBe('create');
  });
  test('and tells nothing apart', () => {
    const other = [key('serial', 'DELL|8YL32N4'), key('uuid', 'u-1')];
    const mine = [key('serial', 'DELL|7XK21M3'), key('uuid', 'u-1')];
    expect(by({}, mine, [candidate('a', other)]).outcome).toBe('conflict');
    expect(by(use('serial', 'supports'), mine, [candidate('a', other)])).toMatchObject({ outcome: 'link', rule: 'uuid' });
  });
  const named = [key('fqdn', 'srv1.corp.example', 'weak'), key('os_family', 'linux', 'weak')];
  const entry = (silentDays?: number): Candidate =>
    candidate('a', named, { hasAgent: false, ...(silentDays === undefined ? {} : { silentDays }) });
  test.each([
    [30, undefined, 'fqdn_and_system'],
    [30, 29, 'fqdn_and_system'],
    [30, 30, 'unknown'],
    [0, 0, 'unknown'],
  ])('within %s days a name leads to an asset silent for %s: %s', (nameWithinDays, silentDays, rule) => {
    expect(by({ nameWithinDays }, named, [entry(silentDays)]).rule).toBe(rule);
  });
  test('a name that only supports leads nowhere, and is proposed when that is wanted', () => {
    expect(by(use('fqdn', 'supports'), named, [entry()])).toMatchObject({
      rule: 'unknown',
      proposal: { kind: 'same_name', assetIds: ['a'] },
    });
    expect(by({ ...use('fqdn', 'supports'), proposeSameName: false }, named, [entry()]).proposal).toBeNull();
  });
  test('of assets that a person told apart none is taken, and what is on both is on several machines', () => {
    const apart = [candidate('a', pc, { toldApart: ['b'] }), candidate('b', pc, { toldApart: ['a'] })];
    const decision = by({}, [key('serial', 'DELL|7XK21M3')], apart);
    expect(decision).toMatchObject({
      outcome: 'conflict',
      rule: 'told_apart',
      proposal: { kind: 'told_apart', assetIds: ['a', 'b'] },
      shared: [{ kind: 'serial', value: 'DELL|7XK21M3' }],
    });
    // What only one of them has still tells which it is.
    expect(
      by({}, [...pc, key('uuid', 'u-1')], [apart[0] as Candidate, candidate('b', [...pc, key('uuid', 'u-1')], { toldApart: ['a'] })]),
    ).toMatchObject({ rule: 'uuid', assetId: 'b' });
  });
});

describe('the resolver', () => {
  const see = (nativeId: string, keys: IdentityKey[], more = {}) => ({ source: 'agent', nativeId, keys, partial: false, ...more });
  test('leaves together what a person pinned, and apart what a person told apart', () => {
    const resolver = createResolver({ decide, compiled: plainRules });
    const serial = [key('serial', 'X|SN-1')];
    const one = resolver.resolve(see('a', serial, { pinnedTo: 'asset-1' }));
    expect(resolver.resolve(see('b', [key('serial', 'X|SN-2')], { pinnedTo: 'asset-1' })).clusterId).toBe(one.clusterId);
    expect(resolver.resolve(see('c', serial, { apart: ['agent a'] })).clusterId).not.toBe(one.clusterId);
  });
  test('knows how long a machine was silent', () => {
    const compiled = compileRules(shipped);
    const day = 86_400_000;
    const named = [key('fqdn', 'srv1.corp.example', 'weak'), key('os_family', 'linux', 'weak')];
    const replayed = (until: number): string => {
      const resolver = createResolver({ decide, compiled });
      resolver.resolve(see('a', named, { hasAgent: false, at: 0, until }));
      return resolver.resolve(see('b', named, { at: 40 * day })).decision.rule;
    };
    expect([replayed(0), replayed(20 * day), replayed(60 * day)]).toEqual(['unknown', 'fqdn_and_system', 'fqdn_and_system']);
  });
});
