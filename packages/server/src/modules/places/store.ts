import type { Address, PlaceKind } from '@muster/api/places';
import { placeResource } from '@muster/api/places';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';
import { customColumnsOf } from '../fields/index.ts';

/** Of the place itself, else of the nearest place above that tells. */
const nearest = (part: 'city' | 'country') => sql`(select x.address ->> ${sql.lit(part)} from unnest(pl.path) with ordinality u(id, n)
  join places x on x.id = u.id where x.address ->> ${sql.lit(part)} is not null order by u.n desc limit 1)`;

export const placeListing = defineListing(placeResource, {
  from: sql`places pl`,
  id: sql`pl.id`,
  joins: { parent: sql`left join places pp on pp.id = pl.parent_id` },
  columns: {
    id: { sql: sql`pl.id` },
    name: { sql: sql`pl.name` },
    kind: { sql: sql`pl.kind` },
    parent: { sql: sql`pp.name`, ref: sql`pl.parent_id`, join: 'parent' },
    path: {
      sql: sql`(select string_agg(x.name, ' / ' order by u.n) from unnest(pl.path) with ordinality u(id, n) join places x on x.id = u.id)`,
    },
    within: { exists: (cond) => sql`exists (select 1 from places w where w.id = any(pl.path) and ${cond(sql`w.name`, sql`w.id`)})` },
    assets: { sql: sql`(select count(*) from assets x where x.place_id = pl.id and x.redirected_to is null)` },
    city: { sql: nearest('city') },
    country: { sql: nearest('country') },
    rackUnits: { sql: sql`pl.rack_units` },
    createdAt: { sql: sql`pl.created_at` },
    updatedAt: { sql: sql`pl.updated_at` },
  },
  customFields: customColumnsOf('places', sql`pl.custom`, sql`pl.id`),
  scope: { place: sql`pl.id` },
});

export interface PlaceRow {
  id: string;
  name: string;
  kind: PlaceKind;
  parent_id: string | null;
  path: string[];
  custom: Record<string, unknown>;
  assets: string;
  address: unknown;
  notes: string | null;
  rack_units: number | null;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export interface PlaceValues {
  name: string;
  kind: PlaceKind;
  address: Address;
  notes: string | null;
  rackUnits: number | null;
  custom: Record<string, unknown>;
}

export async function findPlace(db: Db, id: string): Promise<PlaceRow | undefined> {
  const { rows } =
    await sql<PlaceRow>`select pl.*, (select count(*) from assets x where x.place_id = pl.id and x.redirected_to is null) as assets
    from places pl where pl.id = ${id}`.execute(db);
  return rows[0];
}

export async function insertPlace(tx: Tx, id: string, path: readonly string[], values: PlaceValues, now: Date): Promise<void> {
  await sql`insert into places (id, name, kind, parent_id, path, address, notes, rack_units, custom, created_at, updated_at)
    values (${id}, ${values.name}, ${values.kind}, ${path.at(-2) ?? null}, ${path}::uuid[], ${JSON.stringify(values.address)}::jsonb, ${values.notes},
      ${values.rackUnits}, ${JSON.stringify(values.custom)}::jsonb, ${now}, ${now})`.execute(tx);
}

/** False when the place has another version by now. */
export async function updatePlaceRow(tx: Tx, id: string, version: number, values: PlaceValues, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update places set name = ${values.name}, kind = ${values.kind}, address = ${JSON.stringify(values.address)}::jsonb,
      notes = ${values.notes}, rack_units = ${values.rackUnits}, custom = ${JSON.stringify(values.custom)}::jsonb, updated_at = ${now}, version = version + 1
    where id = ${id} and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

/** What keeps a place from being removed, in words; empty when nothing does. */
export async function contentsOfPlace(tx: Tx, id: string): Promise<string[]> {
  const { rows } = await sql<{ places: boolean; people: boolean; assets: boolean; stock: boolean }>`select
    exists (select 1 from places where parent_id = ${id}) as places,
    exists (select 1 from people where place_id = ${id}) as people,
    exists (select 1 from assets where place_id = ${id}) as assets,
    exists (select 1 from stock_levels where place_id = ${id}) as stock`.execute(tx);
  return Object.entries(rows[0] ?? {}).flatMap(([what, there]) => (there ? [what] : []));
}

export async function deletePlaceRow(tx: Tx, id: string): Promise<void> {
  // Positions of assets that are elsewhere by now: what is in the place keeps it from being removed.
  await sql`delete from rack_mounts where rack_id = ${id}`.execute(tx);
  await sql`delete from places where id = ${id}`.execute(tx);
}

/** The places with these names, by lower-case name; of several, the one nearest the root. */
export async function placesByName(db: Db, names: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ key: string; id: string }>`select distinct on (lower(name)) lower(name) as key, id from places
    where lower(name) = any(${names.map((name) => name.toLowerCase())}::text[]) order by lower(name), cardinality(path), id`.execute(db);
  return new Map(rows.map((row) => [row.key, row.id]));
}
