import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { contentRules, type MetricExample, metricExamples } from '../content.testing.ts';
import { windowsServerNumbers } from '../demand/windows-servers.ts';
import {
  allocatedRights,
  allocatedSubscriptions,
  boundedCores,
  boundedSockets,
  corePacks,
  perDeviceLicences,
  windowsServerCoreLicences,
  windowsServerVmLicences,
} from './index.ts';

const rules = contentRules();
const numbers = windowsServerNumbers(rules.metrics.windows_server_core);

/** How each worked example is put to the engine; every expected key must come out under its name. */
type Inputs = Record<string, unknown>;
const compute: Record<string, (inputs: Inputs) => Record<string, unknown>> = {
  'ms.windows.core': (i) => {
    const processors = Number(i.processors);
    const licenses = windowsServerCoreLicences(
      {
        edition: (i.edition as string).toLowerCase() as 'standard' | 'datacenter',
        processors,
        cores: processors * Number(i.coresPerProcessor),
        vms: Number(i.vms),
      },
      numbers,
    );
    return { licenses, packs2: corePacks(licenses, 2) };
  },
  'ms.windows.vm': (i) => {
    const { licences, assigned } = windowsServerVmLicences(i.vmVcores as number[], {
      ...numbers,
      minCoresPerCustomer: Number(i.customerMin),
    });
    return { licenses: licences, assignedToVms: assigned };
  },
  'ms.packs16': (i) => ({ packs: corePacks(Number(i.cores), 16) }),
  device: (i) => ({
    licenses: perDeviceLicences(Number(i.installs), i.maxInstallsPerRight === 'unlimited' ? null : Number(i.maxInstallsPerRight)),
  }),
  allocation: (i) => allocatedRights(Number(i.allocated), Number(i.needed)),
  'user.subscription.allocation': (i) => allocatedSubscriptions(Number(i.userAllocationRights), Number(i.subscriptions)),
};

describe('worked examples', () => {
  const examples = metricExamples();
  test('cover what they should', () => {
    expect(examples.filter((e) => e.metric === 'ms.windows.core')).toHaveLength(10);
    expect(new Set(examples.map((e) => e.metric))).toEqual(new Set(Object.keys(compute)));
  });
  test.each(examples.map((e) => [e.id, e] as const))('%s', (_, e) => {
    expect(compute[e.metric]!(e.inputs)).toMatchObject(e.expected);
  });

  const shared = new URL('../../../../../../shared/conformance/metric-examples.json', import.meta.url);
  test.runIf(existsSync(shared))('are the shared suite’s rows, unchanged', () => {
    const all = JSON.parse(readFileSync(shared, 'utf8')) as MetricExample[];
    expect(examples).toEqual(all.filter((e) => e.metric in compute));
  });
});

describe('traps that published pages fall into', () => {
  test('four 4-core processors need 8 each: 32, not 16', () => {
    expect(windowsServerCoreLicences({ edition: 'datacenter', processors: 4, cores: 16, vms: 4 }, numbers)).toBe(32);
  });
  test('a small server needs 16, not 8', () => {
    expect(windowsServerCoreLicences({ edition: 'standard', processors: 1, cores: 4, vms: 0 }, numbers)).toBe(16);
  });
});

test.each([
  [0, null, 0],
  [1, null, 1],
  [5, 2, 3],
  [4, 2, 2],
])('%i installations at %s a right need %i', (installs, perRight, licences) => {
  expect(perDeviceLicences(installs, perRight)).toBe(licences);
});

test('bounds come from the threads where they are known', () => {
  expect(boundedCores(null, 32, 2, numbers)).toEqual({ min: 16, max: 32 });
  expect(boundedCores(null, null, 2, numbers)).toEqual({ min: 2, max: 2048 });
  expect(boundedSockets(null, { min: 16, max: 16 }, numbers)).toEqual({ min: 1, max: 16 });
});
