import {
  createProduct as createProductRoute,
  createRecognitionRule,
  evidenceListRoutes,
  getEvidence,
  getProduct,
  getRecognitionState,
  listUnrecognised,
  patchProduct as patchProductRoute,
  productListRoutes,
  publisherListRoutes,
  recognitionRuleListRoutes,
  rerunRecognition,
  retireRecognitionRule,
} from '@muster/api/software';
import { inTx } from '../../platform/db/pool.ts';
import { handle, type HandledRoute } from '../../platform/http/routes.ts';
import { listRoutes } from '../../platform/listing/index.ts';
import { enqueueRecognition } from './jobs.ts';
import { createRule, previewRule, retireRule } from './local-rules.ts';
import { createProduct, patchProduct, productDetail } from './products.ts';
import { evidenceWithSteps, recognitionState, unrecognisedQueue } from './queue.ts';
import { evidenceListing, productListing, publisherListing, recognitionRuleListing } from './store-listings.ts';

export const softwareRoutes: HandledRoute[] = [
  ...listRoutes(productListing, productListRoutes),
  ...listRoutes(publisherListing, publisherListRoutes),
  ...listRoutes(evidenceListing, evidenceListRoutes),
  ...listRoutes(recognitionRuleListing, recognitionRuleListRoutes),
  handle(getProduct, async (call) => {
    const product = await productDetail(call.db, call.params.id);
    call.etag(product.version);
    return product;
  }),
  handle(createProductRoute, async (call) => createProduct(call.platform, call.actor, call.body)),
  handle(patchProductRoute, async (call) => {
    const product = await patchProduct(call.platform, call.actor, call.params.id, call.version, call.body);
    call.etag(product.version);
    return product;
  }),
  handle(getEvidence, async (call) => evidenceWithSteps(call.db, call.params.id)),
  handle(listUnrecognised, async (call) => unrecognisedQueue(call.db, call.query)),
  handle(createRecognitionRule, async (call) => {
    if (call.query.preview === 'true') return { rule: null, effect: await previewRule(call.db, call.body), jobId: null };
    return createRule(call.platform, call.actor, call.body);
  }),
  handle(retireRecognitionRule, async (call) => retireRule(call.platform, call.actor, call.params.id)),
  handle(rerunRecognition, async (call) =>
    inTx(call.db, async (tx) => ({ jobId: await enqueueRecognition(call.platform, tx, call.actor) })),
  ),
  handle(getRecognitionState, async (call) => recognitionState(call.db)),
];
