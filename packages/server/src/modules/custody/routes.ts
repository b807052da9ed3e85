import * as api from '@muster/api/custody';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { mustFindAsset } from '../assets/index.ts';
import { readPerson } from '../people/index.ts';
import { checkInAssets } from './check-in.ts';
import { checkOutAssets, handOverAssets } from './check-out.ts';
import { extendAssets, placeAssetsIn, setConditions } from './facts.ts';
import { readAssetCustody, readPersonCustody } from './read.ts';
import { custodyListing } from './store-listing.ts';

export const custodyRoutes: HandledRoute[] = [
  ...listRoutes(custodyListing, api.custodyListRoutes),
  handle(api.getAssetCustody, async ({ db, actor, params, query, platform }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readAssetCustody(db, params.id, query.as_of, platform.now());
  }),
  handle(api.getPersonCustody, async ({ db, actor, params, platform }) => {
    await readPerson(db, params.id, actor, 'people:read');
    return readPersonCustody(db, params.id, actor, platform.now());
  }),
  handle(api.checkOut, async ({ db, actor, body, platform }) => checkOutAssets(db, actor, body, platform.now())),
  handle(api.handOver, async ({ db, actor, body, platform }) => handOverAssets(db, actor, body, platform.now())),
  handle(api.checkIn, async ({ db, actor, body, platform }) => checkInAssets(db, actor, body, platform.now())),
  handle(api.extendCustody, async ({ db, actor, body, platform }) => extendAssets(db, actor, body, platform.now())),
  handle(api.placeAssets, async ({ db, actor, body, platform }) => placeAssetsIn(db, actor, body, platform.now())),
  handle(api.setCondition, async ({ db, actor, body, platform }) => setConditions(db, actor, body, platform.now())),
];
