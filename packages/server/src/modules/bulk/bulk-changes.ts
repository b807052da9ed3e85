import type { BulkChange, BulkChangeCreate, BulkItem, BulkOutcome, BulkState } from '@muster/api/bulk-changes';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { type BulkOperation, bulkOperation, bulkOperationKeys } from './operations.ts';
import { applyKind, judgeBatch, previewKind, undoKind } from './jobs.ts';
import {
  type BulkRow,
  countsOf,
  findBulk,
  insertBulk,
  itemsOf,
  lockBulk,
  nextItems,
  type ReasonCount,
  selectItems,
  setPhase,
} from './store.ts';

/** Up to here a preview is made while the caller waits. */
const atOnce = 500;

/**
 * Fixes which assets are meant and judges each; a large selection is judged by a job. Nothing is changed. Answers its id.
 * @throws Problem validation_failed for an unknown operation or parameters that do not fit it; bad_filter
 */
export async function previewBulk(platform: Platform, actor: Actor, input: BulkChangeCreate): Promise<string> {
  const operation = bulkOperation(input.operation);
  if (!operation)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'operation', code: 'unknown', message: 'There is no operation by this name.', suggestions: bulkOperationKeys() }],
    });
  const parameters = readParameters(operation, input.parameters);
  const now = platform.now();
  const id = newId(now.getTime());
  const { selection } = input;
  await inTx(platform.db, async (tx) => {
    await operation.check(tx, actor, parameters);
    const kept = 'ids' in selection ? { ids: selection.ids.length } : { q: selection.q || null, filter: selection.filter || null };
    await insertBulk(tx, { id, operation: operation.key, parameters: input.parameters, selection: kept }, actor, now);
    const what = 'ids' in selection ? selection : { q: selection.q, filter: selection.filter || undefined };
    const selected = await selectItems(tx, id, what, actor, now);
    if (selected <= atOnce) {
      const items = await nextItems(tx, id, 'selected', { after: 0, limit: atOnce });
      const ids = items.map((i) => i.id);
      const samples = await judgeBatch(tx, actor, { id, operation, parameters }, ids, now);
      await setPhase(tx, id, 'ready', { samples });
    } else {
      const jobId = await platform.jobs.enqueue(
        tx,
        previewKind,
        { id },
        { title: `Preview: ${operation.label}, ${selected} assets`, actor },
      );
      await setPhase(tx, id, 'preview', { jobId, acting: actor });
    }
    await audit(tx, actor, {
      action: 'bulk_change.previewed',
      resource: 'bulk-changes',
      resourceId: id,
      summary: `Previewed “${operation.label}” for ${selected} assets`,
      after: { operation: operation.key, parameters: input.parameters, selection: kept },
    });
  });
  return id;
}

/** @throws Problem validation_failed with the fields as `parameters.…` */
export function readParameters(operation: BulkOperation<unknown>, given: unknown): unknown {
  const read = operation.parameters.safeParse(given);
  if (read.success) return read.data;
  const errors = read.error.issues.map((i) => ({ field: ['parameters', ...i.path].join('.'), code: i.code, message: i.message }));
  throw new Problem('validation_failed', undefined, { errors });
}

/** Starts the job that changes what was previewed, or goes on with one that stopped. @throws Problem not_found, conflict */
export async function applyBulk(platform: Platform, actor: Actor, id: string): Promise<void> {
  await inTx(platform.db, async (tx) => {
    const row = await take(tx, actor, id);
    const going = row.phase === 'apply' && stateOf(row) === 'stopped';
    if (row.phase !== 'ready' && !going) throw new Problem('conflict', whyNot(row, 'applied'));
    await start(platform, tx, actor, row, 'apply');
  });
}

/** Starts the job that takes back what was applied. @throws Problem not_found, conflict */
export async function undoBulk(platform: Platform, actor: Actor, id: string): Promise<void> {
  await inTx(platform.db, async (tx) => {
    const row = await take(tx, actor, id);
    if (!mayUndo(row)) throw new Problem('conflict', whyNot(row, 'undone'));
    await start(platform, tx, actor, row, 'undo');
  });
}

/** Cancels the job of the phase. @throws Problem not_found; conflict when none runs */
export async function stopBulk(platform: Platform, actor: Actor, id: string): Promise<void> {
  await inTx(platform.db, async (tx) => {
    const row = await take(tx, actor, id);
    if (row.job_id === null || !['queued', 'running'].includes(row.job_state ?? '')) throw new Problem('conflict', 'No job of it runs.');
    await platform.jobs.cancel(tx, row.job_id);
    await audit(tx, actor, {
      action: 'bulk_change.stopped',
      resource: 'bulk-changes',
      resourceId: id,
      summary: `Stopped “${labelOf(row)}”`,
    });
  });
}

async function take(tx: Tx, actor: Actor, id: string): Promise<BulkRow> {
  await lockBulk(tx, id);
  return mustFind(tx, actor, id);
}

async function start(platform: Platform, tx: Tx, actor: Actor, row: BulkRow, phase: 'apply' | 'undo'): Promise<void> {
  const title = `${phase === 'undo' ? 'Undo' : 'Apply'}: ${labelOf(row)}`;
  const jobId = await platform.jobs.enqueue(tx, phase === 'apply' ? applyKind : undoKind, { id: row.id }, { title, actor });
  await setPhase(tx, row.id, phase, { jobId, acting: actor });
}

const whyNot = (row: BulkRow, what: string): string => `It is ${stateOf(row)}, so it cannot be ${what} now.`;

async function mustFind(db: Db, actor: Actor, id: string): Promise<BulkRow> {
  const row = await findBulk(db, actor, id);
  if (!row) throw new Problem('not_found', 'There is no bulk change with this id.');
  return row;
}

const labelOf = (row: BulkRow): string => bulkOperation(row.operation)?.label ?? row.operation;

function stateOf(row: BulkRow): BulkState {
  const running = { preview: 'previewing', apply: 'applying', undo: 'undoing' } as const;
  if (row.phase !== 'preview' && row.phase !== 'apply' && row.phase !== 'undo') return row.phase;
  return row.job_state === 'failed' || row.job_state === 'cancelled' || (row.job_id !== null && row.job_state === null)
    ? 'stopped'
    : running[row.phase];
}

const mayUndo = (row: BulkRow): boolean =>
  row.phase === 'applied' || ((row.phase === 'apply' || row.phase === 'undo') && stateOf(row) === 'stopped');

const refusals: readonly BulkOutcome[] = ['blocked', 'failed', 'not_undone'];

/** @throws Problem not_found, also for one that another person started, unless the actor's rights hold everywhere */
export async function readBulk(db: Db, actor: Actor, id: string): Promise<BulkChange> {
  const row = await mustFind(db, actor, id);
  const counts = await countsOf(db, id);
  const total = (of: readonly ReasonCount[]): number => of.reduce((sum, c) => sum + c.count, 0);
  const state = stateOf(row);
  return {
    id: row.id,
    operation: row.operation,
    label: labelOf(row),
    parameters: row.parameters,
    query: 'ids' in row.selection ? null : row.selection,
    state,
    jobId: row.job_id,
    counts: Object.fromEntries([...Map.groupBy(counts, (c) => c.outcome)].map(([outcome, of]) => [outcome, total(of)])),
    assets: total(counts),
    reasons: counts
      .filter((c) => refusals.includes(c.outcome))
      .slice(0, 100)
      .map((c) => ({ outcome: c.outcome, code: c.code ?? 'other', reason: c.reason ?? '', count: c.count })),
    samples: row.samples,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    appliedAt: row.applied_at?.toISOString() ?? null,
    undoneAt: row.undone_at?.toISOString() ?? null,
    mayApply: state === 'ready' || (row.phase === 'apply' && state === 'stopped'),
    mayUndo: mayUndo(row),
  };
}

/** A page of its assets, by their place. @throws Problem not_found */
export async function readItems(
  db: Db,
  actor: Actor,
  id: string,
  query: { outcome?: BulkOutcome | undefined; code?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ items: BulkItem[]; nextCursor: string | null }> {
  await mustFind(db, actor, id);
  const page = { outcome: query.outcome ?? null, code: query.code ?? null, after: Number(query.cursor ?? 0), limit: query.limit + 1 };
  const rows = await itemsOf(db, id, page);
  const shown = rows.slice(0, query.limit);
  return {
    items: shown.map((r) => ({ asset: { id: r.id, label: r.label }, outcome: r.outcome, code: r.code, reason: r.reason })),
    nextCursor: rows.length > query.limit ? String(shown.at(-1)?.no) : null,
  };
}
