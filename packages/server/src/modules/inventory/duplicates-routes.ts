import * as api from '@muster/api/duplicates';
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { dismissDuplicate, readDuplicate, reopenDuplicate, searchDuplicates } from './duplicates.ts';
import { duplicateListing } from './store-duplicates.ts';

/** A group names assets of the whole organisation, so it is for whoever may see all of it; in the list others find none. */
export const duplicateRoutes: HandledRoute[] = [
  ...listRoutes(duplicateListing, api.duplicateListRoutes),
  ...everywhere([
    handle(api.searchDuplicates, ({ platform, actor }) => searchDuplicates(platform, actor)),
    handle(api.getDuplicate, ({ db, params }) => readDuplicate(db, params.id)),
    handle(api.dismissDuplicate, ({ db, platform, actor, params, body }) =>
      inTx(db, async (tx) => {
        await dismissDuplicate(tx, actor, params.id, body.note ?? null, platform.now());
        return readDuplicate(tx, params.id);
      }),
    ),
    handle(api.reopenDuplicate, ({ db, actor, params }) =>
      inTx(db, async (tx) => {
        await reopenDuplicate(tx, actor, params.id);
        return readDuplicate(tx, params.id);
      }),
    ),
  ]),
];
