import type { Module } from '../../platform/context.ts';
import { seedAssetClasses } from './classes.ts';
import { resolveFieldsJob, resolveSilentJob } from './resolve-again.ts';
import { runPlannedJob } from './lifecycle-planned.ts';
import { lifecycleRoutes } from './lifecycle-routes.ts';
import { bindCustomFields } from '../fields/index.ts';
import { registerNotificationKind } from '../../platform/notifying/kinds.ts';
import { assetRoutes } from './routes.ts';
import { assetStale, warrantyEnding } from './store-notification-kinds.ts';
import { assetListing, modelListing } from './store-listing.ts';

bindCustomFields('assets', { table: 'assets', listing: assetListing, read: 'assets:read', write: 'assets:write' });
bindCustomFields('models', { table: 'models', listing: modelListing, read: 'assets:read', write: 'assets:write' });

export const assetsModule: Module = {
  name: 'assets',
  routes: [...assetRoutes, ...lifecycleRoutes],
  start: async (platform) => {
    platform.jobs.register(resolveFieldsJob);
    platform.jobs.register(resolveSilentJob);
    platform.jobs.register(runPlannedJob);
    for (const kind of [warrantyEnding, assetStale]) registerNotificationKind(kind);
    await platform.db.transaction().execute(seedAssetClasses);
  },
};
