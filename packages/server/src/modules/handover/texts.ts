import { Problem } from '@muster/api/errors';
import type { AcceptanceText, HandoverLanguage } from '@muster/api/handover';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { enforceText, insertText, lockTexts, textById } from './store-texts.ts';

/** A version of an acceptance text. Problem not_found. */
export async function readText(db: Db, id: string): Promise<AcceptanceText> {
  const row = await textById(db, id);
  if (!row) throw new Problem('not_found', 'There is no acceptance text with this id.');
  return {
    id: row.id,
    language: row.language,
    textVersion: row.text_version,
    title: row.title,
    body: row.body,
    sha256: row.sha256,
    inForce: row.in_force,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}

/** Adds the next version of a language's text; with `inForce` new documents use it. */
export async function addText(
  tx: Tx,
  actor: Actor,
  input: { language: HandoverLanguage; title: string; body: string; inForce: boolean },
  now: Date,
): Promise<AcceptanceText> {
  const id = newId(now.getTime());
  await lockTexts(tx, input.language);
  await insertText(tx, { id, language: input.language, title: input.title, body: input.body, by: actor.label }, now);
  if (input.inForce) await enforceText(tx, id, input.language);
  const text = await readText(tx, id);
  await audit(tx, actor, {
    action: 'acceptance_text.created',
    resource: 'acceptance-texts',
    resourceId: id,
    summary: `Added version ${text.textVersion} of the acceptance text (${text.language})${text.inForce ? ', in force' : ''}`,
    after: text,
  });
  return text;
}

/** Makes a version the one that new documents use. Problem not_found. */
export async function putInForce(tx: Tx, actor: Actor, id: string): Promise<AcceptanceText> {
  const before = await readText(tx, id);
  await lockTexts(tx, before.language);
  await enforceText(tx, id, before.language);
  await audit(tx, actor, {
    action: 'acceptance_text.put_in_force',
    resource: 'acceptance-texts',
    resourceId: id,
    summary: `Put version ${before.textVersion} of the acceptance text (${before.language}) in force`,
    before: { inForce: before.inForce },
    after: { inForce: true },
  });
  return readText(tx, id);
}
