import { sql } from 'kysely';
import type { Db, Tx } from '../db/types.ts';

export interface NewJob {
  id: string;
  kind: string;
  title: string;
  quiet: boolean;
  createdBy: string;
  singletonKey: string | null;
}

/**
 * Inserts the job's row, or finds the waiting job of the same key; `created` says which. A found row is locked until the transaction
 * ends, so that job cannot start before this change is visible to it.
 */
export async function insertJob(tx: Tx, job: NewJob): Promise<{ id: string; created: boolean }> {
  const { rows } = await sql<{ id: string }>`
    insert into jobs (id, kind, title, quiet, created_by, singleton_key)
    values (${job.id}, ${job.kind}, ${job.title}, ${job.quiet}, ${job.createdBy}, ${job.singletonKey})
    on conflict (kind, singleton_key) where state = 'queued' and singleton_key is not null do update set title = jobs.title
    returning id`.execute(tx);
  const id = rows[0]?.id ?? job.id;
  return { id, created: id === job.id };
}

export interface StartedJob {
  cancelRequested: boolean;
  attempts: number;
  createdAt: Date;
}

/** Marks the job as running here; undefined when it is finished already, so a second delivery does nothing. A job the clock started gets its row now. */
export async function startJob(
  db: Db,
  id: string,
  worker: number,
  clockJob: { kind: string; title: string; quiet: boolean },
): Promise<StartedJob | undefined> {
  await sql`insert into jobs (id, kind, title, quiet, created_by) values (${id}, ${clockJob.kind}, ${clockJob.title}, ${clockJob.quiet}, 'Muster')
    on conflict (id) do nothing`.execute(db);
  const { rows } = await sql<{ cancel_requested: boolean; attempts: number; created_at: Date }>`
    update jobs set state = 'running', started_at = coalesce(started_at, now()), worker = ${worker}, singleton_key = null, error = null
    where id = ${id} and state in ('queued', 'running') returning cancel_requested, attempts, created_at`.execute(db);
  const row = rows[0];
  return row && { cancelRequested: row.cancel_requested, attempts: row.attempts, createdAt: row.created_at };
}

/** Writes progress; true when someone asked to cancel. */
export async function writeProgress(
  db: Db,
  id: string,
  progress: { done: number; total: number | null; message: string | null },
): Promise<boolean> {
  const { rows } = await sql<{ cancel_requested: boolean }>`
    update jobs set done = ${Math.round(progress.done)}, total = ${progress.total === null ? null : Math.round(progress.total)}, message = ${progress.message}
    where id = ${id} and state = 'running' returning cancel_requested`.execute(db);
  return rows[0]?.cancel_requested ?? false;
}

export async function finishJob(
  db: Db,
  id: string,
  outcome: { state: 'done' | 'failed' | 'cancelled'; result?: unknown; error?: string },
): Promise<void> {
  const result = outcome.result === undefined ? null : JSON.stringify(outcome.result);
  await sql`update jobs set state = ${outcome.state}, result = ${result}::jsonb, error = ${outcome.error ?? null}, finished_at = now(), worker = null
    where id = ${id} and state in ('queued', 'running')`.execute(db);
  if (outcome.state === 'done') await sql`delete from jobs where id = ${id} and quiet`.execute(db);
}

/** Puts a running job back to waiting; `failure` when the run failed by itself. */
export async function requeueJob(db: Db, id: string, failure?: string): Promise<void> {
  await sql`update jobs set state = 'queued', worker = null, attempts = attempts + ${failure === undefined ? 0 : 1}, error = ${failure ?? null}
    where id = ${id} and state = 'running'`.execute(db);
}

/** Running jobs of this worker that someone asked to cancel. */
export async function cancelRequests(db: Db, worker: number): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select id from jobs where state = 'running' and worker = ${worker} and cancel_requested`.execute(db);
  return rows.map((row) => row.id);
}

/** Asks for a job's end: a waiting one is cancelled at once. Returns its kind and what state it was in, undefined when there is no such job. */
export async function requestCancel(tx: Tx, id: string): Promise<{ kind: string; state: string } | undefined> {
  const { rows } = await sql<{ kind: string; state: string }>`select kind, state from jobs where id = ${id} for update`.execute(tx);
  const row = rows[0];
  if (row?.state === 'queued')
    await sql`update jobs set state = 'cancelled', cancel_requested = true, finished_at = now(), singleton_key = null where id = ${id}`.execute(
      tx,
    );
  if (row?.state === 'running') await sql`update jobs set cancel_requested = true where id = ${id}`.execute(tx);
  return row;
}

/** The class of the advisory locks by which worker processes show that they live. */
const PRESENCE = 712_034_502;

export async function holdPresence(db: Db, worker: number): Promise<void> {
  await sql`select pg_advisory_lock(${PRESENCE}::int, ${worker}::int)`.execute(db);
}

/** Takes the running jobs of processes that are gone (their lock is free) back to waiting. Only one caller gets each. */
export async function takeOrphans(db: Db): Promise<{ id: string; kind: string }[]> {
  const { rows } = await sql<{ id: string; kind: string }>`
    update jobs j set state = 'queued', worker = null
    where j.state = 'running' and j.worker is not null and not exists (
      select 1 from pg_locks l where l.locktype = 'advisory' and l.classid = ${PRESENCE}::int::oid and l.objid = j.worker::oid and l.objsubid = 2 and l.granted
        and l.database = (select oid from pg_database where datname = current_database()))
    returning id, kind`.execute(db);
  return rows;
}

/** Removes finished jobs older than 90 days. */
export async function removeOldJobs(db: Db): Promise<void> {
  await sql`delete from jobs where finished_at < now() - interval '90 days'`.execute(db);
}
