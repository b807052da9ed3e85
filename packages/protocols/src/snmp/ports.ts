import { numberOfValue, type OidMap, type SnmpValue, textOfValue } from './oid-map.ts';
import type { NetworkPort } from './types.ts';
import { macOfOctets, usableIp } from './values.ts';

const ifTable = '1.3.6.1.2.1.2.2.1';
const ifXTable = '1.3.6.1.2.1.31.1.1.1';

/** Rows of IF-MIB (RFC 2863) with their addresses and bundles, in the order of ifIndex. VLANs are added by `addVlans`. */
export function portsOf(oids: OidMap): NetworkPort[] {
  const ports = new Map<number, NetworkPort>();
  fill(ports, oids.column(`${ifTable}.1`), () => undefined);
  fill(ports, oids.column(`${ifTable}.2`), (port, v) => {
    port.description = textOfValue(v);
  });
  fill(ports, oids.column(`${ifTable}.3`), (port, v) => {
    port.ifType = numberOfValue(v);
  });
  fill(ports, oids.column(`${ifTable}.4`), (port, v) => {
    const mtu = numberOfValue(v);
    port.mtu = mtu !== null && mtu > 0 && mtu < 2_147_483_647 ? mtu : null;
  });
  fill(ports, oids.column(`${ifTable}.5`), (port, v) => {
    const bits = numberOfValue(v);
    // At its largest value ifSpeed only says that ifHighSpeed must be asked.
    if (bits !== null && bits > 0 && bits < 4_294_967_295) port.speedMbps = Math.round(bits / 1e6) || null;
  });
  fill(ports, oids.column(`${ifTable}.6`), (port, v) => {
    port.mac = macOfOctets(v.raw);
  });
  fill(ports, oids.column(`${ifTable}.7`), (port, v) => {
    port.enabled = upOrDown(v);
  });
  fill(ports, oids.column(`${ifTable}.8`), (port, v) => {
    port.up = upOrDown(v);
  });
  fill(ports, oids.column(`${ifXTable}.1`), (port, v) => {
    port.name = textOfValue(v);
  });
  fill(ports, oids.column(`${ifXTable}.15`), (port, v) => {
    const mbps = numberOfValue(v);
    if (mbps !== null && mbps > 0 && mbps <= 10_000_000) port.speedMbps = mbps;
  });
  fill(ports, oids.column(`${ifXTable}.18`), (port, v) => {
    port.alias = textOfValue(v);
  });
  addAddresses(ports, oids);
  addBundles(ports, oids);
  return [...ports.values()].sort((a, b) => a.index - b.index);
}

const upOrDown = (v: SnmpValue): boolean | null => (v.raw === '1' ? true : v.raw === '2' || v.raw === '6' || v.raw === '7' ? false : null);

function fill(ports: Map<number, NetworkPort>, column: Map<string, SnmpValue>, set: (port: NetworkPort, value: SnmpValue) => void): void {
  for (const [index, value] of column) {
    if (!/^\d{1,10}$/.test(index)) continue;
    const number = Number(index);
    let port = ports.get(number);
    if (!port) ports.set(number, (port = emptyPort(number)));
    set(port, value);
  }
}

export const emptyPort = (index: number): NetworkPort => ({
  index,
  name: null,
  description: null,
  alias: null,
  ifType: null,
  mac: null,
  mtu: null,
  speedMbps: null,
  enabled: null,
  up: null,
  trunk: null,
  ips: [],
  vlans: [],
  members: [],
});

/** ipAddrTable, and the IPv4 rows of the newer ipAddressTable. */
function addAddresses(ports: Map<number, NetworkPort>, oids: OidMap): void {
  const rows: [string, SnmpValue][] = [
    ...oids.column('1.3.6.1.2.1.4.20.1.2'),
    ...[...oids.column('1.3.6.1.2.1.4.34.1.3')].map(([index, v]): [string, SnmpValue] => [index.replace(/^1\.4\./, ''), v]),
  ];
  for (const [address, value] of rows) {
    const ip = usableIp(address);
    const port = ports.get(numberOfValue(value) ?? -1);
    if (ip !== null && port && !port.ips.includes(ip)) port.ips.push(ip);
  }
}

/** Link aggregation: who is attached to which aggregator (IEEE8023-LAG-MIB), and what is stacked below one (ifStackTable). */
function addBundles(ports: Map<number, NetworkPort>, oids: OidMap): void {
  const join = (bundle: number | null, member: number): void => {
    const above = bundle === null || bundle === member ? undefined : ports.get(bundle);
    if (above && ports.has(member) && !above.members.includes(member)) above.members.push(member);
  };
  for (const [member, value] of oids.column('1.2.840.10006.300.43.1.2.1.1.13')) join(numberOfValue(value), Number(member));
  for (const index of oids.column('1.3.6.1.2.1.31.1.2.1.3').keys()) {
    const [higher, lower] = index.split('.').map(Number);
    if (higher && lower && ports.get(higher)?.ifType === 161) join(higher, lower);
  }
}
