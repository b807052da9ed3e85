import type { Module } from '../../platform/context.ts';
import { onSetByHand } from '../assets/index.ts';
import { custodyRoutes } from './routes.ts';
import { followRecord } from './by-hand.ts';

export const custodyModule: Module = {
  name: 'custody',
  routes: custodyRoutes,
  start: async () => {
    onSetByHand('custody', followRecord);
  },
};
