import type { Field } from '@muster/api/fields';
import type { Condition, FieldTest, GlobPiece, Operand } from '@muster/core/query';
import { sql } from 'kysely';
import { allOf, anyOf, type BoundField, boundField, type Column, type Listing, type Sql } from './definition.ts';

/** More words than this narrow nothing further and only cost time. */
const maxWords = 12;

/** A checked filter as a SQL condition. `used` collects the columns whose joins it needs. */
export function compileCondition(listing: Listing, condition: Condition, used: Column[]): Sql {
  switch (condition.kind) {
    case 'all':
      return allOf(condition.parts.map((part) => compileCondition(listing, part, used)));
    case 'any':
      return anyOf(condition.parts.map((part) => compileCondition(listing, part, used)));
    case 'not':
      // A row without the value is not of that value either, so null counts as “not true”.
      return sql`(${compileCondition(listing, condition.part, used)} is not true)`;
    case 'search':
      return searchCondition(listing, condition.text, used);
    default: {
      const bound = boundField(listing, condition.name);
      if (!bound) throw new Error(`${listing.resource.name}.${condition.name} was checked but has no column`);
      used.push(bound.column);
      return testCondition(listing, bound, condition.test);
    }
  }
}

/**
 * Every word must occur in the search text. A word of one or two letters must begin a word there, since a trigram index cannot find it
 * inside one.
 */
export function searchCondition(listing: Listing, text: string, used: Column[]): Sql {
  const words = text.replaceAll('\0', ' ').split(/\s+/).filter(Boolean).slice(0, maxWords);
  let search = listing.spec.search;
  if (!search) {
    const title = boundField(listing, listing.resource.titleField);
    if (!title?.column.sql) throw new Error(`${listing.resource.name} has nothing to search`);
    used.push(title.column);
    search = sql`lower(${title.column.sql})`;
  }
  const searched = search;
  return allOf(
    words.map((word) => {
      const pattern = escapeLike(word);
      if (word.length >= 3) return sql`${searched} like lower(${`%${pattern}%`}::text)`;
      return sql`(${searched} like lower(${`${pattern}%`}::text) or ${searched} like lower(${`% ${pattern}%`}::text))`;
    }),
  );
}

function testCondition(listing: Listing, { field, column }: BoundField, test: FieldTest): Sql {
  const cond = (value: Sql | undefined, ref: Sql | undefined): Sql => valueCondition(listing, field, column, value, ref, test);
  if (!column.exists) return cond(column.sql, column.ref);
  if (test.op === 'null') return sql`not ${column.exists(() => sql`true`)}`;
  if (test.op === 'present') return column.exists(() => sql`true`);
  return column.exists((value, ref) => cond(value, ref));
}

function valueCondition(
  listing: Listing,
  field: Field,
  column: Column,
  value: Sql | undefined,
  ref: Sql | undefined,
  test: FieldTest,
): Sql {
  const present = (field.type === 'ref' ? ref : value) ?? value;
  if (!present) throw new Error(`${listing.resource.name} has a field without a value`);
  const narrowed = (literal: string, condition: Sql): Sql => {
    if (!column.searched || !listing.spec.search || literal.length < 3) return condition;
    return sql`(${listing.spec.search} like lower(${`%${escapeLike(literal)}%`}::text) and ${condition})`;
  };
  switch (test.op) {
    case 'null':
      return sql`(${present} is null)`;
    case 'present':
      return sql`(${present} is not null)`;
    case 'like':
      return narrowed(longestLiteral(test.glob), sql`lower(${value ?? present}) like lower(${likePattern(test.glob)}::text)`);
    case 'range':
      return allOf(
        test.bounds.map(
          ({ how, value: operand }) => sql`${orderedExpression(field, value ?? present)} ${sql.raw(how)} ${orderedOperand(field, operand)}`,
        ),
      );
    default:
      return anyOf(equalities(field, column, value, ref, test.values, narrowed));
  }
}

function equalities(
  field: Field,
  column: Column,
  value: Sql | undefined,
  ref: Sql | undefined,
  operands: readonly Operand[],
  narrowed: (literal: string, condition: Sql) => Sql,
): Sql[] {
  const conditions: Sql[] = [];
  if (ref) {
    const ids = operands.filter((operand) => operand.type === 'id' || column.refType === 'text').map((operand) => String(operand.value));
    if (ids.length > 0) conditions.push(oneOf(ref, ids, column.refType ?? 'uuid'));
    if (value)
      for (const operand of operands) if (operand.type === 'text') conditions.push(sql`lower(${value}) = lower(${operand.value}::text)`);
    return conditions;
  }
  if (!value) return conditions;
  if (column.equals) return [column.equals(operands.map((operand) => String(operand.value)))];
  if (field.type === 'text')
    return operands.map((operand) => narrowed(String(operand.value), sql`lower(${value}) = lower(${String(operand.value)}::text)`));
  if (field.type === 'money') {
    return operands.map((operand) => {
      const same = sql`${value} = ${String(operand.value)}::numeric`;
      return operand.type === 'money' && operand.currency !== null && column.currency
        ? sql`(${same} and ${column.currency} = ${operand.currency})`
        : same;
    });
  }
  return [
    oneOf(
      value,
      operands.map((operand) => String(operand.value)),
      castOf(field),
    ),
  ];
}

function oneOf(value: Sql, values: readonly string[], cast: string): Sql {
  if (values.length === 1) return sql`${value} = ${values[0]}::${sql.raw(cast)}`;
  return sql`${value} = any(${values}::${sql.raw(cast)}[])`;
}

const orderedExpression = (field: Field, value: Sql): Sql => (field.type === 'text' ? sql`lower(${value})` : value);
const orderedOperand = (field: Field, operand: Operand): Sql =>
  field.type === 'text' ? sql`lower(${String(operand.value)}::text)` : sql`${String(operand.value)}::${sql.raw(castOf(field))}`;

const casts: Record<Field['type'], string> = {
  id: 'uuid',
  text: 'text',
  integer: 'bigint',
  number: 'numeric',
  boolean: 'boolean',
  date: 'date',
  instant: 'timestamptz',
  enum: 'text',
  money: 'numeric',
  ref: 'text',
  json: 'jsonb',
};

/** The SQL type that a value of this field is written as. */
export const castOf = (field: Pick<Field, 'type'>): string => casts[field.type];

/** Text for LIKE: its own wildcards lose their meaning. */
export const escapeLike = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);

const likePattern = (glob: readonly GlobPiece[]): string =>
  glob.map((piece) => (piece === '*' ? '%' : piece === '?' ? '_' : escapeLike(piece.text))).join('');
const longestLiteral = (glob: readonly GlobPiece[]): string =>
  glob.reduce<string>((longest, piece) => (typeof piece === 'object' && piece.text.length > longest.length ? piece.text : longest), '');
