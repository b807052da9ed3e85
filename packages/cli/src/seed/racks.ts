import { assetListRoutes } from '@muster/api/assets';
import { createPlace, placeListRoutes, type PlaceKind } from '@muster/api/places';
import { mountAsset } from '@muster/api/racks';
import { clientOf, type SeedTarget } from './server.ts';

const rackUnits = 24;
/** Two units each, with one free above: air, and room to pull them out. */
const [height, step] = [2, 3];

/** The server room of the main office: a rack with the first servers mounted in it. Adds nothing twice. */
export async function seedRacks(target: SeedTarget, siteId: string): Promise<void> {
  const call = clientOf(target);
  const place = async (name: string, kind: PlaceKind, parentId: string): Promise<string> => {
    const { items } = (await call(placeListRoutes.list, { query: { filter: `name:"${name}"` } })).data;
    return items[0]?.id ?? (await call(createPlace, { body: { name, kind, parentId, ...(kind === 'rack' ? { rackUnits } : {}) } })).data.id;
  };
  await place('Stockroom Berlin', 'stockroom', siteId);
  const rack = await place('Rack A1', 'rack', await place('Server room', 'room', siteId));
  const filter = 'class:server';
  const servers = (await call(assetListRoutes.list, { query: { filter, sort: 'name', limit: Math.floor(rackUnits / step) } })).data.items;
  for (const [i, server] of servers.entries())
    if (server.id) await call(mountAsset, { params: { id: server.id }, body: { rackId: rack, unit: 1 + i * step, height, side: 'both' } });
}
