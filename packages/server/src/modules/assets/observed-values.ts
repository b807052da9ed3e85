import type { AssetValueField } from '@muster/api/assets';
import { type Authority, type Resolved, resolveField, type SourcedValue } from '@muster/core/authority';
import type { Tx } from '../../platform/db/types.ts';
import { loadAuthority } from './authority-rules.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import { type AssetColumn, fieldColumns, type FieldValue, valueFields } from './fields.ts';
import { type AssetRow, fieldValuesOf, type FieldValueRow, lockAssets, sourceTimesOf } from './store.ts';
import {
  deleteFieldValues,
  insertDiscovered,
  type NewEvent,
  recordEvents,
  touchAssets,
  updateValues,
  upsertFieldValues,
  type ValueWrite,
} from './store-ingest.ts';

export type ObservedValues = Partial<Record<AssetValueField, FieldValue | null>>;

export interface DiscoveredAsset {
  id: string;
  source: string;
  seenAt: Date;
  /** When the machine was there to be looked at; differs from `seenAt` for a stale upload. */
  takenAt?: Date;
  /** Must hold `class`. */
  values: ObservedValues & { class: string };
  /** Goes into the event that starts the timeline. */
  eventData?: Record<string, unknown>;
}

/** Creates assets in the state `discovered`, with their values, where these come from, and the event that starts each timeline. */
export async function createDiscovered(tx: Tx, assets: readonly DiscoveredAsset[]): Promise<void> {
  await insertDiscovered(
    tx,
    assets.map((a) => ({
      id: a.id,
      seenAt: a.takenAt ?? a.seenAt,
      values: columnsOf(a.values) as Partial<Record<AssetColumn, FieldValue>>,
    })),
  );
  await upsertFieldValues(
    tx,
    assets.flatMap((a) => valueWrites(a.id, a.source, a.seenAt, a.values)),
  );
  await recordEvents(
    tx,
    assets.map((a) => ({
      assetId: a.id,
      at: a.seenAt,
      kind: 'created',
      source: a.source,
      data: { state: 'discovered', class: a.values.class, name: a.values.name ?? null, ...a.eventData },
    })),
  );
}

export interface ObservedBatchItem {
  assetId: string;
  source: string;
  seenAt: Date;
  /** A field that is absent is unchanged; null means that the source no longer says anything. */
  values: ObservedValues;
}

/**
 * Takes over what sources say about existing assets, each asset at most once in a batch: keeps every source's value, caches the one
 * that authority chooses, and writes an event with old and new for each change. Values that stay the same write nothing.
 */
export async function applyObservedValues(tx: Tx, batch: readonly ObservedBatchItem[]): Promise<void> {
  if (batch.length === 0) return;
  const ids = batch.map((b) => b.assetId);
  const assets = new Map((await lockAssets(tx, ids)).map((a) => [a.id, a]));
  const stored = Map.groupBy(await fieldValuesOf(tx, ids), (v) => v.asset_id);
  const times = new Map((await sourceTimesOf(tx, ids)).map((t) => [`${t.asset_id} ${t.source}`, t.last_received_at.getTime()]));

  const authority = await loadAuthority(tx);
  const writes: ValueWrite[] = [];
  const drops: { assetId: string; field: string; source: string }[] = [];
  const events: NewEvent[] = [];
  const updates: { id: string; at: Date; values: Record<AssetColumn, FieldValue | null> }[] = [];
  for (const item of batch) {
    const asset = assets.get(item.assetId);
    if (!asset) continue;
    const there = stored.get(item.assetId) ?? [];
    collectWrites(item, there, writes, drops);
    const values = merged(there, item);
    const seen = (source: string): number | undefined =>
      source === item.source ? item.seenAt.getTime() : times.get(`${item.assetId} ${source}`);
    const next = winners(asset, values, seen, item.seenAt.getTime(), authority);
    const changes = changesOf(asset, next);
    if (changes.length === 0) continue;
    updates.push({ id: item.assetId, at: item.seenAt, values: next });
    for (const c of changes)
      events.push({ assetId: item.assetId, at: item.seenAt, kind: 'field_changed', source: item.source, data: { ...c } });
  }
  await upsertFieldValues(tx, writes);
  await deleteFieldValues(tx, drops);
  await updateValues(tx, updates);
  await recordEvents(tx, events);
  await noteLicenceFacts(
    tx,
    events.map((e) => ({ assetId: e.assetId, field: String(e.data?.['field']) })),
  );
}

/** Notes when assets were last reported; the only write of a report that says nothing new. */
export async function touchSeen(tx: Tx, rows: readonly { id: string; seenAt: Date }[]): Promise<void> {
  await touchAssets(
    tx,
    [...rows].sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
}

function columnsOf(values: ObservedValues): Partial<Record<AssetColumn, FieldValue | null>> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, v]) => v !== undefined && v !== null)
      .map(([f, v]) => [fieldColumns[f as AssetValueField], v]),
  );
}

function valueWrites(assetId: string, source: string, observedAt: Date, values: ObservedValues): ValueWrite[] {
  return Object.entries(values).flatMap(([field, value]) =>
    value === null || value === undefined ? [] : [{ assetId, field, source, value, observedAt }],
  );
}

function collectWrites(
  item: ObservedBatchItem,
  there: readonly FieldValueRow[],
  writes: ValueWrite[],
  drops: { assetId: string; field: string; source: string }[],
): void {
  const mine = new Map(there.filter((v) => v.source === item.source).map((v) => [v.field, v.value]));
  for (const [field, value] of Object.entries(item.values)) {
    if (value === undefined) continue;
    if (value === null) {
      if (mine.has(field)) drops.push({ assetId: item.assetId, field, source: item.source });
    } else if (mine.get(field) !== value)
      writes.push({ assetId: item.assetId, field, source: item.source, value, observedAt: item.seenAt });
  }
}

/** What is stored, with this report's values in place of the source's older ones. */
function merged(there: readonly FieldValueRow[], item: ObservedBatchItem): FieldValueRow[] {
  const told = item.values as Record<string, FieldValue | null | undefined>;
  const kept = there.filter((v) => v.source !== item.source || told[v.field] === undefined);
  const fresh = Object.entries(told).flatMap(([field, value]): FieldValueRow[] =>
    value === null || value === undefined
      ? []
      : [{ asset_id: item.assetId, field, source: item.source, value, observed_at: item.seenAt, actor: null }],
  );
  return [...kept, ...fresh];
}

/** What authority makes of each field that anyone gives a value. `seen` tells when a source last reported. */
export function resolveAll(
  asset: AssetRow,
  values: readonly FieldValueRow[],
  seen: (source: string) => number | undefined,
  nowMs: number,
  authority: Authority,
): Map<AssetValueField, Resolved> {
  const resolved = new Map<AssetValueField, Resolved>();
  for (const [field, rows] of Map.groupBy(values, (v) => v.field as AssetValueField)) {
    const sourced = rows.map((v): SourcedValue => {
      const at = v.observed_at.getTime();
      return { source: v.source, value: v.value, observedAtMs: at, seenAtMs: v.source === 'manual' ? at : (seen(v.source) ?? at) };
    });
    const [only] = sourced;
    resolved.set(
      field,
      only && sourced.length === 1
        ? { winner: only, reason: null, losing: [] }
        : resolveField(asset.class_key, field, sourced, nowMs, authority),
    );
  }
  return resolved;
}

/** The winning value of every column; a field that nobody gives keeps its value only when it was never sourced (the class). */
export function columnsFrom(asset: AssetRow, resolved: ReadonlyMap<AssetValueField, Resolved>): Record<AssetColumn, FieldValue | null> {
  const next = {} as Record<AssetColumn, FieldValue | null>;
  for (const field of valueFields) {
    const winner = resolved.get(field)?.winner;
    next[fieldColumns[field]] = winner ? winner.value : field === 'class' ? asset.class_key : null;
  }
  return next;
}

/** The winning value of every column. */
export function winners(...input: Parameters<typeof resolveAll>): Record<AssetColumn, FieldValue | null> {
  return columnsFrom(input[0], resolveAll(...input));
}

/** Field by field what differs between the row and its next values. */
export function changesOf(
  asset: AssetRow,
  next: Record<AssetColumn, FieldValue | null>,
): { field: AssetValueField; from: FieldValue | null; to: FieldValue | null }[] {
  return valueFields.flatMap((field) => {
    const column = fieldColumns[field];
    return asset[column] === next[column] ? [] : [{ field, from: asset[column], to: next[column] }];
  });
}
