import { sql } from 'kysely';
import type { RoleName, Scope } from '@muster/api/permissions';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface UserRow {
  id: string;
  email: string;
  name: string;
  password_hash: string | null;
  person_id: string | null;
  disabled: boolean;
  locale: string | null;
  created_at: Date;
  updated_at: Date;
  last_sign_in_at: Date | null;
  version: number;
}
export interface AssignmentRow {
  id: string;
  user_id: string;
  role: RoleName;
  scope: Scope;
  created_at: Date;
}

export async function userById(db: Db, id: string): Promise<UserRow | undefined> {
  return (await sql<UserRow>`select * from users where id = ${id}`.execute(db)).rows[0];
}
export async function lockUser(tx: Tx, id: string): Promise<UserRow | undefined> {
  return (await sql<UserRow>`select * from users where id = ${id} for update`.execute(tx)).rows[0];
}
export async function userByEmail(db: Db, email: string): Promise<UserRow | undefined> {
  return (await sql<UserRow>`select * from users where lower(email) = lower(${email})`.execute(db)).rows[0];
}
export async function anyUser(db: Db): Promise<boolean> {
  return (await sql<{ found: boolean }>`select exists (select 1 from users) as found`.execute(db)).rows[0]?.found ?? false;
}
export async function personExists(db: Db, id: string): Promise<boolean> {
  return (
    (await sql<{ found: boolean }>`select exists (select 1 from people where id = ${id}) as found`.execute(db)).rows[0]?.found ?? false
  );
}

export async function insertUser(
  tx: Tx,
  user: { id: string; email: string; name: string; passwordHash: string | null; personId: string | null },
): Promise<boolean> {
  const { rows } = await sql`insert into users (id, email, name, password_hash, person_id)
    values (${user.id}, ${user.email}, ${user.name}, ${user.passwordHash}, ${user.personId}) on conflict (lower(email)) do nothing returning id`.execute(
    tx,
  );
  return rows.length > 0;
}
export async function saveUser(tx: Tx, user: UserRow): Promise<void> {
  await sql`update users set email = ${user.email}, name = ${user.name}, password_hash = ${user.password_hash}, person_id = ${user.person_id},
    disabled = ${user.disabled}, updated_at = now(), version = version + 1 where id = ${user.id}`.execute(tx);
}
export async function touchUser(tx: Tx, id: string): Promise<void> {
  await sql`update users set updated_at = now(), version = version + 1 where id = ${id}`.execute(tx);
}
export async function noteSignIn(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update users set last_sign_in_at = ${at} where id = ${id}`.execute(tx);
}

export async function assignmentsOf(db: Db, userId: string): Promise<AssignmentRow[]> {
  return (await sql<AssignmentRow>`select * from role_assignments where user_id = ${userId} order by role, id`.execute(db)).rows;
}
export async function insertAssignment(tx: Tx, assignment: { id: string; userId: string; role: RoleName; scope: Scope }): Promise<boolean> {
  const { rows } = await sql`insert into role_assignments (id, user_id, role, scope)
    values (${assignment.id}, ${assignment.userId}, ${assignment.role}, ${JSON.stringify(assignment.scope)}::jsonb) on conflict (user_id, role, scope) do nothing returning id`.execute(
    tx,
  );
  return rows.length > 0;
}
export async function deleteAssignment(tx: Tx, userId: string, id: string): Promise<AssignmentRow | undefined> {
  return (await sql<AssignmentRow>`delete from role_assignments where id = ${id} and user_id = ${userId} returning *`.execute(tx)).rows[0];
}
/** Whether the thing a scope names exists. */
export async function scopeExists(db: Db, scope: Scope): Promise<boolean> {
  if (scope.kind === 'org_unit') return (await sql`select 1 from org_units where id = ${scope.id}`.execute(db)).rows.length > 0;
  if (scope.kind === 'place') return (await sql`select 1 from places where id = ${scope.id}`.execute(db)).rows.length > 0;
  if (scope.kind === 'asset_class') return (await sql`select 1 from asset_classes where key = ${scope.key}`.execute(db)).rows.length > 0;
  return true;
}

/** Serialises whatever decides about the first or the last administrator. */
export async function lockAdministrators(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(712034503)`.execute(tx);
}
/** Administrators everywhere who can sign in, that is, who are not disabled. */
export async function countAdministrators(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(distinct u.id)::int as n from users u join role_assignments r on r.user_id = u.id
    where r.role = 'administrator' and r.scope = '{"kind":"all"}'::jsonb and not u.disabled and u.password_hash is not null`.execute(db);
  return rows[0]?.n ?? 0;
}
