import type { EnrolmentKey, EnrolmentKeyKind } from '@muster/api/access';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { insertKey, type KeyRow, keyById, noteKeyUse, revokeKeyRow, usableKey } from './store-sessions.ts';
import { checkExpiry, newSecret, secretState, shownPrefix } from './tokens.ts';

/** A key an agent may use. */
export interface UsableKey {
  readonly id: string;
  readonly name: string;
  readonly tag: string | null;
  readonly kind: EnrolmentKeyKind;
}

/** For how long a process trusts what it read, so a revoked key is refused after this at the latest. */
const TRUST_MS = 3_000;
const NOTE_MS = 60_000;
const MOST_CACHED = 1_000;

interface Cached {
  key: UsableKey | null;
  readAt: number;
  expiresAt: number;
}
const caches = new WeakMap<Platform, Map<string, Cached>>();

function cacheOf(platform: Platform): Map<string, Cached> {
  const found = caches.get(platform) ?? new Map<string, Cached>();
  caches.set(platform, found);
  return found;
}

/**
 * The enrolment key with this secret, or null when it is unknown, revoked or expired. Agents ask hundreds of times a second, so the answer
 * is remembered for a few seconds; the time of use is written once a minute. A key of another kind than the caller's is not known to it.
 */
export async function findEnrolmentKey(platform: Platform, secret: string, kind: EnrolmentKeyKind = 'agent'): Promise<UsableKey | null> {
  const key = await keyOfSecret(platform, secret);
  return key?.kind === kind ? key : null;
}

async function keyOfSecret(platform: Platform, secret: string): Promise<UsableKey | null> {
  if (secret === '' || secret.length > 200) return null;
  const cache = cacheOf(platform);
  const hash = platform.secrets.hash(secret);
  const name = hash.toString('base64');
  const now = platform.now();
  const cached = cache.get(name);
  if (cached && now.getTime() - cached.readAt < TRUST_MS && cached.expiresAt > now.getTime()) return cached.key;
  const row = await usableKey(platform.db, hash, now);
  if (row && (!row.last_used_at || now.getTime() - row.last_used_at.getTime() > NOTE_MS))
    await inTx(platform.db, (tx) => noteKeyUse(tx, row.id, now));
  const key = row ? { id: row.id, name: row.name, tag: row.tag, kind: row.kind } : null;
  if (cache.size >= MOST_CACHED) cache.clear();
  cache.set(name, { key, readAt: now.getTime(), expiresAt: row?.expires_at?.getTime() ?? Infinity });
  return key;
}

function present(row: KeyRow, now: Date): EnrolmentKey {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    tag: row.tag,
    kind: row.kind,
    state: secretState(row, now),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}

export async function addEnrolmentKey(
  platform: Platform,
  actor: Actor,
  input: { name: string; tag?: string | null | undefined; kind?: EnrolmentKeyKind | undefined; expiresAt?: string | null | undefined },
): Promise<EnrolmentKey & { key: string }> {
  const now = platform.now();
  checkExpiry(input.expiresAt, now);
  const key = newSecret('mek');
  return inTx(platform.db, async (tx) => {
    const row = await insertKey(tx, {
      id: newId(),
      name: input.name,
      hash: platform.secrets.hash(key),
      prefix: shownPrefix(key),
      tag: input.tag ?? null,
      kind: input.kind ?? 'agent',
      expiresAt: input.expiresAt ? new Date(input.expiresAt) : null,
    });
    await audit(tx, actor, {
      action: 'enrolment_key.created',
      resource: 'enrolment-keys',
      resourceId: row.id,
      summary: `Enrolment key ${row.name} was made`,
      after: { name: row.name, kind: row.kind, tag: row.tag, expiresAt: row.expires_at },
    });
    return { ...present(row, now), key };
  });
}

export async function revokeEnrolmentKey(platform: Platform, actor: Actor, id: string): Promise<EnrolmentKey> {
  const now = platform.now();
  const view = await inTx(platform.db, async (tx) => {
    const found = await keyById(tx, id);
    if (!found) throw new Problem('not_found', 'There is no such enrolment key.');
    const row = await revokeKeyRow(tx, id, now);
    if (!found.revoked_at)
      await audit(tx, actor, {
        action: 'enrolment_key.revoked',
        resource: 'enrolment-keys',
        resourceId: id,
        summary: `Enrolment key ${row.name} was revoked`,
      });
    return present(row, now);
  });
  // This process forgets at once; the others within TRUST_MS.
  cacheOf(platform).clear();
  return view;
}
