import type { EnrolmentKeyKind } from '@muster/api/access';
import { sql } from 'kysely';
import type { RoleName, Scope } from '@muster/api/permissions';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface SessionRow {
  id: string;
  user_id: string;
  created_at: Date;
  last_seen_at: Date;
  expires_at: Date;
  user_agent: string | null;
  ip: string | null;
}
/** A session with its user and roles: all an actor is made of, in one query. */
export interface SignedInRow extends SessionRow {
  email: string;
  name: string;
  person_id: string | null;
  locale: string | null;
  roles: { role: RoleName; scope: Scope }[];
}

const rolesOfUser = sql`coalesce((select jsonb_agg(jsonb_build_object('role', r.role, 'scope', r.scope) order by r.role, r.id) from role_assignments r where r.user_id = u.id), '[]')`;

export async function insertSession(
  tx: Tx,
  session: { id: string; idHash: Buffer; userId: string; now: Date; expiresAt: Date; userAgent: string | null; ip: string },
): Promise<void> {
  await sql`insert into sessions (id, id_hash, user_id, created_at, last_seen_at, expires_at, user_agent, ip)
    values (${session.id}, ${session.idHash}, ${session.userId}, ${session.now}, ${session.now}, ${session.expiresAt}, ${session.userAgent}, ${session.ip})`.execute(
    tx,
  );
}
export async function signedIn(db: Db, idHash: Buffer, now: Date): Promise<SignedInRow | undefined> {
  const { rows } =
    await sql<SignedInRow>`select s.id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.user_agent, s.ip, u.email, u.name, u.person_id, u.locale, ${rolesOfUser} as roles
    from sessions s join users u on u.id = s.user_id where s.id_hash = ${idHash} and s.expires_at > ${now} and not u.disabled`.execute(db);
  return rows[0];
}
/** A user who may sign in, with roles. */
export async function enabledUser(
  db: Db,
  id: string,
): Promise<Pick<SignedInRow, 'user_id' | 'email' | 'name' | 'person_id' | 'roles'> | undefined> {
  return (
    await sql<
      Pick<SignedInRow, 'user_id' | 'email' | 'name' | 'person_id' | 'roles'>
    >`select u.id as user_id, u.email, u.name, u.person_id, ${rolesOfUser} as roles from users u where u.id = ${id} and not u.disabled`.execute(
      db,
    )
  ).rows[0];
}
/** Slides the expiry. */
export async function extendSession(tx: Tx, id: string, now: Date, expiresAt: Date): Promise<void> {
  await sql`update sessions set last_seen_at = ${now}, expires_at = ${expiresAt} where id = ${id}`.execute(tx);
}
export async function sessionsOf(db: Db, userId: string, now: Date): Promise<SessionRow[]> {
  return (
    await sql<SessionRow>`select * from sessions where user_id = ${userId} and expires_at > ${now} order by last_seen_at desc`.execute(db)
  ).rows;
}
export async function deleteSession(tx: Tx, userId: string, id: string): Promise<boolean> {
  return (await sql`delete from sessions where id = ${id} and user_id = ${userId} returning id`.execute(tx)).rows.length > 0;
}
/** Ends all sessions of a user but one. Returns how many. */
export async function deleteSessions(tx: Tx, userId: string, exceptId: string | null = null): Promise<number> {
  return (await sql`delete from sessions where user_id = ${userId} and id is distinct from ${exceptId}::uuid returning id`.execute(tx)).rows
    .length;
}
export async function deleteExpiredSessions(tx: Tx, now: Date): Promise<void> {
  await sql`delete from sessions where expires_at < ${now}`.execute(tx);
  await sql`delete from setup_links where expires_at < ${now}`.execute(tx);
}

export async function replaceSetupLink(tx: Tx, hash: Buffer, expiresAt: Date): Promise<void> {
  await sql`delete from setup_links`.execute(tx);
  await sql`insert into setup_links (token_hash, expires_at) values (${hash}, ${expiresAt})`.execute(tx);
}
/** Uses the link up; false when it is unknown, expired or used. */
export async function useSetupLink(tx: Tx, hash: Buffer, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update setup_links set used_at = ${now} where token_hash = ${hash} and used_at is null and expires_at > ${now} returning token_hash`.execute(
      tx,
    );
  return rows.length > 0;
}

export interface TokenRow {
  id: string;
  name: string;
  prefix: string;
  user_id: string | null;
  permissions: string[];
  scope: Scope;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}
/** A token that may be used now, with its maker's roles. */
export interface UsableTokenRow extends TokenRow {
  person_id: string | null;
  roles: { role: RoleName; scope: Scope }[];
}
export async function usableToken(db: Db, hash: Buffer, now: Date): Promise<UsableTokenRow | undefined> {
  return usable(db, sql`t.token_hash = ${hash}`, now);
}
export async function usableTokenById(db: Db, id: string, now: Date): Promise<UsableTokenRow | undefined> {
  return usable(db, sql`t.id = ${id}`, now);
}
async function usable(db: Db, which: ReturnType<typeof sql>, now: Date): Promise<UsableTokenRow | undefined> {
  const { rows } =
    await sql<UsableTokenRow>`select t.*, u.person_id, ${rolesOfUser} as roles from api_tokens t left join users u on u.id = t.user_id
    where ${which} and t.revoked_at is null and (t.expires_at is null or t.expires_at > ${now}) and (t.user_id is null or not u.disabled)`.execute(
      db,
    );
  return rows[0];
}
export async function noteTokenUse(tx: Tx, id: string, now: Date): Promise<void> {
  await sql`update api_tokens set last_used_at = ${now} where id = ${id}`.execute(tx);
}
export async function insertToken(
  tx: Tx,
  token: {
    id: string;
    name: string;
    hash: Buffer;
    prefix: string;
    userId: string | null;
    permissions: readonly string[];
    scope: Scope;
    expiresAt: Date | null;
  },
): Promise<TokenRow> {
  const { rows } = await sql<TokenRow>`insert into api_tokens (id, name, token_hash, prefix, user_id, permissions, scope, expires_at)
    values (${token.id}, ${token.name}, ${token.hash}, ${token.prefix}, ${token.userId}, ${token.permissions}::text[], ${JSON.stringify(token.scope)}::jsonb, ${token.expiresAt}) returning *`.execute(
    tx,
  );
  return rows[0] as TokenRow;
}
export async function tokenById(tx: Tx, id: string): Promise<TokenRow | undefined> {
  return (await sql<TokenRow>`select * from api_tokens where id = ${id} for update`.execute(tx)).rows[0];
}
export async function revokeTokenRow(tx: Tx, id: string, now: Date): Promise<TokenRow> {
  return (await sql<TokenRow>`update api_tokens set revoked_at = coalesce(revoked_at, ${now}) where id = ${id} returning *`.execute(tx))
    .rows[0] as TokenRow;
}
/** Whether a token or key with this secret is there, revoked or not. */
export async function bootstrapTokens(tx: Tx, name: string): Promise<(TokenRow & { token_hash: Buffer })[]> {
  return (
    await sql<TokenRow & { token_hash: Buffer }>`select * from api_tokens where user_id is null and name = ${name} for update`.execute(tx)
  ).rows;
}

export interface KeyRow {
  id: string;
  name: string;
  prefix: string;
  tag: string | null;
  kind: EnrolmentKeyKind;
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
  key_hash: Buffer;
}
export async function usableKey(db: Db, hash: Buffer, now: Date): Promise<KeyRow | undefined> {
  const { rows } =
    await sql<KeyRow>`select * from enrolment_keys where key_hash = ${hash} and revoked_at is null and (expires_at is null or expires_at > ${now})`.execute(
      db,
    );
  return rows[0];
}
export async function noteKeyUse(tx: Tx, id: string, now: Date): Promise<void> {
  await sql`update enrolment_keys set last_used_at = ${now} where id = ${id}`.execute(tx);
}
export async function insertKey(
  tx: Tx,
  key: { id: string; name: string; hash: Buffer; prefix: string; tag: string | null; kind?: EnrolmentKeyKind; expiresAt: Date | null },
): Promise<KeyRow> {
  const { rows } = await sql<KeyRow>`insert into enrolment_keys (id, name, key_hash, prefix, tag, kind, expires_at)
    values (${key.id}, ${key.name}, ${key.hash}, ${key.prefix}, ${key.tag}, ${key.kind ?? 'agent'}, ${key.expiresAt}) returning *`.execute(
    tx,
  );
  return rows[0] as KeyRow;
}
export async function keyById(tx: Tx, id: string): Promise<KeyRow | undefined> {
  return (await sql<KeyRow>`select * from enrolment_keys where id = ${id} for update`.execute(tx)).rows[0];
}
export async function keysNamed(tx: Tx, name: string): Promise<KeyRow[]> {
  return (await sql<KeyRow>`select * from enrolment_keys where name = ${name} for update`.execute(tx)).rows;
}
export async function revokeKeyRow(tx: Tx, id: string, now: Date): Promise<KeyRow> {
  return (
    await sql<KeyRow>`update enrolment_keys set revoked_at = coalesce(revoked_at, ${now}), version = version + 1 where id = ${id} returning *`.execute(
      tx,
    )
  ).rows[0] as KeyRow;
}
