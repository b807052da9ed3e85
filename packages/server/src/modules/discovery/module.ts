import { Gauge } from 'prom-client';
import type { Module, Platform } from '../../platform/context.ts';
import { mountAgents } from './agents.ts';
import { mountCollectors } from './collector-desk.ts';
import { pruneBodiesJob, pruneLinesJob } from './jobs.ts';
import { mountOsquery } from './osquery.ts';
import { Pressure } from './pressure.ts';
import { discoveryRoutes } from './routes.ts';
import { scanRoutes } from './scan-routes.ts';
import { planScansJob } from './scan-schedule.ts';
import { pendingCount } from './store-inbox.ts';
import { InboxThread } from './thread.ts';

/** Agents talk to it; the inbox keeps what they say; a thread reads and places it. */
function createDiscoveryModule(): Module {
  let thread: InboxThread | null = null;
  const pressure = new Pressure();
  return {
    name: 'discovery',
    routes: [...discoveryRoutes, ...scanRoutes],
    mount: async (scope, platform) => {
      // Each with its own keys: a hook of one must not hold for the other.
      await scope.register(async (agents) => mountAgents(agents, platform, pressure));
      await scope.register(async (collectors) => mountCollectors(collectors, platform, pressure));
      // Without a hook of that kind: osquery sends its key in the body.
      await scope.register(async (osquery) => mountOsquery(osquery, platform, pressure));
    },
    start: async (platform) => {
      platform.jobs.register(pruneBodiesJob);
      platform.jobs.register(pruneLinesJob);
      platform.jobs.register(planScansJob);
      measureInbox(platform);
      thread = new InboxThread(platform, pressure);
      thread.start();
    },
    stop: async () => {
      await thread?.stop();
    },
  };
}

function measureInbox(platform: Platform): void {
  const gauge: Gauge = new Gauge({
    name: 'muster_inbox_pending',
    help: 'Reports that are stored and wait to be processed.',
    registers: [platform.metrics],
    collect: async () => {
      gauge.set(await pendingCount(platform.db));
    },
  });
}

export const discoveryModule = createDiscoveryModule();
