import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveField, ruleFor, type SourcedValue } from './index.ts';

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
    const resolved = resolveField('laptop', 'name', values, now);
    expect(resolved.winner?.value ?? null).toBe(expected);
    expect(resolved.losing.length).toBe(Math.max(0, values.length - 1));
    for (const l of resolved.losing) expect(l.reason).toMatch(/\.$/);
  });
  test('a class and a field can have their own order', () => {
    expect(resolveField('printer', 'model', [said('glpi', 'a'), said('netinventory', 'n')], now).winner?.value).toBe('n');
    expect(resolveField('switch', 'name', [said('glpi', 'a'), said('snmp', 's')], now).winner?.value).toBe('s');
    expect(ruleFor('laptop', 'lastUser').ttlDays).toBe(7);
  });
  test('losing values are kept, never lost, in any order of input', () => {
    const value = fc.record({ source: fc.constantFrom('manual', 'glpi', 'ocs', 'x', 'y'), value: fc.string(), age: fc.nat(90) });
    fc.assert(
      fc.property(fc.uniqueArray(value, { selector: (v) => v.source }), (list) => {
        const values = list.map((v) => said(v.source, v.value, v.age));
        const a = resolveField('laptop', 'name', values, now);
        const b = resolveField('laptop', 'name', [...values].reverse(), now);
        expect(b).toEqual(a);
        expect(new Set([a.winner?.source, ...a.losing.map((l) => l.source)].filter(Boolean))).toEqual(new Set(values.map((v) => v.source)));
        expect(a.losing.length + (a.winner ? 1 : 0)).toBe(values.length);
        if (values.some((v) => v.source === 'manual')) expect(a.winner?.source).toBe('manual');
      }),
    );
  });
});
