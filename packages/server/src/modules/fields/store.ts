import type { CustomField, CustomResource } from '@muster/api/custom-fields';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

interface Row {
  id: string;
  resource: CustomResource;
  key: string;
  label: string;
  type: CustomField['type'];
  unit: string | null;
  options: CustomField['options'];
  required: boolean;
  is_unique: boolean;
  pattern: string | null;
  default_value: unknown;
  help: string | null;
  class_key: string | null;
  class_defaults: Record<string, unknown>;
  position: number;
  indexed: boolean;
  index_state: CustomField['indexState'];
  archived_at: Date | null;
  created_at: Date;
  updated_at: Date;
  version: number;
}

const fieldOf = (row: Row): CustomField => ({
  id: row.id,
  key: row.key,
  resource: row.resource,
  label: row.label,
  type: row.type,
  unit: row.unit,
  options: row.options,
  required: row.required,
  unique: row.is_unique,
  pattern: row.pattern,
  default: row.default_value,
  help: row.help,
  class: row.class_key,
  classDefaults: row.class_defaults,
  position: row.position,
  indexed: row.indexed,
  indexState: row.index_state,
  archived: row.archived_at !== null,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
  version: row.version,
});

export async function findField(db: Db, id: string): Promise<CustomField | undefined> {
  const { rows } = await sql<Row>`select * from custom_fields where id = ${id}`.execute(db);
  return rows[0] && fieldOf(rows[0]);
}

/** Holds the definition against writers of values, who share it, until the transaction ends. */
export async function lockField(tx: Tx, id: string): Promise<CustomField | undefined> {
  const { rows } = await sql<Row>`select * from custom_fields where id = ${id} for update`.execute(tx);
  return rows[0] && fieldOf(rows[0]);
}

/** The fields in force of a resource, in their order. `share` keeps their definitions as they are until the transaction ends. */
export async function fieldsInForce(db: Db, resource: CustomResource, share = false): Promise<CustomField[]> {
  const { rows } = await sql<Row>`select * from custom_fields where resource = ${resource} and archived_at is null
    order by position, label, key ${share ? sql`for share` : sql``}`.execute(db);
  return rows.map(fieldOf);
}

export async function findByKey(db: Db, resource: CustomResource, key: string): Promise<CustomField | undefined> {
  const { rows } = await sql<Row>`select * from custom_fields where resource = ${resource} and key = ${key}`.execute(db);
  return rows[0] && fieldOf(rows[0]);
}

/** Another field of the resource in force that people call the same. */
export async function labelTaken(db: Db, resource: CustomResource, label: string, except: string): Promise<boolean> {
  const { rows } =
    await sql`select 1 from custom_fields where resource = ${resource} and lower(label) = lower(${label}) and archived_at is null
    and id <> ${except}`.execute(db);
  return rows.length > 0;
}

/** Writes a definition as a whole: a new one, or over the one with its id. */
export async function putField(tx: Tx, field: CustomField, now: Date): Promise<void> {
  const archived = field.archived ? now : null;
  const json = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));
  await sql`insert into custom_fields (id, resource, key, label, type, unit, options, required, is_unique, pattern, default_value, help, class_key,
      class_defaults, position, indexed, index_state, archived_at, created_at, updated_at, version)
    values (${field.id}, ${field.resource}, ${field.key}, ${field.label}, ${field.type}, ${field.unit}, ${json(field.options)}::jsonb, ${field.required},
      ${field.unique}, ${field.pattern}, ${json(field.default)}::jsonb, ${field.help}, ${field.class}, ${json(field.classDefaults)}::jsonb,
      ${field.position}, ${field.indexed}, ${field.indexState}, ${archived}, ${now}, ${now}, ${field.version})
    on conflict (id) do update set label = excluded.label, type = excluded.type, unit = excluded.unit, options = excluded.options,
      required = excluded.required, is_unique = excluded.is_unique, pattern = excluded.pattern, default_value = excluded.default_value,
      help = excluded.help, class_key = excluded.class_key, class_defaults = excluded.class_defaults, position = excluded.position,
      indexed = excluded.indexed, index_state = excluded.index_state,
      archived_at = case when excluded.archived_at is null then null else coalesce(custom_fields.archived_at, excluded.archived_at) end,
      updated_at = excluded.updated_at, version = excluded.version`.execute(tx);
}

export async function setIndexState(tx: Tx, id: string, state: CustomField['indexState']): Promise<void> {
  await sql`update custom_fields set index_state = ${state} where id = ${id}`.execute(tx);
}

/** Every asset class with its parent and label. */
export async function classTree(db: Db): Promise<Map<string, { parent: string | null; label: string }>> {
  const { rows } = await sql<{
    key: string;
    parent_key: string | null;
    label: string;
  }>`select key, parent_key, label from asset_classes`.execute(db);
  return new Map(rows.map((row) => [row.key, { parent: row.parent_key, label: row.label }]));
}

/** Takes a unique value for a record; false when another record has it. Waits for a writer that is about to take it. */
export async function claimValue(tx: Tx, fieldId: string, value: string, recordId: string): Promise<boolean> {
  await sql`delete from custom_unique_values where field_id = ${fieldId} and record_id = ${recordId} and value <> ${value}`.execute(tx);
  const { rows } = await sql<{ record_id: string }>`with made as (insert into custom_unique_values (field_id, value, record_id)
      values (${fieldId}, ${value}, ${recordId}) on conflict do nothing returning record_id)
    select record_id from made union all
    select record_id from custom_unique_values where field_id = ${fieldId} and value = ${value}`.execute(tx);
  return rows[0]?.record_id === recordId;
}

export async function releaseValue(tx: Tx, fieldId: string, recordId: string): Promise<void> {
  await sql`delete from custom_unique_values where field_id = ${fieldId} and record_id = ${recordId}`.execute(tx);
}

/** Takes values for many records; answers the values that are taken already. */
export async function claimMany(tx: Tx, fieldId: string, claims: readonly { id: string; value: string }[]): Promise<string[]> {
  const { rows } = await sql<{
    value: string;
  }>`with wanted as (select * from jsonb_to_recordset(${JSON.stringify(claims)}::jsonb) as w (id uuid, value text)),
      made as (insert into custom_unique_values (field_id, value, record_id) select ${fieldId}, w.value, w.id from wanted w
        on conflict do nothing returning record_id)
    select w.value from wanted w where w.id not in (select record_id from made)`.execute(tx);
  return rows.map((row) => row.value);
}

/** Which records have these values of a unique field. */
export async function holdersOfValues(db: Db, fieldId: string, values: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ value: string; record_id: string }>`select value, record_id from custom_unique_values
    where field_id = ${fieldId} and value = any(${values}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.value, row.record_id]));
}

/** Lets go of the values of records: of one field, or of every one when the records go. */
export async function releaseMany(tx: Tx, ids: readonly string[], fieldId: string | null): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from custom_unique_values where record_id = any(${ids}::uuid[])
    ${fieldId === null ? sql`` : sql`and field_id = ${fieldId}`}`.execute(tx);
}

export async function releaseAll(tx: Tx, fieldId: string): Promise<void> {
  await sql`delete from custom_unique_values where field_id = ${fieldId}`.execute(tx);
}

export async function putSecret(tx: Tx, recordId: string, fieldId: string, sealed: string, by: string, now: Date): Promise<void> {
  await sql`insert into custom_secrets (record_id, field_id, sealed, set_at, set_by) values (${recordId}, ${fieldId}, ${sealed}, ${now}, ${by})
    on conflict (record_id, field_id) do update set sealed = excluded.sealed, set_at = excluded.set_at, set_by = excluded.set_by`.execute(
    tx,
  );
}

/** Whether there was one. */
export async function dropSecret(tx: Tx, recordId: string, fieldId: string): Promise<boolean> {
  const { rows } = await sql`delete from custom_secrets where record_id = ${recordId} and field_id = ${fieldId} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function sealedSecret(db: Db, recordId: string, fieldId: string): Promise<string | undefined> {
  const { rows } = await sql<{
    sealed: string;
  }>`select sealed from custom_secrets where record_id = ${recordId} and field_id = ${fieldId}`.execute(db);
  return rows[0]?.sealed;
}

/** Which encrypted fields of a record are set, with when and by whom. */
export async function secretsOf(db: Db, recordId: string): Promise<Map<string, { setAt: string; setBy: string }>> {
  const { rows } = await sql<{
    field_id: string;
    set_at: Date;
    set_by: string;
  }>`select field_id, set_at, set_by from custom_secrets where record_id = ${recordId}`.execute(db);
  return new Map(rows.map((row) => [row.field_id, { setAt: row.set_at.toISOString(), setBy: row.set_by }]));
}

/** What references are called, by id: people, places and assets in one statement. */
export async function labelsOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; label: string }>`select id, name as label from people where id = any(${ids}::uuid[])
    union all select id, name from places where id = any(${ids}::uuid[])
    union all select id, coalesce(name, tag, serial, id::text) from assets where id = any(${ids}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row.label]));
}
