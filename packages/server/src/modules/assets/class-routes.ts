import * as api from '@muster/api/asset-classes';
import * as models from '@muster/api/models';
import { inTx } from '../../platform/db/pool.ts';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { changeClass, createClass, previewClass, readClass } from './class-verbs.ts';
import { createModel, readModel, updateModel } from './models.ts';

/** Classes and models are the whole organisation's. */
export const classRoutes: HandledRoute[] = everywhere([
  handle(api.createAssetClass, async ({ db, actor, body, etag }) => {
    await inTx(db, (tx) => createClass(tx, actor, body));
    etag(1);
    return readClass(db, body.key);
  }),
  handle(api.updateAssetClass, async ({ db, platform, actor, params, version, body, etag }) => {
    await inTx(db, (tx) => changeClass(tx, actor, params.key, version, body, platform.now()));
    const one = await readClass(db, params.key);
    etag(one.version);
    return one;
  }),
  handle(api.previewAssetClass, ({ db, params, body }) => previewClass(db, params.key, body.capabilities)),
  handle(models.createModel, async ({ db, platform, actor, body, etag }) => {
    const model = await readModel(db, await inTx(db, (tx) => createModel(tx, actor, body, platform.now())));
    etag(model.version);
    return model;
  }),
  handle(models.updateModel, async ({ db, platform, actor, params, version, body, etag }) => {
    await inTx(db, (tx) => updateModel(tx, actor, params.id, version, body, platform.now()));
    const model = await readModel(db, params.id);
    etag(model.version);
    return model;
  }),
  handle(models.getModel, async ({ db, params, etag }) => {
    const model = await readModel(db, params.id);
    etag(model.version);
    return model;
  }),
]);
