import type { Module } from '../../platform/context.ts';
import { handoverRoutes } from './routes.ts';

export const handoverModule: Module = { name: 'handover', routes: handoverRoutes };
