import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface OrgUnitRow {
  id: string;
  name: string;
  parent_id: string | null;
  path: string[];
  cost_centre: string | null;
  custom: Record<string, unknown>;
  people: string;
  created_at: Date;
  updated_at: Date;
  version: number;
}
export interface OrgUnitValues {
  name: string;
  costCentre: string | null;
  custom: Record<string, unknown>;
}

export async function findOrgUnit(db: Db, id: string): Promise<OrgUnitRow | undefined> {
  const { rows } = await sql<OrgUnitRow>`select ou.*, (select count(*) from people x where x.org_unit_id = ou.id and x.active) as people
    from org_units ou where ou.id = ${id}`.execute(db);
  return rows[0];
}

export async function insertOrgUnit(tx: Tx, id: string, path: readonly string[], values: OrgUnitValues, now: Date): Promise<void> {
  await sql`insert into org_units (id, name, parent_id, path, cost_centre, custom, created_at, updated_at)
    values (${id}, ${values.name}, ${path.at(-2) ?? null}, ${path}::uuid[], ${values.costCentre}, ${JSON.stringify(values.custom)}::jsonb, ${now}, ${now})`.execute(
    tx,
  );
}

/** False when the unit has another version by now. */
export async function updateOrgUnitRow(tx: Tx, id: string, version: number, values: OrgUnitValues, now: Date): Promise<boolean> {
  const { rows } = await sql`update org_units set name = ${values.name}, cost_centre = ${values.costCentre},
      custom = ${JSON.stringify(values.custom)}::jsonb, updated_at = ${now}, version = version + 1
    where id = ${id} and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

/** What keeps a unit from being removed, in words; empty when nothing does. */
export async function contentsOfOrgUnit(tx: Tx, id: string): Promise<string[]> {
  const { rows } = await sql<{ units: boolean; people: boolean; assets: boolean }>`select
    exists (select 1 from org_units where parent_id = ${id}) as units,
    exists (select 1 from people where org_unit_id = ${id}) as people,
    exists (select 1 from assets where org_unit_id = ${id}) as assets`.execute(tx);
  return Object.entries(rows[0] ?? {}).flatMap(([what, there]) => (there ? [what] : []));
}

export async function deleteOrgUnitRow(tx: Tx, id: string): Promise<void> {
  await sql`delete from org_units where id = ${id}`.execute(tx);
}

/** The units with these names, by lower-case name; of several, the one nearest the root. */
export async function orgUnitsByName(db: Db, names: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ key: string; id: string }>`select distinct on (lower(name)) lower(name) as key, id from org_units
    where lower(name) = any(${names.map((name) => name.toLowerCase())}::text[]) order by lower(name), cardinality(path), id`.execute(db);
  return new Map(rows.map((row) => [row.key, row.id]));
}
