import { createPerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import * as api from '@muster/api/stock';
import { resourceSuite, type TestApp } from '../../testing/index.ts';

/** Ten items with stock in two places, of which three are out, one lost a piece, and one was moved. */
async function seed(t: TestApp): Promise<void> {
  const { call } = await t.as('administrator');
  const place = async (name: string) => (await call(createPlace, { body: { name, kind: 'stockroom' } })).data.id;
  const berlin = await place('Berlin store');
  const paris = await place('Paris store');
  const person = (await call(createPerson, { body: { name: 'Grace Hopper' } })).data.id;
  for (let n = 0; n < 10; n++) {
    const twoWay = n % 2 === 0;
    const item = (
      await call(api.createStockItem, {
        body: {
          name: `Item ${n % 4} ${'abcdefghij'.charAt(n)}`,
          mode: twoWay ? 'two_way' : 'one_way',
          category: twoWay ? 'accessory' : 'consumable',
          manufacturer: n % 3 === 0 ? 'Brother' : null,
          partNumber: n % 3 === 1 ? `TN-${n}` : null,
          minimum: n < 5 ? n * 3 : null,
          notes: n === 2 ? 'From the old stock' : null,
        },
      })
    ).data.id;
    await call(api.receiveStock, {
      params: { id: item },
      body: { placeId: n % 3 === 0 ? paris : berlin, quantity: 5 + n, note: n === 1 ? 'Order 7' : null },
    });
    const holder = twoWay || n === 1 ? { kind: 'person' as const, id: person } : null;
    for (let i = 0; i < 2; i++)
      await call(api.issueStock, {
        params: { id: item },
        body: {
          placeId: n % 3 === 0 ? paris : berlin,
          quantity: 1 + i,
          holder,
          dueOn: n === 4 ? '2020-02-01' : n === 6 ? '2999-01-01' : null,
        },
      });
    if (n === 1) await call(api.setStockMinimum, { params: { id: item }, body: { placeId: berlin, minimum: 50 } });
    if (n === 2) await call(api.transferStock, { params: { id: item }, body: { fromPlaceId: berlin, toPlaceId: paris, quantity: 2 } });
  }
}

resourceSuite({ routes: api.stockItemListRoutes, seed });
resourceSuite({ routes: api.stockLevelListRoutes, seed });
resourceSuite({ routes: api.stockMovementListRoutes, seed });
resourceSuite({ routes: api.stockHoldingListRoutes, seed });
