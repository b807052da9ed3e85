import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface ModelValues {
  manufacturer: string;
  name: string;
  class_key: string;
  custom: Record<string, unknown>;
  asset_custom: Record<string, unknown>;
}
export interface ModelRow extends ModelValues {
  id: string;
  created_at: Date;
  version: number;
}

export async function findModel(db: Db, id: string, lock = false): Promise<ModelRow | undefined> {
  const { rows } = await sql<ModelRow>`select id, manufacturer, name, class_key, custom, asset_custom, created_at, version from models
    where id = ${id} ${lock ? sql`for update` : sql``}`.execute(db);
  return rows[0];
}

export async function insertModel(tx: Tx, id: string, v: ModelValues, now: Date): Promise<void> {
  await sql`insert into models (id, manufacturer, name, class_key, custom, asset_custom, created_at, updated_at) values (${id}, ${v.manufacturer}, ${v.name},
    ${v.class_key}, ${JSON.stringify(v.custom)}::jsonb, ${JSON.stringify(v.asset_custom)}::jsonb, ${now}, ${now})`.execute(tx);
}

export async function updateModelRow(tx: Tx, id: string, v: ModelValues, now: Date): Promise<void> {
  await sql`update models set manufacturer = ${v.manufacturer}, name = ${v.name}, class_key = ${v.class_key}, custom = ${JSON.stringify(v.custom)}::jsonb,
    asset_custom = ${JSON.stringify(v.asset_custom)}::jsonb, updated_at = ${now}, version = version + 1 where id = ${id}`.execute(tx);
}
