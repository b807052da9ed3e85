import * as api from '@muster/api/lifecycle';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { readStates } from './lifecycle-periods.ts';
import { changeLifecycle, checkLifecycle, readLifecycle, resetLifecycle } from './lifecycle-settings.ts';
import { mustFindAsset } from './reach.ts';

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
