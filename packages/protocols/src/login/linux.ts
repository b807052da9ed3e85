import { isObject, textOf } from '../inventory/values.ts';
import type { Json } from '../report.ts';
import { isoSeconds, known, megabytes, type Obj, type Outputs, positive, usersOf, volumesOf } from './outputs.ts';

/** Outputs of a Linux under the sections of the inventory format. */
export function linuxContent(outputs: Outputs): Obj {
  return { ...machine(outputs), ...system(outputs), ...processors(outputs), ...network(outputs), ...disks(outputs), ...software(outputs) };
}

/** What tells the installation for its lifetime: the machine id, which the user may always read. */
export const linuxId = (outputs: Outputs): string | null => /^[0-9a-f]{32}$/.exec(outputs.text('machine_id') ?? '')?.[0] ?? null;

function machine(outputs: Outputs): Obj {
  const dmi = outputs.pairs('dmi', '=');
  const [, node] = (outputs.text('uname') ?? '').split(/\s+/);
  const sys = (name: string): string | undefined => dmi.get(name);
  const virtual = outputs.text('virtual');
  const memoryKb = positive(/^MemTotal:\s+(\d+) kB/m.exec(outputs.text('memory') ?? '')?.[1]);
  return {
    bios: known({
      smanufacturer: sys('sys_vendor'),
      smodel: sys('product_name'),
      ssn: sys('product_serial'),
      mmanufacturer: sys('board_vendor'),
      mmodel: sys('board_name'),
      msn: sys('board_serial'),
      bmanufacturer: sys('bios_vendor'),
      bversion: sys('bios_version'),
      bdate: sys('bios_date'),
      enclosureserial: sys('chassis_serial'),
      assettag: sys('chassis_asset_tag'),
    }),
    hardware: known({
      name: node?.split('.')[0],
      uuid: sys('product_uuid'),
      memory: memoryKb === undefined ? undefined : Math.round(memoryKb / 1024),
      chassis_type: sys('chassis_type'),
      vmsystem: virtual === null || virtual === 'none' ? undefined : virtual,
      lastloggeduser: lastUser(outputs),
    }),
    users: usersOf(outputs.lines('users')),
  };
}

/** The newest login of a person; `last` also lists starts of the machine. */
function lastUser(outputs: Outputs): string | undefined {
  const lines = outputs.lines('last').map((line) => line.split(/\s+/)[0] ?? '');
  return lines.find((name) => name !== '' && !['reboot', 'shutdown', 'runlevel', 'wtmp', 'btmp'].includes(name));
}

function system(outputs: Outputs): Obj {
  const release = outputs.pairs('os_release', '=');
  const [, , kernel, arch] = (outputs.text('uname') ?? '').split(/\s+/);
  const fqdn = outputs.text('fqdn');
  const booted = positive(/^btime\s+(\d+)/.exec(outputs.text('boot') ?? '')?.[1]);
  return {
    operatingsystem: known({
      name: release.get('NAME') ?? 'Linux',
      full_name: release.get('PRETTY_NAME') ?? release.get('NAME') ?? 'Linux',
      version: release.get('VERSION') ?? release.get('VERSION_ID'),
      kernel_name: 'linux',
      kernel_version: kernel,
      arch,
      fqdn: fqdn?.includes('.') && !fqdn.startsWith('localhost') ? fqdn : undefined,
      boot_time: booted === undefined ? undefined : isoSeconds(booted),
    }),
  };
}

function processors(outputs: Outputs): Obj {
  const cpu = outputs.pairs('cpu', ':');
  const number = (key: string): number | undefined => positive(cpu.get(key));
  const sockets = number('Socket(s)') ?? 1;
  const perSocket = number('Core(s) per socket');
  const content: Obj = {};
  if (cpu.size > 0)
    content['cpus'] = [
      known({
        name: cpu.get('Model name'),
        manufacturer: cpu.get('Vendor ID'),
        arch: cpu.get('Architecture'),
        nbsocket: sockets,
        core: perSocket,
        thread: perSocket === undefined ? undefined : perSocket * (number('Thread(s) per core') ?? 1),
        speed: cpu.get('CPU max MHz')?.split(/[.,]/)[0],
      }),
    ];
  if (outputs.has('modules')) content['memories'] = memoryModules(outputs.lines('modules'));
  return content;
}

/** Blocks of `dmidecode -q -t 17`; an empty slot has no size. */
function memoryModules(lines: readonly string[]): Obj[] {
  const blocks: Map<string, string>[] = [];
  for (const line of lines) {
    if (line.startsWith('Memory Device')) blocks.push(new Map());
    const m = /^\s+([^:]+):\s+(.+)$/.exec(line);
    if (m?.[1] && m[2]) blocks.at(-1)?.set(m[1], m[2].trim());
  }
  return blocks.flatMap((block) => {
    const size = /^(\d+) ([MG])i?B$/.exec(block.get('Size') ?? '');
    if (!size) return [];
    return [
      known({
        capacity: Number(size[1]) * (size[2] === 'G' ? 1024 : 1),
        caption: block.get('Locator'),
        type: block.get('Type'),
        speed: /^\d+/.exec(block.get('Speed') ?? '')?.[0],
        manufacturer: block.get('Manufacturer'),
        serialnumber: block.get('Serial Number'),
      }),
    ];
  });
}

/** `ip -j addr`: an interface a row and address, as agents report them. */
function network(outputs: Outputs): Obj {
  const links = outputs.rows('addresses');
  if (links === null) return {};
  return {
    networks: links.flatMap((link) => {
      const flags = Array.isArray(link['flags']) ? link['flags'] : [];
      const type = textOf(link['link_type']);
      const base = {
        description: textOf(link['ifname'])?.replace(/@.*$/, ''),
        mac: type === 'ether' ? link['address'] : undefined,
        type: type === 'ether' ? 'ethernet' : type,
        mtu: link['mtu'],
        status: flags.includes('UP') ? 'up' : 'down',
      };
      const addresses = (Array.isArray(link['addr_info']) ? link['addr_info'] : []).filter(isObject);
      if (addresses.length === 0) return [known(base)];
      return addresses.map((one) => known({ ...base, [one['family'] === 'inet6' ? 'ipaddress6' : 'ipaddress']: one['local'] }));
    }),
  };
}

function disks(outputs: Outputs): Obj {
  const content: Obj = {};
  const devices = outputs.rows('disks', 'blockdevices');
  if (devices)
    content['storages'] = devices
      .filter((row) => row['type'] === 'disk' && !/^(loop|ram|zram|dm-|md|sr|fd|nbd)/.test(textOf(row['name']) ?? ''))
      .map((row) =>
        known({
          name: textOf(row['name']),
          model: trimmed(row['model']),
          manufacturer: trimmed(row['vendor']),
          serial: trimmed(row['serial']),
          firmware: trimmed(row['rev']),
          interface: row['tran'],
          disksize: megabytes(row['size']),
        }),
      );
  if (outputs.has('volumes')) content['drives'] = volumesOf(outputs.lines('volumes'), true);
  return content;
}

const trimmed = (value: Json | undefined): string | undefined => textOf(value)?.trim() || undefined;

/** One list of both packaging systems; without either the machine has none that can be read. */
function software(outputs: Outputs): Obj {
  const deb = outputs.lines('deb').flatMap((line): Obj[] => {
    const [status = '', name = '', version, arch, kilobytes, publisher] = line.split('\t');
    if (!/^.i/.test(status) || name === '') return [];
    return [known({ name, version, arch, publisher, filesize: (positive(kilobytes) ?? 0) * 1024 || undefined, from: 'deb' })];
  });
  const rpm = outputs.lines('rpm').flatMap((line): Obj[] => {
    const [name = '', version, arch, bytes, vendor, installed] = line.split('\t').map((cell) => (cell === '(none)' ? '' : cell));
    // The keys that packages are signed with stand in the list as packages.
    if (name === '' || name === 'gpg-pubkey') return [];
    const seconds = positive(installed);
    const installedOn = seconds === undefined ? undefined : isoSeconds(seconds).slice(0, 10);
    return [known({ name, version, arch, publisher: vendor, filesize: positive(bytes), install_date: installedOn, from: 'rpm' })];
  });
  return outputs.has('deb') || outputs.has('rpm') ? { softwares: [...deb, ...rpm] } : {};
}
