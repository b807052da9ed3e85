import type { Module } from '../../platform/context.ts';
import { registerNotificationKind } from '../../platform/notifying/kinds.ts';
import { onSetByHand, registerTransitionAction } from '../assets/index.ts';
import { custodyRoutes } from './routes.ts';
import { endCustody, followRecord } from './by-hand.ts';
import { custodyDue } from './store-notification-kind.ts';

export const custodyModule: Module = {
  name: 'custody',
  routes: custodyRoutes,
  start: async () => {
    onSetByHand('custody', followRecord);
    registerTransitionAction('unassign', endCustody);
    registerNotificationKind(custodyDue);
  },
};
