import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authorityOf, type AuthorityRule, resolveField, type SourcedValue } from './index.ts';

const trust = (ttlDays: number, ...sources: string[]): Pick<AuthorityRule, 'order' | 'otherTtlDays'> => ({
  order: sources.map((source) => ({ source, ttlDays })),
  otherTtlDays: ttlDays,
});
const parents = new Map([
  ['laptop', 'computer'],
  ['computer', null],
  ['printer', 'network_device'],
  ['switch', 'network_device'],
  ['network_device', null],
]);
const authority = authorityOf(
  [
    { classKey: 'network_device', ...trust(30, 'netinventory', 'snmp', 'glpi') },
    { field: 'lastUser', ...trust(7, 'glpi', 'ocs') },
    {
      classKey: 'computer',
      field: 'domain',
      order: [
        { source: 'glpi', ttlDays: 2 },
        { source: 'ocs', ttlDays: 90 },
      ],
      otherTtlDays: 5,
    },
    trust(30, 'glpi', 'fusioninventory', 'ocs', 'osquery', 'netinventory', 'netdiscovery'),
  ],
  parents,
);

const day = 86_400_000;
const now = 1_000 * day;
const said = (source: string, value: string, ageDays = 0): SourcedValue => ({
  source,
  value,
  observedAtMs: now - ageDays * day,
  seenAtMs: now - ageDays * day,
});

describe('which value is shown', () => {
  test.each<[string, SourcedValue[], string | null]>([
    ['nothing said', [], null],
    ['one source', [said('ocs', 'a')], 'a'],
    ['the order of sources', [said('ocs', 'a'), said('glpi', 'b'), said('fusioninventory', 'c')], 'b'],
    ['by hand before all, however old', [said('manual', 'm', 900), said('glpi', 'b')], 'm'],
    ['a silent source gives way', [said('glpi', 'b', 40), said('ocs', 'a', 1)], 'a'],
    ['all silent: the order again', [said('glpi', 'b', 50), said('ocs', 'a', 40)], 'b'],
    ['a scan never takes the place of an agent, however silent', [said('glpi', 'b', 400), said('netinventory', 'n')], 'b'],
    ['an unknown source comes last', [said('zzz', 'z'), said('netdiscovery', 'n', 2)], 'n'],
  ])('%s', (_, values, expected) => {
    const resolved = resolveField('laptop', 'name', values, now, authority);
    expect(resolved.winner?.value ?? null).toBe(expected);
    expect(resolved.losing.length).toBe(Math.max(0, values.length - 1));
    for (const l of resolved.losing) expect(l.reason).toMatch(/\.$/);
  });
  test('a class and a field can have their own order', () => {
    expect(resolveField('printer', 'model', [said('glpi', 'a'), said('netinventory', 'n')], now, authority).winner?.value).toBe('n');
    expect(resolveField('switch', 'name', [said('glpi', 'a'), said('snmp', 's')], now, authority).winner?.value).toBe('s');
    expect(authority.ruleFor('laptop', 'lastUser').otherTtlDays).toBe(7);
  });
  test('a class has the rules of the class above it, and each source its own time to live', () => {
    expect(authority.ruleFor('printer', 'lastUser').order[0]?.source).toBe('netinventory');
    const winner = (...values: SourcedValue[]): unknown => resolveField('laptop', 'domain', values, now, authority).winner?.source;
    expect(winner(said('glpi', 'a', 1), said('ocs', 'b', 60))).toBe('glpi');
    expect(winner(said('glpi', 'a', 3), said('ocs', 'b', 60))).toBe('ocs');
    expect(winner(said('x', 'a', 6), said('ocs', 'b', 91))).toBe('ocs');
    expect(winner(said('x', 'a', 4), said('ocs', 'b', 91))).toBe('x');
    expect(resolveField('laptop', 'domain', [said('glpi', 'a', 3), said('ocs', 'b', 60)], now, authority).losing[0]?.reason).toContain(
      '2 days',
    );
  });
  test('classes that are above each other in a circle end', () => {
    const circle = authorityOf(
      [trust(3, 'a')],
      new Map([
        ['x', 'y'],
        ['y', 'x'],
      ]),
    );
    expect(circle.ruleFor('x', 'name').otherTtlDays).toBe(3);
    expect(authorityOf([], new Map()).ruleFor('x', 'name').order).toEqual([]);
  });
  test('losing values are kept, never lost, in any order of input', () => {
    const value = fc.record({ source: fc.constantFrom('manual', 'glpi', 'ocs', 'x', 'y'), value: fc.string(), age: fc.nat(90) });
    fc.assert(
      fc.property(fc.uniqueArray(value, { selector: (v) => v.source }), (list) => {
        const values = list.map((v) => said(v.source, v.value, v.age));
        const a = resolveField('laptop', 'name', values, now, authority);
        const b = resolveField('laptop', 'name', [...values].reverse(), now, authority);
        expect(b).toEqual(a);
        expect(new Set([a.winner?.source, ...a.losing.map((l) => l.source)].filter(Boolean))).toEqual(new Set(values.map((v) => v.source)));
        expect(a.losing.length + (a.winner ? 1 : 0)).toBe(values.length);
        if (values.some((v) => v.source === 'manual')) expect(a.winner?.source).toBe('manual');
      }),
    );
  });
});
