import { numberOfValue, type OidMap } from './oid-map.ts';
import type { ArpEntry, ForwardingEntry } from './types.ts';
import { macOfArcs, macOfOctets, usableIp } from './values.ts';
import { bridgePorts } from './vlans.ts';

const bridge = '1.3.6.1.2.1.17';

/** Addresses that the bridge learned, by port: with their VLAN where Q-BRIDGE-MIB tells it. Its own addresses are left out. */
export function forwardingOf(oids: OidMap): ForwardingEntry[] {
  const ports = bridgePorts(oids);
  const portOf = (number: number | null): number | null =>
    number === null || number === 0 ? null : (ports.get(number) ?? (ports.size === 0 ? number : null));
  const found = new Map<string, ForwardingEntry>();
  const known = new Set<string>();
  const vlanStatus = oids.column(`${bridge}.7.1.2.2.1.3`);
  for (const [index, value] of oids.column(`${bridge}.7.1.2.2.1.2`)) {
    const arcs = index.split('.');
    const mac = macOfArcs(arcs.slice(1));
    if (mac === null || vlanStatus.get(index)?.raw === '4') continue;
    known.add(mac);
    found.set(index, { mac, port: portOf(numberOfValue(value)), vlan: Number(arcs[0]) });
  }
  const status = oids.column(`${bridge}.4.3.1.3`);
  for (const [index, value] of oids.column(`${bridge}.4.3.1.2`)) {
    const mac = macOfArcs(index.split('.'));
    if (mac === null || known.has(mac) || status.get(index)?.raw === '4') continue;
    found.set(index, { mac, port: portOf(numberOfValue(value)), vlan: null });
  }
  return [...found.values()];
}

/** ipNetToMediaTable: which MAC answered for which address. */
export function arpOf(oids: OidMap): ArpEntry[] {
  const found: ArpEntry[] = [];
  for (const [index, value] of oids.column('1.3.6.1.2.1.4.22.1.2')) {
    const dot = index.indexOf('.');
    const ip = usableIp(index.slice(dot + 1));
    const mac = macOfOctets(value.raw);
    if (ip !== null && mac !== null) found.push({ ip, mac, port: Number(index.slice(0, dot)) });
  }
  return found;
}
