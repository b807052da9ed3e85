import { duplicateResource } from '@muster/api/duplicates';
import type { DuplicateReason } from '@muster/core/identity';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

/** A value that more assets have is a habit of whoever enters it, and no sign of duplicates. */
export const mostAlike = 100;

/** Letters and digits only, in upper case: how people's spellings of one number agree. */
const bare = (column: ReturnType<typeof sql>): ReturnType<typeof sql> => sql`upper(regexp_replace(${column}, '[^A-Za-z0-9]', '', 'g'))`;

/** What is common, by reason: one pass over the assets, grouped. */
const alike: Record<DuplicateReason, ReturnType<typeof sql>> = {
  serial: sql`select ${bare(sql`a.serial`)} as key, min(a.serial) as value, array_agg(a.id order by a.id) as ids,
      min(a.name) as name, min(a.model) as model, min(a.manufacturer) as manufacturer from assets a
    where a.redirected_to is null and a.serial is not null group by 1`,
  tag: sql`select ${bare(sql`a.tag`)} as key, min(a.tag) as value, array_agg(a.id order by a.id) as ids,
      min(a.name) as name, min(a.model) as model, min(a.manufacturer) as manufacturer from assets a
    where a.redirected_to is null and a.tag is not null group by 1`,
  mac: sql`select k.value as key, k.value, array_agg(distinct k.asset_id) as ids, null::text as name, null::text as model, null::text as manufacturer
    from identity_keys k join assets a on a.id = k.asset_id and a.redirected_to is null
    where k.kind = 'mac' and k.quality = 'good' group by k.value`,
  // Those that all have serial numbers of their own are several.
  name_and_model: sql`select lower(trim(a.name)) || ' · ' || lower(trim(a.model)) as key, min(trim(a.name)) as value, array_agg(a.id order by a.id) as ids,
      null::text as name, min(a.model) as model, min(a.manufacturer) as manufacturer from assets a
    where a.redirected_to is null and a.name is not null and a.model is not null group by 1
    having count(a.serial) < count(*) or count(distinct ${bare(sql`a.serial`)}) < count(*)`,
};

export interface Alike {
  key: string;
  value: string;
  name: string | null;
  model: string | null;
  manufacturer: string | null;
}

/** Collects what assets have in common into a table of this transaction. Pairs that a person told apart are left out. */
export async function collectAlike(tx: Tx, reason: DuplicateReason): Promise<void> {
  await sql`drop table if exists alike`.execute(tx);
  await sql`create temporary table alike on commit drop as select * from (${alike[reason]}) g
    where cardinality(g.ids) between 2 and ${sql.lit(mostAlike)} and length(g.key) between 1 and 300`.execute(tx);
  await sql`delete from alike g using identity_not_same n where cardinality(g.ids) = 2
    and n.asset_a = least(g.ids[1], g.ids[2]) and n.asset_b = greatest(g.ids[1], g.ids[2])`.execute(tx);
  if (reason === 'serial')
    await sql`delete from alike g using identity_keys k where k.kind in ('serial', 'enclosure_serial', 'board_serial', 'member_serial')
      and substr(k.value, strpos(k.value, '|') + 1) = upper(g.value) and k.quality in ('shared', 'placeholder')`.execute(tx);
  await sql`create index on alike (key)`.execute(tx);
  await sql`analyze alike`.execute(tx);
}

export async function nextAlike(tx: Tx, after: string, limit: number): Promise<Alike[]> {
  return (
    await sql<Alike>`select key, value, name, model, manufacturer from alike where key > ${after} order by key limit ${limit}`.execute(tx)
  ).rows;
}

/** Keeps collected groups: new ones, and what became of known ones. One that was dismissed is open again when another asset joined. */
export async function keepGroups(
  tx: Tx,
  reason: DuplicateReason,
  groups: readonly { id: string; key: string }[],
  now: Date,
): Promise<void> {
  const keys = groups.map((g) => g.key);
  await sql`insert into duplicate_groups (id, reason, key, value, assets, found_at, seen_at)
    select w.id, ${reason}, g.key, g.value, cardinality(g.ids), ${now}, ${now}
    from jsonb_to_recordset(${JSON.stringify(groups)}::jsonb) as w (id uuid, key text) join alike g on g.key = w.key order by g.key
    on conflict (reason, key) do update set value = excluded.value, assets = excluded.assets, seen_at = excluded.seen_at`.execute(tx);
  const known = sql`alike f where d.reason = ${reason} and d.key = f.key and f.key = any(${keys}::text[])`;
  await sql`update duplicate_groups d set dismissed_at = null, dismissed_by = null, dismissed_note = null, dismissed_assets = '{}'
    from ${known} and d.dismissed_at is not null and not (f.ids <@ d.dismissed_assets)`.execute(tx);
  await sql`delete from duplicate_members m using duplicate_groups d, ${known} and m.group_id = d.id and not (m.asset_id = any(f.ids))`.execute(
    tx,
  );
  await sql`insert into duplicate_members (asset_id, group_id) select unnest(f.ids), d.id from duplicate_groups d, ${known}
    on conflict do nothing`.execute(tx);
}

/** Groups that a run did not see are gone; what was said of them is kept, out of sight, for the case that they come again. */
export async function dropUnseen(tx: Tx, reason: DuplicateReason, now: Date): Promise<void> {
  await sql`delete from duplicate_groups where reason = ${reason} and seen_at < ${now} and dismissed_at is null`.execute(tx);
  await sql`update duplicate_groups set assets = 0 where reason = ${reason} and seen_at < ${now} and assets > 0`.execute(tx);
}

/** A merged asset is no duplicate any more; a group of one is none. */
export async function leaveDuplicates(tx: Tx, assetId: string): Promise<void> {
  const { rows } = await sql<{ group_id: string }>`delete from duplicate_members where asset_id = ${assetId} returning group_id`.execute(
    tx,
  );
  if (rows.length === 0) return;
  const groups = sql`id = any(${rows.map((row) => row.group_id)}::uuid[])`;
  await sql`update duplicate_groups set assets = assets - 1 where ${groups}`.execute(tx);
  await sql`delete from duplicate_groups where ${groups} and assets < 2 and dismissed_at is null`.execute(tx);
}

export interface GroupRow {
  id: string;
  reason: DuplicateReason;
  value: string;
  found_at: Date;
  dismissed_at: Date | null;
  dismissed_by: string | null;
  dismissed_note: string | null;
}

export async function findGroup(db: Db, id: string, lock = false): Promise<GroupRow | undefined> {
  return (
    await sql<GroupRow>`select id, reason, value, found_at, dismissed_at, dismissed_by, dismissed_note from duplicate_groups
      where id = ${id} and assets > 1 ${lock ? sql`for update` : sql``}`.execute(db)
  ).rows[0];
}

export interface MemberRow {
  id: string;
  label: string;
  tag: string | null;
  serial: string | null;
  class_key: string;
  manufacturer: string | null;
  model: string | null;
  state: string;
  sources: number;
  last_seen_at: Date | null;
  created_at: Date;
}

/** The assets of a group, the one that was seen last first. */
export async function membersOf(db: Db, groupId: string): Promise<MemberRow[]> {
  return (
    await sql<MemberRow>`select a.id, coalesce(a.name, a.tag, a.serial, a.id::text) as label, a.tag, a.serial, a.class_key, a.manufacturer, a.model, a.state,
        (select count(distinct o.source)::int from observations o where o.asset_id = a.id) as sources, a.last_seen_at, a.created_at
      from duplicate_members m join assets a on a.id = m.asset_id and a.redirected_to is null
      where m.group_id = ${groupId} order by a.last_seen_at desc nulls last, a.id limit ${mostAlike}`.execute(db)
  ).rows;
}

/** Remembers that the present assets of a group are several. */
export async function dismissGroup(tx: Tx, id: string, by: string, note: string | null, now: Date): Promise<void> {
  await sql`update duplicate_groups set dismissed_at = ${now}, dismissed_by = ${by}, dismissed_note = ${note},
    dismissed_assets = array(select asset_id from duplicate_members where group_id = ${id}) where id = ${id}`.execute(tx);
}

export async function reopenGroup(tx: Tx, id: string): Promise<void> {
  await sql`update duplicate_groups set dismissed_at = null, dismissed_by = null, dismissed_note = null, dismissed_assets = '{}' where id = ${id}`.execute(
    tx,
  );
}

export const duplicateListing = defineListing(duplicateResource, {
  from: sql`duplicate_groups d`,
  id: sql`d.id`,
  where: sql`d.assets > 1`,
  columns: {
    id: { sql: sql`d.id` },
    value: { sql: sql`d.value` },
    reason: { sql: sql`d.reason` },
    assets: { sql: sql`d.assets` },
    state: { sql: sql`case when d.dismissed_at is null then 'open' else 'dismissed' end` },
    foundAt: { sql: sql`d.found_at` },
    dismissedBy: { sql: sql`d.dismissed_by` },
  },
});
