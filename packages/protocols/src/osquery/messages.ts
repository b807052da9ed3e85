import { openBody } from '../envelope/body.ts';
import type { Limits, Refusal } from '../envelope/limits.ts';
import { scanJson } from '../envelope/scan-json.ts';
import type { Json } from '../report.ts';
import { isObject, textOf } from '../inventory/values.ts';
import { coreQueries, detailPrefix } from './queries.ts';

type Obj = { [key: string]: Json };

/** What of the hardware tells hosts apart; empty text when it is not known. */
export interface Hardware {
  readonly uuid: string;
  readonly serial: string;
}

export interface Enrolment {
  readonly secret: string;
  readonly hostIdentifier: string;
  readonly platformType: string;
  readonly version: string | null;
  readonly hardware: Hardware;
  /** Lower case; empty when not told. */
  readonly name: string;
  /** Made by osquery for each of its databases. */
  readonly instanceId: string;
  readonly details: HostDetails;
}

export interface Message {
  readonly ok: true;
  readonly message: Obj;
}

/** Opens a message of osqueryd: a JSON object, also gzipped. Null when it is none; a refusal when it exceeds the limits. */
export function openMessage(body: Uint8Array, limits: Limits): Message | Refusal | null {
  const open = openBody(body, limits, { salvage: false });
  if (!open.ok) return open;
  if (open.state !== 'whole') return null;
  const scan = scanJson(open.bytes, limits.maxDepth);
  if (scan.refused === 'too_deep')
    return { ok: false, code: 'too_deep', message: `JSON nested deeper than ${limits.maxDepth} levels is refused.` };
  try {
    const root = JSON.parse(new TextDecoder().decode(open.bytes)) as Json;
    return isObject(root) ? { ok: true, message: root } : null;
  } catch {
    return null;
  }
}

const clipped = (value: Json | undefined, max: number): string => (textOf(value) ?? '').replaceAll('\0', '').slice(0, max).toWellFormed();
const part = (value: Json | undefined, key: string): Obj => (isObject(value) && isObject(value[key]) ? value[key] : {});

/** What an enrolment says; texts are clipped, what is absent is empty. */
export function readEnrolment(message: Obj): Enrolment {
  const details = message['host_details'];
  return {
    secret: clipped(message['enroll_secret'], 201),
    hostIdentifier: clipped(message['host_identifier'], 200),
    platformType: clipped(message['platform_type'], 20),
    version: clipped(part(details, 'osquery_info')['version'], 60) || null,
    hardware: hardwareOf(part(details, 'system_info')),
    name: (
      clipped(part(details, 'system_info')['computer_name'], 200) || clipped(part(details, 'system_info')['hostname'], 200)
    ).toLowerCase(),
    instanceId: clipped(part(details, 'osquery_info')['instance_id'], 100),
    details: hostDetails(message),
  };
}

/** What an enrolment tells of the host, kept until the host has answered: rows of three tables, with short texts only. */
export type HostDetails = Readonly<Record<'system' | 'os' | 'firmware', Readonly<Record<string, string>>>>;

const mostColumns = 40;
const longestDetail = 300;

export function hostDetails(message: Obj): HostDetails {
  const details = message['host_details'];
  const row = (table: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(part(details, table))
        .filter(([name]) => /^[a-z][a-z0-9_]{0,60}$/.test(name))
        .slice(0, mostColumns)
        .map(([name, value]) => [name, clipped(value, longestDetail)]),
    );
  return { system: row('system_info'), os: row('os_version'), firmware: row('platform_info') };
}

/** What an enrolment tells, as answers to our own questions; empty when it does not tell who the host is. */
export function answersOfEnrolment(details: HostDetails): Answers {
  const rows = Object.entries(details).filter(([, row]) => Object.keys(row).length > 0);
  const told = new Set(rows.map(([name]) => name));
  if (!coreQueries.every((name) => told.has(name))) return { queries: {}, statuses: {}, messages: {} };
  return { queries: Object.fromEntries(rows.map(([name, row]) => [`${detailPrefix}${name}`, [row]])), statuses: {}, messages: {} };
}

/** UUID and serial of a `system_info` row. */
export const hardwareOf = (row: Obj): Hardware => ({
  uuid: clipped(row['uuid'], 100).toLowerCase(),
  serial: clipped(row['hardware_serial'], 200).toLowerCase(),
});

/** Two rows of hardware that cannot be one machine: both know a value and it differs. */
export const contradicts = (a: Hardware, b: Hardware): boolean =>
  (a.uuid !== '' && b.uuid !== '' && a.uuid !== b.uuid) || (a.serial !== '' && b.serial !== '' && a.serial !== b.serial);

export const nodeKeyOf = (message: Obj): string => clipped(message['node_key'], 201);

/** Answers to our questions, by full id, with their statuses and why one failed; everything else a host may have sent is left out. */
export interface Answers {
  readonly queries: Obj;
  readonly statuses: Obj;
  readonly messages: Obj;
}

/** The answers of a distributed write. */
export function answersOfWrite(message: Obj): Answers {
  const ours = (value: Json | undefined): Obj =>
    isObject(value) ? Object.fromEntries(Object.entries(value).filter(([id]) => id.startsWith(detailPrefix))) : {};
  const messages = Object.entries(ours(message['messages'])).flatMap(([id, text]): [string, string][] => {
    const said = clipped(text, longestDetail);
    return said === '' ? [] : [[id, said]];
  });
  return { queries: ours(message['queries']), statuses: ours(message['statuses']), messages: Object.fromEntries(messages) };
}

/**
 * Snapshots of our questions in a log of results, for hosts whose own schedule asks them; the last of each wins. Differences are no list
 * of what is there, so they are not read.
 */
export function answersOfLog(message: Obj): Answers {
  const queries: Obj = {};
  for (const line of Array.isArray(message['data']) ? message['data'] : []) {
    if (!isObject(line) || line['action'] !== 'snapshot' || !Array.isArray(line['snapshot'])) continue;
    const name = textOf(line['name'])?.split('/').at(-1);
    if (name?.startsWith(detailPrefix)) queries[name] = line['snapshot'];
  }
  return { queries, statuses: {}, messages: {} };
}

/** The one row of `system_info` among answers. */
export function hardwareIn(answers: Answers): Hardware {
  const rows = answers.queries[`${detailPrefix}system`];
  const row = Array.isArray(rows) ? rows[0] : undefined;
  return hardwareOf(isObject(row) ? row : {});
}

/** What tells apart two machines that have the same UUID and serial number, as copies of a virtual machine do; empty when not told. */
export interface Traits {
  /** Lower case. */
  readonly name: string;
  /** Without those of loopback, sorted. */
  readonly macs: readonly string[];
}

const mostMacs = 64;

export function traitsIn(answers: Answers): Traits {
  const rows = (name: string): Obj[] => {
    const list = answers.queries[`${detailPrefix}${name}`];
    return Array.isArray(list) ? list.filter(isObject) : [];
  };
  const system = rows('system')[0] ?? {};
  const name = clipped(system['computer_name'], 200) || clipped(system['hostname'], 200);
  const macs = rows('interfaces')
    .map((row) => clipped(row['mac'], 40).toLowerCase())
    .filter((mac) => /^([0-9a-f]{2}[:-]?){6}$/.test(mac) && !/^[0:-]+$/.test(mac));
  return { name: name.toLowerCase(), macs: [...new Set(macs)].sort().slice(0, mostMacs) };
}

/** Two machines behind one identity: no address in common and another name. One of the two alone changes with a new adapter or a rename. */
export const areTwo = (a: Traits, b: Traits): boolean =>
  a.name !== '' &&
  b.name !== '' &&
  a.name !== b.name &&
  a.macs.length > 0 &&
  b.macs.length > 0 &&
  !a.macs.some((mac) => b.macs.includes(mac));
