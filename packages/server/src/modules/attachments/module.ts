import type { Module } from '../../platform/context.ts';
import { registerBulkOperation } from '../bulk/index.ts';
import { bulkKeywords } from './bulk-keywords.ts';
import { removeUnusedFilesJob } from './jobs.ts';
import { attachmentRoutes } from './routes.ts';

export const attachmentsModule: Module = {
  name: 'attachments',
  routes: attachmentRoutes,
  start: async (platform) => {
    registerBulkOperation(bulkKeywords);
    platform.jobs.register(removeUnusedFilesJob);
  },
};
