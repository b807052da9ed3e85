import { expect, test } from 'vitest';
import { freeTimes, shownDays, step } from './days.ts';

test('a week begins on Monday, a month has its own length, and stepping keeps to whole months', () => {
  expect(shownDays('week', '2026-03-01')).toEqual({ from: '2026-02-23', to: '2026-03-01' });
  expect(shownDays('month', '2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect(step('month', '2026-03-31', -1)).toBe('2026-02-01');
  expect(step('month', '2026-12-31', 1)).toBe('2027-01-01');
  expect(step('week', '2026-12-30', 1)).toBe('2027-01-06');
});

test('free times have enough on every day of theirs', () => {
  const days = [2, 1, 0, 2, 2, 2, 2, 1].map((free, index) => ({ day: `2026-03-0${index + 1}`, free }));
  expect(freeTimes(days, { from: '2026-03-01', length: 2, quantity: 1 }, 3)).toEqual([
    { from: '2026-03-01', to: '2026-03-02' },
    { from: '2026-03-04', to: '2026-03-05' },
    { from: '2026-03-06', to: '2026-03-07' },
  ]);
  expect(freeTimes(days, { from: '2026-03-02', length: 3, quantity: 2 }, 3)).toEqual([{ from: '2026-03-04', to: '2026-03-06' }]);
  expect(freeTimes(days, { from: '2026-03-01', length: 9, quantity: 1 }, 3)).toEqual([]);
});
