import { randomBytes } from 'node:crypto';
import type { ApiToken } from '@muster/api/access';
import { Problem } from '@muster/api/errors';
import { type Permission, permissions as allPermissions, type Scope } from '@muster/api/permissions';
import { audit } from '../../platform/audit/audit.ts';
import { type Actor, type Platform, systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { within } from './actors.ts';
import { scopeExists } from './store.ts';
import { insertToken, revokeTokenRow, tokenById, type TokenRow } from './store-sessions.ts';

const YEAR_MS = 365 * 86_400_000;

/** A secret of 256 bits with a prefix that secret scanners can find. */
export function newSecret(prefix: 'mst' | 'mek'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`;
}
/** What may be shown of a secret afterwards. */
export const shownPrefix = (secret: string): string => secret.slice(0, Math.min(8, Math.floor(secret.length / 3)));

export function secretState(row: { expires_at: Date | null; revoked_at: Date | null }, now: Date): 'active' | 'expired' | 'revoked' {
  if (row.revoked_at) return 'revoked';
  return row.expires_at && row.expires_at <= now ? 'expired' : 'active';
}

export function checkExpiry(expiresAt: string | null | undefined, now: Date): void {
  if (expiresAt && new Date(expiresAt) <= now)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'expiresAt', code: 'in_the_past', message: 'must be in the future' }],
    });
}

function present(row: TokenRow, now: Date): ApiToken {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    permissions: row.permissions as Permission[],
    scope: row.scope,
    userId: row.user_id,
    state: secretState(row, now),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}

/** Makes a token that can do no more than its maker; the answer alone holds the secret. */
export async function addToken(
  platform: Platform,
  actor: Actor,
  input: { name: string; permissions: Permission[]; scope: Scope; expiresAt?: string | null | undefined },
): Promise<ApiToken & { secret: string }> {
  const now = platform.now();
  checkExpiry(input.expiresAt, now);
  const permissions = [...new Set(input.permissions)];
  const errors = permissions
    .filter((permission) => permission !== 'self' && within({ permission, scope: input.scope }, actor.grants).length === 0)
    .map((permission) => ({
      field: `permissions[${input.permissions.indexOf(permission)}]`,
      code: 'not_held',
      message: `you do not hold ${permission} there yourself`,
    }));
  if (!(await scopeExists(platform.db, input.scope)))
    errors.push({ field: 'scope', code: 'unknown_reference', message: 'names nothing that exists' });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  const secret = newSecret('mst');
  const expiresAt = input.expiresAt === null ? null : new Date(input.expiresAt ?? now.getTime() + YEAR_MS);
  return inTx(platform.db, async (tx) => {
    const row = await insertToken(tx, {
      id: newId(),
      name: input.name,
      hash: platform.secrets.hash(secret),
      prefix: shownPrefix(secret),
      userId: actor.userId,
      permissions,
      scope: input.scope,
      expiresAt,
    });
    await audit(tx, actor, {
      action: 'token.created',
      resource: 'tokens',
      resourceId: row.id,
      summary: `Token ${row.name} was made`,
      after: { name: row.name, permissions, scope: input.scope, expiresAt },
    });
    return { ...present(row, now), secret };
  });
}

/** Runs something with an administrator token that lives no longer than the run: for Muster's own programs that speak HTTP. */
export async function withSystemToken(platform: Platform, name: string, run: (secret: string) => Promise<void>): Promise<void> {
  const secret = newSecret('mst');
  const expiresAt = new Date(platform.now().getTime() + 2 * 3600_000);
  const id = newId();
  await inTx(platform.db, async (tx) => {
    await insertToken(tx, {
      id,
      name,
      hash: platform.secrets.hash(secret),
      prefix: shownPrefix(secret),
      userId: null,
      permissions: allPermissions,
      scope: { kind: 'all' },
      expiresAt,
    });
    await audit(tx, systemActor, { action: 'token.created', resource: 'tokens', resourceId: id, summary: `Token ${name} was made` });
  });
  try {
    await run(secret);
  } finally {
    await revokeToken(platform, systemActor, id);
  }
}

export async function revokeToken(platform: Platform, actor: Actor, id: string): Promise<ApiToken> {
  const now = platform.now();
  return inTx(platform.db, async (tx) => {
    const found = await tokenById(tx, id);
    if (!found) throw new Problem('not_found', 'There is no such token.');
    const row = await revokeTokenRow(tx, id, now);
    if (!found.revoked_at)
      await audit(tx, actor, { action: 'token.revoked', resource: 'tokens', resourceId: id, summary: `Token ${row.name} was revoked` });
    return present(row, now);
  });
}
