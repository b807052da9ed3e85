import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { type AssetColumn, fieldColumns, type FieldValue } from './fields.ts';

export interface DumpedValue {
  field: string;
  source: string;
  value: FieldValue | null;
  observed_at: string;
  actor: string | null;
}

/** Field values with their times in full: a JavaScript date would lose the microseconds. */
export async function dumpValues(db: Db, id: string): Promise<DumpedValue[]> {
  return (
    await sql<DumpedValue>`select field, source, value, to_char(observed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as observed_at, actor
      from asset_field_values where asset_id = ${id} order by field, source`.execute(db)
  ).rows;
}

export async function redirect(tx: Tx, id: string, to: string | null, now: Date): Promise<void> {
  await sql`update assets set redirected_to = ${to}::uuid, updated_at = ${now}, version = version + 1 where id = ${id}`.execute(tx);
}

/** Every event of one asset goes to another; answers which ones. */
export async function moveEvents(tx: Tx, from: string, to: string, only: readonly string[] | null): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`update asset_events set asset_id = ${to} where asset_id = ${from}
    ${only ? sql`and id = any(${only}::uuid[])` : sql``} returning id`.execute(tx);
  return rows.map((r) => r.id);
}

/** Copies values the survivor lacks, and those of sources that reported the merged asset later. */
export async function copyValues(tx: Tx, from: string, to: string, fresher: readonly string[]): Promise<void> {
  await sql`insert into asset_field_values (asset_id, field, source, value, observed_at, actor)
    select ${to}, field, source, value, observed_at, actor from asset_field_values where asset_id = ${from}
    on conflict (asset_id, field, source) do update set value = excluded.value, observed_at = excluded.observed_at, actor = excluded.actor
    where asset_field_values.source = any(${fresher}::text[])`.execute(tx);
}

/** Takes back the manual values that a merge copied. */
export async function dropCopiedValues(tx: Tx, survivor: string, merged: string): Promise<void> {
  await sql`delete from asset_field_values v using asset_field_values c where v.asset_id = ${survivor} and c.asset_id = ${merged} and v.source = 'manual'
    and c.source = 'manual' and c.field = v.field and c.value = v.value and c.observed_at = v.observed_at`.execute(tx);
}

/** Puts the values of a dump in place of the present ones; manual values set after `since` stay. Answers whether there are such. */
export async function restoreValues(tx: Tx, id: string, values: readonly DumpedValue[], since: Date): Promise<boolean> {
  await sql`delete from asset_field_values where asset_id = ${id} and not (source = 'manual' and observed_at > ${since})`.execute(tx);
  const kept = (await sql`select 1 from asset_field_values where asset_id = ${id}`.execute(tx)).rows.length > 0;
  await sql`insert into asset_field_values (asset_id, field, source, value, observed_at, actor)
    select ${id}, field, source, value, observed_at, actor from jsonb_to_recordset(${JSON.stringify(values)}::jsonb) as r (field text, source text, value jsonb, observed_at timestamptz, actor text)
    on conflict do nothing`.execute(tx);
  return kept;
}

export interface DumpedRow {
  columns: Record<AssetColumn, FieldValue | null>;
  first_seen_at: string | null;
  last_seen_at: string | null;
  redirected_to: string | null;
}

export async function restoreRow(tx: Tx, id: string, row: DumpedRow, now: Date): Promise<void> {
  const sets = Object.values(fieldColumns).map((c) => sql`${sql.ref(c)} = ${row.columns[c]}`);
  await sql`update assets set ${sql.join(sets)}, first_seen_at = ${row.first_seen_at}::timestamptz, last_seen_at = ${row.last_seen_at}::timestamptz,
    redirected_to = ${row.redirected_to}::uuid, updated_at = ${now}, version = version + 1 where id = ${id}`.execute(tx);
}

/** First and last seen out of the observations; an asset without any keeps what it has. */
export async function settleSeen(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`update assets a set first_seen_at = o.first, last_seen_at = o.last
    from (select asset_id, min(first_received_at) as first, max(last_received_at) as last from observations where asset_id = any(${ids}::uuid[]) group by asset_id) o
    where a.id = o.asset_id`.execute(tx);
}

/** First and last seen as text in full. */
export async function seenOf(db: Db, id: string): Promise<{ first_seen_at: string | null; last_seen_at: string | null }> {
  const { rows } = await sql<{
    first_seen_at: string | null;
    last_seen_at: string | null;
  }>`select first_seen_at::text as first_seen_at, last_seen_at::text as last_seen_at from assets where id = ${id}`.execute(db);
  return rows[0] ?? { first_seen_at: null, last_seen_at: null };
}
