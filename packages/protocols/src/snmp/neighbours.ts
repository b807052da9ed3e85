import { type OidMap, type SnmpValue, textOfValue } from './oid-map.ts';
import type { NetworkNeighbour, NetworkPort } from './types.ts';
import { ipOfOctets, macOfOctets, usableIp } from './values.ts';

const lldp = '1.0.8802.1.1.2.1';
const cdp = '1.3.6.1.4.1.9.9.23.1.2.1.1';

/** Devices that LLDP (IEEE 802.1AB) and CDP heard of, by own port. The same neighbour heard by both stands twice, once for each. */
export function neighboursOf(oids: OidMap, ports: readonly NetworkPort[]): NetworkNeighbour[] {
  return [...lldpNeighbours(oids, ports), ...cdpNeighbours(oids, ports)];
}

function lldpNeighbours(oids: OidMap, ports: readonly NetworkPort[]): NetworkNeighbour[] {
  const column = (n: number): Map<string, SnmpValue> => oids.column(`${lldp}.4.1.1.${n}`);
  const [chassisTypes, chassis, portTypes, portIds] = [column(4), column(5), column(6), column(7)];
  const [portTexts, names, texts] = [column(8), column(9), column(10)];
  const addresses = managementAddresses(oids);
  const local = localPorts(oids, ports);
  const found: NetworkNeighbour[] = [];
  for (const index of new Set([...chassis.keys(), ...names.keys()])) {
    const arcs = index.split('.');
    if (arcs.length < 3) continue;
    const port = local(Number(arcs.at(-2)));
    found.push({
      protocol: 'lldp',
      localPort: port?.index ?? null,
      localPortName: port?.name ?? port?.description ?? null,
      chassisId: idOf(chassisTypes.get(index), chassis.get(index), '4'),
      portId: idOf(portTypes.get(index), portIds.get(index), '3'),
      portDescription: textOfValue(portTexts.get(index)),
      systemName: textOfValue(names.get(index)),
      systemDescription: textOfValue(texts.get(index)),
      model: null,
      ips: addresses.get(index) ?? [],
    });
  }
  return found;
}

/** A MAC where the subtype says so (or the octets do), an address for subtype 5 of a chassis, else text. */
function idOf(subtype: SnmpValue | undefined, value: SnmpValue | undefined, macSubtype: '3' | '4'): string | null {
  if (value === undefined) return null;
  if (subtype?.raw === macSubtype || subtype === undefined) {
    const mac = macOfOctets(value.raw);
    if (mac !== null) return mac;
  }
  if (macSubtype === '4' && subtype?.raw === '5' && (value.raw.charCodeAt(0) === 1 || value.raw.charCodeAt(0) === 2))
    return ipOfOctets(value.raw.slice(1)) ?? textOfValue(value);
  return textOfValue(value);
}

/** lldpRemManAddrTable keeps the address in its index: time, port, neighbour, family, length, octets. */
function managementAddresses(oids: OidMap): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const column of [3, 4, 5])
    for (const index of oids.column(`${lldp}.4.2.1.${column}`).keys()) {
      if (seen.has(index)) continue;
      seen.add(index);
      const arcs = index.split('.');
      const octets = arcs.slice(arcs[4] === '4' || arcs[4] === '16' ? 5 : 4);
      const ip = octets.length === 4 ? usableIp(octets.join('.')) : ipOfOctets(String.fromCharCode(...octets.map((o) => Number(o) & 0xff)));
      const key = arcs.slice(0, 3).join('.');
      if (ip !== null) found.set(key, [...(found.get(key) ?? []), ip].slice(0, 16));
    }
  return found;
}

/** LLDP numbers ports on its own: told by the names it gives, else the number is the ifIndex. */
function localPorts(oids: OidMap, ports: readonly NetworkPort[]): (number: number) => NetworkPort | undefined {
  const byIndex = new Map(ports.map((port) => [port.index, port]));
  const byName = new Map(ports.flatMap((port) => [port.description, port.name].flatMap((n) => (n === null ? [] : [[n, port] as const]))));
  const byMac = Map.groupBy(
    ports.filter((port) => port.mac !== null),
    (port) => port.mac as string,
  );
  const ids = oids.column(`${lldp}.3.7.1.3`);
  const texts = oids.column(`${lldp}.3.7.1.4`);
  return (number) => {
    const id = ids.get(String(number));
    const named = byName.get(textOfValue(id) ?? '') ?? byName.get(textOfValue(texts.get(String(number))) ?? '');
    if (named) return named;
    const alike = byMac.get(macOfOctets(id?.raw ?? '') ?? '') ?? [];
    return alike.length === 1 ? alike[0] : byIndex.get(number);
  };
}

function cdpNeighbours(oids: OidMap, ports: readonly NetworkPort[]): NetworkNeighbour[] {
  const byIndex = new Map(ports.map((port) => [port.index, port]));
  const [addresses, versions, devicePorts, platforms] = [4, 5, 7, 8].map((n) => oids.column(`${cdp}.${n}`)) as [
    Map<string, SnmpValue>,
    Map<string, SnmpValue>,
    Map<string, SnmpValue>,
    Map<string, SnmpValue>,
  ];
  return [...oids.column(`${cdp}.6`)].map(([index, device]): NetworkNeighbour => {
    const port = byIndex.get(Number(index.split('.')[0]));
    const ip = ipOfOctets(addresses.get(index)?.raw ?? '');
    const name = textOfValue(device);
    return {
      protocol: 'cdp',
      localPort: port?.index ?? null,
      localPortName: port?.name ?? port?.description ?? null,
      // A device without a MAC as its id gives its name, with the serial number in brackets on some systems.
      chassisId: macOfOctets(device.raw) ?? name,
      portId: textOfValue(devicePorts.get(index)),
      portDescription: null,
      systemName: name?.replace(/\([\w-]{6,20}\)$/, '') ?? null,
      systemDescription: textOfValue(versions.get(index)),
      model: textOfValue(platforms.get(index)),
      ips: ip === null ? [] : [ip],
    };
  });
}
