import type { Module } from '../../platform/context.ts';
import { applyJob, forgetBulkJob, previewJob, undoJob } from './jobs.ts';
import { registerBulkOperation } from './operations.ts';
import { bulkRoutes } from './routes.ts';
import { setFieldsOperation } from './set-fields.ts';
import { transitionOperation } from './transition.ts';

export const bulkModule: Module = {
  name: 'bulk',
  routes: bulkRoutes,
  start: async (platform) => {
    registerBulkOperation(setFieldsOperation);
    registerBulkOperation(transitionOperation);
    for (const job of [previewJob, applyJob, undoJob]) platform.jobs.register(job);
    platform.jobs.register(forgetBulkJob);
  },
};
