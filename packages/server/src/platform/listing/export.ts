import { Readable } from 'node:stream';
import type { Field, Resource } from '@muster/api/fields';
import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import { stringify } from 'csv-stringify';
import { sql } from 'kysely';
import writeExcelFile, { type Cell } from 'write-excel-file/node';
import type { Actor } from '../context.ts';
import type { Db } from '../db/types.ts';
import { allOf, joinsFor, type Listing, type Sql, withCustomFields } from './definition.ts';
import { type Plan, planQuery, present, type Query, selection, textOf } from './plan.ts';

/** An XLSX file is built in memory, so it has a row cap; CSV has none. */
export const xlsxRowLimit = 50_000;
const batch = 1000;
/** A line end of any kind in a cell needs quotation marks, not only the one between the rows. */
const lineEnd = /[\r\n]/;

export interface ExportQuery extends Query {
  readonly format: 'csv' | 'xlsx';
  /** A byte order mark in front, for spreadsheets that take UTF-8 without one for another encoding. */
  readonly bom: boolean;
}
export interface ExportFile {
  readonly name: string;
  readonly mediaType: string;
  readonly body: Readable | Buffer;
}

/**
 * All rows of a listing as a file. CSV is streamed through a server-side cursor in one snapshot; its header has field names, as the filter
 * and the API use them. XLSX has labels, typed cells and at most 50,000 rows: more is Problem `too_large`, never a file cut short.
 */
export async function exportQuery<R extends Resource>(
  db: Db,
  listing: Listing<R>,
  query: ExportQuery,
  actor: Actor,
  now: Date,
  permission?: Permission,
): Promise<ExportFile> {
  const plan = planQuery(await withCustomFields(db, listing, query.filter, query.sort, query.fields), query, { actor, permission, now });
  const name = `${listing.resource.name}-${now.toISOString().slice(0, 10)}.${query.format}`;
  if (query.format === 'xlsx')
    return { name, mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', body: await xlsx(db, plan) };
  return { name, mediaType: 'text/csv; charset=utf-8', body: await csv(db, plan, query.bom) };
}

async function csv(db: Db, plan: Plan, bom: boolean): Promise<Readable> {
  const batches = readBatches(db, plan);
  // The first rows are read before the answer begins, so that a failing query is still a problem document.
  const first = await batches.next();
  const columns = plan.fields.flatMap(({ name, field }) => (field.type === 'money' ? [name, `${name}_currency`] : [name]));
  const rows = async function* (): AsyncGenerator<string[]> {
    try {
      for (let next = first; !next.done; next = await batches.next()) for (const row of next.value) yield csvRow(plan, row);
    } finally {
      await batches.return(undefined);
    }
  };
  const source = Readable.from(rows());
  const out = stringify({ header: true, columns, bom, record_delimiter: 'windows', quoted_match: lineEnd });
  source.on('error', (error) => out.destroy(error));
  out.on('close', () => source.destroy());
  return source.pipe(out);
}

function csvRow(plan: Plan, row: Record<string, unknown>): string[] {
  return plan.fields.flatMap((bound) => {
    const value = present(bound, row);
    if (bound.field.type === 'money')
      return value === null ? ['', ''] : [(value as { amount: string }).amount, (value as { currency: string }).currency];
    return [cellText(bound.field, value)];
  });
}

/** The text of a cell. Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers and dates cannot be one. */
export function cellText(field: Field, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (field.type === 'ref') return harmless((value as { label: string }).label);
  if (field.type === 'json') return harmless(JSON.stringify(value));
  if (field.type === 'text' || field.type === 'enum') return harmless(textOf(value));
  return textOf(value);
}

/** An apostrophe more in front of a text that a spreadsheet would run; an import takes exactly one off again (`unescapeCell` in core). */
export const harmless = (text: string): string => (/^'*[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text);

async function xlsx(db: Db, plan: Plan): Promise<Buffer> {
  const cells: Cell[][] = [
    plan.fields.flatMap(({ field }) => headings(field).map((label): Cell => ({ value: label, fontWeight: 'bold' }))),
  ];
  const batches = readBatches(db, plan);
  for await (const rows of batches) {
    for (const row of rows) cells.push(plan.fields.flatMap((bound) => xlsxCells(bound.field, present(bound, row))));
    if (cells.length - 1 > xlsxRowLimit) {
      throw new Problem(
        'too_large',
        `XLSX holds at most ${xlsxRowLimit.toLocaleString('en')} rows here and this list has more. Export it as CSV, or filter it.`,
      );
    }
  }
  const title = plan.listing.resource.plural.replaceAll(/[\\/?*[\]:]/g, ' ').slice(0, 31);
  return writeExcelFile(cells, { sheet: title, stickyRowsCount: 1 }).toBuffer();
}

const headings = (field: Field): string[] => (field.type === 'money' ? [field.label, `${field.label} (currency)`] : [field.label]);

function xlsxCells(field: Field, value: unknown): Cell[] {
  if (value === null || value === undefined) return field.type === 'money' ? [null, null] : [null];
  if (field.type === 'money')
    return [
      { type: Number, value: Number((value as { amount: string }).amount) },
      { type: String, value: (value as { currency: string }).currency },
    ];
  if (field.type === 'integer' || field.type === 'number') return [{ type: Number, value: Number(value) }];
  if (field.type === 'boolean') return [{ type: Boolean, value: value === true }];
  if (field.type === 'date') return [{ type: Date, value: new Date(`${textOf(value)}T00:00:00Z`), format: 'yyyy-mm-dd' }];
  if (field.type === 'instant') return [{ type: Date, value: new Date(textOf(value)), format: 'yyyy-mm-dd hh:mm:ss' }];
  // Typed as text, so a spreadsheet never takes it for a formula; a cell holds at most 32,767 characters.
  return [{ type: String, value: cellText(field, value).slice(0, 32_767) }];
}

/** The rows in batches through a cursor in a transaction of its own; ends it however the reader leaves. */
async function* readBatches(db: Db, plan: Plan): AsyncGenerator<Record<string, unknown>[], void, undefined> {
  const tx = await db.startTransaction().execute();
  let failed = true;
  try {
    // A reader that stops taking rows must not hold a connection for ever.
    await sql`set local idle_in_transaction_session_timeout = '5min'`.execute(tx);
    await sql`declare muster_export no scroll cursor for ${exportSql(plan)}`.execute(tx);
    for (;;) {
      const { rows } = await sql<Record<string, unknown>>`fetch ${sql.lit(batch)} from muster_export`.execute(tx);
      if (rows.length > 0) yield rows;
      if (rows.length < batch) break;
    }
    failed = false;
  } finally {
    await (failed ? tx.rollback() : tx.commit()).execute();
  }
}

function exportSql(plan: Plan): Sql {
  const { listing, sort } = plan;
  const { id } = listing.spec;
  const order = sql.raw(plan.descending ? 'desc' : 'asc');
  const columns = [...plan.fields.map((field) => field.column), ...plan.used, sort.column];
  const always = [...(listing.spec.where ? [listing.spec.where] : []), ...plan.conditions];
  return sql`select ${sql.join(plan.fields.flatMap(selection))} from ${plan.from} ${joinsFor(listing, columns)}
    where ${allOf(always)} order by ${sort.column.sql ?? id} ${order}, ${id} ${order}`;
}
