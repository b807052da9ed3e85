import type { Json } from '@muster/protocols';
import { type ConnectorContext, type ConnectorSession, type Listed, type ListedDevice, type Page, VendorError } from '../connector.ts';
import type { VendorHttp } from '../vendor-http.ts';
import { at, count, guidOf, identifiers, macOf, type Obj, section, sections, seen, text } from '../vendor-values.ts';
import { nextLinkOf, valuesOf } from './odata.ts';

/** Devices are asked for with their details, which are filtered by their ids: a longer address would be refused. */
const DEVICES = 50;
const TITLES = 1000;

const systemFields = [
  'ResourceID,Name,ResourceDomainORWorkgroup,ResourceNames,SMBIOSGUID,SMSUniqueIdentifier,MACAddresses,IPAddresses,ObjectGUID,SID',
  'Obsolete,Decommissioned,Unknown,Client,ClientVersion,LastLogonUserName,LastLogonUserDomain,OperatingSystemNameandVersion,ADSiteName',
].join(',');
const titleFields = 'ResourceID,SoftwareCode,ARPDisplayName,ProductName,ProductVersion,Publisher,InstallDate';

/** Classes of the hardware inventory that tell of a device what its discovery does not, each switched on and off by client settings. */
const detailClasses = {
  bios: 'SMS_G_System_PC_BIOS',
  system: 'SMS_G_System_COMPUTER_SYSTEM',
  enclosure: 'SMS_G_System_SYSTEM_ENCLOSURE',
  os: 'SMS_G_System_OPERATING_SYSTEM',
  memory: 'SMS_G_System_X86_PC_MEMORY',
  status: 'SMS_G_System_WORKSTATION_STATUS',
} as const;
type Details = Partial<Record<keyof typeof detailClasses, Obj>>;

/**
 * Microsoft Configuration Manager by the administration service of the SMS Provider: OData over the classes of its WMI route. The service
 * signs in by Windows authentication; this speaks HTTP Basic, so a proxy that translates stands before it.
 */
export function openSccm(context: ConnectorContext): ConnectorSession {
  const { settings, secrets } = context;
  const basic = Buffer.from(`${String(settings['user'])}:${secrets['password'] ?? ''}`).toString('base64');
  const http = context.http({
    baseUrl: new URL(String(settings['url'])).origin,
    authorise: async () => ({ authorization: `Basic ${basic}` }),
  });
  const walk = new WmiWalk(http);
  const nativeIdOf = (row: Obj): string | null => {
    const id = count(row, 'ResourceID');
    // The number is unique in its site only.
    return id === null || id === 0 ? null : `${context.connectorId}:${id}`;
  };
  return {
    page: async (scope, cursor) => {
      if (scope === 'software') {
        const { rows, next } = await walk.page('SMS_G_System_INSTALLED_SOFTWARE', titleFields, TITLES, cursor);
        return { items: rows.flatMap((row) => titleOf(row, nativeIdOf(row)) ?? []), next };
      }
      const { rows, next } = await walk.page('SMS_R_System', systemFields, DEVICES, cursor);
      return devicesOf(http, rows, next, nativeIdOf);
    },
  };
}

/** Pages of a class: by the service's own link where it gives one, else by `$top` and `$skip`. */
class WmiWalk {
  readonly #http: VendorHttp;
  #first: string | null = null;

  constructor(http: VendorHttp) {
    this.#http = http;
  }

  async page(name: string, fields: string, size: number, cursor: string | null): Promise<{ rows: Obj[]; next: string | null }> {
    const start = `/AdminService/wmi/${name}?$select=${fields}&$top=${size}`;
    const target = cursor ?? start;
    const answer = await this.#http.json(target);
    const rows = valuesOf(answer);
    const link = nextLinkOf(answer);
    if (link !== null) return { rows, next: pathOf(link) };
    const skipped = Number(/[?&]\$skip=(\d+)/.exec(target)?.[1] ?? 0);
    const linked = cursor !== null && !/[?&]\$skip=\d+/.test(cursor);
    // The end of its own links is the end; more rows than asked for are all there are.
    if (linked || rows.length !== size) return { rows, next: null };
    const first = JSON.stringify(rows[0]);
    if (skipped > 0 && first === this.#first)
      throw new VendorError('failed', `${name} gives the same rows again: the service does not skip.`);
    this.#first = first;
    return { rows, next: `${start}&$skip=${skipped + size}` };
  }
}

/** The service names itself as it is called inside the domain; only the path of its link is followed, on the address that was entered. */
function pathOf(link: string): string {
  const url = new URL(link, 'https://provider.invalid');
  return `${url.pathname}${url.search}`;
}

async function devicesOf(
  http: VendorHttp,
  rows: readonly Obj[],
  next: string | null,
  nativeIdOf: (row: Obj) => string | null,
): Promise<Page> {
  const current = rows.filter((row) => ['Obsolete', 'Decommissioned', 'Unknown'].every((flag) => at(row, flag) !== 1));
  const warnings: string[] = [];
  const details = new Map<number, Details>();
  const ids = current.flatMap((row) => count(row, 'ResourceID') ?? []);
  if (ids.length > 0)
    for (const [kind, name] of Object.entries(detailClasses)) {
      const found = await detailsOf(http, name, ids);
      if (found === null) warnings.push(`${name} is not there: its class is switched off in the client settings.`);
      for (const row of found ?? []) {
        const id = count(row, 'ResourceID');
        if (id !== null) details.set(id, { ...details.get(id), [kind]: row });
      }
    }
  const items = current.flatMap((row) => device(row, nativeIdOf(row), details.get(count(row, 'ResourceID') ?? 0) ?? {}) ?? []);
  if (rows.length > current.length)
    warnings.push(`${rows.length - current.length} obsolete, decommissioned or unknown records were left out.`);
  if (current.length > items.length) warnings.push(`${current.length - items.length} rows without an id or a name were left out.`);
  return { items, next, warnings };
}

/** Null when the class is not there. */
async function detailsOf(http: VendorHttp, name: string, ids: readonly number[]): Promise<Obj[] | null> {
  const filter = encodeURIComponent(ids.map((id) => `ResourceID eq ${id}`).join(' or '));
  try {
    const rows: Obj[] = [];
    for (let target: string | null = `/AdminService/wmi/${name}?$filter=${filter}`; target !== null;) {
      const answer: Json = await http.json(target);
      rows.push(...valuesOf(answer));
      const link = nextLinkOf(answer);
      target = link === null || rows.length > ids.length * 50 ? null : pathOf(link);
    }
    return rows;
  } catch (error) {
    if (error instanceof VendorError && error.status === 404) return null;
    throw error;
  }
}

function titleOf(row: Obj, nativeId: string | null): Listed | null {
  const name = text(row, 'ARPDisplayName') ?? text(row, 'ProductName');
  const version = text(row, 'ProductVersion');
  if (nativeId === null || name === null) return null;
  const title = section({ name, version, publisher: text(row, 'Publisher'), install_date: text(row, 'InstallDate')?.slice(0, 10) ?? null });
  return title && { type: 'title', nativeId, key: text(row, 'SoftwareCode') ?? `${name}|${version ?? ''}`, row: title };
}

/** Bytes as a list of numbers or in base 64, as OData writes them. */
function directoryIdOf(row: Obj): string | null {
  const value = at(row, 'ObjectGUID');
  if (typeof value === 'string') return guidOf(Buffer.from(value, 'base64')) ?? text(value);
  return Array.isArray(value) ? guidOf(value.map(Number)) : null;
}

/** The form factor of SMBIOS (DSP0134) by its number, where it tells a class. */
const chassisTypes: Readonly<Record<number, string>> = {
  3: 'Desktop',
  4: 'Low Profile Desktop',
  6: 'Mini Tower',
  7: 'Tower',
  8: 'Portable',
  9: 'Laptop',
  10: 'Notebook',
  13: 'All in One',
  14: 'Sub Notebook',
  15: 'Space-saving',
  17: 'Main Server Chassis',
  23: 'Rack Mount Chassis',
  28: 'Blade',
  30: 'Tablet',
  31: 'Convertible',
  32: 'Detachable',
  35: 'Mini PC',
};

const texts = (value: Json | undefined): string[] => (Array.isArray(value) ? value : [value]).flatMap((one) => text(one) ?? []);
/** Kilobytes to mebibytes. */
const ofKilobytes = (value: number | null): number | null => (value === null || value === 0 ? null : Math.round(value / 1024));

function device(row: Obj, nativeId: string | null, d: Details): ListedDevice | null {
  const name = text(row, 'Name');
  if (nativeId === null || name === null) return null;
  const [macs, ips] = [texts(row['MACAddresses']).flatMap((mac) => macOf(mac) ?? []), texts(row['IPAddresses'])];
  const user = text(row, 'LastLogonUserName');
  const fqdn = texts(row['ResourceNames']).find((one) => one.includes('.')) ?? null;
  return {
    type: 'device',
    nativeId,
    itemType: 'Computer',
    // Without a client it is known by discovery only, as from Active Directory.
    partial: at(row, 'Client') !== 1,
    sections: sections({
      accesslog: seen(text(d.status, 'LastHardwareScan')),
      hardware: section({
        name,
        uuid: text(row, 'SMBIOSGUID'),
        workgroup: text(row, 'ResourceDomainORWorkgroup'),
        lastloggeduser: user,
        memory: ofKilobytes(count(d.memory, 'TotalPhysicalMemory')),
        chassis_type: chassisTypes[Number(texts(d.enclosure?.['ChassisTypes'])[0])] ?? null,
      }),
      bios: section({
        smanufacturer: text(d.system, 'Manufacturer') ?? text(d.bios, 'Manufacturer'),
        smodel: text(d.system, 'Model'),
        ssn: text(d.bios, 'SerialNumber') ?? text(d.enclosure, 'SerialNumber'),
        assettag: text(d.enclosure, 'SMBIOSAssetTag'),
        bversion: text(d.bios, 'SMBIOSBIOSVersion'),
      }),
      operatingsystem: section({
        name: text(d.os, 'Caption') ?? text(row, 'OperatingSystemNameandVersion'),
        version: text(d.os, 'Version'),
        fqdn,
      }),
      networks:
        macs.length === 0
          ? null
          : macs.map((mac, i) => section({ description: `Adapter ${i + 1}`, mac, ipaddress: macs.length === 1 ? (ips[0] ?? null) : null })),
      users: user === null ? null : [section({ login: user, domain: text(row, 'LastLogonUserDomain') })],
      identifiers: identifiers({ directory: [directoryIdOf(row)] }),
      sccm: section({
        resourceid: text(row, 'ResourceID'),
        clientid: text(row, 'SMSUniqueIdentifier'),
        clientversion: text(row, 'ClientVersion'),
        sid: text(row, 'SID'),
        adsite: text(row, 'ADSiteName'),
        ips: ips.length > 0 ? ips : null,
      }),
    }),
  };
}
