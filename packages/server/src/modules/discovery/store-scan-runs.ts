import type { ScanProgress } from '@muster/api/collector';
import { scanRunResource, type ScanLogLine, type ScanRunState } from '@muster/api/scans';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const scanRunListing = defineListing(scanRunResource, {
  from: sql`scan_runs r join scan_ranges s on s.id = r.range_id`,
  id: sql`r.id`,
  columns: {
    id: { sql: sql`r.id` },
    range: { sql: sql`s.name`, ref: sql`r.range_id` },
    state: { sql: sql`r.state` },
    requestedAt: { sql: sql`r.requested_at` },
    requestedBy: { sql: sql`r.requested_by` },
    startedAt: { sql: sql`r.started_at` },
    finishedAt: { sql: sql`r.finished_at` },
    total: { sql: sql`r.total` },
    probed: { sql: sql`r.probed` },
    up: { sql: sql`r.up` },
    walked: { sql: sql`r.walked` },
    results: { sql: sql`r.results` },
    message: { sql: sql`r.message` },
  },
  search: sql`lower(s.name)`,
});

export interface RunRow {
  id: string;
  range_id: string;
  range_name: string;
  collector_id: string | null;
  state: ScanRunState;
  requested_at: Date;
  requested_by: string;
  started_at: Date | null;
  last_heard_at: Date | null;
  finished_at: Date | null;
  total: number | null;
  probed: number;
  up: number;
  walked: number;
  results: number;
  message: string | null;
}

export async function insertRun(tx: Tx, id: string, rangeId: string, requestedBy: string, now: Date): Promise<void> {
  await sql`insert into scan_runs (id, range_id, requested_at, requested_by) values (${id}, ${rangeId}, ${now}, ${requestedBy})`.execute(
    tx,
  );
}

export async function runById(db: Db, id: string): Promise<RunRow | undefined> {
  const { rows } =
    await sql<RunRow>`select r.*, s.name as range_name, s.collector_id from scan_runs r join scan_ranges s on s.id = r.range_id where r.id = ${id}::uuid`.execute(
      db,
    );
  return rows[0];
}

/** The run, held until the transaction ends: its messages are written one after the other. */
export async function lockRun(tx: Tx, id: string): Promise<RunRow | undefined> {
  await sql`select 1 from scan_runs where id = ${id}::uuid for update`.execute(tx);
  return runById(tx, id);
}

/** Open runs of the collector's networks; those that wait begin now. Only of networks that may be scanned. */
export async function takeRuns(tx: Tx, collectorId: string, now: Date): Promise<{ id: string; range_id: string }[]> {
  const { rows } = await sql<{
    id: string;
    range_id: string;
  }>`update scan_runs r set state = 'running', started_at = coalesce(r.started_at, ${now}), last_heard_at = ${now}
    from (select o.id from scan_runs o join scan_ranges s on s.id = o.range_id
      where s.collector_id = ${collectorId}::uuid and o.state in ('queued', 'running') order by o.requested_at limit 20 for update of o) w
    where r.id = w.id returning r.id, r.range_id`.execute(tx);
  return rows;
}

/** Only ever forward: a message that was delayed takes nothing back. */
export async function noteProgress(tx: Tx, id: string, progress: ScanProgress, now: Date): Promise<void> {
  await sql`update scan_runs set total = ${progress.total}, probed = greatest(probed, ${progress.probed}), up = greatest(up, ${progress.up}),
    walked = greatest(walked, ${progress.walked}), last_heard_at = ${now} where id = ${id}::uuid`.execute(tx);
}

export async function appendLog(tx: Tx, id: string, lines: readonly ScanLogLine[]): Promise<void> {
  if (lines.length === 0) return;
  await sql`insert into scan_run_log (run_id, seq, at, level, message)
    values ${sql.join(lines.map((l) => sql`(${id}::uuid, ${l.seq}, ${l.at}::timestamptz, ${l.level}, ${l.message})`))} on conflict do nothing`.execute(
    tx,
  );
}

/** Ends an open run; false when it has ended already. */
export async function endRun(tx: Tx, id: string, state: ScanRunState, message: string | null, now: Date): Promise<boolean> {
  const { rows } = await sql`update scan_runs set state = ${state}, message = ${message}, finished_at = ${now}
    where id = ${id}::uuid and state in ('queued', 'running') returning 1`.execute(tx);
  return rows.length > 0;
}

export interface ResultRow {
  address: string;
  report_id: string;
  name: string | null;
  value_count: number;
  missing_count: number;
}

export async function resultOf(tx: Tx, runId: string, address: string): Promise<string | null> {
  const { rows } = await sql<{
    report_id: string;
  }>`select report_id from scan_results where run_id = ${runId}::uuid and address = ${address}`.execute(tx);
  return rows[0]?.report_id ?? null;
}

export async function insertResult(tx: Tx, runId: string, result: ResultRow, now: Date): Promise<void> {
  await sql`insert into scan_results (run_id, address, report_id, name, value_count, missing_count)
    values (${runId}::uuid, ${result.address}, ${result.report_id}::uuid, ${result.name}, ${result.value_count}, ${result.missing_count})`.execute(
    tx,
  );
  await sql`update scan_runs set results = results + 1, last_heard_at = ${now} where id = ${runId}::uuid`.execute(tx);
}

export async function resultsOf(db: Db, runId: string): Promise<ResultRow[]> {
  const { rows } =
    await sql<ResultRow>`select address, report_id, name, value_count, missing_count from scan_results where run_id = ${runId}::uuid
    order by address::inet limit 500`.execute(db);
  return rows;
}

export async function logOf(db: Db, runId: string): Promise<(Omit<ScanLogLine, 'at'> & { at: Date })[]> {
  const { rows } = await sql<Omit<ScanLogLine, 'at'> & { at: Date }>`select * from (select seq, at, level, message from scan_run_log
    where run_id = ${runId}::uuid order by seq desc limit 200) n order by seq`.execute(db);
  return rows;
}

/** Runs that nobody has worked on since then. */
export async function failSilentRuns(tx: Tx, since: Date, now: Date, message: string): Promise<number> {
  const { numAffectedRows } = await sql`update scan_runs set state = 'failed', finished_at = ${now}, message = ${message}
    where state = 'running' and last_heard_at < ${since}`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/** The runs behind the newest hundred of each network go, with their logs; the reports stay. */
export async function pruneRuns(tx: Tx): Promise<void> {
  await sql`delete from scan_runs where id in (select id from (select id, state, row_number() over (partition by range_id order by requested_at desc) as n from scan_runs) a
    where n > 100 and state not in ('queued', 'running') limit 500)`.execute(tx);
}
