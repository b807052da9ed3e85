/**
 * The canonical report: what every wire format is turned into. Sections keep the original content under the names of the GLPI
 * inventory format (lower-case keys, dates as ISO); `device` and `software` are the typed facts read from them.
 */
export type AgentFamily = 'glpi' | 'fusioninventory' | 'ocs' | 'osquery' | 'ssh' | 'winrm' | 'unknown';

export type ReportKind = 'prolog' | 'contact' | 'get_params' | 'inventory' | 'netdiscovery' | 'netinventory' | 'unknown';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A part that was dropped or changed, with the reason; never lost silently. */
export interface Warning {
  /** Stable, for example `bad_date`, `row_dropped`, `truncated_body`, `invalid_utf8`, `too_many_rows`. */
  code: string;
  /** Where, for example `softwares[17].install_date`. */
  path: string;
  message: string;
}

export interface Report {
  family: AgentFamily;
  kind: ReportKind;
  /** DEVICEID: the agent's own name for the machine, `hostname-YYYY-MM-DD-hh-mm-ss`. */
  deviceId: string | null;
  /** GLPI-Agent-ID header, when there is one. */
  agentId: string | null;
  agentVersion: string | null;
  /** `Computer`, `Phone`, `NetworkEquipment`, `Printer`, `Unmanaged`. */
  itemType: string;
  /** true: an absent section is unchanged. false: an absent section is empty. */
  partial: boolean;
  tag: string | null;
  /** Section name -> normalised content; arrays for repeated sections. */
  sections: Record<string, Json>;
  device: DeviceFacts | null;
  /** null: the section is absent. */
  software: SoftwareRow[] | null;
  /** What a network device resolved addresses to. It changes by the minute, so it is no section; absent from what tells no such table. */
  arp?: readonly { readonly ip: string; readonly mac: string }[];
  warnings: Warning[];
}

/** Facts of one machine. A group that is null was not in the report; a field that is null was not given. */
export interface DeviceFacts {
  name: string | null;
  /** Domain or workgroup, apart from the name. */
  domain: string | null;
  fqdn: string | null;
  manufacturer: string | null;
  model: string | null;
  serial: string | null;
  enclosureSerial: string | null;
  boardSerial: string | null;
  boardManufacturer: string | null;
  /** As reported; normalising is identity's work. */
  uuid: string | null;
  assetTag: string | null;
  /** As reported, for example `Notebook`, `Tower`, `Rack Mount Chassis`. */
  chassisType: string | null;
  /** As reported: `Physical`, `VMware`, `Hyper-V`, `Docker`, `lxc`, ... */
  vmSystem: string | null;
  biosVersion: string | null;
  biosDate: string | null;
  os: OsFacts | null;
  cpu: CpuFacts | null;
  memoryMb: number | null;
  lastUser: string | null;
  /** Everyone seen logged in; null when the section is absent. */
  users: UserFact[] | null;
  interfaces: InterfaceFact[] | null;
  storage: StorageFact[] | null;
  volumes: VolumeFact[] | null;
  monitors: MonitorFact[] | null;
  /** IMEI and MEID of its modems; absent when not told. */
  imeis?: string[];
  /** The device id its maker gave a phone or tablet. */
  udid?: string;
  /** What directories call its registration: object id in Active Directory, device id in Entra ID. */
  directoryIds?: string[];
}
export interface OsFacts {
  name: string | null;
  version: string | null;
  kernel: string | null;
  arch: string | null;
  /** ISO date-time without zone, as the agent gave it. */
  installedOn: string | null;
  bootedAt: string | null;
  family: 'windows' | 'linux' | 'macos' | 'bsd' | 'unix' | 'other';
}
export interface CpuFacts {
  name: string | null;
  manufacturer: string | null;
  /** Occupied sockets (processor packages); null when unknown. */
  sockets: number | null;
  /** Physical cores over all sockets; null when any socket lacks the count. */
  cores: number | null;
  threads: number | null;
  speedMhz: number | null;
}
export interface UserFact {
  login: string;
  domain: string | null;
}
export interface InterfaceFact {
  name: string;
  mac: string | null;
  ips: string[];
  type: string | null;
  /** Software-made: bridge, VPN, docker. Its MAC never identifies. */
  virtual: boolean;
  speedMbps: number | null;
  up: boolean | null;
  driver: string | null;
  /** What only a port of network equipment has. */
  port?: PortFact | null;
}
export interface PortFact {
  /** ifIndex. */
  index: number;
  description: string | null;
  alias: string | null;
  enabled: boolean | null;
  trunk: boolean | null;
  vlans: { id: number; name: string | null; tagged: boolean }[];
  /** ifIndex of the ports that this one bundles. */
  members: number[];
}
export interface StorageFact {
  name: string;
  model: string | null;
  serial: string | null;
  type: string | null;
  sizeMb: number | null;
  interface: string | null;
  firmware: string | null;
}
export interface VolumeFact {
  mount: string;
  label: string | null;
  device: string | null;
  filesystem: string | null;
  totalMb: number | null;
  freeMb: number | null;
  encrypted: boolean | null;
}
export interface MonitorFact {
  name: string | null;
  manufacturer: string | null;
  serial: string | null;
}

/** One installed title. The first group is evidence (shared by machines), the second belongs to this machine. */
export interface SoftwareRow {
  name: string;
  version: string | null;
  publisher: string | null;
  /** `msi`, `registry`, `appx`, `deb`, `rpm`, `apk`, `pacman`, `brew`, `bundle`, `snap`, `flatpak`, `os` (the operating system itself), `other`. */
  channel: string;
  arch: string | null;
  /** Product code, package family name, bundle id: whatever strong code the agent gave. */
  code: string | null;

  installedOn: string | null;
  /** The ISO date it was last started, where the agent tells it. */
  lastUsed?: string | null;
  path: string | null;
  sizeKb: number | null;
  /** Set when it is installed for one user only. */
  user: string | null;
}
