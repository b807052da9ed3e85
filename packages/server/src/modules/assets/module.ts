import type { Module } from '../../platform/context.ts';
import { seedAssetClasses } from './classes.ts';
import { resolveFieldsJob, resolveSilentJob } from './resolve-again.ts';
import { runPlannedJob } from './lifecycle-planned.ts';
import { lifecycleRoutes } from './lifecycle-routes.ts';
import { assetRoutes } from './routes.ts';

export const assetsModule: Module = {
  name: 'assets',
  routes: [...assetRoutes, ...lifecycleRoutes],
  start: async (platform) => {
    platform.jobs.register(resolveFieldsJob);
    platform.jobs.register(resolveSilentJob);
    platform.jobs.register(runPlannedJob);
    await platform.db.transaction().execute(seedAssetClasses);
  },
};
