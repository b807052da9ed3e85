import type { Module } from '../../platform/context.ts';
import { seedAssetClasses } from './classes.ts';
import { assetRoutes } from './routes.ts';

export const assetsModule: Module = {
  name: 'assets',
  routes: assetRoutes,
  start: async (platform) => {
    await platform.db.transaction().execute(seedAssetClasses);
  },
};
