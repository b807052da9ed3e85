import { sql } from 'kysely';
import type { Db } from '../platform/db/types.ts';

/**
 * Tables that carry an asset_id without being per-asset fact tables, each with the reason why it stays small enough to be a reference
 * table of a distributed database, or is looked up by another key before the asset is known.
 */
export const referenceTables: Record<string, string> = {
  observations: 'looked up by source and native id before the asset is known; one row per source and machine',
  codes: 'looked up by value before the asset is known; an unclaimed sticker has no asset',
  identity_keys: 'looked up by value before the asset is known',
  identity_decisions: 'belongs to an observation; written only when a decision differs from the last one',
  identity_operations: 'what people merged and split; few, and of two assets at once',
  identity_pins: 'looked up by observation before the asset is known; only where a person decided',
  inbox: 'work in progress: a report is stored before the asset is known, and processed rows are removed',
};

interface Key {
  table_name: string;
  constraint_name: string;
  first_column: string;
}

/** What keeps the schema from being distributed by asset: per-asset tables whose primary or unique keys do not begin with asset_id, or that have none. */
export async function distributionViolations(db: Db): Promise<string[]> {
  const { rows: tables } = await sql<{ table_name: string; has_key: boolean }>`
    select c.relname as table_name, exists (select 1 from pg_index i where i.indrelid = c.oid and i.indisprimary) as has_key
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'asset_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`.execute(db);
  const { rows: keys } = await sql<Key>`
    select c.relname as table_name, i.indexrelid::regclass::text as constraint_name, coalesce(a.attname, '(expression)') as first_column
    from pg_index i join pg_class c on c.oid = i.indrelid left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where c.relnamespace = 'public'::regnamespace and i.indisunique order by 1, 2`.execute(db);
  const perAsset = tables.filter((table) => !(table.table_name in referenceTables));
  const names = new Set(perAsset.map((table) => table.table_name));
  return [
    ...perAsset.filter((table) => !table.has_key).map((table) => `${table.table_name} has an asset_id and no primary key`),
    ...keys
      .filter((key) => names.has(key.table_name) && key.first_column !== 'asset_id')
      .map(
        (key) =>
          `${key.table_name}: the key ${key.constraint_name} begins with ${key.first_column}; in a per-asset table asset_id comes first`,
      ),
    ...Object.keys(referenceTables)
      .filter((name) => !tables.some((table) => table.table_name === name))
      .map((name) => `${name} is named as an exception and does not exist`),
  ];
}
