/** The operating system an osquery host runs on, as far as queries differ. */
export type OsqueryPlatform = 'windows' | 'macos' | 'linux';

/** One question of the detail pack. */
export interface DetailQuery {
  readonly sql: string;
  /** Asked only where this table exists: builds and releases differ in their tables. */
  readonly table: string | null;
}

/** Ids of our questions start so; others' answers are not ours to read. */
export const detailPrefix = 'muster_detail_';

/** Without the answers to these a machine cannot be told from others. */
export const coreQueries: readonly string[] = ['system', 'os'];

const of = (sql: string, table: string | null = null): DetailQuery => ({ sql, table });
const unixVolumes = of("select device, path, type, blocks_size, blocks, blocks_available from mounts where device like '/dev/%'");
const users = of("select distinct user from logged_in_users where type in ('user', 'active') and user <> ''", 'logged_in_users');

const everywhere: Record<string, DetailQuery> = {
  system: of('select * from system_info'),
  os: of('select * from os_version'),
  firmware: of('select vendor, version, date from platform_info', 'platform_info'),
  users,
};

const packs: Record<OsqueryPlatform, Record<string, DetailQuery>> = {
  linux: {
    ...everywhere,
    kernel: of('select version from kernel_info', 'kernel_info'),
    interfaces: of(
      'select d.interface as name, d.mac, d.type, d.flags, a.address from interface_details d left join interface_addresses a on a.interface = d.interface',
    ),
    disks: of('select name, vendor, model, size, block_size, parent from block_devices', 'block_devices'),
    volumes: unixVolumes,
    deb: of('select name, version, arch, maintainer, size, status from deb_packages', 'deb_packages'),
    rpm: of('select name, version, release, arch, vendor, size, install_time from rpm_packages', 'rpm_packages'),
    portage: of('select package as name, version, build_time from portage_packages', 'portage_packages'),
  },
  macos: {
    ...everywhere,
    interfaces: of(
      'select d.interface as name, d.mac, d.type, d.flags, a.address from interface_details d left join interface_addresses a on a.interface = d.interface',
    ),
    disks: of('select name, vendor, model, size, block_size, parent from block_devices', 'block_devices'),
    volumes: unixVolumes,
    apps: of('select name, bundle_name, bundle_identifier, bundle_short_version, bundle_version, path, last_opened_time from apps', 'apps'),
    homebrew: of('select name, version, path from homebrew_packages', 'homebrew_packages'),
  },
  windows: {
    ...everywhere,
    chassis: of('select chassis_types, serial, smbios_tag from chassis_info', 'chassis_info'),
    interfaces: of(
      'select coalesce(d.friendly_name, d.interface) as name, d.description, d.mac, d.physical_adapter, a.address from interface_details d left join interface_addresses a on a.interface = d.interface',
    ),
    disks: of('select name, manufacturer as vendor, hardware_model as model, serial, disk_size as size, type from disk_info', 'disk_info'),
    volumes: of('select device_id, size, free_space, file_system from logical_drives', 'logical_drives'),
    // The columns for packages of the store are newer than the table.
    programs: of('select * from programs', 'programs'),
  },
};

/** The questions for one operating system by short name. */
export const detailQueries = (platform: OsqueryPlatform): Readonly<Record<string, DetailQuery>> => packs[platform];

/** osquery's `platform_type` is a bit mask: 0x01 POSIX, 0x02 Windows, 0x10 macOS. */
export function platformOf(platformType: string): OsqueryPlatform {
  const bits = /^\d{1,6}$/.test(platformType) ? Number(platformType) : 0;
  if ((bits & 0x02) !== 0 || /windows/i.test(platformType)) return 'windows';
  return (bits & 0x10) !== 0 || /darwin/i.test(platformType) ? 'macos' : 'linux';
}

/** What a distributed read is answered with when everything is due: the questions, and on which tables they depend. */
export function distributedQueries(platform: OsqueryPlatform): { queries: Record<string, string>; discovery: Record<string, string> } {
  const queries: Record<string, string> = {};
  const discovery: Record<string, string> = {};
  for (const [name, { sql, table }] of Object.entries(detailQueries(platform))) {
    queries[`${detailPrefix}${name}`] = sql;
    if (table !== null)
      discovery[`${detailPrefix}${name}`] = `select 1 from osquery_registry where registry = 'table' and active = 1 and name = '${table}'`;
  }
  return { queries, discovery };
}
