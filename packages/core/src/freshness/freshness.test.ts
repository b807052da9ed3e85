import { freshnessStates } from '@muster/api/assets';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshnessOf, limitsByClass } from './index.ts';

const day = 86_400_000;
const limits = { staleDays: 7, missingDays: 30, retireDays: 90 };

describe('how fresh an asset is', () => {
  test.each([
    [null, 'unseen'],
    [0, 'seen'],
    [6.9, 'seen'],
    [7, 'stale'],
    [29.9, 'stale'],
    [30, 'missing'],
    [90, 'retire_candidate'],
    [-3, 'seen'],
  ])('silent for %s days: %s', (days, expected) => {
    expect(freshnessOf(days === null ? null : 1000 * day - days * day, limits, 1000 * day)).toBe(expected);
  });
  test('never grows while nothing reports', () => {
    fc.assert(
      fc.property(fc.nat(4000), fc.nat(4000), (a, b) => {
        const at = (days: number): number => freshnessStates.indexOf(freshnessOf(0, limits, days * day));
        expect(at(Math.max(a, b))).toBeGreaterThanOrEqual(at(Math.min(a, b)));
      }),
    );
  });
  test('a class has the limits of the nearest class above it', () => {
    const own = new Map([
      ['', limits],
      ['server', { staleDays: 1, missingDays: 2, retireDays: 3 }],
    ]);
    const found = limitsByClass(own, (key) => (key === 'blade' ? ['blade', 'server'] : [key]), ['blade', 'server', 'phone']);
    expect([...found].map(([key, { from }]) => [key, from])).toEqual([
      ['blade', 'server'],
      ['server', 'server'],
      ['phone', ''],
      ['', ''],
    ]);
    expect(limitsByClass(new Map(), () => [], ['phone']).size).toBe(0);
  });
});
