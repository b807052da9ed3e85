import type { UnitFamily } from './values.ts';

/** How one field of a section is read; a field that is not listed is text when it is scalar and kept as it is otherwise. */
export type FieldRule = 'bool' | 'date' | 'dateMdy' | 'texts' | 'lower' | 'rows' | 'object' | { readonly int: UnitFamily };

export interface SectionRule {
  /** `rows`: always an array of objects. `object`: one object. `text`: one string. */
  readonly shape: 'rows' | 'object' | 'text';
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** Names of FusionInventory and OCS, turned into those of the inventory format when that one is absent. */
  readonly renames?: Readonly<Record<string, string>>;
  /** A row without it says nothing that can be used. */
  readonly needs?: string;
}

const int: FieldRule = { int: 'none' };
const mb: FieldRule = { int: 'mb' };
const mhz: FieldRule = { int: 'mhz' };

const ints = (...names: string[]): Record<string, FieldRule> => Object.fromEntries(names.map((n) => [n, int]));
const mbs = (...names: string[]): Record<string, FieldRule> => Object.fromEntries(names.map((n) => [n, mb]));
const bools = (...names: string[]): Record<string, FieldRule> => Object.fromEntries(names.map((n) => [n, 'bool' as const]));
const dates = (...names: string[]): Record<string, FieldRule> => Object.fromEntries(names.map((n) => [n, 'date' as const]));
const rows = (fields: Record<string, FieldRule> = {}, more: Partial<SectionRule> = {}): SectionRule => ({ shape: 'rows', fields, ...more });
const object = (fields: Record<string, FieldRule> = {}, more: Partial<SectionRule> = {}): SectionRule => ({
  shape: 'object',
  fields,
  ...more,
});

/** Sections and field types of the GLPI inventory format (its JSON schema), with the older names that agents use for them. */
export const sectionRules: Readonly<Record<string, SectionRule>> = {
  accesslog: object(dates('logdate')),
  accountinfo: rows(),
  antivirus: rows({ ...bools('enabled', 'uptodate'), ...dates('expiration', 'base_creation') }),
  batteries: rows({
    capacity: { int: 'mwh' },
    real_capacity: { int: 'mwh' },
    voltage: { int: 'mv' },
    power_max: { int: 'mw' },
    ...dates('date'),
  }),
  bios: object({ bdate: 'dateMdy' }),
  cameras: rows({ resolution: 'texts', imageformats: 'texts', resolutionvideo: 'texts', ...bools('flashunit') }),
  cartridges: rows(),
  consumables: rows(ints('max')),
  controllers: rows(),
  cpus: rows(
    { ...ints('core', 'corecount', 'external_clock', 'stepping', 'thread', 'nbsocket', 'logical_cpus'), speed: mhz },
    { renames: { cores: 'core', threads: 'thread', cpuarch: 'arch', serialnumber: 'serial' } },
  ),
  databases_services: rows({
    ...ints('port', 'size'),
    ...bools('is_active', 'is_onbackup'),
    ...dates('last_boot_date', 'last_backup_date'),
    databases: 'rows',
  }),
  devices: rows(),
  drives: rows({ ...mbs('free', 'total'), ...bools('systemdrive') }),
  envs: rows(),
  firewalls: rows({ status: 'lower' }),
  firmwares: rows(dates('date')),
  hardware: object(
    { ...mbs('memory', 'swap'), ...ints('etime', 'checksum', 'processorn'), processors: mhz, ...dates('install_date') },
    { renames: { installdate: 'install_date' } },
  ),
  /** Of connectors: IMEI and MEID, device ids, ids that directories gave. */
  identifiers: object({ imeis: 'texts', directory: 'texts' }),
  inputs: rows(),
  jvms: rows(),
  licenseinfos: rows({ ...bools('trial', 'oem'), ...dates('activation_date') }),
  local_groups: rows({ members: 'texts' }, { renames: { member: 'members', id_group: 'id' } }),
  local_users: rows({}, { renames: { id_user: 'id' } }),
  logical_volumes: rows({ ...ints('seg_count'), ...mbs('size') }),
  memories: rows({ ...mbs('capacity'), ...ints('numslots'), ...bools('removable') }),
  modems: rows(),
  monitors: rows({}, { renames: { serialnumber: 'serial' } }),
  network_components: rows(
    { ...ints('contained_index', 'fru', 'index', 'stack_number') },
    { renames: { containedinindex: 'contained_index' } },
  ),
  network_device: object({ ...ints('cpu', 'credentials'), ...mbs('memory', 'ram'), ips: 'texts' }),
  network_ports: rows({
    ...ints(
      'ifinerrors',
      'ifinbytes',
      'ifinternalstatus',
      'ifmtu',
      'ifouterrors',
      'ifoutbytes',
      'ifspeed',
      'ifportduplex',
      'ifstatus',
      'iftype',
    ),
    ...bools('trunk', 'lldp'),
    ips: 'texts',
    aggregate: 'texts',
    connections: 'rows',
    vlans: 'rows',
  }),
  networks: rows({ ...bools('management', 'virtualdev'), ...ints('mtu'), status: 'lower', type: 'lower' }, { renames: { macaddr: 'mac' } }),
  operatingsystem: object(
    { ...dates('boot_time', 'boot_date', 'install_date'), timezone: 'object' },
    { renames: { installdate: 'install_date' } },
  ),
  pagecounters: object(
    ints(
      'total',
      'black',
      'color',
      'rectoverso',
      'scanned',
      'printtotal',
      'printblack',
      'printcolor',
      'copytotal',
      'copyblack',
      'copyblack_a3',
      'copycolor',
      'copycolor_a3',
      'faxtotal',
      'duplex',
    ),
  ),
  physical_volumes: rows({ ...mbs('free', 'pe_size', 'size'), ...ints('pv_pe_count') }),
  ports: rows(),
  powersupplies: rows({ power_max: int, ...bools('hotreplaceable', 'plugged') }),
  printers: rows(bools('network', 'shared')),
  processes: rows({ ...ints('pid', 'virtualmemory'), ...dates('started') }),
  registry: rows(),
  remote_mgmt: rows(),
  repository: rows(),
  sensors: rows(),
  simcards: rows({}, { renames: { line_number: 'phone_number' } }),
  slots: rows({ status: 'lower' }),
  softwares: rows(
    { ...ints('filesize'), ...bools('no_remove'), ...dates('install_date') },
    { renames: { installdate: 'install_date', architecture: 'arch' }, needs: 'name' },
  ),
  sounds: rows(),
  storages: rows({ ...mbs('disksize') }, { renames: { serialnumber: 'serial' } }),
  usbdevices: rows(),
  users: rows(),
  versionclient: { shape: 'text', fields: {} },
  versionprovider: object({ comments: 'texts', perl_config: 'texts', perl_module: 'texts', ...ints('etime') }),
  videos: rows(mbs('memory')),
  virtualmachines: rows({ ...mbs('memory'), ...ints('vcpu'), status: 'lower' }),
  volume_groups: rows({ ...ints('lv_count', 'pv_count'), ...mbs('free', 'size') }),
};

/** Older names of sections. */
export const sectionRenames: Readonly<Record<string, string>> = { firewall: 'firewalls', user: 'users', bioses: 'bios' };
