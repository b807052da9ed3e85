import { deviceFacts } from '../inventory/device.ts';
import { itemTypeOf } from '../inventory/network.ts';
import type { Json, Report } from '../report.ts';
import type { NetworkComponent, NetworkDevice, NetworkNeighbour, NetworkPort, PageCounts, UpsFacts } from './types.ts';

type Obj = { [key: string]: Json };

/** Rows of the table of addresses that are looked at; a core router of a campus has some 10,000. */
const mostArp = 50_000;

/** Types whose item type in the inventory format is not network equipment. */
const otherItems: Record<string, string> = { printer: 'Printer', computer: 'Computer', server: 'Computer', phone: 'Phone' };

/** What an incomplete walk does not tell: a section of which a part is missing would read as if the rest were gone. */
export interface WalkGaps {
  readonly partial?: boolean;
  readonly leaveOut?: ReadonlySet<'network_ports' | 'network_components' | 'supplies'>;
}

/**
 * A walk as the report that a scanning agent would have sent about the device, in the sections of the inventory format, so that both
 * become an asset in one way. Software stays out: an agent inside the machine knows it better, and the same titles under other names
 * would be counted twice.
 */
export function reportOfDevice(device: NetworkDevice, walk: WalkGaps = {}): Report {
  const sections: Record<string, Json> = {
    network_device: infoOf(device),
    ...(walk.leaveOut?.has('network_ports') ? {} : { network_ports: device.ports.map((port) => portRow(port, device)) }),
    ...(walk.leaveOut?.has('network_components') ? {} : { network_components: device.components.map(componentRow) }),
    ...(device.supplies.length === 0 || walk.leaveOut?.has('supplies') ? {} : { supplies: device.supplies.map((s) => known({ ...s })) }),
    ...(device.pages === null ? {} : { pagecounters: pagesRow(device.pages) }),
    ...(device.ups === null ? {} : { ups: upsRow(device.ups) }),
  };
  return {
    family: 'unknown',
    kind: 'netinventory',
    deviceId: null,
    agentId: null,
    agentVersion: null,
    itemType: device.type === null ? 'Unmanaged' : (otherItems[device.type] ?? itemTypeOf(device.type) ?? 'NetworkEquipment'),
    partial: walk.partial ?? false,
    tag: null,
    sections,
    device: deviceFacts(sections),
    software: null,
    arp: device.arp.slice(0, mostArp).map(({ ip, mac }) => ({ ip, mac })),
    warnings: [],
  };
}

/** Leaves out what is not known, as agents do. */
const known = (row: Record<string, Json>): Obj => Object.fromEntries(Object.entries(row).filter(([, v]) => v !== null && v !== ''));

function infoOf(d: NetworkDevice): Obj {
  return known({
    type: d.type,
    manufacturer: d.vendor,
    model: d.model,
    serial: d.serial,
    mac: d.mac,
    name: d.name,
    description: d.description,
    contact: d.contact,
    location: d.location,
    firmware: d.firmware,
    ips: d.ips,
  });
}

/** In the names of the inventory format. */
const pagesRow = (p: PageCounts): Obj =>
  known({ total: p.total, black: p.black, color: p.colour, rectoverso: p.duplex, scanned: p.scanned });

/** The inventory format has no place for a UPS: the names are our own. What it is stands in network_device. */
function upsRow({ manufacturer: _manufacturer, model: _model, firmware: _firmware, ...measures }: UpsFacts): Obj {
  return known({ ...measures });
}

function portRow(port: NetworkPort, d: NetworkDevice): Obj {
  const here = d.neighbours.filter((n) => n.localPort === port.index).map(connectionRow);
  const macs = d.forwarding.filter((f) => f.port === port.index).map((f) => f.mac);
  return known({
    ifnumber: port.index,
    ifname: port.name,
    ifdescr: port.description,
    ifalias: port.alias,
    iftype: port.ifType,
    ifmtu: port.mtu,
    ifspeed: port.speedMbps === null ? null : port.speedMbps * 1_000_000,
    ifstatus: port.up === null ? null : port.up ? 1 : 2,
    ifinternalstatus: port.enabled === null ? null : port.enabled ? 1 : 2,
    mac: port.mac,
    ips: port.ips,
    trunk: port.trunk,
    vlans: port.vlans.map((v) => known({ number: v.id, name: v.name, tagged: v.tagged })),
    aggregate: port.members.map(String),
    connections: here.length > 0 ? here : macs.length > 0 ? [{ mac: macs }] : [],
  });
}

function connectionRow(n: NetworkNeighbour): Obj {
  return known({
    protocol: n.protocol,
    sysmac: n.chassisId,
    sysname: n.systemName,
    sysdescr: n.systemDescription,
    ifdescr: n.portId,
    ifname: n.portDescription,
    model: n.model,
    ip: n.ips[0] ?? null,
  });
}

function componentRow(c: NetworkComponent): Obj {
  return known({
    index: c.index,
    contained_index: c.containedIn,
    type: c.kind.replace('_', ''),
    name: c.name,
    description: c.description,
    manufacturer: c.manufacturer,
    model: c.model,
    serial: c.serial,
    revision: c.hardware,
    firmware: c.firmware,
    version: c.software,
    fru: c.replaceable === null ? null : c.replaceable ? 1 : 2,
    mac: c.mac,
    ip: c.ip,
    // The inventory format has no place for these two: the names are our own.
    location: c.location,
    state: c.state,
  });
}
