import type { Field, Resource } from '@muster/api/fields';
import { type FieldError, Problem } from '@muster/api/errors';
import type { Facets } from '@muster/api/listing';
import type { Permission } from '@muster/api/permissions';
import { type Condition, fieldsOfCondition } from '@muster/core/query';
import { sql } from 'kysely';
import type { Actor } from '../context.ts';
import type { Db } from '../db/types.ts';
import { type BoundField, boundField, type Listing, type Sql, withCustomFields } from './definition.ts';
import { estimateRows, matching } from './page.ts';
import { noHistoryErrors } from './as-of.ts';
import { baseOf, checkedFilter, conditionsOf, type Query, type Reader } from './plan.ts';

const shownValues = 20;

type Facet = Facets['facets'][number];
interface Counted {
  field: string;
  value: string | null;
  label: string | null;
  count: string;
}

/**
 * The most frequent values of every facet field under a search and filter, with counts. A field's own conditions do not narrow its own
 * facet, so that another value can be chosen. The cost is bounded: over more rows of a big table than its bounds the counts come from a sample and say so.
 */
export async function facetsQuery<R extends Resource>(
  db: Db,
  listing: Listing<R>,
  query: Pick<Query, 'q' | 'filter' | 'as_of'>,
  actor: Actor,
  now: Date,
  permission?: Permission,
): Promise<Facets> {
  const plain = (await withCustomFields(db, listing, 'custom.')) as unknown as Listing;
  const reader: Reader = { actor, now, permission };
  const filter = checkedFilter(plain, query.filter, now);
  const errors: FieldError[] = [];
  const from = baseOf(plain, query.as_of, errors);
  const past = query.as_of !== undefined;
  if (past && plain.spec.asOf) errors.push(...noHistoryErrors(plain, filter, null, []));
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  const sampled = (sample: Sql): Sql => baseOf(plain, query.as_of, [], sample);
  const facets: Facet[] = [];
  for (const group of groupsOf(plain, filter, past)) {
    const plan = { listing: plain, from, sampled, ...conditionsOf(plain, query.q, group.filter, reader) };
    facets.push(...(await countGroup(db, plan, group.fields)));
  }
  const order = Object.keys(plain.resource.fields);
  return { facets: facets.sort((a, b) => order.indexOf(a.field) - order.indexOf(b.field)) };
}

/** Fields that see the same rows are counted in one query: all that the filter does not name, and each that it names on its own. */
function groupsOf(listing: Listing, filter: Condition | null, past: boolean): { fields: BoundField[]; filter: Condition | null }[] {
  const fields = Object.entries(listing.resource.fields).flatMap(([name, field]) =>
    field.facet && !(past && field.noHistory) ? [boundField(listing, name)] : [],
  );
  const parts = filter === null ? [] : filter.kind === 'all' ? filter.parts : [filter];
  const rest = fields.filter((field) => field !== undefined);
  const groups = new Map<string, { fields: BoundField[]; filter: Condition | null }>();
  for (const field of rest) {
    const kept = parts.filter((part) => !isOnlyOf(part, field.name));
    const key = kept.length === parts.length ? '' : field.name;
    const group = groups.get(key) ?? { fields: [], filter: kept.length === 0 ? null : { kind: 'all', parts: kept } };
    group.fields.push(field);
    groups.set(key, group);
  }
  return [...groups.values()];
}

function isOnlyOf(part: Condition, name: string): boolean {
  const names = fieldsOfCondition(part);
  return names.size === 1 && names.has(name) && !hasSearch(part);
}

function hasSearch(part: Condition): boolean {
  if (part.kind === 'search') return true;
  if (part.kind === 'test') return false;
  return part.kind === 'not' ? hasSearch(part.part) : part.parts.some(hasSearch);
}

type Counting = Parameters<typeof matching>[0] & { readonly sampled: (sample: Sql) => Sql };

/** Exact as long as few enough rows match. The planner's guess may be wrong either way, so the rows are counted while they are read. */
async function countGroup(db: Db, plan: Counting, fields: readonly BoundField[]): Promise<Facet[]> {
  const { big } = plan.listing.spec;
  if (!big) return presented(fields, await countRows(db, plan, fields), 1);
  if ((await estimateRows(db, plan)) <= big.counted) {
    const rows = await countRows(db, plan, fields, big.counted);
    if (!rows.some((row) => row.field === overflow)) return presented(fields, rows, 1);
  }
  const table = await estimateRows(db, { ...plan, conditions: [], used: [] });
  const scale = Math.max(1, table / big.sample);
  const from = plan.sampled(sql`tablesample system (${100 / scale}) repeatable (1)`);
  return presented(fields, await countRows(db, { ...plan, from }, fields), scale);
}

/** The name under which a count says that more rows match than were to be read. */
const overflow = '.more';

async function countRows(db: Db, plan: Counting, fields: readonly BoundField[], most?: number): Promise<Counted[]> {
  const used = [...plan.used, ...fields.map((field) => field.column)];
  const columns = fields.flatMap(({ field, column }, i) => [
    sql`${field.type === 'ref' ? column.ref : column.sql}::text as ${sql.id(`v${i}`)}`,
    ...(field.type === 'ref' ? [sql`${column.sql} as ${sql.id(`l${i}`)}`] : []),
  ]);
  const within = most === undefined ? sql`` : sql`where (select n from total) <= ${most}`;
  const counts = fields.map(({ name, field }, i) => {
    const label = field.type === 'ref' ? sql`min(${sql.id(`l${i}`)})` : sql`null::text`;
    return sql`(select ${name}::text as field, ${sql.id(`v${i}`)} as value, ${label} as label, count(*) as count from seen ${within}
      group by ${sql.id(`v${i}`)} order by count(*) desc, ${sql.id(`v${i}`)} limit ${shownValues + 1})`;
  });
  if (most !== undefined) counts.push(sql`(select ${overflow}::text, null, null, n from total where n > ${most})`);
  const limit = most === undefined ? sql`` : sql`limit ${most + 1}`;
  const query: Sql = sql`with seen as materialized (select ${sql.join(columns)} ${matching({ ...plan, used })} ${limit}),
    total as (select count(*) as n from seen) ${sql.join(counts, sql` union all `)}`;
  return (await sql<Counted>`${query}`.execute(db)).rows;
}

function presented(fields: readonly BoundField[], rows: readonly Counted[], scale: number): Facet[] {
  return fields.map(({ name, field }) => {
    const values = rows.filter((row) => row.field === name);
    return {
      field: name,
      label: field.label,
      values: values
        .slice(0, shownValues)
        .map(({ value, label, count }) => ({ value, label: labelOf(field, value, label), count: Math.round(Number(count) * scale) })),
      more: values.length > shownValues,
      estimated: scale !== 1,
    };
  });
}

function labelOf(field: Field, value: string | null, label: string | null): string {
  if (value === null) return 'None';
  if (field.type === 'boolean') return value === 'true' ? 'Yes' : 'No';
  return label ?? field.valueLabels?.[value] ?? value;
}
