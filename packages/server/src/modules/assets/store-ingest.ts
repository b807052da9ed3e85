import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import type { AssetColumn, FieldValue } from './fields.ts';
import { fieldColumns } from './fields.ts';

// Set-based writes for ingest: one statement per table whatever the size of the batch.

export interface NewAssetRow {
  id: string;
  seenAt: Date;
  values: Partial<Record<AssetColumn, FieldValue>>;
}

export const assetColumnTypes: Record<AssetColumn, string> = {
  tag: 'text',
  name: 'text',
  class_key: 'text',
  manufacturer: 'text',
  model: 'text',
  serial: 'text',
  os_name: 'text',
  os_version: 'text',
  os_family: 'text',
  cpu: 'text',
  cores: 'int',
  memory_mb: 'int',
  last_user: 'text',
  person_id: 'uuid',
  place_id: 'uuid',
  org_unit_id: 'uuid',
  warranty_starts_on: 'date',
  warranty_ends_on: 'date',
  domain: 'text',
  notes: 'text',
};
const allColumns = Object.values(fieldColumns);
const columnList = sql.raw(allColumns.join(', '));
const recordDefinition = sql.raw(allColumns.map((c) => `${c} ${assetColumnTypes[c]}`).join(', '));

export async function insertDiscovered(tx: Tx, rows: readonly NewAssetRow[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({ id: r.id, seen: r.seenAt.toISOString(), ...r.values }));
  await sql`insert into assets (id, state, first_seen_at, last_seen_at, created_at, updated_at, ${columnList})
    select id, 'discovered', seen, seen, seen, seen, ${columnList} from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (id uuid, seen timestamptz, ${recordDefinition})`.execute(
    tx,
  );
}

/** Sets every value column of the given assets; callers give whole rows, changed or not. */
export async function updateValues(
  tx: Tx,
  rows: readonly { id: string; at: Date; values: Record<AssetColumn, FieldValue | null> }[],
): Promise<void> {
  if (rows.length === 0) return;
  const sets = sql.raw(allColumns.map((c) => `${c} = r.${c}`).join(', '));
  const data = rows.map((r) => ({ id: r.id, at: r.at.toISOString(), ...r.values }));
  await sql`update assets a set ${sets}, updated_at = r.at, version = a.version + 1
    from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (id uuid, at timestamptz, ${recordDefinition}) where a.id = r.id`.execute(
    tx,
  );
}

/** Notes that a source reported these assets. A report that is older than the last one changes nothing. */
export async function touchAssets(tx: Tx, rows: readonly { id: string; seenAt: Date }[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`update assets a set last_seen_at = r.seen, first_seen_at = coalesce(a.first_seen_at, r.seen)
    from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.seenAt)}::timestamptz[]) as r (id, seen)
    where a.id = r.id and (a.last_seen_at is null or a.last_seen_at < r.seen)`.execute(tx);
}

export interface ValueWrite {
  assetId: string;
  field: string;
  source: string;
  value: FieldValue;
  observedAt: Date;
}

export async function upsertFieldValues(tx: Tx, rows: readonly ValueWrite[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({ a: r.assetId, f: r.field, s: r.source, v: r.value, o: r.observedAt.toISOString() }));
  await sql`insert into asset_field_values (asset_id, field, source, value, observed_at)
    select a, f, s, v, o from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, f text, s text, v jsonb, o timestamptz)
    on conflict (asset_id, field, source) do update set value = excluded.value, observed_at = excluded.observed_at, actor = null`.execute(
    tx,
  );
}

export async function deleteFieldValues(tx: Tx, rows: readonly { assetId: string; field: string; source: string }[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`delete from asset_field_values v using unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.field)}::text[], ${rows.map((r) => r.source)}::text[]) as r (a, f, s)
    where v.asset_id = r.a and v.field = r.f and v.source = r.s`.execute(tx);
}

export interface NewEvent {
  assetId: string;
  at: Date;
  /** Stable, see `assetEventSchema`. */
  kind: string;
  /** `manual` or the source's key. */
  source: string;
  actor?: string | null;
  data: Record<string, unknown>;
}

/** Adds events to the assets' timelines: one statement for the whole batch. */
export async function recordEvents(tx: Tx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const data = events.map((e) => ({
    a: e.assetId,
    i: newId(),
    t: e.at.toISOString(),
    k: e.kind,
    s: e.source,
    w: e.actor ?? null,
    d: e.data,
  }));
  await sql`insert into asset_events (asset_id, id, at, kind, source, actor, data)
    select a, i, t, k, s, w, d from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, i uuid, t timestamptz, k text, s text, w text, d jsonb)`.execute(
    tx,
  );
}

/** Locks the rows of a batch in the order of their ids, before anything of them is written, so that two batches never wait for each other. */
export async function lockAssetRows(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`select id from assets where id = any(${ids}::uuid[]) order by id for no key update`.execute(tx);
}
