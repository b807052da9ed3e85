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
  const device = await o.device('pc-1', { sockets: 1, cores: 4 });
  for (const name of ['Twin A', 'Twin B']) {
    const productId = await o.product(`acme/${name}`, name);
    await o.install(device, await o.title(productId));
    await manager.call(createEntitlement, { body: { productId, metric: 'per_device', quantity: 1 } });
  }
  await reconcileChanges(t.platform);
  const positions = (await manager.call(positionListRoutes.list, { query: { filter: 'product:Twin*' } })).data.items;
  expect(positions).toHaveLength(2);
  for (const p of positions) {
    const { data } = await manager.call(listDemands, { params: { id: p.id ?? '' }, query: {} });
    expect(data.items.map((d) => d.consumer)).toEqual(['pc-1']);
  }
});
