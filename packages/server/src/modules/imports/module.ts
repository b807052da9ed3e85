import type { Module } from '../../platform/context.ts';
import { applyJob } from './apply.ts';
import { removeFilesJob } from './old-files.ts';
import { planJob } from './plan.ts';
import { importRoutes } from './routes.ts';
import { undoJob } from './undo.ts';

export const importsModule: Module = {
  name: 'imports',
  routes: importRoutes,
  start: async ({ jobs }) => {
    jobs.register(planJob);
    jobs.register(applyJob);
    jobs.register(undoJob);
    jobs.register(removeFilesJob);
  },
};
