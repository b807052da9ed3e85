import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays, overlaps, planLoans, type Span, type Wish } from './plan.ts';

const day = (n: number): string => addDays('2026-01-01', n);
const span = fc.tuple(fc.nat(20), fc.nat(5)).map(([from, length]): Span => ({ from: day(from), to: day(from + length) }));

test('no asset is given to two wishes on one day, none on a busy day, and each gets as many as it wants', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.tuple(fc.nat(3), span), { maxLength: 6 }),
      fc.array(fc.tuple(span, fc.integer({ min: 1, max: 2 })), { minLength: 1, maxLength: 6 }),
      (count, taken, wanted) => {
        const members = ['a', 'b', 'c', 'd'].slice(0, count);
        const busy = new Map(members.map((id, index) => [id, taken.flatMap(([of, days]) => (of === index ? [days] : []))]));
        const wishes = wanted.map(([days, quantity], index): Wish => ({ ...days, id: String(index), quantity }));
        const plan = planLoans(members, busy, wishes);
        if (!plan) return;
        const given = wishes.flatMap((wish) => (plan.get(wish.id) ?? []).map((asset) => ({ asset, wish })));
        for (const wish of wishes) expect(new Set(plan.get(wish.id)).size).toBe(wish.quantity);
        for (const [index, one] of given.entries()) {
          expect(busy.get(one.asset)?.some((days) => overlaps(days, one.wish))).toBe(false);
          for (const other of given.slice(index + 1)) if (other.asset === one.asset) expect(overlaps(other.wish, one.wish)).toBe(false);
        }
      },
    ),
  );
});

test('wishes of one fit whenever no day has more of them than there are assets', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(span, { minLength: 1, maxLength: 8 }), (count, spans) => {
      const members = ['a', 'b', 'c', 'd'].slice(0, count);
      const wishes = spans.map((days, index): Wish => ({ ...days, id: String(index), quantity: 1 }));
      const most = Math.max(...Array.from({ length: 26 }, (_, n) => spans.filter((s) => s.from <= day(n) && day(n) <= s.to).length));
      expect(planLoans(members, new Map(), wishes) !== null).toBe(most <= count);
    }),
  );
});
