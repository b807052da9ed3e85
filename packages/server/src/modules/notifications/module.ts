import type { Module } from '../../platform/context.ts';
import { registerTransitionAction } from '../assets/index.ts';
import { composeMails } from './compose.ts';
import { findAll, findJob } from './find.ts';
import { notifyAction, notifyOfMove } from './lifecycle-action.ts';
import { notificationRoutes } from './routes.ts';
import { sendMails } from './send.ts';

export const notificationsModule: Module = {
  name: 'notifications',
  routes: notificationRoutes,
  start: async ({ jobs }) => {
    registerTransitionAction(notifyAction, notifyOfMove);
    jobs.register({
      kind: findJob,
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
