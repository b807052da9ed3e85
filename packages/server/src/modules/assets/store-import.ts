import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { type AssetColumn, type FieldValue, fieldColumns } from './fields.ts';
import { assetColumnTypes } from './store-ingest.ts';
import type { AssetRow } from './store.ts';

// Set-based reads and writes for imports: one statement per table whatever the size of the batch.

export interface NamedAssetRow extends AssetRow {
  person_name: string | null;
  place_name: string | null;
  org_unit_name: string | null;
  custom: Record<string, unknown>;
}

/** Assets that were not merged away, with the names of what they point at. `lock` holds them in the order of their ids. */
export async function namedAssets(db: Db, ids: readonly string[], lock: boolean): Promise<NamedAssetRow[]> {
  return (
    await sql<NamedAssetRow>`select a.*, p.name as person_name, pl.name as place_name, ou.name as org_unit_name
      from assets a left join people p on p.id = a.person_id left join places pl on pl.id = a.place_id left join org_units ou on ou.id = a.org_unit_id
      where a.id = any(${ids}::uuid[]) and a.redirected_to is null order by a.id ${lock ? sql`for no key update of a` : sql``}`.execute(db)
  ).rows;
}

/** Assets by id, tag (without case), serial or name (as written, or all upper or lower case). */
export async function assetsByKey(db: Db, key: string, values: readonly string[]): Promise<{ value: string; id: string }[]> {
  if (values.length === 0) return [];
  const lower = values.map((v) => v.toLowerCase());
  const cases = [...new Set([...values, ...lower, ...values.map((v) => v.toUpperCase())])];
  const condition = {
    id: sql`a.id = any(${lower.filter((v) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(v))}::uuid[])`,
    tag: sql`lower(a.tag) = any(${lower}::text[]) and a.tag is not null`,
    serial: sql`a.serial = any(${cases}::text[])`,
    name: sql`a.name = any(${cases}::text[])`,
  }[key];
  if (!condition) throw new Error(`Assets are not found by ${key}`);
  return (
    await sql<{ value: string; id: string }>`select lower(a.${sql.raw(key)}::text) as value, a.id from assets a
      where ${condition} and a.redirected_to is null`.execute(db)
  ).rows;
}

/** Who has each of these tags (lower case). */
export async function holdersOfTags(db: Db, tags: readonly string[]): Promise<Map<string, string>> {
  return new Map((await assetsByKey(db, 'tag', tags)).map((r) => [r.value, r.id]));
}

export async function importClasses(db: Db): Promise<{ value: string; label: string }[]> {
  return (await sql<{ value: string; label: string }>`select key as value, label from asset_classes order by label`.execute(db)).rows;
}

const allColumns = Object.values(fieldColumns);
const columnList = sql.raw(allColumns.join(', '));
const recordDefinition = sql.raw(allColumns.map((c) => `${c} ${assetColumnTypes[c]}`).join(', '));

export async function insertImported(
  tx: Tx,
  rows: readonly { id: string; state: string; values: Partial<Record<AssetColumn, FieldValue>> }[],
  now: Date,
): Promise<void> {
  const data = rows.map((r) => ({ id: r.id, state: r.state, ...r.values }));
  await sql`insert into assets (id, state, created_at, updated_at, ${columnList})
    select id, state, ${now}, ${now}, ${columnList} from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (id uuid, state text, ${recordDefinition})`.execute(
    tx,
  );
}

/** A manual value as it is stored, its time as text so that no microsecond is lost. */
export interface StoredManual {
  a: string;
  f: string;
  v: FieldValue | null;
  o: string;
  w: string | null;
}

export async function manualValues(db: Db, ids: readonly string[]): Promise<StoredManual[]> {
  return (
    await sql<StoredManual>`select asset_id as a, field as f, value as v, observed_at::text as o, actor as w from asset_field_values
      where asset_id = any(${ids}::uuid[]) and source = 'manual'`.execute(db)
  ).rows;
}

export async function putManualValues(tx: Tx, rows: readonly StoredManual[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into asset_field_values (asset_id, field, source, value, observed_at, actor)
    select a, f, 'manual', v, o, w from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (a uuid, f text, v jsonb, o timestamptz, w text)
    on conflict (asset_id, field, source) do update set value = excluded.value, observed_at = excluded.observed_at, actor = excluded.actor`.execute(
    tx,
  );
}

export async function setStates(tx: Tx, rows: readonly { id: string; to: string }[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`update assets a set state = r.state, substate = null, updated_at = ${now}, version = a.version + 1
    from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.to)}::text[]) as r (id, state) where a.id = r.id`.execute(tx);
}

/** Of assets that an import made: those that nothing but this import ever touched. Locks them. */
export async function untouchedSince(tx: Tx, ids: readonly string[], importId: string): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select a.id from assets a where a.id = any(${ids}::uuid[]) and a.redirected_to is null
    and not exists (select 1 from observations o where o.asset_id = a.id)
    and not exists (select 1 from custom_secrets s where s.record_id = a.id)
    and not exists (select 1 from asset_events e where e.asset_id = a.id and e.data ->> 'import' is distinct from ${importId}
      and e.data ->> 'byHand' is distinct from 'true')
    order by a.id for update`.execute(tx);
  return new Set(rows.map((r) => r.id));
}

export async function deleteAssets(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`delete from asset_field_values where asset_id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from asset_state_periods where asset_id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from asset_events where asset_id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from assets where id = any(${ids}::uuid[])`.execute(tx);
}
