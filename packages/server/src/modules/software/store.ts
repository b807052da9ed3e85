import type { LocalRule, Recognition } from '@muster/core/recognition';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** Advisory locks: new evidence is recognised under the shared one, local rules and content change under the exclusive one. */
const RULES_LOCK = 712_034_520;

export async function shareRules(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${RULES_LOCK})`.execute(tx);
}
export async function lockRules(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${RULES_LOCK})`.execute(tx);
}

export interface StateRow {
  content_hash: string;
  local_version: number;
}
export async function readState(db: Db): Promise<StateRow | undefined> {
  const { rows } = await sql<StateRow>`select content_hash, local_version from recognition_state`.execute(db);
  return rows[0];
}
export async function writeContentHash(tx: Tx, hash: string): Promise<void> {
  await sql`insert into recognition_state (content_hash) values (${hash}) on conflict (one) do update set content_hash = excluded.content_hash, synced_at = now()`.execute(
    tx,
  );
}
export async function bumpLocalVersion(tx: Tx): Promise<void> {
  await sql`update recognition_state set local_version = local_version + 1`.execute(tx);
}

export interface KeyedId {
  id: string;
  key: string;
}
export async function publisherIds(db: Db): Promise<KeyedId[]> {
  return (await sql<KeyedId>`select id, key from publishers`.execute(db)).rows;
}
export interface ProductName extends KeyedId {
  name: string;
  kind: string;
  publisher_key: string;
}
export async function productNames(db: Db): Promise<ProductName[]> {
  return (
    await sql<ProductName>`select p.id, p.key, p.name, p.kind, b.key as publisher_key from products p join publishers b on b.id = p.publisher_id`.execute(
      db,
    )
  ).rows;
}

export async function activeLocalRules(db: Db): Promise<LocalRule[]> {
  const { rows } = await sql<{
    id: string;
    name_pattern: string;
    publisher: string | null;
    channel: string | null;
    edition: string | null;
    created_at: Date;
    key: string;
    kind: string;
    publisher_key: string;
  }>`
    select r.id, r.name_pattern, r.publisher, r.channel, r.edition, r.created_at, p.key, p.kind, b.key as publisher_key
    from local_rules r join products p on p.id = r.product_id join publishers b on b.id = p.publisher_id where r.retired_at is null`.execute(
    db,
  );
  return rows.map((r) => ({
    id: r.id,
    namePattern: r.name_pattern,
    publisher: r.publisher,
    channel: r.channel,
    productKey: r.key,
    productKind: r.kind as LocalRule['productKind'],
    publisherKey: r.publisher_key,
    edition: r.edition,
    createdAt: r.created_at.getTime(),
  }));
}

/** Adds or renews catalogue rows by key; ids stay. Rows that left the catalogue are kept, for what refers to them. */
export async function upsertPublishers(tx: Tx, rows: { id: string; key: string; name: string }[]): Promise<void> {
  await sql`insert into publishers (id, key, name, source)
    select id, key, name, 'content' from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, key text, name text)
    on conflict (key) do update set name = excluded.name, source = 'content' where publishers.name <> excluded.name or publishers.source <> 'content'`.execute(
    tx,
  );
}
export interface ProductUpsert {
  id: string;
  key: string;
  name: string;
  publisher: string;
  category: string;
  kind: string;
  licensable: boolean;
  suite_of: string[];
}
export async function upsertProducts(tx: Tx, rows: ProductUpsert[]): Promise<void> {
  await sql`insert into products (id, key, name, publisher_id, category, kind, licensable, suite_of, source, search_text)
    select r.id, r.key, r.name, b.id, r.category, r.kind, r.licensable, r.suite_of, 'content', lower(r.name || ' ' || b.name || ' ' || r.key)
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, key text, name text, publisher text, category text, kind text, licensable boolean, suite_of text[])
    join publishers b on b.key = r.publisher
    on conflict (key) do update set name = excluded.name, publisher_id = excluded.publisher_id, category = excluded.category, kind = excluded.kind,
      -- What a person decided about licensing stands.
      licensable = case when products.licensable_decided then products.licensable else excluded.licensable end,
      suite_of = excluded.suite_of, search_text = excluded.search_text, updated_at = now(), version = products.version + 1
    where (products.name, products.publisher_id, products.category, products.kind, products.suite_of, products.search_text)
      is distinct from (excluded.name, excluded.publisher_id, excluded.category, excluded.kind, excluded.suite_of, excluded.search_text)
      or (not products.licensable_decided and products.licensable <> excluded.licensable)`.execute(tx);
}

export interface RecognitionWrite {
  evidence_id: number;
  product_id: string | null;
  part_of: string | null;
  publisher_id: string | null;
  recognition: Recognition;
}

/** Writes what evidence means now, replacing what it meant. */
export async function writeRecognitions(tx: Tx, ruleset: string, rows: readonly RecognitionWrite[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map((r) => r.evidence_id);
  const column = (pick: (r: RecognitionWrite) => string | null): (string | null)[] => rows.map(pick);
  await sql`insert into evidence_recognition (evidence_id, product_id, part_of, publisher_id, edition, release, version, kind, rule, confidence, cleaned_name, ruleset)
    select *, ${ruleset} from unnest(${ids}::integer[], ${column((r) => r.product_id)}::uuid[], ${column((r) => r.part_of)}::uuid[], ${column((r) => r.publisher_id)}::uuid[],
      ${column((r) => r.recognition.edition)}::text[], ${column((r) => r.recognition.release)}::text[], ${column((r) => r.recognition.version)}::text[], ${column((r) => r.recognition.kind)}::text[],
      ${column((r) => r.recognition.rule)}::text[], ${column((r) => r.recognition.confidence)}::text[], ${column((r) => (r.recognition.rule === 'none' ? r.recognition.cleanedName : null))}::text[])
    on conflict (evidence_id) do update set product_id = excluded.product_id, part_of = excluded.part_of, publisher_id = excluded.publisher_id, edition = excluded.edition,
      release = excluded.release, version = excluded.version, kind = excluded.kind, rule = excluded.rule, confidence = excluded.confidence, cleaned_name = excluded.cleaned_name,
      ruleset = excluded.ruleset, at = now()`.execute(tx);
}
