import type { Module } from '../../platform/context.ts';
import { registerNotificationKind } from '../../platform/notifying/kinds.ts';
import { stockRoutes } from './routes.ts';
import { stockLow } from './store-notification-kind.ts';

export const stockModule: Module = {
  name: 'stock',
  routes: stockRoutes,
  start: async () => {
    registerNotificationKind(stockLow);
  },
};
