import { sql } from 'kysely';
import type { Db, Tx } from './types.ts';

/** A table whose rows have `id` and, in a jsonb column, values by key. */
export type CustomTable = 'assets' | 'models' | 'people' | 'places' | 'org_units' | 'entitlements';
export type CustomColumn = 'custom' | 'asset_custom';

/** The different values of a key with how many rows have each, most frequent first; at most `limit`. */
export async function distinctValues(
  db: Db,
  table: CustomTable,
  column: CustomColumn,
  key: string,
  limit: number,
): Promise<{ value: unknown; records: number }[]> {
  const { rows } = await sql<{ value: unknown; records: string }>`select t.v as value, count(*) as records
    from (select ${sql.ref(column)} -> ${key} as v from ${sql.table(table)} where ${sql.ref(column)} ? ${key}) t
    group by t.v order by count(*) desc, t.v limit ${limit}`.execute(db);
  return rows.map((row) => ({ value: row.value, records: Number(row.records) }));
}

/** Puts another value in place of each, in every row that has it; null removes the key. */
export async function rewriteValues(
  tx: Tx,
  table: CustomTable,
  column: CustomColumn,
  key: string,
  changes: readonly { value: unknown; becomes: unknown }[],
): Promise<void> {
  const name = sql.ref(column);
  await sql`update ${sql.table(table)} t set ${name} = case when c.becomes is null then t.${name} - ${key}::text
      else jsonb_set(t.${name}, array[${key}::text], c.becomes) end
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as c (value jsonb, becomes jsonb)
    where t.${name} ? ${key} and t.${name} -> ${key} = c.value`.execute(tx);
}

/** The rows that have a value, in the order of their ids, behind `after`. */
export async function rowsWithValue(
  db: Db,
  table: CustomTable,
  key: string,
  after: string | null,
  limit: number,
): Promise<{ id: string; value: unknown }[]> {
  const { rows } = await sql<{ id: string; value: unknown }>`select id, custom -> ${key} as value from ${sql.table(table)}
    where custom ? ${key} and (${after}::uuid is null or id > ${after}::uuid) order by id limit ${limit}`.execute(db);
  return rows;
}
