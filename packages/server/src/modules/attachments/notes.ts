import type { Note } from '@muster/api/attachments';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { recordEvents } from '../assets/index.ts';
import { lockedAsset } from './locked-asset.ts';
import * as store from './store.ts';

/** @throws Problem not_found */
async function mustFindNote(db: Db, assetId: string, id: string): Promise<store.NoteRow> {
  const row = await store.findNote(db, assetId, id);
  if (!row) throw new Problem('not_found', 'There is no such note on this asset.');
  return row;
}

/** Writes a note on an asset. @throws Problem not_found, conflict */
export async function addNote(tx: Tx, actor: Actor, assetId: string, text: string, now: Date): Promise<Note> {
  const asset = await lockedAsset(tx, actor, assetId);
  const id = newId(now.getTime());
  await store.insertNote(tx, { asset_id: assetId, id, text, author: actor.label, at: now });
  await tell(tx, actor, assetId, { kind: 'note_added', summary: `Wrote a note on ${asset.label}`, after: { note: id, text } }, now);
  return presentNote(await mustFindNote(tx, assetId, id));
}

/** Changes what a note says; what it said is kept. The same text again changes nothing. @throws Problem not_found, conflict, stale */
export async function editNote(
  tx: Tx,
  actor: Actor,
  at: { assetId: string; id: string; version: number },
  text: string,
  now: Date,
): Promise<Note> {
  const asset = await lockedAsset(tx, actor, at.assetId);
  const before = await mustFindNote(tx, at.assetId, at.id);
  if (before.version !== at.version) throw new Problem('stale');
  if (before.text === text) return presentNote(before);
  await store.rewriteNote(tx, at.assetId, at.id, text, actor.label, now);
  const sides = { before: { note: at.id, text: before.text }, after: { note: at.id, text } };
  await tell(tx, actor, at.assetId, { kind: 'note_edited', summary: `Edited a note on ${asset.label}`, ...sides }, now);
  return presentNote(await mustFindNote(tx, at.assetId, at.id));
}

/** Removes a note; the audit log keeps what it said. @throws Problem not_found, conflict */
export async function removeNote(tx: Tx, actor: Actor, assetId: string, id: string, now: Date): Promise<void> {
  const asset = await lockedAsset(tx, actor, assetId);
  const row = await mustFindNote(tx, assetId, id);
  await store.deleteNote(tx, assetId, id);
  const before = { note: id, text: row.text, author: row.author, earlier: row.earlier };
  await tell(tx, actor, assetId, { kind: 'note_removed', summary: `Removed a note from ${asset.label}`, before }, now);
}

interface Told {
  kind: string;
  summary: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

async function tell(tx: Tx, actor: Actor, assetId: string, { kind, summary, before, after }: Told, now: Date): Promise<void> {
  const data = { ...(after ?? { note: before?.['note'] }) };
  await recordEvents(tx, [{ assetId, at: now, kind, source: 'manual', actor: actor.label, data }]);
  await audit(tx, actor, { action: `note.${kind}`, resource: 'assets', resourceId: assetId, summary, before, after });
}

export const presentNote = (row: store.NoteRow): Note => ({
  id: row.id,
  text: row.text,
  author: row.author,
  createdAt: row.created_at.toISOString(),
  editedAt: row.edited_at?.toISOString() ?? null,
  editedBy: row.edited_by,
  version: row.version,
  earlier: row.earlier.map((one) => ({ ...one, at: new Date(one.at).toISOString() })),
});
