import type { Module } from '../../platform/context.ts';
import { dryRunJob } from './dry-run.ts';
import { readComponentsJob, readComponentsOnce } from './jobs.ts';
import { findDuplicatesJob } from './duplicates.ts';
import { duplicateRoutes } from './duplicates-routes.ts';
import { identityRoutes } from './identity-routes.ts';
import { inventoryRoutes } from './routes.ts';
import { forgetHostsJob } from './unmanaged.ts';
import { unmanagedRoutes } from './unmanaged-routes.ts';

export const inventoryModule: Module = {
  name: 'inventory',
  routes: [...inventoryRoutes, ...identityRoutes, ...unmanagedRoutes, ...duplicateRoutes],
  start: async (platform) => {
    platform.jobs.register(readComponentsJob);
    platform.jobs.register(dryRunJob);
    platform.jobs.register(forgetHostsJob);
    platform.jobs.register(findDuplicatesJob);
    await readComponentsOnce(platform);
  },
};
