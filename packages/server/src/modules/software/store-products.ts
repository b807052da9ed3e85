import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface ProductRow {
  id: string;
  key: string;
  name: string;
  publisher_id: string;
  publisher_name: string;
  category: string;
  kind: string;
  licensable: boolean;
  suite_of: string[];
  assets: number;
  installations: number;
  source: string;
  updated_at: Date;
  version: number;
}
const product = sql`p.id, p.key, p.name, p.publisher_id, b.name as publisher_name, p.category, p.kind, p.licensable, p.suite_of, p.assets, p.installations, p.source, p.updated_at, p.version`;

export async function productById(db: Db, id: string, options: { lock?: boolean } = {}): Promise<ProductRow | undefined> {
  const { rows } = await sql<ProductRow>`select ${product} from products p join publishers b on b.id = p.publisher_id where p.id = ${id}
    ${options.lock === true ? sql`for update of p` : sql``}`.execute(db);
  return rows[0];
}
export interface NamedRow {
  id: string;
  name: string;
}
export async function productsByKey(db: Db, keys: readonly string[]): Promise<NamedRow[]> {
  return (await sql<NamedRow>`select id, name from products where key = any(${keys}::text[]) order by name`.execute(db)).rows;
}
export async function suitesWith(db: Db, key: string): Promise<NamedRow[]> {
  return (await sql<NamedRow>`select id, name from products where ${key} = any(suite_of) order by name`.execute(db)).rows;
}

export interface CountedRow {
  value: string | null;
  evidence: number;
  installations: number;
}
export async function countsOf(db: Db, id: string, column: 'edition' | 'release' | 'rule'): Promise<CountedRow[]> {
  const { rows } =
    await sql<CountedRow>`select r.${sql.raw(column)} as value, count(*)::integer as evidence, coalesce(sum(e.installations), 0)::integer as installations
    from evidence_recognition r join evidence e on e.id = r.evidence_id where r.product_id = ${id} group by 1 order by 3 desc, 1 limit 50`.execute(
      db,
    );
  return rows;
}
export interface TopEvidenceRow {
  id: number;
  name: string;
  version: string | null;
  publisher: string | null;
  channel: string;
  installations: number;
  edition: string | null;
  release: string | null;
  rule: string;
}
export async function topEvidence(db: Db, id: string): Promise<TopEvidenceRow[]> {
  const { rows } =
    await sql<TopEvidenceRow>`select e.id, e.name, e.version, e.publisher, e.channel, e.installations, r.edition, r.release, r.rule
    from evidence_recognition r join evidence e on e.id = r.evidence_id where r.product_id = ${id} order by e.installations desc, e.id limit 20`.execute(
      db,
    );
  return rows;
}

export async function publisherById(db: Db, id: string): Promise<{ id: string; key: string; name: string } | undefined> {
  return (await sql<{ id: string; key: string; name: string }>`select id, key, name from publishers where id = ${id}`.execute(db)).rows[0];
}
export async function publisherByName(db: Db, name: string): Promise<{ id: string; key: string; name: string } | undefined> {
  return (
    await sql<{
      id: string;
      key: string;
      name: string;
    }>`select id, key, name from publishers where lower(name) = lower(${name}) order by source limit 1`.execute(db)
  ).rows[0];
}
export async function insertPublisher(tx: Tx, row: { id: string; key: string; name: string }): Promise<void> {
  await sql`insert into publishers (id, key, name, source) values (${row.id}, ${row.key}, ${row.name}, 'local')`.execute(tx);
}
export async function productNamed(db: Db, publisherId: string, name: string): Promise<boolean> {
  return (
    (await sql`select 1 from products where publisher_id = ${publisherId} and lower(name) = lower(${name})`.execute(db)).rows.length > 0
  );
}
export async function insertProduct(
  tx: Tx,
  row: {
    id: string;
    key: string;
    name: string;
    publisherId: string;
    publisherName: string;
    category: string;
    kind: string;
    licensable: boolean;
  },
): Promise<void> {
  await sql`insert into products (id, key, name, publisher_id, category, kind, licensable, source, search_text)
    values (${row.id}, ${row.key}, ${row.name}, ${row.publisherId}, ${row.category}, ${row.kind}, ${row.licensable}, 'local', lower(${`${row.name} ${row.publisherName} ${row.key}`}::text))`.execute(
    tx,
  );
}
export async function updateProduct(
  tx: Tx,
  id: string,
  row: { name: string; category: string; licensable: boolean; licensableDecided: boolean; searchText: string },
): Promise<void> {
  await sql`update products set name = ${row.name}, category = ${row.category}, licensable = ${row.licensable}, licensable_decided = licensable_decided or ${row.licensableDecided},
    search_text = lower(${row.searchText}::text), updated_at = now(), version = version + 1 where id = ${id}`.execute(tx);
}

export interface LocalRuleRow {
  id: string;
  name_pattern: string;
  publisher: string | null;
  channel: string | null;
  product_id: string;
  product_name: string;
  edition: string | null;
  created_by: string;
  created_at: Date;
  retired_at: Date | null;
  version: number;
}
export async function localRuleById(db: Db, id: string): Promise<LocalRuleRow | undefined> {
  const { rows } =
    await sql<LocalRuleRow>`select l.id, l.name_pattern, l.publisher, l.channel, l.product_id, p.name as product_name, l.edition, l.created_by, l.created_at, l.retired_at, l.version
    from local_rules l join products p on p.id = l.product_id where l.id = ${id}`.execute(db);
  return rows[0];
}
export async function sameActiveRule(
  db: Db,
  rule: { namePattern: string; publisher: string | null; channel: string | null },
): Promise<string | undefined> {
  const { rows } = await sql<{
    id: string;
  }>`select id from local_rules where retired_at is null and lower(name_pattern) = lower(${rule.namePattern})
    and lower(coalesce(publisher, '')) = lower(${rule.publisher ?? ''}) and coalesce(channel, '') = ${rule.channel ?? ''}`.execute(db);
  return rows[0]?.id;
}
export async function insertLocalRule(
  tx: Tx,
  row: {
    id: string;
    namePattern: string;
    publisher: string | null;
    channel: string | null;
    productId: string;
    edition: string | null;
    createdBy: string;
  },
): Promise<void> {
  await sql`insert into local_rules (id, name_pattern, publisher, channel, product_id, edition, created_by)
    values (${row.id}, ${row.namePattern}, ${row.publisher}, ${row.channel}, ${row.productId}, ${row.edition}, ${row.createdBy})`.execute(
    tx,
  );
}
export async function retireLocalRule(tx: Tx, id: string): Promise<void> {
  await sql`update local_rules set retired_at = now(), version = version + 1 where id = ${id}`.execute(tx);
}
