import type { CodeKind, Symbology } from '@muster/api/codes';
import { stickerBatchResource } from '@muster/api/codes';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export interface CodeRow {
  key: string;
  id: string;
  value: string;
  symbology: Symbology;
  kind: CodeKind;
  source: string;
  batch_id: string | null;
  number: number | null;
  asset_id: string | null;
  claimed_at: Date | null;
  claimed_by: string | null;
}

export type NewCode = Pick<CodeRow, 'key' | 'id' | 'value' | 'symbology' | 'kind' | 'source' | 'asset_id' | 'batch_id' | 'number'>;

/** Adds codes of one time; returns the keys that were free. With an asset they are claimed by `by`. */
export async function insertCodes(tx: Tx, codes: readonly NewCode[], by: string, now: Date): Promise<Set<string>> {
  const { rows } = await sql<{
    key: string;
  }>`insert into codes (key, id, value, symbology, kind, source, batch_id, number, asset_id, claimed_at, claimed_by, created_at)
    select c.key, c.id, c.value, c.symbology, c.kind, c.source, c.batch_id, c.number, c.asset_id,
      case when c.asset_id is not null then ${now}::timestamptz end, case when c.asset_id is not null then ${by}::text end, ${now}
    from jsonb_to_recordset(${JSON.stringify(codes)}::jsonb) as c (key text, id uuid, value text, symbology text, kind text, source text, batch_id uuid, number integer, asset_id uuid)
    order by c.key on conflict do nothing returning key`.execute(tx);
  return new Set(rows.map((row) => row.key));
}

/** Puts an unclaimed sticker on an asset; undefined when there is none or it is taken. The row lock lets one of two win. */
export async function claimSticker(tx: Tx, key: string, assetId: string, by: string, now: Date): Promise<CodeRow | undefined> {
  return (
    await sql<CodeRow>`update codes set asset_id = ${assetId}, claimed_at = ${now}, claimed_by = ${by}
      where key = ${key} and asset_id is null returning *`.execute(tx)
  ).rows[0];
}

export async function codeByKey(db: Db, key: string): Promise<CodeRow | undefined> {
  return (await sql<CodeRow>`select * from codes where key = ${key}`.execute(db)).rows[0];
}

export async function codesOfAsset(db: Db, assetId: string): Promise<CodeRow[]> {
  return (await sql<CodeRow>`select * from codes where asset_id = ${assetId} order by kind, claimed_at, key`.execute(db)).rows;
}

/** The code each asset has of its own, by asset. */
export async function ownCodesOf(db: Db, assetIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{
    asset_id: string;
    value: string;
  }>`select asset_id, value from codes where kind = 'own' and asset_id = any(${assetIds}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.asset_id, row.value]));
}

/** Takes a code off an asset: a sticker is free again, any other code is gone. Returns what it was. */
export async function releaseCode(tx: Tx, assetId: string, codeId: string): Promise<CodeRow | undefined> {
  const found = (await sql<CodeRow>`select * from codes where id = ${codeId} and asset_id = ${assetId} for update`.execute(tx)).rows[0];
  if (!found) return undefined;
  if (found.kind === 'sticker')
    await sql`update codes set asset_id = null, claimed_at = null, claimed_by = null where key = ${found.key}`.execute(tx);
  else await sql`delete from codes where key = ${found.key}`.execute(tx);
  return found;
}

export interface Match {
  by: 'code' | 'tag' | 'serial' | 'mac' | 'id';
  value: string;
  id: string;
  tag: string | null;
  name: string | null;
  class_key: string;
  state: string;
  serial: string | null;
}

/** The most candidates shown for one scan: more are no help. */
const mostMatches = 20;

/**
 * The assets that scanned values may mean, each way once. `keys` are values without case, `serials` their usual spellings, `macs` 12 hex
 * digits, `ids` asset ids. A merged asset stands for its survivor.
 */
export async function matchesOf(
  db: Db,
  wanted: { keys: readonly string[]; serials: readonly string[]; macs: readonly string[]; ids: readonly string[] },
): Promise<Match[]> {
  const { keys, serials, macs, ids } = wanted;
  const { rows } =
    await sql<Match>`select distinct on (a.id, m.by) m.by, m.value, a.id, a.tag, a.name, a.class_key, a.state, a.serial from (
      select c.asset_id, 'code' as by, c.value from codes c where c.key = any(${keys}::text[]) and c.asset_id is not null
      union all select t.id, 'tag', t.tag from assets t where lower(t.tag) = any(${keys}::text[]) and t.tag is not null and t.redirected_to is null
      union all select s.id, 'serial', s.serial from assets s where s.serial = any(${serials}::text[]) and s.redirected_to is null
      union all select n.asset_id, 'mac', n.mac from interfaces n where n.mac = any(${macs}::text[])
      union all select i.id, 'id', i.id::text from assets i where i.id = any(${ids}::uuid[])
    ) m join assets o on o.id = m.asset_id join assets a on a.id = coalesce(o.redirected_to, o.id)
    order by a.id, m.by limit ${mostMatches}`.execute(db);
  return rows;
}

/** An unclaimed sticker with its batch. */
export async function freeSticker(db: Db, keys: readonly string[]): Promise<{ value: string; id: string; name: string } | undefined> {
  return (
    await sql<{
      value: string;
      id: string;
      name: string;
    }>`select c.value, b.id, b.name from codes c join sticker_batches b on b.id = c.batch_id where c.key = any(${keys}::text[]) and c.asset_id is null limit 1`.execute(
      db,
    )
  ).rows[0];
}

export const stickerBatchListing = defineListing(stickerBatchResource, {
  from: sql`sticker_batches b`,
  id: sql`b.id`,
  columns: {
    id: { sql: sql`b.id` },
    name: { sql: sql`b.name` },
    stickers: { sql: sql`b.stickers` },
    claimed: { sql: sql`(select count(*)::int from codes c where c.batch_id = b.id and c.asset_id is not null)` },
    createdBy: { sql: sql`b.created_by` },
    createdAt: { sql: sql`b.created_at` },
  },
});

export async function insertBatch(tx: Tx, batch: { id: string; name: string; stickers: number; by: string }, now: Date): Promise<void> {
  await sql`insert into sticker_batches (id, name, stickers, created_at, created_by)
    values (${batch.id}, ${batch.name}, ${batch.stickers}, ${now}, ${batch.by})`.execute(tx);
}

export async function batchById(
  db: Db,
  id: string,
): Promise<{ id: string; name: string; created_at: Date; created_by: string } | undefined> {
  return (
    await sql<{
      id: string;
      name: string;
      created_at: Date;
      created_by: string;
    }>`select id, name, created_at, created_by from sticker_batches where id = ${id}`.execute(db)
  ).rows[0];
}

export interface StickerRow extends CodeRow {
  asset_label: string | null;
}
export async function stickersOf(db: Db, batchId: string): Promise<StickerRow[]> {
  return (
    await sql<StickerRow>`select c.*, coalesce(a.tag, a.name, a.serial, a.id::text) as asset_label
      from codes c left join assets a on a.id = c.asset_id where c.batch_id = ${batchId} order by c.number`.execute(db)
  ).rows;
}
