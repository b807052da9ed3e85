import { isContainer } from './keys.ts';

export interface ClassFacts {
  readonly itemType: string;
  readonly chassisType: string | null;
  readonly vmSystem: string | null;
  readonly model: string | null;
  readonly manufacturer: string | null;
  readonly osName: string | null;
  readonly osFamily: string | null;
}

/** Chassis words of SMBIOS (DSP0134, table of enclosure types) as agents send them, to asset class. */
const chassis: readonly [RegExp, string][] = [
  [/notebook|laptop|portable|sub ?notebook|convertible|detachable|lunch ?box|hand ?held/i, 'laptop'],
  [/tablet/i, 'tablet'],
  [/blade/i, 'blade'],
  [/rack ?mount|main (server|system) chassis|multi-?system/i, 'server'],
  [/all[ -]?in[ -]?one/i, 'all_in_one'],
  [/mini ?pc|stick ?pc|space-saving|embedded/i, 'mini_pc'],
  [/desktop|tower|pizza ?box|low ?profile/i, 'desktop'],
];

const itemTypes: Record<string, string> = {
  Phone: 'phone',
  NetworkEquipment: 'network_device',
  Printer: 'printer',
  Unmanaged: 'unmanaged',
  Monitor: 'monitor',
  Peripheral: 'peripheral',
};

/** What scans call things, agents' words and those of the walk reader, to asset class. */
const scanned: Record<string, string> = {
  networking: 'network_device',
  networkequipment: 'network_device',
  switch: 'switch',
  router: 'router',
  firewall: 'firewall',
  security_appliance: 'firewall',
  load_balancer: 'load_balancer',
  wan_optimizer: 'network_device',
  media_converter: 'network_device',
  kvm: 'network_device',
  wireless_controller: 'wireless_controller',
  wifi: 'access_point',
  access_point: 'access_point',
  printer: 'printer',
  storage: 'storage_array',
  power: 'ups',
  ups: 'ups',
  pdu: 'pdu',
  sensor: 'sensor',
  camera: 'camera',
  video: 'camera',
  phone: 'desk_phone',
  server: 'server',
  computer: 'computer',
};

/**
 * The asset class of what a network scan found, by the scan's own word and what is told more closely of it; null when nothing tells, and
 * then a scan says nothing about the class.
 */
export function classOfScanned(word: string | null, closer: string | null): string | null {
  const general = word === null ? undefined : scanned[word.toLowerCase()];
  const special = closer === null ? undefined : scanned[closer];
  return (general === undefined || general === 'network_device' ? special : undefined) ?? general ?? null;
}

/**
 * The asset class of a reported thing. A virtual machine is told by its virtualisation, a server by its chassis or operating system,
 * other computers by their chassis or model; `computer` when nothing tells.
 */
export function classOf(facts: ClassFacts): string {
  const other = itemTypes[facts.itemType];
  if (other) return other;
  if (isContainer(facts.vmSystem)) return 'container';
  if (facts.vmSystem && !/^(physical|none|unknown)?$/i.test(facts.vmSystem.trim())) return 'virtual_machine';
  if (facts.model && /virtual machine|vmware|virtualbox|kvm|qemu|hvm domu|bochs/i.test(facts.model)) return 'virtual_machine';
  const byChassis = chassis.find(([pattern]) => pattern.test(facts.chassisType ?? ''))?.[1];
  const serverOs = /windows server|esxi|proxmox|red hat enterprise linux server/i.test(facts.osName ?? '');
  if (byChassis && byChassis !== 'desktop') return byChassis;
  if (serverOs || /poweredge|proliant|thinksystem|primergy/i.test(facts.model ?? '')) return 'server';
  if (/macbook|thinkpad|latitude|elitebook|probook|zbook|xps 1[3-7]|surface laptop|lifebook|travelmate/i.test(facts.model ?? ''))
    return 'laptop';
  if (/^imac/i.test(facts.model ?? '')) return 'all_in_one';
  if (/macmini|mac mini/i.test(facts.model ?? '')) return 'mini_pc';
  return byChassis ?? 'computer';
}
