/** The order of the parts of a written date. A year first needs no order. */
export type DateOrder = 'dmy' | 'mdy';

const parts = /^(\d{1,4})[./\-\s](\d{1,2})[./\-\s](\d{1,4})\.?(?:[T\s]\d{1,2}:\d{2}.*)?$/;

/**
 * The order that a column's dates can have: `dmy` or `mdy` when one of them shows it (a part over 12), `ambiguous` when each could be
 * either, `mixed` when they contradict each other, null when no date needs an order.
 */
export function dateOrderOf(texts: Iterable<string>): DateOrder | 'ambiguous' | 'mixed' | null {
  let needed = false;
  const shown = new Set<DateOrder>();
  for (const text of texts) {
    const [, a = '', b = ''] = parts.exec(text.trim()) ?? [];
    if (a === '' || a.length > 2) continue;
    // The same number twice is the same day either way.
    if (a.padStart(2, '0') === b.padStart(2, '0')) continue;
    needed = true;
    if (Number(a) > 12) shown.add('dmy');
    if (Number(b) > 12) shown.add('mdy');
  }
  if (shown.size > 1) return 'mixed';
  return [...shown][0] ?? (needed ? 'ambiguous' : null);
}

/** A written date as `YYYY-MM-DD`; null when it is none. A year of two digits is of 1970 to 2069. */
export function readDate(text: string, order: DateOrder | null): string | null {
  const [, a = '', b = '', c = ''] = parts.exec(text.trim()) ?? [];
  if (a === '') return null;
  if (a.length === 4) return day(Number(a), Number(b), Number(c));
  if (a.length > 2 || (c.length !== 2 && c.length !== 4)) return null;
  const year = c.length === 4 ? Number(c) : Number(c) + (Number(c) < 70 ? 2000 : 1900);
  return order === 'mdy' ? day(year, Number(a), Number(b)) : day(year, Number(b), Number(a));
}

function day(year: number, month: number, date: number): string | null {
  const at = new Date(Date.UTC(year, month - 1, date));
  if (at.getUTCFullYear() !== year || at.getUTCMonth() !== month - 1 || at.getUTCDate() !== date) return null;
  return at.toISOString().slice(0, 10);
}
