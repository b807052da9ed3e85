import type { Module } from '../../platform/context.ts';
import { registerTagGiver } from '../assets/index.ts';
import { labelRoutes } from './routes.ts';
import { nextTag } from './sequences.ts';

export const labelsModule: Module = {
  name: 'labels',
  routes: labelRoutes,
  start: async () => registerTagGiver(nextTag),
};
