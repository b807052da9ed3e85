/** Whole days, both ends included, `YYYY-MM-DD`: text that sorts as time does. */
export interface Span {
  readonly from: string;
  readonly to: string;
}
export interface Wish extends Span {
  readonly id: string;
  /** How many assets for all of these days. */
  readonly quantity: number;
}

export const overlaps = (a: Span, b: Span): boolean => a.from <= b.to && b.from <= a.to;

/**
 * Which asset each wish gets: each asset is free on all its days, and none is given twice. The earliest wish chooses first, and takes the
 * asset that became free last before it (interval partitioning), so that long gaps stay whole. Null when they do not all find room this way.
 */
export function planLoans(
  members: readonly string[],
  busy: ReadonlyMap<string, readonly Span[]>,
  wishes: readonly Wish[],
): Map<string, string[]> | null {
  const taken = new Map<string, Span[]>(members.map((id) => [id, [...(busy.get(id) ?? [])]]));
  const given = new Map<string, string[]>();
  const order = wishes.toSorted((a, b) => compare(a.from, b.from) || compare(a.to, b.to) || compare(a.id, b.id));
  for (const wish of order) {
    const free = members.flatMap((id) => {
      const spans = taken.get(id) ?? [];
      return spans.some((span) => overlaps(span, wish)) ? [] : [{ id, freeSince: lastBefore(spans, wish.from) }];
    });
    if (free.length < wish.quantity) return null;
    const chosen = free.toSorted((a, b) => compare(b.freeSince, a.freeSince)).slice(0, wish.quantity);
    for (const { id } of chosen) taken.get(id)?.push(wish);
    given.set(
      wish.id,
      chosen.map(({ id }) => id),
    );
  }
  return given;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const lastBefore = (spans: readonly Span[], day: string): string =>
  spans.reduce((last, span) => (span.to < day && span.to > last ? span.to : last), '');

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
export const addDays = (day: string, days: number): string => dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000));
/** Far enough that no reservation reaches it. */
export const endOfDays = '9999-12-31';
