import { Decimal } from 'decimal.js';

/** Quantities of rights keep 4 decimals and money 6, so 40 significant digits never round in between. */
export const Quantity = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -20, toExpPos: 30 });
export type Quantity = Decimal;

/** The least and the most a quantity can be under the facts that are known; equal when every fact is there. */
export interface Range {
  readonly min: Decimal;
  readonly max: Decimal;
}

const small = Array.from({ length: 257 }, (_, n) => new Quantity(n));

/** A quantity from a number or decimal text. */
export function quantity(value: number | string | Decimal): Decimal {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 256 ? small[value]! : new Quantity(value);
}
export const zero = quantity(0);

/** A range from its ends; one value when `max` is left out. */
export function range(min: number | string | Decimal, max: number | string | Decimal = min): Range {
  const least = quantity(min);
  return { min: least, max: max === min ? least : quantity(max) };
}
export const noRange = range(0);

export function addRanges(a: Range, b: Range): Range {
  return { min: a.min.plus(b.min), max: a.max.plus(b.max) };
}
/** The sum of many quantities. Most of thousands are the same small number, so equal objects are counted first. */
export function sum(values: Iterable<Decimal>): Decimal {
  const counts = new Map<Decimal, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let total = zero;
  for (const [value, count] of counts) total = total.plus(count === 1 ? value : value.times(count));
  return total;
}
/** The ends of ranges summed apart. */
export function sumRanges(ranges: readonly Range[]): Range {
  return { min: sum(ranges.map((r) => r.min)), max: sum(ranges.map((r) => r.max)) };
}
export function isExact(r: Range): boolean {
  return r.min === r.max || r.min.equals(r.max);
}
/** a - b, but never below zero. */
export function floorDifference(a: Decimal, b: Decimal): Decimal {
  return a.greaterThan(b) ? a.minus(b) : zero;
}
/** `16`, or `16 to 64`, as people read it. */
export function rangeText(r: Range): string {
  return isExact(r) ? numberText(r.min) : `${numberText(r.min)} to ${numberText(r.max)}`;
}
/** A quantity with thousands marked: `12,000.5`. */
export function numberText(value: Decimal | number): string {
  const [whole = '0', rest] = quantity(value).toFixed().split('.');
  const marked = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest ? `${marked}.${rest}` : marked;
}
