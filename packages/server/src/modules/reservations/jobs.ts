import { inTx } from '../../platform/db/pool.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { expireUncollected } from './expire.ts';
import { moveUp } from './grant.ts';
import { lockBookings } from './store.ts';

export const moveUpKind = 'reservations.move-up';

/** Something became free: who waits is looked at, in order. */
export const moveUpJob: JobKind<unknown> = {
  kind: moveUpKind,
  quiet: true,
  handler: async ({ platform }) =>
    inTx(platform.db, async (tx) => {
      await lockBookings(tx);
      return { movedUp: await moveUp(tx, platform.now()) };
    }),
};

/** Every few minutes: lets go of what nobody collected and ends waiting that is over; whoever waits for it moves up. */
export const expireJob: JobKind<unknown> = {
  kind: 'reservations.expire',
  cron: '*/10 * * * *',
  quiet: true,
  handler: async ({ platform }) => inTx(platform.db, async (tx) => expireUncollected(tx, platform.now())),
};
