import { Problem } from '@muster/api/errors';
import type { ImportCounts } from '@muster/api/imports';
import { audit } from '../../platform/audit/audit.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import type { JobKind, JobRun } from '../../platform/jobs/jobs.ts';
import { applyBatch } from './apply-batch.ts';
import { endWork, rowCounts } from './store.ts';
import { rowsToApply } from './store-rows.ts';
import { batchRows, type ImportWork, type OpenWork, openWork, spokesman } from './work.ts';

/**
 * Applies the compared rows in batches, each in a transaction that also notes what became of its rows: after a crash it goes on with the
 * first row that has no outcome, so none is applied twice. With the mode `all` everything is one transaction.
 */
export const applyJob: JobKind<ImportWork> = {
  kind: 'imports.apply',
  handler: async (run): Promise<ImportCounts | null> => {
    const { db } = run.platform;
    const work = await openWork(db, run, 'applying');
    if (!work) return null;
    const total = (work.row.counts?.create ?? 0) + (work.row.counts?.update ?? 0);
    if (work.row.mode === 'all') return inTx(db, (tx) => applyAll(tx, run, work, total));
    let after = 0;
    let done = (await rowCounts(db, work.row.id)).applied;
    for (;;) {
      run.signal.throwIfAborted();
      const step = await inTx(db, (tx) => applyNext(tx, run, work, after));
      if (step === null) break;
      after = step.last;
      done += step.rows;
      await run.progress(done, total);
    }
    return inTx(db, (tx) => finish(tx, run, work));
  },
};

/** Everything or nothing: a row that cannot be applied takes the others back with it. */
async function applyAll(tx: Tx, run: JobRun<ImportWork>, work: OpenWork, total: number): Promise<ImportCounts> {
  let after = 0;
  let done = 0;
  for (;;) {
    run.signal.throwIfAborted();
    const step = await applyNext(tx, run, work, after);
    if (step === null) return finish(tx, run, work);
    if (step.failed > 0)
      throw new Problem('conflict', `${step.failed} rows changed since the comparison, so nothing was applied. Compare the file again.`);
    after = step.last;
    done += step.rows;
    await run.progress(done, total);
  }
}

async function applyNext(
  tx: Tx,
  run: JobRun<ImportWork>,
  { row, importable, mapping }: OpenWork,
  after: number,
): Promise<{ last: number; rows: number; failed: number } | null> {
  const rows = await rowsToApply(tx, row.id, after, batchRows);
  if (rows.length === 0) return null;
  const { actor } = run.data;
  const context = { importId: row.id, actor, by: spokesman(actor, row.name), now: run.platform.now() };
  const failed = await applyBatch(tx, importable, mapping, context, rows);
  return { last: rows.at(-1)!.no, rows: rows.length, failed };
}

async function finish(tx: Tx, run: JobRun<ImportWork>, { row, importable }: OpenWork): Promise<ImportCounts> {
  const counts = await rowCounts(tx, row.id);
  if (await endWork(tx, row.id, 'applying', 'applied', counts, run.platform.now()))
    await audit(tx, run.data.actor, {
      action: 'import.applied',
      resource: 'imports',
      resourceId: row.id,
      summary: `Applied the import of ${row.name} into ${importable.label.toLowerCase()}: ${counts.applied} rows applied, ${counts.failed} failed`,
      after: { file: row.name, resource: importable.resource, mode: row.mode, counts },
    });
  return counts;
}
