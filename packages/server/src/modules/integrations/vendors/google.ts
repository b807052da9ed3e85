import { createPrivateKey, sign } from 'node:crypto';
import { connectorKind, parseServiceAccountKey } from '@muster/api/connector-kinds';
import type { Json } from '@muster/protocols';
import { type ConnectorContext, type ConnectorSession, type Listed, type ListedDevice, type Page, VendorError } from '../connector.ts';
import { clientCredentials, type VendorHttp } from '../vendor-http.ts';
import { at, count, identifiers, isObj, macOf, megabytes, type Obj, objects, section, sections, seen, text } from '../vendor-values.ts';

/** Where each listing is, under which name its rows come, and the most the API gives at once. */
const listings: Readonly<Record<string, { path: string; query: string; rows: string; read: (row: Obj) => Listed | null }>> = {
  chrome_devices: { path: 'devices/chromeos', query: 'projection=FULL&maxResults=200', rows: 'chromeosdevices', read: chromeDevice },
  mobile_devices: { path: 'devices/mobile', query: 'projection=FULL&maxResults=100', rows: 'mobiledevices', read: mobileDevice },
  users: { path: '', query: 'maxResults=500&orderBy=email', rows: 'users', read: user },
};

/**
 * Google Workspace by the Admin SDK Directory API. A service account signs a JWT (RS256) in the name of an administrator for a token
 * (RFC 7523). There is one token for each listing, because a request for several OAuth scopes is refused as a whole when one is missing.
 */
export function openGoogle(context: ConnectorContext): ConnectorSession {
  const { settings } = context;
  const login: VendorHttp = context.http({ baseUrl: String(settings['tokenUrl']), authorise: async () => ({}) });
  const clients = new Map<string, VendorHttp>();
  const client = (scope: string): VendorHttp => {
    const known = clients.get(scope);
    if (known) return known;
    const made = context.http({ baseUrl: String(settings['apiUrl']), authorise: authoriser(context, login, scope), judge: quota });
    clients.set(scope, made);
    return made;
  };
  return {
    page: async (scope, cursor) => {
      const listing = listings[scope];
      if (!listing) throw new Error(`Google lists no ${scope}`);
      const customer = encodeURIComponent(String(settings['customerId']));
      const base = '/admin/directory/v1/';
      const first = `${base}${scope === 'users' ? `users?customer=${customer}&` : `customer/${customer}/${listing.path}?`}${listing.query}`;
      const answer = await pageOrFirst(client(scope), first, cursor);
      return readPage(answer, listing.rows, listing.read);
    },
  };
}

/** A page token lives for hours; after a longer interruption the listing begins again, and what was taken already counts once. */
async function pageOrFirst(http: VendorHttp, first: string, cursor: string | null): Promise<Json> {
  if (cursor === null) return http.json(first);
  try {
    return await http.json(`${first}&pageToken=${encodeURIComponent(cursor)}`);
  } catch (error) {
    if (error instanceof VendorError && error.status === 400 && /page ?token/i.test(error.message)) return http.json(first);
    throw error;
  }
}

/** Google refuses with 403 when a quota is used up, as it does when a right is missing. */
function quota(status: number, body: string): 'throttled' | null {
  return status === 403 && /rateLimitExceeded|userRateLimitExceeded|quotaExceeded|RESOURCE_EXHAUSTED/i.test(body) ? 'throttled' : null;
}

function authoriser(context: ConnectorContext, login: VendorHttp, scope: string): (fresh: boolean) => Promise<Record<string, string>> {
  const permission = connectorKind('google').scopes.find((s) => s.key === scope)?.permission ?? '';
  const token = clientCredentials(
    () => login,
    '/token',
    () => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertion(context, permission),
    }),
  );
  return async (fresh) => {
    try {
      return await token(fresh);
    } catch (error) {
      // The account is known, but this scope was not delegated to it: a permission is missing, not a password.
      if (
        error instanceof VendorError &&
        error.result === 'denied' &&
        /unauthorized_client|access_denied|invalid_scope/.test(error.message)
      )
        throw new VendorError('denied', error.message, { cause: error });
      throw error;
    }
  };
}

/** The signed request for a token, valid for an hour. */
function assertion({ settings, secrets }: ConnectorContext, scope: string): string {
  const key = parseServiceAccountKey(secrets['key'] ?? '');
  if (key === null) throw new VendorError('denied', 'The key of the service account is not a JSON key file.', { atSignIn: true });
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    iss: key.clientEmail,
    sub: String(settings['adminEmail']),
    scope,
    aud: `${String(settings['tokenUrl'])}/token`,
    iat: now,
    exp: now + 3600,
  };
  const head = { alg: 'RS256', typ: 'JWT', ...(key.keyId === null ? {} : { kid: key.keyId }) };
  const signed = `${part(head)}.${part(claims)}`;
  try {
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(key.privateKey)).toString('base64url')}`;
  } catch (cause) {
    throw new VendorError('denied', 'The private key of the service account cannot be read.', { cause, atSignIn: true });
  }
}

function readPage(answer: Json, name: string, read: (row: Obj) => Listed | null): Page {
  if (!isObj(answer) || (answer[name] !== undefined && !Array.isArray(answer[name])))
    throw new VendorError('failed', `The answer has no list of ${name}.`);
  // An account without any leaves the list out.
  const rows = objects(answer[name]);
  const managed = rows.filter((row) => text(row, 'status') !== 'DEPROVISIONED');
  const items = managed.flatMap((row) => read(row) ?? []);
  const next = answer['nextPageToken'];
  return {
    items,
    next: typeof next === 'string' && next !== '' ? next : null,
    warnings: [
      ...(rows.length > managed.length ? [`${rows.length - managed.length} deprovisioned devices were left out.`] : []),
      ...(managed.length > items.length ? [`${managed.length - items.length} rows without an id or a name were left out.`] : []),
    ],
  };
}

/** ChromeOS devices carry their maker only as the first word of the model. */
const makers = /^(acer|aopen|asus|ctl|dell|google|hp|lenovo|lg|samsung|toshiba)\b/i;

function chassisOf(model: string | null): string | null {
  if (model === null) return null;
  if (/chromebook/i.test(model)) return 'Notebook';
  if (/chromebox/i.test(model)) return 'Mini PC';
  return /chromebase/i.test(model) ? 'All in One' : null;
}

function chromeDevice(row: Obj): ListedDevice | null {
  const nativeId = text(row, 'deviceId');
  if (nativeId === null) return null;
  const model = text(row, 'model');
  const recent = objects(row['recentUsers']).flatMap((u) => text(u, 'email') ?? []);
  const login = recent[0] ?? text(row, 'annotatedUser');
  const networks = [
    { description: 'Wi-Fi', type: 'wifi', mac: macOf(text(row, 'macAddress')) },
    { description: 'Ethernet', type: 'ethernet', mac: macOf(text(row, 'ethernetMacAddress')) },
  ].filter((nic) => nic.mac !== null);
  const cpus = objects(row['cpuInfo']).flatMap((cpu) => section({ name: text(cpu, 'model') }) ?? []);
  return {
    type: 'device',
    nativeId,
    itemType: 'Computer',
    sections: sections({
      accesslog: seen(text(row, 'lastSync')),
      hardware: section({
        name: text(row, 'hostname') ?? text(row, 'annotatedAssetId') ?? text(row, 'serialNumber'),
        lastloggeduser: login,
        memory: megabytes(count(row, 'systemRamTotal')),
        chassis_type: chassisOf(model),
      }),
      bios: section({
        smanufacturer: text(row, 'manufacturer') ?? (model === null ? null : (makers.exec(model)?.[0] ?? null)),
        smodel: model,
        ssn: text(row, 'serialNumber'),
        assettag: text(row, 'annotatedAssetId'),
      }),
      operatingsystem: section({ name: 'ChromeOS', version: text(row, 'osVersion') }),
      cpus: cpus.length > 0 ? cpus : null,
      networks: networks.length > 0 ? networks : null,
      users: recent.length === 0 ? null : recent.map((email) => ({ login: email })),
      identifiers: identifiers({ imeis: [text(row, 'meid')] }),
      google: section({
        id: nativeId,
        status: text(row, 'status'),
        orgunit: text(row, 'orgUnitPath'),
        annotateduser: text(row, 'annotatedUser'),
        annotatedlocation: text(row, 'annotatedLocation'),
        notes: text(row, 'notes'),
        autoupdatethrough: text(row, 'autoUpdateThrough') ?? text(row, 'autoUpdateExpiration'),
        firstenrolled: text(row, 'firstEnrollmentTime'),
      }),
    }),
  };
}

function mobileDevice(row: Obj): ListedDevice | null {
  const nativeId = text(row, 'resourceId');
  if (nativeId === null) return null;
  const os = text(row, 'os');
  const [login, name] = [text(row, 'email.0'), text(row, 'name.0')];
  const mac = macOf(text(row, 'wifiMacAddress'));
  const [, osName = os, osVersion = null] = /^(\D+?)\s+(\d[\w.]*)/.exec(os ?? '') ?? [];
  return {
    type: 'device',
    nativeId,
    itemType: 'Phone',
    // Exchange ActiveSync tells who synchronises and little of the device.
    partial: text(row, 'type') === 'GOOGLE_SYNC',
    sections: sections({
      accesslog: seen(text(row, 'lastSync')),
      hardware: section({ name: text(row, 'deviceName') ?? name, lastloggeduser: login }),
      bios: section({
        smanufacturer: text(row, 'manufacturer') ?? text(row, 'brand') ?? (/^(ios|ipados)/i.test(os ?? '') ? 'Apple' : null),
        smodel: text(row, 'model'),
        ssn: text(row, 'serialNumber'),
      }),
      operatingsystem: section({ name: osName, version: osVersion }),
      networks: mac === null ? null : [{ description: 'Wi-Fi', mac, type: 'wifi' }],
      users: login === null ? null : [{ login }],
      softwares: apps(row),
      identifiers: identifiers({ imeis: [text(row, 'imei'), text(row, 'meid')] }),
      google: section({
        id: nativeId,
        type: text(row, 'type'),
        status: text(row, 'status'),
        owner: name,
        firstsync: text(row, 'firstSync'),
        encryption: text(row, 'encryptionStatus'),
        compromised: text(row, 'deviceCompromisedStatus'),
      }),
    }),
  };
}

/** Null when the device told none: then nothing is known of its apps. */
function apps(row: Obj): Json {
  if (!Array.isArray(row['applications'])) return null;
  return objects(row['applications']).flatMap((app) => {
    const name = text(app, 'displayName') ?? text(app, 'packageName');
    return name === null ? [] : [section({ name, version: text(app, 'versionName'), bundle_id: text(app, 'packageName') })];
  });
}

function user(row: Obj): Listed | null {
  const directoryId = text(row, 'id');
  const email = text(row, 'primaryEmail');
  const name = text(row, 'name.fullName') ?? email;
  if (directoryId === null || name === null) return null;
  const organisations = objects(row['organizations']);
  const primary = organisations.find((o) => at(o, 'primary') === true) ?? organisations[0];
  const number = objects(row['externalIds']).find((id) => text(id, 'type') === 'organization');
  return {
    type: 'person',
    directoryId,
    name,
    email,
    login: email,
    employeeNumber: number ? text(number, 'value') : null,
    jobTitle: primary ? text(primary, 'title') : null,
    active: at(row, 'suspended') !== true && at(row, 'archived') !== true,
  };
}
