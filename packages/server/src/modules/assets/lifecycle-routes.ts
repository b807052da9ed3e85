import * as api from '@muster/api/lifecycle';
import * as planned from '@muster/api/planned-transitions';
import { inTx } from '../../platform/db/pool.ts';
import { typed } from './lifecycle-move.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { cancelPlanned, planTransition, readPlanned } from './lifecycle-planned.ts';
import { readStates } from './lifecycle-periods.ts';
import { changeLifecycle, checkLifecycle, readLifecycle, resetLifecycle } from './lifecycle-settings.ts';
import { mustFindAsset } from './reach.ts';
import { plannedListing } from './store-planned.ts';

export const lifecycleRoutes: HandledRoute[] = [
  handle(api.getLifecycle, async ({ db, etag }) => {
    const found = await readLifecycle(db);
    etag(found.version);
    return found;
  }),
  handle(api.listAssetStates, async ({ db, params, query, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readStates(db, params.id, query);
  }),
  ...listRoutes(plannedListing, planned.plannedTransitionListRoutes),
  handle(planned.planTransition, async ({ db, platform, params, body, actor }) => {
    const id = await inTx(db, async (tx) => {
      await mustFindAsset(tx, params.id, actor, 'assets:write');
      return planTransition(tx, actor, params.id, { ...body, inputs: typed(body.inputs) }, platform.now());
    });
    return readPlanned(db, actor, id, 'assets:write');
  }),
  handle(planned.cancelPlannedTransition, async ({ db, platform, params, actor }) => {
    await inTx(db, (tx) => cancelPlanned(tx, actor, params.id, platform.now()));
    return readPlanned(db, actor, params.id, 'assets:write');
  }),
  ...everywhere([
    handle(api.putLifecycle, async ({ platform, actor, version, body, etag }) => {
      const found = await changeLifecycle(platform, actor, version, body);
      etag(found.version);
      return found;
    }),
    handle(api.checkLifecycle, ({ db, body }) => checkLifecycle(db, body)),
    handle(api.resetLifecycle, async ({ platform, actor, etag }) => {
      const found = await resetLifecycle(platform, actor);
      etag(found.version);
      return found;
    }),
  ]),
];
