import * as api from '@muster/api/bulk-changes';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { ownListRoutes } from '../../platform/listing/index.ts';
import { applyBulk, previewBulk, readBulk, readItems, stopBulk, undoBulk } from './bulk-changes.ts';
import { bulkListing } from './store.ts';

export const bulkRoutes: HandledRoute[] = [
  ...ownListRoutes(bulkListing, api.bulkChangeListRoutes),
  handle(api.createBulkChange, async ({ platform, db, actor, body }) => readBulk(db, actor, await previewBulk(platform, actor, body))),
  handle(api.getBulkChange, ({ db, actor, params }) => readBulk(db, actor, params.id)),
  handle(api.listBulkItems, ({ db, actor, params, query }) => readItems(db, actor, params.id, query)),
  handle(api.applyBulkChange, async ({ platform, db, actor, params }) => {
    await applyBulk(platform, actor, params.id);
    return readBulk(db, actor, params.id);
  }),
  handle(api.undoBulkChange, async ({ platform, db, actor, params }) => {
    await undoBulk(platform, actor, params.id);
    return readBulk(db, actor, params.id);
  }),
  handle(api.stopBulkChange, async ({ platform, db, actor, params }) => {
    await stopBulk(platform, actor, params.id);
    return readBulk(db, actor, params.id);
  }),
];
