import { type FieldError, Problem } from '@muster/api/errors';
import type { Ref } from '@muster/api/fields';
import type { HandoverDocument, HandoverLanguage, Signature } from '@muster/api/handover';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { lockAssetRows, reachableAssets, recordEvents } from '../assets/index.ts';
import { readPerson } from '../people/index.ts';
import { readSignature } from './signature.ts';
import {
  assetsOfDocument,
  type Decision,
  documentById,
  documentListing,
  type DocumentRow,
  endLinks,
  heldBy,
  insertDocument,
  lockDocument,
  noLongerHeld,
  writeDecision,
} from './store-documents.ts';
import { textInForce } from './store-texts.ts';

/** A document as it stands; reaching it is checked before. Problem not_found. */
export async function presentDocument(db: Db, id: string, now: Date): Promise<HandoverDocument> {
  const row = await documentById(db, id, now);
  if (!row) throw new Problem('not_found', 'There is no hand-over document with this id.');
  const { signature_kind: kind, signature_name: name } = row;
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    language: row.language,
    issuedBy: row.issued_by,
    createdAt: row.created_at.toISOString(),
    text: { textVersion: row.text_version, title: row.title, body: row.body, sha256: row.sha256 },
    assets: await assetsOfDocument(db, id),
    person: { id: row.person_id, label: row.person_label },
    decidedAt: row.decided_at?.toISOString() ?? null,
    decidedBy: row.decided_by,
    signature: kind && name ? { kind, name, png: row.signature_png?.toString('base64') ?? null } : null,
    reason: row.reason,
    link: row.link_expires_at ? { expiresAt: row.link_expires_at.toISOString(), createdBy: row.link_by ?? '' } : null,
  };
}

/** A document within the actor's reach. Problem not_found. */
export async function readDocument(db: Db, id: string, actor: Actor, now: Date): Promise<HandoverDocument> {
  if (!(await canReach(db, documentListing, id, actor, 'people:read')))
    throw new Problem('not_found', 'There is no hand-over document with this id.');
  return presentDocument(db, id, now);
}

/** As `readDocument`, for a change: every asset of it must be within the actor's reach for writing. */
export async function mustReachForWriting(db: Db, id: string, actor: Actor, now: Date): Promise<void> {
  const { assets } = await readDocument(db, id, actor, now);
  const ids = assets.map((one) => one.id);
  const reached = await reachableAssets(db, ids, actor, 'assets:write');
  if (ids.some((one) => !reached.has(one))) throw new Problem('forbidden', 'Your role does not reach all assets of this document.');
}

/**
 * Makes a document of what a person holds: the assets given, or all that no document covers.
 * @throws Problem not_found for the person; validation_failed with a reason per asset (`not_held`, `covered`, `not_found`); conflict when there is
 * nothing to hand over or no text in force.
 */
export async function makeDocument(
  tx: Tx,
  actor: Actor,
  input: { personId: string; assets?: readonly string[] | undefined; language: HandoverLanguage },
  now: Date,
): Promise<Ref> {
  const person = await readPerson(tx, input.personId, actor, 'people:read');
  const text = await textInForce(tx, input.language);
  if (!text) throw new Problem('conflict', 'No acceptance text is in force in this language. Write one in the settings first.');
  // Two documents made at once wait for each other at the assets.
  await lockAssetRows(tx, input.assets ?? (await heldBy(tx, person.id)).map((one) => one.id));
  const held = await heldBy(tx, person.id);
  const reached = await reachableAssets(
    tx,
    held.map((one) => one.id),
    actor,
    'assets:write',
  );
  const chosen = held.filter((one) => reached.has(one.id) && (input.assets ? input.assets.includes(one.id) : one.covered_by === null));
  const errors = (input.assets ?? []).flatMap((id, index): FieldError[] => {
    const one = chosen.find((asset) => asset.id === id);
    const field = `body.assets.${index}`;
    if (!one) return [{ field, code: 'not_held', message: `${person.name} does not have it.` }];
    if (one.covered_by) return [{ field, code: 'covered', message: `${one.label} is in document ${one.covered_by} already.` }];
    return [];
  });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  if (chosen.length === 0) throw new Problem('conflict', `${person.name} holds nothing that no document covers.`);
  const id = newId(now.getTime());
  const number = await insertDocument(
    tx,
    { id, personId: person.id, personLabel: person.name, issuedBy: actor.label, textId: text.id },
    chosen,
    now,
  );
  await tell(tx, actor, { id, number }, chosen, 'issued', `The hand-over document ${number} was made for ${person.name}.`, now, {
    person: person.id,
    assets: chosen.map((one) => one.id),
    language: input.language,
    textVersion: text.text_version,
  });
  return { id, label: number };
}

/** One audit row for the document, and an event for each of its assets. */
async function tell(
  tx: Tx,
  actor: Actor,
  document: { id: string; number: string },
  assets: readonly { id: string }[],
  verb: string,
  sentence: string,
  now: Date,
  after: Record<string, unknown>,
): Promise<void> {
  const data = { document: document.id, number: document.number, sentence };
  const by = actor.kind === 'system' || actor.id !== null ? actor.label : null;
  await recordEvents(
    tx,
    assets.map((one) => ({ assetId: one.id, at: now, kind: `handover_${verb}`, source: 'manual', actor: by, data })),
  );
  await audit(tx, actor, {
    action: `handover_document.${verb}`,
    resource: 'handover-documents',
    resourceId: document.id,
    summary: sentence,
    after,
  });
}

async function pending(tx: Tx, id: string, now: Date): Promise<DocumentRow> {
  await lockDocument(tx, id);
  const row = await documentById(tx, id, now);
  if (!row) throw new Problem('not_found', 'There is no hand-over document with this id.');
  if (row.state !== 'pending') {
    const message = `${row.number} is ${row.state} already.`;
    throw new Problem('conflict', message, { errors: [{ field: 'state', code: 'decided', message }] });
  }
  return row;
}

/** Checks that a document can still be decided. Problem conflict `decided`. */
export async function mustBePending(tx: Tx, id: string, now: Date): Promise<void> {
  await pending(tx, id, now);
}

/**
 * Writes the one decision on a document and ends its link. `by` is who took it down.
 * @throws Problem conflict `decided`, `no_longer_held`; validation_failed for the signature.
 */
export async function decide(
  tx: Tx,
  actor: Actor,
  id: string,
  decision: { state: 'accepted'; signature: Signature } | { state: 'declined' | 'withdrawn'; reason: string | undefined },
  by: string,
  now: Date,
): Promise<void> {
  const row = await pending(tx, id, now);
  if (decision.state === 'accepted') {
    const gone = await noLongerHeld(tx, id);
    if (gone.length > 0) {
      const message = `${row.person_label} no longer has ${gone.join(', ')}. A new document is needed.`;
      throw new Problem('conflict', message, { errors: [{ field: 'assets', code: 'no_longer_held', message }] });
    }
  }
  const written: Decision =
    decision.state === 'accepted'
      ? { state: 'accepted', by, signature: readSignature(decision.signature), reason: null }
      : { state: decision.state, by, signature: null, reason: decision.reason === '' ? null : (decision.reason ?? null) };
  await writeDecision(tx, id, written, now);
  await endLinks(tx, id, now);
  const who = written.signature?.name ?? row.person_label;
  const why = written.reason === null ? '' : `: ${written.reason}`;
  const sentence =
    decision.state === 'accepted'
      ? `${who} accepted the hand-over document ${row.number}.`
      : `The hand-over document ${row.number} was ${decision.state}${why}.`;
  await tell(tx, actor, row, await assetsOfDocument(tx, id), written.state, sentence, now, {
    by,
    signature: written.signature && { kind: written.signature.kind, name: written.signature.name },
    textVersion: row.text_version,
    textSha256: row.sha256,
    reason: written.reason,
  });
}
