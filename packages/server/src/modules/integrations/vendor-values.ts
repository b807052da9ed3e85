import type { Json } from '@muster/protocols';

/** Reads vendors' JSON without trusting it: what is of another type is nothing. */
export type Obj = { readonly [key: string]: Json };

export function isObj(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at `a.b.c`; undefined when a step is missing. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let here: Json | undefined = value;
  for (const step of path.split('.')) {
    if (Array.isArray(here) && /^\d+$/.test(step)) here = here[Number(step)];
    else if (isObj(here) && Object.hasOwn(here, step)) here = here[step];
    else return undefined;
  }
  return here;
}

/** Text that says something, at most 500 characters; numbers are written out. */
export function text(value: Json | undefined, path?: string): string | null {
  const found = path === undefined ? value : at(value, path);
  if (typeof found === 'number' && Number.isFinite(found)) return String(found);
  if (typeof found !== 'string') return null;
  const trimmed = found.replaceAll('\0', '').trim().slice(0, 500);
  return trimmed === '' ? null : trimmed;
}

export function count(value: Json | undefined, path?: string): number | null {
  const found = path === undefined ? value : at(value, path);
  const number = typeof found === 'string' && found.trim() !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
}

export function objects(value: Json | undefined, path?: string): Obj[] {
  const found = path === undefined ? value : at(value, path);
  return Array.isArray(found) ? found.filter(isObj) : [];
}

/** Without what is null, and null when nothing is left: an absent field says nothing, an empty section would say “none”. */
export function section(fields: Readonly<Record<string, Json | undefined>>): Record<string, Json> | null {
  const kept = Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== null && entry[1] !== undefined);
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

/** The sections that are there. */
export function sections(all: Readonly<Record<string, Json | null | undefined>>): Record<string, Json> {
  return section(all) ?? {};
}

/** An instant as agents write when an inventory was taken: UTC without a zone, to the second. */
export function stamp(value: string | null): string | null {
  if (value === null) return null;
  const ms = Date.parse(value);
  // Systems write the epoch, or the year 1, for “never”.
  if (Number.isNaN(ms) || ms < Date.UTC(1990, 0, 1)) return null;
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** When the machine was there, as the section that says so. */
export const seen = (value: string | null): Record<string, Json> | null => section({ logdate: stamp(value) });

export const megabytes = (bytes: number | null): number | null => (bytes === null || bytes === 0 ? null : Math.round(bytes / 1048576));

/** `aabbccddeeff` and `AA-BB-…` as agents write it; null when it is no address, or one of zeros. */
export function macOf(value: string | null): string | null {
  const hex = value?.replaceAll(/[^0-9a-f]/gi, '').toLowerCase() ?? '';
  return hex.length === 12 && !/^0+$/.test(hex) ? (hex.match(/../g) ?? []).join(':') : null;
}

/** A GUID as Microsoft stores its 16 bytes: the first three fields are in the other byte order. Null when it is not 16 bytes. */
export function guidOf(bytes: Uint8Array | readonly number[]): string | null {
  if (bytes.length !== 16) return null;
  const hex = Buffer.from(bytes).toString('hex');
  const swapped = (from: number, to: number): string => (hex.slice(from, to).match(/../g) ?? []).reverse().join('');
  return `${swapped(0, 8)}-${swapped(8, 12)}-${swapped(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * The section that names a machine by ids which are neither its serial number nor its address: IMEI and MEID of its modems, the device id
 * of its maker (UDID), and the ids that directories gave its registration (object id in Active Directory, device id in Entra ID).
 */
export function identifiers(ids: {
  imeis?: readonly (string | null)[];
  udid?: string | null;
  directory?: readonly (string | null)[];
}): Record<string, Json> | null {
  const listed = (values: readonly (string | null)[] = []): string[] | null => {
    const kept = [...new Set(values.filter((value) => value !== null))];
    return kept.length === 0 ? null : kept;
  };
  return section({ imeis: listed(ids.imeis), udid: ids.udid ?? null, directory: listed(ids.directory) });
}
