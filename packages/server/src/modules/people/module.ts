import type { Module } from '../../platform/context.ts';
import { peopleRoutes } from './routes.ts';

export const peopleModule: Module = { name: 'people', routes: peopleRoutes };
