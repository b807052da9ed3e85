import { type FieldError, Problem } from '@muster/api/errors';
import type { PlannedTransition } from '@muster/api/planned-transitions';
import { type Inputs, inputBlocks } from '@muster/core/lifecycle';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { actorById } from '../access/index.ts';
import { loadMachine } from './lifecycle-machine.ts';
import { checkInputs, moveAsset } from './lifecycle-move.ts';
import { mustFindAsset } from './reach.ts';
import { recordEvents } from './store-ingest.ts';
import { duePlanned, endPlanned, insertPlanned, plannedById, type PlannedRow, takePlanned } from './store-planned.ts';

/** Looked at in one go of the clock; the rest comes with the next. */
const atOnce = 2_000;

/**
 * Plans a transition for a day. That it is possible is judged on that day; that its form is filled is checked now, as nobody is asked then.
 * @throws Problem not_found; validation_failed with every bad field; conflict when it is planned already.
 */
export async function planTransition(
  tx: Tx,
  actor: Actor,
  assetId: string,
  wanted: { transition: string; dueOn: string; reason?: string | undefined; inputs: Inputs },
  now: Date,
): Promise<string> {
  const { byKey } = await loadMachine(tx);
  const transition = byKey.get(wanted.transition);
  const inputs: Inputs = { ...wanted.inputs, ...(wanted.reason ? { reason: wanted.reason } : {}) };
  const errors: FieldError[] = [];
  if (!transition || transition.retired)
    errors.push({ field: 'transition', code: 'unknown', message: 'There is no transition in use with this key.' });
  if (wanted.dueOn < dayOf(now)) errors.push({ field: 'dueOn', code: 'past', message: 'This day is over. Plan it for today or later.' });
  for (const b of transition ? inputBlocks(transition, inputs) : [])
    errors.push({ field: b.field === 'reason' ? 'reason' : `inputs.${b.field}`, code: b.code, message: b.reason });
  if (!transition || errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
  await checkInputs(tx, inputs);
  const id = newId(now.getTime());
  const row = { asset_id: assetId, id, transition: transition.key, label: transition.label, due_on: wanted.dueOn, inputs };
  if (!(await insertPlanned(tx, row, actor, now)))
    throw new Problem('conflict', `“${transition.label}” is planned for this asset already.`);
  await tell(tx, actor, row, 'transition_planned', now);
  await audit(tx, actor, {
    action: 'transition.planned',
    resource: 'planned-transitions',
    resourceId: id,
    summary: `Planned “${transition.label}” for ${wanted.dueOn}`,
    after: { assetId, transition: transition.key, dueOn: wanted.dueOn, inputs },
  });
  return id;
}

/** @throws Problem not_found, also for one of an asset that the actor may not read */
export async function readPlanned(
  db: Db,
  actor: Actor,
  id: string,
  permission: 'assets:read' | 'assets:write',
): Promise<PlannedTransition> {
  const row = await mustFindPlanned(db, actor, id, permission);
  const { reason = null, ...inputs } = row.inputs;
  return {
    id: row.id,
    asset: { id: row.asset_id, label: row.asset_label },
    transition: row.transition,
    label: row.label,
    dueOn: row.due_on,
    state: row.state,
    reason,
    inputs,
    plannedBy: row.planned_by,
    plannedAt: row.planned_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
    problem: row.problem,
  };
}

async function mustFindPlanned(db: Db, actor: Actor, id: string, permission: 'assets:read' | 'assets:write'): Promise<PlannedRow> {
  const row = await plannedById(db, id);
  if (!row) throw new Problem('not_found', 'There is no planned transition with this id.');
  await mustFindAsset(db, row.asset_id, actor, permission);
  return row;
}

/** @throws Problem not_found; conflict when it was made, failed or was cancelled already. */
export async function cancelPlanned(tx: Tx, actor: Actor, id: string, now: Date): Promise<void> {
  const row = await mustFindPlanned(tx, actor, id, 'assets:write');
  if (!(await endPlanned(tx, row, { state: 'cancelled', problem: null, now })))
    throw new Problem('conflict', 'It is not planned any more.');
  await tell(tx, actor, row, 'planned_transition_cancelled', now);
  await audit(tx, actor, {
    action: 'planned_transition.cancelled',
    resource: 'planned-transitions',
    resourceId: id,
    summary: `Cancelled “${row.label}” planned for ${row.due_on}`,
    before: { state: 'planned' },
    after: { state: 'cancelled' },
  });
}

/** Every few minutes: what is due today or was due before, each in a transaction of its own. */
export const runPlannedJob: JobKind<unknown> = {
  kind: 'assets.run-planned-transitions',
  cron: '*/10 * * * *',
  quiet: true,
  handler: async ({ platform, signal }) => {
    const due = await duePlanned(platform.db, dayOf(platform.now()), atOnce);
    let failed = 0;
    for (const { asset_id, id } of due) {
      if (signal.aborted) break;
      if (!(await runOne(platform, asset_id, id))) failed += 1;
    }
    return { due: due.length, failed };
  },
};

/** Makes one, or keeps why it could not be made. Answers whether nothing went wrong. */
async function runOne(platform: Platform, assetId: string, id: string): Promise<boolean> {
  const now = platform.now();
  try {
    await inTx(platform.db, async (tx) => {
      const row = await takePlanned(tx, assetId, id);
      if (row) await make(tx, row, now);
    });
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await inTx(platform.db, (tx) => keepFailure(tx, assetId, id, sayProblem(error), now));
    return false;
  }
}

async function make(tx: Tx, row: PlannedRow, now: Date): Promise<void> {
  const actor = await actorById(tx, row.actor_kind, row.actor_id, now);
  if (!actor) throw new Problem('forbidden', `${row.planned_by} may no longer sign in.`);
  try {
    await moveAsset(tx, actor, row.asset_id, { wanted: { transition: row.transition }, inputs: row.inputs }, now);
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found')
      throw new Problem('forbidden', `${row.planned_by} may no longer change this asset.`, { cause: error });
    throw error;
  }
  await endPlanned(tx, row, { state: 'done', problem: null, now });
}

async function keepFailure(tx: Tx, assetId: string, id: string, problem: string, now: Date): Promise<void> {
  const row = await takePlanned(tx, assetId, id);
  if (!row) return;
  const actor: Actor = { kind: row.actor_kind, id: row.actor_id, label: row.planned_by, userId: null, personId: null, grants: [] };
  await endPlanned(tx, row, { state: 'failed', problem, now });
  await tell(tx, actor, { ...row, problem }, 'planned_transition_failed', now);
  await audit(tx, actor, {
    action: 'planned_transition.failed',
    resource: 'planned-transitions',
    resourceId: id,
    summary: `“${row.label}” planned for ${row.due_on} was not made: ${problem}`,
    before: { state: 'planned' },
    after: { state: 'failed', problem },
  });
}

const sayProblem = (error: Problem): string =>
  error.code === 'validation_failed' ? (error.errors ?? []).map((e) => e.message).join(' ') : error.message;

async function tell(
  tx: Tx,
  actor: Actor,
  row: Pick<PlannedRow, 'asset_id' | 'label' | 'due_on' | 'transition'> & { problem?: string | null },
  kind: string,
  now: Date,
): Promise<void> {
  const data = { transition: row.transition, label: row.label, dueOn: row.due_on, ...(row.problem ? { problem: row.problem } : {}) };
  await recordEvents(tx, [{ assetId: row.asset_id, at: now, kind, source: 'manual', actor: actor.label, data }]);
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
