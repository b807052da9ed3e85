import * as api from '@muster/api/unmanaged';
import { inTx } from '../../platform/db/pool.ts';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { unmanagedListing } from './store-unmanaged.ts';
import { ignoreHost, makeAsset, readHost, readLimits } from './unmanaged.ts';

export const unmanagedRoutes: HandledRoute[] = [
  ...listRoutes(unmanagedListing, api.unmanagedListRoutes),
  handle(api.getUnmanagedHost, ({ db, params, actor }) => readHost(db, params.id, actor, 'assets:read')),
  handle(api.ignoreUnmanagedHost, ({ db, params, body, actor, platform }) =>
    inTx(db, (tx) => ignoreHost(tx, actor, params.id, body, platform.now())),
  ),
  handle(api.makeAssetOfHost, async ({ db, params, body, actor, platform }) => ({
    asset: await inTx(db, (tx) => makeAsset(tx, actor, params.id, body, platform.now())),
  })),
  handle(api.getUnmanagedLimits, ({ db, platform }) => readLimits(db, platform.now())),
];
