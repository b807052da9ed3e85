import type { CpuFacts, DeviceFacts, Json, MonitorFact, OsFacts, StorageFact, UserFact, VolumeFact } from '../report.ts';
import { interfaceFacts } from './interfaces.ts';
import { isObject, saysNothing, textOf, wholeNumber } from './values.ts';

type Obj = { [key: string]: Json };
type Sections = Record<string, Json>;

const objectOf = (sections: Sections, name: string): Obj => (isObject(sections[name]) ? sections[name] : {});
export const rowsOf = (sections: Sections, name: string): Obj[] | null =>
  Array.isArray(sections[name]) ? sections[name].filter(isObject) : null;

/** A text short enough for a fact; the section keeps the original. */
function short(value: Json | undefined, max = 255): string | null {
  return textOf(value)?.slice(0, max).toWellFormed() ?? null;
}

const first = (...values: (string | null)[]): string | null => values.find((v) => v !== null) ?? null;

/** The facts of one machine, read from its normalised sections. Null when no section says anything about a device. */
export function deviceFacts(sections: Sections): DeviceFacts | null {
  const about = [
    'bios',
    'hardware',
    'operatingsystem',
    'network_device',
    'networks',
    'network_ports',
    'cpus',
    'memories',
    'storages',
    'drives',
    'users',
    'monitors',
    'identifiers',
  ];
  if (!about.some((name) => sections[name] !== undefined)) return null;
  const bios = objectOf(sections, 'bios');
  const hardware = objectOf(sections, 'hardware');
  const os = objectOf(sections, 'operatingsystem');
  const network = objectOf(sections, 'network_device');
  return {
    name: first(short(hardware['name']), short(network['name'])),
    domain: first(short(hardware['workgroup']), short(os['dns_domain'])),
    fqdn: short(os['fqdn']),
    manufacturer: first(short(bios['smanufacturer']), short(network['manufacturer'])),
    model: first(short(bios['smodel']), short(network['model'])),
    serial: first(short(bios['ssn']), short(network['serial'])),
    enclosureSerial: first(short(bios['enclosureserial']), short(bios['eserial'])),
    boardSerial: short(bios['msn']),
    boardManufacturer: short(bios['mmanufacturer']),
    uuid: short(hardware['uuid']),
    assetTag: first(short(bios['assettag']), short(network['assettag'])),
    chassisType: first(short(hardware['chassis_type']), short(bios['type'])),
    vmSystem: short(hardware['vmsystem']),
    biosVersion: first(short(bios['bversion']), short(network['firmware'])),
    biosDate: short(bios['bdate']),
    os: osFacts(sections),
    cpu: cpuFacts(rowsOf(sections, 'cpus')),
    memoryMb: memoryMb(sections),
    lastUser: first(short(hardware['lastloggeduser']), short(hardware['userid'])),
    users: userFacts(rowsOf(sections, 'users')),
    interfaces: interfaceFacts(sections),
    storage: rowsOf(sections, 'storages')?.map(storageFact) ?? null,
    volumes: rowsOf(sections, 'drives')?.map(volumeFact) ?? null,
    monitors: rowsOf(sections, 'monitors')?.map(monitorFact) ?? null,
    ...identifierFacts(objectOf(sections, 'identifiers')),
  };
}

/** A machine has a few modems and registrations; a list without end is none. */
const MOST_IDS = 8;

/** What a connector's section of identifiers says; a field that is not told stays absent. */
function identifierFacts(ids: Obj): Pick<DeviceFacts, 'imeis' | 'udid' | 'directoryIds'> {
  const list = (value: Json | undefined): string[] =>
    (Array.isArray(value) ? value : []).slice(0, MOST_IDS).flatMap((one) => short(one, 100) ?? []);
  const [imeis, directoryIds, udid] = [list(ids['imeis']), list(ids['directory']), short(ids['udid'], 100)];
  return {
    ...(imeis.length > 0 ? { imeis } : {}),
    ...(directoryIds.length > 0 ? { directoryIds } : {}),
    ...(udid === null ? {} : { udid }),
  };
}

/** The operating system; OCS gives it in `hardware` only. */
function osFacts(sections: Sections): OsFacts | null {
  const os = objectOf(sections, 'operatingsystem');
  const hardware = objectOf(sections, 'hardware');
  const name = first(short(os['full_name']), short(os['name']), short(hardware['osname']));
  if (name === null && sections['operatingsystem'] === undefined) return null;
  const kernelName = textOf(os['kernel_name']);
  return {
    name,
    version: first(short(os['version']), sections['operatingsystem'] === undefined ? short(hardware['osversion']) : null),
    kernel: short(os['kernel_version']),
    arch: first(short(os['arch'], 60), archOf(sections)),
    installedOn: afterEpoch(
      textOf(os['install_date']) ?? (sections['operatingsystem'] === undefined ? textOf(hardware['install_date']) : null),
    ),
    bootedAt: afterEpoch(textOf(os['boot_time'])),
    family: osFamily(`${kernelName ?? ''} ${name ?? ''} ${textOf(os['name']) ?? ''} ${textOf(hardware['archname']) ?? ''}`),
  };
}

/** The processors say the architecture where the operating system does not. */
function archOf(sections: Sections): string | null {
  const cpu = rowsOf(sections, 'cpus')?.[0];
  return cpu ? short(cpu['arch'], 60) : null;
}

/** Agents write the epoch when they do not know. */
const afterEpoch = (date: string | null): string | null => (date !== null && date > '1980-01-02' ? date : null);

/** The family of an operating system by its kernel's and its own name. */
export function osFamily(text: string): OsFacts['family'] {
  if (/mswin|windows/i.test(text)) return 'windows';
  if (/darwin|mac ?os|os x/i.test(text)) return 'macos';
  if (/bsd|dragonfly/i.test(text)) return 'bsd';
  if (/aix|hp-?ux|solaris|sunos|irix|tru64/i.test(text)) return 'unix';
  if (/linux|debian|ubuntu|fedora|red ?hat|centos|suse|alpine|arch|mint|rocky|alma|android|gentoo/i.test(text)) return 'linux';
  return 'other';
}

function cpuFacts(rows: Obj[] | null): CpuFacts | null {
  const top = rows?.[0];
  if (!rows || !top) return null;
  const number = (row: Obj, key: string): number | null => wholeNumber(row[key] ?? null, 'none');
  // OCS writes one row with the socket count, the others one row for each socket.
  const stated = number(top, 'nbsocket');
  const sockets = rows.length === 1 && stated !== null && stated > 1 && stated <= 1024 ? stated : rows.length;
  const factor = rows.length === 1 ? sockets : 1;
  const sum = (read: (row: Obj) => number | null): number | null => {
    let total = 0;
    for (const row of rows) {
      const value = read(row);
      if (value === null || value === 0) return null;
      total += value * factor;
    }
    return total;
  };
  const speed = wholeNumber(top['speed'] ?? null, 'mhz');
  return {
    // OCS calls the name TYPE.
    name: first(short(top['name']), short(top['type'])),
    manufacturer: short(top['manufacturer']),
    sockets,
    cores: sum((row) => number(row, 'core') ?? number(row, 'corecount')),
    threads: sum((row) => number(row, 'thread')),
    speedMhz: speed === 0 ? null : speed,
  };
}

function memoryMb(sections: Sections): number | null {
  const stated = wholeNumber(objectOf(sections, 'hardware')['memory'] ?? null, 'mb');
  if (stated !== null && stated > 0) return stated;
  let total = 0;
  for (const row of rowsOf(sections, 'memories') ?? []) total += wholeNumber(row['capacity'] ?? null, 'mb') ?? 0;
  if (total > 0) return total;
  const device = objectOf(sections, 'network_device');
  return wholeNumber(device['memory'] ?? device['ram'] ?? null, 'mb');
}

function userFacts(rows: Obj[] | null): UserFact[] | null {
  if (rows === null) return null;
  const seen = new Map<string, UserFact>();
  for (const row of rows) {
    const login = short(row['login']);
    const domain = short(row['domain']);
    if (login !== null) seen.set(`${domain ?? ''}\\${login}`, { login, domain });
  }
  return [...seen.values()];
}

function storageFact(row: Obj): StorageFact {
  return {
    name: first(short(row['name']), short(row['model']), short(row['description'])) ?? '',
    model: short(row['model']),
    serial: short(row['serial']),
    type: first(short(row['type']), short(row['description'])),
    sizeMb: wholeNumber(row['disksize'] ?? null, 'mb'),
    interface: short(row['interface']),
    firmware: short(row['firmware']),
  };
}

function volumeFact(row: Obj): VolumeFact {
  const type = short(row['type']);
  const volume = short(row['volumn']);
  // On Unix `type` is the mount point and `volumn` the device; on Windows `letter` is the mount point; macOS mounts under /Volumes.
  const mounted = type?.startsWith('/') ? type : null;
  const status = textOf(row['encrypt_status'])?.toLowerCase() ?? null;
  return {
    mount: first(mounted, short(row['letter']), volume, short(row['label']), type) ?? '',
    label: short(row['label']),
    device: mounted === null ? null : volume,
    filesystem: short(row['filesystem']),
    totalMb: wholeNumber(row['total'] ?? null, 'mb'),
    freeMb: wholeNumber(row['free'] ?? null, 'mb'),
    encrypted: status === null ? null : ['yes', 'encrypted', 'on', 'partially'].includes(status),
  };
}

function monitorFact(row: Obj): MonitorFact {
  const serial = saysNothing(row['serial']) ? row['altserial'] : row['serial'];
  return { name: first(short(row['name']), short(row['caption'])), manufacturer: short(row['manufacturer']), serial: short(serial) };
}
