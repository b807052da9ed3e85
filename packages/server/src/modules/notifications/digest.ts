import type { NotificationPreferences } from '@muster/api/notifications';

/**
 * When a mail goes out for what is found now: at once, or at the next digest in the user's own time zone. An hour that the clock skips or
 * repeats in a night of summer time is taken once.
 */
export function mailTime(
  timing: 'at_once' | 'daily' | 'weekly',
  preferences: Pick<NotificationPreferences, 'timeZone' | 'digestHour' | 'digestWeekday'>,
  now: Date,
): Date {
  if (timing === 'at_once') return now;
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(preferences.timeZone);
  let day = local.toPlainDate();
  const at = (date: Temporal.PlainDate): Temporal.ZonedDateTime =>
    date.toZonedDateTime({ timeZone: preferences.timeZone, plainTime: new Temporal.PlainTime(preferences.digestHour) });
  if (timing === 'weekly') day = day.add({ days: (preferences.digestWeekday - day.dayOfWeek + 7) % 7 });
  const step = timing === 'weekly' ? 7 : 1;
  const first = at(day);
  const next = Temporal.ZonedDateTime.compare(first, local) > 0 ? first : at(day.add({ days: step }));
  return new Date(next.epochMilliseconds);
}

/** Whether there is a time zone by this name. */
export function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
