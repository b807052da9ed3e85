import type { NetworkNeighbour } from '@muster/protocols';
import policy from '../../../../../content/network/unmanaged.json' with { type: 'json' };
import type { Tx } from '../../platform/db/types.ts';
import type { Work } from './apply.ts';
import { vendorsOf } from './oui.ts';
import { type HostWrite, knownMacs, takeQuota, touchHosts, upsertHosts } from './store-sightings.ts';

export { policy as unmanagedPolicy };

/** One address that the network showed. */
export interface Sighting {
  readonly mac: string;
  readonly ip: string | null;
  readonly name: string | null;
  readonly by: 'arp' | 'fdb' | 'sweep';
  /** What bounds it: `device:<id>` or `range:<id or name>`, and how people call it. */
  readonly scope: string;
  readonly scopeLabel: string;
  readonly deviceId: string | null;
  /** The port of a switch where it is plugged in; null when that cannot be told. */
  readonly port: string | null;
}

const digits = (mac: string): string => mac.replaceAll(/[^0-9a-f]/gi, '').toLowerCase();

/** Whether the address can be one machine's: no group address, none that machines share. */
export function isMachineMac(mac: string): boolean {
  const d = digits(mac);
  if (!/^[0-9a-f]{12}$/.test(d) || /^(0{12}|f{12})$/.test(d)) return false;
  if ((Number.parseInt(d.charAt(1), 16) & 1) === 1) return false;
  return !policy.virtualPrefixes.some((prefix) => d.startsWith(prefix));
}

/** The locally administered bit: made up by the machine, and changed (IEEE 802-2014, 8.4). */
export const isMadeUp = (mac: string): boolean => (Number.parseInt(digits(mac).charAt(1), 16) & 2) === 2;

/**
 * Where addresses are plugged in, by a switch's table: only at a port that leads to no other device and on which few were learned. On other
 * ports they are seen, and somewhere behind.
 */
export function placed(neighbours: readonly NetworkNeighbour[]): { mac: string; port: string | null }[] {
  const byPort = new Map<string, { macs: Set<string>; uplink: boolean; name: string | null }>();
  for (const n of neighbours) {
    const key = String(n.localPort ?? n.localPortName);
    const port = byPort.get(key) ?? { macs: new Set<string>(), uplink: false, name: n.localPortName ?? n.localPort?.toString() ?? null };
    byPort.set(key, port);
    if (n.protocol !== 'learned') port.uplink = true;
    else if (n.chassisId !== null) port.macs.add(digits(n.chassisId));
  }
  return [...byPort.values()].flatMap(({ macs, uplink, name }) =>
    [...macs].map((mac) => ({ mac, port: uplink || macs.size > policy.edgeMostMacs ? null : name })),
  );
}

/** What the tables of scanned devices and held sweeps of this round show. */
export async function noteSeen(tx: Tx, works: readonly Work[]): Promise<void> {
  const at = works.at(-1)?.at;
  if (at) await noteSightings(tx, works.flatMap(sightingsOf), at);
}

function sightingsOf(w: Work): Sighting[] {
  if (w.p.scan === null) return [];
  if (w.assetId === null) {
    if (w.p.source !== 'netdiscovery') return [];
    const scope = w.p.item.deviceKey;
    const seen = w.p.device?.interfaces?.find((i) => i.mac !== null);
    if (!seen?.mac) return [];
    const { name = null } = w.p.device ?? {};
    return [
      { mac: seen.mac, ip: seen.ips[0] ?? null, name, by: 'sweep', scope: `range:${scope}`, scopeLabel: scope, deviceId: null, port: null },
    ];
  }
  const name = w.p.device?.name ?? w.p.device?.serial ?? w.assetId;
  const base = { name: null, scope: `device:${w.assetId}`, scopeLabel: name, deviceId: w.assetId };
  const fdb = placed(w.p.scan.neighbours ?? []).map(({ mac, port }): Sighting => ({ ...base, mac, port, ip: null, by: 'fdb' }));
  const arp = (w.p.item.report.arp ?? []).map(({ ip, mac }): Sighting => ({ ...base, mac, ip, port: null, by: 'arp' }));
  return [...fdb, ...arp];
}

/**
 * Notes what the network showed and no source tells of. Random addresses are folded into one row for each port or range; what is new is
 * bounded per range and day, and what is over is counted.
 */
export async function noteSightings(tx: Tx, sightings: readonly Sighting[], at: Date): Promise<void> {
  const real = sightings.filter((s) => isMachineMac(s.mac)).map((s) => ({ ...s, mac: digits(s.mac) }));
  if (real.length === 0) return;
  const known = await knownMacs(tx, [...new Set(real.map((s) => s.mac))]);
  const rows = new Map<string, HostWrite>();
  for (const s of real) if (!known.has(s.mac)) merge(rows, s);
  const wanted = [...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const there = await touchHosts(tx, wanted, at);
  const fresh = wanted.filter((row) => !there.has(row.key));
  const kept: HostWrite[] = [];
  for (const [scope, ofScope] of Map.groupBy(fresh, (row) => row.scope)) {
    const room = await takeQuota(tx, {
      scope,
      label: ofScope[0]?.scopeLabel ?? scope,
      at,
      wanted: ofScope.length,
      most: policy.newPerRangeAndDay,
    });
    kept.push(...ofScope.slice(0, room));
  }
  const vendors = await vendorsOf(kept.flatMap((row) => row.mac ?? []));
  await upsertHosts(
    tx,
    kept.map((row) => ({ ...row, vendor: row.mac === null ? null : (vendors.get(row.mac) ?? null) })),
    at,
  );
}

function merge(rows: Map<string, HostWrite>, s: Sighting): void {
  const folded = isMadeUp(s.mac);
  const key = folded ? `random:${s.scope}:${s.port ?? ''}` : s.mac;
  const before = rows.get(key);
  const row: HostWrite = before ?? {
    key,
    mac: folded ? null : s.mac,
    macs: [],
    ip: null,
    name: null,
    vendor: null,
    scope: s.scope,
    scopeLabel: s.scopeLabel.slice(0, 300),
    deviceId: s.deviceId,
    port: null,
    seenBy: [],
  };
  // A port says more than a table of routes or a sweep.
  const closer =
    s.port !== null && row.port === null ? { port: s.port, deviceId: s.deviceId, scope: s.scope, scopeLabel: s.scopeLabel } : {};
  rows.set(key, {
    ...row,
    ...closer,
    macs: folded && !row.macs.includes(s.mac) && row.macs.length < 256 ? [...row.macs, s.mac] : row.macs,
    ip: folded ? null : (row.ip ?? s.ip),
    name: folded ? null : (row.name ?? s.name),
    seenBy: row.seenBy.includes(s.by) ? row.seenBy : [...row.seenBy, s.by],
  });
}
