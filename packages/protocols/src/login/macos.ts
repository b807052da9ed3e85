import { isObject, textOf } from '../inventory/values.ts';
import { isoSeconds, known, megabytes, type Obj, type Outputs, positive, usersOf, volumesOf } from './outputs.ts';

/** Outputs of a macOS under the sections of the inventory format. */
export function macosContent(outputs: Outputs): Obj {
  return { ...machine(outputs), ...network(outputs), ...disks(outputs), ...applications(outputs) };
}

/** The UUID of the hardware. */
export const macosId = (outputs: Outputs): string | null => platform(outputs, 'IOPlatformUUID');

const platform = (outputs: Outputs, key: string): string | null =>
  new RegExp(`"${key}" = "([^"]{1,100})"`).exec(outputs.text('platform') ?? '')?.[1] ?? null;

function machine(outputs: Outputs): Obj {
  const version = outputs.pairs('sw_vers', ':');
  const sysctl = outputs.pairs('sysctl', ':');
  const hardware = outputs.rows('hardware', 'SPHardwareDataType')?.[0] ?? {};
  const [, node, kernel, arch] = (outputs.text('uname') ?? '').split(/\s+/);
  const fqdn = outputs.text('fqdn');
  const number = (key: string): number | undefined => positive(sysctl.get(key));
  const sockets = number('hw.packages') ?? 1;
  const booted = positive(/sec = (\d+)/.exec(sysctl.get('kern.boottime') ?? '')?.[1]);
  const per = (key: string): number | undefined => {
    const all = number(key);
    return all === undefined ? undefined : Math.floor(all / sockets);
  };
  return {
    bios: known({
      smanufacturer: 'Apple Inc.',
      smodel: hardware['machine_model'],
      ssn: textOf(hardware['serial_number']) ?? platform(outputs, 'IOPlatformSerialNumber'),
      bversion: hardware['boot_rom_version'],
    }),
    hardware: known({
      name: outputs.text('computer_name') ?? node?.split('.')[0],
      uuid: textOf(hardware['platform_UUID']) ?? macosId(outputs),
      memory: megabytes(sysctl.get('hw.memsize')),
      chassis_type: /book/i.test(textOf(hardware['machine_name']) ?? '') ? 'Laptop' : undefined,
      description: hardware['machine_name'],
    }),
    operatingsystem: known({
      name: 'macOS',
      full_name: [version.get('ProductName') ?? 'macOS', version.get('ProductVersion')].filter(Boolean).join(' '),
      version: version.get('ProductVersion'),
      kernel_name: 'darwin',
      kernel_version: kernel,
      arch,
      fqdn: fqdn?.includes('.') ? fqdn : undefined,
      boot_time: booted === undefined ? undefined : isoSeconds(booted),
    }),
    cpus: [
      known({
        name: sysctl.get('machdep.cpu.brand_string') ?? hardware['chip_type'] ?? hardware['cpu_type'],
        arch,
        nbsocket: sockets,
        core: per('hw.physicalcpu'),
        thread: per('hw.logicalcpu'),
      }),
    ],
    users: usersOf(outputs.lines('users')),
  };
}

/** Blocks of `ifconfig -a`. */
function network(outputs: Outputs): Obj {
  if (!outputs.has('ifconfig')) return {};
  const networks: Obj[] = [];
  for (const block of (outputs.text('ifconfig') ?? '').split(/\n(?=\S)/)) {
    const name = /^([^\s:]+): flags=\w+<([^>]*)>/.exec(block);
    if (!name?.[1]) continue;
    const base = {
      description: name[1],
      mac: /^\s+ether ([0-9a-f:]{17})/m.exec(block)?.[1],
      type: (name[2] ?? '').includes('LOOPBACK') ? 'loopback' : 'ethernet',
      status: (name[2] ?? '').split(',').includes('UP') && !/status: inactive/.test(block) ? 'up' : 'down',
    };
    const v4 = [...block.matchAll(/^\s+inet (\d+(?:\.\d+){3})/gm)].map((m) => known({ ...base, ipaddress: m[1] }));
    const v6 = [...block.matchAll(/^\s+inet6 ([0-9a-f:]+)/gm)].map((m) => known({ ...base, ipaddress6: m[1] }));
    networks.push(...(v4.length + v6.length === 0 ? [known(base)] : [...v4, ...v6]));
  }
  return { networks };
}

function disks(outputs: Outputs): Obj {
  const content: Obj = {};
  const controllers = [...(outputs.rows('storage', 'SPNVMeDataType') ?? []), ...(outputs.rows('storage', 'SPSerialATADataType') ?? [])];
  if (outputs.has('storage'))
    content['storages'] = controllers
      .flatMap((one) => (Array.isArray(one['_items']) ? one['_items'] : []))
      .filter(isObject)
      .map((row) =>
        known({
          name: textOf(row['bsd_name']) ?? textOf(row['_name']),
          model: textOf(row['device_model']) ?? textOf(row['_name']),
          serial: textOf(row['device_serial'])?.trim(),
          firmware: row['device_revision'],
          disksize: megabytes(row['size_in_bytes']),
        }),
      );
  if (outputs.has('volumes')) content['drives'] = volumesOf(outputs.lines('volumes'), false);
  return content;
}

function applications(outputs: Outputs): Obj {
  const rows = outputs.rows('applications', 'SPApplicationsDataType');
  if (rows === null) return {};
  return {
    softwares: rows.map((row) =>
      known({
        name: row['_name'],
        version: row['version'],
        folder: row['path'],
        // "Developer ID Application: Example Ltd (AB12CD34EF)".
        publisher: /^Developer ID Application: (.+?)(?: \(\w+\))?$/.exec(
          textOf(Array.isArray(row['signed_by']) ? (row['signed_by'][0] ?? null) : null) ?? '',
        )?.[1],
      }),
    ),
  };
}
