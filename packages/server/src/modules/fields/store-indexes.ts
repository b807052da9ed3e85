import type { CustomField } from '@muster/api/custom-fields';
import { sql } from 'kysely';
import type { CustomTable } from '../../platform/db/custom-values.ts';
import type { Db } from '../../platform/db/types.ts';
import type { Sql } from '../../platform/listing/index.ts';
import { expressionOf } from './store-listing.ts';

const nameOf = (id: string, part: string): string => `custom_${id.replaceAll('-', '')}${part}`;
const custom = sql`custom`;

/** What is indexed: the value with the id, in which order pages are read; a text also without case, as filters compare it. */
function indexesOf(field: CustomField): { name: string; on: Sql }[] {
  const value = expressionOf(field, custom);
  const sorted = { name: nameOf(field.id, ''), on: sql`(${value}, id)` };
  if (field.type === 'encrypted') return [];
  if (field.type === 'multi_choice') return [{ ...sorted, on: sql`using gin ((${value}))` }];
  return field.type === 'text' || field.type === 'url'
    ? [sorted, { name: nameOf(field.id, '_lower'), on: sql`(lower(${value}), id)` }]
    : [sorted];
}

/** Removes the indexes of a field, also half-built ones. Not in a transaction: they go without stopping writers. */
export async function dropIndexes(db: Db, field: CustomField): Promise<void> {
  for (const part of ['', '_lower']) await sql`drop index concurrently if exists ${sql.table(nameOf(field.id, part))}`.execute(db);
}

/** Builds the indexes of a field beside the writers, and the statistics that make the planner use them. */
export async function buildIndexes(db: Db, table: CustomTable, field: CustomField): Promise<void> {
  const where = table === 'assets' ? sql`where redirected_to is null` : sql``;
  for (const { name, on } of indexesOf(field))
    await sql`create index concurrently ${sql.id(name)} on ${sql.table(table)} ${on} ${where}`.execute(db);
  await sql`analyze ${sql.table(table)}`.execute(db);
}
