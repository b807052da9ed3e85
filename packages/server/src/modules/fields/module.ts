import type { Module } from '../../platform/context.ts';
import { indexFieldJob } from './jobs.ts';
import { fieldRoutes } from './routes.ts';

export const fieldsModule: Module = {
  name: 'fields',
  routes: fieldRoutes,
  start: async (platform) => {
    platform.jobs.register(indexFieldJob);
  },
};
