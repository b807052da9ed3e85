import * as api from '@muster/api/saved-views';
import type { SavedView } from '@muster/api/saved-views';
import { inTx } from '../../platform/db/pool.ts';
import { type Call, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { ownListRoutes } from '../../platform/listing/index.ts';
import { chooseDefault, createView, deleteView, readMenu, readView, updateView } from './saved-views.ts';
import { savedViewListing } from './store.ts';

async function answer(call: Pick<Call<typeof api.getSavedView>, 'db' | 'actor' | 'platform' | 'etag'>, id: string): Promise<SavedView> {
  const view = await readView(call.db, call.actor, id, call.platform.now());
  call.etag(view.version);
  return view;
}

export const viewRoutes: HandledRoute[] = [
  ...ownListRoutes(savedViewListing, api.savedViewListRoutes),
  handle(api.listViewMenu, async ({ db, actor, query, platform }) => ({
    items: await readMenu(db, actor, query.resource, platform.now()),
  })),
  handle(api.setDefaultView, async ({ db, actor, body, platform }) => {
    await inTx(db, (tx) => chooseDefault(tx, actor, body.resource, body.id));
    return { items: await readMenu(db, actor, body.resource, platform.now()) };
  }),
  handle(api.getSavedView, (call) => answer(call, call.params.id)),
  handle(api.createSavedView, async (call) =>
    answer(call, await inTx(call.db, (tx) => createView(tx, call.actor, call.body, call.platform.now()))),
  ),
  handle(api.updateSavedView, async (call) => {
    await inTx(call.db, (tx) => updateView(tx, call.actor, call.params.id, call.version, call.body, call.platform.now()));
    return answer(call, call.params.id);
  }),
  handle(api.deleteSavedView, ({ db, actor, params }) => inTx(db, (tx) => deleteView(tx, actor, params.id)) as Promise<undefined>),
];
