import type { Module } from '../../platform/context.ts';
import { forgetOldAnswers } from '../../platform/http/idempotency.ts';
import { removeOldJobs } from '../../platform/jobs/store.ts';
import { operationsRoutes } from './routes.ts';

export const operationsModule: Module = {
  name: 'operations',
  routes: operationsRoutes,
  start: async (platform) => {
    platform.jobs.register({
      kind: 'operations.clean-up',
      cron: '42 2 * * *',
      quiet: true,
      handler: async (run) => {
        await forgetOldAnswers(run.platform);
        await removeOldJobs(run.platform.db);
      },
    });
  },
};
