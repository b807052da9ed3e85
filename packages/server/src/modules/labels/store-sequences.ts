import { tagSequenceResource } from '@muster/api/codes';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export interface SequenceRow {
  id: string;
  name: string;
  class_key: string | null;
  org_unit_id: string | null;
  org_unit: string | null;
  prefix: string;
  suffix: string;
  width: number;
  /** bigint, so a string. */
  next_number: string;
  check_digit: 'none' | 'luhn';
  automatic: boolean;
  version: number;
}
export type SequenceValues = Omit<SequenceRow, 'id' | 'org_unit' | 'version' | 'next_number'> & { next_number: number };

export const sequenceListing = defineListing(tagSequenceResource, {
  from: sql`tag_sequences s`,
  id: sql`s.id`,
  joins: { org: sql`left join org_units o on o.id = s.org_unit_id` },
  columns: {
    id: { sql: sql`s.id` },
    name: { sql: sql`s.name` },
    class: { sql: sql`s.class_key` },
    orgUnit: { sql: sql`o.name`, ref: sql`s.org_unit_id`, join: 'org' },
    prefix: { sql: sql`s.prefix` },
    nextNumber: { sql: sql`s.next_number` },
    width: { sql: sql`s.width` },
    suffix: { sql: sql`s.suffix` },
    checkDigit: { sql: sql`s.check_digit` },
    automatic: { sql: sql`s.automatic` },
    createdAt: { sql: sql`s.created_at` },
  },
});

const select = sql`select s.*, o.name as org_unit from tag_sequences s left join org_units o on o.id = s.org_unit_id`;

export async function sequenceById(db: Db, id: string): Promise<SequenceRow | undefined> {
  return (await sql<SequenceRow>`${select} where s.id = ${id}`.execute(db)).rows[0];
}

/**
 * The sequence that gives tags to assets of a class and org unit: of those that apply the one of the nearest class, then of the nearest
 * org unit.
 */
export async function sequenceFor(db: Db, classKey: string, orgUnitId: string | null): Promise<SequenceRow | undefined> {
  return (
    await sql<SequenceRow>`with recursive up as (
        select key, parent_key, 0 as depth from asset_classes where key = ${classKey}
        union all select c.key, c.parent_key, up.depth + 1 from asset_classes c join up on c.key = up.parent_key),
      unit as (select path from org_units where id = ${orgUnitId}::uuid)
      select s.*, null as org_unit from tag_sequences s left join up on up.key = s.class_key left join unit on true
      where s.automatic and (s.class_key is null or up.key is not null) and (s.org_unit_id is null or s.org_unit_id = any(unit.path))
      order by up.depth nulls last, array_position(unit.path, s.org_unit_id) desc nulls last limit 1`.execute(db)
  ).rows[0];
}

/** Takes `count` numbers; the row stays locked until the transaction ends, so nobody else gets one of them. Returns the first. */
export async function takeNumbers(tx: Tx, id: string, count: number): Promise<number> {
  const { rows } = await sql<{
    first: string;
  }>`update tag_sequences set next_number = next_number + ${count} where id = ${id} returning next_number - ${count} as first`.execute(tx);
  if (!rows[0]) throw new Error(`The tag sequence ${id} is gone`);
  return Number(rows[0].first);
}

/** Those of these tags that an asset has. */
export async function takenTags(db: Db, tags: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ tag: string }>`select lower(tag) as tag from assets
    where lower(tag) = any(${tags.map((tag) => tag.toLowerCase())}::text[]) and tag is not null and redirected_to is null`.execute(db);
  return new Set(rows.map((row) => row.tag));
}

export async function referencesExist(
  db: Db,
  classKey: string | null,
  orgUnitId: string | null,
): Promise<{ class_ok: boolean; unit_ok: boolean }> {
  const { rows } = await sql<{ class_ok: boolean; unit_ok: boolean }>`select
    ${classKey}::text is null or exists (select 1 from asset_classes where key = ${classKey}) as class_ok,
    ${orgUnitId}::uuid is null or exists (select 1 from org_units where id = ${orgUnitId}::uuid) as unit_ok`.execute(db);
  return rows[0] as { class_ok: boolean; unit_ok: boolean };
}

export async function insertSequence(tx: Tx, id: string, v: SequenceValues, now: Date): Promise<void> {
  await sql`insert into tag_sequences (id, name, class_key, org_unit_id, prefix, suffix, width, next_number, check_digit, automatic, created_at, updated_at)
    values (${id}, ${v.name}, ${v.class_key}, ${v.org_unit_id}, ${v.prefix}, ${v.suffix}, ${v.width}, ${v.next_number}, ${v.check_digit}, ${v.automatic}, ${now}, ${now})`.execute(
    tx,
  );
}

/** False when it has another version by now, or has given numbers beyond the new next one meanwhile. */
export async function updateSequence(tx: Tx, id: string, version: number, v: Partial<SequenceValues>, now: Date): Promise<boolean> {
  const sets = Object.entries(v).map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
  const kept = v.next_number === undefined ? sql`true` : sql`next_number <= ${v.next_number}`;
  const { rows } = await sql`update tag_sequences set ${sql.join([...sets, sql`updated_at = ${now}`, sql`version = version + 1`])}
    where id = ${id} and version = ${version} and ${kept} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function removeSequence(tx: Tx, id: string): Promise<void> {
  await sql`delete from tag_sequences where id = ${id}`.execute(tx);
}

export interface Untagged {
  id: string;
  tag: string | null;
  class_key: string;
  org_unit_id: string | null;
  redirected_to: string | null;
  version: number;
}
export async function untaggedOf(db: Db, ids: readonly string[]): Promise<Untagged[]> {
  return (
    await sql<Untagged>`select id, tag, class_key, org_unit_id, redirected_to, version from assets where id = any(${ids}::uuid[]) order by id`.execute(
      db,
    )
  ).rows;
}
