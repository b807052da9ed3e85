import type { Module } from '../../platform/context.ts';
import { placeRoutes } from './routes.ts';

export const placesModule: Module = { name: 'places', routes: placeRoutes };
