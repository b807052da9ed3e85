import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface ClassRow {
  key: string;
  label: string;
  parent_key: string | null;
  capabilities: string[];
  own: boolean;
  retired: boolean;
  version: number;
  assets: number;
}

const columns = sql`c.key, c.label, c.parent_key, c.capabilities, c.own, c.retired_at is not null as retired, c.version,
  (select count(*)::int from assets a where a.class_key = c.key and a.redirected_to is null) as assets`;

export async function findClass(db: Db, key: string): Promise<ClassRow | undefined> {
  return (await sql<ClassRow>`select ${columns} from asset_classes c where c.key = ${key}`.execute(db)).rows[0];
}

/** Holds all classes, so that two changes of the tree come one after the other. */
export async function lockClassTree(tx: Tx): Promise<Map<string, string | null>> {
  await sql`select pg_advisory_xact_lock(hashtext('tree:asset_classes'))`.execute(tx);
  const { rows } = await sql<{
    key: string;
    parent_key: string | null;
  }>`select key, parent_key from asset_classes where retired_at is null`.execute(tx);
  return new Map(rows.map((row) => [row.key, row.parent_key]));
}

export async function insertClass(
  tx: Tx,
  one: { key: string; label: string; parent: string | null; capabilities: readonly string[] },
): Promise<void> {
  await sql`insert into asset_classes (key, label, parent_key, capabilities, own)
    values (${one.key}, ${one.label}, ${one.parent}, ${one.capabilities}::text[], true)`.execute(tx);
}

/** Capabilities that differ from the shipped ones are kept beside them, so that an update of the content does not undo them. */
export async function updateClassRow(
  tx: Tx,
  key: string,
  version: number,
  one: { label: string; parent: string | null; capabilities: readonly string[]; retired: boolean },
  now: Date,
): Promise<boolean> {
  const { rows } =
    await sql`update asset_classes set label = ${one.label}, parent_key = ${one.parent}, capabilities = ${one.capabilities}::text[],
      changed_capabilities = case when own then null when capabilities = ${one.capabilities}::text[] then changed_capabilities else ${one.capabilities}::text[] end,
      retired_at = case when ${one.retired}::boolean then coalesce(retired_at, ${now}) end, version = version + 1
    where key = ${key} and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}
