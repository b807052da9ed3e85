import { canonicalUuid, normaliseMac, normaliseMaker, normaliseText, type PlaceholderLists } from './lists.ts';

/** `good` identifies; `weak` supports; `shared` was seen on several machines; `placeholder` means nothing. */
export type KeyQuality = 'good' | 'weak' | 'shared' | 'placeholder';
export type KeyKind =
  | 'agent_id'
  | 'instance_id'
  | 'serial'
  | 'enclosure_serial'
  | 'board_serial'
  | 'uuid'
  | 'imei'
  | 'udid'
  | 'member_serial'
  | 'asset_tag'
  | 'mac'
  | 'disk_serial'
  | 'fqdn'
  | 'hostname'
  | 'machine_id'
  | 'os_family'
  | 'model';

export interface IdentityKey {
  readonly kind: KeyKind;
  /** Normalised. Serials carry their maker in front: `DELL|7XK21M3`; instance ids where they count: `aws|123456789012|i-0a1b`. */
  readonly value: string;
  readonly quality: KeyQuality;
  /** Why it is not good, in words. */
  readonly reason: string | null;
}

/** What identity reads of a report; the canonical report's device has all of it. */
export interface IdentityFacts {
  readonly agentId: string | null;
  readonly name: string | null;
  readonly domain: string | null;
  readonly fqdn: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly enclosureSerial: string | null;
  readonly boardSerial: string | null;
  readonly boardManufacturer: string | null;
  readonly uuid: string | null;
  readonly assetTag: string | null;
  readonly imeis?: readonly string[];
  readonly vmSystem: string | null;
  readonly interfaces: readonly { mac: string | null; virtual: boolean; type: string | null; driver: string | null }[] | null;
  readonly storage: readonly { serial: string | null; type: string | null }[] | null;
  /** Cloud: `provider|account|instance`; hypervisor: `vcenter|its UUID|moref`. The last part counts within what stands before it. */
  readonly instanceId?: string | null;
  /** Of a container, in its short or long form. */
  readonly containerId?: string | null;
  /** iOS and Android device id, as a device management system knows it. */
  readonly udid?: string | null;
  /** What directories call its registration: object id in Active Directory, device id in Entra ID. Kept as device ids. */
  readonly directoryIds?: readonly string[];
  /** D-Bus machine id: copied with every image, so it only supports. */
  readonly machineId?: string | null;
  readonly osFamily?: string | null;
  /** Serial numbers of the members of a stack or virtual chassis, which are components of it; `serial` is that of its lowest member. */
  readonly memberSerials?: readonly string[];
}

/** A thing of which nothing is told: what is known is laid over it. */
export const nothingTold: IdentityFacts = {
  agentId: null,
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
  vmSystem: null,
  interfaces: null,
  storage: null,
};

const containers = /docker|lxc|podman|openvz|container|kubernetes|systemd-nspawn|jail|rkt|wsl/i;

/** Whether the virtualisation name is one of a container, which shows the serial number of its host. */
export function isContainer(vmSystem: string | null): boolean {
  return vmSystem !== null && containers.test(vmSystem);
}

const key = (
  kind: KeyKind,
  value: string,
  reason: string | null = null,
  quality: KeyQuality = reason ? 'placeholder' : 'good',
): IdentityKey => ({ kind, value, quality, reason });

/**
 * Every value of a report that may identify, normalised and classed, sorted by kind and value without doubles. Hostname, FQDN, model
 * and disk serials only support or explain; they never decide. Rules of placeholder: the lists of content/identity, one repeated
 * character, counting sequences, fewer than 4 characters, or equal to the model, maker or host name.
 */
export function extractKeys(facts: IdentityFacts, lists: PlaceholderLists): IdentityKey[] {
  const found: IdentityKey[] = [];
  const inContainer = isContainer(facts.vmSystem) || onlyDockerMacs(facts);
  if (facts.agentId) found.push(key('agent_id', facts.agentId.trim().toLowerCase()));
  const maker = normaliseMaker(facts.manufacturer);
  pushSerial(found, 'serial', facts.serial, maker, facts, lists, inContainer);
  pushSerial(found, 'enclosure_serial', facts.enclosureSerial, maker, facts, lists, inContainer);
  pushSerial(found, 'board_serial', facts.boardSerial, normaliseMaker(facts.boardManufacturer) ?? maker, facts, lists, inContainer);
  if (facts.uuid) pushUuid(found, facts.uuid, lists, inContainer);
  pushAssignedIds(found, facts);
  for (const member of facts.memberSerials ?? []) pushSerial(found, 'member_serial', member, maker, facts, lists, false);
  for (const imei of facts.imeis ?? []) {
    const value = modemId(imei);
    if (value !== null) found.push(key('imei', value, /^(.)\1+$/.test(value) ? 'one repeated digit' : null));
  }
  if (facts.assetTag && facts.assetTag.trim() !== '') {
    const tag = normaliseText(facts.assetTag);
    found.push(
      key(
        'asset_tag',
        tag,
        emptyWord(tag, facts, lists) ??
          (/^(NO |DEFAULT )?ASSET[ -]?(TAG|INFORMATION)?( NUMBER)?$/.test(tag) ? 'says only that it is a tag' : null),
      ),
    );
  }
  for (const nic of facts.interfaces ?? []) pushMac(found, nic, lists);
  for (const disk of facts.storage ?? []) {
    if (disk.serial && disk.serial.trim().length >= 4)
      found.push(key('disk_serial', normaliseText(disk.serial), 'disks move between machines', 'weak'));
  }
  pushNames(found, facts);
  if (facts.osFamily) found.push(key('os_family', facts.osFamily.trim().toLowerCase(), 'many machines run it', 'weak'));
  if (facts.model) found.push(key('model', normaliseText(facts.model), 'many machines are of one model', 'weak'));
  return sortKeys(found);
}

const longestKey = 300;

/** In one order and without doubles; of doubles the better quality stays. */
export function sortKeys(keys: readonly IdentityKey[]): IdentityKey[] {
  const rank: Record<KeyQuality, number> = { good: 0, weak: 1, shared: 2, placeholder: 3 };
  const best = new Map<string, IdentityKey>();
  for (const k of keys) {
    // Nothing real is that long; an index could not hold it.
    if (k.value.length > longestKey) continue;
    const id = `${k.kind} ${k.value}`;
    const there = best.get(id);
    if (!there || rank[k.quality] < rank[there.quality]) best.set(id, k);
  }
  return [...best.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, k]) => k);
}

const shortName = (name: string): string =>
  (name.includes('.') && !/^[\d.]+$/.test(name) ? name.slice(0, name.indexOf('.')) : name).trim().toLowerCase();

/** Docker gives addresses 02:42; a machine that has no other is a container, also when the agent in it does not know. */
function onlyDockerMacs(facts: IdentityFacts): boolean {
  const macs = (facts.interfaces ?? [])
    .flatMap((nic) => (nic.mac === null ? [] : (normaliseMac(nic.mac) ?? [])))
    .filter((m) => !/^0+$/.test(m));
  return macs.length > 0 && macs.every((m) => m.startsWith('0242'));
}

/** Ids that something gave the machine: a cloud, a hypervisor, a container engine, the maker of a phone, the operating system. */
function pushAssignedIds(found: IdentityKey[], facts: IdentityFacts): void {
  const instance = facts.instanceId?.trim().toLowerCase() ?? '';
  if (instance.length >= 4) found.push(key('instance_id', instance));
  const container = facts.containerId?.trim().toLowerCase() ?? '';
  if (/^[0-9a-f]{12,64}$/.test(container)) found.push(key('instance_id', `container|${container.slice(0, 12)}`));
  const udid = facts.udid?.trim().toLowerCase() ?? '';
  if (udid !== '') found.push(deviceId(udid));
  for (const raw of facts.directoryIds ?? []) {
    const id = canonicalUuid(raw);
    // A directory's id is a GUID; its bytes may have come in either order.
    if (id !== null) found.push(deviceId(id));
  }
  const machine = facts.machineId?.replaceAll('-', '').trim().toLowerCase() ?? '';
  if (/^[0-9a-f]{32}$/.test(machine)) found.push(key('machine_id', machine, 'copied with every image', 'weak'));
}

function deviceId(value: string): IdentityKey {
  const digits = value.replaceAll('-', '');
  return key('udid', value, digits.length < 8 || /^(.)\1+$/.test(digits) ? 'too short or one repeated digit' : null);
}

/**
 * The id of a modem without its check digit: 14 digits of an IMEI (3GPP TS 23.003: 15 with the check digit, 16 with the software version),
 * or a MEID as 14 hexadecimal digits (3GPP2 C.S0072), which is also written as 18 decimal ones: ten for the first eight, eight for the rest.
 */
function modemId(raw: string): string | null {
  const value = raw.replace(/[^0-9a-f]/gi, '').toUpperCase();
  if (/^\d{18}$/.test(value)) {
    const hex = (digits: string, length: number): string => Number(digits).toString(16).toUpperCase().padStart(length, '0');
    const meid = hex(value.slice(0, 10), 8) + hex(value.slice(10), 6);
    return meid.length === 14 ? meid : null;
  }
  if (/^\d{14,16}$/.test(value)) return value.slice(0, 14);
  return /^[0-9A-F]{14}[0-9A-F]?$/.test(value) ? value.slice(0, 14) : null;
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

function pushNames(found: IdentityKey[], facts: IdentityFacts): void {
  const given = 'names are given to people, not to machines';
  const name = facts.name?.trim() ?? '';
  if (name !== '') {
    const short = shortName(name);
    if (isAddress(name)) found.push(key('hostname', short, 'an IP address'));
    else if (short === 'localhost' || short === '(none)') found.push(key('hostname', short, 'what a machine without a name is called'));
    else found.push(key('hostname', short, given, 'weak'));
  }
  const raw = facts.fqdn ?? (name !== '' && facts.domain?.includes('.') ? `${shortName(name)}.${facts.domain}` : null);
  const fqdn = raw?.trim().toLowerCase().replace(/\.$/, '') ?? '';
  if (!fqdn.includes('.') || isAddress(fqdn)) return;
  if (/^localhost\.|\.localdomain$|^[^.]+\.local$/.test(fqdn)) found.push(key('fqdn', fqdn, 'a domain that every network has'));
  else found.push(key('fqdn', fqdn, given, 'weak'));
}

function pushSerial(
  found: IdentityKey[],
  kind: KeyKind,
  raw: string | null,
  maker: string | null,
  facts: IdentityFacts,
  lists: PlaceholderLists,
  inContainer: boolean,
): void {
  if (raw === null || raw.trim() === '') return;
  // VMware and VirtualBox write the machine's UUID where hardware has a serial number.
  const embedded = /^(?:vmware-|virtualbox-)(.+)$/i.exec(raw.trim());
  const asUuid = canonicalUuid(embedded?.[1] ?? raw.trim());
  if (asUuid) {
    pushUuid(found, embedded?.[1] ?? raw.trim(), lists, inContainer);
    return;
  }
  const value = normaliseText(raw);
  const scoped = `${maker ?? ''}|${value}`;
  const empty = emptyWord(value, facts, lists);
  if (empty) found.push(key(kind, scoped, empty));
  else if (inContainer) found.push(key(kind, scoped, 'a container shows the serial number of its host', 'shared'));
  else if (maker === null) found.push(key(kind, scoped, 'a serial number without its maker', 'weak'));
  else found.push(key(kind, scoped));
}

function pushUuid(found: IdentityKey[], raw: string, lists: PlaceholderLists, inContainer: boolean): void {
  const value = canonicalUuid(raw);
  if (!value) {
    if (raw.trim() !== '') found.push(key('uuid', normaliseText(raw), 'not a UUID'));
    return;
  }
  const bytes = new Set(value.replaceAll('-', '').match(/../g));
  if (lists.uuids.has(value)) found.push(key('uuid', value, 'a UUID that makers leave in firmware'));
  else if (bytes.size < 4) found.push(key('uuid', value, 'fewer than four different bytes'));
  else if (inContainer) found.push(key('uuid', value, 'a container may show the UUID of its host', 'weak'));
  else found.push(key('uuid', value));
}

function pushMac(
  found: IdentityKey[],
  nic: { mac: string | null; virtual: boolean; type: string | null; driver: string | null },
  lists: PlaceholderLists,
): void {
  const mac = nic.mac === null ? null : normaliseMac(nic.mac);
  if (mac === null || /loopback/i.test(nic.type ?? '')) return;
  const secondDigit = Number.parseInt(mac.charAt(1), 16);
  if (/^(..)\1+$/.test(mac) || lists.macs.has(mac) || lists.macPrefixes.some((p) => mac.startsWith(p)))
    found.push(key('mac', mac, 'an address that many adapters share'));
  else if (nic.virtual) found.push(key('mac', mac, 'an adapter made by software', 'weak'));
  else if ((secondDigit & 1) === 1) found.push(key('mac', mac, 'a group address'));
  else if ((secondDigit & 2) === 2) found.push(key('mac', mac, 'locally administered: may be random', 'weak'));
  else if ((nic.driver && lists.usbDrivers.has(nic.driver.toLowerCase())) || /usb|bluetooth|dialup/i.test(nic.type ?? ''))
    found.push(key('mac', mac, 'an adapter that can be unplugged', 'weak'));
  else found.push(key('mac', mac));
}

/** Why a serial or tag says nothing, or null. */
function emptyWord(value: string, facts: IdentityFacts, lists: PlaceholderLists): string | null {
  if (lists.serials.has(value)) return 'a placeholder that makers leave in firmware';
  const bare = value.replace(/[^0-9A-Z]/g, '');
  if (bare.length < 4) return 'shorter than four characters';
  if (/^(.)\1+$/.test(bare)) return 'one repeated character';
  if ('01234567890123456789'.includes(bare) || 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.includes(bare)) return 'a counting sequence';
  const equals = (other: string | null): boolean => other !== null && normaliseText(other) === value;
  if (equals(facts.model)) return 'the same as the model';
  if (equals(facts.manufacturer)) return 'the same as the maker';
  if (equals(facts.name)) return 'the same as the host name';
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(value)) return 'an IP address';
  return null;
}
