import type { Json } from '@muster/protocols';
import type { ConnectorContext, ConnectorSession, ListedDevice, Page } from '../connector.ts';
import type { VendorHttp } from '../vendor-http.ts';
import { count, isObj, macOf, megabytes, type Obj, section, sections, text } from '../vendor-values.ts';
import { arrayOf } from './paged.ts';

/** Each guest's configuration is a request of its own. */
const GUESTS_AT_ONCE = 20;

/** Proxmox VE: nodes as observations, and guests by their UUID, with an API token. */
export function openProxmox(context: ConnectorContext): ConnectorSession {
  const { settings, secrets } = context;
  const http = context.http({
    baseUrl: String(settings['url']),
    authorise: async () => ({ authorization: `PVEAPIToken=${String(settings['tokenId'])}=${secrets['tokenSecret'] ?? ''}` }),
  });
  let guests: Obj[] | null = null;
  return {
    page: async (scope, cursor) => {
      if (scope === 'nodes')
        return { items: (await rows(http, '/api2/json/nodes')).flatMap((row) => node(context, row) ?? []), next: null };
      guests ??= (await rows(http, '/api2/json/cluster/resources?type=vm')).toSorted(
        (a, b) => (count(a, 'vmid') ?? 0) - (count(b, 'vmid') ?? 0),
      );
      return guestPage(context, http, guests, Number(cursor ?? 0));
    },
  };
}

async function rows(http: VendorHttp, path: string): Promise<Obj[]> {
  const answer = await http.json(path);
  return arrayOf(isObj(answer) ? answer['data'] : undefined, 'data').filter(isObj);
}

/** The cursor is the number of the guest, not its place: guests come and go. */
async function guestPage(context: ConnectorContext, http: VendorHttp, all: readonly Obj[], after: number): Promise<Page> {
  const waiting = all.filter((row) => (count(row, 'vmid') ?? 0) > after && row['template'] !== 1);
  const now = waiting.slice(0, GUESTS_AT_ONCE);
  const items: ListedDevice[] = [];
  for (const row of now) {
    const [nodeName, vmid, type] = [text(row, 'node'), count(row, 'vmid'), row['type'] === 'lxc' ? 'lxc' : 'qemu'];
    if (nodeName === null || vmid === null) continue;
    const answer = await http.json(`/api2/json/nodes/${encodeURIComponent(nodeName)}/${type}/${vmid}/config`);
    items.push(guest(context, row, isObj(answer) && isObj(answer['data']) ? answer['data'] : {}));
  }
  const last = count(now.at(-1), 'vmid');
  return { items, next: waiting.length > now.length && last !== null ? String(last) : null, total: all.length };
}

function guest(context: ConnectorContext, row: Obj, config: Obj): ListedDevice {
  const vmid = text(row, 'vmid') ?? '';
  const container = row['type'] === 'lxc';
  const cores = count(row, 'maxcpu');
  return {
    type: 'device',
    // Numbers of guests are unique in a cluster only.
    nativeId: `${context.connectorId}:${vmid}`,
    itemType: 'Computer',
    sections: sections({
      hardware: section({
        name: text(row, 'name') ?? text(config, 'hostname'),
        uuid: /(?:^|,)uuid=([0-9a-f-]{36})/i.exec(text(config, 'smbios1') ?? '')?.[1] ?? null,
        vmsystem: container ? 'lxc' : 'QEMU',
        memory: megabytes(count(row, 'maxmem')),
      }),
      operatingsystem: section({ name: systemOf(text(config, 'ostype')) }),
      cpus: cores === null ? null : [section({ name: 'virtual', core: Math.round(cores), thread: Math.round(cores) })],
      networks: networks(config),
      proxmox: section({ vmid, node: text(row, 'node'), status: text(row, 'status'), pool: text(row, 'pool'), tags: text(row, 'tags') }),
    }),
  };
}

function networks(config: Obj): Json {
  const found = Object.keys(config)
    .filter((key) => /^net\d+$/.test(key))
    .toSorted()
    .flatMap((key) => {
      const mac = macOf(/[0-9a-f]{2}(?::[0-9a-f]{2}){5}/i.exec(text(config, key) ?? '')?.[0] ?? null);
      return mac === null ? [] : [{ description: key, mac, type: 'ethernet' }];
    });
  return found.length === 0 ? null : found;
}

/** What Proxmox is told the guest runs; a coarse word, and no version. */
function systemOf(ostype: string | null): string | null {
  if (ostype === null || ostype === 'other' || ostype === 'unmanaged') return null;
  if (/^(win|w2k|wxp|wvista)/.test(ostype)) return 'Windows';
  if (/^l2\d$/.test(ostype)) return 'Linux';
  return ostype === 'solaris' ? 'Solaris' : ostype.charAt(0).toUpperCase() + ostype.slice(1);
}

/** The API of the cluster does not tell a node's serial number, so it makes no asset by itself. */
function node(context: ConnectorContext, row: Obj): ListedDevice | null {
  const name = text(row, 'node');
  if (name === null) return null;
  return {
    type: 'device',
    nativeId: `${context.connectorId}:node/${name}`,
    itemType: 'Computer',
    partial: true,
    sections: sections({
      hardware: section({ name, memory: megabytes(count(row, 'maxmem')) }),
      operatingsystem: section({ name: 'Proxmox VE', kernel_name: 'linux' }),
      proxmox: section({ node: name, status: text(row, 'status'), threads: count(row, 'maxcpu') }),
    }),
  };
}
