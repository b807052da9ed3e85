import type { Module } from '../../platform/context.ts';
import { composeMails } from './compose.ts';
import { findAll } from './find.ts';
import { notificationRoutes } from './routes.ts';
import { sendMails } from './send.ts';

export const notificationsModule: Module = {
  name: 'notifications',
  routes: notificationRoutes,
  start: async ({ jobs }) => {
    jobs.register({
      kind: 'notifications.find',
      cron: '*/5 * * * *',
      quiet: true,
      handler: async ({ platform, signal }) => findAll(platform, signal),
    });
    jobs.register({
      kind: 'notifications.mail',
      cron: '* * * * *',
      quiet: true,
      handler: async ({ platform, signal }) => ({ composed: await composeMails(platform, signal), ...(await sendMails(platform, signal)) }),
    });
  },
};
