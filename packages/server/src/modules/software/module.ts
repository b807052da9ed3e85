import type { Module } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { registerSoftwareJobs } from './jobs.ts';
import { startKeeper } from './keeper.ts';
import { softwareRoutes } from './routes.ts';
import { syncContent } from './state.ts';

const stops: (() => Promise<void>)[] = [];

export const softwareModule: Module = {
  name: 'software',
  routes: softwareRoutes,
  start: async (platform) => {
    await inTx(platform.db, syncContent);
    registerSoftwareJobs(platform);
    stops.push(startKeeper(platform));
  },
  stop: async () => {
    await Promise.all(stops.splice(0).map(async (stop) => stop()));
  },
};
