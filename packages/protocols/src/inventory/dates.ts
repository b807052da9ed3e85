/** How a numeric date with slashes is written: FusionInventory writes the day first, firmware the month first. */
export type SlashOrder = 'dmy' | 'mdy';

const iso = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.:]\d+)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;
const slashed = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
/** `20170418` of the Windows registry, `20170418093005.000000+120` of WMI. */
const compact = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})(?:\.\d+)?(?:[+-]\d{1,3})?)?$/;
const epoch = /^[1-9]\d{8,9}$/;

/**
 * A date or date-time as agents write it, as `YYYY-MM-DD` or `YYYY-MM-DD hh:mm:ss`; null when it is none. The zone is dropped,
 * because agents give the machine's local time. Years outside 1970 to 2099 are nonsense.
 */
export function isoDate(text: string, order: SlashOrder): string | null {
  const value = text.trim();
  let m = iso.exec(value) ?? compact.exec(value);
  if (m) return build(m[1], m[2], m[3], m[4], m[5], m[6]);
  m = slashed.exec(value);
  if (m) {
    const first = order === 'dmy' ? build(m[3], m[2], m[1], m[4], m[5], m[6]) : build(m[3], m[1], m[2], m[4], m[5], m[6]);
    return first ?? (order === 'dmy' ? build(m[3], m[1], m[2], m[4], m[5], m[6]) : build(m[3], m[2], m[1], m[4], m[5], m[6]));
  }
  if (epoch.test(value)) return new Date(Number(value) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return null;
}

const daysIn = (year: number, month: number): number =>
  month === 2 ? ((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
const two = (n: number): string => String(n).padStart(2, '0');

function build(y?: string, mo?: string, d?: string, h?: string, mi?: string, s?: string): string | null {
  const [year, month, day, hour, minute, second] = [Number(y), Number(mo), Number(d), Number(h ?? 0), Number(mi ?? 0), Number(s ?? 0)];
  if (year < 1970 || year > 2099 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  const date = `${year}-${two(month)}-${two(day)}`;
  return h === undefined ? date : `${date} ${two(hour)}:${two(minute)}:${two(Math.min(second, 59))}`;
}
