import { type FieldError, Problem } from '@muster/api/errors';
import { snake } from '@muster/api/fields';
import { type Condition, fieldsOfCondition } from '@muster/core/query';
import { type BoundField, boundField, type Listing } from './definition.ts';

/**
 * The instant that `as_of` means, ISO 8601 in UTC: a day means its last microsecond, which is the finest that PostgreSQL keeps. Null when it
 * is no time that PostgreSQL knows.
 */
export function asOfInstant(text: string): string | null {
  try {
    const day = /^\d{4}-\d{2}-\d{2}$/.test(text);
    const at = Temporal.Instant.from(day ? `${text}T23:59:59.999999Z` : text).toString();
    return /^(?!0000)\d{4}-/.test(at) ? at : null;
  } catch {
    return null;
  }
}

export const outOfRange: FieldError = {
  field: 'as_of',
  code: 'out_of_range',
  message: 'Give a day or an instant between the years 1 and 9999.',
};

/** `asOfInstant` for routes of one record. @throws Problem validation_failed when it is no time that PostgreSQL knows */
export function mustBeInstant(asOf: string): string {
  const at = asOfInstant(asOf);
  if (at === null) throw new Problem('validation_failed', undefined, { errors: [outOfRange] });
  return at;
}

/** What a query about the past may not use, because the past of these fields is not kept: each is named with where it was used. */
export function noHistoryErrors(
  listing: Listing,
  filter: Condition | null,
  sort: BoundField | null,
  fields: readonly BoundField[],
): FieldError[] {
  const lost = (name: string): boolean => boundField(listing, name)?.field.noHistory === true;
  const error = (field: string, name: string, how: string): FieldError => ({
    field,
    code: 'no_history',
    message: `The past of “${snake(name)}” is not kept: ${how} as of a time.`,
  });
  return [
    ...(filter ? [...fieldsOfCondition(filter)].filter(lost).map((name) => error('filter', name, 'it cannot be filtered by')) : []),
    ...(sort && lost(sort.name) ? [error('sort', sort.name, 'it cannot be sorted by')] : []),
    ...fields.filter((f) => f.field.noHistory).map((f) => error('fields', f.name, 'it cannot be shown')),
  ];
}
