import type { Json } from '@muster/protocols';
import type { ConnectorContext, ConnectorSession, Listed, ListedDevice, Page } from '../connector.ts';
import { clientCredentials, type VendorHttp } from '../vendor-http.ts';
import { at, count, identifiers, isObj, macOf, megabytes, type Obj, section, sections, seen, text } from '../vendor-values.ts';
import { nextLinkOf, valuesOf } from './odata.ts';

const deviceFields = [
  'id,azureADDeviceId,deviceName,serialNumber,imei,meid,wiFiMacAddress,ethernetMacAddress,manufacturer,model,operatingSystem,osVersion',
  'userPrincipalName,managedDeviceOwnerType,enrolledDateTime,lastSyncDateTime,complianceState,isEncrypted,totalStorageSpaceInBytes',
  'freeStorageSpaceInBytes,physicalMemoryInBytes,managementAgent,jailBroken,udid',
].join(',');
const userFields = 'id,displayName,mail,userPrincipalName,onPremisesSamAccountName,employeeId,jobTitle,accountEnabled';

/** Where each listing that is one row of pages begins, and what becomes of its rows. */
const listings: Readonly<Record<string, { first: string; read: (row: Obj) => Listed | null }>> = {
  managed_devices: { first: `/v1.0/deviceManagement/managedDevices?$top=200&$select=${deviceFields}`, read: managedDevice },
  entra_devices: {
    first:
      '/v1.0/devices?$top=200&$select=id,deviceId,displayName,operatingSystem,operatingSystemVersion,manufacturer,model,accountEnabled,approximateLastSignInDateTime,trustType,isManaged',
    read: entraDevice,
  },
  entra_users: { first: `/v1.0/users?$top=200&$select=${userFields}`, read: entraUser },
};

/** Microsoft Graph: Intune's managed devices and detected apps, Entra ID's devices and users. */
export function openIntune(context: ConnectorContext): ConnectorSession {
  const { settings, secrets } = context;
  const login: VendorHttp = context.http({ baseUrl: String(settings['loginUrl']), authorise: async () => ({}) });
  const authorise = clientCredentials(() => login, `/${encodeURIComponent(String(settings['tenantId']))}/oauth2/v2.0/token`, {
    grant_type: 'client_credentials',
    client_id: String(settings['clientId']),
    client_secret: secrets['clientSecret'] ?? '',
    scope: `${String(settings['graphUrl'])}/.default`,
  });
  const graph = context.http({ baseUrl: String(settings['graphUrl']), authorise });
  const apps = new AppWalk(graph);
  return {
    page: async (scope, cursor) => {
      if (scope === 'detected_apps') return apps.page(cursor);
      const listing = listings[scope];
      if (!listing) throw new Error(`Intune lists no ${scope}`);
      return readPage(await graph.json(cursor ?? listing.first), listing.read);
    },
  };
}

function readPage(answer: Json, read: (row: Obj) => Listed | null): Page {
  const rows = valuesOf(answer);
  const items = rows.flatMap((row) => read(row) ?? []);
  const left = rows.length - items.length;
  return {
    items,
    next: nextLinkOf(answer),
    total: isObj(answer) ? count(answer['@odata.count']) : null,
    warnings: left > 0 ? [`${left} rows without an id or a name were left out.`] : [],
  };
}

interface AppCursor {
  /** The page of apps, which app of it, and the page of that app's devices. */
  apps: string;
  index: number;
  devices: string | null;
}

/**
 * Detected apps by walking from apps to their devices: asking each device for its apps is throttled long before the documented limits.
 * One step is one page of one app's devices, so it goes on there after a crash.
 */
class AppWalk {
  readonly #graph: VendorHttp;
  #page: { url: string; rows: Obj[]; next: string | null } | null = null;

  constructor(graph: VendorHttp) {
    this.#graph = graph;
  }

  async page(cursor: string | null): Promise<Page> {
    const here: AppCursor =
      cursor === null
        ? { apps: '/v1.0/deviceManagement/detectedApps?$top=100', index: 0, devices: null }
        : (JSON.parse(cursor) as AppCursor);
    const { rows, next } = await this.#apps(here.apps);
    const app = rows[here.index];
    const after: AppCursor | null =
      here.index + 1 < rows.length
        ? { apps: here.apps, index: here.index + 1, devices: null }
        : next === null
          ? null
          : { apps: next, index: 0, devices: null };
    const id = app ? text(app, 'id') : null;
    const row = app ? titleRow(app) : null;
    if (id === null || row === null) return { items: [], next: after && JSON.stringify(after) };
    const answer = await this.#graph.json(
      here.devices ?? `/v1.0/deviceManagement/detectedApps/${encodeURIComponent(id)}/managedDevices?$top=200&$select=id`,
    );
    const items = valuesOf(answer).flatMap((device): Listed[] => {
      const nativeId = text(device, 'id');
      return nativeId === null ? [] : [{ type: 'title', nativeId, key: id, row }];
    });
    const more = nextLinkOf(answer);
    return { items, next: more === null ? after && JSON.stringify(after) : JSON.stringify({ ...here, devices: more }) };
  }

  async #apps(url: string): Promise<{ rows: Obj[]; next: string | null }> {
    if (this.#page?.url !== url) {
      const answer = await this.#graph.json(url);
      this.#page = { url, rows: valuesOf(answer), next: nextLinkOf(answer) };
    }
    return this.#page;
  }
}

function titleRow(app: Obj): Record<string, Json> | null {
  const name = text(app, 'displayName');
  if (name === null) return null;
  const size = count(app, 'sizeInByte');
  return section({ name, version: text(app, 'version'), publisher: text(app, 'publisher'), filesize: size === 0 ? null : size });
}

const mobile = /^(ios|ipados|android)/i;

function managedDevice(row: Obj): ListedDevice | null {
  const nativeId = text(row, 'id');
  if (nativeId === null) return null;
  const os = text(row, 'operatingSystem');
  const user = text(row, 'userPrincipalName');
  const encrypted = at(row, 'isEncrypted');
  const total = megabytes(count(row, 'totalStorageSpaceInBytes'));
  const networks = [
    { description: 'Wi-Fi', type: 'wifi', mac: macOf(text(row, 'wiFiMacAddress')) },
    { description: 'Ethernet', type: 'ethernet', mac: macOf(text(row, 'ethernetMacAddress')) },
  ].filter((nic) => nic.mac !== null);
  return {
    type: 'device',
    nativeId,
    itemType: os !== null && mobile.test(os) ? 'Phone' : 'Computer',
    sections: sections({
      accesslog: seen(text(row, 'lastSyncDateTime')),
      hardware: section({ name: text(row, 'deviceName'), lastloggeduser: user, memory: megabytes(count(row, 'physicalMemoryInBytes')) }),
      bios: section({ smanufacturer: text(row, 'manufacturer'), smodel: text(row, 'model'), ssn: text(row, 'serialNumber') }),
      operatingsystem: section({ name: os, version: text(row, 'osVersion') }),
      networks: networks.length > 0 ? networks : null,
      drives:
        total === null
          ? null
          : [
              section({
                volumn: 'internal storage',
                total,
                free: megabytes(count(row, 'freeStorageSpaceInBytes')),
                encrypt_status: encrypted === true ? 'Yes' : encrypted === false ? 'No' : null,
              }),
            ],
      users: user === null ? null : [{ login: user }],
      identifiers: identifiers({
        imeis: [text(row, 'imei'), text(row, 'meid')],
        udid: text(row, 'udid'),
        directory: [text(row, 'azureADDeviceId')],
      }),
      intune: section({
        id: nativeId,
        azureaddeviceid: text(row, 'azureADDeviceId'),
        imei: text(row, 'imei'),
        meid: text(row, 'meid'),
        owner: text(row, 'managedDeviceOwnerType'),
        enrolled: text(row, 'enrolledDateTime'),
        compliance: text(row, 'complianceState'),
        managementagent: text(row, 'managementAgent'),
        jailbroken: text(row, 'jailBroken'),
      }),
    }),
  };
}

/** A registration says little about the machine, so it makes no asset by itself. */
function entraDevice(row: Obj): ListedDevice | null {
  const nativeId = text(row, 'deviceId') ?? text(row, 'id');
  if (nativeId === null) return null;
  const os = text(row, 'operatingSystem');
  const enabled = at(row, 'accountEnabled');
  return {
    type: 'device',
    nativeId,
    itemType: os !== null && mobile.test(os) ? 'Phone' : 'Computer',
    partial: true,
    sections: sections({
      accesslog: seen(text(row, 'approximateLastSignInDateTime')),
      hardware: section({ name: text(row, 'displayName') }),
      bios: section({ smanufacturer: text(row, 'manufacturer'), smodel: text(row, 'model') }),
      operatingsystem: section({ name: os, version: text(row, 'operatingSystemVersion') }),
      identifiers: identifiers({ directory: [text(row, 'deviceId')] }),
      entra: section({ deviceid: nativeId, trusttype: text(row, 'trustType'), enabled: typeof enabled === 'boolean' ? enabled : null }),
    }),
  };
}

function entraUser(row: Obj): Listed | null {
  const directoryId = text(row, 'id');
  const name = text(row, 'displayName') ?? text(row, 'userPrincipalName');
  if (directoryId === null || name === null) return null;
  const upn = text(row, 'userPrincipalName');
  return {
    type: 'person',
    directoryId,
    name,
    email: text(row, 'mail') ?? upn,
    login: text(row, 'onPremisesSamAccountName') ?? upn,
    employeeNumber: text(row, 'employeeId'),
    jobTitle: text(row, 'jobTitle'),
    active: at(row, 'accountEnabled') !== false,
  };
}
