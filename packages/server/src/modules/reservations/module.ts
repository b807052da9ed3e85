import type { Module } from '../../platform/context.ts';
import { onCustody } from '../custody/index.ts';
import { followGiving, followReturn } from './follow-custody.ts';
import { expireJob, moveUpJob } from './jobs.ts';
import { reservationRoutes } from './routes.ts';

export const reservationsModule: Module = {
  name: 'reservations',
  routes: reservationRoutes,
  start: async (platform) => {
    platform.jobs.register(expireJob);
    platform.jobs.register(moveUpJob);
    onCustody('reservations', { giving: followGiving, returned: followReturn(platform.jobs) });
  },
};
