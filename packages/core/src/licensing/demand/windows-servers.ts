import {
  boundedCores,
  boundedSockets,
  type Bounds,
  type WindowsServerNumbers,
  windowsServerBase,
  windowsServerTimes,
} from '../metrics/windows-server-core.ts';
import { noRange, range } from '../quantity.ts';
import { attribute, type MetricRule } from '../rules.ts';
import type { Demand, LicensableConsumer } from './demand.ts';
import { assetDemand } from './devices.ts';
import { editionKey } from './exempt.ts';

/** The numbers of the rule, from content. */
export function windowsServerNumbers(rule: MetricRule): WindowsServerNumbers {
  return {
    minCoresPerProcessor: attribute(rule, 'minCoresPerProcessor'),
    minCoresPerServer: attribute(rule, 'minCoresPerServer'),
    vmsPerStandardLicensing: attribute(rule, 'vmsPerStandardLicensing'),
    minCoresPerVm: attribute(rule, 'minCoresPerVm'),
    minCoresPerCustomer: attribute(rule, 'minCoresPerCustomer'),
    maxProcessors: attribute(rule, 'maxProcessors'),
    maxCores: attribute(rule, 'maxCores'),
    maxThreadsPerCore: attribute(rule, 'maxThreadsPerCore'),
  };
}

/** How many virtual machines are licensed alone: surely, and at most. Decides whether the customer's minimum rests on one machine. */
interface Alone {
  readonly surely: number;
  readonly atMost: number;
}

/**
 * One need per server or virtual machine with Windows Server. A virtual machine whose host is known to be licensed is covered by it; any other is
 * taken to be licensed alone, which is recorded as an assumption. Missing facts give a range within the documented bounds.
 */
export function windowsServerDemands(consumers: readonly LicensableConsumer[], rule: MetricRule): Demand[] {
  const n = windowsServerNumbers(rule);
  const hosts = new Set(consumers.filter((c) => isVirtual(c) !== true).map((c) => c.fact.device.assetId));
  const byHost = (c: LicensableConsumer): boolean => c.fact.device.hostId !== null && hosts.has(c.fact.device.hostId);
  const machines = consumers.filter((c) => !byHost(c));
  const alone = {
    surely: machines.filter((c) => isVirtual(c) === true).length,
    atMost: machines.filter((c) => isVirtual(c) !== false).length,
  };
  return consumers.map((c) => {
    if (byHost(c)) return { ...assetDemand(c), required: noRange, exemption: 'covered_by_host', facts: { installs: c.count } };
    const virtual = isVirtual(c);
    if (virtual === null) return undecided(c, n, alone);
    return virtual ? virtualMachine(c, n, alone) : server(c, n);
  });
}

/** What has a host is a virtual machine, whatever it says of itself. */
function isVirtual(c: LicensableConsumer): boolean | null {
  return c.fact.device.hostId === null ? c.fact.device.virtual : true;
}

function server(c: LicensableConsumer, n: WindowsServerNumbers): Demand {
  const { device } = c.fact;
  const cores = boundedCores(device.cores, device.threads, device.sockets, n);
  const sockets = boundedSockets(device.sockets, cores, n);
  const base: Bounds = { min: windowsServerBase(sockets.min, cores.min, n), max: windowsServerBase(sockets.max, cores.max, n) };
  const times = timesOf(c, n);
  const missing: string[] = [];
  if (base.min !== base.max) {
    if (device.sockets === null) missing.push('sockets');
    if (device.cores === null) missing.push('cores');
  }
  if (times.min !== times.max) missing.push(editionOf(c) === null ? 'edition' : 'guest_os');
  return {
    ...assetDemand(c),
    required: range(base.min * times.min, base.max * times.max),
    missing,
    facts: {
      as: 'server',
      socketsMin: sockets.min,
      socketsMax: sockets.max,
      coresMin: cores.min,
      coresMax: cores.max,
      timesMin: times.min,
      timesMax: times.max,
      guests: device.guests?.total ?? null,
      guestsRunning: device.guests?.running ?? null,
      edition: c.edition,
    },
  };
}

/** How often the host's cores are licensed: between what is known of edition and guests and what may be. */
function timesOf(c: LicensableConsumer, n: WindowsServerNumbers): Bounds {
  const guests = c.fact.device.guests ?? { total: 0, running: 0 };
  const edition = editionOf(c);
  if (edition === 'datacenter') return { min: 1, max: 1 };
  const max = windowsServerTimes('standard', guests.total, n);
  return { min: edition === 'standard' ? windowsServerTimes('standard', guests.running, n) : 1, max };
}

/** Essentials and others have no virtual machines of their own; they count as Standard. */
function editionOf(c: LicensableConsumer): 'standard' | 'datacenter' | null {
  const key = editionKey(c.edition);
  if (key === null) return null;
  return key.startsWith('datacenter') ? 'datacenter' : 'standard';
}

function virtualMachine(c: LicensableConsumer, n: WindowsServerNumbers, alone: Alone): Demand {
  const { device } = c.fact;
  const cores = boundedCores(device.cores, device.threads, null, n);
  const floor = floorOf(n, alone);
  const required = range(Math.max(floor.min, cores.min), Math.max(floor.max, cores.max));
  const missing: string[] = [];
  if (!required.min.equals(required.max)) missing.push(cores.min === cores.max ? 'virtual' : 'cores');
  return {
    ...assetDemand(c),
    required,
    missing,
    facts: { as: 'vm', coresMin: cores.min, coresMax: cores.max, floorMin: floor.min, floorMax: floor.max, edition: c.edition },
  };
}

/** The least licences of one machine licensed alone: the customer's minimum rests on it when it is the only one. */
function floorOf(n: WindowsServerNumbers, alone: Alone): Bounds {
  const single = Math.max(n.minCoresPerVm, n.minCoresPerCustomer);
  return { min: alone.atMost <= 1 ? single : n.minCoresPerVm, max: alone.surely <= 1 ? single : n.minCoresPerVm };
}

/** Whether it is a virtual machine is not known: from the lesser need to the greater one. */
function undecided(c: LicensableConsumer, n: WindowsServerNumbers, alone: Alone): Demand {
  const physical = server(c, n);
  const virtual = virtualMachine(c, n, { surely: alone.surely + 1, atMost: alone.atMost });
  const min = physical.required.min.lessThan(virtual.required.min) ? physical.required.min : virtual.required.min;
  const max = physical.required.max.greaterThan(virtual.required.max) ? physical.required.max : virtual.required.max;
  const missing = min.equals(max) ? [] : [...new Set(['virtual', ...physical.missing])];
  return {
    ...physical,
    required: { min, max },
    missing,
    facts: {
      ...physical.facts,
      as: 'undecided',
      serverMin: physical.required.min.toNumber(),
      serverMax: physical.required.max.toNumber(),
      vmMin: virtual.required.min.toNumber(),
      vmMax: virtual.required.max.toNumber(),
    },
  };
}
