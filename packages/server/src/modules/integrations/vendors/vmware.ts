import type { Json } from '@muster/protocols';
import { type ConnectorContext, type ConnectorSession, type ListedDevice, type Page, VendorError } from '../connector.ts';
import type { VendorHttp } from '../vendor-http.ts';
import { count, isObj, macOf, type Obj, section, sections, text } from '../vendor-values.ts';
import { arrayOf } from './paged.ts';

const VMS_AT_ONCE = 20;
/** vCenter answers no more than this many, and says so only by an error beyond it. */
const MOST_VMS = 4000;

/** VMware vCenter (REST, 7.0 and later): virtual machines by their BIOS UUID, hosts as observations. */
export function openVmware(context: ConnectorContext): ConnectorSession {
  const { settings, secrets } = context;
  const basic = Buffer.from(`${String(settings['user'])}:${secrets['password'] ?? ''}`).toString('base64');
  let session: string | null = null;
  const http: VendorHttp = context.http({
    baseUrl: String(settings['url']),
    authorise: async (fresh) => {
      if (fresh || session === null) {
        const answer = await http.json('/api/session', { method: 'POST', anonymous: true, headers: { authorization: `Basic ${basic}` } });
        if (typeof answer !== 'string' || answer === '') throw new VendorError('denied', 'Signing in gave no session.', { atSignIn: true });
        session = answer;
      }
      return { 'vmware-api-session-id': session };
    },
  });
  let machines: Obj[] | null = null;
  return {
    page: async (scope, cursor) => {
      if (scope === 'hosts')
        return { items: (await list(http, '/api/vcenter/host', 'hosts')).flatMap((row) => host(context, row) ?? []), next: null };
      if (machines === null) {
        machines = (await list(http, '/api/vcenter/vm', 'virtual machines')).toSorted((a, b) =>
          (text(a, 'vm') ?? '') < (text(b, 'vm') ?? '') ? -1 : 1,
        );
        if (machines.length >= MOST_VMS)
          throw new VendorError('failed', `vCenter answered its most of ${MOST_VMS} machines, so there may be more.`);
      }
      return machinePage(context, http, machines, cursor ?? '');
    },
  };
}

const list = async (http: VendorHttp, path: string, what: string): Promise<Obj[]> => arrayOf(await http.json(path), what).filter(isObj);

/** The cursor is the id of the last machine. */
async function machinePage(context: ConnectorContext, http: VendorHttp, all: readonly Obj[], after: string): Promise<Page> {
  const waiting = all.filter((row) => (text(row, 'vm') ?? '') > after);
  const now = waiting.slice(0, VMS_AT_ONCE);
  const items: ListedDevice[] = [];
  for (const row of now) {
    const id = text(row, 'vm') ?? '';
    const answer = await http.json(`/api/vcenter/vm/${encodeURIComponent(id)}`);
    items.push(machine(context, id, row, isObj(answer) ? answer : {}));
  }
  return { items, next: waiting.length > now.length ? text(now.at(-1), 'vm') : null, total: all.length };
}

function machine(context: ConnectorContext, id: string, row: Obj, detail: Obj): ListedDevice {
  const cores = count(detail, 'cpu.count') ?? count(row, 'cpu_count');
  const perSocket = count(detail, 'cpu.cores_per_socket') ?? 1;
  const sockets = cores === null || perSocket === 0 ? 0 : Math.min(256, Math.ceil(cores / perSocket));
  return {
    type: 'device',
    // The instance UUID is unique beyond this vCenter; moids are not.
    nativeId: text(detail, 'identity.instance_uuid') ?? `${context.connectorId}:${id}`,
    itemType: 'Computer',
    sections: sections({
      hardware: section({
        name: text(detail, 'name') ?? text(row, 'name'),
        uuid: text(detail, 'identity.bios_uuid'),
        vmsystem: 'VMware',
        memory: count(detail, 'memory.size_MiB') ?? count(row, 'memory_size_MiB'),
      }),
      bios: section({ smanufacturer: 'VMware, Inc.', smodel: 'VMware Virtual Platform' }),
      operatingsystem: section({ name: systemOf(text(detail, 'guest_OS')) }),
      cpus: sockets === 0 ? null : Array.from({ length: sockets }, () => section({ name: 'virtual', core: perSocket, thread: perSocket })),
      networks: networks(detail['nics']),
      vmware: section({
        moid: id,
        powerstate: text(row, 'power_state'),
        guestos: text(detail, 'guest_OS'),
        biosuuid: text(detail, 'identity.bios_uuid'),
      }),
    }),
  };
}

/** Adapters by their key. */
function networks(nics: Json | undefined): Json {
  const found = Object.entries(isObj(nics) ? nics : {}).flatMap(([key, nic]) => {
    const mac = macOf(text(nic, 'mac_address'));
    return mac === null ? [] : [{ description: text(nic, 'label') ?? key, mac, type: 'ethernet' }];
  });
  return found.length === 0 ? null : found;
}

/** `WINDOWS_SERVER_2022`, `UBUNTU_64`, `RHEL_9_64`: what vCenter was told the guest runs. */
function systemOf(guest: string | null): string | null {
  if (guest === null || guest.startsWith('OTHER')) return null;
  const words = guest.replace(/_(64|GUEST)$/g, '').split('_');
  return words.map((word) => (word.length <= 4 && word !== 'WIN' ? word : word.charAt(0) + word.slice(1).toLowerCase())).join(' ');
}

/** vCenter's REST does not tell a host's serial number, so it makes no asset by itself. */
function host(context: ConnectorContext, row: Obj): ListedDevice | null {
  const id = text(row, 'host');
  if (id === null) return null;
  return {
    type: 'device',
    nativeId: `${context.connectorId}:${id}`,
    itemType: 'Computer',
    partial: true,
    sections: sections({
      hardware: section({ name: text(row, 'name') }),
      operatingsystem: section({ name: 'VMware ESXi' }),
      vmware: section({ moid: id, connection: text(row, 'connection_state'), powerstate: text(row, 'power_state') }),
    }),
  };
}
