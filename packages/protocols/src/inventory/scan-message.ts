import type { Json, Report } from '../report.ts';
import { isObject, textOf, wholeNumber } from './values.ts';

type Obj = { [key: string]: Json };

/** What one message of a scanning agent says about the scan itself. */
export interface ScanMessage {
  readonly step: 'discovery' | 'inventory';
  /** The number that the job was given with. */
  readonly processNumber: number;
  readonly started: boolean;
  /** Agents send it twice. */
  readonly ended: boolean;
  /** Who answered. */
  readonly found: readonly FoundHost[];
  /** What was read of devices that the job named. */
  readonly read: readonly ReadDevice[];
}
export interface FoundHost {
  readonly address: string;
  readonly name: string | null;
  /** What the agent takes it for: `NETWORKING`, `PRINTER`, ... */
  readonly kind: string | null;
  /** Id of the access that opened it; null when none did. */
  readonly accessId: string | null;
  readonly port: number | null;
  readonly values: number;
}
export interface ReadDevice {
  /** As the job numbered it. */
  readonly number: number;
  readonly name: string | null;
  readonly values: number;
  /** Why nothing was read, in the words of the agent. */
  readonly error: string | null;
}

/** What a report of a network scan says about the scan; null when it belongs to no job of a server. */
export function scanMessageOf(report: Report): ScanMessage | null {
  if (report.kind !== 'netdiscovery' && report.kind !== 'netinventory') return null;
  const { sections } = report;
  const processNumber = wholeNumber(sections['processnumber'] ?? null, 'none');
  if (processNumber === null || processNumber === 0) return null;
  const agent = first(sections['agent']);
  const devices = Array.isArray(sections['devices']) ? sections['devices'].filter(isObject) : [];
  const discovery = report.kind === 'netdiscovery';
  return {
    step: discovery ? 'discovery' : 'inventory',
    processNumber,
    started: textOf(agent['start']) === '1',
    ended: textOf(agent['end']) === '1',
    found: discovery ? devices.flatMap(foundOf) : [],
    read: discovery ? [] : (devices.length > 0 ? devices : [sections]).flatMap(readOf),
  };
}

/** An object comes as it is or as the only one of a list. */
const first = (value: Json | undefined): Obj => (Array.isArray(value) ? value : [value]).find(isObject) ?? {};

const clip = (text: string | null): string | null => text?.replaceAll('\0', '').slice(0, 255).toWellFormed() ?? null;

function foundOf(row: Obj): FoundHost[] {
  const address = textOf(row['ip']);
  if (address === null || !/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return [];
  const name = [row['snmphostname'], row['netbiosname'], row['dnshostname']].map(textOf).find((n) => n !== null && n !== address);
  const kind = textOf(row['type']);
  const port = wholeNumber(row['authport'] ?? null, 'none');
  return [
    {
      address,
      name: clip(name ?? null),
      kind: kind !== null && /^[A-Z_]{1,30}$/.test(kind) ? kind : null,
      accessId: textOf(row['authsnmp']),
      port: port !== null && port > 0 && port < 65_536 ? port : null,
      values: leaves(row),
    },
  ];
}

function readOf(sections: Obj): ReadDevice[] {
  const info = first(sections['network_device']);
  const error = sections['error'] === undefined ? null : first(sections['error']);
  const number = wholeNumber((error ?? info)['id'] ?? null, 'none');
  if (number === null) return [];
  return [
    {
      number,
      name: clip(textOf(info['name'])),
      values: leaves(sections),
      error: error === null ? null : (clip(textOf(error['message'])) ?? 'The device did not answer.'),
    },
  ];
}

/** Values that are no group of others. */
function leaves(value: Json): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + leaves(one), 0);
  return isObject(value) ? Object.values(value).reduce((sum: number, one) => sum + leaves(one), 0) : 1;
}
