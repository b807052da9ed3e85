import { bindCustomFields } from '../fields/index.ts';
import { entitlementListing } from './store-listing.ts';
import type { Module } from '../../platform/context.ts';
import { nightlyReconcileJob, reconcileJob } from './jobs.ts';
import { startReconciler } from './reconciler.ts';
import { licensingRoutes } from './routes.ts';
import { shippedRules } from './rules.ts';

bindCustomFields('entitlements', { table: 'entitlements', listing: entitlementListing, read: 'licences:read', write: 'licences:write' });

const running: (() => Promise<void>)[] = [];

export const licensingModule: Module = {
  name: 'licensing',
  routes: licensingRoutes,
  start: async (platform) => {
    // What is wrong with the content is said at the start and not at the first position.
    shippedRules();
    platform.jobs.register(reconcileJob);
    platform.jobs.register(nightlyReconcileJob);
    running.push(await startReconciler(platform));
  },
  stop: async () => {
    for (const stop of running.splice(0)) await stop();
  },
};
