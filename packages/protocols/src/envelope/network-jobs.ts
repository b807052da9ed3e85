/** How a scanning agent opens a device by SNMP. Protocols in the words of Net::SNMP, which these agents use: md5, sha; des, aes. */
export interface SnmpAccess {
  readonly id: string;
  readonly version: '1' | '2c' | '3';
  readonly community?: string;
  readonly userName?: string;
  readonly authProtocol?: string | undefined;
  readonly authPassword?: string | undefined;
  readonly privProtocol?: string | undefined;
  readonly privPassword?: string | undefined;
}

interface Job {
  /** Comes back with every message of the scan. */
  readonly processNumber: number;
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly access: readonly SnmpAccess[];
}
/** Which of these addresses answer, and what they are. */
export interface DiscoveryJob extends Job {
  readonly type: 'netdiscovery';
  readonly ranges: readonly { readonly first: string; readonly last: string }[];
  readonly port: number;
}
/** Everything that these devices tell by SNMP. */
export interface QueryJob extends Job {
  readonly type: 'netinventory';
  readonly devices: readonly {
    readonly number: number;
    readonly address: string;
    readonly port: number;
    /** What the discovery called it; null when it could not tell. */
    readonly kind: string | null;
    readonly accessId: string;
  }[];
}
export type NetworkJob = DiscoveryJob | QueryJob;

type Attributes = Record<string, string | number | null | undefined>;

/** The OPTION elements that FusionInventory and GLPI Agent take network tasks from. A job that has nothing to ask is left out. */
export function optionsOf(jobs: readonly NetworkJob[]): string {
  return jobs
    .map((job) => {
      const common = { PID: job.processNumber, TIMEOUT: job.timeoutSeconds };
      const access = job.access.map((one) => element('AUTHENTICATION', accessOf(one))).join('');
      if (job.type === 'netdiscovery') {
        const ranges = job.ranges.map((r, i) =>
          element('RANGEIP', { ID: i + 1, IPSTART: r.first, IPEND: r.last, PORT: job.port, ENTITY: 0 }),
        );
        return option('NETDISCOVERY', element('PARAM', { ...common, THREADS_DISCOVERY: job.threads }), ranges, access);
      }
      const devices = job.devices.map((d) =>
        element('DEVICE', { ID: d.number, IP: d.address, TYPE: d.kind, PORT: d.port, AUTHSNMP_ID: d.accessId }),
      );
      return option('SNMPQUERY', element('PARAM', { ...common, THREADS_QUERY: job.threads }), devices, access);
    })
    .join('');
}

const option = (name: string, param: string, targets: readonly string[], access: string): string =>
  targets.length === 0 ? '' : `<OPTION><NAME>${name}</NAME>${param}${targets.join('')}${access}</OPTION>`;

const accessOf = (one: SnmpAccess): Attributes => ({
  ID: one.id,
  VERSION: one.version,
  COMMUNITY: one.community,
  USERNAME: one.userName,
  AUTHPROTOCOL: one.authProtocol,
  AUTHPASSPHRASE: one.authPassword,
  PRIVPROTOCOL: one.privProtocol,
  PRIVPASSPHRASE: one.privPassword,
});

function element(name: string, attributes: Attributes): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${written.join('')}/>`;
}

/** Text for XML content and for attributes in double quotes. */
export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
