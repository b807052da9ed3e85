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
