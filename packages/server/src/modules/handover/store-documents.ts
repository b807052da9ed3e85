import { type HandoverAsset, handoverDocumentResource, type HandoverLanguage } from '@muster/api/handover';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const documentListing = defineListing(handoverDocumentResource, {
  // Role scopes look at the person, so it is always there.
  from: sql`handover_documents d join people p on p.id = d.person_id join acceptance_texts x on x.id = d.text_id`,
  id: sql`d.id`,
  columns: {
    id: { sql: sql`d.id` },
    number: { sql: sql`d.number` },
    person: { sql: sql`p.name`, ref: sql`p.id` },
    state: { sql: sql`d.state` },
    assets: { sql: sql`(select count(*)::integer from handover_document_assets i where i.document_id = d.id)` },
    language: { sql: sql`x.language` },
    textVersion: { sql: sql`x.text_version` },
    issuedBy: { sql: sql`d.issued_by` },
    createdAt: { sql: sql`d.created_at` },
    decidedAt: { sql: sql`d.decided_at` },
  },
  scope: { org_unit: sql`p.org_unit_id`, place: sql`p.place_id`, own: sql`p.id` },
});

export interface DocumentRow {
  id: string;
  number: string;
  person_id: string;
  person_label: string;
  issued_by: string;
  state: 'pending' | 'accepted' | 'declined';
  created_at: Date;
  decided_at: Date | null;
  decided_by: string | null;
  signature_kind: 'typed' | 'drawn' | null;
  signature_name: string | null;
  signature_png: Buffer | null;
  reason: string | null;
  language: HandoverLanguage;
  text_version: number;
  title: string;
  body: string;
  sha256: string;
  link_expires_at: Date | null;
  link_by: string | null;
}

export async function documentById(db: Db, id: string, now: Date): Promise<DocumentRow | undefined> {
  const { rows } = await sql<DocumentRow>`select d.*, x.language, x.text_version, x.title, x.body, x.sha256,
      k.expires_at as link_expires_at, k.created_by as link_by
    from handover_documents d join acceptance_texts x on x.id = d.text_id
    left join handover_links k on k.document_id = d.id and k.ended_at is null and k.expires_at > ${now} where d.id = ${id}`.execute(db);
  return rows[0];
}

/** Of two decisions at once one waits and then sees the other. */
export async function lockDocument(tx: Tx, id: string): Promise<void> {
  await sql`select 1 from handover_documents where id = ${id} for update`.execute(tx);
}

export async function assetsOfDocument(db: Db, id: string): Promise<HandoverAsset[]> {
  return (
    await sql<HandoverAsset>`select asset_id as id, label, tag, serial, model, class from handover_document_assets
      where document_id = ${id} order by position`.execute(db)
  ).rows;
}

/** The labels of its assets that the person has not had without a break since it was made. */
export async function noLongerHeld(db: Db, id: string): Promise<string[]> {
  const { rows } = await sql<{
    label: string;
  }>`select i.label from handover_document_assets i join handover_documents d on d.id = i.document_id
    where i.document_id = ${id} and not exists (select 1 from custody_periods c where c.asset_id = i.asset_id and c.id = i.custody_id
      and c.to_at is null and c.holder_kind = 'person' and c.holder_id = d.person_id) order by i.position`.execute(db);
  return rows.map((row) => row.label);
}

export interface HeldRow extends HandoverAsset {
  custody_id: string;
  /** The number of the document that covers it: pending or accepted. */
  covered_by: string | null;
}

/** What a person holds, with the document of that very custody. */
export async function heldBy(db: Db, personId: string): Promise<HeldRow[]> {
  const { rows } = await sql<HeldRow>`select a.id, coalesce(a.name, a.tag, a.serial, a.id::text) as label, a.tag, a.serial,
      nullif(concat_ws(' ', a.manufacturer, a.model), '') as model, k.label as class, c.id as custody_id,
      (select d.number from handover_document_assets i join handover_documents d on d.id = i.document_id
        where i.asset_id = c.asset_id and i.custody_id = c.id and d.state in ('pending', 'accepted') limit 1) as covered_by
    from custody_periods c join assets a on a.id = c.asset_id join asset_classes k on k.key = a.class_key
    where c.holder_kind = 'person' and c.holder_id = ${personId} and c.to_at is null and a.redirected_to is null
    order by label, a.id limit 1000`.execute(db);
  return rows;
}

export async function insertDocument(
  tx: Tx,
  document: { id: string; personId: string; personLabel: string; issuedBy: string; textId: string },
  assets: readonly HeldRow[],
  now: Date,
): Promise<string> {
  const { rows } = await sql<{
    number: string;
  }>`insert into handover_documents (id, person_id, person_label, issued_by, text_id, created_at)
    values (${document.id}, ${document.personId}, ${document.personLabel}, ${document.issuedBy}, ${document.textId}, ${now}) returning number`.execute(
    tx,
  );
  await sql`insert into handover_document_assets (asset_id, document_id, custody_id, position, label, tag, serial, model, class)
    select (v ->> 'id')::uuid, ${document.id}, (v ->> 'custody_id')::uuid, ord, v ->> 'label', v ->> 'tag', v ->> 'serial', v ->> 'model', v ->> 'class'
    from jsonb_array_elements(${JSON.stringify(assets)}::jsonb) with ordinality o (v, ord)`.execute(tx);
  return rows[0]?.number ?? '';
}

export interface Decision {
  state: 'accepted' | 'declined' | 'withdrawn';
  by: string;
  signature: { kind: 'typed' | 'drawn'; name: string; png: Buffer | null } | null;
  reason: string | null;
}

export async function writeDecision(tx: Tx, id: string, { state, by, signature, reason }: Decision, now: Date): Promise<void> {
  await sql`update handover_documents set state = ${state}, decided_at = ${now}, decided_by = ${by}, signature_kind = ${signature?.kind ?? null},
    signature_name = ${signature?.name ?? null}, signature_png = ${signature?.png ?? null}, reason = ${reason} where id = ${id}`.execute(
    tx,
  );
}

export async function endLinks(tx: Tx, documentId: string, now: Date): Promise<void> {
  await sql`update handover_links set ended_at = ${now} where document_id = ${documentId} and ended_at is null`.execute(tx);
}

export async function insertLink(
  tx: Tx,
  link: { hash: Buffer; documentId: string; by: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  await sql`insert into handover_links (token_hash, document_id, created_by, created_at, expires_at)
    values (${link.hash}, ${link.documentId}, ${link.by}, ${now}, ${link.expiresAt})`.execute(tx);
}

/** The document of a link that still works. */
export async function openLink(db: Db, hash: Buffer, now: Date): Promise<{ document_id: string; expires_at: Date } | undefined> {
  return (
    await sql<{ document_id: string; expires_at: Date }>`select document_id, expires_at from handover_links
      where token_hash = ${hash} and ended_at is null and expires_at > ${now}`.execute(db)
  ).rows[0];
}
