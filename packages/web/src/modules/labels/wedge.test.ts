import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Wedge } from './wedge.ts';

/** Feeds keys at a pace, then Enter; what came of Enter. */
function type(wedge: Wedge, text: string, everyMs: number, from = 0): ReturnType<Wedge['feed']> {
  let at = from;
  for (const key of text) wedge.feed(key, (at += everyMs));
  return wedge.feed('Enter', at + everyMs);
}

test('a code typed at a scanner’s pace is read whole, at a person’s pace never', () => {
  const code = fc.stringMatching(/^[!-~]{4,40}$/);
  fc.assert(
    fc.property(code, fc.integer({ min: 1, max: 50 }), (text, pace) => {
      expect(type(new Wedge(), text, pace)).toEqual({ kind: 'code', code: text });
    }),
  );
  fc.assert(
    fc.property(code, fc.integer({ min: 51, max: 400 }), (text, pace) => {
      expect(type(new Wedge(), text, pace)).toEqual({ kind: 'none' });
    }),
  );
});

test('what was typed before the scan does not stick to it, and quick shortcut keys are none', () => {
  const wedge = new Wedge();
  wedge.feed('x', 0);
  expect(type(wedge, 'NB-000042', 10, 500)).toEqual({ kind: 'code', code: 'NB-000042' });
  expect(wedge.feed('g', 2000)).toEqual({ kind: 'none' });
  expect(wedge.feed('a', 2010)).toEqual({ kind: 'none' });
  expect(wedge.feed('1', 2020)).toEqual({ kind: 'scanning' });
  expect(wedge.feed('ArrowDown', 2030)).toEqual({ kind: 'none' });
  expect(type(wedge, 'ab', 10, 3000)).toEqual({ kind: 'none' });
});

test('Shift between the keys belongs to the scan', () => {
  const wedge = new Wedge();
  let at = 0;
  for (const key of ['Shift', 'A', 'Shift', 'B', '1', 'Shift', 'C']) wedge.feed(key, (at += 5));
  expect(wedge.feed('Enter', at + 5)).toEqual({ kind: 'code', code: 'AB1C' });
});
