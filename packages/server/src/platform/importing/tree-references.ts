import { sql } from 'kysely';
import type { TreeTable } from '../db/tree.ts';
import type { Db } from '../db/types.ts';

/**
 * The nodes of a tree that each naming means: by name, or by names from the root with ` / ` between them, without case. A name that
 * several nodes have means several. One statement.
 */
export async function resolveInTree(db: Db, table: TreeTable, named: readonly Readonly<Record<string, string>>[]): Promise<string[][]> {
  const keys = named.map((n) => (n['any'] ?? n['name'] ?? '').toLowerCase().split(/\s+\/\s+/));
  const names = [...new Set(keys.flatMap((k) => [k.at(-1) ?? '', k.join(' / ')]))];
  const { rows } = await sql<{ id: string; name: string; path: string }>`select t.id, lower(t.name) as name,
      (select lower(string_agg(x.name, ' / ' order by u.n)) from unnest(t.path) with ordinality u(id, n) join ${sql.table(table)} x on x.id = u.id) as path
    from ${sql.table(table)} t where lower(t.name) = any(${names}::text[])`.execute(db);
  const byName = Map.groupBy(rows, (r) => r.name);
  const byPath = Map.groupBy(rows, (r) => r.path);
  return keys.map((key) => {
    const whole = key.join(' / ');
    const found = key.length > 1 ? (byPath.get(whole) ?? byName.get(whole)) : byName.get(whole);
    return (found ?? []).map((r) => r.id);
  });
}
