import { sql } from 'kysely';
import type { Db, Tx } from './types.ts';

/** A table of nodes with `id`, `parent_id` and `path`, the ids from the root to the node itself. */
export type TreeTable = 'org_units' | 'places';

/** The path of a node under a parent; `undefined` when there is no such parent. Waits for moves that are under way. */
export async function pathUnder(tx: Tx, table: TreeTable, id: string, parentId: string | null): Promise<string[] | undefined> {
  // Two moves at once could otherwise put each node under the other.
  await sql`select pg_advisory_xact_lock(hashtext(${`tree:${table}`}))`.execute(tx);
  if (parentId === null) return [id];
  const { rows } = await sql<{ path: string[] }>`select path from ${sql.table(table)} where id = ${parentId}`.execute(tx);
  return rows[0] && [...rows[0].path, id];
}

/** Puts a node with everything below it at a new path, which `pathUnder` gave and which does not lead through the node itself. */
export async function moveSubtree(tx: Tx, table: TreeTable, id: string, path: readonly string[]): Promise<void> {
  const parentId = path.at(-2) ?? null;
  await sql`update ${sql.table(table)} set parent_id = case when id = ${id} then ${parentId}::uuid else parent_id end,
    path = ${path}::uuid[] || path[array_position(path, ${id}::uuid) + 1:]
    where path @> array[${id}]::uuid[]`.execute(tx);
}

/** The nodes of a path with their names, root first. */
export async function namesOf(db: Db, table: TreeTable, path: readonly string[]): Promise<{ id: string; label: string }[]> {
  const { rows } = await sql<{
    id: string;
    label: string;
  }>`select t.id, t.name as label from unnest(${path}::uuid[]) with ordinality as p(id, n)
    join ${sql.table(table)} t on t.id = p.id order by p.n`.execute(db);
  return rows;
}
