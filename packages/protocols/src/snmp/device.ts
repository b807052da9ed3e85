import { accessPointsOf } from './access-points.ts';
import { arpOf, forwardingOf } from './addresses.ts';
import { softwareOf } from './appliances.ts';
import { componentsOf } from './components.ts';
import { identify } from './identify.ts';
import type { SnmpKnowledge } from './knowledge.ts';
import { neighboursOf } from './neighbours.ts';
import type { OidMap } from './oid-map.ts';
import { portsOf } from './ports.ts';
import { pagesOf, suppliesOf } from './printer.ts';
import type { NetworkDevice, NetworkPort } from './types.ts';
import { upsOf } from './ups.ts';
import { macOfOctets } from './values.ts';
import { addVlans } from './vlans.ts';

const system = '1.3.6.1.2.1.1';
/** Texts that an unconfigured agent ships with. */
const unset =
  /^(unknow|unknown|n\/?a|"?"?|not set|sitting on the dock of the bay|(unknown|right here, right now\.|.*)\(?edit \/etc\/snmp\/snmpd\.conf\)|root <root@.*|me <me@somewhere\.org>)$/i;

/** The device that a walk speaks of. Pure: what is known about makers comes in as an argument. */
export function deviceFromWalk(oids: OidMap, knowledge: SnmpKnowledge): NetworkDevice {
  const ports = portsOf(oids);
  addVlans(ports, oids);
  const entities = componentsOf(oids);
  const objectId = objectIdOf(oids);
  const description = oids.text(`${system}.1.0`);
  const ticks = oids.number(`${system}.3.0`);
  return {
    ...identify(oids, objectId, description, ports, entities, knowledge),
    name: set(oids.text(`${system}.5.0`)),
    description,
    location: set(oids.text(`${system}.6.0`)),
    contact: set(oids.text(`${system}.4.0`)),
    uptimeSeconds: ticks !== null && ticks >= 0 ? Math.floor(ticks / 100) : null,
    objectId,
    mac: macOf(oids, ports),
    ips: [...new Set(ports.flatMap((port) => port.ips))],
    ports,
    // An access point is no part that could stand for the controller, so what the device is was told without them.
    components: [...entities, ...accessPointsOf(oids, new Set(entities.map((entity) => entity.index)))],
    neighbours: neighboursOf(oids, ports),
    forwarding: forwardingOf(oids),
    arp: arpOf(oids),
    supplies: suppliesOf(oids),
    pages: pagesOf(oids),
    ups: upsOf(oids),
    software: softwareOf(oids),
  };
}

const set = (text: string | null): string | null => (text === null || unset.test(text) ? null : text);

function objectIdOf(oids: OidMap): string | null {
  const value = oids.get(`${system}.2.0`);
  return value !== undefined && /^\d{1,10}(\.\d{1,10})+$/.test(value.raw) && value.raw !== '0.0' ? value.raw : null;
}

/** The address of the bridge, else the chassis of LLDP, else the lowest of the physical ports. */
function macOf(oids: OidMap, ports: readonly NetworkPort[]): string | null {
  const base = macOfOctets(oids.get('1.3.6.1.2.1.17.1.1.0')?.raw ?? '');
  if (base !== null) return base;
  if (oids.number('1.0.8802.1.1.2.1.3.1.0') === 4) {
    const chassis = macOfOctets(oids.get('1.0.8802.1.1.2.1.3.2.0')?.raw ?? '');
    if (chassis !== null) return chassis;
  }
  const macs = ports.flatMap((port) => (port.mac !== null && (port.ifType === 6 || port.ifType === 117) ? [port.mac] : []));
  return macs.sort()[0] ?? null;
}
