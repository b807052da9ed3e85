import type { Money } from '@muster/api/money';
import { currentLanguage, t } from '../app/messages.ts';

const minuteMs = 60_000;
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365.25 * 24 * 60 * minuteMs],
  ['month', 30.44 * 24 * 60 * minuteMs],
  ['week', 7 * 24 * 60 * minuteMs],
  ['day', 24 * 60 * minuteMs],
  ['hour', 60 * minuteMs],
  ['minute', minuteMs],
];

/** "3 hours ago", in the current language. Under a minute is "just now". */
export function relativeTime(instant: string, nowMs: number = Date.now()): string {
  const deltaMs = Date.parse(instant) - nowMs;
  for (const [unit, sizeMs] of steps) {
    if (Math.abs(deltaMs) >= sizeMs)
      return new Intl.RelativeTimeFormat(currentLanguage(), { numeric: 'auto' }).format(Math.round(deltaMs / sizeMs), unit);
  }
  return t('time.justNow');
}

/** Day and time with seconds, in the user's zone, naming the zone. */
export function absoluteTime(instant: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeStyle: 'long' }).format(Date.parse(instant));
}

/** A calendar day without a zone: it is the same day everywhere. */
export function plainDate(date: string): string {
  return new Intl.DateTimeFormat(currentLanguage(), { dateStyle: 'medium', timeZone: 'UTC' }).format(Date.parse(`${date}T00:00:00Z`));
}

export function number(value: number): string {
  return new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 4 }).format(value);
}

/** Exact: the amount stays text all the way into the formatter. */
export function money(value: Money): string {
  const format = new Intl.NumberFormat(currentLanguage(), { style: 'currency', currency: value.currency, currencyDisplay: 'code' });
  return format.format(value.amount as unknown as number);
}

const sizes: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** A number with its unit; sizes in bytes are shown in the largest unit that keeps them at 1 or more. */
export function quantity(value: number, unit: string | undefined): string {
  if (!unit) return number(value);
  const factor = sizes[unit];
  if (factor === undefined) return `${number(value)} ${unit}`;
  const bytes = value * factor;
  const [name, size] = Object.entries(sizes).findLast(([, s]) => Math.abs(bytes) >= s) ?? ['B', 1];
  return `${new Intl.NumberFormat(currentLanguage(), { maximumFractionDigits: 1 }).format(bytes / size)} ${name}`;
}

/** A range of a figure: one number when both ends agree. */
export function range(value: { min: number; max: number }): string {
  return value.min === value.max ? number(value.min) : `${number(value.min)} – ${number(value.max)}`;
}

const abbreviations = new Map(
  ['OS', 'CPU', 'UUID', 'MAC', 'BIOS', 'ID', 'IP', 'MB', 'GB', 'VM', 'API', 'URL', 'DNS', 'RAM'].map((word) => [word.toLowerCase(), word]),
);
abbreviations.set('mhz', 'MHz');

/** `in_stock`, `in-stock` or `inStock` as people read it: "In stock". Abbreviations keep their spelling. */
export function humanise(value: string): string {
  const words = value
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim()
    .split(' ')
    .map((word) => abbreviations.get(word.toLowerCase()) ?? word.toLowerCase());
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
