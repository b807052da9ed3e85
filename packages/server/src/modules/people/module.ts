import type { Module } from '../../platform/context.ts';
import { peopleRoutes } from './routes.ts';
import { teamRoutes } from './team-routes.ts';

export const peopleModule: Module = { name: 'people', routes: [...peopleRoutes, ...teamRoutes] };
