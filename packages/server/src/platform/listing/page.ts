import type { FieldType, Resource, Row } from '@muster/api/fields';
import type { ListQueryInput, Page } from '@muster/api/listing';
import type { Permission } from '@muster/api/permissions';
import { sql } from 'kysely';
import type { Actor } from '../context.ts';
import type { Db } from '../db/types.ts';
import { castOf } from './compile.ts';
import { badCursor, type Cursor, readCursor, writeCursor } from './cursor.ts';
import { allOf, joinsFor, type Listing, type Sql, withCustomFields } from './definition.ts';
import { type Plan, planQuery, present, selection } from './plan.ts';

/** Up to here a total is exact and a page is sorted from the collected hits; above, the sort's own order is walked. */
const collected = 10_000;
/** So many rows of the sort's index are read in the hope that the filter admits a page of them. */
const walked = 20_000;

type Fetched = Record<string, unknown> & { '.total': string | null; '.id': string | null; '.key': string | null };

/**
 * One page of a listing. At most two SQL queries: the rows with the count up to 10,000, and above that an estimate or exact count, which for a
 * filter of a big table is asked first; one more before them when custom fields are named.
 * Throws Problem `bad_filter`, `bad_cursor`, `validation_failed`. `permission` is the one whose role scopes apply; only the system goes without.
 */
export async function listQuery<R extends Resource>(
  db: Db,
  defined: Listing<R>,
  query: ListQueryInput,
  actor: Actor,
  now: Date,
  permission?: Permission,
): Promise<Page<Partial<Row<R>>>> {
  const listing = await withCustomFields(db, defined, query.filter, query.sort, query.fields);
  const plan = planQuery(listing, query, { actor, permission, now });
  const limit = Number(query.limit ?? 100);
  const of = `${listing.resource.name}:${plan.descending ? '-' : ''}${plan.sort.name}`;
  const cursor = query.cursor === undefined ? null : readCursor(query.cursor, of, listing.spec.idType ?? 'uuid');
  const counting = query.total ?? 'estimate';
  const { big } = listing.spec;
  const expected = big && plan.conditions.length > 0 && counting === 'estimate' ? await estimateRows(db, plan) : null;
  // Of many hits the walk along the sort meets a page sooner than all are collected.
  const many = big !== undefined && (expected ?? 0) > big.collected;
  const fetched = await fetchRows(db, pageSql(plan, cursor, limit + 1, counting !== 'none', many), cursor);
  const rows = fetched.filter((row) => row['.id'] !== null);
  const back = cursor?.direction === 'back';
  const more = rows.length > limit;
  if (more) rows.pop();
  if (back) rows.reverse();
  // Whatever was expected: a first page that is not full holds them all.
  const all = cursor === null && !more ? rows.length : null;
  const items = rows.map((row) => Object.fromEntries(plan.fields.map((field) => [field.name, present(field, row)]))) as Partial<Row<R>>[];
  return {
    items,
    ...neighbours(rows, of, cursor, more),
    ...(await totalOf(db, plan, counting, Number(fetched[0]?.['.total'] ?? 0), expected, all)),
  };
}

async function fetchRows(db: Db, query: Sql, cursor: Cursor | null): Promise<Fetched[]> {
  try {
    return (await query.execute(db)).rows as Fetched[];
  } catch (error) {
    // A forged cursor may hold a key that is no date or number: PostgreSQL's data exceptions.
    if (cursor && String((error as { code?: unknown }).code).startsWith('22')) throw badCursor(undefined, error);
    throw error;
  }
}

function neighbours(
  rows: readonly Fetched[],
  of: string,
  cursor: Cursor | null,
  more: boolean,
): Pick<Page<unknown>, 'nextCursor' | 'previousCursor'> {
  const at = (row: Fetched | undefined, direction: Cursor['direction']): string | null =>
    row ? writeCursor({ of, direction, key: row['.key'], id: String(row['.id']), inclusive: false }) : null;
  const back = cursor?.direction === 'back';
  if (rows.length === 0 && cursor) {
    // Everything beyond was removed meanwhile: the way leads back to where the reader came from, that row included.
    const turned = writeCursor({ ...cursor, direction: back ? 'forward' : 'back', inclusive: true });
    return { nextCursor: back ? turned : null, previousCursor: back ? null : turned };
  }
  const hasNext = back || more;
  const hasPrevious = back ? more : cursor !== null;
  return { nextCursor: hasNext ? at(rows.at(-1), 'forward') : null, previousCursor: hasPrevious ? at(rows[0], 'back') : null };
}

/** The SQL of one page, whose ids need be unique only within the listing's own condition: `limit` rows behind the cursor in the cursor's direction. */
export function pageSql(plan: Plan, cursor: Cursor | null, limit: number, counted: boolean, many = false): Sql {
  const { listing, sort } = plan;
  const { id } = listing.spec;
  const { key } = sortKey(plan);
  const ascending = plan.descending === (cursor?.direction === 'back');
  const order = sql.raw(ascending ? 'asc' : 'desc');
  const source = sql`from ${plan.from} ${joinsFor(listing, [...plan.used, ...(sort.column.sort ? [] : [sort.column])])}`;
  const always = [...(listing.spec.where ? [listing.spec.where] : []), ...plan.conditions];
  const walk = walkSql(plan, cursor, ascending, limit, source, always);
  const selective = plan.conditions.length > 0;
  const hits = many
    ? sql`hits as (select ${id} as id, ${key} as k ${source} where false), hit_count as (select ${collected + 1}::bigint as n),`
    : selective
      ? sql`hits as materialized (select ${id} as id, ${key} as k ${source} where ${allOf(always)} limit ${collected + 1}),
        hit_count as (select count(*) as n from hits),`
      : counted
        ? sql`hit_count as (select count(*) as n from (select 1 from ${plan.from} where ${allOf(always)} limit ${collected + 1}) c),`
        : sql`hit_count as (select 0 as n),`;
  const fromHits = selective
    ? sql`union all (select id, k from hits where ${cursor ? behind(plan, cursor, ascending, sql`k`, sql`id`) : sql`true`}
        and (select n from hit_count) <= ${collected} order by k ${order}, id ${order} limit ${limit})`
    : sql``;
  return sql`with ${hits} ${walk.ctes}
    page as materialized (select id, k from (${walk.rows} ${fromHits}) u order by k ${order}, id ${order} limit ${limit})
    select hit_count.n as ".total", r.* from hit_count left join (
      select page.id::text as ".id", page.k::text as ".key", page.k as ".k", page.id as ".i", ${sql.join(plan.fields.flatMap(selection))}
      from ${plan.from} ${joinsFor(
        listing,
        plan.fields.map((field) => field.column),
      )} inner join page on page.id = ${id} ${listing.spec.where ? sql`where ${listing.spec.where}` : sql``}
    ) r on true order by r.".k" ${order}, r.".i" ${order}`;
}

/**
 * The rows of a page in the sort's own order. Behind a cursor they are one row comparison, which is one index range. Nulls sort last
 * ascending and first descending, as PostgreSQL's indexes do; the comparison never reaches the other side of the nulls, so that is a second
 * range, read only when the first did not fill the page.
 */
function walkSql(
  plan: Plan,
  cursor: Cursor | null,
  ascending: boolean,
  limit: number,
  source: Sql,
  always: readonly Sql[],
): { ctes: Sql; rows: Sql } {
  if (plan.conditions.length > 0) return trialSql(plan, cursor, ascending, limit, source, always);
  const { id } = plan.listing.spec;
  const { key } = sortKey(plan);
  const order = sql.raw(ascending ? 'asc' : 'desc');
  const range = (condition: readonly Sql[], rows: Sql): Sql =>
    sql`select ${id} as id, ${key} as k ${source} where ${allOf([...always, ...condition])} order by ${key} ${order}, ${id} ${order} limit ${rows}`;
  if (!cursor) return { ctes: sql``, rows: sql`(${range([], sql`${limit}`)})` };
  const { first, rest } = ranges(plan, cursor, ascending, key, id);
  if (!rest) return { ctes: sql``, rows: sql`(${range([first], sql`${limit}`)})` };
  const remaining = sql`${limit}::bigint - (select count(*) from walk_first)`;
  return {
    ctes: sql`walk_first as materialized (${range([first], sql`${limit}`)}), walk_rest as materialized (${range([rest], remaining)}),`,
    rows: sql`(select id, k from walk_first) union all (select id, k from walk_rest)`,
  };
}

/**
 * More hits than are collected: a short walk along the index usually meets enough of them, but where sort and filter go together (all of one
 * model at one end) it would read half the table. So the walk is a trial of so many rows, and if they do not fill the page, all hits are
 * read and sorted. Each branch is gated by a count that is known before it: PostgreSQL then does not start it at all.
 */
function trialSql(
  plan: Plan,
  cursor: Cursor | null,
  ascending: boolean,
  limit: number,
  source: Sql,
  always: readonly Sql[],
): { ctes: Sql; rows: Sql } {
  const { id, where } = plan.listing.spec;
  const { key } = sortKey(plan);
  const order = sql.raw(ascending ? 'asc' : 'desc');
  const gate = sql`(select n from hit_count) > ${collected}`;
  const from = cursor ? [ranges(plan, cursor, ascending, key, id).first] : [];
  const walkable = plan.sort.column.sort !== undefined || plan.sort.column.join === undefined;
  const trial = sql`trial as materialized (select id, k from (
      select ${id} as id, ${key} as k, ${allOf(plan.conditions)} as ok ${source}
      where ${allOf([...(where ? [where] : []), gate, ...from])} order by ${key} ${order}, ${id} ${order} limit ${walked}
    ) w where ok order by k ${order}, id ${order} limit ${limit}),`;
  const failed = walkable ? [sql`(select count(*) from trial) < ${limit}`] : [];
  const beyond = cursor ? [behind(plan, cursor, ascending, key, id)] : [];
  // The inner offset keeps the planner from walking the index after all.
  const whole = sql`(select id, k from (select ${id} as id, ${key} as k ${source} where ${allOf([...always, gate, ...failed, ...beyond])} offset 0) s
    order by k ${order}, id ${order} limit ${limit})`;
  if (!walkable) return { ctes: sql``, rows: whole };
  return { ctes: trial, rows: sql`(select id, k from trial where (select count(*) from trial) >= ${limit}) union all ${whole}` };
}

/** What the rows are sorted by: the field's value, or what its column says stands for it. */
function sortKey(plan: Plan): { key: Sql; type: FieldType; notNull: boolean } {
  const { column, field } = plan.sort;
  if (column.sort) return { key: column.sort.sql, type: column.sort.type, notNull: false };
  return { key: column.sql ?? plan.listing.spec.id, type: field.type, notNull: field.notNull ?? false };
}

function ranges(plan: Plan, cursor: Cursor, ascending: boolean, key: Sql, id: Sql): { first: Sql; rest: Sql | null } {
  const { type, notNull } = sortKey(plan);
  const how = sql.raw(`${ascending ? '>' : '<'}${cursor.inclusive ? '=' : ''}`);
  const atId = sql`${cursor.id}::${sql.raw(plan.listing.spec.idType ?? 'uuid')}`;
  if (cursor.key === null)
    return { first: sql`(${key} is null and ${id} ${how} ${atId})`, rest: ascending ? null : sql`${key} is not null` };
  const first = sql`(${key}, ${id}) ${how} (${cursor.key}::${sql.raw(castOf({ type }))}, ${atId})`;
  return { first, rest: ascending && !notNull ? sql`${key} is null` : null };
}

function behind(plan: Plan, cursor: Cursor, ascending: boolean, key: Sql, id: Sql): Sql {
  const { first, rest } = ranges(plan, cursor, ascending, key, id);
  return rest ? sql`(${first} or ${rest})` : first;
}

async function totalOf(
  db: Db,
  plan: Plan,
  counting: 'none' | 'estimate' | 'exact',
  counted: number,
  expected: number | null,
  all: number | null,
): Promise<Pick<Page<unknown>, 'total' | 'totalIsEstimate'>> {
  if (counting === 'none') return { total: null, totalIsEstimate: false };
  if (counted <= collected) return { total: counted, totalIsEstimate: false };
  if (all !== null) return { total: all, totalIsEstimate: false };
  if (counting === 'estimate') return { total: Math.max(collected + 1, expected ?? (await estimateRows(db, plan))), totalIsEstimate: true };
  const { rows } = await sql<{ n: string }>`select count(*) as n ${matching(plan)}`.execute(db);
  return { total: Number(rows[0]?.n ?? 0), totalIsEstimate: false };
}

/** Everything that matches, without order: `from … where …`. */
export function matching(plan: Pick<Plan, 'listing' | 'from' | 'conditions' | 'used'>): Sql {
  const { listing, conditions, used } = plan;
  const always = [...(listing.spec.where ? [listing.spec.where] : []), ...conditions];
  return sql`from ${plan.from} ${joinsFor(listing, used)} where ${allOf(always)}`;
}

/** How many rows PostgreSQL's planner expects, from its statistics. */
export async function estimateRows(db: Db, plan: Pick<Plan, 'listing' | 'from' | 'conditions' | 'used'>): Promise<number> {
  const { rows } = await sql<{
    'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }];
  }>`explain (format json) select 1 ${matching(plan)}`.execute(db);
  return Math.round(rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0);
}
