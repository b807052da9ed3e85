import type { ImportCounts } from '@muster/api/imports';
import { audit } from '../../platform/audit/audit.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import type { Importable, ImportContext, RowError } from '../../platform/importing/importable.ts';
import type { JobKind, JobRun } from '../../platform/jobs/jobs.ts';
import { endWork, rowCounts } from './store.ts';
import { forgetMade, madeBy, type RowOutcome, rowsToUndo, type StoredRow, writeOutcomes } from './store-rows.ts';
import { referencesTo } from './targets.ts';
import { batchRows, type ImportWork, type OpenWork, openWork, spokesman } from './work.ts';

/** Takes an import back, the last rows first, in batches that note what became of their rows; goes on after a crash. */
export const undoJob: JobKind<ImportWork> = {
  kind: 'imports.undo',
  handler: async (run): Promise<ImportCounts | null> => {
    const { db } = run.platform;
    const work = await openWork(db, run, 'undoing');
    if (!work) return null;
    const total = (await rowCounts(db, work.row.id)).applied;
    let done = 0;
    for (;;) {
      run.signal.throwIfAborted();
      const rows = await inTx(db, (tx) => undoNext(tx, contextOf(run, work), work));
      if (rows === 0) break;
      done += rows;
      await run.progress(done, total);
    }
    return inTx(db, (tx) => finish(tx, run, work));
  },
};

const contextOf = (run: JobRun<ImportWork>, { row }: OpenWork): ImportContext => ({
  importId: row.id,
  actor: run.data.actor,
  by: spokesman(run.data.actor, row.name),
  now: run.platform.now(),
});

async function undoNext(tx: Tx, context: ImportContext, { row, importable }: OpenWork): Promise<number> {
  const rows = await rowsToUndo(tx, row.id, batchRows);
  const outcomes = [...(await undoMade(tx, context, importable, rows)), ...(await undoChanged(tx, context, importable, rows))];
  await writeOutcomes(tx, row.id, outcomes, null);
  return rows.length;
}

const outcome = (row: StoredRow, errors: readonly RowError[]): RowOutcome => ({
  no: row.no,
  outcome: errors.length > 0 ? 'kept' : 'undone',
  recordId: null,
  before: null,
  errors,
});

async function undoMade(tx: Tx, context: ImportContext, importable: Importable, rows: readonly StoredRow[]): Promise<RowOutcome[]> {
  const made = rows.filter((r) => r.action === 'create' && r.record_id !== null);
  if (made.length === 0) return [];
  const kept = await importable.undoCreate(
    tx,
    context,
    made.map((r) => r.record_id!),
  );
  return made.map((r) => {
    const reason = kept.get(r.record_id!);
    return outcome(r, reason === undefined ? [] : [{ field: '', code: 'changed_since', message: reason }]);
  });
}

async function undoChanged(tx: Tx, context: ImportContext, importable: Importable, rows: readonly StoredRow[]): Promise<RowOutcome[]> {
  const changed = rows.filter((r) => r.action === 'update' && r.record_id !== null && r.applied_at !== null);
  if (changed.length === 0) return [];
  const kept = await importable.undoUpdate(
    tx,
    context,
    changed.map((r) => ({ id: r.record_id!, changes: r.changes, before: r.before, appliedAt: r.applied_at! })),
  );
  return changed.map((r) => outcome(r, kept.get(r.record_id!) ?? []));
}

/** What was made because rows named it goes last, when nothing of the import points at it any more. */
async function finish(tx: Tx, run: JobRun<ImportWork>, work: OpenWork): Promise<ImportCounts> {
  const { row, importable } = work;
  const stay: string[] = [];
  for (const [resource, made] of Map.groupBy(await madeBy(tx, row.id), (m) => m.resource)) {
    const ids = made.map((m) => m.record_id);
    const kept = await referencesTo(resource).remove(tx, contextOf(run, work), ids);
    await forgetMade(
      tx,
      row.id,
      ids.filter((id) => !kept.has(id)),
    );
    stay.push(...kept.values());
  }
  const counts = await rowCounts(tx, row.id);
  if (await endWork(tx, row.id, 'undoing', 'undone', counts, run.platform.now()))
    await audit(tx, run.data.actor, {
      action: 'import.undone',
      resource: 'imports',
      resourceId: row.id,
      summary: `Took back the import of ${row.name} into ${importable.label.toLowerCase()}: ${counts.undone} rows undone, ${counts.kept} kept`,
      after: { file: row.name, resource: importable.resource, counts, ...(stay.length > 0 ? { stay } : {}) },
    });
  return counts;
}
