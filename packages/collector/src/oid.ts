import type { Varbind } from 'net-snmp';

const numbersOf = (oid: string): number[] => oid.split('.').map(Number);

/** Orders OIDs as SNMP does, number by number. */
export function compareOids(a: string, b: string): number {
  return compareNumbers(numbersOf(a), numbersOf(b));
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export const isBelow = (oid: string, root: string): boolean => oid.startsWith(`${root}.`);

/** Values by OID as lines in SNMP's order. */
export function sortedRows(values: ReadonlyMap<string, string>): string {
  return [...values]
    .map(([oid, row]): [number[], string] => [numbersOf(oid), row])
    .sort(([a], [b]) => compareNumbers(a, b))
    .map(([, row]) => row)
    .join('\n');
}

/** ASN.1 tags of the values that are no numbers in text. */
const OCTETS = 4;
const OBJECT_ID = 6;
const IP_ADDRESS = 64;
const OPAQUE = 68;
const COUNTER64 = 70;
/** noSuchObject, noSuchInstance, endOfMibView (RFC 3416). */
const exceptions = new Set([128, 129, 130]);

export const isException = (varbind: Varbind): boolean => exceptions.has(varbind.type);

/** One line of a recording: `OID|TAG|VALUE`; octets that are no plain text are hexadecimal under `4x`. */
export function rowOf({ oid, type, value }: Varbind): string {
  if (type === OCTETS || type === OPAQUE) {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(textOf(value), 'latin1');
    return plainText.test(bytes.toString('latin1')) && type === OCTETS
      ? `${oid}|4|${bytes.toString('latin1')}`
      : `${oid}|${type}x|${bytes.toString('hex')}`;
  }
  if (type === COUNTER64) return `${oid}|70|${bigOf(value)}`;
  if (type === OBJECT_ID || type === IP_ADDRESS) return `${oid}|${type}|${textOf(value)}`;
  return `${oid}|${type}|${value === null || value === undefined ? '' : textOf(value)}`;
}

/** Printable ASCII in one line. */
const plainText = /^[\x20-\x7e]*$/;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');

function bigOf(value: unknown): string {
  if (!Buffer.isBuffer(value)) return textOf(value);
  return value.length === 0 ? '0' : BigInt(`0x${value.toString('hex')}`).toString();
}
