import type { Field, FieldType, Resource } from '@muster/api/fields';
import { type CustomField, resolveField } from '@muster/core/query';
import type { Db } from '../db/types.ts';
import { type RawBuilder, sql } from 'kysely';

/** A piece of SQL with its parameters. Values only ever enter SQL as parameters. */
export type Sql = RawBuilder<unknown>;

/** How one field of a resource is read from the database. */
export interface Column {
  /** The value; for a `ref` its label, for `money` its amount. Absent when the field is a filter only. */
  readonly sql?: Sql;
  /** For a `ref`: the id it points at. */
  readonly ref?: Sql;
  /** The type of `ref`; uuid unless said. */
  readonly refType?: 'uuid' | 'text';
  /** For `money`: its ISO 4217 code. */
  readonly currency?: Sql;
  /** The named joins the expressions need. */
  readonly join?: string | readonly string[];
  /** The value is part of the listing's search text: equality and wildcards can then use its trigram index. */
  readonly searched?: boolean;
  /** A condition that the value is one of these, where the database finds it faster than by comparing `sql`. */
  readonly equals?: (values: readonly string[]) => Sql;
  /** What rows are sorted by instead of the value, with an index behind it; it may be null. */
  readonly sort?: { readonly sql: Sql; readonly type: FieldType };
  /** For a field with several values per row: the condition that one of them meets `cond`; `ref` as second argument for refs. */
  readonly exists?: (cond: (value: Sql, ref?: Sql) => Sql) => Sql;
}

/** The columns that role scopes constrain. A kind of scope that is left out here gives no rows. */
export interface ScopeColumns {
  readonly org_unit?: Sql;
  /** The row's place; or, for a row of many places, the condition that one of them is `within`. */
  readonly place?: Sql | ((within: (place: Sql) => Sql) => Sql);
  readonly asset_class?: Sql;
  /** The person whose thing it is. */
  readonly own?: Sql;
}

/** A field that the organisation defined, and how it is read. */
export interface CustomBinding {
  readonly field: Field;
  readonly column: Column;
}

export interface ListingSpec<R extends Resource> {
  /** The base table with its alias, for example sql`assets a`. */
  readonly from: Sql;
  /** The unique tie-breaker. */
  readonly id: Sql;
  /** uuid unless said. */
  readonly idType?: 'uuid' | 'text' | 'integer';
  /** A condition that always holds, for example “not merged away”. */
  readonly where?: Sql;
  /** Joins by name, in the order they may be written; each gives at most one row per row. Added only when a used field needs them. */
  readonly joins?: Readonly<Record<string, Sql>>;
  readonly columns: { readonly [K in keyof R['fields'] & string]: Column };
  /** A lower-case text column with a trigram index; the title field without an index when absent. */
  readonly search?: Sql;
  readonly scope?: ScopeColumns;
  /** The jsonb column of custom values; makes `custom.<key>` a field. */
  readonly custom?: Sql;
  /** The definition of a custom field; every key is a text field unless given. */
  readonly customField?: CustomField;
  /** Reads the fields that are defined now, by their names `custom.<key>`; asked only when a query may mean one. */
  readonly customFields?: (db: Db) => Promise<ReadonlyMap<string, CustomBinding>>;
  /** `from` is a single big table: not every row that matches is counted. */
  readonly big?: BigTable;
  /** The base table as it was at an instant (ISO 8601, UTC); answers `?as_of=`. `sample` is a TABLESAMPLE clause for each big table in it, or empty. */
  readonly asOf?: (at: string, sample: Sql) => Sql;
}

/** What is read of a big table at most, in rows. */
export interface BigTable {
  /** Facets count so many one by one; when more match they come from a sample, and say so. */
  readonly counted: number;
  /** About so many rows of the table are such a sample. */
  readonly sample: number;
  /** When the planner expects more hits of a filter than this, they are not collected before the page is read along its sort. */
  readonly collected: number;
}
/** The bounds that a listing takes. */
export const bigTable: BigTable = { counted: 20_000, sample: 40_000, collected: 30_000 };

export interface Listing<R extends Resource = Resource> {
  readonly resource: R;
  readonly spec: ListingSpec<R>;
}

/** Ties a resource to SQL. What is wrong with the definition is thrown here, at start-up, and not at the first request. */
export function defineListing<R extends Resource>(resource: R, spec: ListingSpec<R>): Listing<R> {
  for (const [name, field] of Object.entries(resource.fields)) {
    const column: Column | undefined = spec.columns[name as keyof R['fields'] & string];
    if (!column?.sql && !column?.exists && !(field.type === 'ref' && column?.ref))
      throw new Error(`${resource.name}.${name} has no column`);
    if (!column.sql && (field.sortable || field.column !== 'none'))
      throw new Error(`${resource.name}.${name} is shown or sorted, so it needs sql`);
    if (field.type === 'ref' && column.sql && !column.ref) throw new Error(`${resource.name}.${name} is a ref without its id`);
    for (const join of [column.join ?? []].flat())
      if (!spec.joins?.[join]) throw new Error(`${resource.name}.${name} needs the join ${join}, which is not defined`);
  }
  const listing = { resource, spec };
  if (!known.has(resource.name)) known.set(resource.name, listing);
  return listing;
}

const known = new Map<string, Listing>();

/** The listing of a resource by its name, of whichever module: for what is said about any list. */
export const listingNamed = (name: string): Listing | undefined => known.get(name);
/**
 * The listing with the custom fields that are defined now, as if they stood in the description of its resource: at the price of one
 * statement, and only when one of these parts of a query names one.
 */
export async function withCustomFields<R extends Resource>(
  db: Db,
  listing: Listing<R>,
  ...parts: (string | undefined)[]
): Promise<Listing<R>> {
  const { customFields } = listing.spec;
  if (!customFields || !parts.some((part) => part !== undefined && /custom\./i.test(part))) return listing;
  const bound = [...(await customFields(db))];
  const fields = { ...listing.resource.fields, ...Object.fromEntries(bound.map(([name, { field }]) => [name, field])) };
  const columns = { ...listing.spec.columns, ...Object.fromEntries(bound.map(([name, { column }]) => [name, column])) };
  return { resource: { ...listing.resource, fields }, spec: { ...listing.spec, columns } };
}

export interface BoundField {
  readonly name: string;
  readonly field: Field;
  readonly column: Column;
}

/** How a custom field is resolved here: `undefined` where the resource has none. */
export function customFieldOf(listing: Listing): CustomField | undefined {
  const { custom, customField } = listing.spec;
  if (!custom) return undefined;
  return customField ?? ((key) => ({ type: 'text', label: key, filterable: true, sortable: true, column: 'none' }));
}

/** The field meant by a name, with its column. */
export function boundField(listing: Listing, name: string): BoundField | undefined {
  const found = resolveField(listing.resource, name, customFieldOf(listing));
  if (!found) return undefined;
  const [key, field] = found;
  const own: Column | undefined = listing.spec.columns[key];
  if (own) return { name: key, field, column: own };
  return { name: key, field, column: customColumn(listing, key.slice('custom.'.length), field) };
}

/** A custom value out of its jsonb, with the type its definition says; a value of another type reads as null instead of failing the list. */
function customColumn(listing: Listing, key: string, field: Field): Column {
  const value = sql`(${listing.spec.custom} -> ${sql.lit(key)})`;
  const text = sql`(${listing.spec.custom} ->> ${sql.lit(key)})`;
  if (field.type === 'integer' || field.type === 'number')
    return { sql: sql`case when jsonb_typeof(${value}) = 'number' then ${text}::numeric end` };
  if (field.type === 'boolean') return { sql: sql`case when jsonb_typeof(${value}) = 'boolean' then ${text}::boolean end` };
  if (field.type === 'date') return { sql: sql`case when pg_input_is_valid(${text}, 'date') then ${text}::date end` };
  if (field.type === 'instant') return { sql: sql`case when pg_input_is_valid(${text}, 'timestamptz') then ${text}::timestamptz end` };
  return { sql: text };
}

/** The joins that these fields need, in the definition's order. */
export function joinsFor(listing: Listing, columns: readonly Column[]): Sql {
  const needed = new Set(columns.flatMap((column) => [column.join ?? []].flat()));
  const joins = Object.entries(listing.spec.joins ?? {}).filter(([name]) => needed.has(name));
  return joins.length === 0
    ? sql``
    : sql.join(
        joins.map(([, join]) => join),
        sql` `,
      );
}

/** Conditions joined by AND. */
export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` and `)})`;
}

/** Conditions joined by OR. */
export function anyOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`;
}
