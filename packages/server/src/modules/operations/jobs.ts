import type { Job } from '@muster/api/jobs';
import { Problem } from '@muster/api/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { holdsEverywhere } from '../../platform/http/routes.ts';
import { eventStream } from '../../platform/http/streams.ts';
import { jobById, type JobRow } from './store.ts';

/** How often an open event stream looks at its job. */
const LOOK_MS = 300;

function present(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    done: row.done,
    total: row.total,
    message: row.message,
    result: row.result ?? null,
    error: row.error,
    cancelRequested: row.cancel_requested,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

/** One job. Whoever holds `jobs:read` for a part of the organisation only sees the jobs they started. */
export async function readJob(db: Db, actor: Actor, id: string): Promise<Job> {
  const row = await jobById(db, id);
  if (!row || !(holdsEverywhere(actor, 'jobs:read') || row.created_by === actor.label))
    throw new Problem('not_found', 'There is no such job.');
  return present(row);
}

export async function cancelJob(platform: Platform, actor: Actor, id: string): Promise<Job> {
  return inTx(platform.db, async (tx) => {
    await readJob(tx, actor, id);
    await platform.jobs.cancel(tx, id);
    const job = await readJob(tx, actor, id);
    await audit(tx, actor, { action: 'job.cancelled', resource: 'jobs', resourceId: id, summary: `Job “${job.title}” was cancelled` });
    return job;
  });
}

/** Sends the job at once and at each change, until it has ended or the reader is gone. */
export async function streamJob(db: Db, actor: Actor, id: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  let job = await readJob(db, actor, id);
  const stream = eventStream(request, reply);
  let sent = '';
  try {
    for (;;) {
      const text = JSON.stringify(job);
      if (text !== sent && !stream.send('job', job)) return;
      sent = text;
      if (job.finishedAt !== null) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      if (stream.signal.aborted) return;
      const row = await jobById(db, id);
      // A quiet job's row goes when it is done.
      if (!row) return;
      job = present(row);
    }
  } catch (error) {
    // The headers are out, so no problem document can be sent: the reader connects again and gets one.
    request.log.warn({ err: error }, 'A job’s event stream broke off');
  } finally {
    stream.end();
  }
}
