import { createEntitlement, listDemands, positionListRoutes } from '@muster/api/licensing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, type TestApp } from '../../testing/index.ts';
import { reconcileChanges } from './reconciler.ts';
import { testOrganisation } from './test-organisation.ts';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(() => t.close());

test('a machine that is a consumer of two positions shows once in each', async () => {
  const o = testOrganisation(t.db);
  const manager = await t.as('licence_manager');
  const productId = await o.product('acme/two-metrics', 'Two Metrics');
  await o.install(await o.device('pc-1', { sockets: 1, cores: 4 }), await o.title(productId));
  for (const metric of ['per_device', 'per_installation'] as const)
    await manager.call(createEntitlement, { body: { productId, metric, quantity: 1 } });
  await reconcileChanges(t.platform);
  const positions = (await manager.call(positionListRoutes.list, { query: { filter: 'product:"Two Metrics"' } })).data.items;
  expect(positions.map((p) => p.metric).toSorted()).toEqual(['per_device', 'per_installation']);
  for (const p of positions) {
    const { data } = await manager.call(listDemands, { params: { id: p.id ?? '' }, query: {} });
    expect(data.items.map((d) => d.consumer)).toEqual(['pc-1']);
  }
});
