import type { Json } from '@muster/protocols';
import type { ConnectorContext, ConnectorSession, ListedDevice } from '../connector.ts';
import { clientCredentials, type VendorHttp } from '../vendor-http.ts';
import { at, count, identifiers, isObj, macOf, type Obj, objects, section, sections, seen, text } from '../vendor-values.ts';
import { arrayOf, numberedPage } from './paged.ts';

const SIZE = 100;
const computerSections = ['GENERAL', 'HARDWARE', 'OPERATING_SYSTEM', 'USER_AND_LOCATION', 'APPLICATIONS', 'DISK_ENCRYPTION'];

/** Jamf Pro: computers with their applications, and mobile devices, with OAuth client credentials. */
export function openJamf(context: ConnectorContext): ConnectorSession {
  const { settings, secrets } = context;
  const http: VendorHttp = context.http({
    baseUrl: String(settings['url']),
    authorise: clientCredentials(() => http, '/api/oauth/token', {
      grant_type: 'client_credentials',
      client_id: String(settings['clientId']),
      client_secret: secrets['clientSecret'] ?? '',
    }),
  });
  return {
    page: async (scope, cursor) => {
      const page = Number(cursor ?? 0);
      const query = `page=${page}&page-size=${SIZE}`;
      const answer =
        scope === 'computers'
          ? await http.json(`/api/v1/computers-inventory?${computerSections.map((s) => `section=${s}`).join('&')}&${query}&sort=id:asc`)
          : await http.json(`/api/v2/mobile-devices?${query}&sort=id:asc`);
      const rows = arrayOf(isObj(answer) ? answer['results'] : undefined, 'results').filter(isObj);
      return numberedPage(page, SIZE, rows, count(answer, 'totalCount'), scope === 'computers' ? computer : mobileDevice);
    },
  };
}

function computer(row: Obj): ListedDevice | null {
  const nativeId = text(row, 'udid');
  if (nativeId === null) return null;
  const user = text(row, 'userAndLocation.username');
  const networks = ['macAddress', 'altMacAddress'].flatMap((name, i) => {
    const mac = macOf(text(row, `hardware.${name}`));
    return mac === null ? [] : [{ description: `en${i}`, mac, type: 'ethernet' }];
  });
  return {
    type: 'device',
    nativeId,
    itemType: 'Computer',
    sections: sections({
      accesslog: seen(text(row, 'general.reportDate') ?? text(row, 'general.lastContactTime')),
      hardware: section({
        name: text(row, 'general.name'),
        uuid: nativeId,
        lastloggeduser: user,
        memory: count(row, 'hardware.totalRamMegabytes'),
      }),
      bios: section({
        smanufacturer: text(row, 'hardware.make'),
        smodel: text(row, 'hardware.model'),
        ssn: text(row, 'hardware.serialNumber'),
        assettag: text(row, 'general.assetTag'),
      }),
      operatingsystem: section({
        name: text(row, 'operatingSystem.name') ?? 'macOS',
        version: text(row, 'operatingSystem.version'),
        kernel_name: 'darwin',
      }),
      cpus: cpus(row),
      networks: networks.length > 0 ? networks : null,
      users: user === null ? null : [{ login: user }],
      softwares: softwares(row),
      jamf: section({
        id: text(row, 'id'),
        platform: text(row, 'general.platform'),
        modelidentifier: text(row, 'hardware.modelIdentifier'),
        email: text(row, 'userAndLocation.email'),
        realname: text(row, 'userAndLocation.realname'),
        supervised: at(row, 'general.supervised') === true ? true : null,
      }),
    }),
  };
}

function cpus(row: Obj): Json {
  const name = text(row, 'hardware.processorType');
  if (name === null) return null;
  const sockets = Math.min(64, Math.max(1, count(row, 'hardware.processorCount') ?? 1));
  const cores = count(row, 'hardware.coreCount');
  const one = section({
    name,
    core: cores === null || cores === 0 ? null : Math.round(cores / sockets),
    speed: count(row, 'hardware.processorSpeedMhz'),
  });
  return Array.from({ length: sockets }, () => one);
}

/** Null when the section was not answered: then nothing is known of the titles. */
function softwares(row: Obj): Json {
  if (!Array.isArray(row['applications'])) return null;
  return objects(row['applications']).flatMap((app) => {
    const name = text(app, 'name')?.replace(/\.app$/i, '') ?? null;
    if (name === null) return [];
    const size = count(app, 'sizeMegabytes');
    return [
      section({
        name,
        version: text(app, 'version'),
        bundle_id: text(app, 'bundleId'),
        folder: text(app, 'path'),
        filesize: size === null || size === 0 ? null : Math.round(size * 1048576),
      }),
    ];
  });
}

function mobileDevice(row: Obj): ListedDevice | null {
  const nativeId = text(row, 'udid');
  if (nativeId === null) return null;
  const mac = macOf(text(row, 'wifiMacAddress'));
  return {
    type: 'device',
    nativeId,
    itemType: 'Phone',
    sections: sections({
      hardware: section({ name: text(row, 'name'), lastloggeduser: text(row, 'username') }),
      bios: section({ smanufacturer: 'Apple', smodel: text(row, 'model'), ssn: text(row, 'serialNumber') }),
      networks: mac === null ? null : [{ description: 'Wi-Fi', mac, type: 'wifi' }],
      identifiers: identifiers({ udid: nativeId }),
      jamf: section({
        id: text(row, 'id'),
        type: text(row, 'type'),
        modelidentifier: text(row, 'modelIdentifier'),
        phone: text(row, 'phoneNumber'),
      }),
    }),
  };
}
