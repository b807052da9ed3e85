import type { Json } from '@muster/protocols';
import { type Listed, type Page, VendorError } from '../connector.ts';
import type { Obj } from '../vendor-values.ts';

/** A page of a listing that counts pages: the cursor is the number of the next one. */
export function numberedPage(
  page: number,
  size: number,
  rows: readonly Obj[],
  total: number | null,
  read: (row: Obj) => Listed | null,
): Page {
  const items = rows.flatMap((row) => read(row) ?? []);
  const more = total === null ? rows.length >= size : (page + 1) * size < total;
  // A listing that stops before its own end must not look complete.
  if (more && rows.length === 0) throw new VendorError('failed', `Page ${page} was empty, though there should be ${total ?? 'more'} rows.`);
  const left = rows.length - items.length;
  return {
    items,
    next: more ? String(page + 1) : null,
    total,
    warnings: left > 0 ? [`${left} rows without an id were left out.`] : [],
  };
}

export function arrayOf(answer: Json | undefined, what: string): Json[] {
  if (!Array.isArray(answer)) throw new VendorError('failed', `The answer has no list of ${what}.`);
  return answer;
}
