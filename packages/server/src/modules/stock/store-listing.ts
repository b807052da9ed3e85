import { stockHoldingResource, stockItemResource, stockLevelResource, stockMovementResource } from '@muster/api/stock';
import { sql } from 'kysely';
import { defineListing, type Sql } from '../../platform/listing/index.ts';

/** Less on hand than the item's minimum over all places, or than the minimum of one place. */
export const isLow = sql`(i.minimum > coalesce((select sum(l.on_hand) from stock_levels l where l.item_id = i.id), 0)
  or exists (select 1 from stock_levels l where l.item_id = i.id and l.minimum > l.on_hand)) is true`;
export const itemStatus = sql`case when i.archived_at is not null then 'archived' when ${isLow} then 'low_stock' else 'enough' end`;
const total = (column: Sql): Sql => sql`coalesce((select sum(${column}) from stock_levels l where l.item_id = i.id), 0)::bigint`;
export const itemOnHand = total(sql`l.on_hand`);
export const itemOut = total(sql`l.out`);

/**
 * The items are one catalogue. Someone limited to a place sees those that are or were kept there, and those kept nowhere yet, so that
 * something new can be received.
 */
export const itemListing = defineListing(stockItemResource, {
  from: sql`stock_items i`,
  id: sql`i.id`,
  columns: {
    id: { sql: sql`i.id` },
    name: { sql: sql`i.name` },
    status: { sql: itemStatus },
    onHand: { sql: itemOnHand },
    out: { sql: itemOut },
    minimum: { sql: sql`i.minimum` },
    unit: { sql: sql`i.unit` },
    category: { sql: sql`i.category` },
    mode: { sql: sql`i.mode` },
    manufacturer: { sql: sql`i.manufacturer` },
    partNumber: { sql: sql`i.part_number` },
    notes: { sql: sql`i.notes` },
    createdAt: { sql: sql`i.created_at` },
    updatedAt: { sql: sql`i.updated_at` },
  },
  search: sql`lower(concat_ws(' ', i.name, i.manufacturer, i.part_number))`,
  scope: {
    place: (within) => sql`(exists (select 1 from stock_levels sl where sl.item_id = i.id and ${within(sql`sl.place_id`)})
      or not exists (select 1 from stock_levels sl where sl.item_id = i.id))`,
  },
});

const itemAndPlace = (of: Sql): { item: Sql; place: Sql } => ({
  item: sql`join stock_items i on i.id = ${of}.item_id`,
  place: sql`join places pl on pl.id = ${of}.place_id`,
});
const refsOf = (of: Sql) =>
  ({
    item: { sql: sql`i.name`, ref: sql`${of}.item_id`, join: 'item' },
    place: { sql: sql`pl.name`, ref: sql`${of}.place_id`, join: 'place' },
  }) as const;
const withinOf = (of: Sql) => ({
  exists: (cond: (value: Sql, ref?: Sql) => Sql): Sql =>
    sql`exists (select 1 from places p join places w on w.id = any(p.path) where p.id = ${of}.place_id and ${cond(sql`w.name`, sql`w.id`)})`,
});

const l = sql`l`;
export const levelListing = defineListing(stockLevelResource, {
  from: sql`stock_levels l`,
  id: sql`l.id`,
  joins: itemAndPlace(l),
  columns: {
    id: { sql: sql`l.id` },
    ...refsOf(l),
    within: withinOf(l),
    onHand: { sql: sql`l.on_hand` },
    out: { sql: sql`l.out` },
    minimum: { sql: sql`l.minimum` },
    low: { sql: sql`coalesce(l.minimum > l.on_hand, false)` },
    movedAt: { sql: sql`l.moved_at` },
  },
  scope: { place: sql`l.place_id` },
  asOf: (at) => sql`(select x.id, x.item_id, x.place_id, x.minimum, m.on_hand, m.out, m.moved_at
    from (select item_id, place_id, sum(on_hand_change)::integer as on_hand, sum(out_change)::integer as out, max(at) as moved_at
      from stock_movements where at <= ${at}::timestamptz group by item_id, place_id) m
    join stock_levels x on x.item_id = m.item_id and x.place_id = m.place_id) l`,
});

const m = sql`m`;
export const movementListing = defineListing(stockMovementResource, {
  from: sql`stock_movements m`,
  id: sql`m.id`,
  joins: itemAndPlace(m),
  columns: {
    id: { sql: sql`m.id` },
    at: { sql: sql`m.at` },
    kind: { sql: sql`m.kind` },
    ...refsOf(m),
    within: withinOf(m),
    quantity: { sql: sql`m.quantity` },
    change: { sql: sql`m.on_hand_change` },
    holder: { sql: sql`m.holder_label` },
    holderKind: { sql: sql`m.holder_kind` },
    holderId: { sql: sql`m.holder_id::text` },
    dueOn: { sql: sql`m.due_on` },
    note: { sql: sql`m.note` },
    by: { sql: sql`m.by_label` },
    undoes: { sql: sql`m.reverses::text` },
    undone: { sql: sql`exists (select 1 from stock_movements r where r.reverses = m.id)` },
  },
  scope: { place: sql`m.place_id` },
});

const h = sql`h`;
export const holdingListing = defineListing(stockHoldingResource, {
  from: sql`stock_holdings h`,
  id: sql`h.id`,
  joins: itemAndPlace(h),
  columns: {
    id: { sql: sql`h.id` },
    ...refsOf(h),
    holder: { sql: sql`h.holder_label` },
    holderKind: { sql: sql`h.holder_kind` },
    holderId: { sql: sql`h.holder_id::text` },
    quantity: { sql: sql`h.quantity` },
    since: { sql: sql`h.since` },
    dueOn: { sql: sql`h.due_on` },
    state: {
      sql: sql`case when h.quantity = 0 then 'returned' when h.due_on < (now() at time zone 'utc')::date then 'overdue' else 'out' end`,
    },
  },
  scope: { place: sql`h.place_id`, own: sql`case when h.holder_kind = 'person' then h.holder_id end` },
});
