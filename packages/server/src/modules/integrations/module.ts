import type { Module } from '../../platform/context.ts';
import { integrationsRoutes } from './routes.ts';
import { runJob } from './run.ts';
import { cleanUpJob, scheduleJob } from './runs.ts';
import { coverageJob } from './trend.ts';

/** Asks other systems over their API and hands what they list to the inbox. */
export const integrationsModule: Module = {
  name: 'integrations',
  routes: integrationsRoutes,
  start: async (platform) => {
    platform.jobs.register(runJob());
    platform.jobs.register(scheduleJob);
    platform.jobs.register(cleanUpJob);
    platform.jobs.register(coverageJob);
  },
};
