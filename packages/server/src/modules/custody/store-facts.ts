import type { AssetCondition } from '@muster/api/assets';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface PlacementRow {
  id: string;
  place_id: string;
  place_label: string;
  from_at: Date;
  to_at: Date | null;
  source: string | null;
  actor: string | null;
  note: string | null;
}
export interface ConditionRow {
  id: string;
  condition: AssetCondition;
  from_at: Date;
  to_at: Date | null;
  actor: string | null;
  note: string | null;
}

const placementColumns = sql`f.id, f.place_id, coalesce(pl.name, f.place_label) as place_label, f.from_at, f.to_at, f.source, f.actor, f.note
  from placement_periods f left join places pl on pl.id = f.place_id`;
const conditionColumns = sql`f.id, f.condition, f.from_at, f.to_at, f.actor, f.note from condition_periods f`;
const holds = (at: string): ReturnType<typeof sql> =>
  sql`f.from_at <= ${at}::timestamptz and (f.to_at is null or f.to_at > ${at}::timestamptz)`;
const newest = (limit: number): ReturnType<typeof sql> => sql`order by f.from_at desc, f.to_at desc nulls first, f.id desc limit ${limit}`;

export async function placementAt(db: Db, assetId: string, at: string): Promise<PlacementRow | undefined> {
  return (await sql<PlacementRow>`select ${placementColumns} where f.asset_id = ${assetId} and ${holds(at)}`.execute(db)).rows[0];
}
export async function placementsOf(db: Db, assetId: string, limit: number): Promise<PlacementRow[]> {
  return (await sql<PlacementRow>`select ${placementColumns} where f.asset_id = ${assetId} ${newest(limit)}`.execute(db)).rows;
}
export async function conditionAt(db: Db, assetId: string, at: string): Promise<ConditionRow | undefined> {
  return (await sql<ConditionRow>`select ${conditionColumns} where f.asset_id = ${assetId} and ${holds(at)}`.execute(db)).rows[0];
}
export async function conditionsOf(db: Db, assetId: string, limit: number): Promise<ConditionRow[]> {
  return (await sql<ConditionRow>`select ${conditionColumns} where f.asset_id = ${assetId} ${newest(limit)}`.execute(db)).rows;
}

/** Where the asset is by its open period. */
export async function currentPlace(db: Db, assetId: string): Promise<string | null> {
  const { rows } = await sql<{
    p: string;
  }>`select place_id as p from placement_periods where asset_id = ${assetId} and to_at is null`.execute(db);
  return rows[0]?.p ?? null;
}

/** Ends the placement at hand and begins the next, at one moment. */
export async function movePlacement(
  tx: Tx,
  row: { id: string; assetId: string; placeId: string; placeLabel: string; at: Date; actor: string; note: string | null },
  now: Date,
): Promise<void> {
  await sql`update placement_periods set to_at = ${row.at} where asset_id = ${row.assetId} and to_at is null`.execute(tx);
  await sql`insert into placement_periods (asset_id, id, place_id, place_label, from_at, source, actor, note, recorded_at)
    values (${row.assetId}, ${row.id}, ${row.placeId}, ${row.placeLabel}, ${row.at}, 'manual', ${row.actor}, ${row.note}, ${now})`.execute(
    tx,
  );
}

/** Says who said where an asset is that was just entered: its row came before the value. */
export async function nameSource(tx: Tx, assetId: string, actor: string): Promise<void> {
  await sql`update placement_periods set source = 'manual', actor = ${actor} where asset_id = ${assetId} and to_at is null and source is null`.execute(
    tx,
  );
}

export async function changeCondition(
  tx: Tx,
  row: { id: string; assetId: string; condition: AssetCondition; at: Date; actor: string; note: string | null },
  now: Date,
): Promise<void> {
  await sql`update condition_periods set to_at = ${row.at} where asset_id = ${row.assetId} and to_at is null`.execute(tx);
  await sql`insert into condition_periods (asset_id, id, condition, from_at, actor, note, recorded_at)
    values (${row.assetId}, ${row.id}, ${row.condition}, ${row.at}, ${row.actor}, ${row.note}, ${now})`.execute(tx);
}

export async function currentCondition(db: Db, assetId: string): Promise<AssetCondition> {
  const { rows } = await sql<{
    c: AssetCondition;
  }>`select condition as c from condition_periods where asset_id = ${assetId} and to_at is null`.execute(db);
  return rows[0]?.c ?? 'unknown';
}

export async function cachedCondition(db: Db, assetId: string): Promise<AssetCondition> {
  return (await sql<{ c: AssetCondition }>`select condition as c from assets where id = ${assetId}`.execute(db)).rows[0]?.c ?? 'unknown';
}
