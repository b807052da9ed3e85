import { lifecycleStates } from '@muster/api/assets';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeTransition, transitions, transitionsFrom } from './index.ts';

test('every state is reachable and only disposed is final', () => {
  const reached = new Set(['discovered', 'requested']);
  for (let i = 0; i < lifecycleStates.length; i++) for (const t of transitions) if (reached.has(t.from)) reached.add(t.to);
  expect([...reached].sort()).toEqual([...lifecycleStates].sort());
  expect(lifecycleStates.filter((s) => transitionsFrom(s).length === 0)).toEqual(['disposed']);
});

test('nothing comes back from disposed, and only what was retired is disposed, by any sequence of moves', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lifecycleStates), { maxLength: 30 }), fc.boolean(), (moves, hasPerson) => {
      let state: (typeof lifecycleStates)[number] = 'discovered';
      for (const to of moves) {
        const answer = judgeTransition({ state, hasPerson }, to);
        if (!answer.ok) continue;
        expect(state).not.toBe('disposed');
        if (to === 'disposed') expect(state).toBe('retired');
        if (to === 'assigned') expect(hasPerson).toBe(true);
        state = to;
      }
    }),
  );
});

test('a refusal says why and what is possible', () => {
  expect(judgeTransition({ state: 'disposed', hasPerson: false }, 'in_use')).toMatchObject({ ok: false, code: 'final', possible: [] });
  expect(judgeTransition({ state: 'in_stock', hasPerson: false }, 'assigned')).toMatchObject({ ok: false, code: 'needs_person' });
  expect(judgeTransition({ state: 'in_use', hasPerson: true }, 'in_use')).toMatchObject({ ok: false, code: 'same_state' });
  const refused = judgeTransition({ state: 'requested', hasPerson: true }, 'disposed');
  expect(refused).toMatchObject({ ok: false, code: 'not_possible' });
  if (!refused.ok)
    expect(refused.reason).toBe('An asset that is requested cannot become disposed. It can become on order, in stock, retired.');
});
