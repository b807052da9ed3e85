import type { Json } from '@muster/protocols';
import type { ConnectorContext, ConnectorSession, Listed, ListedDevice, Page } from '../connector.ts';
import type { VendorHttp } from '../vendor-http.ts';
import { isObj, type Obj, objects, section, sections, seen, text } from '../vendor-values.ts';
import { arrayOf, numberedPage } from './paged.ts';

const SIZE = 300;
/** Apps are asked for device by device. */
const DEVICES_AT_ONCE = 10;

/** Kandji: devices, and the apps of each, with an API token. */
export function openKandji(context: ConnectorContext): ConnectorSession {
  const http = context.http({
    baseUrl: String(context.settings['url']),
    authorise: async () => ({ authorization: `Bearer ${context.secrets['token'] ?? ''}` }),
  });
  return {
    page: async (scope, cursor) => {
      if (scope === 'apps') return appsPage(http, Number(cursor ?? 0));
      const page = Number(cursor ?? 0);
      return numberedPage(page, SIZE, await devices(http, SIZE, page * SIZE), null, device);
    },
  };
}

async function devices(http: VendorHttp, limit: number, offset: number): Promise<Obj[]> {
  return arrayOf(await http.json(`/api/v1/devices?limit=${limit}&offset=${offset}&ordering=device_id`), 'devices').filter(isObj);
}

/** The cursor is how many devices were asked. */
async function appsPage(http: VendorHttp, offset: number): Promise<Page> {
  const rows = await devices(http, DEVICES_AT_ONCE, offset);
  const items: Listed[] = [];
  for (const row of rows) {
    const nativeId = text(row, 'device_id');
    if (nativeId === null) continue;
    const answer = await http.json(`/api/v1/devices/${encodeURIComponent(nativeId)}/apps`);
    const apps = arrayOf(isObj(answer) ? answer['apps'] : undefined, 'apps').filter(isObj);
    for (const app of apps) {
      const title = titleRow(app);
      const key = text(app, 'app_id') ?? text(app, 'path') ?? text(app, 'app_name');
      if (title && key !== null) items.push({ type: 'title', nativeId, key, row: title });
    }
  }
  return { items, next: rows.length >= DEVICES_AT_ONCE ? String(offset + DEVICES_AT_ONCE) : null };
}

function titleRow(app: Obj): Record<string, Json> | null {
  const name = text(app, 'app_name')?.replace(/\.app$/i, '') ?? null;
  if (name === null) return null;
  return section({ name, version: text(app, 'version'), bundle_id: text(app, 'bundle_id'), folder: text(app, 'path') });
}

function device(row: Obj): ListedDevice | null {
  const nativeId = text(row, 'device_id');
  if (nativeId === null) return null;
  const platform = text(row, 'platform');
  const user = text(row, 'user.email') ?? text(row, 'user.name');
  const isMac = platform === 'Mac';
  return {
    type: 'device',
    nativeId,
    itemType: isMac ? 'Computer' : 'Phone',
    sections: sections({
      accesslog: seen(text(row, 'last_check_in')),
      hardware: section({ name: text(row, 'device_name'), lastloggeduser: user }),
      bios: section({
        smanufacturer: 'Apple',
        smodel: text(row, 'model'),
        ssn: text(row, 'serial_number'),
        assettag: text(row, 'asset_tag'),
      }),
      operatingsystem: section({ name: isMac ? 'macOS' : (platform ?? 'iOS'), version: text(row, 'os_version') }),
      users: user === null ? null : [{ login: user }],
      kandji: section({
        id: nativeId,
        platform,
        blueprint: text(row, 'blueprint_name'),
        tags: objects(row['tags']).length > 0 ? objects(row['tags']) : null,
      }),
    }),
  };
}
