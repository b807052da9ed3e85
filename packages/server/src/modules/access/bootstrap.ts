import { randomBytes } from 'node:crypto';
import type { Session } from '@muster/api/access';
import { Problem } from '@muster/api/errors';
import { permissions } from '@muster/api/permissions';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { audit } from '../../platform/audit/audit.ts';
import { type Actor, type Platform, systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { hashPassword } from './passwords.ts';
import { attemptFailed, checkAttempts, openSession } from './sessions.ts';
import { anyUser, insertAssignment, insertUser, lockAdministrators, userById } from './store.ts';
import {
  bootstrapTokens,
  insertKey,
  insertToken,
  keysNamed,
  replaceSetupLink,
  revokeKeyRow,
  revokeTokenRow,
  useSetupLink,
} from './store-sessions.ts';
import { shownPrefix } from './tokens.ts';

const LINK_MS = 24 * 3600_000;
const bootstrapToken = 'MUSTER_API_TOKEN';
const bootstrapKey = 'MUSTER_ENROLMENT_KEY';

export interface FirstStart {
  /** The first administrator was made from the environment at this start. */
  administrator: string | null;
  /** Path and query of a new one-time link to make the first administrator; null when there is a user. */
  setupPath: string | null;
}

/** What the environment asks for, at each start: the first administrator, the bootstrap token and key; or else a set-up link. */
export async function bootstrapAccess(platform: Platform): Promise<FirstStart> {
  const { config } = platform;
  const passwordHash =
    config.adminEmail && config.adminPassword && !(await anyUser(platform.db)) ? await hashPassword(config.adminPassword) : null;
  return inTx(platform.db, async (tx) => {
    await lockAdministrators(tx);
    if (config.apiToken) await keepToken(platform, tx, config.apiToken);
    if (config.enrolmentKey) await keepKey(platform, tx, config.enrolmentKey);
    if (await anyUser(tx)) return { administrator: null, setupPath: null };
    if (config.adminEmail && passwordHash) {
      await insertAdministrator(
        tx,
        systemActor,
        { email: config.adminEmail, name: nameOf(config.adminEmail), passwordHash },
        'from the environment',
      );
      return { administrator: config.adminEmail, setupPath: null };
    }
    return { administrator: null, setupPath: await newSetupPath(platform, tx) };
  });
}

/** A link replaces the one before, so only the last that was printed works. */
async function newSetupPath(platform: Platform, tx: Tx): Promise<string> {
  const secret = randomBytes(24).toString('base64url');
  await replaceSetupLink(tx, platform.secrets.hash(secret), new Date(platform.now().getTime() + LINK_MS));
  return `/setup?token=${secret}`;
}

/** The token of the environment is the only one of its name: another one is taken back when the variable changes. */
async function keepToken(platform: Platform, tx: Tx, secret: string): Promise<void> {
  const hash = platform.secrets.hash(secret);
  const rows = await bootstrapTokens(tx, bootstrapToken);
  for (const row of rows.filter((old) => !old.token_hash.equals(hash) && !old.revoked_at)) {
    await revokeTokenRow(tx, row.id, platform.now());
    await audit(tx, systemActor, {
      action: 'token.revoked',
      resource: 'tokens',
      resourceId: row.id,
      summary: `The token of ${bootstrapToken} was replaced`,
    });
  }
  if (rows.some((row) => row.token_hash.equals(hash))) return;
  const made = await insertToken(tx, {
    id: newId(),
    name: bootstrapToken,
    hash,
    prefix: shownPrefix(secret),
    userId: null,
    permissions,
    scope: { kind: 'all' },
    expiresAt: null,
  });
  await audit(tx, systemActor, {
    action: 'token.created',
    resource: 'tokens',
    resourceId: made.id,
    summary: `The token of ${bootstrapToken} was made`,
  });
}

async function keepKey(platform: Platform, tx: Tx, secret: string): Promise<void> {
  const hash = platform.secrets.hash(secret);
  const rows = await keysNamed(tx, bootstrapKey);
  for (const row of rows.filter((old) => !old.key_hash.equals(hash) && !old.revoked_at)) {
    await revokeKeyRow(tx, row.id, platform.now());
    await audit(tx, systemActor, {
      action: 'enrolment_key.revoked',
      resource: 'enrolment-keys',
      resourceId: row.id,
      summary: `The key of ${bootstrapKey} was replaced`,
    });
  }
  if (rows.some((row) => row.key_hash.equals(hash))) return;
  const made = await insertKey(tx, { id: newId(), name: bootstrapKey, hash, prefix: shownPrefix(secret), tag: null, expiresAt: null });
  await audit(tx, systemActor, {
    action: 'enrolment_key.created',
    resource: 'enrolment-keys',
    resourceId: made.id,
    summary: `The key of ${bootstrapKey} was made`,
  });
}

async function insertAdministrator(
  tx: Tx,
  actor: Actor,
  user: { email: string; name: string; passwordHash: string },
  how: string,
): Promise<string> {
  const id = newId();
  if (!(await insertUser(tx, { id, ...user, personId: null }))) throw new Problem('already_set_up');
  await insertAssignment(tx, { id: newId(), userId: id, role: 'administrator', scope: { kind: 'all' } });
  await audit(tx, actor, {
    action: 'user.created',
    resource: 'users',
    resourceId: id,
    summary: `The first administrator ${user.name} <${user.email}> was made ${how}`,
  });
  return id;
}

/** `ada.lovelace@example.org` -> `Ada Lovelace` */
function nameOf(email: string): string {
  const words = (email.split('@', 1)[0] ?? '').split(/[._-]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ') || email;
}

export async function setupNeeded(platform: Platform): Promise<boolean> {
  return !(await anyUser(platform.db));
}

/** Makes the first administrator with the printed link and signs them in. Throws already_set_up, link_expired, too_many_requests. */
export async function setUp(
  platform: Platform,
  caller: Actor & { requestId: string; ip: string },
  request: FastifyRequest,
  reply: FastifyReply,
  input: { token: string; email: string; name: string; password: string },
): Promise<Session> {
  if (await anyUser(platform.db)) throw new Problem('already_set_up');
  checkAttempts(platform, reply, 'setup', caller.ip);
  const passwordHash = await hashPassword(input.password);
  return inTx(platform.db, async (tx) => {
    await lockAdministrators(tx);
    // Asked again under the lock: of two people with the link only one gets in.
    if (await anyUser(tx)) throw new Problem('already_set_up');
    if (!(await useSetupLink(tx, platform.secrets.hash(input.token), platform.now()))) {
      attemptFailed(platform, 'setup', caller.ip);
      throw new Problem('link_expired', 'The set-up link is not valid (any more). Start Muster again to get a new one.');
    }
    const id = await insertAdministrator(
      tx,
      { ...caller, label: `${input.name} <${input.email}>` },
      { email: input.email, name: input.name, passwordHash },
      'with the set-up link',
    );
    const user = await userById(tx, id);
    if (!user) throw new Error('The user that was just made is gone');
    return openSession(platform, tx, caller, request, reply, user);
  });
}
