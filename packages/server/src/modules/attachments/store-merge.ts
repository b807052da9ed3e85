import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

// What merging does to files, notes and keywords: the merged asset keeps its own and the survivor gets copies, so that undoing is taking
// the copies away. The bytes are not copied: both rows name the same hash.

/** The survivor gets what the merged asset has. */
export async function absorbAttached(tx: Tx, survivor: string, merged: string): Promise<void> {
  await sql`insert into asset_attachments (asset_id, id, name, kind, bytes, sha256, uploaded_by, created_at, merged_from)
    select ${survivor}, id, name, kind, bytes, sha256, uploaded_by, created_at, ${merged} from asset_attachments
    where asset_id = ${merged} on conflict do nothing`.execute(tx);
  await sql`insert into asset_notes (asset_id, id, text, author, created_at, edited_at, edited_by, version, merged_from)
    select ${survivor}, id, text, author, created_at, edited_at, edited_by, version, ${merged} from asset_notes
    where asset_id = ${merged} on conflict do nothing`.execute(tx);
  await sql`insert into asset_note_versions (asset_id, note_id, version, text, written_by, written_at)
    select ${survivor}, note_id, version, text, written_by, written_at from asset_note_versions
    where asset_id = ${merged} on conflict do nothing`.execute(tx);
  await sql`insert into asset_keywords (asset_id, keyword_id, merged_from)
    select ${survivor}, keyword_id, ${merged} from asset_keywords where asset_id = ${merged} on conflict do nothing`.execute(tx);
}

/** A merged asset lives again: the copies leave the survivor. A copied note that somebody edited since stays with it. */
export async function returnAttached(tx: Tx, survivor: string, merged: string): Promise<void> {
  await sql`delete from asset_attachments where asset_id = ${survivor} and merged_from = ${merged}`.execute(tx);
  await sql`delete from asset_notes n where n.asset_id = ${survivor} and n.merged_from = ${merged}
    and exists (select 1 from asset_notes o where o.asset_id = ${merged} and o.id = n.id and o.version = n.version)`.execute(tx);
  await sql`delete from asset_keywords where asset_id = ${survivor} and merged_from = ${merged}`.execute(tx);
}
