import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface EvidenceColumns {
  name: string;
  version: string | null;
  publisher: string | null;
  channel: string;
  arch: string | null;
  code: string | null;
}
export interface EvidenceRow extends EvidenceColumns {
  id: number;
}
export interface KnownEvidence {
  hash: Buffer;
  id: number;
  /** Made by this very transaction: it may still be rolled back. */
  fresh: boolean;
}

export async function evidenceByHash(tx: Tx, hashes: readonly Buffer[]): Promise<KnownEvidence[]> {
  const { rows } =
    await sql<KnownEvidence>`select hash, id, first_seen_at = transaction_timestamp()::timestamptz(3) as fresh from evidence where hash = any(${hashes}::bytea[])`.execute(
      tx,
    );
  return rows;
}

/** Inserts what is not there; answers only the rows this call made. Sorted by hash, so that two transactions wait and never deadlock. */
export async function insertEvidence(
  tx: Tx,
  rows: readonly (EvidenceColumns & { hash: Buffer })[],
): Promise<{ hash: Buffer; id: number }[]> {
  const sorted = [...rows].sort((a, b) => Buffer.compare(a.hash, b.hash));
  const { rows: made } = await sql<{
    hash: Buffer;
    id: number;
  }>`insert into evidence (hash, name, version, publisher, channel, arch, code, first_seen_at)
    select *, transaction_timestamp() from unnest(${sorted.map((r) => r.hash)}::bytea[], ${sorted.map((r) => r.name)}::text[], ${sorted.map((r) => r.version)}::text[], ${sorted.map((r) => r.publisher)}::text[],
      ${sorted.map((r) => r.channel)}::text[], ${sorted.map((r) => r.arch)}::text[], ${sorted.map((r) => r.code)}::text[])
    on conflict (hash) do nothing returning hash, id`.execute(tx);
  return made;
}

export interface RecognisedEvidence extends EvidenceRow {
  product_id: string | null;
  part_of: string | null;
  publisher_id: string | null;
  edition: string | null;
  release: string | null;
  recognised_version: string | null;
  kind: string | null;
  rule: string | null;
  confidence: string | null;
  ruleset: string | null;
  installations: number;
}
const recognised = sql`e.id, e.name, e.version, e.publisher, e.channel, e.arch, e.code, e.installations, r.product_id, r.part_of, r.publisher_id, r.edition, r.release,
  r.version as recognised_version, r.kind, r.rule, r.confidence, r.ruleset`;

/** The next evidence after an id, for going through all of it. */
export async function evidenceAfter(db: Db, afterId: number, limit: number): Promise<RecognisedEvidence[]> {
  const { rows } =
    await sql<RecognisedEvidence>`select ${recognised} from evidence e left join evidence_recognition r on r.evidence_id = e.id
    where e.id > ${afterId} order by e.id limit ${limit}`.execute(db);
  return rows;
}
export async function countEvidence(db: Db): Promise<number> {
  return (await sql<{ n: number }>`select count(*)::integer as n from evidence`.execute(db)).rows[0]?.n ?? 0;
}

export interface RuleMatch {
  namePattern: string;
  publisher: string | null;
  channel: string | null;
}
/** `*` is any text; everything else stands for itself. */
const like = (pattern: string): string =>
  pattern
    .toLowerCase()
    .replaceAll(/[\\%_]/g, String.raw`\$&`)
    .replaceAll('*', '%');
// An exact title is sought by the trigram index over name and publisher too: the pattern over the name alone could not use it.
const matching = (
  rule: RuleMatch,
) => sql`e.search_text like ${`${like(rule.namePattern)}%`} and lower(e.name) like ${like(rule.namePattern)}
  and (${rule.publisher}::text is null or lower(e.publisher) = lower(${rule.publisher}::text)) and (${rule.channel}::text is null or e.channel = ${rule.channel}::text)`;

export async function evidenceMatching(db: Db, rule: RuleMatch, afterId: number, limit: number): Promise<RecognisedEvidence[]> {
  const { rows } =
    await sql<RecognisedEvidence>`select ${recognised} from evidence e left join evidence_recognition r on r.evidence_id = e.id
    where ${matching(rule)} and e.id > ${afterId} order by e.id limit ${limit}`.execute(db);
  return rows;
}
export async function countMatching(db: Db, rule: RuleMatch): Promise<{ evidence: number; installations: number }> {
  const { rows } = await sql<{
    evidence: number;
    installations: number;
  }>`select count(*)::integer as evidence, coalesce(sum(e.installations), 0)::integer as installations
    from evidence e where ${matching(rule)}`.execute(db);
  return rows[0] ?? { evidence: 0, installations: 0 };
}
/** Evidence a local rule decides now. */
export async function evidenceOfRule(db: Db, rule: string, afterId: number, limit: number): Promise<RecognisedEvidence[]> {
  const { rows } = await sql<RecognisedEvidence>`select ${recognised} from evidence e join evidence_recognition r on r.evidence_id = e.id
    where r.rule = ${rule} and e.id > ${afterId} order by e.id limit ${limit}`.execute(db);
  return rows;
}
export async function countOfRule(db: Db, rule: string): Promise<{ evidence: number; installations: number }> {
  const { rows } = await sql<{
    evidence: number;
    installations: number;
  }>`select count(*)::integer as evidence, coalesce(sum(e.installations), 0)::integer as installations
    from evidence_recognition r join evidence e on e.id = r.evidence_id where r.rule = ${rule}`.execute(db);
  return rows[0] ?? { evidence: 0, installations: 0 };
}

export interface EvidenceDetailRow extends RecognisedEvidence {
  first_seen_at: Date;
  at: Date | null;
  assets: number;
  product_name: string | null;
  part_of_name: string | null;
  publisher_name: string | null;
}
export async function evidenceDetail(db: Db, id: number): Promise<EvidenceDetailRow | undefined> {
  const { rows } =
    await sql<EvidenceDetailRow>`select ${recognised}, e.first_seen_at, r.at, p.name as product_name, o.name as part_of_name, b.name as publisher_name,
      (select count(distinct i.asset_id)::integer from installations i where i.evidence_id = e.id and i.removed_at is null) as assets
    from evidence e left join evidence_recognition r on r.evidence_id = e.id left join products p on p.id = r.product_id left join products o on o.id = r.part_of
      left join publishers b on b.id = r.publisher_id where e.id = ${id}`.execute(db);
  return rows[0];
}

export interface UnrecognisedRow {
  cleaned_name: string;
  publisher: string;
  channels: string[];
  evidence: number;
  installations: number;
  publisher_key: string | null;
  /** The most installed titles of the group. */
  samples: EvidenceBrief[];
}
export interface EvidenceBrief {
  id: number;
  name: string;
  version: string | null;
  publisher: string | null;
  channel: string;
  installations: number;
}
/** The groups of unknown titles by installations, after a position. */
export async function unrecognisedGroups(
  db: Db,
  options: { words: string[]; after: { installations: number; name: string; publisher: string } | null; limit: number },
): Promise<UnrecognisedRow[]> {
  const words = sql.join(
    [sql`true`, ...options.words.map((w) => sql`e.search_text like ${`%${w.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`}`)],
    sql` and `,
  );
  const { after } = options;
  const position =
    after === null
      ? sql`true`
      : sql`(-sum(e.installations), r.cleaned_name, coalesce(e.publisher, '')) > (${-after.installations}::bigint, ${after.name}::text, ${after.publisher}::text)`;
  const { rows } = await sql<UnrecognisedRow>`with page as (
      select r.cleaned_name, coalesce(e.publisher, '') as publisher, array_agg(distinct e.channel order by e.channel) as channels, count(*)::integer as evidence, sum(e.installations)::integer as installations,
        min(b.key) as publisher_key
      from evidence_recognition r join evidence e on e.id = r.evidence_id left join publishers b on b.id = r.publisher_id
      where r.rule = 'none' and ${words} group by r.cleaned_name, coalesce(e.publisher, '') having ${position}
      order by sum(e.installations) desc, r.cleaned_name, coalesce(e.publisher, '') limit ${options.limit})
    select page.*, s.samples from page cross join lateral (
      select json_agg(x) as samples from (select e.id, e.name, e.version, e.publisher, e.channel, e.installations from evidence_recognition r join evidence e on e.id = r.evidence_id
        where r.rule = 'none' and r.cleaned_name = page.cleaned_name and coalesce(e.publisher, '') = page.publisher order by e.installations desc, e.id limit 5) x) s
    order by page.installations desc, page.cleaned_name, page.publisher`.execute(db);
  return rows;
}
export async function countUnrecognisedGroups(db: Db, words: string[]): Promise<number> {
  const conditions = sql.join(
    [sql`true`, ...words.map((w) => sql`e.search_text like ${`%${w.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`}`)],
    sql` and `,
  );
  const { rows } = await sql<{
    n: number;
  }>`select count(*)::integer as n from (select 1 from evidence_recognition r join evidence e on e.id = r.evidence_id
    where r.rule = 'none' and ${conditions} group by r.cleaned_name, coalesce(e.publisher, '')) g`.execute(db);
  return rows[0]?.n ?? 0;
}

export interface TotalsRow {
  total: number;
  recognised: number;
  outdated: number;
  installations: number;
  recognised_installations: number;
}
export async function recognitionTotals(db: Db, ruleset: string): Promise<TotalsRow> {
  const { rows } =
    await sql<TotalsRow>`select count(*)::integer as total, (count(*) filter (where r.rule <> 'none'))::integer as recognised,
      (count(*) filter (where r.ruleset is distinct from ${ruleset}))::integer as outdated, coalesce(sum(e.installations), 0)::integer as installations,
      coalesce(sum(e.installations) filter (where r.rule <> 'none'), 0)::integer as recognised_installations
    from evidence e left join evidence_recognition r on r.evidence_id = e.id`.execute(db);
  return rows[0] ?? { total: 0, recognised: 0, outdated: 0, installations: 0, recognised_installations: 0 };
}

export interface EffectRow {
  evidence: number;
  installations: number;
  /** Titles that would change product. */
  changes: number;
  samples: (EvidenceBrief & { product_id: string | null; product_name: string | null })[];
}
/** What a local rule reaches, with the most installed titles and the product they have now. */
export async function ruleEffect(db: Db, rule: RuleMatch, productId: string): Promise<EffectRow> {
  const { rows } = await sql<
    Omit<EffectRow, 'samples'>
  >`select count(*)::integer as evidence, coalesce(sum(e.installations), 0)::integer as installations,
      (count(*) filter (where r.product_id is distinct from ${productId}::uuid))::integer as changes
    from evidence e left join evidence_recognition r on r.evidence_id = e.id where ${matching(rule)}`.execute(db);
  const { rows: samples } = await sql<
    EffectRow['samples'][number]
  >`select e.id, e.name, e.version, e.publisher, e.channel, e.installations, r.product_id, p.name as product_name
    from evidence e left join evidence_recognition r on r.evidence_id = e.id left join products p on p.id = r.product_id where ${matching(rule)}
    order by e.installations desc, e.id limit 10`.execute(db);
  return { ...(rows[0] ?? { evidence: 0, installations: 0, changes: 0 }), samples };
}

/** Whether any evidence was recognised under other content. */
export async function hasOutdated(db: Db, ruleset: string): Promise<boolean> {
  const { rows } = await sql<{
    outdated: boolean;
  }>`select exists (select 1 from evidence_recognition where ruleset <> ${ruleset}) as outdated`.execute(db);
  return rows[0]?.outdated ?? false;
}
