import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { PersonValues } from './store.ts';

export interface NamedPerson extends PersonValues {
  id: string;
  org_unit: string | null;
  place: string | null;
  version: number;
}

/** People with the names of what they point at. `lock` holds them in the order of their ids. */
export async function namedPeople(db: Db, ids: readonly string[], lock: boolean): Promise<NamedPerson[]> {
  if (ids.length === 0) return [];
  return (
    await sql<NamedPerson>`select p.*, ou.name as org_unit, pl.name as place
      from people p left join org_units ou on ou.id = p.org_unit_id left join places pl on pl.id = p.place_id
      where p.id = any(${ids}::uuid[]) order by p.id ${lock ? sql`for no key update of p` : sql``}`.execute(db)
  ).rows;
}

const keys = { email: 'email', login: 'login', employeeNumber: 'employee_number', name: 'name' } as const;

/** People by id, e-mail, login, employee number or name, without case: one row per hit. */
export async function peopleByKey(db: Db, key: string, values: readonly string[]): Promise<{ value: string; id: string }[]> {
  const lower = values.map((v) => v.toLowerCase());
  if (key === 'id') {
    const ids = lower.filter((v) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(v));
    return (await sql<{ value: string; id: string }>`select id::text as value, id from people where id = any(${ids}::uuid[])`.execute(db))
      .rows;
  }
  const column = keys[key as keyof typeof keys];
  if (!column) throw new Error(`People are not found by ${key}`);
  const by = sql.raw(column);
  return (
    await sql<{
      value: string;
      id: string;
    }>`select lower(${by}) as value, id from people where lower(${by}) = any(${lower}::text[])`.execute(db)
  ).rows;
}

/** Puts a person's own values back as they were. The caller holds the row. */
export async function putPersonBack(tx: Tx, id: string, v: PersonValues, now: Date): Promise<void> {
  await sql`update people set name = ${v.name}, email = ${v.email}, login = ${v.login}, employee_number = ${v.employee_number},
      job_title = ${v.job_title}, org_unit_id = ${v.org_unit_id}, place_id = ${v.place_id}, active = ${v.active},
      custom = ${JSON.stringify(v.custom)}::jsonb, updated_at = ${now}, version = version + 1 where id = ${id}`.execute(tx);
}
