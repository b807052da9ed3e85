import { type SnmpValue, OidMap } from './oid-map.ts';
import { symbols } from './symbols.ts';
import { bytesOf } from './values.ts';

/** What a recording may cost; what is over is left out with a warning. */
export interface WalkLimits {
  readonly maxBytes: number;
  readonly maxRows: number;
  /** Of one value, in bytes. */
  readonly maxValueBytes: number;
}
export const walkLimits: WalkLimits = { maxBytes: 32 * 1024 * 1024, maxRows: 400_000, maxValueBytes: 8192 };

export interface WalkWarning {
  code: 'too_large' | 'too_many_rows' | 'unreadable_lines' | 'long_values' | 'unknown_names';
  message: string;
}
export interface Walk {
  readonly oids: OidMap;
  /** `snmprec` of snmpsim, the text of `snmpwalk`, or null when no line could be read. */
  readonly format: 'snmprec' | 'snmpwalk' | null;
  readonly rows: number;
  readonly warnings: WalkWarning[];
}

const oidPattern = /^\.?\d{1,10}(\.\d{1,10}){1,127}$/;
/** Longer OIDs cannot be sent. */
const maxOidLength = 1400;

/**
 * Reads the recording of a walk, whichever of the two formats it has. Never throws: lines that cannot be read are counted. The same OID
 * twice keeps the last value, as a walk that loops writes it.
 */
export function readWalk(bytes: Uint8Array, limits: WalkLimits = walkLimits): Walk {
  const oids = new OidMap();
  const counts = { rows: 0, unreadable: 0, long: 0, unknown: 0, dropped: false };
  const tooLarge = bytes.length > limits.maxBytes;
  const text = latin1(tooLarge ? bytes.subarray(0, limits.maxBytes) : bytes);
  let format: Walk['format'] = null;
  for (const line of logicalLines(text)) {
    if (counts.rows >= limits.maxRows) {
      counts.dropped = true;
      break;
    }
    if (line.trim() === '' || line.startsWith('#')) continue;
    const row: Row | 'unknown' | null = format === 'snmpwalk' ? ofWalk(line) : (ofRecord(line) ?? ofWalk(line));
    if (row === null) counts.unreadable++;
    else if (row === 'unknown') counts.unknown++;
    else {
      format ??= row.format;
      counts.rows++;
      const long = row.value.raw.length > limits.maxValueBytes;
      if (long) counts.long++;
      oids.set(row.oid, long ? { kind: row.value.kind, raw: row.value.raw.slice(0, limits.maxValueBytes) } : row.value);
    }
  }
  return { oids, format, rows: counts.rows, warnings: warningsOf(counts, tooLarge, limits) };
}

function warningsOf(
  counts: { unreadable: number; long: number; unknown: number; dropped: boolean },
  tooLarge: boolean,
  limits: WalkLimits,
): WalkWarning[] {
  const found: WalkWarning[] = [];
  if (tooLarge) found.push({ code: 'too_large', message: `Only the first ${limits.maxBytes} bytes were read.` });
  if (counts.dropped) found.push({ code: 'too_many_rows', message: `Only the first ${limits.maxRows} rows were read.` });
  if (counts.unreadable > 0) found.push({ code: 'unreadable_lines', message: `${counts.unreadable} lines could not be read.` });
  if (counts.unknown > 0)
    found.push({
      code: 'unknown_names',
      message: `${counts.unknown} rows go by names that are not known; walk with -On to have them read.`,
    });
  if (counts.long > 0) found.push({ code: 'long_values', message: `${counts.long} values were cut to ${limits.maxValueBytes} bytes.` });
  return found;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

const startsRow = /^(\.?\d{1,10}(\.\d{1,10})+(\||\s*=\s)|[A-Za-z][\w-]*(::[A-Za-z][\w-]*)?[.\w"'-]*\S*\s=\s|#)/;

/** Lines of a row: `snmpwalk` breaks long octets and texts into several lines. */
function* logicalLines(text: string): Generator<string> {
  let pending: string | null = null;
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, '');
    at = end < 0 ? text.length : end + 1;
    if (pending === null || startsRow.test(line.slice(0, 2000))) {
      if (pending !== null) yield pending;
      pending = line;
    } else if (pending.length < 65_536) pending += `\n${line}`;
  }
  if (pending !== null) yield pending;
}

interface Row {
  format: 'snmprec' | 'snmpwalk';
  oid: string;
  value: SnmpValue;
}

/** `1.3.6.1.2.1.1.5.0|4|name`; an `x` after the tag means hexadecimal, `:module` a simulated value with `value=` inside. */
function ofRecord(line: string): Row | null {
  const first = line.indexOf('|');
  if (first < 3 || first > maxOidLength) return null;
  const oid = line.slice(0, first);
  if (!oidPattern.test(oid)) return null;
  const second = line.indexOf('|', first + 1);
  const m = second < 0 ? null : /^(\d{0,3})(x?)(?::[\w-]{1,40})?$/.exec(line.slice(first + 1, second));
  if (!m) return null;
  const simulated = line.slice(first + 1, second).includes(':');
  let raw = line.slice(second + 1);
  if (simulated) raw = /(?:^|,)value=([^,]*)/.exec(raw)?.[1] ?? '';
  if (m[2] === 'x') {
    if (!/^([0-9a-f]{2})*$/i.test(raw)) return null;
    raw = Buffer.from(raw, 'hex').toString('latin1');
  }
  return { format: 'snmprec', oid: oid.replace(/^\./, ''), value: ofTag(m[1] ?? '', raw) };
}

/** BER tags: 2 integer, 4 octets, 5 null, 6 OID, 64 address, 65 to 67 and 70 counters, gauges and ticks, 68 opaque. */
function ofTag(tag: string, raw: string): SnmpValue {
  if (tag === '6') return { kind: 'oid', raw: raw.trim().replace(/^\./, '').slice(0, maxOidLength) };
  if (tag === '64') return { kind: 'ip', raw: raw.length === 4 ? bytesOf(raw).join('.') : raw.trim() };
  if (['2', '65', '66', '67', '70'].includes(tag)) return { kind: 'number', raw: raw.trim() };
  if (tag === '5' || tag === '') return { kind: 'null', raw: '' };
  return { kind: 'octets', raw };
}

/** `.1.3.6.1.2.1.1.5.0 = STRING: "name"`, with the OID in numbers or by name. */
function ofWalk(line: string): Row | 'unknown' | null {
  const at = line.indexOf(' = ');
  const bare = at < 0 && line.endsWith(' =') ? line.length - 2 : at;
  if (bare < 1 || bare > maxOidLength) return null;
  const oid = oidOf(line.slice(0, bare).trim());
  if (oid === null) return /^[A-Za-z]/.test(line) ? 'unknown' : null;
  const value = walkValue(line.slice(bare + 3));
  return value === null ? null : { format: 'snmpwalk', oid, value };
}

/** An OID in numbers out of the forms that net-snmp writes; null when its name is not known. */
export function oidOf(text: string): string | null {
  if (oidPattern.test(text)) return text.replace(/^\./, '');
  const m = /^(?:[A-Za-z][\w-]*::)?([A-Za-z][\w-]*)((?:[.[].*)?)$/.exec(text);
  if (!m || m[1] === undefined || !Object.hasOwn(symbols, m[1])) return null;
  const index = arcsOf(m[2] ?? '');
  return index === null ? null : `${symbols[m[1]]}${index}`;
}

/** An index: numbers, and texts in quotes, which stand for their length and octets. */
function arcsOf(text: string): string | null {
  let out = '';
  let rest = text.replaceAll(/\]\[|\[/g, '.').replaceAll(']', '');
  while (rest !== '') {
    const m = /^\.(?:(\d{1,10})|(["'])([^"']{0,255})\2)/.exec(rest);
    if (!m) return null;
    if (m[1] === undefined) {
      const octets = [...bytesOf(m[3] ?? '')];
      out += (m[2] === '"' ? `.${octets.length}` : '') + octets.map((o) => `.${o}`).join('');
    } else out += `.${m[1]}`;
    rest = rest.slice(m[0].length);
  }
  return out;
}

const noAnswer = /^No (Such (Object|Instance)|more variables)/i;

function walkValue(text: string): SnmpValue | null {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed === '""' || trimmed === 'NULL') return { kind: 'null', raw: '' };
  if (noAnswer.test(trimmed)) return { kind: 'null', raw: '' };
  const m = /^([A-Za-z][A-Za-z0-9 -]{0,20}):\s?/.exec(trimmed);
  if (!m) return { kind: 'octets', raw: unquoted(trimmed) };
  const raw = trimmed.slice(m[0].length);
  switch ((m[1] ?? '').toLowerCase()) {
    case 'integer':
    case 'gauge32':
    case 'gauge':
    case 'counter32':
    case 'counter':
    case 'counter64':
    case 'unsigned32':
    case 'uinteger32':
      return { kind: 'number', raw: /\((-?\d{1,20})\)/.exec(raw)?.[1] ?? /^-?\d{1,20}/.exec(raw)?.[0] ?? '' };
    case 'timeticks':
      return { kind: 'number', raw: /\((\d{1,20})\)/.exec(raw)?.[1] ?? '' };
    case 'oid':
      return { kind: 'oid', raw: oidOf(raw.trim()) ?? '' };
    case 'ipaddress':
    case 'network address':
      return {
        kind: 'ip',
        raw: raw.includes(':')
          ? raw
              .split(':')
              .map((p) => Number.parseInt(p, 16))
              .join('.')
          : raw.trim(),
      };
    case 'hex-string':
      return { kind: 'octets', raw: ofHex(raw) };
    case 'bits':
      return { kind: 'octets', raw: ofHex(/^([0-9A-F]{2}\s)*[0-9A-F]{2}\b/i.exec(raw)?.[0] ?? '') };
    case 'string':
      return { kind: 'octets', raw: unquoted(raw) };
    default:
      return { kind: 'octets', raw: unquoted(trimmed) };
  }
}

const ofHex = (text: string): string =>
  String.fromCharCode(...(text.slice(0, 30_000).match(/\b[0-9A-F]{2}\b/gi) ?? []).map((pair) => Number.parseInt(pair, 16)));

function unquoted(text: string): string {
  const quoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  return quoted ? text.slice(1, -1).replaceAll(/\\(["\\])/g, '$1') : text;
}
