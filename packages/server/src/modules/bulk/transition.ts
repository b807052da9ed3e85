import { bulkTransitionSchema } from '@muster/api/bulk-changes';
import type { z } from 'zod';
import { askedBy, type BlockedAssets, judgeTransitions, moveMany, type MoveUndo, undoMoves } from '../assets/index.ts';
import type { BulkOperation, Verdict } from './operations.ts';

const blockedOf = (blocked: readonly BlockedAssets[]): Verdict[] =>
  blocked.flatMap(({ ids, code, reason }) => ids.map((id): Verdict => ({ id, verdict: 'blocked', code, reason })));

/** Moves many assets by one transition, or to one state. */
export const transitionOperation: BulkOperation<z.infer<typeof bulkTransitionSchema>> = {
  key: 'transition',
  label: 'Change state',
  parameters: bulkTransitionSchema,
  // An input that names nothing is refused by the judge, also when nothing is selected.
  check: async (db, actor, asked) => void (await judgeTransitions(db, actor, [], askedBy(asked))),
  judge: async (db, actor, ids, asked) => {
    const { willChange, blocked } = await judgeTransitions(db, actor, ids, askedBy(asked));
    return [
      ...willChange.map(({ id, from, to }): Verdict => ({
        id,
        verdict: 'change',
        changes: [
          { field: 'state', from: from.state, to: to.state },
          ...(from.substate === to.substate ? [] : [{ field: 'substate', from: from.substate, to: to.substate }]),
        ],
      })),
      ...blockedOf(blocked),
    ];
  },
  apply: async (tx, actor, ids, asked, now) => {
    const { moved, blocked } = await moveMany(tx, actor, ids, askedBy(asked), now);
    return [...moved.map(({ id, undo }): Verdict => ({ id, verdict: 'change', undo })), ...blockedOf(blocked)];
  },
  undo: async (tx, actor, items, now) =>
    (
      await undoMoves(
        tx,
        actor,
        items.map((i) => ({ id: i.id, undo: i.undo as MoveUndo })),
        now,
      )
    ).map(({ id, code, reason }) => (code === null ? { id, verdict: 'change' } : { id, verdict: 'blocked', code, reason: reason ?? code })),
};
