export interface WindowsServerNumbers {
  readonly minCoresPerProcessor: number;
  readonly minCoresPerServer: number;
  readonly vmsPerStandardLicensing: number;
  readonly minCoresPerVm: number;
  readonly minCoresPerCustomer: number;
  readonly maxProcessors: number;
  readonly maxCores: number;
  readonly maxThreadsPerCore: number;
}

/** A whole number known exactly (min = max) or within bounds. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Core licences of a server licensed once: max(16, P x max(8, c)), written over all its cores as max(16, 8 x P, cores), which is the
 * same where the cores are spread evenly. Rounds nothing. Source: content/metrics/windows-server-core.json.
 */
export function windowsServerBase(processors: number, cores: number, n: WindowsServerNumbers): number {
  return Math.max(n.minCoresPerServer, n.minCoresPerProcessor * processors, cores);
}

/** How often Standard licenses all cores of a host: max(1, ceil(virtual machines / 2)). Datacenter licenses them once. */
export function windowsServerTimes(edition: 'standard' | 'datacenter', vms: number, n: WindowsServerNumbers): number {
  return edition === 'datacenter' ? 1 : Math.max(1, Math.ceil(vms / n.vmsPerStandardLicensing));
}

/** Core licences of a server with its virtual machines. */
export function windowsServerCoreLicences(
  server: { edition: 'standard' | 'datacenter'; processors: number; cores: number; vms: number },
  n: WindowsServerNumbers,
): number {
  return windowsServerBase(server.processors, server.cores, n) * windowsServerTimes(server.edition, server.vms, n);
}

/**
 * Core licences for virtual machines licensed alone (Software Assurance or a subscription): max(8, v) each, and at least 16 in all.
 * `assigned` is what the machines themselves take.
 */
export function windowsServerVmLicences(vmCores: readonly number[], n: WindowsServerNumbers): { licences: number; assigned: number } {
  const assigned = vmCores.reduce((sum, v) => sum + Math.max(n.minCoresPerVm, v), 0);
  return { licences: vmCores.length === 0 ? 0 : Math.max(n.minCoresPerCustomer, assigned), assigned };
}

/** Packs of `size` core licences that hold `cores`. */
export function corePacks(cores: number, size: 2 | 16): number {
  return Math.ceil(cores / size);
}

/** What is known of the cores of a machine, or the bounds while they are not. Bounds come from the threads, else from the limits of Windows Server. */
export function boundedCores(cores: number | null, threads: number | null, sockets: number | null, n: WindowsServerNumbers): Bounds {
  if (cores !== null) return { min: cores, max: cores };
  const least = Math.max(1, sockets ?? 1);
  if (threads !== null) return { min: Math.min(threads, Math.max(least, Math.ceil(threads / n.maxThreadsPerCore))), max: threads };
  return { min: least, max: Math.max(least, n.maxCores) };
}

/** What is known of the sockets of a machine, or the bounds: at least 1, at most one a core and at most the limit of Windows Server. */
export function boundedSockets(sockets: number | null, cores: Bounds, n: WindowsServerNumbers): Bounds {
  if (sockets !== null) return { min: sockets, max: sockets };
  return { min: 1, max: Math.max(1, Math.min(n.maxProcessors, cores.max)) };
}
