import { getAsset, updateAsset } from '@muster/api/assets';
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

test('giving a machine to a person is news for the positions that count people', async () => {
  const o = testOrganisation(t.db);
  const manager = await t.as('licence_manager');
  const assets = await t.as('asset_manager');
  const productId = await o.product('acme/by-name', 'By Name');
  const [ana, bo] = [await o.person('Ana By', 'ana.by'), await o.person('Bo By', 'bo.by')];
  const title = await o.title(productId);
  const devices = [await o.device('pc-2', { personId: ana }), await o.device('pc-3', { personId: bo })];
  for (const d of devices) await o.install(d, title);
  await manager.call(createEntitlement, { body: { productId, metric: 'per_named_user', quantity: 5 } });
  await reconcileChanges(t.platform);
  const required = async (): Promise<number | undefined> =>
    (await manager.call(positionListRoutes.list, { query: { filter: 'product:"By Name"' } })).data.items[0]?.requiredMin;
  expect(await required()).toBe(2);
  const id = devices[1] as string;
  const { etag } = await assets.call(getAsset, { params: { id } });
  await assets.call(updateAsset, { params: { id }, body: { person: ana }, ...(etag ? { ifMatch: etag } : {}) });
  await reconcileChanges(t.platform);
  expect(await required()).toBe(1);
});
