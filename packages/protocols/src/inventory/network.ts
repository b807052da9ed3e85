import type { Json } from '../report.ts';
import { isObject } from './values.ts';

type Obj = { [key: string]: Json };

const list = (value: Json | undefined): Json[] =>
  value === undefined || value === null || value === '' ? [] : Array.isArray(value) ? value : [value];

/** The children of a wrapper element: `PORTS/PORT[]` gives the ports. */
function inside(value: Json | undefined, name: string): Json[] {
  return list(value).flatMap((v) => (isObject(v) ? (v[name] === undefined ? [] : list(v[name])) : []));
}

const componentKinds = [
  'firmwares',
  'modems',
  'simcards',
  'cartridges',
  'pagecounters',
  'powersupplies',
  'sensors',
  'drives',
  'storages',
  'memories',
  'cpus',
];

/**
 * The answer to SNMPQUERY in the names of the inventory format: `DEVICE/INFO` becomes network_device, `PORTS/PORT` network_ports,
 * `COMPONENTS/COMPONENT` network_components. With several devices in one answer, all of them are kept under `devices`.
 */
export function reshapeNetInventory(content: Obj): Obj {
  const devices = list(content['device']).filter(isObject);
  const rest: Obj = { ...content };
  delete rest['device'];
  if (devices.length === 0) return content;
  if (devices.length > 1) return { ...rest, devices: devices.map(reshapeDevice) };
  return { ...rest, ...reshapeDevice(devices[0] as Obj) };
}

function reshapeDevice(device: Obj): Obj {
  const out: Obj = {};
  for (const [key, value] of Object.entries(device)) {
    if (key === 'info') out['network_device'] = reshapeInfo(list(value).find(isObject) ?? {});
    else if (key === 'ports') out['network_ports'] = inside(value, 'port').filter(isObject).map(reshapePort);
    else if (key === 'components') out['network_components'] = inside(value, 'component');
    else if (key === 'error') out['error'] = value;
    else if (key === 'pagecounters' || !componentKinds.includes(key)) out[key] = value;
    else out[key] = list(value);
  }
  return out;
}

function reshapeInfo(info: Obj): Obj {
  const out: Obj = {};
  for (const [key, value] of Object.entries(info)) {
    if (key === 'comments') out['description'] = value;
    else if (key === 'ips') out['ips'] = inside(value, 'ip');
    else if (key === 'ip') out['ips'] ??= list(value);
    else out[key] = value;
  }
  return out;
}

/** Octets became bytes, wrappers became lists, CDP or LLDP neighbours are marked by `lldp`. */
function reshapePort(port: Obj): Obj {
  const out: Obj = {};
  for (const [key, value] of Object.entries(port)) {
    if (key === 'ifinoctets') out['ifinbytes'] = value;
    else if (key === 'ifoutoctets') out['ifoutbytes'] = value;
    else if (key === 'vlans') out['vlans'] = inside(value, 'vlan');
    else if (key === 'aggregate') out['aggregate'] = inside(value, 'port');
    else if (key === 'ips') out['ips'] = inside(value, 'ip');
    else if (key === 'connections') {
      out['connections'] = inside(value, 'connection');
      out['lldp'] = list(value).some((c) => isObject(c) && c['cdp'] === '1');
    } else out[key] = value;
  }
  return out;
}

/** The answer to NETDISCOVERY: one or more found devices, or the scan's start, count and end. */
export function reshapeNetDiscovery(content: Obj): Obj {
  const out: Obj = { ...content };
  delete out['device'];
  const devices = list(content['device']).filter(isObject);
  if (devices.length > 0) out['devices'] = devices;
  return out;
}

const types: Record<string, string> = {
  computer: 'Computer',
  networking: 'NetworkEquipment',
  networkequipment: 'NetworkEquipment',
  printer: 'Printer',
  phone: 'Phone',
  storage: 'Unmanaged',
  unmanaged: 'Unmanaged',
};

/** The item type of the inventory format for the type a scan found. */
export function itemTypeOf(type: string | null): string | null {
  return type === null ? null : (types[type.toLowerCase()] ?? null);
}
