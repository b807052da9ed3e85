import { audit } from '../../platform/audit/audit.ts';
import { systemActor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { lockAssetRows } from '../assets/index.ts';
import { dayOf, endOfDays, planLoans, type Span, type Wish } from './plan.ts';
import {
  type Held,
  heldOf,
  lendable,
  lockPool,
  type Member,
  mostMembers,
  nameOfTarget,
  type ReservationRow,
  setAside,
  setState,
  unset,
  waitingRows,
} from './store.ts';

/** What can be lent for a reservation and what of it is taken when. */
export interface Board {
  members: Member[];
  held: Held[];
  /** Of each asset the days on which it is taken, in whichever way. */
  busy: Map<string, Span[]>;
}

/** The days on which a member is with somebody, as far as that is known: who is late may come back any day after today. */
export function outSpan(member: Member, today: string): Span | null {
  if (!member.holder) return null;
  if (member.due_on === null) return { from: '0001-01-01', to: endOfDays };
  return { from: '0001-01-01', to: member.due_on < today ? today : member.due_on };
}

const spanOf = (held: Held): Span => ({ from: held.from_on, to: held.to_on });

function busyFrom(members: readonly Member[], held: readonly Held[], today: string): Map<string, Span[]> {
  const busy = new Map<string, Span[]>();
  for (const member of members) {
    const out = outSpan(member, today);
    busy.set(member.id, out ? [out] : []);
  }
  for (const one of held) busy.get(one.asset_id)?.push(spanOf(one));
  return busy;
}

/** The members of what is wanted, locked, so that no check-out comes between; and what is taken of them from today on. */
export async function boardOf(tx: Tx, row: ReservationRow, today: string): Promise<Board> {
  if (row.pool_id !== null) await lockPool(tx, row.pool_id);
  const found = await lendable(tx, row, mostMembers);
  await lockAssetRows(
    tx,
    found.map((one) => one.id),
  );
  // Read again behind the lock: somebody may have been given one while it was waited for.
  const members = await lendable(tx, row, mostMembers);
  const held = await heldOf(
    tx,
    members.map((one) => one.id),
    { from: today, to: endOfDays },
  );
  return { members, held, busy: busyFrom(members, held, today) };
}

/** Whether a reservation's asset may still be exchanged for another of its pool. */
const isLoose = (one: Held, row: ReservationRow): boolean => one.pool_id === row.pool_id && one.collected_at === null;

/**
 * Moves what is only set aside for others of the pool so that `fixed` (assets for the row itself) or the row's own wish finds room.
 * Answers the plan with the row's wish, or null; nothing is written.
 */
export function replan(
  board: Board,
  row: ReservationRow,
  today: string,
  fixed: { assets: readonly string[] } | null,
): { loose: Held[]; wishes: Wish[]; plan: Map<string, string[]> } | null {
  const loose = board.held.filter((one) => isLoose(one, row) && one.reservation_id !== row.id);
  const rest = board.held.filter((one) => !isLoose(one, row) || one.reservation_id === row.id);
  const busy = busyFrom(board.members, rest, today);
  const own = wishOf(row, today);
  if (fixed) {
    if (fixed.assets.some((id) => busy.get(id)?.some((span) => span.from <= own.to && own.from <= span.to) ?? true)) return null;
    for (const id of fixed.assets) busy.get(id)?.push(own);
  }
  const wishes = [...looseWishes(loose), ...(fixed ? [] : [own])];
  const plan = planLoans(
    board.members.map((one) => one.id),
    busy,
    wishes,
  );
  return plan && { loose, wishes, plan };
}

const wishOf = (row: ReservationRow, today: string): Wish => ({
  id: row.id,
  from: row.from_on < today ? today : row.from_on,
  to: row.to_on,
  quantity: row.quantity,
});

function looseWishes(loose: readonly Held[]): Wish[] {
  const byReservation = Map.groupBy(loose, (one) => one.reservation_id);
  return [...byReservation].flatMap(([id, [first, ...more]]) => (first ? [{ id, ...spanOf(first), quantity: more.length + 1 }] : []));
}

/** Writes a plan in place of what was set aside. */
export async function carryOut(
  tx: Tx,
  { loose, wishes, plan }: { loose: Held[]; wishes: Wish[]; plan: Map<string, string[]> },
): Promise<void> {
  await unset(tx, loose);
  await setAside(
    tx,
    wishes.flatMap((wish) =>
      (plan.get(wish.id) ?? []).map((assetId) => ({ assetId, reservationId: wish.id, from: wish.from, to: wish.to })),
    ),
  );
}

/**
 * Sets assets aside for a reservation that has none, moving others of the pool to different assets when that makes room; false when
 * there is not enough. The bookings are locked by whoever calls.
 */
export async function tryGrant(tx: Tx, row: ReservationRow, board: Board, today: string): Promise<boolean> {
  const wish = wishOf(row, today);
  if (wish.from > wish.to) return false;
  const plan = planLoans(
    board.members.map((one) => one.id),
    board.busy,
    [wish],
  );
  const found = plan ? { loose: [], wishes: [wish], plan } : row.pool_id === null ? null : replan(board, row, today, null);
  if (!found) return false;
  await carryOut(tx, found);
  await setState(tx, row.id, 'reserved');
  return true;
}

/**
 * Gives those who wait what has become free, in the order they came; who cannot be served yet keeps the place and does not hold up the
 * next. Each is audited. Answers how many moved up. The bookings are locked by whoever calls.
 */
export async function moveUp(tx: Tx, now: Date): Promise<number> {
  const today = dayOf(now);
  let moved = 0;
  for (const row of await waitingRows(tx, today)) {
    if (!(await tryGrant(tx, row, await boardOf(tx, row, today), today))) continue;
    moved += 1;
    await audit(tx, systemActor, {
      action: 'reservation.moved_up',
      resource: 'reservations',
      resourceId: row.id,
      summary: `${row.holder_label} moved up from the waitlist of ${await nameOfTarget(tx, row)}`,
      before: { state: 'waiting' },
      after: { state: 'reserved', from: row.from_on, to: row.to_on },
    });
  }
  return moved;
}
