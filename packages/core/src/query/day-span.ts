/** A stretch of time a typed date stands for: `from` inclusive, `to` exclusive; equal when it is one moment. */
export interface TimeSpan {
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
}

const absolute = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const relative = /^(now|today)(?:([+-])(\d{1,5})(min|h|d|w|m|y))?$/;

export const dateHint = 'a date such as 2026-01-31, a month 2026-01, a year 2026, or relative such as today, now-90d, now+2w, now-1m';

/**
 * The stretch of time that `text` means, in UTC: a day, month or year, a moment in ISO 8601, or relative to `now`
 * (`now-90d`, `today+2w`; min, h, d, w, m = months, y). `undefined` when it is no date.
 */
export function readTime(text: string, now: Temporal.Instant): TimeSpan | undefined {
  const lower = text.trim().toLowerCase();
  try {
    return readRelative(lower, now) ?? readAbsolute(lower) ?? readMoment(text.trim());
  } catch (error) {
    // Temporal refuses days that do not exist and moments out of its range.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** As `readTime`, in whole days: what the text means for a calendar date. `last` is inclusive. */
export function readDays(text: string, now: Temporal.Instant): { first: string; last: string } | undefined {
  const span = readTime(text, now);
  if (!span) return undefined;
  const first = dayOf(span.from);
  const last = Temporal.Instant.compare(span.from, span.to) === 0 ? first : dayOf(span.to.subtract({ nanoseconds: 1 }));
  return { first: first.toString(), last: last.toString() };
}

function readRelative(text: string, now: Temporal.Instant): TimeSpan | undefined {
  const match = relative.exec(text);
  if (!match) return undefined;
  const [, anchor, sign, count, unit] = match;
  const amount = (sign === '-' ? -1 : 1) * Number(count ?? 0);
  const moved = now.toZonedDateTimeISO('UTC').add(durationOf(amount, unit));
  return anchor === 'today' ? wholeDays(moved.toPlainDate(), { days: 1 }) : { from: moved.toInstant(), to: moved.toInstant() };
}

function durationOf(amount: number, unit: string | undefined): Temporal.DurationLike {
  if (unit === 'min') return { minutes: amount };
  if (unit === 'h') return { hours: amount };
  if (unit === 'w') return { weeks: amount };
  if (unit === 'm') return { months: amount };
  if (unit === 'y') return { years: amount };
  return { days: amount };
}

function readAbsolute(text: string): TimeSpan | undefined {
  const match = absolute.exec(text);
  if (!match) return undefined;
  const [, year, month, day] = match;
  // Temporal would take year 0, which PostgreSQL does not know.
  if (Number(year) === 0) return undefined;
  const start = Temporal.PlainDate.from({ year: Number(year), month: Number(month ?? 1), day: Number(day ?? 1) }, { overflow: 'reject' });
  return wholeDays(start, day ? { days: 1 } : month ? { months: 1 } : { years: 1 });
}

function readMoment(text: string): TimeSpan | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T/i.test(text)) return undefined;
  const moment = Temporal.Instant.from(/(?:z|[+-]\d{2}:?\d{2})$/i.test(text) ? text : `${text}Z`);
  return { from: moment, to: moment };
}

const wholeDays = (start: Temporal.PlainDate, length: Temporal.DurationLike): TimeSpan => ({
  from: midnight(start),
  to: midnight(start.add(length)),
});
const midnight = (day: Temporal.PlainDate): Temporal.Instant => day.toZonedDateTime('UTC').toInstant();
const dayOf = (moment: Temporal.Instant): Temporal.PlainDate => moment.toZonedDateTimeISO('UTC').toPlainDate();
