import { numberOfValue, type OidMap, textOfValue } from './oid-map.ts';
import type { NetworkPort } from './types.ts';
import { bitsOf } from './values.ts';

const bridge = '1.3.6.1.2.1.17';
const qBridge = `${bridge}.7.1.4`;

/** Number of a port within the bridge to its ifIndex. Bridges that leave the table empty number them alike. */
export function bridgePorts(oids: OidMap): Map<number, number> {
  const found = new Map<number, number>();
  for (const [port, value] of oids.column(`${bridge}.1.4.1.2`)) {
    const index = numberOfValue(value);
    if (index !== null && index > 0) found.set(Number(port), index);
  }
  return found;
}

/** VLANs of each port: Q-BRIDGE-MIB (RFC 4363), else the tables of Cisco. */
export function addVlans(ports: readonly NetworkPort[], oids: OidMap): void {
  const byIndex = new Map(ports.map((port) => [port.index, port]));
  const numbers = bridgePorts(oids);
  const names = namesOf(oids);
  const egress = lastArc(oids, [`${qBridge}.2.1.4`, `${qBridge}.3.1.2`]);
  const untagged = lastArc(oids, [`${qBridge}.2.1.5`, `${qBridge}.3.1.4`]);
  for (const [vlan, raw] of egress) {
    const plain = new Set(bitsOf(untagged.get(vlan) ?? ''));
    for (const number of bitsOf(raw)) {
      const port = byIndex.get(numbers.get(number) ?? (numbers.size === 0 ? number : -1));
      if (port && port.vlans.length < 4096) port.vlans.push({ id: vlan, name: names.get(vlan) ?? null, tagged: !plain.has(number) });
    }
  }
  addCisco(byIndex, oids, names);
  for (const port of ports) {
    port.vlans.sort((a, b) => a.id - b.id);
    if (port.vlans.length > 0) port.trunk ??= port.vlans.some((v) => v.tagged);
  }
}

function namesOf(oids: OidMap): Map<number, string> {
  const found = new Map<number, string>();
  for (const column of [`${qBridge}.3.1.1`, '1.3.6.1.4.1.9.9.46.1.3.1.1.4'])
    for (const [index, value] of oids.column(column)) {
      const name = textOfValue(value);
      const vlan = Number(index.slice(index.lastIndexOf('.') + 1));
      if (name !== null && isVlan(vlan) && !found.has(vlan)) found.set(vlan, name);
    }
  return found;
}

const isVlan = (id: number): boolean => id >= 1 && id <= 4094;

/** Port lists by VLAN: the current ones first, which have a time mark before the number. */
function lastArc(oids: OidMap, columns: readonly string[]): Map<number, string> {
  const found = new Map<number, string>();
  for (const column of columns)
    for (const [index, value] of oids.column(column)) {
      const vlan = Number(index.slice(index.lastIndexOf('.') + 1));
      if (isVlan(vlan) && !found.has(vlan)) found.set(vlan, value.raw);
    }
  return found;
}

/** CISCO-VLAN-MEMBERSHIP-MIB for access ports, CISCO-VTP-MIB for whether a port is a trunk. */
function addCisco(byIndex: ReadonlyMap<number, NetworkPort>, oids: OidMap, names: ReadonlyMap<number, string>): void {
  for (const [index, value] of oids.column('1.3.6.1.4.1.9.9.68.1.2.2.1.2')) {
    const port = byIndex.get(Number(index));
    const vlan = numberOfValue(value);
    if (port && vlan !== null && isVlan(vlan) && !port.vlans.some((v) => v.id === vlan))
      port.vlans.push({ id: vlan, name: names.get(vlan) ?? null, tagged: false });
  }
  for (const [index, value] of oids.column('1.3.6.1.4.1.9.9.46.1.6.1.1.14')) {
    const port = byIndex.get(Number(index));
    if (port) port.trunk = value.raw === '1';
  }
}
