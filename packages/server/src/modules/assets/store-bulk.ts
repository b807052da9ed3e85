import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { FieldValue } from './fields.ts';

/** Sets manual values of many assets in one statement. */
export async function putManualValues(
  tx: Tx,
  rows: readonly { assetId: string; field: string; value: FieldValue; at: string; actor: string | null }[],
): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({ a: r.assetId, f: r.field, v: r.value, o: r.at, w: r.actor }));
  await sql`insert into asset_field_values (asset_id, field, source, value, observed_at, actor)
    select a, f, 'manual', v, o, w from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, f text, v jsonb, o timestamptz, w text)
    on conflict (asset_id, field, source) do update set value = excluded.value, observed_at = excluded.observed_at, actor = excluded.actor`.execute(
    tx,
  );
}

/** One custom value of many assets, as JSON text; an asset without it is left out. */
export async function customValuesOf(db: Db, ids: readonly string[], key: string): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; v: string }>`select id, (custom -> ${key}::text)::text as v from assets
    where id = any(${ids}::uuid[]) and custom ? ${key}::text`.execute(db);
  return new Map(rows.map((r) => [r.id, r.v]));
}

/** Puts a custom value back; null takes it away. */
export async function putCustomValues(
  tx: Tx,
  key: string,
  rows: readonly { id: string; value: string | null }[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await sql`update assets a set custom = case when r.v is null then a.custom - ${key}::text else jsonb_set(a.custom, array[${key}::text], r.v::jsonb) end,
      updated_at = ${now}, version = a.version + 1
    from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.value)}::text[]) as r (id, v) where a.id = r.id`.execute(tx);
}
