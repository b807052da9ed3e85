import { createHash } from 'node:crypto';
import { Problem } from '@muster/api/errors';
import { sql } from 'kysely';
import type { Actor, Platform } from '../context.ts';

export interface Remembered {
  status: number;
  /** The JSON text of the answer. */
  body: string;
  etag: string | null;
}

/** How long a first request may run before a repeat takes over: longer than any request lives. */
const LEASE_SECONDS = 120;
const WAIT_MS = 15_000;

/**
 * Runs a POST once per actor and Idempotency-Key: a repeat gets the stored answer, a repeat that arrives meanwhile waits for it, another
 * request under the same key is refused with `idempotency_mismatch`. Only successes are remembered: after a problem nothing has changed,
 * so the request may be tried again. The stored answer is encrypted, since it can hold a secret that is shown once.
 */
export async function once(
  platform: Platform,
  actor: Actor,
  key: string,
  request: string,
  run: () => Promise<Remembered>,
): Promise<Remembered & { replayed: boolean }> {
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'Idempotency-Key', code: 'wrong_format', message: '1 to 200 visible ASCII characters' }],
    });
  const owner = `${actor.kind}:${actor.id ?? actor.label}`;
  const hash = createHash('sha256').update(request).digest('hex');
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    if (await claim(platform, owner, key, hash)) return { ...(await runClaimed(platform, owner, key, run)), replayed: false };
    const found = await find(platform, owner, key);
    if (found && found.request_hash !== hash) throw new Problem('idempotency_mismatch');
    if (found?.response) return { ...(JSON.parse(platform.secrets.decrypt(found.response.sealed)) as Remembered), replayed: true };
    if (Date.now() > deadline) throw new Problem('conflict', 'The first request with this idempotency key is still running.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function runClaimed(platform: Platform, owner: string, key: string, run: () => Promise<Remembered>): Promise<Remembered> {
  try {
    const answer = await run();
    const sealed = JSON.stringify({ sealed: platform.secrets.encrypt(JSON.stringify(answer)) });
    await sql`update idempotency_keys set status = ${answer.status}, response = ${sealed}::jsonb where actor = ${owner} and key = ${key}`.execute(
      platform.db,
    );
    return answer;
  } catch (error) {
    await sql`delete from idempotency_keys where actor = ${owner} and key = ${key} and response is null`.execute(platform.db);
    throw error;
  }
}

/** Takes the key, or takes over one whose server died before it answered. */
async function claim(platform: Platform, owner: string, key: string, hash: string): Promise<boolean> {
  const { rows } = await sql`insert into idempotency_keys (actor, key, request_hash, status) values (${owner}, ${key}, ${hash}, 0)
    on conflict (actor, key) do update set request_hash = excluded.request_hash, created_at = now()
      where idempotency_keys.response is null and idempotency_keys.created_at < now() - make_interval(secs => ${LEASE_SECONDS})
    returning key`.execute(platform.db);
  return rows.length > 0;
}

async function find(
  platform: Platform,
  owner: string,
  key: string,
): Promise<{ request_hash: string; response: { sealed: string } | null } | undefined> {
  const { rows } = await sql<{ request_hash: string; response: { sealed: string } | null }>`
    select request_hash, response from idempotency_keys where actor = ${owner} and key = ${key}`.execute(platform.db);
  return rows[0];
}

/** Forgets answers older than a day; the daily clean-up calls it. */
export async function forgetOldAnswers(platform: Platform): Promise<number> {
  const { numAffectedRows } = await sql`delete from idempotency_keys where created_at < now() - interval '1 day'`.execute(platform.db);
  return Number(numAffectedRows ?? 0);
}
