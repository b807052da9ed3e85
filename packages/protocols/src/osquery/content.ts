import { isObject, textOf, yesNo } from '../inventory/values.ts';
import type { Warnings } from '../inventory/warnings.ts';
import type { RawReport } from '../inventory/xml.ts';
import type { Json } from '../report.ts';
import { dayOfSeconds, lastUses, usedSince } from './usage.ts';
import { addingQueries, coreQueries, detailPrefix } from './queries.ts';

type Obj = { [key: string]: Json };
type Rows = readonly Obj[];

/** Whether a stored body holds answers of osquery; see discovery's osquery desk, which stores it without the node key. */
export const holdsOsquery = (head: Obj): boolean => isObject(head['osquery']);

/**
 * Answers of osquery under the sections of the inventory format. It is a full report when the machine told who it is and no question
 * failed; otherwise sections without an answer are unchanged. All values of osquery are texts.
 */
export function osqueryContent(head: Obj, truncated: boolean, warnings: Warnings): RawReport {
  const { queries = {}, statuses = {}, messages = {} } = head['osquery'] as Obj;
  const results = new Map<string, Rows>();
  const failed = new Set<string>();
  for (const [id, rows] of Object.entries(isObject(queries) ? queries : {})) {
    const name = id.slice(detailPrefix.length);
    const status = isObject(statuses) ? textOf(statuses[id]) : null;
    // osquery writes an empty text where a question gave nothing.
    const list = rows === '' ? [] : rows;
    if ((status !== null && status !== '0') || !Array.isArray(list)) {
      if (!addingQueries.has(name)) failed.add(name);
      const why = (isObject(messages) ? textOf(messages[id]) : null) ?? `status ${status ?? '0'}`;
      warnings.add('query_failed', id, `osquery could not answer it (${why}); its section is unchanged.`);
    } else results.set(name, list.filter(isObject));
  }
  const introduced = coreQueries.every((name) => (results.get(name)?.length ?? 0) > 0);
  const complete = introduced && failed.size === 0;
  if (head['introduction'] === true)
    warnings.add('from_enrolment', '', 'The host has not answered its questions yet; what is known of it is what its enrolment told.');
  const content: Obj = {};
  for (const build of [machine, network, disks, parts]) Object.assign(content, build(results));
  // One list of all packaging systems: it is replaced only by the answers to all questions, never by those to some.
  if (introduced && ![...failed].some((name) => Object.hasOwn(sources, name))) Object.assign(content, titles(results));
  content['versionclient'] = `osquery_v${textOf(head['version']) ?? '0'}`;
  return { head: { deviceid: head['deviceid'] ?? null, action: 'inventory', partial: !complete }, content, truncated };
}

/** Without what is empty; osquery writes -1 where it does not know. */
const known = (row: Record<string, Json | undefined>): Obj =>
  Object.fromEntries(
    Object.entries(row).filter((e): e is [string, Json] => e[1] !== undefined && e[1] !== null && e[1] !== '' && e[1] !== '-1'),
  );

const count = (value: Json | undefined): number => {
  const number = Number(textOf(value) ?? '');
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
};
const megabytes = (bytes: number): number | undefined => (bytes > 0 ? Math.round(bytes / 1_048_576) : undefined);

/** Without a firmware table osquery makes up a UUID, another one after each installation. */
const hasFirmware = (system: Obj): boolean =>
  ['hardware_vendor', 'hardware_model', 'hardware_serial', 'board_vendor'].some((name) => (textOf(system[name]) ?? '-1') !== '-1');

function machine(results: ReadonlyMap<string, Rows>): Obj {
  const out: Obj = {};
  const system = results.get('system')?.[0];
  const firmware = results.get('firmware')?.[0] ?? {};
  const chassis = results.get('chassis')?.[0] ?? {};
  if (system) {
    out['bios'] = known({
      smanufacturer: system['hardware_vendor'],
      smodel: system['hardware_model'],
      ssn: system['hardware_serial'],
      mmanufacturer: system['board_vendor'],
      mmodel: system['board_model'],
      msn: system['board_serial'],
      bmanufacturer: firmware['vendor'],
      bversion: firmware['version'],
      bdate: firmware['date'],
      enclosureserial: chassis['serial'],
      assettag: chassis['smbios_tag'],
    });
    out['hardware'] = known({
      name: textOf(system['computer_name']) ?? system['hostname'],
      uuid: hasFirmware(system) ? system['uuid'] : undefined,
      memory: megabytes(count(system['physical_memory'])),
      chassis_type: chassis['chassis_types'],
    });
    const sockets = count(system['cpu_sockets']) || 1;
    const perSocket = (value: Json | undefined): number | undefined => Math.floor(count(value) / sockets) || undefined;
    out['cpus'] = [
      known({
        name: textOf(system['cpu_brand']) ?? undefined,
        arch: system['cpu_type'],
        nbsocket: sockets,
        core: perSocket(system['cpu_physical_cores']),
        thread: perSocket(system['cpu_logical_cores']),
      }),
    ];
  }
  const os = results.get('os')?.[0];
  if (os) {
    const platform = textOf(os['platform']) ?? '';
    out['operatingsystem'] = known({
      name: os['name'],
      full_name: os['name'],
      version: os['version'],
      arch: textOf(os['arch']) ?? system?.['cpu_type'],
      kernel_name: platform === 'windows' ? 'MSWin32' : platform === 'darwin' ? 'darwin' : 'linux',
      kernel_version: results.get('kernel')?.[0]?.['version'] ?? os['build'],
      install_date: count(os['install_date']) > 0 ? os['install_date'] : undefined,
    });
  }
  const users = results.get('users');
  if (users)
    out['users'] = users.map((row) => {
      const [domain, login] = (textOf(row['user']) ?? '').split('\\');
      return login === undefined ? { login: domain ?? '' } : { login, domain: domain ?? '' };
    });
  return out;
}

function network(results: ReadonlyMap<string, Rows>): Obj {
  const rows = results.get('interfaces');
  if (!rows) return {};
  return {
    networks: rows.map((row) => {
      const address = textOf(row['address'])?.replace(/%.*$/, '');
      return known({
        description: row['name'],
        model: row['description'],
        mac: row['mac'],
        // IFF_LOOPBACK, of the same value on Linux and macOS, or the ARPHRD and IANA numbers; osquery 5.20 numbers types in a way of its own.
        type: (count(row['flags']) & 8) !== 0 || ['772', '24'].includes(textOf(row['type']) ?? '') ? 'loopback' : undefined,
        virtualdev: row['physical_adapter'] === undefined ? undefined : yesNo(row['physical_adapter']) === false,
        ipaddress: address?.includes(':') ? undefined : address,
        ipaddress6: address?.includes(':') ? address : undefined,
        status: (count(row['flags']) & 1) === 1 ? 'up' : undefined,
      });
    }),
  };
}

const notDisks = /^\/dev\/(loop|ram|zram|dm-|md|sr|fd|nbd)/;

function disks(results: ReadonlyMap<string, Rows>): Obj {
  const out: Obj = {};
  const storages = results.get('disks');
  if (storages)
    out['storages'] = storages
      .filter((row) => textOf(row['parent']) === null && !notDisks.test(textOf(row['name']) ?? ''))
      .map((row) =>
        known({
          name: row['name'],
          manufacturer: row['vendor'],
          model: row['model'],
          serial: row['serial'],
          interface: row['type'],
          disksize: megabytes(count(row['size']) * (count(row['block_size']) || 1)),
        }),
      );
  const volumes = results.get('volumes');
  if (volumes)
    out['drives'] = oncePerDevice(volumes).map((row) =>
      row['device_id'] === undefined
        ? known({
            type: row['path'],
            volumn: row['device'],
            filesystem: row['type'],
            total: megabytes(count(row['blocks']) * count(row['blocks_size'])),
            free: megabytes(count(row['blocks_available']) * count(row['blocks_size'])),
          })
        : known({
            letter: row['device_id'],
            filesystem: row['file_system'],
            total: megabytes(count(row['size'])),
            free: megabytes(count(row['free_space'])),
          }),
    );
  return out;
}

/** A device that is mounted in several places is one volume, at the shortest path. */
function oncePerDevice(rows: Rows): Obj[] {
  const path = (row: Obj): string => textOf(row['path']) ?? '';
  const kept = new Map<string, Obj>();
  for (const row of rows) {
    const device = textOf(row['device']) ?? textOf(row['device_id']) ?? `#${kept.size}`;
    const before = kept.get(device);
    if (before === undefined || path(row).length < path(before).length) kept.set(device, row);
  }
  return [...kept.values()];
}

/** Three letters of a maker out of five bits each, as EDID packs them; other numbers stay as they are. */
function makerOf(vendorId: string | null): string | undefined {
  if (vendorId === null) return undefined;
  const number = /^(0x)?[0-9a-f]{1,4}$/i.test(vendorId) ? Number.parseInt(vendorId.replace(/^0x/i, ''), 16) : 0;
  const letters = [10, 5, 0].map((shift) => (number >> shift) & 31);
  return letters.every((n) => n >= 1 && n <= 26) ? String.fromCharCode(...letters.map((n) => n + 64)) : vendorId;
}

function parts(results: ReadonlyMap<string, Rows>): Obj {
  const out: Obj = {};
  const say = (section: string, name: string, shape: (row: Obj, index: number) => Obj): void => {
    const rows = results.get(name);
    // An empty slot has no size; the other tables have no such column.
    if (rows) out[section] = rows.filter((row) => row['size'] === undefined || count(row['size']) > 0).map(shape);
  };
  say('memories', 'memory', (row, index) =>
    known({
      capacity: count(row['size']) || undefined,
      caption: row['device_locator'],
      description: row['form_factor'],
      type: row['memory_type'],
      speed: count(row['configured_clock_speed']) || undefined,
      manufacturer: row['manufacturer'],
      serialnumber: row['serial_number'],
      model: row['part_number'],
      numslots: index + 1,
    }),
  );
  say('batteries', 'battery', (row) => known({ name: row['model'], manufacturer: row['manufacturer'], serial: row['serial_number'] }));
  say('monitors', 'displays', (row) => {
    const [week, year] = [count(row['manufactured_week']), count(row['manufactured_year'])];
    return known({
      caption: row['name'],
      manufacturer: makerOf(textOf(row['vendor_id'])),
      // 0 stands for none.
      serial: count(row['serial_number']) === 0 && /^0*$/.test(textOf(row['serial_number']) ?? '') ? undefined : row['serial_number'],
      port: row['connection_type'],
      description: year > 0 ? `${week}/${year}` : undefined,
    });
  });
  say('videos', 'graphics', (row) => known({ name: row['model'], chipset: row['series'], manufacturer: row['manufacturer'] }));
  return out;
}

const sources: Record<string, (row: Obj) => Obj | null> = {
  deb: (row) =>
    (textOf(row['status']) ?? 'install ok installed') === 'install ok installed'
      ? known({
          name: row['name'],
          version: row['version'],
          arch: row['arch'],
          publisher: row['maintainer'],
          filesize: count(row['size']) * 1024 || undefined,
          from: 'deb',
        })
      : null,
  rpm: (row) =>
    known({
      name: row['name'],
      version: [textOf(row['version']), textOf(row['release'])].filter((v) => v !== null).join('-'),
      arch: row['arch'],
      publisher: row['vendor'],
      filesize: count(row['size']) || undefined,
      install_date: count(row['install_time']) > 0 ? row['install_time'] : undefined,
      from: 'rpm',
    }),
  portage: (row) => known({ name: row['name'], version: row['version'], from: 'portage' }),
  apps: (row) =>
    known({
      name: textOf(row['bundle_name']) ?? textOf(row['name'])?.replace(/\.app$/i, ''),
      version: textOf(row['bundle_short_version']) ?? row['bundle_version'],
      bundle_id: row['bundle_identifier'],
      folder: row['path'],
      // The day is enough, and the list stays the same for as long as it lasts.
      last_used: dayOfSeconds(row['last_opened_time']),
    }),
  homebrew: (row) => known({ name: row['name'], version: row['version'], folder: row['path'], from: 'homebrew' }),
  programs: (row) => {
    const packaged = textOf(row['package_family_name']);
    return known({
      name: row['name'],
      version: row['version'],
      publisher: row['publisher'],
      folder: row['install_location'],
      guid: packaged ?? row['identifying_number'],
      install_date: /^\d{8}$/.test(textOf(row['install_date']) ?? '') ? row['install_date'] : undefined,
      upgrade_code: row['upgrade_code'],
      from: packaged === null ? 'registry' : 'appx',
    });
  },
};

/** The titles of all packaging systems that were asked. */
function titles(results: ReadonlyMap<string, Rows>): Obj {
  const given = Object.entries(sources).filter(([name]) => results.has(name));
  if (given.length === 0) return {};
  const uses = lastUses(results.get('usage') ?? []);
  return {
    softwares: given.flatMap(([name, shape]) =>
      (results.get(name) ?? []).flatMap((row) => {
        const title = shape(row);
        if (title === null) return [];
        const used = name === 'programs' ? usedSince(uses, textOf(row['install_location'])) : undefined;
        return used === undefined ? title : { ...title, last_used: used };
      }),
    ),
  };
}
