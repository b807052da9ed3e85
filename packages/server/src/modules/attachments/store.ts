import { attachmentResource, type FileKind, noteResource } from '@muster/api/attachments';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

/** What attaching asks of an asset. */
export interface AttachedAsset {
  id: string;
  label: string;
  redirected_to: string | null;
}

/** Locks assets until the transaction ends, in the order of their ids. */
export async function lockAssets(tx: Tx, ids: readonly string[]): Promise<Map<string, AttachedAsset>> {
  const { rows } = await sql<AttachedAsset>`select id, coalesce(name, tag, serial, id::text) as label, redirected_to from assets
    where id = any(${ids}::uuid[]) order by id for no key update`.execute(tx);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface AttachmentRow {
  id: string;
  asset_id: string;
  name: string;
  kind: FileKind;
  bytes: number;
  sha256: string;
  uploaded_by: string;
  created_at: Date;
}

const attachmentColumns = sql`id, asset_id, name, kind, bytes::float8 as bytes, sha256, uploaded_by, created_at`;

export async function insertAttachment(tx: Tx, row: AttachmentRow): Promise<void> {
  await sql`insert into asset_attachments (asset_id, id, name, kind, bytes, sha256, uploaded_by, created_at)
    values (${row.asset_id}, ${row.id}, ${row.name}, ${row.kind}, ${row.bytes}, ${row.sha256}, ${row.uploaded_by}, ${row.created_at})`.execute(
    tx,
  );
}

export async function findAttachment(db: Db, assetId: string, id: string): Promise<AttachmentRow | undefined> {
  return (
    await sql<AttachmentRow>`select ${attachmentColumns} from asset_attachments where asset_id = ${assetId} and id = ${id}`.execute(db)
  ).rows[0];
}

export async function attachmentsOf(db: Db, assetId: string, limit: number): Promise<AttachmentRow[]> {
  return (
    await sql<AttachmentRow>`select ${attachmentColumns} from asset_attachments where asset_id = ${assetId} order by created_at desc, id desc limit ${limit}`.execute(
      db,
    )
  ).rows;
}

export async function deleteAttachment(tx: Tx, assetId: string, id: string): Promise<AttachmentRow | undefined> {
  return (
    await sql<AttachmentRow>`delete from asset_attachments where asset_id = ${assetId} and id = ${id} returning ${attachmentColumns}`.execute(
      tx,
    )
  ).rows[0];
}

/** Until the transaction ends: whoever keeps bytes holds it shared, whoever removes bytes alone, so that none is removed between both. */
export async function lockFiles(tx: Tx, how: 'shared' | 'alone'): Promise<void> {
  if (how === 'shared') await sql`select pg_advisory_xact_lock_shared(hashtext('asset_attachments.bytes'))`.execute(tx);
  else await sql`select pg_advisory_xact_lock(hashtext('asset_attachments.bytes'))`.execute(tx);
}

/** Those of many hashes that an attachment refers to. */
export async function referredHashes(db: Db, hashes: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{
    sha256: string;
  }>`select distinct sha256 from asset_attachments where sha256 = any(${hashes}::text[])`.execute(db);
  return new Set(rows.map((row) => row.sha256));
}

export interface NoteRow {
  id: string;
  text: string;
  author: string;
  created_at: Date;
  edited_at: Date | null;
  edited_by: string | null;
  version: number;
  earlier: { text: string; by: string; at: string }[];
}

const noteColumns = sql`n.id, n.text, n.author, n.created_at, n.edited_at, n.edited_by, n.version,
  coalesce((select jsonb_agg(jsonb_build_object('text', v.text, 'by', v.written_by, 'at', v.written_at) order by v.version desc)
    from asset_note_versions v where v.asset_id = n.asset_id and v.note_id = n.id), '[]'::jsonb) as earlier`;

export async function insertNote(tx: Tx, row: { asset_id: string; id: string; text: string; author: string; at: Date }): Promise<void> {
  await sql`insert into asset_notes (asset_id, id, text, author, created_at)
    values (${row.asset_id}, ${row.id}, ${row.text}, ${row.author}, ${row.at})`.execute(tx);
}

export async function findNote(db: Db, assetId: string, id: string): Promise<NoteRow | undefined> {
  return (await sql<NoteRow>`select ${noteColumns} from asset_notes n where n.asset_id = ${assetId} and n.id = ${id}`.execute(db)).rows[0];
}

export async function notesOf(db: Db, assetId: string, limit: number): Promise<NoteRow[]> {
  return (
    await sql<NoteRow>`select ${noteColumns} from asset_notes n where n.asset_id = ${assetId} order by n.created_at desc, n.id desc limit ${limit}`.execute(
      db,
    )
  ).rows;
}

/** Writes a note anew and keeps what it said; the asset is locked. */
export async function rewriteNote(tx: Tx, assetId: string, id: string, text: string, by: string, at: Date): Promise<void> {
  await sql`insert into asset_note_versions (asset_id, note_id, version, text, written_by, written_at)
    select asset_id, id, version, text, coalesce(edited_by, author), coalesce(edited_at, created_at) from asset_notes
    where asset_id = ${assetId} and id = ${id}`.execute(tx);
  await sql`update asset_notes set text = ${text}, edited_by = ${by}, edited_at = ${at}, version = version + 1
    where asset_id = ${assetId} and id = ${id}`.execute(tx);
}

export async function deleteNote(tx: Tx, assetId: string, id: string): Promise<void> {
  await sql`delete from asset_notes where asset_id = ${assetId} and id = ${id}`.execute(tx);
}

const scope = { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` };
const asset = { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`a.id` };

export const attachmentListing = defineListing(attachmentResource, {
  from: sql`asset_attachments t join assets a on a.id = t.asset_id and a.redirected_to is null`,
  id: sql`t.id`,
  columns: {
    id: { sql: sql`t.id` },
    asset,
    name: { sql: sql`t.name` },
    kind: { sql: sql`t.kind` },
    bytes: { sql: sql`t.bytes::float8` },
    uploadedBy: { sql: sql`t.uploaded_by` },
    createdAt: { sql: sql`t.created_at` },
  },
  scope,
});

export const noteListing = defineListing(noteResource, {
  from: sql`asset_notes t join assets a on a.id = t.asset_id and a.redirected_to is null`,
  id: sql`t.id`,
  columns: {
    id: { sql: sql`t.id` },
    asset,
    text: { sql: sql`t.text` },
    author: { sql: sql`t.author` },
    createdAt: { sql: sql`t.created_at` },
    editedAt: { sql: sql`t.edited_at` },
  },
  scope,
});
