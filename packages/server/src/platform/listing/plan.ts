import { type FieldError, Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import { snake } from '@muster/api/fields';
import { type Condition, FilterError, nearestFields, readFilter } from '@muster/core/query';
import { sql } from 'kysely';
import type { Actor } from '../context.ts';
import { asOfInstant, noHistoryErrors, outOfRange } from './as-of.ts';
import { compileCondition, searchCondition } from './compile.ts';
import { type BoundField, boundField, type Column, customFieldOf, type Listing, type Sql } from './definition.ts';
import { scopeCondition } from './scope.ts';

/** What a list, its facets and its export have in common. */
export interface Query {
  readonly q?: string | undefined;
  readonly filter?: string | undefined;
  readonly sort?: string | undefined;
  readonly fields?: string | undefined;
  readonly as_of?: string | undefined;
}

export interface Reader {
  readonly actor: Actor;
  /** The permission whose scopes apply; needed for everyone but the system itself. */
  readonly permission: Permission | undefined;
  readonly now: Date;
}

/** A query that fits its listing, ready to be made into SQL. */
export interface Plan {
  readonly listing: Listing;
  readonly from: Sql;
  /** Scope, search and filter. Empty: every row. */
  readonly conditions: readonly Sql[];
  /** The columns that the conditions read, for their joins. */
  readonly used: readonly Column[];
  readonly sort: BoundField;
  readonly descending: boolean;
  readonly fields: readonly BoundField[];
}

/** Checks a query against its listing; throws Problem `bad_filter` or `validation_failed` with everything that is wrong. */
export function planQuery(listing: Listing, query: Query, reader: Reader): Plan {
  const filter = checkedFilter(listing, query.filter, reader.now);
  const errors: FieldError[] = [];
  const past = query.as_of !== undefined;
  const { sort, descending } = chooseSort(listing, query.sort, errors, past);
  const fields = chooseFields(listing, query.fields, errors, past);
  const from = baseOf(listing, query.as_of, errors);
  if (past && listing.spec.asOf) errors.push(...noHistoryErrors(listing, filter, sort, fields));
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  return { listing, from, ...conditionsOf(listing, query.q, filter, reader), sort, descending, fields };
}

/** The filter of a query, checked; Problem `bad_filter` carries every mistake with its position and suggestions. */
export function checkedFilter(listing: Listing, text: string | undefined, now: Date): Condition | null {
  if (text === undefined) return null;
  try {
    return readFilter(listing.resource, text, {
      now: Temporal.Instant.fromEpochMilliseconds(now.getTime()),
      customField: customFieldOf(listing),
    });
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const errors = error.issues.map(({ code, message, at, suggestions }) => ({
      field: 'filter',
      code,
      message,
      at,
      ...(suggestions ? { suggestions: [...suggestions] } : {}),
    }));
    throw new Problem('bad_filter', error.message, { errors, cause: error });
  }
}

/** Scope, search and filter as SQL. */
export function conditionsOf(
  listing: Listing,
  q: string | undefined,
  filter: Condition | null,
  reader: Reader,
): { conditions: Sql[]; used: Column[] } {
  const used: Column[] = [];
  const conditions: Sql[] = [];
  const scope = scopeCondition(listing, reader.actor, reader.permission);
  if (scope) conditions.push(scope);
  if (q !== undefined && q.trim() !== '') conditions.push(searchCondition(listing, q, used));
  if (filter) conditions.push(compileCondition(listing, filter, used));
  return { conditions, used };
}

/** The base table, as of a time where the listing knows the past. `sample`: a TABLESAMPLE clause for its big tables. */
export function baseOf(listing: Listing, asOf: string | undefined, errors: FieldError[], sample: Sql = sql``): Sql {
  if (asOf === undefined) return sql`${listing.spec.from} ${sample}`;
  if (listing.spec.asOf) {
    const at = asOfInstant(asOf);
    if (at !== null) return listing.spec.asOf(at, sample);
    errors.push(outOfRange);
    return listing.spec.from;
  }
  errors.push({ field: 'as_of', code: 'not_supported', message: `${listing.resource.plural} can only be listed as they are now.` });
  return listing.spec.from;
}

function chooseSort(
  listing: Listing,
  text: string | undefined,
  errors: FieldError[],
  past: boolean,
): { sort: BoundField; descending: boolean } {
  const { resource } = listing;
  const usual =
    past && boundField(listing, resource.defaultSort.replace(/^-/, ''))?.field.noHistory ? resource.titleField : resource.defaultSort;
  const wanted = (text?.trim() || usual).trim();
  const descending = wanted.startsWith('-');
  const name = wanted.replace(/^[-+]/, '');
  const sort = boundField(listing, name);
  if (sort?.field.sortable && sort.column.sql) return { sort, descending };
  const fallback = boundField(listing, listing.resource.defaultSort.replace(/^-/, ''));
  if (!fallback?.column.sql || (sort && sort.name === fallback.name))
    throw new Error(`${listing.resource.name} cannot be sorted by its default sort`);
  const suggestions = nearestFields(listing.resource, name, (field) => field.sortable === true);
  const sortable = Object.entries(listing.resource.fields).filter(([, field]) => field.sortable);
  const hint =
    suggestions.length > 0
      ? `did you mean ${suggestions.join(' or ')}?`
      : `Sort by one of ${sortable.map(([key]) => snake(key)).join(', ')}.`;
  errors.push({
    field: 'sort',
    code: sort ? 'not_sortable' : 'unknown_field',
    message: `${listing.resource.plural} cannot be sorted by “${name}”; ${hint}`,
    suggestions,
  });
  return { sort: fallback, descending };
}

function chooseFields(listing: Listing, text: string | undefined, errors: FieldError[], past: boolean): BoundField[] {
  // Custom fields are columns only when they are asked for: whether they are known here depends on the rest of the query.
  const shown = Object.entries(listing.resource.fields).filter(
    ([name, field]) => field.column !== 'none' && !(past && field.noHistory) && !name.startsWith('custom.'),
  );
  const names =
    text === undefined || text.trim() === ''
      ? shown.map(([name]) => name)
      : text
          .split(',')
          .map((name) => name.trim())
          .filter(Boolean);
  const chosen = new Map<string, BoundField>();
  // A row without its id could not be opened.
  const id = boundField(listing, 'id');
  if (id?.name === 'id' && id.field.column !== 'none') chosen.set('id', id);
  for (const name of names) {
    const found = boundField(listing, name);
    if (found && found.field.column !== 'none' && found.column.sql) {
      chosen.set(found.name, found);
      continue;
    }
    const suggestions = nearestFields(listing.resource, name, (field) => field.column !== 'none');
    errors.push({ field: 'fields', code: 'unknown_field', message: `${listing.resource.plural} have no column “${name}”.`, suggestions });
  }
  return [...chosen.values()];
}

/** What is selected for a field: one column, or two for a ref or money. */
export function selection({ name, field, column }: BoundField): Sql[] {
  if (field.type === 'ref') return [sql`${column.sql} as ${sql.id(name)}`, sql`${column.ref} as ${sql.id(`${name}.id`)}`];
  if (field.type === 'money')
    return [sql`${column.sql}::text as ${sql.id(name)}`, sql`${column.currency ?? sql`null`} as ${sql.id(`${name}.currency`)}`];
  return [sql`${column.sql} as ${sql.id(name)}`];
}

/** The value of a field in a fetched row, as it goes out. */
export function present({ name, field }: BoundField, row: Record<string, unknown>): unknown {
  const value = row[name];
  if (field.type === 'ref') {
    const id = row[`${name}.id`];
    return id === null || id === undefined ? null : { id: textOf(id), label: typeof value === 'string' ? value : textOf(id) };
  }
  if (value === null || value === undefined) return null;
  if (field.type === 'money') return { amount: textOf(value), currency: textOf(row[`${name}.currency`]) };
  if (field.type === 'integer' || field.type === 'number') return Number(value);
  if (value instanceof Date) return value.toISOString();
  return value;
}

/** A fetched value as text, whatever JavaScript type the driver gave it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
