import type { Module } from '../../platform/context.ts';
import { bindCustomFields } from '../fields/index.ts';
import { placeRoutes } from './routes.ts';
import { placeListing } from './store.ts';

bindCustomFields('places', { table: 'places', listing: placeListing, read: 'people:read', write: 'people:write' });

export const placesModule: Module = { name: 'places', routes: placeRoutes };
