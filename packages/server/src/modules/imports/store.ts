import type { ImportAction, ImportCounts, ImportMapping, ImportOutcome, ImportState } from '@muster/api/imports';
import { importResource } from '@muster/api/imports';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';
import type { TextEncoding } from './read-csv.ts';

/** A job that ended without its work being done leaves the import where it can go on. */
const state = sql`case when i.state in ('planning', 'applying', 'undoing') and j.state in ('failed', 'cancelled')
  then case when i.state = 'planning' then 'uploaded' else 'stopped' end else i.state end`;
const count = (name: string) => sql`(i.counts ->> ${sql.lit(name)})::integer`;

export const importListing = defineListing(importResource, {
  from: sql`imports i`,
  id: sql`i.id`,
  joins: { job: sql`left join jobs j on j.id = i.job_id` },
  columns: {
    id: { sql: sql`i.id` },
    name: { sql: sql`i.name` },
    resource: { sql: sql`i.resource` },
    state: { sql: state, join: 'job' },
    rows: { sql: count('rows') },
    created: { sql: count('create') },
    updated: { sql: count('update') },
    bad: { sql: sql`(${count('error')} + ${count('conflict')})` },
    createdBy: { sql: sql`i.created_by` },
    createdAt: { sql: sql`i.created_at` },
    appliedAt: { sql: sql`i.applied_at` },
    undoneAt: { sql: sql`i.undone_at` },
  },
});

export interface ImportRecord {
  id: string;
  name: string;
  format: 'csv' | 'xlsx';
  encoding: TextEncoding | null;
  delimiter: string | null;
  bytes: string;
  headers: string[];
  samples: string[][];
  fingerprint: string;
  state: ImportState;
  /** As stored, for whoever changes it. */
  stored_state: string;
  resource: string | null;
  mapping: ImportMapping | null;
  mode: 'good' | 'all' | null;
  counts: ImportCounts | null;
  job_id: string | null;
  created_by: string;
  created_at: Date;
  applied_at: Date | null;
  undone_at: Date | null;
}

export async function insertImport(
  tx: Tx,
  row: Pick<
    ImportRecord,
    'id' | 'name' | 'format' | 'encoding' | 'delimiter' | 'headers' | 'samples' | 'fingerprint' | 'created_by' | 'created_at'
  > & { bytes: number },
): Promise<void> {
  await sql`insert into imports (id, name, format, encoding, delimiter, bytes, headers, samples, fingerprint, created_by, created_at)
    values (${row.id}, ${row.name}, ${row.format}, ${row.encoding}, ${row.delimiter}, ${row.bytes}, ${row.headers}::text[], ${JSON.stringify(row.samples)}::jsonb,
      ${row.fingerprint}, ${row.created_by}, ${row.created_at})`.execute(tx);
}

export async function findImport(db: Db, id: string, lock = false): Promise<ImportRecord | undefined> {
  const { rows } = await sql<ImportRecord>`select i.*, i.state as stored_state, ${state} as state
    from imports i left join jobs j on j.id = i.job_id where i.id = ${id} ${lock ? sql`for update of i` : sql``}`.execute(db);
  return rows[0];
}

export async function beginPlan(tx: Tx, id: string, jobId: string, mapping: ImportMapping): Promise<void> {
  await sql`update imports set state = 'planning', job_id = ${jobId}, resource = ${mapping.resource}, mapping = ${JSON.stringify(mapping)}::jsonb, counts = null
    where id = ${id}`.execute(tx);
}

export async function beginWork(
  tx: Tx,
  id: string,
  jobId: string,
  next: 'applying' | 'undoing',
  mode: 'good' | 'all' | null,
): Promise<void> {
  await sql`update imports set state = ${next}, job_id = ${jobId}, mode = coalesce(${mode}, mode) where id = ${id}`.execute(tx);
}

/** Ends a job's work with the counts of the rows; false when another delivery ended it. */
export async function endWork(
  tx: Tx,
  id: string,
  from: string,
  to: 'planned' | 'applied' | 'undone',
  counts: ImportCounts,
  now: Date,
): Promise<boolean> {
  const at = to === 'applied' ? sql`, applied_at = ${now}` : to === 'undone' ? sql`, undone_at = ${now}` : sql``;
  const { rows } = await sql`update imports set state = ${to}, counts = ${JSON.stringify(counts)}::jsonb ${at}
    where id = ${id} and state = ${from} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function rowCounts(db: Db, id: string): Promise<ImportCounts> {
  const { rows } = await sql<{ action: ImportAction; outcome: ImportOutcome | null; n: number }>`
    select action, outcome, count(*)::int as n from import_rows where import_id = ${id} group by action, outcome`.execute(db);
  const counts = { rows: 0, create: 0, update: 0, unchanged: 0, skip: 0, conflict: 0, error: 0, applied: 0, failed: 0, undone: 0, kept: 0 };
  for (const { action, outcome, n } of rows) {
    counts.rows += n;
    counts[action] += n;
    if (outcome) counts[outcome] += n;
  }
  return counts;
}

export async function rememberMapping(
  tx: Tx,
  fingerprint: string,
  row: { mapping: ImportMapping; fileName: string; at: Date; by: string },
): Promise<void> {
  await sql`insert into import_mappings (fingerprint, mapping, file_name, used_at, used_by)
    values (${fingerprint}, ${JSON.stringify(row.mapping)}::jsonb, ${row.fileName}, ${row.at}, ${row.by})
    on conflict (fingerprint) do update set mapping = excluded.mapping, file_name = excluded.file_name, used_at = excluded.used_at, used_by = excluded.used_by`.execute(
    tx,
  );
}

export async function rememberedMapping(db: Db, fingerprint: string): Promise<{ mapping: ImportMapping; file_name: string } | undefined> {
  return (
    await sql<{
      mapping: ImportMapping;
      file_name: string;
    }>`select mapping, file_name from import_mappings where fingerprint = ${fingerprint}`.execute(db)
  ).rows[0];
}
