import { type HardwareModel, hardwareModels, junkSerials } from './hardware.ts';
import { basePackages, libraryPackages, rolePackages, rolesOfServers } from './linux-packages.ts';
import { macTitles } from './mac-titles.ts';
import { type Office, type SeedPerson, offices, weighted } from './organisation.ts';
import { type Random, random } from './random.ts';
import { type SeedTitle, windowsApplications, windowsRuntimes, windowsServerTitles, windowsUpdates } from './windows-titles.ts';

export type Dialect = 'glpi' | 'fusioninventory' | 'ocs';
export interface SeedSoftware {
  name: string;
  version: string;
  publisher: string;
  from: string;
  arch: string;
  installedOn: string;
}
export interface SeedDevice {
  index: number;
  deviceId: string;
  agentId: string;
  dialect: Dialect;
  name: string;
  platform: 'windows' | 'windows-server' | 'linux' | 'macos';
  hardware: HardwareModel;
  /** False: the agent could not read sockets and cores, as happens on old virtual hosts. */
  cpuKnown: boolean;
  virtualOn: 'VMware' | 'Hyper-V' | null;
  serial: string;
  uuid: string;
  mac: string;
  ip: string;
  office: Office;
  person: SeedPerson | null;
  memoryMb: number;
  osName: string;
  osVersion: string;
  diskSerial: string;
  /** When the agent took the inventory; stale machines lie in the past. */
  seenAt: Date;
  software: SeedSoftware[];
}

const clientOses: readonly [string, string][] = [
  ['Microsoft Windows 11 Pro', '10.0.22631'],
  ['Microsoft Windows 11 Enterprise', '10.0.22631'],
  ['Microsoft Windows 10 Pro', '10.0.19045'],
  ['Microsoft Windows 10 Enterprise', '10.0.19045'],
];
const serverOses: readonly [string, string][] = [
  ['Microsoft Windows Server 2022 Standard', '10.0.20348'],
  ['Microsoft Windows Server 2019 Standard', '10.0.17763'],
  ['Microsoft Windows Server 2022 Datacenter', '10.0.20348'],
  ['Microsoft Windows Server 2016 Standard', '10.0.14393'],
];
const linuxOses: readonly [string, string][] = [
  ['Debian GNU/Linux 12 (bookworm)', '12'],
  ['Ubuntu 22.04.4 LTS', '22.04'],
  ['Ubuntu 24.04 LTS', '24.04'],
];

/** Machine `index` of the organisation, first report. `today` bounds every date. */
export function makeDevice(seed: number, index: number, people: readonly SeedPerson[], today: Date): SeedDevice {
  const r = random(seed, `device ${index}`);
  const isServer = index % 9 === 4;
  const hardware = chooseHardware(r, isServer);
  const person = isServer ? null : (people[index % people.length] ?? null);
  const office = person?.office ?? weighted(offices, r.next());
  const platform =
    hardware.kind === 'mac' ? 'macos' : isServer ? (r.chance(0.45) ? 'windows-server' : 'linux') : r.chance(0.06) ? 'linux' : 'windows';
  const virtualOn = isServer && r.chance(0.7) ? (r.chance(0.75) ? 'VMware' : 'Hyper-V') : null;
  const [osName, osVersion] =
    platform === 'macos'
      ? (['macOS 14.5 (23F79)', '14.5'] as const)
      : r.pick(platform === 'windows' ? clientOses : platform === 'linux' ? linuxOses : serverOses);
  const suffix = String(index).padStart(4, '0');
  const role = rolesOfServers[index % rolesOfServers.length] as string;
  const name = `${office.code}-${isServer ? 'srv' : platform === 'macos' ? 'mac' : hardware.kind === 'laptop' ? 'nb' : 'pc'}${suffix}`;
  const uuid = makeUuid(r);
  const seenAt = new Date(today.getTime() - (r.chance(0.06) ? (30 + r.int(150)) * 86_400_000 : r.int(20 * 3600) * 1000));
  const device: Omit<SeedDevice, 'software'> = {
    index,
    name,
    platform,
    hardware,
    virtualOn,
    office,
    person,
    osName,
    osVersion,
    uuid,
    seenAt,
    deviceId: `${name}-2026-${String(1 + r.int(9)).padStart(2, '0')}-${String(1 + r.int(28)).padStart(2, '0')}-08-${String(r.int(60)).padStart(2, '0')}-${String(r.int(60)).padStart(2, '0')}`,
    agentId: makeUuid(r).toLowerCase(),
    dialect: chooseDialect(r),
    cpuKnown: !(isServer && r.chance(0.06)),
    serial: makeSerial(r, hardware, virtualOn, uuid, index),
    mac: `${virtualOn === 'VMware' ? '00:50:56' : virtualOn === 'Hyper-V' ? '00:15:5d' : hardware.oui}:${hexPair(index >> 8)}:${hexPair(index)}:${hexPair(seed + 17)}`,
    ip: `10.${office.subnet}.${(index >> 8) & 255}.${index & 255}`,
    memoryMb: virtualOn ? r.pick([8192, 16384, 32768]) : r.pick(hardware.memoryMb),
    diskSerial: `S6${r.hex(10).toUpperCase()}${suffix}`,
  };
  return { ...device, software: softwareOf(seed, device, role) };
}

function chooseHardware(r: Random, isServer: boolean): HardwareModel {
  return weighted(
    hardwareModels.filter((h) => (h.kind === 'server') === isServer),
    r.next(),
  );
}
function chooseDialect(r: Random): Dialect {
  const at = r.next();
  return at < 0.65 ? 'glpi' : at < 0.85 ? 'fusioninventory' : 'ocs';
}
function makeUuid(r: Random): string {
  return `${r.hex(8)}-${r.hex(4)}-4${r.hex(3)}-a${r.hex(3)}-${r.hex(12)}`.toUpperCase();
}
const hexPair = (n: number): string => (n & 255).toString(16).padStart(2, '0');

const serialCharacters = 'B C D F G H J K L M N P Q R S T V W X Z 0 1 2 3 4 5 6 7 8 9'.split(' ');

function makeSerial(r: Random, hardware: HardwareModel, virtualOn: string | null, uuid: string, index: number): string {
  if (virtualOn === 'VMware')
    return `VMware-${uuid
      .replaceAll('-', '')
      .toLowerCase()
      .replace(/(..)(?=.)/g, '$1 ')
      .replace(/^((?:.. ){7}..) /, '$1-')}`;
  if (virtualOn === 'Hyper-V')
    return `${1000 + index}-${1000 + r.int(9000)}-${1000 + r.int(9000)}-${1000 + r.int(9000)}-${1000 + r.int(9000)}-${1000 + r.int(9000)}-${10 + r.int(90)}`;
  if (hardware.kind === 'desktop' && r.chance(0.06)) return r.pick(junkSerials);
  return Array.from({ length: 4 }, () => r.pick(serialCharacters)).join('') + index.toString(36).toUpperCase().padStart(3, '0');
}

function softwareOf(seed: number, device: Omit<SeedDevice, 'software'>, role: string): SeedSoftware[] {
  const r = random(seed, `software ${device.index}`);
  const department = device.person?.department.key ?? 'it';
  const installedOn = (): string => new Date(device.seenAt.getTime() - r.int(700) * 86_400_000).toISOString().slice(0, 10);
  const choose = (titles: readonly SeedTitle[], from: string): SeedSoftware[] =>
    titles
      .filter((title) => (!title.departments || title.departments.includes(department)) && r.chance(title.share))
      .map((title) => ({
        name: title.name,
        version: r.pick(title.versions),
        publisher: title.publisher,
        from,
        arch: device.platform === 'macos' ? '' : 'x86_64',
        installedOn: installedOn(),
      }));
  if (device.platform === 'macos') return choose(macTitles, 'macos');
  if (device.platform === 'windows')
    return [...choose(windowsApplications, 'registry'), ...choose(windowsRuntimes, 'registry'), ...choose(windowsUpdates, 'registry')];
  if (device.platform === 'windows-server')
    return [
      ...choose(windowsServerTitles, 'registry'),
      ...choose(windowsRuntimes, 'registry'),
      ...choose(windowsUpdates, 'registry'),
      ...(device.virtualOn === 'VMware'
        ? [
            {
              name: 'VMware Tools',
              version: '12.4.0.23259341',
              publisher: 'VMware, Inc.',
              from: 'registry',
              arch: 'x86_64',
              installedOn: installedOn(),
            },
          ]
        : []),
    ];
  const names = [
    ...basePackages,
    ...libraryPackages.filter(() => r.chance(0.93)),
    ...(rolePackages[device.person ? 'workstation' : role] ?? []),
  ];
  const release = device.osVersion;
  return [...new Set(names)].map((name) => ({
    name,
    version: packageVersion(name, release, r.chance(0.12)),
    publisher: device.osName.startsWith('Debian') ? 'Debian' : 'Ubuntu Developers',
    from: 'deb',
    arch: 'amd64',
    installedOn: installedOn(),
  }));
}

/** One version per package and release, so that machines share evidence; some machines lag one build behind. */
function packageVersion(name: string, release: string, behind: boolean): string {
  const r = random(1, `${name} ${release}`);
  return `${1 + r.int(9)}.${r.int(30)}.${r.int(12)}-${1 + r.int(6)}${release === '12' ? '+deb12u' : 'ubuntu'}${behind ? 1 : 2}`;
}
