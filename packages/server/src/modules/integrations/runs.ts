import { connectorKind, type ConnectorRun, type ConnectorRunDetail } from '@muster/api/connectors';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import { type Actor, type Platform, systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { mustFind } from './connectors.ts';
import { type ConnectorRow, dueConnectors, setNextRun } from './store.ts';
import { cellsOf, closeLostRuns, insertRun, latestRuns, logOf, removeOldRuns, runById, type RunRow } from './store-runs.ts';

const DAY_MS = 86_400_000;
const KEEP_DAYS = 90;
const MOST_RUNS = 50;
const AT_ONCE = 20;

/** Starts a run now. Problem `conflict` while one is under way. */
export async function startRun(platform: Platform, actor: Actor, connectorId: string): Promise<{ jobId: string; runId: string }> {
  return inTx(platform.db, async (tx) => {
    const connector = await mustFind(tx, connectorId);
    await closeLostRuns(tx, platform.now());
    const started = await queueRun(platform, tx, actor, connector);
    if (started === null) throw new Problem('conflict', 'A run of this connector is under way.');
    await audit(tx, actor, {
      action: 'connector.started',
      resource: 'connectors',
      resourceId: connectorId,
      summary: `Started the connector ${connector.name}`,
      after: started,
    });
    return started;
  });
}

async function queueRun(
  platform: Platform,
  tx: Tx,
  actor: Actor,
  connector: ConnectorRow,
): Promise<{ jobId: string; runId: string } | null> {
  const runId = newId();
  const jobId = newId();
  const run = { id: runId, connectorId: connector.id, jobId, startedBy: actor.label, at: platform.now() };
  if (!(await insertRun(tx, run))) return null;
  await platform.jobs.enqueue(tx, 'integrations.run', { runId }, { title: `Connector ${connector.name}`, actor, id: jobId });
  return { jobId, runId };
}

/** Each minute: connectors whose time has come. One whose last run is not over yet waits for its next turn. */
export const scheduleJob: JobKind<unknown> = {
  kind: 'integrations.schedule',
  cron: '* * * * *',
  quiet: true,
  handler: async ({ platform }) => {
    await startDue(platform);
  },
};

/** Queues a run for every connector that is due; returns how many. */
export async function startDue(platform: Platform): Promise<number> {
  return inTx(platform.db, async (tx) => {
    const now = platform.now();
    await closeLostRuns(tx, now);
    let started = 0;
    for (const connector of await dueConnectors(tx, now, AT_ONCE)) {
      if ((await queueRun(platform, tx, systemActor, connector)) !== null) started++;
      await setNextRun(
        tx,
        connector.id,
        connector.every_minutes === null ? null : new Date(now.getTime() + connector.every_minutes * 60_000),
      );
    }
    return started;
  });
}

export const cleanUpJob: JobKind<unknown> = {
  kind: 'integrations.clean-up',
  cron: '27 3 * * *',
  quiet: true,
  handler: async ({ platform }) => {
    await inTx(platform.db, (tx) => removeOldRuns(tx, new Date(platform.now().getTime() - KEEP_DAYS * DAY_MS)));
  },
};

const present = (row: RunRow): ConnectorRun => ({
  id: row.id,
  jobId: row.job_id,
  state: row.state,
  startedBy: row.started_by,
  createdAt: row.created_at.toISOString(),
  startedAt: row.started_at?.toISOString() ?? null,
  finishedAt: row.finished_at?.toISOString() ?? null,
  devices: row.devices,
  people: row.people,
  requests: row.requests,
  message: row.message,
});

/** The latest runs, the newest first. */
export async function readRuns(db: Db, connectorId: string): Promise<{ items: ConnectorRun[] }> {
  await mustFind(db, connectorId);
  return { items: (await latestRuns(db, connectorId, MOST_RUNS)).map(present) };
}

export async function readRun(db: Db, connectorId: string, runId: string): Promise<ConnectorRunDetail> {
  const connector = await mustFind(db, connectorId);
  const run = await runById(db, runId);
  if (!run || run.connector_id !== connectorId) throw new Problem('not_found', 'This connector has no such run.');
  const labels = new Map(connectorKind(connector.kind).scopes.map((s) => [s.key, s.label]));
  return {
    ...present(run),
    cells: (await cellsOf(db, runId)).map((c) => ({
      scope: c.scope,
      label: labels.get(c.scope) ?? c.scope,
      state: c.result,
      missingPermission: c.missing_permission,
      message: c.message,
      rows: c.rows,
      pages: c.pages,
      finishedAt: c.finished_at?.toISOString() ?? null,
    })),
    log: (await logOf(db, runId)).map((line) => ({ ...line, at: line.at.toISOString() })),
  };
}
