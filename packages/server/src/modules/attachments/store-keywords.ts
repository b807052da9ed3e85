import { keywordResource } from '@muster/api/keywords';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export interface KeywordRow {
  id: string;
  key: string;
  name: string;
}

/** The keywords of these names; those that are new are made. Two who make the same one get the same. */
export async function keywordsNamed(tx: Tx, wanted: readonly KeywordRow[], now: Date): Promise<KeywordRow[]> {
  await sql`insert into keywords (id, key, name, created_at) select w.id, w.key, w.name, ${now}
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w (id uuid, key text, name text) order by w.key on conflict (key) do nothing`.execute(
    tx,
  );
  return findKeywords(
    tx,
    wanted.map((one) => one.key),
  );
}

export async function findKeywords(db: Db, keys: readonly string[]): Promise<KeywordRow[]> {
  return (await sql<KeywordRow>`select id, key, name from keywords where key = any(${keys}::text[])`.execute(db)).rows;
}

export async function keywordsById(db: Db, ids: readonly string[]): Promise<KeywordRow[]> {
  return (await sql<KeywordRow>`select id, key, name from keywords where id = any(${ids}::uuid[])`.execute(db)).rows;
}

export async function keywordsOf(db: Db, assetId: string): Promise<KeywordRow[]> {
  return (
    await sql<KeywordRow>`select k.id, k.key, k.name from asset_keywords ak join keywords k on k.id = ak.keyword_id
      where ak.asset_id = ${assetId} order by k.key`.execute(db)
  ).rows;
}

/** Gives or takes keywords; answers what changed, by asset. */
export async function changeMarks(
  tx: Tx,
  how: 'add' | 'take',
  assets: readonly string[],
  keywords: readonly KeywordRow[],
): Promise<Map<string, string[]>> {
  const ids = keywords.map((one) => one.id);
  const { rows } = await (
    how === 'add'
      ? sql<{ asset_id: string; keyword_id: string }>`insert into asset_keywords (asset_id, keyword_id)
          select a, k from unnest(${assets}::uuid[]) as a cross join unnest(${ids}::uuid[]) as k on conflict do nothing returning asset_id, keyword_id`
      : sql<{ asset_id: string; keyword_id: string }>`delete from asset_keywords
          where asset_id = any(${assets}::uuid[]) and keyword_id = any(${ids}::uuid[]) returning asset_id, keyword_id`
  ).execute(tx);
  const changed = new Map<string, string[]>();
  for (const row of rows) {
    const name = keywords.find((one) => one.id === row.keyword_id)?.name ?? row.keyword_id;
    changed.set(row.asset_id, [...(changed.get(row.asset_id) ?? []), name]);
  }
  return changed;
}

/** The keywords of many assets, by asset. */
export async function keywordsOfAll(db: Db, assets: readonly string[]): Promise<Map<string, KeywordRow[]>> {
  const { rows } = await sql<KeywordRow & { asset_id: string }>`select ak.asset_id, k.id, k.key, k.name from asset_keywords ak
    join keywords k on k.id = ak.keyword_id where ak.asset_id = any(${assets}::uuid[]) order by ak.asset_id, k.key`.execute(db);
  return Map.groupBy(rows, (row) => row.asset_id);
}

/** Gives and takes exactly these marks. One whose keyword was deleted meanwhile is left out. Answers what changed. */
export async function putMarks(
  tx: Tx,
  marks: readonly { asset: string; keyword: string; add: boolean }[],
): Promise<{ asset_id: string; keyword_id: string; added: boolean }[]> {
  const data = JSON.stringify(marks);
  const given = sql`jsonb_to_recordset(${data}::jsonb) as m (asset uuid, keyword uuid, add boolean)`;
  return (
    await sql<{ asset_id: string; keyword_id: string; added: boolean }>`with taken as (
        delete from asset_keywords ak using ${given} where not m.add and ak.asset_id = m.asset and ak.keyword_id = m.keyword
        returning ak.asset_id, ak.keyword_id),
      added as (insert into asset_keywords (asset_id, keyword_id)
        select m.asset, m.keyword from ${given} where m.add and exists (select 1 from keywords k where k.id = m.keyword)
        on conflict do nothing returning asset_id, keyword_id)
      select asset_id, keyword_id, true as added from added union all select asset_id, keyword_id, false from taken`.execute(tx)
  ).rows;
}

export async function renameTo(tx: Tx, id: string, key: string, name: string): Promise<void> {
  await sql`update keywords set key = ${key}, name = ${name} where id = ${id}`.execute(tx);
}

/** All assets of one keyword get another; answers how many had it. */
export async function moveMarks(tx: Tx, from: string, into: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from asset_keywords where keyword_id = ${from}`.execute(tx);
  await sql`insert into asset_keywords (asset_id, keyword_id, merged_from)
    select asset_id, ${into}, merged_from from asset_keywords where keyword_id = ${from} on conflict do nothing`.execute(tx);
  return rows[0]?.n ?? 0;
}

export async function deleteKeywordRow(tx: Tx, id: string): Promise<void> {
  await sql`delete from keywords where id = ${id}`.execute(tx);
}

/** Locks keywords in the order of their ids. */
export async function lockKeywords(tx: Tx, ids: readonly string[]): Promise<Map<string, KeywordRow>> {
  const { rows } = await sql<KeywordRow>`select id, key, name from keywords where id = any(${ids}::uuid[]) order by id for update`.execute(
    tx,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export const keywordListing = defineListing(keywordResource, {
  from: sql`keywords k`,
  id: sql`k.id`,
  columns: {
    id: { sql: sql`k.id` },
    name: { sql: sql`k.name` },
    assets: {
      sql: sql`(select count(*)::int from asset_keywords ak join assets a on a.id = ak.asset_id and a.redirected_to is null where ak.keyword_id = k.id)`,
    },
    createdAt: { sql: sql`k.created_at` },
  },
});
