import type { ReservationState } from '@muster/api/reservations';
import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { Span } from './plan.ts';
import type { PoolRow } from './store-pools.ts';

/** As many as a pool lends; what else would match is left out. */
export const mostMembers = 500;

/** One at a time changes what is set aside: of two who want the last one, one waits and then sees what the other got. */
export async function lockBookings(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(7305, 3)`.execute(tx);
}

export async function lockPool(tx: Tx, id: string): Promise<void> {
  await sql`select 1 from loan_pools where id = ${id} for update`.execute(tx);
}

export interface ReservationRow {
  id: string;
  pool_id: string | null;
  wanted_asset_id: string | null;
  quantity: number;
  holder_kind: 'person' | 'team';
  holder_id: string;
  holder_label: string;
  from_on: string;
  to_on: string;
  state: Exclude<ReservationState, 'overdue'>;
  note: string | null;
  reason: string | null;
  made_by: string;
  created_at: Date;
}

const assetLabel = sql`coalesce(a.name, a.tag, a.serial, a.id::text)`;
export const holderName = sql`coalesce(hp.name, ht.name, r.holder_label)`;
export const holderJoins = sql`left join people hp on r.holder_kind = 'person' and hp.id = r.holder_id
  left join teams ht on r.holder_kind = 'team' and ht.id = r.holder_id`;
export const reservationColumns = sql`r.id, r.pool_id, r.wanted_asset_id, r.quantity, r.holder_kind, r.holder_id, ${holderName} as holder_label, r.from_on, r.to_on,
  r.state, r.note, r.reason, r.made_by, r.created_at`;
const rowsFrom = sql`reservations r ${holderJoins}`;

export async function reservationById(db: Db, id: string): Promise<ReservationRow | undefined> {
  return (await sql<ReservationRow>`select ${reservationColumns} from ${rowsFrom} where r.id = ${id}`.execute(db)).rows[0];
}

export async function nameOfTarget(db: Db, row: Pick<ReservationRow, 'pool_id' | 'wanted_asset_id'>): Promise<string> {
  const { rows } = await sql<{ name: string }>`select name from loan_pools where id = ${row.pool_id}
    union all select ${assetLabel} from assets a where a.id = ${row.wanted_asset_id}`.execute(db);
  return rows[0]?.name ?? row.pool_id ?? row.wanted_asset_id ?? '';
}

export async function insertReservation(tx: Tx, row: Omit<ReservationRow, 'state' | 'reason' | 'created_at'>, now: Date): Promise<void> {
  await sql`insert into reservations (id, pool_id, wanted_asset_id, quantity, holder_kind, holder_id, holder_label, from_on, to_on, state, note, made_by, created_at)
    values (${row.id}, ${row.pool_id}, ${row.wanted_asset_id}, ${row.quantity}, ${row.holder_kind}, ${row.holder_id}, ${row.holder_label},
      ${row.from_on}, ${row.to_on}, 'waiting', ${row.note}, ${row.made_by}, ${now})`.execute(tx);
}

export async function setState(tx: Tx, id: string, state: ReservationRow['state']): Promise<void> {
  await sql`update reservations set state = ${state} where id = ${id}`.execute(tx);
}

export async function setQuantity(tx: Tx, id: string, quantity: number): Promise<void> {
  await sql`update reservations set quantity = ${quantity} where id = ${id}`.execute(tx);
}

export async function endReservation(
  tx: Tx,
  id: string,
  end: { state: ReservationRow['state']; reason: string | null; endedAt: Date | null },
): Promise<void> {
  await sql`update reservations set state = ${end.state}, reason = ${end.reason}, ended_at = ${end.endedAt} where id = ${id}`.execute(tx);
}

/** Something that can be lent, and who has it now. */
export interface Member {
  id: string;
  label: string;
  tag: string | null;
  serial: string | null;
  /** Who has it now, whatever for. */
  holder: string | null;
  due_on: string | null;
}

/** Whether the asset `a` is of a pool. */
export function isMember(pool: PoolRow): RawBuilder<unknown> {
  if (pool.kind === 'named') return sql`a.id in (select m.asset_id from loan_pool_assets m where m.pool_id = ${pool.id})`;
  const parts = [sql`true`];
  if (pool.class_key !== null)
    parts.push(sql`a.class_key in (with recursive below as (
      select key from asset_classes where key = ${pool.class_key} union select c.key from asset_classes c join below on c.parent_key = below.key) select key from below)`);
  if (pool.model !== null) parts.push(sql`lower(a.model) = lower(${pool.model})`);
  if (pool.place_id !== null) parts.push(sql`a.place_id in (select p.id from places p where p.path @> array[${pool.place_id}]::uuid[])`);
  return sql`${sql.join(parts, sql` and `)}`;
}

/** What of a condition on the assets `a` can be lent at all, with who has it now. */
export async function lendableWhere(db: Db, which: RawBuilder<unknown>, limit: number): Promise<Member[]> {
  const { rows } = await sql<Member>`select a.id, ${assetLabel} as label, a.tag, a.serial, c.holder_label as holder, c.due_on from assets a
    left join custody_periods c on c.asset_id = a.id and c.to_at is null
    where a.redirected_to is null and a.state not in ('requested', 'on_order', 'lost', 'stolen', 'retired', 'disposed') and ${which}
    order by a.tag nulls last, a.name, a.id limit ${limit}`.execute(db);
  return rows;
}

/** What can be lent of what a reservation wants. */
export async function lendable(db: Db, row: Pick<ReservationRow, 'pool_id' | 'wanted_asset_id'>, limit: number): Promise<Member[]> {
  if (row.pool_id === null) return lendableWhere(db, sql`a.id = ${row.wanted_asset_id}`, 1);
  const { rows } = await sql<PoolRow>`select * from loan_pools where id = ${row.pool_id}`.execute(db);
  return rows[0] ? lendableWhere(db, isMember(rows[0]), limit) : [];
}

/** An asset that is set aside or out by a reservation. */
export interface Held {
  asset_id: string;
  reservation_id: string;
  from_on: string;
  to_on: string;
  collected_at: Date | null;
  pool_id: string | null;
  holder_kind: string;
  holder_id: string;
  holder_label: string;
}

/** What is held of these assets on any of these days, the soonest first. */
export async function heldOf(db: Db, assets: readonly string[], days: Span): Promise<Held[]> {
  const { rows } =
    await sql<Held>`select h.asset_id, h.reservation_id, h.from_on, h.to_on, h.collected_at, r.pool_id, r.holder_kind, r.holder_id, ${holderName} as holder_label
    from reservation_assets h join reservations r on r.id = h.reservation_id ${holderJoins}
    where h.asset_id = any(${assets}::uuid[]) and h.held and h.from_on <= ${days.to} and h.to_on >= ${days.from}
    order by h.from_on, h.asset_id`.execute(db);
  return rows;
}

export async function setAside(
  tx: Tx,
  rows: readonly { assetId: string; reservationId: string; from: string; to: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into reservation_assets (asset_id, reservation_id, from_on, to_on)
    select (v ->> 'assetId')::uuid, (v ->> 'reservationId')::uuid, (v ->> 'from')::date, (v ->> 'to')::date from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) v`.execute(
    tx,
  );
}

/** The assets that a reservation has and has not collected. */
export async function setAsideFor(db: Db, id: string): Promise<string[]> {
  const { rows } = await sql<{ asset_id: string }>`select asset_id from reservation_assets
    where reservation_id = ${id} and held and collected_at is null order by asset_id`.execute(db);
  return rows.map((row) => row.asset_id);
}

export async function unset(tx: Tx, rows: readonly Pick<Held, 'asset_id' | 'reservation_id'>[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`delete from reservation_assets h using jsonb_array_elements(${JSON.stringify(rows)}::jsonb) v
    where h.asset_id = (v ->> 'asset_id')::uuid and h.reservation_id = (v ->> 'reservation_id')::uuid and h.collected_at is null`.execute(
    tx,
  );
}

/** Lets go of what a reservation has set aside and not collected; with `but` these assets stay. */
export async function letGo(tx: Tx, id: string, but: readonly string[] | null): Promise<void> {
  await sql`delete from reservation_assets where reservation_id = ${id} and held and collected_at is null and not (asset_id = any(${but ?? []}::uuid[]))`.execute(
    tx,
  );
}

/** Those who wait and whose days are not over, in the order they came. */
export async function waitingRows(db: Db, today: string): Promise<ReservationRow[]> {
  return (
    await sql<ReservationRow>`select ${reservationColumns} from ${rowsFrom} where r.state = 'waiting' and r.to_on >= ${today} order by r.waiting_no`.execute(
      db,
    )
  ).rows;
}

export async function anyoneWaits(db: Db): Promise<boolean> {
  return (await sql`select 1 from reservations where state = 'waiting' limit 1`.execute(db)).rows.length > 0;
}

/** What is over without having been collected, and who waited in vain. `collected`: a part of it was. */
export async function pastRows(tx: Tx, today: string, assetDays: number): Promise<(ReservationRow & { collected: boolean })[]> {
  const { rows } = await sql<ReservationRow & { collected: boolean }>`select ${reservationColumns},
      exists (select 1 from reservation_assets h where h.reservation_id = r.id and h.collected_at is not null) as collected
    from ${rowsFrom} left join loan_pools lp on lp.id = r.pool_id
    where r.state = 'waiting' and r.to_on < ${today}
      or r.state = 'reserved' and (r.to_on < ${today}
        or (select min(h.from_on) from reservation_assets h where h.reservation_id = r.id and h.collected_at is null)
          + coalesce(lp.no_show_days, ${assetDays}) < ${today}::date)
    order by r.from_on, r.id limit 1000`.execute(tx);
  return rows;
}

/** Notes that an asset was collected; the reservation is once all its assets are. */
export async function markCollected(tx: Tx, held: Held, now: Date): Promise<void> {
  await sql`select 1 from reservations where id = ${held.reservation_id} for update`.execute(tx);
  await sql`update reservation_assets set collected_at = ${now} where asset_id = ${held.asset_id} and reservation_id = ${held.reservation_id} and held`.execute(
    tx,
  );
  await sql`update reservations r set state = 'collected' where id = ${held.reservation_id} and state = 'reserved'
    and not exists (select 1 from reservation_assets h where h.reservation_id = r.id and h.held and h.collected_at is null)`.execute(tx);
}

/** Notes that a collected asset came back; answers its reservation when that was the last one of it. */
export async function markReturned(tx: Tx, assetId: string, now: Date): Promise<{ id: string; holder_label: string } | null> {
  const { rows } = await sql<{ id: string }>`select reservation_id as id from reservation_assets
    where asset_id = ${assetId} and held and collected_at is not null`.execute(tx);
  const [one] = rows;
  if (!one) return null;
  await sql`select 1 from reservations where id = ${one.id} for update`.execute(tx);
  await sql`update reservation_assets set held = false, returned_at = ${now} where asset_id = ${assetId} and reservation_id = ${one.id}`.execute(
    tx,
  );
  const ended = await sql<{ id: string; holder_label: string }>`update reservations r set state = 'returned', ended_at = ${now}
    where id = ${one.id} and state in ('reserved', 'collected') and not exists (select 1 from reservation_assets h where h.reservation_id = r.id and h.held)
    returning id, holder_label`.execute(tx);
  return ended.rows[0] ?? null;
}
