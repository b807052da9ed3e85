import type { AssetValueField } from '@muster/api/assets';
import { Problem } from '@muster/api/errors';
import type { Standing } from '@muster/core/lifecycle';
import { textOf } from '@muster/core/lifecycle';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { type AskedMove, type BlockedAssets, transitionMany, undoTransitions } from './lifecycle-move.ts';
import { changedSince, manualOf, type ManualUndo, restoreFields } from './set-fields.ts';
import { fieldValuesOf, lockAssets } from './store.ts';

/** What is kept of a move so that it can be taken back: where from and to, and the values that its actions set. */
export interface MoveUndo {
  readonly from: Standing;
  readonly to: Standing;
  readonly fields: ManualUndo;
}

/** What actions of a transition may set. */
const acted: readonly AssetValueField[] = ['person', 'place', 'warrantyStartsOn', 'warrantyEndsOn'];

/** As `transitionMany`, with what undo needs of each asset that moved. */
export async function moveMany(
  tx: Tx,
  actor: Actor,
  ids: readonly string[],
  asked: AskedMove,
  now: Date,
): Promise<{ moved: { id: string; undo: MoveUndo }[]; blocked: BlockedAssets[] }> {
  await lockAssets(tx, ids);
  const before = await snapshot(tx, ids);
  const { willChange, blocked } = await transitionMany(tx, actor, ids, asked, now);
  const after = await snapshot(
    tx,
    willChange.map((m) => m.id),
  );
  return {
    blocked,
    moved: willChange.map(({ id, from, to }) => {
      const fields: ManualUndo = {};
      for (const field of acted) {
        const [was, is] = [manualOf(before.get(id) ?? [], field), manualOf(after.get(id) ?? [], field)];
        if (JSON.stringify(was) !== JSON.stringify(is)) fields[field] = { before: was, after: is };
      }
      return { id, undo: { from, to, fields } };
    }),
  };
}

async function snapshot(db: Db, ids: readonly string[]) {
  return Map.groupBy(await fieldValuesOf(db, ids), (v) => v.asset_id);
}

/**
 * Takes moves back, with the values that their actions set. An asset is left alone when it moved on, when one of these values was changed
 * since, or when it was disposed of. Written as events of their own; see docs/adr/2026-11-24-bulk-changes.md.
 * @throws Problem conflict when the state of one cannot go back after all: nothing may be kept then
 */
export async function undoMoves(
  tx: Tx,
  actor: Actor,
  items: readonly { id: string; undo: MoveUndo }[],
  now: Date,
): Promise<{ id: string; code: string | null; reason: string | null }[]> {
  const ids = items.map((i) => i.id);
  const rows = new Map((await lockAssets(tx, ids)).map((r) => [r.id, r]));
  const current = await snapshot(tx, ids);
  const refused = new Map<string, { code: string; reason: string }>();
  for (const { id, undo } of items) {
    const row = rows.get(id);
    const touched = changedSince(undo.fields, current.get(id) ?? []);
    if (!row || row.redirected_to !== null) refused.set(id, { code: 'not_found', reason: 'There is no asset with this id.' });
    else if (row.state === 'disposed') refused.set(id, { code: 'final', reason: 'It was disposed of.' });
    else if (textOf({ state: row.state, substate: row.substate }) !== textOf(undo.to))
      refused.set(id, { code: 'moved_on', reason: 'It moved on since.' });
    else if (touched.length > 0) refused.set(id, { code: 'changed_since', reason: `Changed since: ${touched.join(', ')}.` });
  }
  const free = items.filter((i) => !refused.has(i.id));
  await putBack(tx, actor, free, now);
  const { blocked } = await undoTransitions(
    tx,
    actor,
    free.map(({ id, undo }) => ({ id, from: undo.from, to: undo.to })),
    now,
  );
  // The state refuses although the values are back: the transaction must not stand. The caller tries such a batch asset by asset.
  const [first] = blocked;
  if (first) throw new Problem('conflict', first.reason);
  return ids.map((id) => ({ id, code: refused.get(id)?.code ?? null, reason: refused.get(id)?.reason ?? null }));
}

async function putBack(tx: Tx, actor: Actor, items: readonly { id: string; undo: MoveUndo }[], now: Date): Promise<void> {
  const withFields = items.filter((i) => Object.keys(i.undo.fields).length > 0);
  await restoreFields(
    tx,
    actor,
    withFields.map(({ id, undo }) => ({ id, undo: undo.fields })),
    now,
    { leavingState: true },
  );
}
