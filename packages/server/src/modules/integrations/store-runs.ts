import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface RunRow {
  id: string;
  connector_id: string;
  job_id: string;
  state: 'queued' | 'running' | 'ok' | 'partly' | 'failed' | 'cancelled';
  started_by: string;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  devices: number;
  people: number;
  requests: number;
  message: string | null;
}

/** Adds a waiting run; false when the connector has an open one. */
export async function insertRun(
  tx: Tx,
  run: { id: string; connectorId: string; jobId: string; startedBy: string; at: Date },
): Promise<boolean> {
  const { rows } = await sql`insert into connector_runs (id, connector_id, job_id, state, started_by, created_at)
    values (${run.id}, ${run.connectorId}, ${run.jobId}, 'queued', ${run.startedBy}, ${run.at})
    on conflict (connector_id) where state in ('queued', 'running') do nothing returning 1`.execute(tx);
  return rows.length > 0;
}

/** Runs whose job has ended without them: cancelled before it began, or given up after a defect. */
export async function closeLostRuns(tx: Tx, now: Date): Promise<void> {
  await sql`update connector_runs r set state = case when j.state = 'cancelled' then 'cancelled' else 'failed' end, finished_at = ${now}, message = coalesce(j.error, r.message)
    from connector_runs o left join jobs j on j.id = o.job_id
    where r.id = o.id and r.state in ('queued', 'running') and (j.id is null or j.state in ('done', 'failed', 'cancelled'))`.execute(tx);
}

export async function runById(db: Db, id: string): Promise<RunRow | undefined> {
  return (await sql<RunRow>`select * from connector_runs where id = ${id}::uuid`.execute(db)).rows[0];
}

export async function latestRuns(db: Db, connectorId: string, limit: number): Promise<RunRow[]> {
  return (
    await sql<RunRow>`select * from connector_runs where connector_id = ${connectorId}::uuid order by created_at desc, id desc limit ${limit}`.execute(
      db,
    )
  ).rows;
}

/** Marks the run as running, with a cell for each scope; those that exist already keep their checkpoint. */
export async function beginRun(tx: Tx, run: RunRow, scopes: readonly string[], now: Date): Promise<void> {
  await sql`update connector_runs set state = 'running', started_at = coalesce(started_at, ${now}) where id = ${run.id}::uuid and state in ('queued', 'running')`.execute(
    tx,
  );
  await sql`insert into connector_cells (run_id, scope, connector_id, ordinal)
    select ${run.id}::uuid, s, ${run.connector_id}::uuid, n from unnest(${scopes}::text[]) with ordinality as t (s, n) on conflict do nothing`.execute(
    tx,
  );
}

export interface RunCell {
  scope: string;
  result: 'ok' | 'denied' | 'throttled' | 'timed_out' | 'failed' | 'cancelled' | null;
  missing_permission: string | null;
  message: string | null;
  cursor: string | null;
  pages: number;
  rows: number;
  finished_at: Date | null;
}
export async function cellsOf(db: Db, runId: string): Promise<RunCell[]> {
  return (await sql<RunCell>`select * from connector_cells where run_id = ${runId}::uuid order by ordinal`.execute(db)).rows;
}

/** What one page added, and where the next one begins. */
export async function checkpoint(
  tx: Tx,
  runId: string,
  scope: string,
  page: { cursor: string | null; rows: number; devices: number; people: number },
): Promise<void> {
  await sql`update connector_cells set cursor = ${page.cursor}, pages = pages + 1, rows = rows + ${page.rows} where run_id = ${runId}::uuid and scope = ${scope}`.execute(
    tx,
  );
  await sql`update connector_runs set devices = devices + ${page.devices}, people = people + ${page.people} where id = ${runId}::uuid`.execute(
    tx,
  );
}

export async function addRequests(tx: Tx, runId: string, requests: number): Promise<void> {
  await sql`update connector_runs set requests = requests + ${requests} where id = ${runId}::uuid`.execute(tx);
}

export async function finishCell(
  tx: Tx,
  runId: string,
  scope: string,
  end: { result: NonNullable<RunCell['result']>; missingPermission: string | null; message: string | null; at: Date },
): Promise<void> {
  await sql`update connector_cells set result = ${end.result}, missing_permission = ${end.missingPermission}, message = ${end.message}, finished_at = ${end.at}, cursor = null
    where run_id = ${runId}::uuid and scope = ${scope} and result is null`.execute(tx);
}

export async function finishRun(
  tx: Tx,
  runId: string,
  end: { state: 'ok' | 'partly' | 'failed' | 'cancelled'; message: string | null; at: Date },
): Promise<void> {
  await sql`update connector_cells set result = 'cancelled', finished_at = ${end.at}, cursor = null where run_id = ${runId}::uuid and result is null`.execute(
    tx,
  );
  await sql`update connector_runs set state = ${end.state}, message = ${end.message}, finished_at = ${end.at} where id = ${runId}::uuid`.execute(
    tx,
  );
}

/** Lines a run may write; a system that warns without end must not fill the disk. */
const MOST_LINES = 2000;

export async function appendLog(
  tx: Tx,
  runId: string,
  lines: readonly { at: Date; level: 'info' | 'warning' | 'error'; scope: string | null; message: string }[],
): Promise<void> {
  if (lines.length === 0) return;
  await sql`insert into connector_log (run_id, at, level, scope, message)
    select ${runId}::uuid, * from unnest(${lines.map((l) => l.at)}::timestamptz[], ${lines.map((l) => l.level)}::text[], ${lines.map((l) => l.scope)}::text[], ${lines.map((l) => l.message.replaceAll('\0', '').slice(0, 1000))}::text[])
    where (select count(*) from connector_log where run_id = ${runId}::uuid) < ${MOST_LINES}`.execute(tx);
}

export async function logOf(
  db: Db,
  runId: string,
): Promise<{ at: Date; level: 'info' | 'warning' | 'error'; scope: string | null; message: string }[]> {
  const { rows } = await sql<{ at: Date; level: 'info' | 'warning' | 'error'; scope: string | null; message: string }>`
    select at, level, scope, message from connector_log where run_id = ${runId}::uuid order by ordinal`.execute(db);
  return rows;
}

/** Removes finished runs from before a day, except the last complete listing of each cell. */
export async function removeOldRuns(tx: Tx, before: Date): Promise<void> {
  await sql`delete from connector_log l using connector_runs r where r.id = l.run_id and r.finished_at < ${before}`.execute(tx);
  await sql`delete from connector_cells c where c.finished_at < ${before} and exists (
    select 1 from connector_cells n where n.connector_id = c.connector_id and n.scope = c.scope and n.result = 'ok' and n.finished_at > c.finished_at)`.execute(
    tx,
  );
  await sql`delete from connector_runs r where r.finished_at < ${before} and not exists (select 1 from connector_cells c where c.run_id = r.id)`.execute(
    tx,
  );
}
