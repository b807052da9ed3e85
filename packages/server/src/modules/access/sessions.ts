import { randomBytes } from 'node:crypto';
import type { MySession, Session } from '@muster/api/access';
import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { AttemptLimit } from '../../platform/http/attempts.ts';
import { newId } from '../../platform/ids.ts';
import { grantsOf } from './actors.ts';
import { hashPassword, verifyPassword } from './passwords.ts';
import { lockUser, noteSignIn, saveUser, userByEmail, userById, assignmentsOf, type UserRow } from './store.ts';
import { deleteSession, deleteSessions, insertSession, sessionsOf } from './store-sessions.ts';

export const cookieName = 'muster_session';
/** A session ends after this long without a request ... */
export const idleMs = 12 * 3600_000;
/** ... and after this long in any case. */
export const lifetimeMs = 7 * 86_400_000;

type Caller = Actor & { requestId: string; ip: string };

/** Guessing one account from one address, and guessing many accounts from one. */
export interface SignInLimits {
  perAccount: AttemptLimit;
  perAddress: AttemptLimit;
}
const limits = new WeakMap<Platform, SignInLimits>();

/** The limits of this process. Failures only count; signing in clears the account's. */
export function limitsOf(platform: Platform): SignInLimits {
  const found = limits.get(platform);
  if (found) return found;
  const made = {
    perAccount: new AttemptLimit({ max: 5, windowMs: 5 * 60_000 }),
    perAddress: new AttemptLimit({ max: 50, windowMs: 15 * 60_000 }),
  };
  limits.set(platform, made);
  return made;
}

/** Refuses with `too_many_requests` when too many attempts failed; call before the secret is looked at. */
export function checkAttempts(platform: Platform, reply: FastifyReply, account: string, ip: string): void {
  const { perAccount, perAddress } = limitsOf(platform);
  const now = platform.now().getTime();
  const wait = Math.max(perAccount.waitSeconds(`${ip} ${account}`, now), perAddress.waitSeconds(ip, now));
  if (wait === 0) return;
  reply.header('retry-after', String(wait));
  throw new Problem(
    'too_many_requests',
    `Too many attempts failed. Try again in ${wait < 90 ? `${wait} seconds` : `${Math.ceil(wait / 60)} minutes`}.`,
  );
}

export function attemptFailed(platform: Platform, account: string, ip: string): void {
  const now = platform.now().getTime();
  limitsOf(platform).perAccount.failed(`${ip} ${account}`, now);
  limitsOf(platform).perAddress.failed(ip, now);
}

/** Signs in with a password and sets the cookie. Both outcomes are in the audit log. Throws wrong_credentials, too_many_requests. */
export async function signInUser(
  platform: Platform,
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  input: { email: string; password: string },
): Promise<Session> {
  const email = input.email.trim().toLowerCase();
  checkAttempts(platform, reply, email, caller.ip);
  const user = await userByEmail(platform.db, email);
  const right = await verifyPassword(input.password, user?.password_hash ?? null);
  if (!user || !right || user.disabled) {
    attemptFailed(platform, email, caller.ip);
    await inTx(platform.db, (tx) => auditFailure(tx, caller, email, user, right));
    throw new Problem('wrong_credentials');
  }
  limitsOf(platform).perAccount.succeeded(`${caller.ip} ${email}`);
  return inTx(platform.db, (tx) => openSession(platform, tx, caller, request, reply, user));
}

async function auditFailure(tx: Tx, caller: Caller, email: string, user: UserRow | undefined, right: boolean): Promise<void> {
  const reason = !user ? 'unknown e-mail' : !right ? 'wrong password' : 'the user is disabled';
  await audit(tx, caller, {
    action: 'session.refused',
    resource: 'users',
    resourceId: user?.id ?? null,
    summary: `Sign-in refused for ${email}: ${reason}`,
  });
}

/** Opens a session for a user whose identity is proven, audits it and sets the cookie. */
export async function openSession(
  platform: Platform,
  tx: Tx,
  caller: { requestId: string; ip: string },
  request: FastifyRequest,
  reply: FastifyReply,
  user: UserRow,
): Promise<Session> {
  const secret = randomBytes(32).toString('base64url');
  const now = platform.now();
  const expiresAt = new Date(now.getTime() + idleMs);
  const userAgent = request.headers['user-agent']?.slice(0, 400) ?? null;
  await insertSession(tx, {
    id: newId(),
    idHash: platform.secrets.hash(secret),
    userId: user.id,
    now,
    expiresAt,
    userAgent,
    ip: caller.ip,
  });
  await noteSignIn(tx, user.id, now);
  const self: Actor = {
    kind: 'user',
    id: user.id,
    label: `${user.name} <${user.email}>`,
    userId: user.id,
    personId: user.person_id,
    grants: [],
  };
  await audit(
    tx,
    { ...self, requestId: caller.requestId, ip: caller.ip },
    { action: 'session.opened', resource: 'users', resourceId: user.id, summary: `${user.name} signed in` },
  );
  setSessionCookie(platform, request, reply, secret, now);
  return presentSession(tx, user, expiresAt);
}

/** The cookie lives as long as a session can; the server's own record decides when it ends. */
function setSessionCookie(platform: Platform, request: FastifyRequest, reply: FastifyReply, secret: string, now: Date): void {
  reply.setCookie(cookieName, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: platform.config.baseUrl.startsWith('https:') || request.protocol === 'https',
    expires: new Date(now.getTime() + lifetimeMs),
  });
}

export async function presentSession(db: Db, user: UserRow, expiresAt: Date | null, permissions?: readonly Permission[]): Promise<Session> {
  const assigned = await assignmentsOf(db, user.id);
  const roles = assigned.map(({ role, scope }) => ({ role, scope }));
  const held = permissions ?? ['self' as const, ...grantsOf(roles).map((grant) => grant.permission)];
  return {
    user: { id: user.id, name: user.name, email: user.email, personId: user.person_id, locale: user.locale },
    roles,
    permissions: [...new Set(held)],
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

/** The session of the request. A token that belongs to no user has none. */
export async function currentSession(platform: Platform, request: FastifyRequest): Promise<Session> {
  const { actor, sessionId } = request.authenticated ?? {};
  const user = actor?.userId ? await userById(platform.db, actor.userId) : undefined;
  if (!actor || !user) throw new Problem('forbidden', 'This token belongs to no user.');
  const session = sessionId ? (await sessionsOf(platform.db, user.id, platform.now())).find((row) => row.id === sessionId) : undefined;
  return presentSession(
    platform.db,
    user,
    session?.expires_at ?? null,
    actor.grants.map((grant) => grant.permission),
  );
}

export async function signOutSession(platform: Platform, caller: Caller, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const sessionId = request.authenticated?.sessionId;
  reply.clearCookie(cookieName, { path: '/' });
  if (!sessionId || !caller.userId) return;
  const userId = caller.userId;
  await inTx(platform.db, async (tx) => {
    await deleteSession(tx, userId, sessionId);
    await audit(tx, caller, { action: 'session.ended', resource: 'users', resourceId: userId, summary: `${caller.label} signed out` });
  });
}

function needUser(caller: Caller): string {
  if (!caller.userId) throw new Problem('forbidden', 'This token belongs to no user.');
  return caller.userId;
}

export async function mySessions(platform: Platform, caller: Caller, currentId: string | undefined): Promise<MySession[]> {
  const rows = await sessionsOf(platform.db, needUser(caller), platform.now());
  return rows.map((row) => ({
    id: row.id,
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    userAgent: row.user_agent,
    ip: row.ip,
    current: row.id === currentId,
  }));
}

export async function revokeSession(platform: Platform, caller: Caller, id: string): Promise<void> {
  const userId = needUser(caller);
  await inTx(platform.db, async (tx) => {
    if (!(await deleteSession(tx, userId, id))) throw new Problem('not_found', 'You have no such session.');
    await audit(tx, caller, {
      action: 'session.revoked',
      resource: 'users',
      resourceId: userId,
      summary: `${caller.label} ended a session of their own`,
    });
  });
}

/** Changes one's own password after proving the current one, and ends one's other sessions. */
export async function changePassword(
  platform: Platform,
  caller: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  input: { currentPassword: string; newPassword: string },
): Promise<void> {
  const sessionId = request.authenticated?.sessionId;
  if (!sessionId) throw new Problem('forbidden', 'A password is changed by its owner in a browser session, not with a token.');
  const userId = needUser(caller);
  checkAttempts(platform, reply, userId, caller.ip);
  const before = await userById(platform.db, userId);
  if (!(await verifyPassword(input.currentPassword, before?.password_hash ?? null))) {
    attemptFailed(platform, userId, caller.ip);
    throw new Problem('wrong_credentials', 'The current password is wrong.');
  }
  const passwordHash = await hashPassword(input.newPassword);
  await inTx(platform.db, async (tx) => {
    const user = await lockUser(tx, userId);
    if (!user) throw new Problem('not_found');
    await saveUser(tx, { ...user, password_hash: passwordHash });
    const ended = await deleteSessions(tx, userId, sessionId);
    await audit(tx, caller, {
      action: 'user.password_changed',
      resource: 'users',
      resourceId: userId,
      summary: `${user.name} changed their password; ${ended} other sessions ended`,
    });
  });
}
