import type { Module } from '../../platform/context.ts';
import { registerNotificationKind } from '../../platform/notifying/kinds.ts';
import { registerTransitionAction } from '../assets/index.ts';
import { documentAction, documentsOfMove } from './lifecycle-action.ts';
import { handoverRoutes } from './routes.ts';
import { acceptancePending } from './store-notification-kind.ts';

export const handoverModule: Module = {
  name: 'handover',
  routes: handoverRoutes,
  start: async () => {
    registerNotificationKind(acceptancePending);
    registerTransitionAction(documentAction, documentsOfMove);
  },
};
