import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export async function customOf(db: Db, id: string): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ custom: Record<string, unknown> }>`select custom from assets where id = ${id}`.execute(db);
  return rows[0]?.custom ?? {};
}

/** Writes the custom values as a whole. The caller holds the row and counts its version. */
export async function setCustom(tx: Tx, id: string, custom: Readonly<Record<string, unknown>>): Promise<void> {
  await sql`update assets set custom = ${JSON.stringify(custom)}::jsonb where id = ${id}`.execute(tx);
}

/** As `setCustom`, for who changes nothing else of the row: counts its version. */
export async function replaceCustom(tx: Tx, id: string, custom: Readonly<Record<string, unknown>>): Promise<void> {
  await sql`update assets set custom = ${JSON.stringify(custom)}::jsonb, version = version + 1 where id = ${id}`.execute(tx);
}

/** An asset's own custom values with what its model gives; a model is known by its maker and name, without case. */
export async function customWithModel(
  db: Db,
  id: string,
): Promise<{ custom: Record<string, unknown>; model: string | null; model_values: Record<string, unknown> | null }> {
  const { rows } = await sql<{
    custom: Record<string, unknown>;
    model: string | null;
    model_values: Record<string, unknown> | null;
  }>`select a.custom, m.name as model, m.asset_custom as model_values from assets a
    left join models m on lower(m.manufacturer) = lower(a.manufacturer) and lower(m.name) = lower(a.model) where a.id = ${id}`.execute(db);
  return rows[0] ?? { custom: {}, model: null, model_values: null };
}

/** The custom values of many assets, with the class that says which fields they have. */
export async function customOfMany(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, { custom: Record<string, unknown>; classKey: string }>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<{ id: string; custom: Record<string, unknown>; class_key: string }>`select id, custom, class_key from assets
    where id = any(${ids}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, { custom: row.custom, classKey: row.class_key }]));
}

/** Writes the custom values of many assets as a whole, and counts their versions. The caller holds the rows. */
export async function setCustomMany(
  tx: Tx,
  rows: readonly { readonly id: string; readonly custom: Readonly<Record<string, unknown>> }[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  const data = JSON.stringify(rows.map(({ id, custom }) => ({ id, custom })));
  await sql`update assets a set custom = r.custom, updated_at = ${now}, version = a.version + 1
    from jsonb_to_recordset(${data}::jsonb) as r (id uuid, custom jsonb) where a.id = r.id`.execute(tx);
}
