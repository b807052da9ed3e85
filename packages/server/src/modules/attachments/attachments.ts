import type { Readable } from 'node:stream';
import { type Attachment, type Note, shownKinds } from '@muster/api/attachments';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { dropReceived, keepFile, openFile, receiveFile } from '../../platform/files/content-store.ts';
import { disposition, kindFacts, kindOf, safeName } from '../../platform/files/kinds.ts';
import { newId } from '../../platform/ids.ts';
import { mustFindAsset, recordEvents } from '../assets/index.ts';
import { lockedAsset } from './locked-asset.ts';
import { presentNote } from './notes.ts';
import * as store from './store.ts';
import { keywordsOf } from './store-keywords.ts';

const shownAtOnce = 200;

/**
 * Takes an upload and attaches it. The row is written if and only if all bytes are on the disk; bytes without a row are removed at night.
 * @throws Problem not_found, conflict, too_large, refused_content, body_not_readable
 */
export async function attachFile(
  platform: Platform,
  actor: Actor,
  assetId: string,
  upload: { name: string; body: Readable; length: number | null },
): Promise<Attachment> {
  const { dataDir, maxAttachmentMib } = platform.config;
  // Before anything is read of it: whoever may not write gets nothing stored.
  await mustFindAsset(platform.db, assetId, actor, 'assets:write');
  const received = await receiveFile(dataDir, upload.body, {
    maxMib: maxAttachmentMib,
    option: 'MUSTER_MAX_ATTACHMENT_MIB',
    length: upload.length,
  });
  try {
    const kind = await kindOf(received, upload.name);
    const now = platform.now();
    const row: store.AttachmentRow = {
      id: newId(now.getTime()),
      asset_id: assetId,
      name: safeName(upload.name, kind),
      kind,
      bytes: received.bytes,
      sha256: received.hash,
      uploaded_by: actor.label,
      created_at: now,
    };
    await inTx(platform.db, async (tx) => {
      const asset = await lockedAsset(tx, actor, assetId);
      await store.lockFiles(tx, 'shared');
      await keepFile(dataDir, received);
      await store.insertAttachment(tx, row);
      await tell(tx, actor, row, 'file_attached', `Attached ${row.name} to ${asset.label}`, now);
    });
    return presentAttachment(row);
  } finally {
    await dropReceived(received);
  }
}

/** Takes a file off an asset. @throws Problem not_found, conflict */
export async function detachFile(tx: Tx, actor: Actor, assetId: string, id: string, now: Date): Promise<void> {
  const asset = await lockedAsset(tx, actor, assetId);
  const row = await store.deleteAttachment(tx, assetId, id);
  if (!row) throw new Problem('not_found', 'There is no such file on this asset.');
  await tell(tx, actor, row, 'file_removed', `Removed ${row.name} from ${asset.label}`, now);
}

async function tell(tx: Tx, actor: Actor, row: store.AttachmentRow, kind: string, summary: string, now: Date): Promise<void> {
  const data = { attachment: row.id, name: row.name, kind: row.kind, bytes: row.bytes, sha256: row.sha256 };
  await recordEvents(tx, [{ assetId: row.asset_id, at: now, kind, source: 'manual', actor: actor.label, data }]);
  const side = kind === 'file_attached' ? { after: data } : { before: data };
  await audit(tx, actor, { action: `attachment.${kind}`, resource: 'assets', resourceId: row.asset_id, summary, ...side });
}

/** The bytes of a file and the headers that keep a browser from running them. @throws Problem not_found */
export async function fileToSend(
  platform: Platform,
  assetId: string,
  id: string,
  show: boolean,
): Promise<{ body: Readable; headers: Record<string, string> }> {
  const row = await store.findAttachment(platform.db, assetId, id);
  if (!row) throw new Problem('not_found', 'There is no such file on this asset.');
  const body = await openFile(platform.config.dataDir, row.sha256);
  return {
    body,
    headers: {
      'content-type': kindFacts[row.kind].mediaType,
      'content-disposition': disposition(show && shownKinds.includes(row.kind) ? 'inline' : 'attachment', row.name),
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    },
  };
}

/** What is attached to an asset; reaching it is checked before. */
export async function readAttached(
  db: Db,
  assetId: string,
): Promise<{ attachments: Attachment[]; notes: Note[]; keywords: { id: string; name: string }[] }> {
  return {
    attachments: (await store.attachmentsOf(db, assetId, shownAtOnce)).map(presentAttachment),
    notes: (await store.notesOf(db, assetId, shownAtOnce)).map(presentNote),
    keywords: (await keywordsOf(db, assetId)).map(({ id, name }) => ({ id, name })),
  };
}

const presentAttachment = (row: store.AttachmentRow): Attachment => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  bytes: row.bytes,
  sha256: row.sha256,
  uploadedBy: row.uploaded_by,
  createdAt: row.created_at.toISOString(),
});
