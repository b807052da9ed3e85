import type { Tx } from '../../platform/db/types.ts';
import type { ImportChange, ImportContext, RowError } from '../../platform/importing/importable.ts';
import { dropCustomClaims } from '../fields/index.ts';
import { judgeRestore, writeCustomMany } from './custom-many.ts';
import { fieldLabels, type FieldValue } from './fields.ts';
import { importWriter, isCustom } from './import-custom.ts';
import { applyManual, type AssetBefore, moveStates, stored } from './import-values.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import { tellSetByHand } from './set-by-hand-listeners.ts';
import { deleteAssets, manualValues, namedAssets, type StoredManual, untouchedSince } from './store-import.ts';

/** Removes assets that an import made and nothing has touched since: then nothing is known of them but what the import said. */
export async function undoAssetCreate(tx: Tx, context: ImportContext, ids: readonly string[]): Promise<Map<string, string>> {
  const free = await untouchedSince(tx, ids, context.importId);
  const there = new Set((await namedAssets(tx, ids, false)).map((a) => a.id));
  const kept = new Map<string, string>();
  for (const id of ids) {
    if (free.has(id)) continue;
    kept.set(
      id,
      there.has(id)
        ? 'It was changed or reported since the import, so it stays. Retire it if it is not wanted.'
        : 'It was merged or removed since the import.',
    );
  }
  await noteLicenceFacts(
    tx,
    [...free].map((assetId) => ({ assetId, field: 'state' })),
  );
  // Custody and placement end first: their periods stay, as everything append-only does, under an id that leads nowhere.
  for (const id of free) await tellSetByHand(tx, context.actor, id, { person: null }, context.now);
  await dropCustomClaims(tx, [...free]);
  await deleteAssets(tx, [...free]);
  return kept;
}

/** Puts back the manual values that were there. A field that somebody set by hand since then stays. */
export async function undoAssetUpdate(
  tx: Tx,
  context: ImportContext,
  rows: readonly { id: string; changes: readonly ImportChange[]; before: unknown; appliedAt: Date }[],
): Promise<Map<string, RowError[]>> {
  const ids = rows.map((r) => r.id);
  const assets = new Map((await namedAssets(tx, ids, true)).map((a) => [a.id, a]));
  const manual = new Map((await manualValues(tx, ids)).map((m) => [`${m.a} ${m.f}`, m]));
  const kept = new Map<string, RowError[]>();
  const put: StoredManual[] = [];
  const drop: { a: string; f: string }[] = [];
  const classOf = new Map<string, FieldValue | null>();
  const moves: { id: string; changes: ImportChange[] }[] = [];
  for (const row of rows) {
    const asset = assets.get(row.id);
    const errors: RowError[] = [];
    if (!asset) errors.push({ field: 'id', code: 'gone', message: 'The asset was merged or removed since the import.' });
    for (const change of asset ? row.changes : []) {
      const { field } = change;
      if (isCustom(field)) continue;
      if (field === 'state') {
        if (asset?.state === change.to) moves.push({ id: row.id, changes: [change] });
        else errors.push(changedSince('state', 'State'));
        continue;
      }
      const now = manual.get(`${row.id} ${field}`);
      if (!isOurs(now, stored(change.to), row.appliedAt)) {
        errors.push(changedSince(field, fieldLabels[field as keyof typeof fieldLabels] ?? field));
        continue;
      }
      const was = (row.before as AssetBefore).manual[field];
      if (was) put.push({ a: row.id, f: field, ...was });
      else drop.push({ a: row.id, f: field });
      if (field === 'class') classOf.set(row.id, stored(change.from));
    }
    if (errors.length > 0) kept.set(row.id, errors);
  }
  await applyManual(tx, context, { put, drop, undo: true, classOf });
  await restoreCustom(
    tx,
    context,
    rows.filter((row) => assets.has(row.id)),
    kept,
  );
  await moveStates(tx, context, moves, true);
  return kept;
}

/** Custom values go back as far as nobody changed them since; what stays is told in `kept`. */
async function restoreCustom(
  tx: Tx,
  context: ImportContext,
  rows: readonly { id: string; before: unknown }[],
  kept: Map<string, RowError[]>,
): Promise<void> {
  const judged = await judgeRestore(
    tx,
    rows.map(({ id, before }) => ({ id, undo: (before as AssetBefore).custom ?? {} })),
  );
  await writeCustomMany(tx, importWriter(context, true), judged);
  for (const one of judged)
    if (one.kept.length > 0)
      kept.set(one.id, [...(kept.get(one.id) ?? []), ...one.kept.map(({ field, code, message }) => ({ field, code, message }))]);
}

/** The manual value that is there now is the one the import put there. */
const isOurs = (now: StoredManual | undefined, wrote: FieldValue | null, at: Date): boolean =>
  wrote === null ? now === undefined : now !== undefined && now.v === wrote && new Date(now.o).getTime() === at.getTime();

const changedSince = (field: string, label: string): RowError => ({
  field,
  code: 'changed_since',
  message: `${label} was changed since the import and stays as it is now.`,
});
