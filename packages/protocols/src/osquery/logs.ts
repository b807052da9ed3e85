import { isObject, textOf } from '../inventory/values.ts';
import type { Json } from '../report.ts';
import { changePrefix, detailPrefix } from './queries.ts';

type Obj = { [key: string]: Json };

/** The severities of osquery's status lines, by number. */
export const logSeverities = ['info', 'warning', 'error', 'fatal'] as const;
export type LogSeverity = (typeof logSeverities)[number];

/** One line of a host's log. */
export interface LogLine {
  readonly kind: 'status' | 'result';
  /** Null for results. */
  readonly severity: LogSeverity | null;
  /** Where it was written (`scheduler.cpp:128`), or the name of the query. */
  readonly name: string;
  readonly message: string;
}

export interface LogContent {
  readonly lines: readonly LogLine[];
  /** More lines than are read. */
  readonly dropped: number;
  /** One of our queries for changes told one: what is on the host is no longer what it last answered. */
  readonly changed: boolean;
}

const longest = { name: 200, message: 1000 } as const;
const clip = (text: string | null, max: number): string => (text ?? '').replaceAll('\0', '').trim().slice(0, max).toWellFormed();

/**
 * Reads the lines of a log message. Answers to our own questions are no lines: snapshots of them are read as answers, and a difference
 * of our queries for changes says only that something changed. The first state that a host tells of such a query (counter 0) is none.
 */
export function readLog(message: Obj, most: number): LogContent {
  const data = Array.isArray(message['data']) ? message['data'] : [];
  const result = message['log_type'] === 'result';
  const lines: LogLine[] = [];
  let changed = false;
  let dropped = 0;
  for (const row of data) {
    if (!isObject(row)) continue;
    const name = textOf(row['name'])?.split('/').at(-1) ?? '';
    if (result && (name.startsWith(changePrefix) || name.startsWith(detailPrefix))) {
      changed ||= row['action'] !== 'snapshot' && textOf(row['counter']) !== '0';
      continue;
    }
    const line = result ? resultLine(row) : statusLine(row);
    if (line.message === '') continue;
    if (lines.length < most) lines.push(line);
    else dropped += 1;
  }
  return { lines, dropped, changed };
}

function statusLine(row: Obj): LogLine {
  const severity = logSeverities[Number(textOf(row['severity']) ?? '1')] ?? 'warning';
  const place = [textOf(row['filename']), textOf(row['line'])].filter((v) => v !== null).join(':');
  return { kind: 'status', severity, name: clip(place, longest.name), message: clip(textOf(row['message']), longest.message) };
}

/** A difference (`added`, `removed`), or a snapshot by its number of rows: what others' own queries found. */
function resultLine(row: Obj): LogLine {
  const action = textOf(row['action']) ?? 'result';
  const { snapshot, columns } = row;
  const what = Array.isArray(snapshot)
    ? `${snapshot.length} rows`
    : isObject(columns)
      ? Object.entries(columns)
          .map(([name, value]) => `${name}=${textOf(value) ?? ''}`)
          .join(' ')
      : '';
  return {
    kind: 'result',
    severity: null,
    name: clip(textOf(row['name']), longest.name),
    message: clip(`${action} ${what}`, longest.message),
  };
}
