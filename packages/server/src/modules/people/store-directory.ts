import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export async function peopleByDirectoryId(db: Db, source: string, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ directory_id: string; person_id: string }>`select directory_id, person_id from person_directory_ids
    where source = ${source} and directory_id = any(${ids}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.directory_id, row.person_id]));
}

export async function linkDirectoryIds(
  tx: Tx,
  source: string,
  ids: readonly string[],
  people: ReadonlyMap<string, string>,
  now: Date,
): Promise<void> {
  await sql`insert into person_directory_ids (source, directory_id, person_id, seen_at)
    select ${source}, d, p, ${now} from unnest(${[...ids]}::text[], ${ids.map((id) => people.get(id))}::uuid[]) as r (d, p)
    on conflict (source, directory_id) do update set seen_at = excluded.seen_at`.execute(tx);
}

/** Who has these logins and e-mails now. */
export async function takenBy(
  db: Db,
  people: readonly { login: string | null; email: string | null }[],
): Promise<{ logins: Map<string, string>; emails: Map<string, string> }> {
  const logins = await sql<{
    key: string;
    id: string;
  }>`select lower(login) as key, id from people where lower(login) = any(${people.flatMap((p) => p.login ?? [])}::text[])`.execute(db);
  const emails = await sql<{
    key: string;
    id: string;
  }>`select lower(email) as key, id from people where lower(email) = any(${people.flatMap((p) => p.email ?? [])}::text[])`.execute(db);
  return {
    logins: new Map(logins.rows.map((row) => [row.key, row.id])),
    emails: new Map(emails.rows.map((row) => [row.key, row.id])),
  };
}

/** Writes what the directory says to people who came from it; null leaves what is there. Returns how many changed. */
export async function refreshPeople(
  tx: Tx,
  source: string,
  people: readonly {
    id: string;
    name: string;
    email: string | null;
    login: string | null;
    employeeNumber: string | null;
    jobTitle: string | null;
    active: boolean;
  }[],
  now: Date,
): Promise<number> {
  if (people.length === 0) return 0;
  const { numAffectedRows } =
    await sql`update people p set name = r.name, email = coalesce(r.email, p.email), login = coalesce(r.login, p.login),
      employee_number = coalesce(r."employeeNumber", p.employee_number), job_title = coalesce(r."jobTitle", p.job_title), active = r.active, updated_at = ${now}, version = version + 1
    from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) as r (id uuid, name text, email text, login text, "employeeNumber" text, "jobTitle" text, active boolean)
    where p.id = r.id and p.source = ${source} and (p.name, p.email, p.login, p.employee_number, p.job_title, p.active) is distinct from
      (r.name, coalesce(r.email, p.email), coalesce(r.login, p.login), coalesce(r."employeeNumber", p.employee_number), coalesce(r."jobTitle", p.job_title), r.active)`.execute(
      tx,
    );
  return Number(numAffectedRows ?? 0);
}
