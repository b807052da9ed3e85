import { type HostResult, hostResultSchema } from '@muster/api/collector';
import {
  accessPointTables,
  deviceFromWalk,
  type Limits,
  openBody,
  readWalk,
  type Report,
  reportOfDevice,
  reportOfLogin,
  walkLimits,
  type Warning,
} from '@muster/protocols';
import { networkKnowledge } from '../inventory/index.ts';

/** Three times what a network asks for by default; a walk is read in the inbox thread, beside other reports. */
const scanLimits = { ...walkLimits, maxRows: 200_000 };

/** Subtrees whose values are no part of the ports: system, host resources, printer and ARP. What the maker's part adds is not asked for in whole. */
const notPorts = /^1\.3\.6\.1\.(2\.1\.(1|22|25|33|43|47|4\.22)|4\.1\.(?!9\.9\.(23|46)\.))(\.|$)/;
const printer = /^1\.3\.6\.1\.2\.1\.43(\.|$)/;
const entities = /^1\.3\.6\.1\.2\.1\.47(\.|$)/;
const isOfComponents = (oid: string): boolean => entities.test(oid) || accessPointTables.some((table) => oid.startsWith(`${table.oid}.`));

/** What a collector could not read, as warnings of the report. */
export const readWarnings = (result: HostResult): Warning[] => [
  ...(result.snmp?.missing ?? []).map((message, i) => ({ code: 'walk_incomplete', path: `snmp.missing[${i}]`, message: plain(message) })),
  ...(result.login?.missing ?? []).map((message, i) => ({ code: 'read_incomplete', path: `login.missing[${i}]`, message: plain(message) })),
];

/** PostgreSQL's text refuses NUL and half characters. */
export const plain = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/**
 * The result of a collector as the report of its device. Without SNMP or a login it has no section, because an address alone makes no asset. A walk
 * that misses something is partial, and a section of which a subtree is not complete is left out: what is absent is unchanged.
 */
export function decodeHost(body: Uint8Array, limits: Limits): Report {
  const result = parse(body, limits);
  if (typeof result === 'string') return { ...blank, kind: 'unknown', warnings: [{ code: 'damaged_body', path: '', message: result }] };
  const base = { deviceId: result.address, agentVersion: plain(result.collector.version), warnings: readWarnings(result) };
  if (result.login) {
    const report = reportOfLogin(result.login, result.address, limits);
    return { ...report, agentVersion: base.agentVersion, warnings: [...base.warnings, ...report.warnings] };
  }
  if (result.snmp === null) return { ...blank, ...base };
  const walk = readWalk(Buffer.from(result.snmp.rows), scanLimits);
  base.warnings.push(...walk.warnings.map((w) => ({ ...w, path: 'snmp.rows' })));
  if (walk.format === null) return { ...blank, ...base, partial: true };
  const cut = walk.warnings.some((w) => w.code === 'too_large' || w.code === 'too_many_rows' || w.code === 'unreadable_lines');
  const open = result.snmp.subtrees.filter((tree) => tree.ended !== 'end').map((tree) => tree.oid.replace(/^\./, ''));
  const left = new Set<'network_ports' | 'network_components' | 'supplies'>();
  if (cut || open.some((oid) => !notPorts.test(oid))) left.add('network_ports');
  if (cut || open.some(isOfComponents)) left.add('network_components');
  if (cut || open.some((oid) => printer.test(oid))) left.add('supplies');
  const partial = cut || left.size > 0 || result.snmp.missing.length > 0;
  return { ...reportOfDevice(deviceFromWalk(walk.oids, networkKnowledge), { partial, leaveOut: left }), ...base };
}

const blank: Report = {
  family: 'unknown',
  kind: 'netinventory',
  deviceId: null,
  agentId: null,
  agentVersion: null,
  itemType: 'Unmanaged',
  partial: false,
  tag: null,
  sections: {},
  device: null,
  software: null,
  warnings: [],
};

/** The result, or why it cannot be read. */
function parse(body: Uint8Array, limits: Limits): HostResult | string {
  const open = openBody(body, limits, { salvage: false });
  if (!open.ok) return 'The body cannot be unpacked.';
  try {
    const read = hostResultSchema.safeParse(JSON.parse(Buffer.from(open.bytes).toString()));
    return read.success ? read.data : 'It is no result of a collector that this version knows.';
  } catch {
    return 'It is no JSON.';
  }
}
