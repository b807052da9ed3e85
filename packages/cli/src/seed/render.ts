import { deflateSync } from 'node:zlib';
import type { SeedDevice } from './fleet.ts';

export interface RenderedReport {
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** The report of a machine in its agent's own dialect, compressed as that agent does. */
export function renderReport(device: SeedDevice): RenderedReport {
  if (device.dialect === 'glpi') {
    return {
      path: '',
      body: deflateSync(JSON.stringify(glpiReport(device)), { level: 6 }),
      headers: {
        'content-type': 'application/x-compress-zlib',
        'user-agent': 'GLPI-Agent_v1.9',
        'glpi-agent-id': device.agentId,
        'glpi-request-id': device.agentId.slice(0, 8).toUpperCase(),
      },
    };
  }
  const ocs = device.dialect === 'ocs';
  return {
    path: '',
    body: deflateSync(xmlReport(device, ocs), { level: 6 }),
    headers: {
      'content-type': ocs ? 'application/x-compress' : 'application/x-compress-zlib',
      'user-agent': ocs ? 'OCS-NG_unified_unix_agent_v2.10.0' : 'FusionInventory-Agent_v2.6-3',
    },
  };
}

const stamp = (date: Date): string => date.toISOString().slice(0, 19).replace('T', ' ');

function glpiReport(d: SeedDevice): unknown {
  return {
    action: 'inventory',
    deviceid: d.deviceId,
    itemtype: 'Computer',
    tag: d.office.code.toUpperCase(),
    content: {
      accesslog: { logdate: stamp(d.seenAt) },
      bios: {
        smanufacturer: manufacturer(d),
        smodel: model(d),
        ssn: d.serial,
        bversion: '1.18.0',
        bdate: '2024-03-11',
        bmanufacturer: d.hardware.manufacturer,
      },
      hardware: {
        name: d.name,
        uuid: d.uuid,
        memory: d.memoryMb,
        chassis_type: d.virtualOn ? 'Other' : d.hardware.chassis,
        vmsystem: d.virtualOn ?? 'Physical',
        workgroup: 'northwind.example',
        defaultgateway: `10.${d.office.subnet}.0.1`,
        ...(d.person ? { lastloggeduser: d.person.login, datelastloggeduser: stamp(d.seenAt) } : {}),
      },
      ...partsOf(d),
      softwares: d.software.map((s) => ({
        name: s.name,
        version: s.version,
        publisher: s.publisher,
        arch: s.arch,
        from: s.from,
        install_date: s.installedOn,
      })),
      versionclient: 'GLPI-Agent_v1.9',
    },
  };
}

/** What the machine is made of, and who uses it. */
function partsOf(d: SeedDevice): Record<string, unknown> {
  const perSocket = {
    name: d.hardware.cpu,
    manufacturer: d.hardware.cpuMaker,
    speed: d.hardware.mhz,
    arch: 'x86_64',
    ...(d.cpuKnown ? { core: d.virtualOn ? 4 : d.hardware.cores, thread: d.virtualOn ? 4 : d.hardware.threads } : {}),
  };
  return {
    operatingsystem: {
      name: d.osName.split(' ')[0] === 'Microsoft' ? 'Windows' : d.osName.split(' ')[0],
      full_name: d.osName,
      version: d.osVersion,
      kernel_name: kernelOf(d),
      kernel_version: d.platform === 'linux' ? '6.1.0-21-amd64' : d.osVersion,
      arch: 'x86_64',
      fqdn: `${d.name}.northwind.example`,
      dns_domain: 'northwind.example',
    },
    cpus: Array.from({ length: d.virtualOn ? 1 : d.hardware.sockets }, () => perSocket),
    memories: [{ capacity: d.memoryMb, caption: 'DIMM 1', type: 'DDR4', numslots: 1 }],
    storages: [{ name: 'nvme0n1', model: 'SAMSUNG MZVL2512HCJQ', serial: d.diskSerial, disksize: 512_000, type: 'SSD', interface: 'NVMe' }],
    drives: [driveOf(d)],
    networks: [
      {
        description: 'Ethernet',
        mac: d.mac,
        ipaddress: d.ip,
        ipmask: '255.255.0.0',
        status: 'up',
        type: 'ethernet',
        virtualdev: false,
        speed: 1000,
      },
    ],
    users: d.person ? [{ login: d.person.login, domain: 'NORTHWIND' }] : [],
    local_users: [{ login: administrator(d) }],
  };
}

const driveOf = (d: SeedDevice) => ({
  type: d.platform.startsWith('windows') ? 'Local drive' : '/',
  letter: d.platform.startsWith('windows') ? 'C:' : undefined,
  volumn: 'System',
  filesystem: d.platform === 'linux' ? 'ext4' : d.platform === 'macos' ? 'apfs' : 'NTFS',
  total: 487_000,
  free: 120_000 + (d.index % 200) * 1000,
});
/** The account that every machine of its kind has. */
const administrator = (d: SeedDevice): string => (d.platform.startsWith('windows') ? 'Administrator' : 'root');

const manufacturer = (d: SeedDevice): string =>
  d.virtualOn === 'VMware' ? 'VMware, Inc.' : d.virtualOn ? 'Microsoft Corporation' : d.hardware.manufacturer;
const model = (d: SeedDevice): string => (d.virtualOn === 'VMware' ? 'VMware7,1' : d.virtualOn ? 'Virtual Machine' : d.hardware.model);
const kernelOf = (d: SeedDevice): string => (d.platform === 'linux' ? 'linux' : d.platform === 'macos' ? 'darwin' : 'MSWin32');
const escapeXml = (value: string | number): string => String(value).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** `<NAME><KEY>value</KEY>...</NAME>`, leaving out what is undefined. */
export function section(name: string, values: Record<string, string | number | undefined>): string {
  const inner = Object.entries(values)
    .filter(([, v]) => v !== undefined && v !== '')
    .map(([k, v]) => `<${k}>${escapeXml(v as string)}</${k}>`)
    .join('');
  return `<${name}>${inner}</${name}>\n`;
}

const upperCase = (values: Record<string, string | number | undefined>): typeof values =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key.toUpperCase(), value]));

const xmlHardware = (d: SeedDevice) => ({
  NAME: d.name,
  UUID: d.uuid,
  MEMORY: d.memoryMb,
  CHASSIS_TYPE: d.virtualOn ? undefined : d.hardware.chassis,
  VMSYSTEM: d.virtualOn ?? 'Physical',
  WORKGROUP: 'northwind.example',
  OSNAME: d.osName,
  OSVERSION: d.osVersion,
  LASTLOGGEDUSER: d.person?.login,
  IPADDR: d.ip,
});

function xmlReport(d: SeedDevice, ocs: boolean): string {
  const sockets = d.virtualOn ? 1 : d.hardware.sockets;
  const cores = d.cpuKnown ? (d.virtualOn ? 4 : d.hardware.cores) : undefined;
  const cpu = ocs
    ? { TYPE: d.hardware.cpu, MANUFACTURER: d.hardware.cpuMaker, SPEED: d.hardware.mhz, CORES: cores, CPUARCH: 'x86_64', NBSOCKET: sockets }
    : { NAME: d.hardware.cpu, MANUFACTURER: d.hardware.cpuMaker, SPEED: d.hardware.mhz, CORE: cores, ARCH: 'x86_64' };
  const parts = [
    section('ACCESSLOG', { LOGDATE: stamp(d.seenAt) }),
    section('ACCOUNTINFO', { KEYNAME: 'TAG', KEYVALUE: d.office.code.toUpperCase() }),
    section('BIOS', {
      SMANUFACTURER: manufacturer(d),
      SMODEL: model(d),
      SSN: d.serial,
      BVERSION: '1.18.0',
      BDATE: '03/11/2024',
      TYPE: ocs && !d.virtualOn ? d.hardware.chassis : undefined,
    }),
    ...Array.from({ length: ocs ? 1 : sockets }, () => section('CPUS', cpu)),
    section('DRIVES', upperCase(driveOf(d))),
    section('HARDWARE', xmlHardware(d)),
    section('NETWORKS', {
      DESCRIPTION: 'Ethernet',
      MACADDR: d.mac,
      IPADDRESS: d.ip,
      IPMASK: '255.255.0.0',
      STATUS: ocs ? 'Up' : 'up',
      TYPE: 'ethernet',
      VIRTUALDEV: 0,
      SPEED: 1000,
    }),
    ...(ocs
      ? []
      : [
          section('OPERATINGSYSTEM', {
            NAME: d.osName.split(' ')[0],
            FULL_NAME: d.osName,
            VERSION: d.osVersion,
            KERNEL_NAME: kernelOf(d),
            ARCH: 'x86_64',
            FQDN: `${d.name}.northwind.example`,
          }),
        ]),
    ...d.software.map((s) =>
      section('SOFTWARES', {
        NAME: s.name,
        VERSION: s.version,
        PUBLISHER: s.publisher,
        [ocs ? 'ARCHITECTURE' : 'ARCH']: s.arch,
        FROM: s.from,
        INSTALLDATE: ocs ? s.installedOn : s.installedOn.split('-').reverse().join('/'),
      }),
    ),
    section('STORAGES', { NAME: 'nvme0n1', MODEL: 'SAMSUNG MZVL2512HCJQ', SERIALNUMBER: d.diskSerial, DISKSIZE: 512_000, TYPE: 'SSD' }),
    d.person ? section('USERS', { LOGIN: d.person.login, DOMAIN: 'NORTHWIND' }) : '',
    ocs ? '' : section('LOCAL_USERS', { LOGIN: administrator(d) }),
    `<VERSIONCLIENT>${ocs ? 'OCS-NG_unified_unix_agent_v2.10.0' : 'FusionInventory-Agent_v2.6-3'}</VERSIONCLIENT>\n`,
  ];
  return `<?xml version="1.0" encoding="UTF-8" ?>\n<REQUEST>\n<CONTENT>\n${parts.join('')}</CONTENT>\n<DEVICEID>${escapeXml(d.deviceId)}</DEVICEID>\n<QUERY>INVENTORY</QUERY>\n</REQUEST>\n`;
}
