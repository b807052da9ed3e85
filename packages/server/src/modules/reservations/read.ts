import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { Reservation, ReservationCalendar, ReservationTarget } from '@muster/api/reservations';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { canReach } from '../../platform/listing/index.ts';
import { mustFindAsset } from '../assets/index.ts';
import { outSpan } from './grant.ts';
import { addDays, dayOf, overlaps, type Span } from './plan.ts';
import { mustFindPool } from './pools.ts';
import { heldOf, lendable, mostMembers, reservationById, type ReservationRow } from './store.ts';
import {
  type AssetOfReservation,
  assetsOfReservations,
  openFor,
  reservationListing,
  type ShownRow,
  shownRows,
  waitingFor,
  waitingPositions,
} from './store-listing.ts';

/** @throws Problem not_found, also for one that the actor's role does not reach */
export async function mustFindReservation(db: Db, id: string, actor: Actor, permission: Permission): Promise<ReservationRow> {
  const row = await reservationById(db, id);
  if (!row || !(await canReach(db, reservationListing, id, actor, permission)))
    throw new Problem('not_found', 'There is no reservation with this id.');
  return row;
}

/** A reservation with its assets. Reaching it is checked before. Problem not_found. */
export async function presentReservation(db: Db, id: string, now: Date): Promise<Reservation> {
  const [one] = await presentReservations(db, [id], now);
  if (!one) throw new Problem('not_found', 'There is no reservation with this id.');
  return one;
}

/** Reservations with their assets, in the order of the ids, in three statements. Reaching them is checked before. */
async function presentReservations(db: Db, ids: readonly string[], now: Date): Promise<Reservation[]> {
  const today = dayOf(now);
  const rows = new Map((await shownRows(db, ids)).map((row) => [row.id, row]));
  const assets = Map.groupBy(await assetsOfReservations(db, ids, today), (one) => one.reservation_id);
  const positions = await waitingPositions(db, ids);
  return ids.flatMap((id) => {
    const row = rows.get(id);
    return row ? [present(row, assets.get(id) ?? [], positions.get(id) ?? null, today)] : [];
  });
}

function present(row: ShownRow, assets: readonly AssetOfReservation[], waitingPosition: number | null, today: string): Reservation {
  return {
    id: row.id,
    target: { kind: row.pool_id === null ? 'asset' : 'pool', id: row.pool_id ?? row.wanted_asset_id ?? '', label: row.what },
    quantity: row.quantity,
    holder: { kind: row.holder_kind, id: row.holder_id, label: row.holder_label },
    from: row.from_on,
    to: row.to_on,
    state: row.state === 'collected' && row.to_on < today ? 'overdue' : row.state,
    waitingPosition,
    note: row.note,
    reason: row.reason,
    madeBy: row.made_by,
    createdAt: row.created_at.toISOString(),
    assets: assets.map((one) => ({
      asset: { id: one.asset_id, label: one.label },
      collectedAt: one.collected_at?.toISOString() ?? null,
      returnedAt: one.returned_at?.toISOString() ?? null,
      blockedBy: one.blocked_by === null ? null : { holder: one.blocked_by, dueOn: one.blocked_due },
    })),
  };
}

const mostOfMine = 200;
/** What is open for the person of an account and their teams. */
export async function readMine(db: Db, actor: Actor, now: Date): Promise<Reservation[]> {
  return actor.personId === null ? [] : presentReservations(db, await openFor(db, actor.personId, mostOfMine), now);
}

const mostDays = 92;

/**
 * What of an asset or pool is taken on which days, and how many are free.
 * @throws Problem not_found; validation_failed for days the wrong way round or too many of them
 */
export async function readCalendar(db: Db, actor: Actor, target: ReservationTarget, days: Span, now: Date): Promise<ReservationCalendar> {
  if (days.to < days.from || days.to > addDays(days.from, mostDays - 1))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'query.to', code: 'range', message: `Ask for 1 to ${mostDays} days, the last one not before the first.` }],
    });
  const isPool = target.kind === 'pool';
  if (isPool) await mustFindPool(db, target.id, actor, 'assets:read');
  else await mustFindAsset(db, target.id, actor, 'assets:read');
  const wanted = { pool_id: isPool ? target.id : null, wanted_asset_id: isPool ? null : target.id };
  const members = await lendable(db, wanted, mostMembers);
  const held = Map.groupBy(
    await heldOf(
      db,
      members.map((one) => one.id),
      days,
    ),
    (one) => one.asset_id,
  );
  const today = dayOf(now);
  const assets = members.map((member): ReservationCalendar['assets'][number] => {
    const mine = held.get(member.id) ?? [];
    const busy: ReservationCalendar['assets'][number]['busy'] = mine.map((one) => ({
      from: one.from_on,
      to: one.to_on,
      holder: one.holder_label,
      kind: one.collected_at === null ? ('reserved' as const) : ('collected' as const),
      reservationId: one.reservation_id,
    }));
    const out = outSpan(member, today);
    const shown = out && { from: days.from > today ? days.from : today, to: out.to < days.to ? out.to : days.to };
    const told = shown && mine.some((one) => one.collected_at !== null && one.to_on >= shown.to);
    if (shown && !told && shown.from <= shown.to) busy.push({ ...shown, holder: member.holder ?? '', kind: 'out', reservationId: null });
    return { asset: { id: member.id, label: member.label }, busy };
  });
  const free = (day: string): number => assets.filter(({ busy }) => !busy.some((span) => overlaps(span, { from: day, to: day }))).length;
  const list = Array.from({ length: (Date.parse(days.to) - Date.parse(days.from)) / 86_400_000 + 1 }, (_, n) => addDays(days.from, n));
  const waiting = await waitingFor(db, { pool: wanted.pool_id, asset: wanted.wanted_asset_id }, days);
  const positions = await waitingPositions(
    db,
    waiting.map((one) => one.id),
  );
  return {
    from: days.from,
    to: days.to,
    assets,
    days: list.map((day) => ({ day, free: free(day) })),
    waiting: waiting.map((one) => ({ ...one, position: positions.get(one.id) ?? 1 })),
  };
}
