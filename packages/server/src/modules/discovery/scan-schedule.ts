import { audit } from '../../platform/audit/audit.ts';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { failSilentRuns, insertRun, pruneRuns } from './store-scan-runs.ts';
import { dueRanges, setNextRun } from './store-scans.ts';

const HOUR_MS = 3_600_000;
/** A collector that was away for a day will not come back to this run; a waiting window is shorter. */
const SILENT_HOURS = 36;

/** Every few minutes: networks whose time has come get a run, which their collector fetches; runs that nobody works on end. */
export const planScansJob: JobKind<unknown> = {
  kind: 'discovery.plan-scans',
  cron: '*/5 * * * *',
  quiet: true,
  handler: async ({ platform }) =>
    inTx(platform.db, async (tx) => {
      const now = platform.now();
      const silent = await failSilentRuns(
        tx,
        new Date(now.getTime() - SILENT_HOURS * HOUR_MS),
        now,
        `The collector has not been heard of for ${SILENT_HOURS} hours.`,
      );
      const due = await dueRanges(tx, now);
      for (const range of due) {
        const id = newId();
        await insertRun(tx, id, range.id, 'Schedule', now);
        await setNextRun(tx, range.id, new Date(now.getTime() + range.every_hours * HOUR_MS));
        await audit(tx, systemActor, {
          action: 'scan_run.requested',
          resource: 'scan-runs',
          resourceId: id,
          summary: `A scan of “${range.name}” is due`,
          after: { rangeId: range.id },
        });
      }
      await pruneRuns(tx);
      return { planned: due.length, silent };
    }),
};
