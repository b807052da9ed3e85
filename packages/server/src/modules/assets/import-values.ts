import type { AssetValueField } from '@muster/api/assets';
import type { Tx } from '../../platform/db/types.ts';
import type { ImportChange, ImportContext, ImportValue } from '../../platform/importing/importable.ts';
import type { CustomUndo } from '../fields/index.ts';
import { loadAuthority } from './authority-rules.ts';
import { fieldColumns, type FieldValue } from './fields.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import { changesOf, winners } from './observed-values.ts';
import { tellSetByHand } from './set-by-hand-listeners.ts';
import { assetRows, fieldValuesOf, sourceTimesOf } from './store.ts';
import { putManualValues, setStates, type StoredManual } from './store-import.ts';
import { deleteFieldValues, type NewEvent, recordEvents, updateValues } from './store-ingest.ts';

/** A value as the record stores it. */
export const stored = (value: ImportValue): FieldValue | null =>
  value === null || typeof value === 'boolean' ? null : typeof value === 'object' ? value.id : value;

/** What an import wrote over: per changed field the manual value that was there. */
export interface AssetBefore {
  manual: Record<string, { v: FieldValue | null; o: string; w: string | null }>;
  /** Custom values before and after; imports from before custom fields could be imported have none. */
  custom?: CustomUndo;
}

export interface ManualWrites {
  put: readonly StoredManual[];
  drop: readonly { a: string; f: string }[];
  undo: boolean;
  /** For a class that nobody gives any more: what it was. */
  classOf?: ReadonlyMap<string, FieldValue | null>;
}

/** Puts and drops manual values of assets that are locked, chooses every value anew by authority, and writes what changed with an event each. */
export async function applyManual(tx: Tx, context: ImportContext, writes: ManualWrites): Promise<void> {
  const ids = [...new Set([...writes.put, ...writes.drop].map((w) => w.a))].sort();
  if (ids.length === 0) return;
  await putManualValues(tx, writes.put);
  await deleteFieldValues(
    tx,
    writes.drop.map((d) => ({ assetId: d.a, field: d.f, source: 'manual' })),
  );
  const values = Map.groupBy(await fieldValuesOf(tx, ids), (v) => v.asset_id);
  const times = new Map((await sourceTimesOf(tx, ids)).map((t) => [`${t.asset_id} ${t.source}`, t.last_received_at.getTime()]));
  const authority = await loadAuthority(tx);
  const events: NewEvent[] = [];
  const updates: Parameters<typeof updateValues>[1][number][] = [];
  for (const asset of await assetRows(tx, ids)) {
    const own = values.get(asset.id) ?? [];
    const next = winners(asset, own, (source) => times.get(`${asset.id} ${source}`), context.now.getTime(), authority);
    const was = writes.classOf?.get(asset.id);
    if (was && !own.some((v) => v.field === 'class')) next[fieldColumns.class] = was;
    const changes = changesOf(asset, next);
    if (changes.length === 0) continue;
    updates.push({ id: asset.id, at: context.now, values: next });
    for (const c of changes) events.push(eventOf(context, asset.id, c, writes.undo));
  }
  await updateValues(tx, updates);
  await recordEvents(tx, events);
  await noteLicenceFacts(
    tx,
    events.map((e) => ({ assetId: e.assetId, field: String(e.data['field']) })),
  );
  for (const w of [...writes.put, ...writes.drop.map((d) => ({ ...d, v: null }))])
    if (w.f === 'person' || w.f === 'place')
      await tellSetByHand(tx, context.actor, w.a, { [w.f]: w.v === null ? null : String(w.v) }, context.now);
}

const eventOf = (
  context: ImportContext,
  assetId: string,
  change: { field: AssetValueField; from: FieldValue | null; to: FieldValue | null },
  undo: boolean,
): NewEvent => ({
  assetId,
  at: context.now,
  kind: 'field_changed',
  source: 'import',
  actor: context.actor.label,
  data: { ...change, import: context.importId, ...(undo ? { undo: true } : {}) },
});

/** Moves that were judged before; an undo goes back the way it came, whatever the machine allows. */
export async function moveStates(
  tx: Tx,
  context: ImportContext,
  rows: readonly { id: string; changes: readonly ImportChange[] }[],
  undo: boolean,
): Promise<void> {
  const moves = rows.flatMap((r) =>
    r.changes.flatMap((c) =>
      c.field === 'state' ? [{ id: r.id, from: (undo ? c.to : c.from) as string, to: (undo ? c.from : c.to) as string }] : [],
    ),
  );
  if (moves.length === 0) return;
  await setStates(tx, moves, context.now);
  await recordEvents(
    tx,
    moves.map(({ id, from, to }) => ({
      assetId: id,
      at: context.now,
      kind: 'transitioned',
      source: 'import',
      actor: context.actor.label,
      data: { from, to, import: context.importId, ...(undo ? { undo: true } : {}) },
    })),
  );
}
