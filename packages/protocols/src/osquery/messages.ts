import { openBody } from '../envelope/body.ts';
import type { Limits, Refusal } from '../envelope/limits.ts';
import { scanJson } from '../envelope/scan-json.ts';
import type { Json } from '../report.ts';
import { isObject, textOf } from '../inventory/values.ts';
import { detailPrefix } from './queries.ts';

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
  };
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

/** Answers to our questions, by full id, with their statuses; everything else a host may have sent is left out. */
export interface Answers {
  readonly queries: Obj;
  readonly statuses: Obj;
}

/** The answers of a distributed write. */
export function answersOfWrite(message: Obj): Answers {
  const ours = (value: Json | undefined): Obj =>
    isObject(value) ? Object.fromEntries(Object.entries(value).filter(([id]) => id.startsWith(detailPrefix))) : {};
  return { queries: ours(message['queries']), statuses: ours(message['statuses']) };
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
  return { queries, statuses: {} };
}

/** The one row of `system_info` among answers. */
export function hardwareIn(answers: Answers): Hardware {
  const rows = answers.queries[`${detailPrefix}system`];
  const row = Array.isArray(rows) ? rows[0] : undefined;
  return hardwareOf(isObject(row) ? row : {});
}
