import * as api from '@muster/api/inventory';
import * as components from '@muster/api/components';
import { getAssetNetwork } from '@muster/api/network';
import { Problem } from '@muster/api/errors';
import { handle, type HandledRoute, holdsEverywhere } from '../../platform/http/routes.ts';
import { listQuery, listRoutes } from '../../platform/listing/index.ts';
import { mustFindAsset } from '../assets/index.ts';
import { readHardware, readIdentity, readSection } from './hardware.ts';
import { inTx } from '../../platform/db/pool.ts';
import { addRelation, readImpact, readRelations, removeRelation } from './relations.ts';
import { readNetwork } from './network.ts';
import { canSeeObservation } from './reach.ts';
import { ownerOf } from './store-read.ts';
import { assetSoftwareListing, componentListing, installationListing, observationListing } from './store-listing.ts';

export const inventoryRoutes: HandledRoute[] = [
  ...listRoutes(installationListing, api.installationListRoutes),
  ...listRoutes(componentListing, components.componentListRoutes),
  ...listRoutes(observationListing, api.observationListRoutes),
  handle(api.getAssetHardware, async ({ db, params, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readHardware(db, params.id);
  }),
  handle(components.listAssetRelations, async ({ db, params, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readRelations(db, params.id, actor);
  }),
  handle(components.addAssetRelation, async ({ db, params, actor, body, platform }) => {
    await inTx(db, async (tx) => {
      await mustFindAsset(tx, params.id, actor, 'assets:write');
      await addRelation(tx, actor, params.id, body, platform.now());
    });
    return readRelations(db, params.id, actor);
  }),
  handle(components.removeAssetRelation, async ({ db, params, actor, platform }) => {
    await inTx(db, async (tx) => {
      await mustFindAsset(tx, params.id, actor, 'assets:write');
      await removeRelation(tx, actor, params.id, params.relationId, platform.now());
    });
    return readRelations(db, params.id, actor);
  }),
  handle(components.getAssetImpact, async ({ db, params, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readImpact(db, params.id, actor);
  }),
  handle(getAssetNetwork, async ({ db, params, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readNetwork(db, params.id, holdsEverywhere(actor, 'assets:read'));
  }),
  handle(api.getAssetSoftware, async ({ db, params, actor, query, platform }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    const { show, ...rest } = query;
    // The asset was reached under the caller's scope; its software needs no further one.
    return listQuery(
      db,
      assetSoftwareListing(params.id, rest.as_of === undefined ? show : 'all'),
      rest,
      { ...actor, kind: 'system' },
      platform.now(),
    );
  }),
  handle(api.getAssetIdentity, async ({ db, params, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readIdentity(db, params.id);
  }),
  handle(api.getObservationSection, async ({ db, params, actor }) => {
    await mustFindAsset(db, params.id, actor, 'assets:read');
    return readSection(db, params.id, params.observationId, params.section);
  }),
  handle(api.getHeldSection, async ({ db, params, actor }) => {
    const owner = await ownerOf(db, params.id);
    if (!owner || !(await canSeeObservation(db, params.id, actor))) throw new Problem('not_found', 'There is no observation with this id.');
    return readSection(db, owner.asset_id ?? params.id, params.id, params.section);
  }),
];
