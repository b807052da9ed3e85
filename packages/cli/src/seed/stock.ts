import { createStockItem, issueStock, receiveStock, stockItemListRoutes, type StockItemCreate } from '@muster/api/stock';
import { personListRoutes } from '@muster/api/people';
import { createPlace, placeListRoutes } from '@muster/api/places';
import { offices } from './organisation.ts';
import { clientOf, type SeedTarget } from './server.ts';

interface SeedItem extends Pick<StockItemCreate, 'name' | 'mode' | 'category'> {
  manufacturer: string | null;
  partNumber: string | null;
  unit?: string;
  minimum: number;
  /** Received into the stockroom of each of the first offices. */
  received: readonly number[];
  /** How many people are given one from the first stockroom. */
  given: number;
}

/** Made-up figures; one of each way is below its minimum. */
const items: readonly SeedItem[] = [
  {
    name: 'Toner, black, for LaserJet M507',
    mode: 'one_way',
    category: 'consumable',
    manufacturer: 'HP',
    partNumber: 'CF289A',
    minimum: 12,
    received: [6, 4],
    given: 3,
  },
  {
    name: 'USB-C docking station',
    mode: 'two_way',
    category: 'accessory',
    manufacturer: 'Lenovo',
    partNumber: null,
    minimum: 5,
    received: [20, 8, 6],
    given: 12,
  },
  {
    name: 'Wireless mouse',
    mode: 'two_way',
    category: 'accessory',
    manufacturer: 'Logitech',
    partNumber: null,
    minimum: 20,
    received: [15, 8],
    given: 9,
  },
  {
    name: 'HDMI cable, 2 m',
    mode: 'one_way',
    category: 'cable',
    manufacturer: null,
    partNumber: null,
    minimum: 10,
    received: [40, 25],
    given: 6,
  },
  {
    name: 'Network cable, 3 m',
    mode: 'one_way',
    category: 'cable',
    manufacturer: null,
    partNumber: null,
    minimum: 50,
    received: [200],
    given: 5,
  },
];

/** Stockrooms in the first offices with items in them, some of them with people. An item that is there already is left as it is. */
export async function seedStock(target: SeedTarget): Promise<number> {
  const call = clientOf(target);
  const rooms = await Promise.all(offices.slice(0, 3).map(async (office) => stockroom(target, office.name)));
  const people = (await call(personListRoutes.list, { query: { filter: 'source:manual', limit: 12, fields: 'id', sort: 'name' } })).data
    .items;
  for (const { received, given, ...item } of items) {
    const known = await call(stockItemListRoutes.list, { query: { filter: `name:"${item.name}"`, limit: 1, total: 'none' } });
    if (known.data.items.length > 0) continue;
    const { id } = (await call(createStockItem, { body: item })).data;
    for (const [at, quantity] of received.entries())
      await call(receiveStock, { params: { id }, body: { placeId: rooms[at] ?? '', quantity, note: 'First delivery' } });
    for (const person of people.slice(0, given))
      await call(issueStock, {
        params: { id },
        body: { placeId: rooms[0] ?? '', quantity: 1, holder: { kind: 'person', id: person.id ?? '' } },
      });
  }
  return items.length;
}

async function stockroom(target: SeedTarget, office: string): Promise<string> {
  const call = clientOf(target);
  const name = `Stockroom ${office}`;
  const known = (await call(placeListRoutes.list, { query: { filter: `name:"${name}"`, limit: 1 } })).data.items[0]?.id;
  if (known) return known;
  const parent = (await call(placeListRoutes.list, { query: { filter: `name:"${office}" kind:site`, limit: 1 } })).data.items[0]?.id;
  return (await call(createPlace, { body: { name, kind: 'stockroom', parentId: parent ?? null } })).data.id;
}
