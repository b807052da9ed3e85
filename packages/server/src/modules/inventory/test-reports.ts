import type { DeviceFacts, Json, Report, SoftwareRow } from '@muster/protocols';
import type { IngestItem } from './ingest.ts';

// Canonical reports for tests, as the decoders make them.

export interface Machine {
  deviceId?: string;
  name?: string;
  serial?: string | null;
  uuid?: string | null;
  manufacturer?: string | null;
  model?: string | null;
  mac?: string;
  ip?: string;
  user?: string | null;
  memoryMb?: number;
  vmSystem?: string | null;
  assetTag?: string | null;
  titles?: readonly string[];
  disks?: readonly string[];
  /** Sections besides those made of the above. */
  more?: Record<string, Json>;
}

export const title = (text: string): SoftwareRow => {
  const [name = text, version = null] = text.split('@');
  return {
    name,
    version,
    publisher: 'Example Ltd',
    channel: 'msi',
    arch: 'x86_64',
    code: null,
    installedOn: '2026-02-03',
    path: null,
    sizeKb: null,
    user: null,
  };
};

function deviceOf(m: Machine): DeviceFacts {
  return {
    name: m.name ?? 'pc1',
    domain: 'corp.example',
    fqdn: null,
    manufacturer: m.manufacturer === undefined ? 'Dell Inc.' : m.manufacturer,
    model: m.model === undefined ? 'Latitude 5540' : m.model,
    serial: m.serial === undefined ? '7XK21M3' : m.serial,
    enclosureSerial: null,
    boardSerial: null,
    boardManufacturer: null,
    uuid: m.uuid === undefined ? '4c4c4544-0037-5810-8047-b7c04f4d3333' : m.uuid,
    assetTag: m.assetTag ?? null,
    chassisType: 'Notebook',
    vmSystem: m.vmSystem === undefined ? 'Physical' : m.vmSystem,
    biosVersion: '1.2',
    biosDate: null,
    os: {
      name: 'Microsoft Windows 11 Pro',
      version: '10.0.22631',
      kernel: null,
      arch: 'x86_64',
      installedOn: null,
      bootedAt: null,
      family: 'windows',
    },
    cpu: { name: 'Intel Core i5', manufacturer: 'Intel', sockets: 1, cores: 10, threads: 12, speedMhz: 2400 },
    memoryMb: m.memoryMb ?? 16384,
    lastUser: m.user === undefined ? 'ada' : m.user,
    users: m.user === null ? [] : [{ login: m.user ?? 'ada', domain: 'CORP' }],
    interfaces: [
      {
        name: 'eth0',
        mac: m.mac ?? '00:1b:21:3c:4d:5e',
        ips: [m.ip ?? '10.0.0.5'],
        type: 'ethernet',
        virtual: false,
        speedMbps: 1000,
        up: true,
        driver: 'e1000e',
      },
    ],
    storage: (m.disks ?? ['S6-1']).map((serial) => ({
      name: 'nvme0n1',
      model: 'MZVL2',
      serial,
      type: 'disk',
      sizeMb: 512_110,
      interface: 'NVMe',
      firmware: null,
    })),
    volumes: [{ mount: 'C:', label: null, device: null, filesystem: 'ntfs', totalMb: 488_281, freeMb: 100_000, encrypted: true }],
    monitors: [{ name: 'U2422H', manufacturer: 'Dell', serial: 'CN01' }],
  };
}

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

export function report(m: Machine, options: { family?: 'glpi' | 'fusioninventory' | 'ocs'; only?: readonly string[] } = {}): Report {
  const device = deviceOf(m);
  const software = (m.titles ?? []).map(title);
  const all: Record<string, Json> = {
    bios: json({ smanufacturer: device.manufacturer, smodel: device.model, ssn: device.serial, assettag: device.assetTag }),
    hardware: json({
      name: device.name,
      uuid: device.uuid,
      memory: device.memoryMb,
      vmsystem: device.vmSystem,
      lastloggeduser: device.lastUser,
    }),
    operatingsystem: json(device.os),
    cpus: json([device.cpu]),
    networks: json(device.interfaces),
    storages: json(device.storage),
    drives: json(device.volumes),
    monitors: json(device.monitors),
    users: json(device.users),
    softwares: json(software),
    ...m.more,
  };
  const only = options.only;
  const has = (section: string): boolean => !only || only.includes(section);
  const sections = Object.fromEntries(Object.entries(all).filter(([name]) => has(name) || name === 'bios' || name === 'hardware'));
  return {
    family: options.family ?? 'glpi',
    kind: 'inventory',
    deviceId: m.deviceId ?? `${m.name ?? 'pc1'}-2026-01-01-08-00-00`,
    agentId: null,
    agentVersion: '1.12',
    itemType: 'Computer',
    partial: only !== undefined,
    tag: null,
    sections,
    device: {
      ...device,
      os: has('operatingsystem') ? device.os : null,
      cpu: has('cpus') ? device.cpu : null,
      users: has('users') ? device.users : null,
      lastUser: has('users') ? device.lastUser : null,
      interfaces: has('networks') ? device.interfaces : null,
      storage: has('storages') ? device.storage : null,
      volumes: has('drives') ? device.volumes : null,
      monitors: has('monitors') ? device.monitors : null,
    },
    software: has('softwares') ? software : null,
    warnings: [],
  };
}

let count = 0;
export function item(r: Report, at: string): IngestItem {
  const source = r.family as IngestItem['source'];
  return {
    reportId: `00000000-0000-7000-8000-${String(++count).padStart(12, '0')}`,
    receivedAt: new Date(at),
    report: r,
    source,
    deviceKey: `${source}:${r.deviceId}`,
  };
}
