import { acceptanceTextResource, type HandoverLanguage } from '@muster/api/handover';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export interface TextRow {
  id: string;
  language: HandoverLanguage;
  text_version: number;
  title: string;
  body: string;
  sha256: string;
  in_force: boolean;
  created_by: string;
  created_at: Date;
}

export const textListing = defineListing(acceptanceTextResource, {
  from: sql`acceptance_texts x`,
  id: sql`x.id`,
  columns: {
    id: { sql: sql`x.id` },
    title: { sql: sql`x.title` },
    language: { sql: sql`x.language` },
    textVersion: { sql: sql`x.text_version` },
    inForce: { sql: sql`x.in_force` },
    documents: { sql: sql`(select count(*)::integer from handover_documents d where d.text_id = x.id)` },
    sha256: { sql: sql`x.sha256` },
    createdBy: { sql: sql`x.created_by` },
    createdAt: { sql: sql`x.created_at` },
  },
});

export async function textById(db: Db, id: string): Promise<TextRow | undefined> {
  return (await sql<TextRow>`select * from acceptance_texts where id = ${id}`.execute(db)).rows[0];
}

export async function textInForce(db: Db, language: HandoverLanguage): Promise<TextRow | undefined> {
  return (await sql<TextRow>`select * from acceptance_texts where language = ${language} and in_force`.execute(db)).rows[0];
}

export async function languagesInForce(db: Db): Promise<HandoverLanguage[]> {
  const { rows } = await sql<{
    language: HandoverLanguage;
  }>`select language from acceptance_texts where in_force order by language desc`.execute(db);
  return rows.map((row) => row.language);
}

/** Of two who add a version at once, the second waits: versions are counted without a gap. */
export async function lockTexts(tx: Tx, language: HandoverLanguage): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('acceptance_texts'), hashtext(${language}))`.execute(tx);
}

export async function insertText(
  tx: Tx,
  text: { id: string; language: HandoverLanguage; title: string; body: string; by: string },
  now: Date,
): Promise<void> {
  await sql`insert into acceptance_texts (id, language, text_version, title, body, in_force, created_by, created_at)
    select ${text.id}, ${text.language}::text, coalesce(max(text_version), 0) + 1, ${text.title}, ${text.body}, false, ${text.by}, ${now}
    from acceptance_texts where language = ${text.language}`.execute(tx);
}

export async function enforceText(tx: Tx, id: string, language: HandoverLanguage): Promise<void> {
  await sql`update acceptance_texts set in_force = false where language = ${language} and in_force and id <> ${id}`.execute(tx);
  await sql`update acceptance_texts set in_force = true where id = ${id}`.execute(tx);
}
