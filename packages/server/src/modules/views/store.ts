import { savedViewResource, type ViewSharing } from '@muster/api/saved-views';
import { sql } from 'kysely';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing, type Listing, type Sql } from '../../platform/listing/index.ts';

export interface ViewContent {
  name: string;
  q: string | null;
  filter: string | null;
  sort: string | null;
  columns: string[] | null;
  density: 'compact' | 'comfortable' | null;
  facets_open: boolean | null;
  sharing: ViewSharing;
  roles: string[];
  position: number;
  archived: boolean;
}
export interface ViewRow extends ViewContent {
  id: string;
  owner_id: string;
  owner_name: string;
  resource: string;
  created_at: Date;
  updated_at: Date;
  version: number;
  is_default: boolean;
}

export const rolesOf = (actor: Actor): string[] => [...new Set(actor.grants.flatMap((g) => (g.role === undefined ? [] : [g.role])))];

/** The one place that says whose views someone sees: their own, those for everyone, and those for a role they hold. */
const visibleTo = (actor: Actor): Sql =>
  sql`(v.owner_id = ${actor.userId}::uuid or v.sharing = 'everyone' or (v.sharing = 'roles' and v.roles && ${rolesOf(actor)}::text[]))`;

export function savedViewListing(actor: Actor): Listing<typeof savedViewResource> {
  return defineListing(savedViewResource, {
    from: sql`saved_views v`,
    id: sql`v.id`,
    where: visibleTo(actor),
    joins: { owner: sql`join users u on u.id = v.owner_id` },
    columns: {
      id: { sql: sql`v.id` },
      name: { sql: sql`v.name` },
      resource: { sql: sql`v.resource` },
      filter: { sql: sql`v.filter` },
      sort: { sql: sql`v.sort` },
      owner: { sql: sql`u.name`, join: 'owner' },
      sharing: { sql: sql`v.sharing` },
      position: { sql: sql`v.position` },
      archived: { sql: sql`v.archived` },
      createdAt: { sql: sql`v.created_at` },
      updatedAt: { sql: sql`v.updated_at` },
    },
  });
}

const shown = (actor: Actor): Sql => sql`select v.*, u.name as owner_name,
    exists (select 1 from saved_view_defaults d where d.view_id = v.id and d.user_id = ${actor.userId}::uuid) as is_default
  from saved_views v join users u on u.id = v.owner_id where ${visibleTo(actor)}`;

/** More views of one list than anyone reads in a menu. */
const menuLimit = 200;

export async function viewsOf(db: Db, actor: Actor, resource: string): Promise<ViewRow[]> {
  return (
    await sql<ViewRow>`${shown(actor)} and v.resource = ${resource} and not v.archived
      order by v.position, lower(v.name), v.id limit ${menuLimit}`.execute(db)
  ).rows;
}

export async function findView(db: Db, actor: Actor, id: string): Promise<ViewRow | undefined> {
  return (await sql<ViewRow>`${shown(actor)} and v.id = ${id}`.execute(db)).rows[0];
}

/** Whether the owner has another view of this list by this name. */
export async function nameTaken(db: Db, ownerId: string, resource: string, name: string, except: string | null): Promise<boolean> {
  const { rows } = await sql<{
    taken: boolean;
  }>`select exists (select 1 from saved_views where owner_id = ${ownerId} and resource = ${resource}
    and lower(name) = lower(${name}::text) and id is distinct from ${except}::uuid) as taken`.execute(db);
  return rows[0]?.taken ?? false;
}

export async function insertView(tx: Tx, id: string, ownerId: string, resource: string, v: ViewContent, now: Date): Promise<void> {
  await sql`insert into saved_views (id, owner_id, resource, name, q, filter, sort, columns, density, facets_open, sharing, roles, position, archived, created_at, updated_at)
    values (${id}, ${ownerId}, ${resource}, ${v.name}, ${v.q}, ${v.filter}, ${v.sort}, ${v.columns}::text[], ${v.density}, ${v.facets_open},
      ${v.sharing}, ${v.roles}::text[], ${v.position}, ${v.archived}, ${now}, ${now})`.execute(tx);
}

/** False when the view has another version by now. */
export async function updateViewRow(tx: Tx, id: string, version: number, v: ViewContent, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update saved_views set name = ${v.name}, q = ${v.q}, filter = ${v.filter}, sort = ${v.sort}, columns = ${v.columns}::text[],
      density = ${v.density}, facets_open = ${v.facets_open}, sharing = ${v.sharing}, roles = ${v.roles}::text[], position = ${v.position},
      archived = ${v.archived}, updated_at = ${now}, version = version + 1
    where id = ${id} and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function deleteViewRow(tx: Tx, id: string): Promise<void> {
  await sql`delete from saved_views where id = ${id}`.execute(tx);
}

export async function putDefault(tx: Tx, userId: string, resource: string, viewId: string | null): Promise<void> {
  if (viewId === null) await sql`delete from saved_view_defaults where user_id = ${userId} and resource = ${resource}`.execute(tx);
  else
    await sql`insert into saved_view_defaults (user_id, resource, view_id) values (${userId}, ${resource}, ${viewId})
      on conflict (user_id, resource) do update set view_id = excluded.view_id`.execute(tx);
}
