import type { BulkOutcome, BulkSample } from '@muster/api/bulk-changes';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import { type Actor, type Platform, systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { JobKind, JobRun } from '../../platform/jobs/jobs.ts';
import { actorById } from '../access/index.ts';
import { lockAssetRows, reachableAssets } from '../assets/index.ts';
import { type BulkOperation, bulkOperation, type Verdict } from './operations.ts';
import {
  type BulkRow,
  countsOf,
  findBulk,
  forgetBulk,
  type ItemResult,
  lockItems,
  namesOf,
  nextItems,
  putResults,
  setPhase,
} from './store.ts';

export const previewKind = 'bulk.preview';
export const applyKind = 'bulk.apply';
export const undoKind = 'bulk.undo';

/** Assets per transaction: few enough that their locks are short, many enough that statements are few. */
const batchSize = 500;
const keptSamples = 20;

interface Work {
  readonly id: string;
  readonly operation: BulkOperation<unknown>;
  readonly parameters: unknown;
}

/** Judges selected assets and keeps what each would become. Answers samples of what would change. */
export async function judgeBatch(
  tx: Tx,
  actor: Actor,
  { id, operation, parameters }: Work,
  ids: readonly string[],
  now: Date,
): Promise<BulkSample[]> {
  if (ids.length === 0) return [];
  const verdicts = await operation.judge(tx, actor, ids, parameters, now);
  await putResults(tx, id, verdicts.map(resultOf({ change: 'will_change', unchanged: 'unchanged', blocked: 'blocked' })));
  return samplesOf(tx, verdicts);
}

const resultOf =
  (words: Record<Verdict['verdict'], BulkOutcome>, keepUndo = false) =>
  (v: Verdict): ItemResult => ({
    id: v.id,
    outcome: words[v.verdict],
    code: v.code ?? null,
    reason: v.reason ?? null,
    ...(keepUndo && v.verdict === 'change' ? { undo: v.undo } : {}),
  });

async function samplesOf(db: Db, verdicts: readonly Verdict[]): Promise<BulkSample[]> {
  const shown = verdicts.filter((v) => v.verdict === 'change' && (v.changes ?? []).length > 0).slice(0, keptSamples);
  const ids = shown.flatMap((v) => [v.id, ...(v.changes ?? []).flatMap((c) => [c.from, c.to])]);
  const names = await namesOf(
    db,
    ids.filter((v): v is string => typeof v === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(v)),
  );
  const named = (v: string | number | null): string | number | null => (typeof v === 'string' ? (names.get(v) ?? v) : v);
  return shown.map((v) => ({
    asset: { id: v.id, label: names.get(v.id) ?? v.id },
    changes: (v.changes ?? []).map((c) => ({ field: c.field, from: named(c.from), to: named(c.to) })),
  }));
}

/** The change with its operation, and whoever asked for this phase with the rights they have now. */
async function begin(platform: Platform, id: string): Promise<{ row: BulkRow; work: Work; actor: Actor } | null> {
  const row = await findBulk(platform.db, systemActorEverywhere, id);
  if (!row) return null;
  const operation = bulkOperation(row.operation);
  if (!operation) throw new Problem('conflict', `This server does not know the operation ${row.operation}.`);
  const actor = await actorById(platform.db, row.acting_kind ?? row.actor_kind, row.acting_id ?? row.actor_id, platform.now());
  if (!actor) throw new Problem('forbidden', `${row.created_by} may no longer sign in.`);
  return { row, work: { id, operation, parameters: operation.parameters.parse(row.parameters) }, actor };
}

const systemActorEverywhere: Actor = { ...systemActor, grants: [{ permission: 'assets:read', scope: { kind: 'all' } }] };

export const previewJob: JobKind<{ id: string }> = {
  kind: previewKind,
  handler: async (run) => {
    const begun = await begin(run.platform, run.data.id);
    if (begun?.row.phase !== 'preview') return null;
    const { work, actor } = begun;
    const samples: BulkSample[] = [...begun.row.samples];
    await eachBatch(run, 'selected', async (ids) => {
      const more = await inTx(run.platform.db, (tx) => judgeBatch(tx, actor, work, ids, run.platform.now()));
      samples.push(...more.slice(0, keptSamples - samples.length));
    });
    await inTx(run.platform.db, (tx) => setPhase(tx, work.id, 'ready', { samples }));
    return summaryOf(run.platform.db, work.id);
  },
};

export const applyJob: JobKind<{ id: string }> = {
  kind: applyKind,
  handler: async (run) => {
    const { platform } = run;
    const begun = await begin(platform, run.data.id);
    if (begun?.row.phase !== 'apply') return null;
    const { work, actor } = begun;
    await eachBatch(run, 'will_change', (ids) => changeBatch(platform, work, actor, ids, applying));
    return finish(platform, actor, work, 'applied');
  },
};

export const undoJob: JobKind<{ id: string }> = {
  kind: undoKind,
  handler: async (run) => {
    const { platform } = run;
    const begun = await begin(platform, run.data.id);
    if (begun?.row.phase !== 'undo') return null;
    const { work, actor } = begun;
    await eachBatch(run, 'changed', (ids) => changeBatch(platform, work, actor, ids, undoing));
    return finish(platform, actor, work, 'undone');
  },
};

/** Every night. */
export const forgetBulkJob: JobKind<unknown> = {
  kind: 'bulk.forget-old',
  cron: '47 3 * * *',
  quiet: true,
  handler: async ({ platform }) => ({ forgotten: await inTx(platform.db, (tx) => forgetBulk(tx, platform.now())) }),
};

/** Batch after batch of what is left with an outcome, until nothing is: so a job that was killed goes on where it was. */
async function eachBatch(run: JobRun<{ id: string }>, outcome: BulkOutcome, work: (ids: string[]) => Promise<void>): Promise<void> {
  const { db } = run.platform;
  const counts = await countsOf(db, run.data.id);
  const left = counts.filter((c) => c.outcome === outcome).reduce((sum, c) => sum + c.count, 0);
  let done = 0;
  let after = 0;
  await run.progress(0, left);
  for (;;) {
    run.signal.throwIfAborted();
    const items = await nextItems(db, run.data.id, outcome, { after, limit: batchSize });
    if (items.length === 0) return;
    await work(items.map((i) => i.id));
    after = items.at(-1)?.no ?? after;
    done += items.length;
    await run.progress(done, Math.max(left, done));
  }
}

interface Direction {
  readonly from: BulkOutcome;
  readonly refused: BulkOutcome;
  readonly words: Record<Verdict['verdict'], BulkOutcome>;
  readonly change: (tx: Tx, work: Work, actor: Actor, items: { id: string; undo: unknown }[], now: Date) => Promise<Verdict[]>;
}
const applying: Direction = {
  from: 'will_change',
  refused: 'failed',
  words: { change: 'changed', unchanged: 'unchanged', blocked: 'failed' },
  change: (tx, { operation, parameters }, actor, items, now) =>
    operation.apply(
      tx,
      actor,
      items.map((i) => i.id),
      parameters,
      now,
    ),
};
const undoing: Direction = {
  from: 'changed',
  refused: 'not_undone',
  words: { change: 'undone', unchanged: 'undone', blocked: 'not_undone' },
  change: (tx, { operation }, actor, items, now) => operation.undo(tx, actor, items, now),
};

/**
 * Changes a batch in one transaction, with what became of each asset. When one of them refuses the whole, the batch is halved until it
 * stands alone: its refusal is kept and the others are changed.
 */
async function changeBatch(platform: Platform, work: Work, actor: Actor, ids: readonly string[], direction: Direction): Promise<void> {
  try {
    await inTx(platform.db, (tx) => changeTogether(tx, platform.now(), work, actor, ids, direction));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const [only] = ids;
    if (ids.length === 1 && only !== undefined) {
      const failed: ItemResult = { id: only, outcome: direction.refused, code: error.code, reason: error.message };
      await inTx(platform.db, (tx) => putResults(tx, work.id, [failed]));
      return;
    }
    const half = Math.ceil(ids.length / 2);
    await changeBatch(platform, work, actor, ids.slice(0, half), direction);
    await changeBatch(platform, work, actor, ids.slice(half), direction);
  }
}

async function changeTogether(tx: Tx, now: Date, work: Work, actor: Actor, ids: readonly string[], direction: Direction): Promise<void> {
  await lockAssetRows(tx, ids);
  const items = await lockItems(tx, work.id, ids, direction.from);
  const within = await reachableAssets(
    tx,
    items.map((i) => i.id),
    actor,
    'assets:write',
  );
  const outside = items
    .filter((i) => !within.has(i.id))
    .map((i): ItemResult => ({
      id: i.id,
      outcome: direction.refused,
      code: 'not_found',
      reason: 'It is outside what you may change now.',
    }));
  const verdicts = await direction.change(
    tx,
    work,
    actor,
    items.filter((i) => within.has(i.id)),
    now,
  );
  await putResults(tx, work.id, [...outside, ...verdicts.map(resultOf(direction.words, direction.from === 'will_change'))]);
}

async function summaryOf(db: Db, id: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const c of await countsOf(db, id)) counts[c.outcome] = (counts[c.outcome] ?? 0) + c.count;
  return counts;
}

async function finish(platform: Platform, actor: Actor, work: Work, phase: 'applied' | 'undone'): Promise<Record<string, number>> {
  return inTx(platform.db, async (tx) => {
    const now = platform.now();
    const counts = await summaryOf(tx, work.id);
    await setPhase(tx, work.id, phase, phase === 'applied' ? { appliedAt: now } : { undoneAt: now });
    const what =
      phase === 'applied'
        ? `Applied “${work.operation.label}” to ${counts['changed'] ?? 0}`
        : `Undid “${work.operation.label}” of ${counts['undone'] ?? 0}`;
    await audit(tx, actor, {
      action: `bulk_change.${phase}`,
      resource: 'bulk-changes',
      resourceId: work.id,
      summary: `${what} assets`,
      after: { operation: work.operation.key, parameters: work.parameters, counts },
    });
    return counts;
  });
}
