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

/** Ids of our scheduled queries, whose differences say that something changed. */
export const changePrefix = 'muster_changes_';

/** Without the answers to these a machine cannot be told from others. */
export const coreQueries: readonly string[] = ['system', 'os'];

const of = (sql: string, table: string | null = null): DetailQuery => ({ sql, table });
const unixVolumes = of("select device, path, type, blocks_size, blocks, blocks_available from mounts where device like '/dev/%'");
const users = of("select distinct user from logged_in_users where type in ('user', 'active') and user <> ''", 'logged_in_users');

/** All columns: the one with the serial number is newer than the table. */
const blockDevices = of('select * from block_devices', 'block_devices');
const memory = of(
  'select device_locator, bank_locator, form_factor, memory_type, size, configured_clock_speed, manufacturer, serial_number, part_number from memory_devices',
  'memory_devices',
);
const battery = of('select manufacturer, model, serial_number, cycle_count from battery', 'battery');

/** Questions that add to the answer of another one: when one fails, nothing is missing but what it adds. */
export const addingQueries: ReadonlySet<string> = new Set(['usage']);

const everywhere: Record<string, DetailQuery> = {
  system: of('select * from system_info'),
  os: of('select * from os_version'),
  firmware: of('select vendor, version, date from platform_info', 'platform_info'),
  users,
  memory,
};

const packs: Record<OsqueryPlatform, Record<string, DetailQuery>> = {
  linux: {
    ...everywhere,
    kernel: of('select version from kernel_info', 'kernel_info'),
    interfaces: of(
      'select d.interface as name, d.mac, d.type, d.flags, a.address from interface_details d left join interface_addresses a on a.interface = d.interface',
    ),
    disks: blockDevices,
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
    disks: blockDevices,
    volumes: unixVolumes,
    apps: of('select name, bundle_name, bundle_identifier, bundle_short_version, bundle_version, path, last_opened_time from apps', 'apps'),
    homebrew: of('select name, version, path from homebrew_packages', 'homebrew_packages'),
    battery,
    displays: of(
      'select name, vendor_id, product_id, serial_number, manufactured_week, manufactured_year, connection_type from connected_displays',
      'connected_displays',
    ),
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
    battery,
    graphics: of('select model, manufacturer, series from video_info', 'video_info'),
    usage: of('select path, max(last_execution_time) as last_execution_time from userassist group by path', 'userassist'),
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

/** A fingerprint of a list of titles: one row, that differs when a title does. */
const fingerprint = (columns: readonly string[], table: string): string =>
  `select sha1(group_concat(title, char(10))) as titles from (select ${columns.map((c) => `coalesce(${c}, '')`).join(" || ' ' || ")} as title from ${table} order by 1)`;

const changes: Record<OsqueryPlatform, Record<string, string>> = {
  linux: {
    deb: fingerprint(['name', 'version', 'arch'], 'deb_packages'),
    rpm: fingerprint(['name', 'version', 'release', 'arch'], 'rpm_packages'),
  },
  macos: { apps: fingerprint(['path', 'bundle_short_version', 'bundle_version'], 'apps') },
  windows: { programs: fingerprint(['name', 'version', 'identifying_number'], 'programs') },
};

export type ScheduledQuery = {
  query: string;
  /** Seconds. */
  interval: number;
  snapshot: false;
  removed: false;
};

/** What a host asks itself: it writes nothing for as long as its titles stay the same. */
export function scheduledQueries(platform: OsqueryPlatform, intervalSeconds: number): Record<string, ScheduledQuery> {
  return Object.fromEntries(
    Object.entries(changes[platform]).map(([name, query]) => [
      `${changePrefix}${name}`,
      { query, interval: intervalSeconds, snapshot: false, removed: false },
    ]),
  );
}
