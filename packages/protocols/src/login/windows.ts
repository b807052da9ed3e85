import { textOf } from '../inventory/values.ts';
import type { Json } from '../report.ts';
import { known, megabytes, type Obj, type Outputs, positive } from './outputs.ts';

/** Outputs of a Windows (JSON of CIM classes and of the registry) under the sections of the inventory format. */
export function windowsContent(outputs: Outputs): Obj {
  return { ...machine(outputs), ...parts(outputs), ...network(outputs), ...software(outputs) };
}

/** The UUID of the firmware. */
export const windowsId = (outputs: Outputs): string | null => textOf(outputs.rows('product')?.[0]?.['UUID']);

function machine(outputs: Outputs): Obj {
  const first = (name: string): Obj => outputs.rows(name)?.[0] ?? {};
  const [system, product, bios, board, enclosure, os] = ['system', 'product', 'bios', 'board', 'enclosure', 'os'].map(first) as [
    Obj,
    Obj,
    Obj,
    Obj,
    Obj,
    Obj,
  ];
  const host = textOf(system['DNSHostName']) ?? textOf(system['Name']);
  const domain = textOf(system['Domain']);
  const joined = system['PartOfDomain'] === true;
  const [userDomain, user] = (textOf(system['UserName']) ?? '').split('\\');
  return {
    bios: known({
      smanufacturer: system['Manufacturer'] ?? product['Vendor'],
      smodel: system['Model'] ?? product['Name'],
      ssn: bios['SerialNumber'] ?? product['IdentifyingNumber'],
      mmanufacturer: board['Manufacturer'],
      mmodel: board['Product'],
      msn: board['SerialNumber'],
      bmanufacturer: bios['Manufacturer'],
      bversion: bios['SMBIOSBIOSVersion'],
      bdate: textOf(bios['ReleaseDate'])?.slice(0, 10),
      enclosureserial: enclosure['SerialNumber'],
      assettag: enclosure['SMBIOSAssetTag'],
    }),
    hardware: known({
      name: system['Name'],
      uuid: product['UUID'],
      memory: megabytes(system['TotalPhysicalMemory']),
      chassis_type: Array.isArray(enclosure['ChassisTypes'])
        ? textOf(enclosure['ChassisTypes'][0] ?? null)
        : textOf(enclosure['ChassisTypes']),
      workgroup: joined ? domain : (textOf(system['Workgroup']) ?? domain),
      lastloggeduser: user ?? userDomain,
    }),
    operatingsystem: known({
      name: os['Caption'],
      full_name: textOf(os['Caption'])?.trim(),
      version: os['Version'],
      kernel_name: 'MSWin32',
      kernel_version: os['Version'],
      arch: os['OSArchitecture'],
      install_date: os['InstallDate'],
      boot_time: os['LastBootUpTime'],
      fqdn: joined && host !== null && domain !== null ? `${host}.${domain}`.toLowerCase() : undefined,
    }),
    users: user === undefined ? [] : [known({ login: user, domain: userDomain })],
  };
}

function parts(outputs: Outputs): Obj {
  const content: Obj = {};
  const list = (name: string, section: string, shape: (row: Obj) => Obj): void => {
    const rows = outputs.rows(name);
    if (rows !== null) content[section] = rows.map(shape);
  };
  list('cpu', 'cpus', (row) =>
    known({
      name: textOf(row['Name'])?.trim(),
      manufacturer: row['Manufacturer'],
      core: positive(row['NumberOfCores']),
      thread: positive(row['NumberOfLogicalProcessors']),
      speed: positive(row['MaxClockSpeed']),
    }),
  );
  list('memory', 'memories', (row) =>
    known({
      capacity: megabytes(row['Capacity']),
      caption: row['DeviceLocator'],
      speed: positive(row['Speed']),
      manufacturer: textOf(row['Manufacturer'])?.trim(),
      serialnumber: textOf(row['SerialNumber'])?.trim(),
      model: textOf(row['PartNumber'])?.trim(),
    }),
  );
  list('disks', 'storages', (row) =>
    known({
      name: row['Model'],
      model: row['Model'],
      serial: textOf(row['SerialNumber'])?.trim(),
      firmware: row['FirmwareRevision'],
      interface: row['InterfaceType'],
      type: row['MediaType'],
      disksize: megabytes(row['Size']),
    }),
  );
  list('volumes', 'drives', (row) =>
    known({
      letter: row['DeviceID'],
      label: row['VolumeName'],
      filesystem: row['FileSystem'],
      total: megabytes(row['Size']),
      free: megabytes(row['FreeSpace']),
    }),
  );
  return content;
}

function network(outputs: Outputs): Obj {
  const rows = outputs.rows('addresses');
  if (rows === null) return {};
  return {
    networks: rows.flatMap((row) => {
      const base = {
        description: row['Description'],
        mac: row['MACAddress'],
        status: row['IPEnabled'] === true ? 'up' : 'down',
        ipdhcp: row['DHCPServer'],
        virtualdev: softwareMade.test(textOf(row['Description']) ?? '') ? 1 : undefined,
      };
      const addresses = [row['IPAddress'] ?? []].flat().flatMap((ip: Json) => textOf(ip) ?? []);
      if (addresses.length === 0) return [known(base)];
      return addresses.map((ip) => known({ ...base, [ip.includes(':') ? 'ipaddress6' : 'ipaddress']: ip }));
    }),
  };
}

/** Adapters that Windows and its VPNs make; their MAC addresses are alike on many machines. */
const softwareMade =
  /^(WAN Miniport|Microsoft (Wi-Fi Direct|Kernel|ISATAP|Teredo|6to4)|Hyper-V Virtual Ethernet|VirtualBox Host|VMware Virtual Ethernet)|TAP-|Tunnel|Bluetooth/i;

const guid = /^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i;

/** Titles of the uninstall keys. Updates (with a parent) and parts that Windows itself hides are no titles. */
function software(outputs: Outputs): Obj {
  const rows = outputs.rows('software');
  if (rows === null) return {};
  return {
    softwares: rows
      .filter((row) => textOf(row['SystemComponent']) !== '1' && textOf(row['ParentKeyName']) === null)
      .map((row) => {
        const key = textOf(row['PSChildName']);
        const installed = textOf(row['InstallDate']);
        return known({
          name: row['DisplayName'],
          version: row['DisplayVersion'],
          publisher: row['Publisher'],
          guid: key,
          install_date: /^\d{8}$/.test(installed ?? '') ? installed : undefined,
          folder: row['InstallLocation'],
          filesize: (positive(row['EstimatedSize']) ?? 0) * 1024 || undefined,
          arch: row['Wow'] === true ? 'i586' : 'x86_64',
          from: guid.test(key ?? '') ? 'msi' : 'registry',
        });
      }),
  };
}
