import { cleanOctets } from './values.ts';

export interface SnmpValue {
  readonly kind: 'number' | 'octets' | 'oid' | 'ip' | 'null';
  /** Decimal digits, dotted numbers, or for octets one character for each byte. */
  readonly raw: string;
}

/** Arcs by which rows are grouped, so that a table is found without looking at all of a walk. */
const groupArcs = 7;

/** The answers of one device by OID, as numbers with dots and without a dot in front. */
export class OidMap {
  readonly #groups = new Map<string, Map<string, SnmpValue>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  set(oid: string, value: SnmpValue): void {
    const key = groupOf(oid);
    let group = this.#groups.get(key);
    if (!group) this.#groups.set(key, (group = new Map()));
    if (!group.has(oid)) this.#size++;
    group.set(oid, value);
  }

  get(oid: string): SnmpValue | undefined {
    return this.#groups.get(groupOf(oid))?.get(oid);
  }

  /** A text without control characters; null when there is none or it is empty. */
  text(oid: string): string | null {
    return textOfValue(this.get(oid));
  }

  number(oid: string): number | null {
    return numberOfValue(this.get(oid));
  }

  /** A column of a table: what stands after its OID, to the value, in the order of the walk. */
  column(oid: string): Map<string, SnmpValue> {
    const found = new Map<string, SnmpValue>();
    const prefix = `${oid}.`;
    for (const [key, value] of this.#groups.get(groupOf(oid)) ?? []) if (key.startsWith(prefix)) found.set(key.slice(prefix.length), value);
    return found;
  }

  has(oid: string): boolean {
    const prefix = `${oid}.`;
    for (const key of this.#groups.get(groupOf(oid))?.keys() ?? []) if (key === oid || key.startsWith(prefix)) return true;
    return false;
  }

  /** Rows below each enterprise number. */
  enterprises(): Map<number, number> {
    const found = new Map<number, number>();
    for (const [key, group] of this.#groups) {
      const m = /^1\.3\.6\.1\.4\.1\.(\d{1,10})$/.exec(key);
      if (m) found.set(Number(m[1]), group.size);
    }
    return found;
  }
}

function groupOf(oid: string): string {
  let at = -1;
  for (let i = 0; i < groupArcs; i++) {
    at = oid.indexOf('.', at + 1);
    if (at < 0) return oid;
  }
  return oid.slice(0, at);
}

export function textOfValue(value: SnmpValue | undefined): string | null {
  if (value === undefined || value.kind === 'null') return null;
  const text = value.kind === 'octets' ? cleanOctets(value.raw) : value.raw.trim();
  return text === '' ? null : text.slice(0, 1000);
}

/** A whole number; null when the value is none. Agents give some numbers as text. */
export function numberOfValue(value: SnmpValue | undefined): number | null {
  if (value === undefined || !/^-?\d{1,20}$/.test(value.raw)) return null;
  const number = Number(value.raw);
  return Number.isFinite(number) ? number : null;
}
