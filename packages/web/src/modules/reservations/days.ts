import type { ReservationCalendar } from '@muster/api/reservations';
import { currentLanguage } from '../../app/messages.ts';

/** Calendar days as the API has them, `YYYY-MM-DD`; today is the server's, in UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);

export type View = 'week' | 'month';

/** The days that a view shows around a day: its week from Monday, or its month. */
export function shownDays(view: View, day: string): { from: string; to: string } {
  if (view === 'week') {
    const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
    return { from: addDays(day, -weekday), to: addDays(day, 6 - weekday) };
  }
  const from = `${day.slice(0, 7)}-01`;
  return { from, to: addDays(nextMonth(from), -1) };
}

const nextMonth = (first: string): string => `${addDays(first, 31).slice(0, 7)}-01`;

/** The day to stand on after stepping one view on (1) or back (-1). */
export function step(view: View, day: string, direction: 1 | -1): string {
  if (view === 'week') return addDays(day, 7 * direction);
  const first = `${day.slice(0, 7)}-01`;
  return direction === 1 ? nextMonth(first) : `${addDays(first, -1).slice(0, 7)}-01`;
}

const shown = (options: Intl.DateTimeFormatOptions, day: string): string =>
  new Intl.DateTimeFormat(currentLanguage(), { ...options, timeZone: 'UTC' }).format(Date.parse(`${day}T00:00:00Z`));
export const weekday = (day: string): string => shown({ weekday: 'short' }, day);
export const dayOfMonth = (day: string): string => shown({ day: 'numeric' }, day);
export const longDay = (day: string): string => shown({ weekday: 'short', day: 'numeric', month: 'short' }, day);
export const monthOf = (day: string): string => shown({ month: 'long', year: 'numeric' }, day);

/** The first periods of so many days on which so many are free, at most `most`, none sharing a day with another. */
export function freeTimes(
  days: ReservationCalendar['days'],
  wanted: { from: string; length: number; quantity: number },
  most: number,
): { from: string; to: string }[] {
  const found: { from: string; to: string }[] = [];
  for (let index = 0; index + wanted.length <= days.length && found.length < most; index++) {
    const slice = days.slice(index, index + wanted.length);
    const [first, last] = [slice[0], slice.at(-1)];
    if (!first || !last || first.day < wanted.from || slice.some((one) => one.free < wanted.quantity)) continue;
    found.push({ from: first.day, to: last.day });
    index += wanted.length - 1;
  }
  return found;
}
