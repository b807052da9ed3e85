import type { Module } from '../../platform/context.ts';
import { removeUnusedFilesJob } from './jobs.ts';
import { attachmentRoutes } from './routes.ts';

export const attachmentsModule: Module = {
  name: 'attachments',
  routes: attachmentRoutes,
  start: async (platform) => platform.jobs.register(removeUnusedFilesJob),
};
