import { createHash, randomBytes } from 'node:crypto';
import { Problem } from '@muster/api/errors';
import type { offeredHandoverSchema, Signature } from '@muster/api/handover';
import type { z } from 'zod';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { AttemptLimit } from '../../platform/http/attempts.ts';
import { readSettings } from '../operations/index.ts';
import { decide, mustBePending, presentDocument } from './documents.ts';
import { endLinks, insertLink, openLink } from './store-documents.ts';

const dayMs = 86_400_000;
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
const expired = (): Problem => new Problem('link_expired', 'This link was used, has run out or was replaced. Ask for a new one.');

/** Makes the one link of a pending document; 256 random bits, of which only the hash is kept. Problem conflict `decided`. */
export async function makeLink(
  platform: Platform,
  actor: Actor,
  documentId: string,
  days: number,
): Promise<{ url: string; expiresAt: string }> {
  const now = platform.now();
  const token = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now.getTime() + days * dayMs);
  await inTx(platform.db, async (tx) => {
    await mustBePending(tx, documentId, now);
    await endLinks(tx, documentId, now);
    await insertLink(tx, { hash: hashOf(token), documentId, by: actor.label, expiresAt }, now);
    await audit(tx, actor, {
      action: 'handover_document.link_made',
      resource: 'handover-documents',
      resourceId: documentId,
      summary: 'Made a link to accept the hand-over document',
      after: { expiresAt: expiresAt.toISOString() },
    });
  });
  return { url: `${platform.config.baseUrl}/accept/${token}`, expiresAt: expiresAt.toISOString() };
}

const limits = new WeakMap<Platform, { reads: AttemptLimit; decisions: AttemptLimit }>();

/** Per installation and address: whoever has a link may read and sign, nobody may search for one. */
function limit(platform: Platform, kind: 'reads' | 'decisions', ip: string): void {
  const mine = limits.get(platform) ?? {
    reads: new AttemptLimit({ max: 60, windowMs: 10 * 60_000 }),
    decisions: new AttemptLimit({ max: 20, windowMs: 10 * 60_000 }),
  };
  limits.set(platform, mine);
  const now = platform.now().getTime();
  const wait = mine[kind].waitSeconds(ip, now);
  if (wait > 0) throw new Problem('too_many_requests', `Try again in ${wait} seconds.`);
  mine[kind].failed(ip, now);
}

/** What the holder of a link may read: that document. Problems link_expired, too_many_requests. */
export async function readOffered(platform: Platform, ip: string, token: string): Promise<z.infer<typeof offeredHandoverSchema>> {
  limit(platform, 'reads', ip);
  const now = platform.now();
  const link = await openLink(platform.db, hashOf(token), now);
  if (!link) throw expired();
  const { number, state, language, issuedBy, createdAt, text, assets, person } = await presentDocument(platform.db, link.document_id, now);
  const { organisation } = await readSettings(platform.db);
  const things = assets.map(({ id: _id, ...rest }) => rest);
  const expiresAt = link.expires_at.toISOString();
  return { number, state, language, issuedBy, createdAt, text, assets: things, organisation, person: person.label, expiresAt };
}

/** Takes the decision of the holder of a link, once. Problems link_expired, conflict, validation_failed, too_many_requests. */
export async function decideOffered(
  platform: Platform,
  actor: Actor & { ip: string },
  token: string,
  body: { decision: 'accepted'; signature: Signature } | { decision: 'declined'; reason?: string | undefined },
): Promise<{ state: 'accepted' | 'declined' }> {
  limit(platform, 'decisions', actor.ip);
  const now = platform.now();
  const hash = hashOf(token);
  return inTx(platform.db, async (tx) => {
    const link = await openLink(tx, hash, now);
    if (!link) throw expired();
    await mustBePending(tx, link.document_id, now);
    // Whoever waited at the document finds the link used.
    if (!(await openLink(tx, hash, now))) throw expired();
    const decision =
      body.decision === 'accepted'
        ? { state: 'accepted' as const, signature: body.signature }
        : { state: 'declined' as const, reason: body.reason };
    await decide(tx, actor, link.document_id, decision, 'the signed link', now);
    return { state: body.decision };
  });
}
