import type { ImportAction, ImportOutcome } from '@muster/api/imports';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { ImportChange, RowError } from '../../platform/importing/importable.ts';
import type { ComparedRow } from './compare.ts';

export interface StoredRow {
  no: number;
  action: ImportAction;
  record_id: string | null;
  label: string;
  match_key: string | null;
  changes: ImportChange[];
  errors: RowError[];
  outcome: ImportOutcome | null;
  before: unknown;
  applied_at: Date | null;
}

/** An earlier comparison of the file is forgotten. */
export async function clearRows(tx: Tx, importId: string): Promise<void> {
  await sql`delete from import_rows where import_id = ${importId}`.execute(tx);
}

export async function insertRows(tx: Tx, importId: string, rows: readonly ComparedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({
    n: r.no,
    a: r.action,
    r: r.recordId,
    l: r.label.slice(0, 300),
    k: r.matchKey,
    c: r.changes,
    e: r.errors,
  }));
  await sql`insert into import_rows (import_id, no, action, record_id, label, match_key, changes, errors)
    select ${importId}, n, a, r, l, k, c, e from jsonb_to_recordset(${JSON.stringify(data)}::jsonb)
      as x (n integer, a text, r uuid, l text, k text, c jsonb, e jsonb)`.execute(tx);
}

/** Rows that mean one record, or would make one twice, contradict each other: each says which the others are. */
export async function markTwins(tx: Tx, importId: string): Promise<void> {
  const twins = (key: ReturnType<typeof sql>, sentence: string): Promise<unknown> =>
    sql`update import_rows r set action = 'conflict',
        errors = r.errors || jsonb_build_array(jsonb_build_object('field', '', 'code', 'twice', 'message', ${sentence}::text || array_to_string(t.nos, ', ') || '.'))
      from (select ${key} as key, (array_agg(no order by no))[1:20] as nos from import_rows
        where import_id = ${importId} and ${key} is not null group by 1 having count(*) > 1) t
      where r.import_id = ${importId} and ${sql`r.`}${key} = t.key and r.action in ('create', 'update', 'unchanged')`.execute(tx);
  await twins(sql.raw('record_id'), 'Several rows mean this record: rows ');
  await twins(sql.raw('match_key'), 'Several rows would make the same record: rows ');
}

const columns = sql.raw('no, action, record_id, label, match_key, changes, errors, outcome, before, applied_at');

export async function rowsPage(
  db: Db,
  importId: string,
  page: { after: number; limit: number; action?: ImportAction | undefined; outcome?: ImportOutcome | undefined },
): Promise<StoredRow[]> {
  return (
    await sql<StoredRow>`select ${columns} from import_rows where import_id = ${importId} and no > ${page.after}
      ${page.action ? sql`and action = ${page.action}` : sql``} ${page.outcome ? sql`and outcome = ${page.outcome}` : sql``}
      order by no limit ${page.limit}`.execute(db)
  ).rows;
}

/** The next rows that are to be applied, locked. A row that was applied before a crash is not among them. */
export async function rowsToApply(tx: Tx, importId: string, after: number, limit: number): Promise<StoredRow[]> {
  return (
    await sql<StoredRow>`select ${columns} from import_rows where import_id = ${importId} and no > ${after} and outcome is null
      and action in ('create', 'update') order by no limit ${limit} for update`.execute(tx)
  ).rows;
}

/** The last applied rows that are not undone yet, locked: an undo goes back the way it came. */
export async function rowsToUndo(tx: Tx, importId: string, limit: number): Promise<StoredRow[]> {
  return (
    await sql<StoredRow>`select ${columns} from import_rows where import_id = ${importId} and outcome = 'applied'
      order by no desc limit ${limit} for update`.execute(tx)
  ).rows;
}

export interface RowOutcome {
  no: number;
  outcome: ImportOutcome;
  recordId: string | null;
  before: unknown;
  errors: readonly RowError[];
  /** When they became more exact while they were applied: what was made by name now has an id. */
  changes?: readonly ImportChange[];
}

export async function writeOutcomes(tx: Tx, importId: string, rows: readonly RowOutcome[], appliedAt: Date | null): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({ n: r.no, o: r.outcome, r: r.recordId, b: r.before ?? null, e: r.errors, c: r.changes ?? null }));
  await sql`update import_rows r set outcome = x.o, record_id = coalesce(x.r, r.record_id), before = coalesce(nullif(x.b, 'null'::jsonb), r.before),
      errors = r.errors || x.e, changes = coalesce(nullif(x.c, 'null'::jsonb), r.changes), applied_at = coalesce(${appliedAt}, r.applied_at)
    from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as x (n integer, o text, r uuid, b jsonb, e jsonb, c jsonb)
    where r.import_id = ${importId} and r.no = x.n`.execute(tx);
}

export async function noteMade(tx: Tx, importId: string, resource: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`insert into import_made (import_id, resource, record_id) select ${importId}, ${resource}, id from unnest(${ids}::uuid[]) as x (id)
    on conflict do nothing`.execute(tx);
}

export async function madeBy(db: Db, importId: string): Promise<{ resource: string; record_id: string }[]> {
  return (
    await sql<{
      resource: string;
      record_id: string;
    }>`select resource, record_id from import_made where import_id = ${importId} order by record_id desc`.execute(db)
  ).rows;
}

export async function forgetMade(tx: Tx, importId: string, ids: readonly string[]): Promise<void> {
  await sql`delete from import_made where import_id = ${importId} and record_id = any(${ids}::uuid[])`.execute(tx);
}

/** Rows with an error, a conflict or a failure, in the order of the file. */
export async function badRows(db: Db, importId: string, after: number, limit: number): Promise<{ no: number; errors: RowError[] }[]> {
  return (
    await sql<{ no: number; errors: RowError[] }>`select no, errors from import_rows where import_id = ${importId} and no > ${after}
      and (action in ('error', 'conflict') or outcome in ('failed', 'kept')) order by no limit ${limit}`.execute(db)
  ).rows;
}
