import type { Actor } from '../../platform/context.ts';
import { audit } from '../../platform/audit/audit.ts';
import type { Tx } from '../../platform/db/types.ts';
import type { Jobs } from '../../platform/jobs/jobs.ts';
import { reachableAssets } from '../assets/index.ts';
import { type Giving, refusal } from '../custody/index.ts';
import { moveUpKind } from './jobs.ts';
import { dayOf, endOfDays } from './plan.ts';
import { anyoneWaits, heldOf, markCollected, markReturned } from './store.ts';

/**
 * Nobody is given what is reserved for somebody else within the days: refused with `reserved`, unless the caller said so and may. What is
 * given to whom it is reserved for on one of its days is collected thereby.
 */
export async function followGiving(tx: Tx, actor: Actor, giving: Giving, now: Date): Promise<void> {
  const today = dayOf(now);
  const held = await heldOf(tx, [giving.asset.id], { from: today, to: giving.dueOn ?? endOfDays });
  const isMine = (one: { holder_kind: string; holder_id: string }): boolean =>
    one.holder_kind === giving.holder.kind && one.holder_id === giving.holder.id;
  const other = held.find((one) => !isMine(one) && one.collected_at === null);
  if (other) await mustOverride(tx, actor, giving, other);
  const mine = held.find((one) => isMine(one) && one.collected_at === null && one.from_on <= today && today <= one.to_on);
  if (mine) await markCollected(tx, mine, now);
}

async function mustOverride(
  tx: Tx,
  actor: Actor,
  giving: Giving,
  other: { holder_label: string; from_on: string; to_on: string },
): Promise<void> {
  const why = `${giving.asset.label} is reserved for ${other.holder_label} from ${other.from_on} to ${other.to_on}.`;
  if (!giving.despiteReservation) throw refusal('reserved', why);
  const may = actor.kind === 'system' || actor.grants.some((grant) => grant.permission === 'reservations:override');
  if (!may || !(await reachableAssets(tx, [giving.asset.id], actor, 'reservations:override')).has(giving.asset.id))
    throw refusal('reserved', `${why} You may not give it to somebody else.`);
}

/** What comes back is free for whoever waits: they are looked at once this has committed. */
export const followReturn =
  (jobs: Jobs) =>
  async (tx: Tx, actor: Actor, assetId: string, now: Date): Promise<void> => {
    const done = await markReturned(tx, assetId, now);
    if (done)
      await audit(tx, actor, {
        action: 'reservation.returned',
        resource: 'reservations',
        resourceId: done.id,
        summary: `Everything that ${done.holder_label} collected came back`,
        before: { state: 'collected' },
        after: { state: 'returned' },
      });
    if (await anyoneWaits(tx)) await jobs.enqueue(tx, moveUpKind, {}, { title: 'Move up who waits', actor, singletonKey: moveUpKind });
  };
