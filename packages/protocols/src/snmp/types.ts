/** What a device that answers SNMP is. */
export const networkDeviceTypes = [
  'switch',
  'router',
  'firewall',
  'load_balancer',
  'wan_optimizer',
  'security_appliance',
  'wireless_controller',
  'access_point',
  'media_converter',
  'printer',
  'ups',
  'pdu',
  'sensor',
  'camera',
  'phone',
  'storage',
  'server',
  'computer',
  'kvm',
] as const;
export type NetworkDeviceType = (typeof networkDeviceTypes)[number];

export interface PortVlan {
  id: number;
  name: string | null;
  tagged: boolean;
}
/** One row of IF-MIB. */
export interface NetworkPort {
  /** ifIndex. */
  index: number;
  name: string | null;
  description: string | null;
  alias: string | null;
  /** IANA ifType. */
  ifType: number | null;
  mac: string | null;
  mtu: number | null;
  speedMbps: number | null;
  enabled: boolean | null;
  up: boolean | null;
  trunk: boolean | null;
  ips: string[];
  vlans: PortVlan[];
  /** ifIndex of the ports that this one bundles. */
  members: number[];
}

/** IANAPhysicalClass (RFC 6933) from 1 on. */
export const entityKinds = [
  'other',
  'unknown',
  'chassis',
  'backplane',
  'container',
  'power_supply',
  'fan',
  'sensor',
  'module',
  'port',
  'stack',
  'cpu',
] as const;
/** What ENTITY-MIB tells, and what a wireless controller lists of its own. */
export const componentKinds = [...entityKinds, 'access_point'] as const;
export type ComponentKind = (typeof componentKinds)[number];

/** How an access point stands with its controller: `up` serves, `down` is known and away. */
export const componentStates = ['up', 'down', 'downloading', 'disassociating'] as const;
export type ComponentState = (typeof componentStates)[number];

/** One physical entity of ENTITY-MIB (RFC 6933), or an access point that a wireless controller lists. */
export interface NetworkComponent {
  index: number;
  /** Index of the entity that holds it; null for the outermost. */
  containedIn: number | null;
  kind: ComponentKind;
  name: string | null;
  description: string | null;
  manufacturer: string | null;
  model: string | null;
  serial: string | null;
  hardware: string | null;
  firmware: string | null;
  software: string | null;
  replaceable: boolean | null;
  /** From here on only of access points. The MAC address of its wired port, or of its radios where only that is told. */
  mac: string | null;
  ip: string | null;
  location: string | null;
  state: ComponentState | null;
}

/** Another device seen on a port. Its identity is the pair of chassis and port, never its name. */
export interface NetworkNeighbour {
  /** `scan`: a scanner says so without how it knows; `learned`: only its address was seen on the port. */
  protocol: 'lldp' | 'cdp' | 'scan' | 'learned';
  /** ifIndex of the own port; null when it cannot be told. */
  localPort: number | null;
  localPortName: string | null;
  chassisId: string | null;
  portId: string | null;
  portDescription: string | null;
  systemName: string | null;
  systemDescription: string | null;
  model: string | null;
  ips: readonly string[];
}

/** An address that a bridge learned on a port. */
export interface ForwardingEntry {
  mac: string;
  port: number | null;
  vlan: number | null;
}
export interface ArpEntry {
  ip: string;
  mac: string;
  port: number;
}
export const supplyKinds = [
  'toner',
  'waste_toner',
  'ink',
  'waste_ink',
  'ribbon',
  'wax',
  'drum',
  'developer',
  'fuser',
  'transfer',
  'cleaner',
  'staples',
  'waste_paper',
  'other',
] as const;
export type SupplyKind = (typeof supplyKinds)[number];

export interface PrinterSupply {
  description: string;
  kind: SupplyKind;
  /** A word such as `black`; null where the supply has none. */
  colour: string | null;
  /** 0 to 100, of what is left; null when the printer does not measure it. */
  percent: number | null;
  /** What a printer says that does not measure. */
  state: 'ok' | 'low' | 'empty' | null;
  /** When it is full, in `unit`. */
  capacity: number | null;
  /** What is left, in `unit`. */
  level: number | null;
  unit: string | null;
}

/** Pages in the life of a printer; null for what it does not tell. */
export interface PageCounts {
  total: number | null;
  black: number | null;
  colour: number | null;
  /** Sheets printed on both sides. */
  duplex: number | null;
  scanned: number | null;
}

export const batteryStatuses = ['normal', 'low', 'depleted', 'replace'] as const;
export interface UpsFacts {
  manufacturer: string | null;
  model: string | null;
  firmware: string | null;
  batteryStatus: (typeof batteryStatuses)[number] | null;
  chargePercent: number | null;
  runtimeMinutes: number | null;
  /** Of the phase with the most load. */
  loadPercent: number | null;
  inputVolts: number | null;
  outputVolts: number | null;
  onBattery: boolean | null;
}
export interface HostSoftware {
  name: string;
  installedOn: string | null;
}

/** What a walk says about the device that answered it. */
export interface NetworkDevice {
  type: NetworkDeviceType | null;
  /** How the type was told: `object_id`, `description`, `printer_mib`, `ups_mib`, `enterprise`, `host`, `bridge`, `routing`. */
  typeReason: string | null;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  name: string | null;
  description: string | null;
  firmware: string | null;
  location: string | null;
  contact: string | null;
  uptimeSeconds: number | null;
  objectId: string | null;
  mac: string | null;
  ips: string[];
  ports: NetworkPort[];
  components: NetworkComponent[];
  neighbours: NetworkNeighbour[];
  forwarding: ForwardingEntry[];
  arp: ArpEntry[];
  supplies: PrinterSupply[];
  pages: PageCounts | null;
  ups: UpsFacts | null;
  software: HostSoftware[];
}
