import type { Module } from '../../platform/context.ts';
import { viewRoutes } from './routes.ts';

export const viewsModule: Module = { name: 'views', routes: viewRoutes };
