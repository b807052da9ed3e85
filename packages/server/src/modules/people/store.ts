import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** What a person's row holds of its own. */
export interface PersonValues {
  name: string;
  email: string | null;
  login: string | null;
  employee_number: string | null;
  job_title: string | null;
  org_unit_id: string | null;
  place_id: string | null;
  active: boolean;
  custom: Record<string, unknown>;
}
export interface PersonRow extends PersonValues {
  id: string;
  source: string;
  org_unit: string | null;
  place: string | null;
  assets: string;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export async function findPerson(db: Db, id: string): Promise<PersonRow | undefined> {
  const { rows } = await sql<PersonRow>`select p.*, ou.name as org_unit, pl.name as place,
      (select count(*) from assets x where x.person_id = p.id and x.redirected_to is null) as assets
    from people p left join org_units ou on ou.id = p.org_unit_id left join places pl on pl.id = p.place_id where p.id = ${id}`.execute(db);
  return rows[0];
}

export async function insertPerson(tx: Tx, id: string, v: PersonValues, source: string, now: Date): Promise<void> {
  await sql`insert into people (id, name, email, login, employee_number, job_title, org_unit_id, place_id, active, source, custom, created_at, updated_at)
    values (${id}, ${v.name}, ${v.email}, ${v.login}, ${v.employee_number}, ${v.job_title}, ${v.org_unit_id}, ${v.place_id}, ${v.active}, ${source},
      ${JSON.stringify(v.custom)}::jsonb, ${now}, ${now})`.execute(tx);
}

/** False when the person has another version by now. */
export async function updatePersonRow(tx: Tx, id: string, version: number, v: PersonValues, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update people set name = ${v.name}, email = ${v.email}, login = ${v.login}, employee_number = ${v.employee_number},
      job_title = ${v.job_title}, org_unit_id = ${v.org_unit_id}, place_id = ${v.place_id}, active = ${v.active}, custom = ${JSON.stringify(v.custom)}::jsonb,
      updated_at = ${now}, version = version + 1
    where id = ${id} and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function deactivatePersonRow(tx: Tx, id: string, now: Date): Promise<void> {
  await sql`update people set active = false, updated_at = ${now}, version = version + 1 where id = ${id} and active`.execute(tx);
}

/** What of a person's values cannot be stored: another one's login or e-mail, an org unit or place that is not there. */
export async function clashesOf(
  tx: Tx,
  id: string,
  v: PersonValues,
): Promise<{ login: boolean; email: boolean; orgUnit: boolean; place: boolean }> {
  const { rows } = await sql<{ login: boolean; email: boolean; orgUnit: boolean; place: boolean }>`select
    exists (select 1 from people where lower(login) = lower(${v.login}::text) and id <> ${id}) as login,
    exists (select 1 from people where lower(email) = lower(${v.email}::text) and id <> ${id}) as email,
    ${v.org_unit_id}::uuid is not null and not exists (select 1 from org_units where id = ${v.org_unit_id}) as "orgUnit",
    ${v.place_id}::uuid is not null and not exists (select 1 from places where id = ${v.place_id}) as place`.execute(tx);
  return rows[0] ?? { login: false, email: false, orgUnit: false, place: false };
}

/** People by lower-case login. */
export async function peopleByLogin(db: Db, logins: readonly string[]): Promise<Map<string, { id: string; name: string }>> {
  const { rows } = await sql<{ key: string; id: string; name: string }>`select lower(login) as key, id, name from people
    where lower(login) = any(${logins}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.key, { id: row.id, name: row.name }]));
}

/** Ids of people by lower-case e-mail. */
export async function peopleByEmail(db: Db, emails: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{
    key: string;
    id: string;
  }>`select lower(email) as key, id from people where lower(email) = any(${emails}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.key, row.id]));
}

export interface NewPerson {
  id: string;
  name: string;
  email: string | null;
  login: string | null;
  employeeNumber: string | null;
  jobTitle: string | null;
  orgUnitId: string | null;
  placeId: string | null;
}

/** Inserts many at once; one whose login or e-mail was taken meanwhile is left out. Returns the ids inserted. */
export async function insertPeople(tx: Tx, people: readonly NewPerson[], source: string, now: Date): Promise<Set<string>> {
  const { rows } = await sql<{
    id: string;
  }>`insert into people (id, name, email, login, employee_number, job_title, org_unit_id, place_id, source, created_at, updated_at)
    select r.id, r.name, r.email, r.login, r."employeeNumber", r."jobTitle", r."orgUnitId", r."placeId", ${source}, ${now}, ${now}
    from jsonb_to_recordset(${JSON.stringify(people)}::jsonb)
      as r(id uuid, name text, email text, login text, "employeeNumber" text, "jobTitle" text, "orgUnitId" uuid, "placeId" uuid)
    on conflict do nothing returning id`.execute(tx);
  return new Set(rows.map((row) => row.id));
}
