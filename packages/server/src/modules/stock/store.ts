import type { MovementKind, StockCategory, StockHolderKind, StockMode } from '@muster/api/stock';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { Sql } from '../../platform/listing/index.ts';
import { isLow, itemOnHand, itemOut, itemStatus } from './store-listing.ts';

export interface ItemValues {
  name: string;
  category: StockCategory;
  mode: StockMode;
  manufacturer: string | null;
  part_number: string | null;
  unit: string;
  minimum: number | null;
  notes: string | null;
  archived_at: Date | null;
}
export interface ItemRow extends ItemValues {
  id: string;
  status: 'enough' | 'low_stock' | 'archived';
  on_hand: string;
  out: string;
  moved: boolean;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export async function findItem(db: Db, id: string): Promise<ItemRow | undefined> {
  const { rows } = await sql<ItemRow>`select i.*, ${itemStatus} as status, ${itemOnHand} as on_hand, ${itemOut} as out,
    exists (select 1 from stock_movements m where m.item_id = i.id) as moved from stock_items i where i.id = ${id}`.execute(db);
  return rows[0];
}

/** Locks the item: `share` beside other movements, `update` against all of them. False when there is none. */
export async function lockItem(tx: Tx, id: string, how: 'share' | 'update'): Promise<boolean> {
  const { rows } = await sql`select 1 from stock_items where id = ${id} for ${sql.raw(how)}`.execute(tx);
  return rows.length > 0;
}

export async function insertItem(tx: Tx, id: string, v: ItemValues, now: Date): Promise<void> {
  await sql`insert into stock_items (id, name, category, mode, manufacturer, part_number, unit, minimum, notes, created_at, updated_at)
    values (${id}, ${v.name}, ${v.category}, ${v.mode}, ${v.manufacturer}, ${v.part_number}, ${v.unit}, ${v.minimum}, ${v.notes}, ${now}, ${now})`.execute(
    tx,
  );
}

/** False when the item has another version by now. */
export async function updateItemRow(tx: Tx, id: string, version: number, v: ItemValues, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update stock_items set name = ${v.name}, category = ${v.category}, mode = ${v.mode}, manufacturer = ${v.manufacturer},
    part_number = ${v.part_number}, unit = ${v.unit}, minimum = ${v.minimum}, notes = ${v.notes}, archived_at = ${v.archived_at},
    updated_at = ${now}, version = version + 1 where id = ${id} and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

export interface LevelRow {
  place_id: string;
  place: string;
  on_hand: number;
  out: number;
  minimum: number | null;
  moved_at: Date | null;
}

/** Makes the levels that are missing and locks all of them in the order of their places: the one order everywhere, so nothing waits in a circle. */
export async function lockLevels(tx: Tx, itemId: string, places: readonly { id: string; levelId: string }[]): Promise<LevelRow[]> {
  const sorted = places.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  await sql`insert into stock_levels (id, item_id, place_id)
    select * from unnest(${sorted.map((p) => p.levelId)}::uuid[], ${sorted.map(() => itemId)}::uuid[], ${sorted.map((p) => p.id)}::uuid[])
    on conflict (item_id, place_id) do nothing`.execute(tx);
  const { rows } =
    await sql<LevelRow>`select l.place_id, (select name from places p where p.id = l.place_id) as place, l.on_hand, l.out, l.minimum, l.moved_at
    from stock_levels l where l.item_id = ${itemId} and l.place_id = any(${sorted.map((p) => p.id)}::uuid[]) order by l.place_id for update`.execute(
      tx,
    );
  return rows;
}

export async function setLevelMinimum(tx: Tx, itemId: string, placeId: string, minimum: number | null): Promise<void> {
  await sql`update stock_levels set minimum = ${minimum} where item_id = ${itemId} and place_id = ${placeId}`.execute(tx);
}

/** Where else an item is on hand, the most first; `within` limits it to what the asker may see. */
export async function onHandElsewhere(
  db: Db,
  itemId: string,
  placeId: string,
  within: Sql | null,
): Promise<{ place: string; on_hand: number }[]> {
  const { rows } = await sql<{
    place: string;
    on_hand: number;
  }>`select pl.name as place, l.on_hand from stock_levels l join places pl on pl.id = l.place_id
    where l.item_id = ${itemId} and l.place_id <> ${placeId} and l.on_hand > 0 and ${within ?? sql`true`}
    order by l.on_hand desc, pl.name limit 5`.execute(db);
  return rows;
}

export interface HoldingRow {
  id: string;
  item_id: string;
  place_id: string;
  holder_kind: StockHolderKind;
  holder_id: string;
  holder_label: string;
  quantity: number;
  since: Date;
  due_on: string | null;
}

export async function findHolding(db: Db, id: string): Promise<HoldingRow | undefined> {
  const { rows } = await sql<HoldingRow>`select * from stock_holdings where id = ${id}`.execute(db);
  return rows[0];
}

/** Locks a holding, after its level, and reads it as it is then. */
export async function lockHolding(tx: Tx, id: string): Promise<HoldingRow | undefined> {
  const { rows } = await sql<HoldingRow>`select * from stock_holdings where id = ${id} for update`.execute(tx);
  return rows[0];
}

export async function insertHolding(tx: Tx, h: HoldingRow): Promise<void> {
  await sql`insert into stock_holdings (id, item_id, place_id, holder_kind, holder_id, holder_label, quantity, since, due_on)
    values (${h.id}, ${h.item_id}, ${h.place_id}, ${h.holder_kind}, ${h.holder_id}, ${h.holder_label}, ${h.quantity}, ${h.since}, ${h.due_on})`.execute(
    tx,
  );
}

export interface MovementRow {
  id: string;
  item_id: string;
  place_id: string;
  kind: MovementKind;
  quantity: number;
  on_hand_change: number;
  out_change: number;
  holder_kind: StockHolderKind | null;
  holder_id: string | null;
  holder_label: string | null;
  holding_id: string | null;
  due_on: string | null;
  note: string | null;
  transfer_id: string | null;
  reverses: string | null;
  at: Date;
  by_label: string;
  recorded_at: Date;
}

/** Appends movements and carries what they change into the levels and, but for the check-outs that open one, the holdings: four statements at most. */
export async function appendMovements(tx: Tx, movements: readonly MovementRow[]): Promise<void> {
  const rows = JSON.stringify(movements);
  await sql`insert into stock_movements select * from jsonb_populate_recordset(null::stock_movements, ${rows}::jsonb)`.execute(tx);
  await sql`update stock_levels l set on_hand = l.on_hand + d.on_hand, out = l.out + d.out, moved_at = d.at
    from (select item_id, place_id, sum(on_hand_change) as on_hand, sum(out_change) as out, max(at) as at
      from jsonb_populate_recordset(null::stock_movements, ${rows}::jsonb) group by item_id, place_id) d
    where l.item_id = d.item_id and l.place_id = d.place_id`.execute(tx);
  await sql`update stock_holdings h set quantity = h.quantity + d.out
    from (select holding_id, sum(out_change) as out from jsonb_populate_recordset(null::stock_movements, ${rows}::jsonb)
      where holding_id is not null and not (kind = 'check_out' and reverses is null) group by holding_id) d
    where h.id = d.holding_id`.execute(tx);
}

export async function findMovement(db: Db, id: string): Promise<MovementRow | undefined> {
  const { rows } = await sql<MovementRow>`select * from stock_movements where id = ${id}`.execute(db);
  return rows[0];
}

/** Both sides of a transfer, or the one movement. */
export async function movementsTogether(db: Db, movement: MovementRow): Promise<MovementRow[]> {
  if (movement.transfer_id === null) return [movement];
  const { rows } =
    await sql<MovementRow>`select * from stock_movements where transfer_id = ${movement.transfer_id} and reverses is null order by id`.execute(
      db,
    );
  return rows;
}

/** Whether a movement has been undone. */
export async function isReversed(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`select 1 from stock_movements where reverses = ${id}`.execute(db);
  return rows.length > 0;
}

export interface PersonHolding {
  id: string;
  item_id: string;
  item: string;
  unit: string;
  quantity: number;
  place_id: string;
  place: string;
  since: Date;
  due_on: string | null;
}

/** What a person has of two-way items, the first due first; `within` is a condition on `h.place_id`. */
export async function holdingsOf(db: Db, personId: string, within: Sql | null): Promise<PersonHolding[]> {
  const { rows } =
    await sql<PersonHolding>`select h.id, h.item_id, i.name as item, i.unit, h.quantity, h.place_id, pl.name as place, h.since, h.due_on
    from stock_holdings h join stock_items i on i.id = h.item_id join places pl on pl.id = h.place_id
    where h.holder_kind = 'person' and h.holder_id = ${personId} and h.quantity > 0 and ${within ?? sql`true`}
    order by h.due_on nulls last, h.since, h.id limit 500`.execute(db);
  return rows;
}

/** One-way items that a person was given, newest first; `within` is a condition on `m.place_id`. */
export async function issuedTo(
  db: Db,
  personId: string,
  within: Sql | null,
): Promise<{ id: string; item_id: string; item: string; unit: string; quantity: number; at: Date }[]> {
  const { rows } = await sql<{ id: string; item_id: string; item: string; unit: string; quantity: number; at: Date }>`
    select m.id, m.item_id, i.name as item, i.unit, m.quantity, m.at from stock_movements m join stock_items i on i.id = m.item_id
    where m.holder_kind = 'person' and m.holder_id = ${personId} and m.kind = 'consume' and m.reverses is null
      and not exists (select 1 from stock_movements r where r.reverses = m.id) and ${within ?? sql`true`}
    order by m.at desc, m.id desc limit 100`.execute(db);
  return rows;
}

export interface LowStock {
  itemId: string;
  item: string;
  unit: string;
  /** Null for the minimum over all places. */
  placeId: string | null;
  place: string | null;
  onHand: number;
  minimum: number;
}

/** Every minimum that is not met, of items and of places; archived items are left out. */
export async function lowStockRows(db: Db): Promise<LowStock[]> {
  const { rows } = await sql<Omit<LowStock, 'onHand'> & { onHand: string | number }>`
    select i.id as "itemId", i.name as item, i.unit, null::uuid as "placeId", null as place, ${itemOnHand} as "onHand", i.minimum
    from stock_items i where i.archived_at is null and ${isLow} and i.minimum > ${itemOnHand}
    union all
    select i.id, i.name, i.unit, l.place_id, pl.name, l.on_hand, l.minimum
    from stock_levels l join stock_items i on i.id = l.item_id join places pl on pl.id = l.place_id
    where i.archived_at is null and l.minimum > l.on_hand
    order by item, place nulls first`.execute(db);
  return rows.map((row) => ({ ...row, onHand: Number(row.onHand) }));
}
