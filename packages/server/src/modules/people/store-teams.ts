import { teamResource } from '@muster/api/teams';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

const held = sql`(select count(*) from custody_periods c join assets x on x.id = c.asset_id and x.redirected_to is null
  where c.holder_id = t.id and c.holder_kind = 'team' and c.to_at is null)`;

export const teamListing = defineListing(teamResource, {
  from: sql`teams t`,
  id: sql`t.id`,
  joins: { orgUnit: sql`left join org_units ou on ou.id = t.org_unit_id` },
  columns: {
    id: { sql: sql`t.id` },
    name: { sql: sql`t.name` },
    orgUnit: { sql: sql`ou.name`, ref: sql`t.org_unit_id`, join: 'orgUnit' },
    member: {
      exists: (cond) =>
        sql`exists (select 1 from team_members m join people p on p.id = m.person_id where m.team_id = t.id and ${cond(sql`p.name`, sql`p.id`)})`,
    },
    members: { sql: sql`(select count(*) from team_members m where m.team_id = t.id)` },
    assets: { sql: held },
    createdAt: { sql: sql`t.created_at` },
    updatedAt: { sql: sql`t.updated_at` },
  },
  scope: { org_unit: sql`t.org_unit_id` },
});

export interface TeamRow {
  id: string;
  name: string;
  org_unit_id: string | null;
  org_unit: string | null;
  members: { id: string; label: string }[];
  assets: string;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export async function findTeam(db: Db, id: string): Promise<TeamRow | undefined> {
  const { rows } = await sql<TeamRow>`select t.*, ou.name as org_unit, ${held} as assets,
      (select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'label', p.name) order by p.name, p.id), '[]')
        from team_members m join people p on p.id = m.person_id where m.team_id = t.id) as members
    from teams t left join org_units ou on ou.id = t.org_unit_id where t.id = ${id}`.execute(db);
  return rows[0];
}

export async function insertTeam(tx: Tx, team: { id: string; name: string; orgUnitId: string | null }, now: Date): Promise<void> {
  await sql`insert into teams (id, name, org_unit_id, created_at, updated_at) values (${team.id}, ${team.name}, ${team.orgUnitId}, ${now}, ${now})`.execute(
    tx,
  );
}

/** False when the team has another version by now. */
export async function updateTeamRow(
  tx: Tx,
  id: string,
  version: number,
  values: { name: string; orgUnitId: string | null },
  now: Date,
): Promise<boolean> {
  const { rows } =
    await sql`update teams set name = ${values.name}, org_unit_id = ${values.orgUnitId}, updated_at = ${now}, version = version + 1
    where id = ${id} and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function putMembers(tx: Tx, id: string, people: readonly string[]): Promise<void> {
  await sql`delete from team_members where team_id = ${id} and not (person_id = any(${people}::uuid[]))`.execute(tx);
  await sql`insert into team_members (team_id, person_id) select ${id}, p from unnest(${people}::uuid[]) p on conflict do nothing`.execute(
    tx,
  );
}

export async function deleteTeamRow(tx: Tx, id: string): Promise<void> {
  await sql`delete from teams where id = ${id}`.execute(tx);
}

/** Whether the name is taken, the org unit is there, and which of the people are not. */
export async function clashesOfTeam(
  db: Db,
  id: string,
  values: { name: string; orgUnitId: string | null; people: readonly string[] },
): Promise<{ name: boolean; orgUnit: boolean; missing: string[] }> {
  const { rows } = await sql<{ name: boolean; orgUnit: boolean; missing: string[] }>`select
    exists (select 1 from teams where lower(name) = lower(${values.name}::text) and id <> ${id}) as name,
    ${values.orgUnitId}::uuid is not null and not exists (select 1 from org_units where id = ${values.orgUnitId}) as "orgUnit",
    (select coalesce(array_agg(w), '{}') from unnest(${values.people}::uuid[]) w where not exists (select 1 from people where id = w)) as missing`.execute(
    db,
  );
  return rows[0] as (typeof rows)[number];
}
