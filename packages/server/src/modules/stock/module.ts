import type { Module } from '../../platform/context.ts';
import { stockRoutes } from './routes.ts';

export const stockModule: Module = { name: 'stock', routes: stockRoutes };
