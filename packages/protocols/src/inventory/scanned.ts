import { defaultLimits } from '../envelope/limits.ts';
import type { DeviceFacts, Json, Report } from '../report.ts';
import { componentKinds, componentStates, type NetworkComponent, type NetworkNeighbour } from '../snmp/types.ts';
import { deviceFacts } from './device.ts';
import { macOf } from './interfaces.ts';
import { itemTypeOf } from './network.ts';
import { normaliseSections } from './normalise.ts';
import { isObject, textOf, wholeNumber } from './values.ts';
import { Warnings } from './warnings.ts';

type Obj = { [key: string]: Json };

/** One thing that a network scan found. */
export interface ScannedDevice {
  /** What knows it again, where its serial number says something: maker and serial number. */
  readonly bySerial: string | null;
  /** What knows it again otherwise: its MAC address, or its IP address when the MAC address is a random one. */
  readonly byAddress: string | null;
  readonly itemType: string;
  /** What the scan calls it, lower case: `networking`, `printer`, `switch`, ... */
  readonly kind: string | null;
  /** sysDescr. */
  readonly description: string | null;
  readonly mac: string | null;
  /** It was asked over SNMP, not only seen. */
  readonly asked: boolean;
  /** Why nothing is known of it, in the words of the scan. */
  readonly error: string | null;
  readonly sections: Record<string, Json>;
  readonly device: DeviceFacts | null;
}

/** The devices of a report of kind `netdiscovery` or `netinventory`; none for the messages that only start or end a scan. */
export function scannedDevices(report: Report): ScannedDevice[] {
  const devices = Array.isArray(report.sections['devices']) ? report.sections['devices'].filter(isObject) : [];
  if (report.kind === 'netdiscovery') return devices.map(discovered);
  if (report.kind !== 'netinventory') return [];
  if (devices.length === 0) return [inventoried(report.sections, report.device, report.itemType)];
  return devices.map((device) => {
    const sections = normaliseSections(device, new Warnings(100), defaultLimits);
    return inventoried(sections, deviceFacts(sections), null);
  });
}

function inventoried(sections: Record<string, Json>, device: DeviceFacts | null, itemType: string | null): ScannedDevice {
  // What the message says about the scan is no part of the device, and differs from run to run.
  const { processnumber: _process, moduleversion: _module, agent: _agent, ...own } = sections;
  const info = isObject(sections['network_device']) ? sections['network_device'] : {};
  const mac = macOf(textOf(info['mac']));
  const kind = textOf(info['type'])?.toLowerCase() ?? null;
  const ip = Array.isArray(info['ips']) ? textOf(info['ips'][0]) : null;
  const error = [sections['error']].flat().find(isObject);
  return {
    ...nativeIds(device, mac ?? device?.interfaces?.find((i) => i.mac !== null && !i.virtual)?.mac ?? null, ip, 'snmp:'),
    itemType: itemTypeOf(kind) ?? itemType ?? 'Unmanaged',
    kind,
    description: textOf(info['description']),
    mac,
    asked: true,
    error: error ? (textOf(error['message']) ?? 'The device did not answer.').slice(0, 200) : null,
    sections: own,
    device: Object.keys(info).length > 0 ? device : null,
  };
}

/** A host that only answered ping comes with its address as its name, which is no name. */
function discovered(row: Obj): ScannedDevice {
  const text = (key: string): string | null => textOf(row[key])?.slice(0, 255).toWellFormed() ?? null;
  const name = [text('snmphostname'), text('netbiosname'), text('dnshostname')].find((n) => n !== null && !isAddress(n)) ?? null;
  const mac = macOf(text('mac'));
  const ip = text('ip');
  const kind = text('type')?.toLowerCase() ?? null;
  const asked = ['snmphostname', 'authsnmp', 'model', 'serial', 'manufacturer'].some((key) => text(key) !== null);
  const device: DeviceFacts = {
    ...nothing,
    name,
    domain: text('workgroup'),
    manufacturer: text('manufacturer'),
    model: text('model'),
    serial: text('serial'),
    biosVersion: text('firmware'),
    interfaces:
      mac === null && ip === null
        ? null
        : [
            {
              name: 'found',
              mac,
              ips: ip !== null && isAddress(ip) ? [ip] : [],
              type: null,
              virtual: false,
              speedMbps: null,
              up: true,
              driver: null,
            },
          ],
  };
  return {
    ...nativeIds(device, mac, ip, ''),
    itemType: itemTypeOf(kind) ?? 'Unmanaged',
    kind,
    description: text('description'),
    mac,
    asked,
    error: null,
    sections: { device: row },
    device,
  };
}

const nothing: DeviceFacts = {
  name: null,
  domain: null,
  fqdn: null,
  manufacturer: null,
  model: null,
  serial: null,
  enclosureSerial: null,
  boardSerial: null,
  boardManufacturer: null,
  uuid: null,
  assetTag: null,
  chassisType: null,
  vmSystem: null,
  biosVersion: null,
  biosDate: null,
  os: null,
  cpu: null,
  memoryMb: null,
  lastUser: null,
  users: null,
  interfaces: null,
  storage: null,
  volumes: null,
  monitors: null,
};

const isAddress = (text: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^[0-9a-f:]*:[0-9a-f:.]+$/i.test(text);

/** Random addresses change from day to day: they are told by where they were seen, so that they stay few. */
export const isRandomMac = (mac: string): boolean => (Number.parseInt(mac.charAt(1), 16) & 2) === 2;

function nativeIds(
  device: DeviceFacts | null,
  mac: string | null,
  ip: string | null,
  prefix: string,
): Pick<ScannedDevice, 'bySerial' | 'byAddress'> {
  const address = mac !== null && !isRandomMac(mac) ? (prefix === '' ? mac.replaceAll(':', '') : mac) : (ip?.toLowerCase() ?? null);
  return {
    bySerial: device?.serial ? `${prefix}${device.manufacturer ?? ''}:${device.serial}` : null,
    byAddress: address === null ? null : `${prefix}${address}`,
  };
}

/** What is built into a network device and what it is connected to; null for a section that is absent. */
export interface NetworkFacts {
  readonly components: NetworkComponent[] | null;
  readonly neighbours: NetworkNeighbour[] | null;
}

/** Rows of one device that are kept; the sections keep all. */
const mostRows = 20_000;

export function networkFacts(sections: Record<string, Json>): NetworkFacts {
  const components = sections['network_components'];
  const ports = sections['network_ports'];
  return {
    components: Array.isArray(components) ? distinct(components.filter(isObject).slice(0, mostRows).map(componentOf)) : null,
    neighbours: Array.isArray(ports) ? ports.filter(isObject).flatMap(neighboursOfPort).slice(0, mostRows) : null,
  };
}

function distinct(components: NetworkComponent[]): NetworkComponent[] {
  return [...new Map(components.map((c) => [c.index, c])).values()];
}

function componentOf(row: Obj, at: number): NetworkComponent {
  const text = (key: string): string | null => textOf(row[key])?.slice(0, 255).toWellFormed() ?? null;
  const index = index4(row['index']) ?? 2_000_000_000 + at;
  const holder = index4(row['contained_index'] ?? row['containedinindex']);
  const kind =
    text('type')
      ?.toLowerCase()
      .replaceAll(/[^a-z]/g, '') ?? '';
  return {
    index,
    containedIn: holder === null || holder === 0 || holder === index ? null : holder,
    kind: componentKinds.find((known) => known.replace('_', '') === kind) ?? 'unknown',
    name: text('name'),
    description: text('description'),
    manufacturer: text('manufacturer'),
    model: text('model'),
    serial: text('serial'),
    hardware: text('revision'),
    firmware: text('firmware'),
    software: text('version'),
    replaceable: row['fru'] === undefined ? null : row['fru'] === true || textOf(row['fru']) === '1',
    mac: macOf(text('mac')),
    ip: text('ip'),
    location: text('location'),
    state: componentStates.find((known) => known === text('state')) ?? null,
  };
}

function index4(value: Json | undefined): number | null {
  const number = wholeNumber(value ?? null, 'none');
  return number !== null && number <= 2_147_483_647 ? number : null;
}

/** Neighbours that told their name (LLDP, CDP), and addresses that were learned on the port. */
function neighboursOfPort(port: Obj): NetworkNeighbour[] {
  const connections = Array.isArray(port['connections']) ? port['connections'].filter(isObject) : [];
  const here = {
    localPort: index4(port['ifnumber']),
    localPortName: (textOf(port['ifname']) ?? textOf(port['ifdescr']))?.slice(0, 255) ?? null,
  };
  return connections.flatMap((c): NetworkNeighbour[] => {
    const text = (key: string): string | null => textOf(c[key])?.slice(0, 255).toWellFormed() ?? null;
    const macs = [c['mac']].flat().flatMap((m) => macOf(textOf(m)) ?? []);
    const named = text('sysname') ?? text('sysmac') ?? text('sysdescr') ?? text('ifdescr');
    if (named === null && text('ip') === null) return macs.map((mac) => ({ ...learned, ...here, chassisId: mac }));
    const ip = text('ip');
    return [
      {
        ...here,
        protocol: text('protocol') === 'lldp' ? 'lldp' : text('protocol') === 'cdp' ? 'cdp' : 'scan',
        chassisId: macOf(text('sysmac')) ?? text('sysmac') ?? macs[0] ?? null,
        portId: text('ifdescr') ?? text('ifnumber'),
        portDescription: text('ifname'),
        systemName: text('sysname'),
        systemDescription: text('sysdescr'),
        model: text('model'),
        ips: ip === null ? [] : [ip],
      },
    ];
  });
}

const learned = {
  protocol: 'learned',
  portId: null,
  portDescription: null,
  systemName: null,
  systemDescription: null,
  model: null,
  ips: [],
} as const satisfies Partial<Record<keyof NetworkNeighbour, unknown>>;
