import * as api from '@muster/api/places';
import * as racks from '@muster/api/racks';
import { inTx } from '../../platform/db/pool.ts';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { createPlace, deletePlace, readPlace, updatePlace } from './places.ts';
import { mountAsset, readElevation, unmountAsset } from './racks.ts';
import { placeListing } from './store.ts';

export const placeRoutes: HandledRoute[] = [
  ...listRoutes(placeListing, api.placeListRoutes),
  handle(api.getPlace, async ({ db, actor, params, etag }) => {
    const place = await readPlace(db, params.id, actor, 'people:read');
    etag(place.version);
    return place;
  }),
  handle(api.createPlace, async ({ db, actor, body, etag, platform }) => {
    const place = await inTx(db, async (tx) => readPlace(tx, await createPlace(tx, actor, body, platform.now()), actor, 'people:write'));
    etag(place.version);
    return place;
  }),
  handle(api.updatePlace, async ({ db, actor, params, body, version, etag, platform }) => {
    const place = await inTx(db, async (tx) => {
      await updatePlace(tx, actor, params.id, version, body, platform.now());
      return readPlace(tx, params.id, actor, 'people:write');
    });
    etag(place.version);
    return place;
  }),
  handle(api.deletePlace, async ({ db, actor, params }) => inTx(db, async (tx) => deletePlace(tx, actor, params.id)) as Promise<undefined>),
  handle(racks.getElevation, ({ db, actor, params }) => readElevation(db, params.id, actor)),
  handle(racks.mountAsset, async ({ db, actor, params, body, platform }) => {
    await inTx(db, (tx) => mountAsset(tx, actor, params.id, body, platform.now()));
    return readElevation(db, body.rackId, actor);
  }),
  handle(
    racks.unmountAsset,
    async ({ db, actor, params, platform }) => inTx(db, (tx) => unmountAsset(tx, actor, params.id, platform.now())) as Promise<undefined>,
  ),
];
