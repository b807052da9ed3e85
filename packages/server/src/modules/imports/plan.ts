import type { ImportCounts } from '@muster/api/imports';
import { inTx } from '../../platform/db/pool.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { compareRows } from './compare.ts';
import { mustHaveFile } from './files.ts';
import { readRow } from './rows.ts';
import { readSheet, type SheetRow } from './sheet.ts';
import { endWork, rowCounts } from './store.ts';
import { clearRows, insertRows, markTwins } from './store-rows.ts';
import { batchRows, type ImportWork, openWork } from './work.ts';

/** Compares a file with what is there, row by row; begun anew after a crash, as nothing but its own rows was written. */
export const planJob: JobKind<ImportWork> = {
  kind: 'imports.plan',
  handler: async (run): Promise<ImportCounts | null> => {
    const { platform, signal } = run;
    const { db } = platform;
    const work = await openWork(db, run, 'planning');
    if (!work) return null;
    const { row, importable, mapping } = work;
    const path = await mustHaveFile(platform.config, row.id);
    await inTx(db, (tx) => clearRows(tx, row.id));
    let done = 0;
    for await (const batch of batches(readSheet(path, row))) {
      signal.throwIfAborted();
      const read = batch.map((one) => readRow(one, mapping));
      const compared = await compareRows(db, importable, mapping, read);
      await inTx(db, (tx) => insertRows(tx, row.id, compared));
      done += batch.length;
      await run.progress(done, null);
    }
    return inTx(db, async (tx) => {
      await markTwins(tx, row.id);
      const counts = await rowCounts(tx, row.id);
      await endWork(tx, row.id, 'planning', 'planned', counts, platform.now());
      return counts;
    });
  },
};

/** The rows after the header, in batches. */
async function* batches(rows: AsyncIterable<SheetRow>): AsyncGenerator<SheetRow[]> {
  let batch: SheetRow[] = [];
  let header = true;
  for await (const row of rows) {
    if (header) {
      header = false;
      continue;
    }
    batch.push(row);
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
