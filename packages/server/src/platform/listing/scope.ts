import type { Permission, Scope } from '@muster/api/permissions';
import { sql } from 'kysely';
import type { Actor } from '../context.ts';
import type { Db } from '../db/types.ts';
import { allOf, anyOf, type Listing, type ScopeColumns, type Sql } from './definition.ts';

/**
 * The rows of a listing that an actor may see with a permission: the only place where role scopes become SQL, used by list, count, facets,
 * search and export alike. `null` means all rows; grants add up; a scope that the listing has no column for yields no rows.
 */
export function scopeCondition(listing: Listing, actor: Actor, permission: Permission | undefined): Sql | null {
  if (actor.kind === 'system') return null;
  if (permission === undefined)
    throw new Error(`Listing ${listing.resource.name} for ${actor.kind} needs the permission whose scope applies`);
  const scopes = actor.grants.filter((grant) => grant.permission === permission).map((grant) => grant.scope);
  if (scopes.some((scope) => scope.kind === 'all')) return null;
  return anyOf(scopes.flatMap((scope) => one(listing.spec.scope ?? {}, scope, actor)));
}

function one(columns: ScopeColumns, scope: Scope, actor: Actor): Sql[] {
  switch (scope.kind) {
    case 'org_unit':
      return columns.org_unit
        ? [sql`${columns.org_unit} in (select su.id from org_units su where su.path @> array[${scope.id}]::uuid[])`]
        : [];
    case 'place': {
      const within = (place: Sql): Sql => sql`${place} in (select sp.id from places sp where sp.path @> array[${scope.id}]::uuid[])`;
      if (!columns.place) return [];
      return [typeof columns.place === 'function' ? columns.place(within) : within(columns.place)];
    }
    case 'asset_class':
      return columns.asset_class ? [classSubtree(columns.asset_class, scope.key)] : [];
    case 'own':
      return columns.own && actor.personId !== null ? [sql`${columns.own} = ${actor.personId}::uuid`] : [];
    default:
      return [];
  }
}

const classSubtree = (column: Sql, key: string): Sql => sql`${column} in (
  with recursive classes as (
    select key from asset_classes where key = ${key}
    union select c.key from asset_classes c join classes on c.parent_key = classes.key
  ) select key from classes)`;

/** Whether the actor may reach one record: for the routes of a single record, which must not show what the list hides. With `at` (ISO 8601, UTC) as of then. */
export async function canReach(db: Db, listing: Listing, id: string, actor: Actor, permission: Permission, at?: string): Promise<boolean> {
  const scope = scopeCondition(listing, actor, permission);
  if (!scope) return true;
  const { spec } = listing;
  const from = at === undefined ? spec.from : (spec.asOf?.(at, sql``) ?? spec.from);
  const conditions = [sql`${spec.id} = ${id}::${sql.raw(spec.idType ?? 'uuid')}`, scope];
  const joins = sql.join(Object.values(spec.joins ?? {}), sql` `);
  const { rows } =
    await sql`select 1 from ${from} ${Object.keys(spec.joins ?? {}).length > 0 ? joins : sql``} where ${allOf(conditions)} limit 1`.execute(
      db,
    );
  return rows.length > 0;
}

/** Those of these records that are there and that the actor may reach with the permission. */
export async function reachableIds(
  db: Db,
  listing: Listing,
  ids: readonly string[],
  actor: Actor,
  permission: Permission,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { spec } = listing;
  const scope = scopeCondition(listing, actor, permission);
  const conditions = [sql`${spec.id} = any(${ids}::uuid[])`, ...(spec.where ? [spec.where] : []), ...(scope ? [scope] : [])];
  const { rows } = await sql<{ id: string }>`select ${spec.id} as id from ${spec.from} where ${allOf(conditions)}`.execute(db);
  return new Set(rows.map((row) => row.id));
}
