import type { Module } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { accessRoutes } from './routes.ts';
import { deleteExpiredSessions } from './store-sessions.ts';

export const accessModule: Module = {
  name: 'access',
  routes: accessRoutes,
  start: async (platform) => {
    platform.jobs.register({
      kind: 'access.remove-expired-sessions',
      cron: '17 * * * *',
      quiet: true,
      handler: async ({ platform: { db, now } }) => inTx(db, (tx) => deleteExpiredSessions(tx, now())),
    });
  },
};
