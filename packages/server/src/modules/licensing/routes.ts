import * as api from '@muster/api/licensing';
import { everywhere, handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listQuery, listRoutes } from '../../platform/listing/index.ts';
import { presentDemand, readDerivation } from './derivation.ts';
import { changeEntitlement, createEntitlement, readEntitlement, retireEntitlement } from './entitlements.ts';
import { recomputePositions } from './jobs.ts';
import { findPosition, listMetrics, readFreshness, readPosition, summarisePositions } from './positions.ts';
import { shippedRules } from './rules.ts';
import { demandListing, entitlementListing, positionListing } from './store-listing.ts';

/** Rights and positions are the whole organisation's: a role that is limited to a part of it does not open them. */
export const licensingRoutes: HandledRoute[] = everywhere([
  ...listRoutes(entitlementListing, api.entitlementListRoutes),
  handle(api.getEntitlement, async ({ db, params, platform, etag }) => {
    const entitlement = await readEntitlement(db, params.id, platform.now());
    etag(entitlement.version);
    return entitlement;
  }),
  handle(api.createEntitlement, async ({ platform, actor, body, etag }) => {
    const entitlement = await createEntitlement(platform, actor, body);
    etag(entitlement.version);
    return entitlement;
  }),
  handle(api.patchEntitlement, async ({ platform, actor, params, version, body, etag }) => {
    const entitlement = await changeEntitlement(platform, actor, params.id, version, body);
    etag(entitlement.version);
    return entitlement;
  }),
  handle(api.retireEntitlement, async ({ platform, actor, params, version }) => {
    await retireEntitlement(platform, actor, params.id, version);
    return undefined;
  }),
  handle(api.listMetrics, async () => listMetrics()),
  ...listRoutes(positionListing, api.positionListRoutes),
  handle(api.getPositionSummary, async ({ db, query }) => summarisePositions(db, query.limit)),
  handle(api.getPositionFreshness, async ({ db }) => readFreshness(db)),
  handle(api.recomputePositions, async ({ platform, actor, body }) => ({
    jobId: await recomputePositions(platform, actor, body.productIds),
  })),
  handle(api.getPosition, async ({ db, params }) => readPosition(db, params.id)),
  handle(api.getDerivation, async ({ db, params, platform }) => readDerivation(db, params.id, platform.now())),
  handle(api.listDemands, async ({ db, params, query, actor, platform }) => {
    const position = await findPosition(db, params.id);
    const rules = shippedRules();
    // The position was reached; its demands need no further scope.
    const page = await listQuery(db, demandListing(params.id), query, { ...actor, kind: 'system' }, platform.now());
    return {
      ...page,
      items: page.items.map((row) => presentDemand(row, rules.metrics[position.metric as api.MetricKey], rules.exemptions)),
    };
  }),
]);
