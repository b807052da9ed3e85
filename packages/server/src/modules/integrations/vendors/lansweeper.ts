import type { Json } from '@muster/protocols';
import { type ConnectorContext, type ConnectorSession, type Listed, type ListedDevice, type Page, VendorError } from '../connector.ts';
import type { VendorHttp } from '../vendor-http.ts';
import { at, count, isObj, macOf, type Obj, objects, section, sections, seen, text } from '../vendor-values.ts';

/** Of each asset; the API takes 30 paths at most. */
const assetFields = [
  ...['name', 'type', 'domain', 'fqdn', 'userName', 'userDomain', 'mac', 'ipAddress', 'description', 'firstSeen', 'lastSeen'].map(
    (name) => `assetBasicInfo.${name}`,
  ),
  ...['manufacturer', 'model', 'serialNumber', 'dnsName', 'stateName', 'location', 'department'].map((name) => `assetCustom.${name}`),
  'operatingSystem.caption',
  'operatingSystem.version',
];
const softwareFields = ['softwares.name', 'softwares.version', 'softwares.publisher'];
/** Lists of software are long. */
const sizes: Readonly<Record<string, number>> = { software: 50, assets: 200 };

const query = `query Page($site: ID!, $fields: [String!]!, $pagination: AssetsPaginationInputValidated) {
  site(id: $site) {
    assetResources(assetPagination: $pagination, fields: $fields) { total pagination { limit current next page } items }
  }
}`;

/**
 * Lansweeper by its Data API (GraphQL): the assets of one site, and the software of each. 150 requests a minute are allowed, and the pause
 * after that begins again with each request.
 */
export function openLansweeper(context: ConnectorContext): ConnectorSession {
  const http = context.http({
    baseUrl: String(context.settings['url']),
    authorise: async () => ({ authorization: `Token ${context.secrets['token'] ?? ''}` }),
    judge,
  });
  const site = String(context.settings['siteId']);
  return {
    page: async (scope, cursor) => {
      const resources = await ask(http, {
        site,
        fields: scope === 'software' ? softwareFields : assetFields,
        pagination: { limit: sizes[scope] ?? 100, ...(cursor === null ? { page: 'FIRST' } : { page: 'NEXT', cursor }) },
      });
      return pageOf(resources, scope === 'software' ? titlesOf : (row) => [asset(row)].filter((item) => item !== null));
    },
  };
}

async function ask(http: VendorHttp, variables: Readonly<Record<string, Json>>): Promise<Json> {
  const answer = await http.json('/api/v2/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const [error] = objects(isObj(answer) ? answer['errors'] : undefined);
  if (error) throw new VendorError('failed', `The query was refused: ${text(error, 'message')?.slice(0, 300) ?? 'no reason given'}`);
  if (at(answer, 'data.site') === null)
    throw new VendorError('denied', 'The token does not reach this site, or there is no such site.', { status: 200 });
  return at(answer, 'data.site.assetResources') ?? null;
}

/** GraphQL tells its errors in the body, with status 200 or 400. */
function judge(_status: number, body: string): 'throttled' | 'denied' | null {
  if (body.length > 20_000 || !body.includes('"errors"')) return null;
  if (/rate.?limit|too many requests|TOO_MANY/i.test(body)) return 'throttled';
  return /UNAUTHENTICATED|UNAUTHORIZED|FORBIDDEN|not authorized|invalid token/i.test(body) ? 'denied' : null;
}

function pageOf(resources: Json, read: (row: Obj) => Listed[]): Page {
  if (!isObj(resources) || !Array.isArray(resources['items'])) throw new VendorError('failed', 'The answer has no list of items.');
  const rows = objects(resources['items']);
  const known = rows.filter((row) => idOf(row) !== null);
  const next = at(resources, 'pagination.next');
  return {
    items: known.flatMap(read),
    // The last page may name a next one that is empty.
    next: typeof next === 'string' && next !== '' && rows.length > 0 ? next : null,
    total: count(resources, 'total'),
    warnings: rows.length > known.length ? [`${rows.length - known.length} assets without an id were left out.`] : [],
  };
}

const idOf = (row: Obj): string | null => text(row, '_id') ?? text(row, 'key');

function titlesOf(row: Obj): Listed[] {
  const nativeId = idOf(row);
  if (nativeId === null) return [];
  return objects(row['softwares']).flatMap((app): Listed[] => {
    const [name, version] = [text(app, 'name'), text(app, 'version')];
    const title = name === null ? null : section({ name, version, publisher: text(app, 'publisher') });
    return title === null ? [] : [{ type: 'title', nativeId, key: `${name}|${version ?? ''}`, row: title }];
  });
}

/** Lansweeper's own types, by what they say; what is none of these is something on the network. */
const itemTypes: readonly [RegExp, ListedDevice['itemType']][] = [
  [
    /^(windows|linux|mac|macos|unix|esxi|hyper-v guest|vmware guest|virtual machine|chrome ?os|freebsd|solaris|workstation|server)/i,
    'Computer',
  ],
  [/phone|ipad|tablet|android|mobile|^ios\b/i, 'Phone'],
  [/printer/i, 'Printer'],
  [/^monitor/i, 'Monitor'],
  [/switch|router|firewall|access point|network device|load balancer|wireless/i, 'NetworkEquipment'],
];

function asset(row: Obj): ListedDevice | null {
  const nativeId = idOf(row);
  if (nativeId === null) return null;
  const type = text(row, 'assetBasicInfo.type');
  const [mac, ip] = [macOf(text(row, 'assetBasicInfo.mac')), text(row, 'assetBasicInfo.ipAddress')];
  const login = text(row, 'assetBasicInfo.userName');
  const itemType = itemTypes.find(([words]) => words.test(type ?? ''))?.[1] ?? 'Unmanaged';
  return {
    type: 'device',
    nativeId,
    itemType,
    // What only answered a scan says little: it adds to what is known.
    partial: itemType === 'Unmanaged',
    sections: sections({
      accesslog: seen(text(row, 'assetBasicInfo.lastSeen')),
      hardware: section({
        name: text(row, 'assetBasicInfo.name'),
        workgroup: text(row, 'assetBasicInfo.domain'),
        lastloggeduser: login,
      }),
      bios: section({
        smanufacturer: text(row, 'assetCustom.manufacturer'),
        smodel: text(row, 'assetCustom.model'),
        ssn: text(row, 'assetCustom.serialNumber'),
      }),
      operatingsystem: section({
        name: text(row, 'operatingSystem.caption'),
        version: text(row, 'operatingSystem.version'),
        fqdn: text(row, 'assetBasicInfo.fqdn') ?? text(row, 'assetCustom.dnsName'),
      }),
      networks: mac === null && ip === null ? null : [section({ description: 'Ethernet', mac, ipaddress: ip, type: 'ethernet' })],
      users: login === null ? null : [section({ login, domain: text(row, 'assetBasicInfo.userDomain') })],
      lansweeper: section({
        id: nativeId,
        type,
        state: text(row, 'assetCustom.stateName'),
        firstseen: text(row, 'assetBasicInfo.firstSeen'),
        description: text(row, 'assetBasicInfo.description'),
        location: text(row, 'assetCustom.location'),
        department: text(row, 'assetCustom.department'),
      }),
    }),
  };
}
