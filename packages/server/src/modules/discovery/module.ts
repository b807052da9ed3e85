import { Gauge } from 'prom-client';
import type { Module, Platform } from '../../platform/context.ts';
import { mountAgents } from './agents.ts';
import { pruneBodiesJob } from './jobs.ts';
import { mountOsquery } from './osquery.ts';
import { Pressure } from './pressure.ts';
import { discoveryRoutes } from './routes.ts';
import { pendingCount } from './store-inbox.ts';
import { InboxThread } from './thread.ts';

/** Agents talk to it; the inbox keeps what they say; a thread reads and places it. */
function createDiscoveryModule(): Module {
  let thread: InboxThread | null = null;
  const pressure = new Pressure();
  return {
    name: 'discovery',
    routes: discoveryRoutes,
    mount: async (scope, platform) => {
      // A scope of its own: the agents' hook asks for a key that osquery sends in the body.
      await scope.register(async (agents) => mountAgents(agents, platform, pressure));
      mountOsquery(scope, platform, pressure);
    },
    start: async (platform) => {
      platform.jobs.register(pruneBodiesJob);
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
