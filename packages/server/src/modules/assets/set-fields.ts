import type { AssetValueField, UpdateAssetBody } from '@muster/api/assets';
import { Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { loadAuthority } from './authority-rules.ts';
import { catchTakenTag, referenceErrors } from './edit.ts';
import { type FieldValue } from './fields.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import { changesOf, winners } from './observed-values.ts';
import { tellSetByHand } from './set-by-hand-listeners.ts';
import { type AssetRow, assetRows, fieldValuesOf, type FieldValueRow, lockAssets, sourceTimesOf } from './store.ts';
import { putManualValues } from './store-bulk.ts';
import { deleteFieldValues, recordEvents, updateValues } from './store-ingest.ts';

/** A manual value as it is stored; null: there is none. */
export type Manual = { value: FieldValue; at: string; actor: string | null } | null;
/** Per field the manual value before and after a change: enough to take it back exactly. */
export type ManualUndo = Partial<Record<AssetValueField, { before: Manual; after: Manual }>>;

export interface FieldVerdict {
  readonly id: string;
  readonly verdict: 'change' | 'unchanged' | 'blocked';
  readonly code?: string;
  readonly reason?: string;
  readonly changes: { field: AssetValueField; from: FieldValue | null; to: FieldValue | null }[];
  readonly undo: ManualUndo;
}

/** The manual values that one asset is to have; null: none. */
type Wanted = ReadonlyMap<AssetValueField, Manual>;

interface Planned extends FieldVerdict {
  readonly asset: AssetRow | null;
  readonly next: ReturnType<typeof winners> | null;
  readonly writes: Wanted;
}

/** @throws Problem validation_failed when a value names a class, person, place or org unit that is not there; fields get `prefix`. */
export async function checkFieldValues(db: Db, values: UpdateAssetBody, prefix: string): Promise<void> {
  const errors = (await referenceErrors(db, values, null)).map((e) => ({ ...e, field: `${prefix}${e.field}` }));
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

/** What `setFields` would do now; nothing is locked or written. */
export async function judgeFields(
  db: Db,
  actor: Actor,
  ids: readonly string[],
  values: UpdateAssetBody,
  now: Date,
): Promise<FieldVerdict[]> {
  return plan(db, ids, await assetRows(db, ids), () => wantedOf(values, actor, now), now);
}

/**
 * Sets or releases (null) the same manual values on many assets, in a fixed number of statements: values, the record, events and licence
 * facts. It locks the rows. The caller writes the audit row, and has checked scope and references.
 */
export async function setFields(tx: Tx, actor: Actor, ids: readonly string[], values: UpdateAssetBody, now: Date): Promise<FieldVerdict[]> {
  const planned = await plan(tx, ids, await lockAssets(tx, ids), () => wantedOf(values, actor, now), now);
  await write(tx, actor, planned, now, null);
  return planned;
}

/**
 * Puts the manual values of many assets back as they were, with their times and actors, and chooses the record's values anew. An asset is
 * left alone when one of the fields was set or released since (`changed_since`).
 */
export async function restoreFields(
  tx: Tx,
  actor: Actor,
  items: readonly { id: string; undo: ManualUndo }[],
  now: Date,
  /** The assets leave the state they are in within the same transaction: that it needs a person is no matter. */
  { leavingState = false }: { leavingState?: boolean } = {},
): Promise<FieldVerdict[]> {
  const ids = items.map((i) => i.id);
  const undo = new Map(items.map((i) => [i.id, i.undo]));
  const rows = await lockAssets(tx, ids);
  const stored = Map.groupBy(await fieldValuesOf(tx, ids), (v) => v.asset_id);
  const touched = ids.filter((id) => changedSince(undo.get(id) ?? {}, stored.get(id) ?? []).length > 0);
  const free = ids.filter((id) => !touched.includes(id));
  const wanted = (id: string): Wanted =>
    new Map(Object.entries(undo.get(id) ?? {}).map(([field, { before }]) => [field as AssetValueField, before]));
  const planned = await plan(tx, free, rows, wanted, now, leavingState);
  await write(tx, actor, planned, now, 'Undone.');
  return [...planned, ...touched.map((id) => sinceVerdict(id, changedSince(undo.get(id) ?? {}, stored.get(id) ?? [])))];
}

const sinceVerdict = (id: string, fields: readonly string[]): FieldVerdict => ({
  id,
  verdict: 'blocked',
  code: 'changed_since',
  reason: `Changed since: ${fields.join(', ')}.`,
  changes: [],
  undo: {},
});

/** The fields whose manual value is no longer as the change left it. */
export function changedSince(undo: ManualUndo, stored: readonly FieldValueRow[]): AssetValueField[] {
  return (Object.entries(undo) as [AssetValueField, { after: Manual }][])
    .filter(([field, { after }]) => !same(manualOf(stored, field), after))
    .map(([field]) => field);
}

/** The manual value of a field. */
export function manualOf(stored: readonly FieldValueRow[], field: string): Manual {
  const row = stored.find((v) => v.field === field && v.source === 'manual');
  return row && row.value !== null ? { value: row.value, at: row.observed_at.toISOString(), actor: row.actor } : null;
}

const same = (a: Manual, b: Manual): boolean => a?.value === b?.value && a?.at === b?.at;

function wantedOf(values: UpdateAssetBody, actor: Actor, now: Date): Wanted {
  return new Map(
    (Object.entries(values) as [AssetValueField, FieldValue | null | undefined][])
      .filter((e): e is [AssetValueField, FieldValue | null] => e[1] !== undefined)
      .map(([field, value]) => [field, value === null ? null : { value, at: now.toISOString(), actor: actor.label }]),
  );
}

async function plan(
  db: Db,
  ids: readonly string[],
  rows: readonly AssetRow[],
  wantedFor: (id: string) => Wanted,
  now: Date,
  leavingState = false,
): Promise<Planned[]> {
  const assets = new Map(rows.map((r) => [r.id, r]));
  const stored = Map.groupBy(await fieldValuesOf(db, ids), (v) => v.asset_id);
  const times = new Map((await sourceTimesOf(db, ids)).map((t) => [`${t.asset_id} ${t.source}`, t.last_received_at.getTime()]));
  const authority = await loadAuthority(db);
  return ids.map((id): Planned => {
    const asset = assets.get(id) ?? null;
    const there = stored.get(id) ?? [];
    const block = (code: string, reason: string): Planned => ({
      id,
      verdict: 'blocked',
      code,
      reason,
      changes: [],
      undo: {},
      asset,
      next: null,
      writes: new Map(),
    });
    if (!asset) return block('not_found', 'There is no asset with this id.');
    if (asset.redirected_to !== null) return block('merged', 'This asset was merged into another.');
    const writes = new Map([...wantedFor(id)].filter(([field, manual]) => manualOf(there, field)?.value !== manual?.value));
    if (writes.size === 0) return { id, verdict: 'unchanged', changes: [], undo: {}, asset, next: null, writes };
    const next = winners(asset, merged(id, there, writes), (source) => times.get(`${id} ${source}`), now.getTime(), authority);
    const changes = changesOf(asset, next);
    if (!leavingState && asset.state === 'assigned' && changes.some((c) => c.field === 'person' && c.to === null))
      return block('needs_person', 'An assigned asset has a person: move it to another state first.');
    const undo: ManualUndo = Object.fromEntries([...writes].map(([field, after]) => [field, { before: manualOf(there, field), after }]));
    return { id, verdict: 'change', changes, undo, asset, next, writes };
  });
}

function merged(id: string, there: readonly FieldValueRow[], writes: Wanted): FieldValueRow[] {
  const kept = there.filter((v) => v.source !== 'manual' || !writes.has(v.field as AssetValueField));
  return [
    ...kept,
    ...[...writes].flatMap(([field, m]): FieldValueRow[] =>
      m === null ? [] : [{ asset_id: id, field, source: 'manual', value: m.value, observed_at: new Date(m.at), actor: m.actor }],
    ),
  ];
}

async function write(tx: Tx, actor: Actor, planned: readonly Planned[], now: Date, why: string | null): Promise<void> {
  const changing = planned.filter((p) => p.verdict === 'change');
  const all = changing.flatMap((p) => [...p.writes].map(([field, manual]) => ({ assetId: p.id, field, manual })));
  await putManualValues(
    tx,
    all.flatMap(({ assetId, field, manual }) => (manual === null ? [] : [{ assetId, field, ...manual }])),
  );
  await deleteFieldValues(
    tx,
    all.filter((w) => w.manual === null).map(({ assetId, field }) => ({ assetId, field, source: 'manual' })),
  );
  await catchTakenTag(() =>
    updateValues(
      tx,
      changing.flatMap((p) => (p.next ? [{ id: p.id, at: now, values: p.next }] : [])),
    ),
  );
  const changes = changing.flatMap((p) => p.changes.map((c) => ({ assetId: p.id, ...c })));
  await recordEvents(
    tx,
    changes.map(({ assetId, ...c }) => ({
      assetId,
      at: now,
      kind: 'field_changed',
      source: 'manual',
      actor: actor.label,
      data: { ...c, ...(why === null ? {} : { reason: why }) },
    })),
  );
  await noteLicenceFacts(tx, changes);
  await tell(tx, actor, changing, now);
}

/** Fields of which other modules keep a history of their own. */
const told: readonly AssetValueField[] = ['person', 'place'];

async function tell(tx: Tx, actor: Actor, changing: readonly Planned[], now: Date): Promise<void> {
  for (const { id, writes } of changing) {
    const given = [...writes].filter(([field]) => told.includes(field)).map(([field, manual]) => [field, manual?.value ?? null]);
    if (given.length > 0) await tellSetByHand(tx, actor, id, Object.fromEntries(given) as UpdateAssetBody, now);
  }
}
