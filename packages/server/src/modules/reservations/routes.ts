import { Problem } from '@muster/api/errors';
import * as api from '@muster/api/reservations';
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { createPool, dropPool, readPool, updatePool } from './pools.ts';
import { mustFindReservation, presentReservation, readCalendar, readMine } from './read.ts';
import { cancel, collect, reserve } from './reserve.ts';
import { isFor, reservationListing } from './store-listing.ts';
import { poolListing } from './store-pools.ts';

const poolRoutes: HandledRoute[] = [
  ...listRoutes(poolListing, api.loanPoolListRoutes),
  handle(api.getLoanPool, async ({ db, actor, params, etag }) => {
    const pool = await readPool(db, params.id, actor, 'assets:read');
    etag(pool.version);
    return pool;
  }),
  // What belongs to a pool says what everybody may borrow: whoever changes that must hold the permission everywhere.
  ...everywhere([
    handle(api.createLoanPool, async ({ db, actor, body, platform, etag }) => {
      const pool = await inTx(db, async (tx) => readPool(tx, await createPool(tx, actor, body, platform.now()), actor, 'assets:write'));
      etag(pool.version);
      return pool;
    }),
    handle(api.updateLoanPool, async ({ db, actor, params, body, version, platform, etag }) => {
      const pool = await inTx(db, async (tx) => {
        await updatePool(tx, actor, params.id, version, body, platform.now());
        return readPool(tx, params.id, actor, 'assets:write');
      });
      etag(pool.version);
      return pool;
    }),
    handle(api.deleteLoanPool, async ({ db, actor, params }) =>
      inTx(db, async (tx) => {
        await dropPool(tx, actor, params.id);
        return undefined;
      }),
    ),
  ]),
];

export const reservationRoutes: HandledRoute[] = [
  ...poolRoutes,
  ...listRoutes(reservationListing, api.reservationListRoutes),
  handle(api.getReservationCalendar, async ({ db, actor, query, platform }) =>
    readCalendar(db, actor, { kind: query.kind, id: query.id }, { from: query.from, to: query.to }, platform.now()),
  ),
  handle(api.getReservation, async ({ db, actor, params, platform }) => {
    await mustFindReservation(db, params.id, actor, 'assets:read');
    return presentReservation(db, params.id, platform.now());
  }),
  handle(api.createReservation, async ({ db, actor, body, platform }) =>
    inTx(db, async (tx) => presentReservation(tx, await reserve(tx, actor, body, platform.now()), platform.now())),
  ),
  handle(api.cancelReservation, async ({ db, actor, params, body, platform }) =>
    inTx(db, async (tx) => {
      await mustFindReservation(tx, params.id, actor, 'assets:write');
      await cancel(tx, actor, params.id, body.reason, platform.now());
      return presentReservation(tx, params.id, platform.now());
    }),
  ),
  handle(api.collectReservation, async ({ db, actor, params, body, platform }) =>
    inTx(db, async (tx) => {
      await collect(tx, actor, params.id, body, platform.now());
      return presentReservation(tx, params.id, platform.now());
    }),
  ),
  handle(api.getMyReservations, async ({ db, actor, platform }) => ({ items: await readMine(db, actor, platform.now()) })),
  handle(api.cancelMyReservation, async ({ db, actor, params, body, platform }) =>
    inTx(db, async (tx) => {
      if (actor.personId === null || !(await isFor(tx, params.id, actor.personId)))
        throw new Problem('not_found', 'There is no reservation of yours with this id.');
      await cancel(tx, actor, params.id, body.reason, platform.now());
      return presentReservation(tx, params.id, platform.now());
    }),
  ),
];
