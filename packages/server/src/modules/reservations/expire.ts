import { audit } from '../../platform/audit/audit.ts';
import { systemActor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { moveUp } from './grant.ts';
import { dayOf } from './plan.ts';
import { endReservation, letGo, lockBookings, pastRows } from './store.ts';

/** An asset that is reserved by itself is kept for this many whole days after the first one; a pool says it for its own. */
export const assetNoShowDays = 1;

/**
 * Ends what nobody collected in time and what waited until its last day; what was collected in part goes on with that part. Then whoever
 * waits moves up. Answers how many ended and how many moved up.
 */
export async function expireUncollected(tx: Tx, now: Date): Promise<{ expired: number; movedUp: number }> {
  await lockBookings(tx);
  const rows = await pastRows(tx, dayOf(now), assetNoShowDays);
  for (const row of rows) {
    await letGo(tx, row.id, null);
    const state = row.collected ? 'collected' : 'expired';
    await endReservation(tx, row.id, { state, reason: null, endedAt: row.collected ? null : now });
    await audit(tx, systemActor, {
      action: row.collected ? 'reservation.rest_expired' : 'reservation.expired',
      resource: 'reservations',
      resourceId: row.id,
      summary: row.state === 'waiting' ? `Ended the waiting of ${row.holder_label}` : `Let go of what ${row.holder_label} did not collect`,
      before: { state: row.state },
      after: { state },
    });
  }
  return { expired: rows.length, movedUp: await moveUp(tx, now) };
}
