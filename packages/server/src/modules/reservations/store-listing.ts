import { reservationResource } from '@muster/api/reservations';
import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';
import { holderJoins, holderName, reservationColumns, type ReservationRow } from './store.ts';

const utcToday = sql`(now() at time zone 'UTC')::date`;
/** An asset that is set aside for `r` is with somebody else, who is late, or has no earlier day to bring it back. */
const blocking = sql`from reservation_assets h join custody_periods c on c.asset_id = h.asset_id and c.to_at is null
  where h.reservation_id = r.id and h.held and h.collected_at is null and (c.due_on is null or c.due_on >= h.from_on or c.due_on < ${utcToday})`;

/** A reservation is reached by the asset that it wants, or by the pool's place and class. */
export const reservationListing = defineListing(reservationResource, {
  from: sql`reservations r left join loan_pools lp on lp.id = r.pool_id left join assets a on a.id = r.wanted_asset_id`,
  id: sql`r.id`,
  joins: { holder: holderJoins },
  columns: {
    id: { sql: sql`r.id` },
    what: { sql: sql`coalesce(lp.name, a.name, a.tag, a.serial, r.wanted_asset_id::text)` },
    quantity: { sql: sql`r.quantity` },
    holder: { sql: holderName, join: 'holder' },
    holderKind: { sql: sql`r.holder_kind` },
    holderId: { sql: sql`r.holder_id::text` },
    from: { sql: sql`r.from_on` },
    to: { sql: sql`r.to_on` },
    state: { sql: sql`(case when r.state = 'collected' and r.to_on < ${utcToday} then 'overdue' else r.state end)` },
    blocked: { sql: sql`(r.state = 'reserved' and exists (select 1 ${blocking}))` },
    pool: { sql: sql`lp.name`, ref: sql`r.pool_id` },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`a.id` },
    note: { sql: sql`r.note` },
    madeBy: { sql: sql`r.made_by` },
    createdAt: { sql: sql`r.created_at` },
  },
  scope: {
    org_unit: sql`a.org_unit_id`,
    place: sql`coalesce(a.place_id, lp.place_id)`,
    asset_class: sql`coalesce(a.class_key, lp.class_key)`,
    own: sql`case when r.holder_kind = 'person' then r.holder_id end`,
  },
});

/** A reservation with the name of what is reserved. */
export interface ShownRow extends ReservationRow {
  what: string;
}

export async function shownRows(db: Db, ids: readonly string[]): Promise<ShownRow[]> {
  const { rows } =
    await sql<ShownRow>`select ${reservationColumns}, coalesce(lp.name, a.name, a.tag, a.serial, r.wanted_asset_id::text) as what
    from reservations r ${holderJoins} left join loan_pools lp on lp.id = r.pool_id left join assets a on a.id = r.wanted_asset_id
    where r.id = any(${ids}::uuid[])`.execute(db);
  return rows;
}

export interface AssetOfReservation {
  reservation_id: string;
  asset_id: string;
  label: string;
  collected_at: Date | null;
  returned_at: Date | null;
  /** Who else has it and will or may not bring it back in time. */
  blocked_by: string | null;
  blocked_due: string | null;
}

/** What is set aside for, out by or back from these reservations. */
export async function assetsOfReservations(db: Db, ids: readonly string[], today: string): Promise<AssetOfReservation[]> {
  const { rows } =
    await sql<AssetOfReservation>`select h.reservation_id, h.asset_id, coalesce(a.name, a.tag, a.serial, a.id::text) as label,
      h.collected_at, h.returned_at, c.holder_label as blocked_by, c.due_on as blocked_due
    from reservation_assets h join assets a on a.id = h.asset_id
      left join custody_periods c on c.asset_id = h.asset_id and c.to_at is null and h.held and h.collected_at is null
        and (c.due_on is null or c.due_on >= h.from_on or c.due_on < ${today})
    where h.reservation_id = any(${ids}::uuid[]) order by a.tag nulls last, label, h.asset_id`.execute(db);
  return rows;
}

/** The place of each waiting reservation on the waitlist of what it wants, from 1. */
export async function waitingPositions(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: string; position: number }>`select w.id, (select count(*) from reservations o where o.state = 'waiting'
      and o.waiting_no <= w.waiting_no and o.pool_id is not distinct from w.pool_id and o.wanted_asset_id is not distinct from w.wanted_asset_id)::integer as position
    from reservations w where w.id = any(${ids}::uuid[]) and w.state = 'waiting'`.execute(db);
  return new Map(rows.map((row) => [row.id, row.position]));
}

/** Ids of what is open for a person and their teams, the soonest first. */
export async function openFor(db: Db, personId: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from reservations where state in ('waiting', 'reserved', 'collected')
    and (holder_kind = 'person' and holder_id = ${personId}
      or holder_kind = 'team' and holder_id in (select team_id from team_members where person_id = ${personId}))
    order by from_on, id limit ${limit}`.execute(db);
  return rows.map((row) => row.id);
}

export async function isFor(db: Db, reservationId: string, personId: string): Promise<boolean> {
  const { rows } =
    await sql`select 1 from reservations where id = ${reservationId} and holder_kind = 'person' and holder_id = ${personId}`.execute(db);
  return rows.length > 0;
}

/** Who waits for what on any of these days, in order. */
export async function waitingFor(
  db: Db,
  target: { pool: string | null; asset: string | null },
  days: { from: string; to: string },
): Promise<{ id: string; holder: string; quantity: number; from: string; to: string }[]> {
  const { rows } = await sql<{
    id: string;
    holder: string;
    quantity: number;
    from: string;
    to: string;
  }>`select r.id, ${holderName} as holder,
      r.quantity, r.from_on as from, r.to_on as to from reservations r ${holderJoins}
    where r.state = 'waiting' and (r.pool_id = ${target.pool} or r.wanted_asset_id = ${target.asset})
      and r.from_on <= ${days.to} and r.to_on >= ${days.from} order by r.waiting_no limit 200`.execute(db);
  return rows;
}
