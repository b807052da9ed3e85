import type { Json } from '../report.ts';

/** What is said where nothing is known; dropping it loses nothing. */
export const saysNothing = (value: Json | undefined): boolean =>
  value === null || value === undefined || (typeof value === 'string' && (value.trim() === '' || value.trim() === 'N/A'));

/** Units a number may carry, as a factor to the unit of the field. */
export type UnitFamily = 'mb' | 'mhz' | 'mwh' | 'mv' | 'mw' | 'none';

const factors: Record<UnitFamily, Record<string, number>> = {
  mb: { b: 1 / 1048576, kb: 1 / 1024, kib: 1 / 1024, mb: 1, mib: 1, gb: 1024, gib: 1024, tb: 1048576, tib: 1048576, mo: 1, go: 1024 },
  mhz: { hz: 1e-6, khz: 1e-3, mhz: 1, ghz: 1000, 'mt/s': 1 },
  mwh: { mwh: 1, wh: 1000, mah: 1 },
  mv: { mv: 1, v: 1000 },
  mw: { mw: 1, w: 1000 },
  none: {},
};

const quantity = /^([+-]?\d{1,18}(?:\.\d{0,18})?(?:e[+-]?\d{1,3})?)\s*([a-z/]{0,8})$/i;

/** A number with or without a unit, as a whole number of the field's unit; null when it is none, negative or beyond exact integers. */
export function wholeNumber(value: Json, unit: UnitFamily): number | null {
  let number: number;
  if (typeof value === 'number') number = value;
  else if (typeof value === 'boolean') number = value ? 1 : 0;
  else if (typeof value === 'string') {
    const m = quantity.exec(value.trim());
    if (!m) return null;
    const suffix = (m[2] ?? '').toLowerCase();
    const factor = suffix === '' ? 1 : factors[unit][suffix];
    if (factor === undefined) return null;
    number = Number(m[1]) * factor;
  } else return null;
  const whole = Math.round(number);
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : null;
}

/** A yes or no as agents write it; null when it is neither. */
export function yesNo(value: Json): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === 0) return value === 1;
  if (typeof value !== 'string') return null;
  const text = value.trim().toLowerCase();
  if (['1', 'true', 'yes', 'y', 'on', 'enabled'].includes(text)) return true;
  if (['0', 'false', 'no', 'n', 'off', 'disabled'].includes(text)) return false;
  return null;
}

/** A text of a field; null when it says nothing. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text === '' || text === 'N/A' ? null : text;
}

export const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
