import { type FieldError, Problem } from '@muster/api/errors';
import type { Collect, Reserve } from '@muster/api/reservations';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { mustFindAsset, reachableAssets } from '../assets/index.ts';
import { checkOutAsset, resolveHolder } from '../custody/index.ts';
import { type Board, boardOf, carryOut, moveUp, outSpan, replan, tryGrant } from './grant.ts';
import { addDays, dayOf, overlaps, type Span } from './plan.ts';
import { mustFindPool } from './pools.ts';
import { mustFindReservation } from './read.ts';
import {
  endReservation,
  insertReservation,
  letGo,
  lockBookings,
  nameOfTarget,
  type ReservationRow,
  reservationById,
  setAside,
  setAsideFor,
  setQuantity,
} from './store.ts';

/** Nothing is reserved further ahead than this. */
const mostDaysAhead = 730;

const invalid = (errors: FieldError[]): Problem => new Problem('validation_failed', undefined, { errors });

function checkDays(from: string, to: string, today: string): void {
  const errors: FieldError[] = [];
  if (from < today) errors.push({ field: 'body.from', code: 'past', message: 'It cannot begin in the past.' });
  if (to < from) errors.push({ field: 'body.to', code: 'before_start', message: 'It cannot end before it begins.' });
  if (to > addDays(today, mostDaysAhead))
    errors.push({ field: 'body.to', code: 'too_far', message: `Reserve at most ${mostDaysAhead} days ahead.` });
  if (errors.length > 0) throw invalid(errors);
}

/**
 * Reserves an asset, or some of a pool, for whole days; with `waitlist` it waits when there is not enough. Returns its id.
 * @throws Problem not_found for the asset or pool; validation_failed for the days, the holder or more than there are; conflict (`taken`)
 * with who has what when
 */
export async function reserve(tx: Tx, actor: Actor, input: Reserve, now: Date): Promise<string> {
  const today = dayOf(now);
  checkDays(input.from, input.to, today);
  const { target, quantity } = input;
  if (target.kind === 'asset') await mustFindAsset(tx, target.id, actor, 'assets:write');
  else await mustFindPool(tx, target.id, actor, 'assets:write');
  const holder = await resolveHolder(tx, input.holder);
  await lockBookings(tx);
  const row = {
    id: newId(now.getTime()),
    pool_id: target.kind === 'pool' ? target.id : null,
    wanted_asset_id: target.kind === 'asset' ? target.id : null,
    quantity,
    holder_kind: input.holder.kind,
    holder_id: holder.id,
    holder_label: holder.label,
    from_on: input.from,
    to_on: input.to,
    note: input.note ?? null,
    made_by: actor.label,
  };
  const whole: ReservationRow = { ...row, state: 'waiting', reason: null, created_at: now };
  const board = await boardOf(tx, whole, today);
  const name = await nameOfTarget(tx, row);
  if (quantity > Math.max(board.members.length, 1) || (quantity > 1 && target.kind === 'asset'))
    throw invalid([{ field: 'body.quantity', code: 'too_many', message: `There are only ${board.members.length} of ${name}.` }]);
  if (board.members.length === 0) throw new Problem('conflict', `Nothing of ${name} can be lent now.`);
  await insertReservation(tx, row, now);
  const granted = await tryGrant(tx, whole, board, today);
  if (!granted && !input.waitlist) throw taken(name, board, whole, today);
  const days = input.from === input.to ? `on ${input.from}` : `from ${input.from} to ${input.to}`;
  await audit(tx, actor, {
    action: granted ? 'reservation.made' : 'reservation.waiting',
    resource: 'reservations',
    resourceId: row.id,
    summary: `${granted ? 'Reserved' : 'Put on the waitlist:'} ${quantity === 1 ? '' : `${quantity} of `}${name} for ${holder.label} ${days}`,
    after: { ...input, state: granted ? 'reserved' : 'waiting' },
  });
  return row.id;
}

/** Who has what of the days that were asked for. */
function taken(name: string, board: Board, row: ReservationRow, today: string): Problem {
  const days: Span = { from: row.from_on, to: row.to_on };
  const labels = new Map(board.members.map((one) => [one.id, one.label]));
  const said = [
    ...board.held
      .filter((one) => overlaps({ from: one.from_on, to: one.to_on }, days))
      .map((one) => `${labels.get(one.asset_id)}: ${one.holder_label}, ${one.from_on} to ${one.to_on}`),
    ...board.members.flatMap((one) => {
      const out = outSpan(one, today);
      if (!out || !overlaps(out, days) || board.held.some((held) => held.asset_id === one.id && held.collected_at !== null)) return [];
      return [`${one.label}: with ${one.holder}${one.due_on === null ? ', to stay' : `, due ${one.due_on}`}`];
    }),
  ];
  const free = board.members.filter((one) => !board.busy.get(one.id)?.some((span) => overlaps(span, days))).length;
  const message =
    row.pool_id === null
      ? `It is taken. ${said.join('; ')}.`
      : `Only ${free} of ${board.members.length} of ${name} are free on all these days. ${said.slice(0, 5).join('; ')}${said.length > 5 ? '; …' : ''}.`;
  return new Problem('conflict', message, {
    errors: said.slice(0, 50).map((one) => ({ field: 'body.target', code: 'taken', message: one })),
  });
}

/**
 * Cancels what is not collected, and lets those who wait move up. The caller's reach is checked before.
 * @throws Problem not_found; conflict when it is collected or over
 */
export async function cancel(tx: Tx, actor: Actor, id: string, reason: string | undefined, now: Date): Promise<void> {
  await lockBookings(tx);
  const row = await mustBeOpen(tx, id, ['waiting', 'reserved']);
  await letGo(tx, id, null);
  await endReservation(tx, id, { state: 'cancelled', reason: reason ?? null, endedAt: now });
  await audit(tx, actor, {
    action: 'reservation.cancelled',
    resource: 'reservations',
    resourceId: id,
    summary: `Cancelled the reservation of ${await nameOfTarget(tx, row)} for ${row.holder_label}`,
    before: { state: row.state },
    after: { state: 'cancelled', reason },
  });
  await moveUp(tx, now);
}

const words: Record<ReservationRow['state'], string> = {
  waiting: 'It is still on the waitlist.',
  reserved: 'It is not collected yet.',
  collected: 'It is collected: check its assets in instead.',
  returned: 'It is over: everything came back.',
  cancelled: 'It was cancelled.',
  expired: 'Nobody collected it in time.',
};

async function mustBeOpen(tx: Tx, id: string, states: readonly ReservationRow['state'][]): Promise<ReservationRow> {
  const row = await reservationById(tx, id);
  if (!row) throw new Problem('not_found', 'There is no reservation with this id.');
  if (!states.includes(row.state)) throw new Problem('conflict', words[row.state]);
  return row;
}

/**
 * Checks out what was reserved, or other assets of the pool that are taken along instead; what is not taken is let go of. All or nothing.
 * @throws Problem not_found; conflict `too_early`, `taken` or what custody says of an asset, for example that somebody else has it still;
 * validation_failed for assets that are not of the pool, or more than reserved
 */
export async function collect(tx: Tx, actor: Actor, id: string, input: Collect, now: Date): Promise<void> {
  await lockBookings(tx);
  await mustFindReservation(tx, id, actor, 'assets:write');
  const row = await mustBeOpen(tx, id, ['reserved']);
  const today = dayOf(now);
  if (row.from_on > today)
    throw new Problem('conflict', `It begins on ${row.from_on}.`, {
      errors: [{ field: 'body', code: 'too_early', message: `It can be collected from ${row.from_on} on.` }],
    });
  const board = await boardOf(tx, row, today);
  // Also what is no member of the pool any more: it keeps what it has.
  const mine = await setAsideFor(tx, id);
  const chosen = [...new Set(input.assets ?? mine)];
  await choose(tx, actor, { row, board, mine, chosen, today });
  for (const assetId of chosen.toSorted())
    await checkOutAsset(
      tx,
      actor,
      assetId,
      {
        holder: { kind: row.holder_kind, id: row.holder_id, label: row.holder_label },
        dueOn: row.to_on,
        condition: input.condition,
        note: input.note,
      },
      now,
    );
  await audit(tx, actor, {
    action: 'reservation.collected',
    resource: 'reservations',
    resourceId: id,
    summary: `${row.holder_label} collected ${chosen.length} of ${await nameOfTarget(tx, row)}`,
    before: { state: row.state, quantity: row.quantity },
    after: { state: 'collected', assets: chosen, dueOn: row.to_on },
  });
  if (chosen.length < mine.length) await moveUp(tx, now);
}

/** Sets aside exactly what is taken along. */
async function choose(
  tx: Tx,
  actor: Actor,
  { row, board, mine, chosen, today }: { row: ReservationRow; board: Board; mine: string[]; chosen: string[]; today: string },
): Promise<void> {
  const labels = new Map(board.members.map((one) => [one.id, one.label]));
  const errors: FieldError[] = chosen
    .filter((id) => !labels.has(id) && !mine.includes(id))
    .map((id) => ({ field: 'body.assets', code: 'not_in_pool', message: `${id} is not of what was reserved.` }));
  if (chosen.length > mine.length)
    errors.push({ field: 'body.assets', code: 'too_many', message: `${mine.length} are reserved, and ${chosen.length} were to be taken.` });
  if (chosen.length === 0) errors.push({ field: 'body.assets', code: 'required', message: 'Nothing is set aside for it.' });
  const reach = await reachableAssets(tx, chosen, actor, 'assets:write');
  for (const id of chosen)
    if (!reach.has(id))
      errors.push({ field: 'body.assets', code: 'not_found', message: 'An asset of it is beyond what your role reaches.' });
  if (errors.length > 0) throw invalid(errors);
  const others = chosen.filter((id) => !mine.includes(id));
  await letGo(tx, row.id, chosen);
  if (others.length > 0) {
    const gone = (one: Board['held'][number]): boolean =>
      one.reservation_id === row.id && one.collected_at === null && !chosen.includes(one.asset_id);
    const found = replan({ ...board, held: board.held.filter((one) => !gone(one)) }, row, today, { assets: others });
    if (!found) {
      const names = others.map((id) => labels.get(id)).join(', ');
      throw new Problem('conflict', `${names} is taken on some of these days.`, {
        errors: [{ field: 'body.assets', code: 'taken', message: `${names} is taken on some of these days.` }],
      });
    }
    await carryOut(tx, found);
    await setAside(
      tx,
      others.map((assetId) => ({ assetId, reservationId: row.id, from: row.from_on < today ? today : row.from_on, to: row.to_on })),
    );
  }
  if (chosen.length < mine.length) await setQuantity(tx, row.id, row.quantity - (mine.length - chosen.length));
}
