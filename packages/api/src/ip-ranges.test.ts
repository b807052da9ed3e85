import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressSet, formatIp, parseIp, parseSpan, readRanges } from './ip-ranges.ts';

const listOf = (ranges: string[], excluded: string[] = []): string[] => {
  const set = readRanges({ ranges, excluded, allowPublic: true, hostBudget: 1000 }).addresses;
  return Array.from({ length: Number(set.count) }, (_, i) => set.at(i));
};

describe('ranges', () => {
  test.each([
    ['10.0.0.0/30', ['10.0.0.1', '10.0.0.2']],
    ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1']],
    ['10.0.0.7/32', ['10.0.0.7']],
    ['10.0.0.254-10.0.1.1', ['10.0.0.254', '10.0.0.255', '10.0.1.0', '10.0.1.1']],
    ['10.0.0.8-9', ['10.0.0.8', '10.0.0.9']],
    ['fd00::1', ['fd00::1']],
    ['fd00::/126', ['fd00::', 'fd00::1', 'fd00::2', 'fd00::3']],
  ])('%s', (text, expected) => {
    expect(listOf([text])).toEqual(expected);
  });

  test.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.0/33',
    '10.0.0.9-8',
    '10.0.0.1-fd00::1',
    '010.0.0.1',
    'fd00::1%eth0',
    'fd00:::1',
    'host',
    '1-2-3',
  ])('no range: %s', (text) => {
    expect(parseSpan(text)).toBeNull();
  });

  test('overlaps count once, what is excluded is left out', () => {
    expect(listOf(['10.0.0.1-10', '10.0.0.5-12', '10.0.0.2'], ['10.0.0.4-11'])).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.12']);
  });

  test('every fault at once: nonsense, public, multicast, IPv4 dressed as IPv6, too many', () => {
    const { faults } = readRanges({
      ranges: ['nonsense', '8.8.8.8', '10.255.0.0-11.0.0.0', '224.0.0.1', '::ffff:8.8.8.8', '10.0.0.0/8'],
      excluded: ['x'],
      allowPublic: false,
      hostBudget: 256,
    });
    expect(faults.map((fault) => [fault.field, fault.code])).toEqual([
      ['ranges[0]', 'bad_range'],
      ['ranges[1]', 'public'],
      ['ranges[2]', 'public'],
      ['ranges[3]', 'unscannable'],
      ['ranges[4]', 'unscannable'],
      ['excluded[0]', 'bad_range'],
      ['hostBudget', 'too_many'],
    ]);
  });

  test('any address survives being written and read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = parseIp(text);
        // fast-check also writes forms that RFC 4291 has and nobody types.
        if (ip) expect(parseIp(formatIp(ip))).toEqual(ip);
      }),
    );
  });

  test('a set never holds what is excluded, and knows what it holds', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 })).map(([a, n]) => ({
      family: 4 as const,
      first: 0x0a000000n + BigInt(a),
      last: 0x0a000000n + BigInt(a + n),
    }));
    fc.assert(
      fc.property(fc.array(span, { maxLength: 6 }), fc.array(span, { maxLength: 6 }), (spans, excluded) => {
        const set = new AddressSet(spans, excluded);
        const all = Array.from({ length: Number(set.count) }, (_, i) => set.at(i));
        const inAny = (list: typeof spans, value: bigint): boolean => list.some((s) => s.first <= value && value <= s.last);
        const expected = Array.from({ length: 100 }, (_, i) => 0x0a000000n + BigInt(i)).filter(
          (v) => inAny(spans, v) && !inAny(excluded, v),
        );
        expect(all).toEqual(expected.map((value) => formatIp({ family: 4, value })));
        expect(all.every((address) => set.has(address))).toBe(true);
      }),
    );
  });
});
