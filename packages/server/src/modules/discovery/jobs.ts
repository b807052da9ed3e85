import settings from '../../../../../content/osquery/settings.json' with { type: 'json' };
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { pruneLines } from './store-osquery-lines.ts';
import { keepBodiesDays, pruneBodies } from './store-reports.ts';

const DAY_MS = 86_400_000;
const AT_ONCE = 500;

/** Each night: originals of processed reports that are older than the setting go, in small transactions. */
export const pruneBodiesJob: JobKind<unknown> = {
  kind: 'discovery.prune-bodies',
  cron: '17 3 * * *',
  handler: async ({ platform, progress, signal }) => {
    const days = await keepBodiesDays(platform.db);
    const before = new Date(platform.now().getTime() - days * DAY_MS);
    let removed = 0;
    while (!signal.aborted) {
      const n = await platform.db.transaction().execute((tx) => pruneBodies(tx, before, AT_ONCE));
      removed += n;
      await progress(removed, null, `${removed} bodies removed`);
      if (n < AT_ONCE) break;
    }
    return { removed, before: before.toISOString() };
  },
};

/** Each night: lines of hosts' logs that were not heard for as long as content/osquery says. */
export const pruneLinesJob: JobKind<unknown> = {
  kind: 'discovery.prune-agent-lines',
  cron: '27 3 * * *',
  handler: async ({ platform, progress, signal }) => {
    const before = new Date(platform.now().getTime() - settings.lines.keepDays * DAY_MS);
    let removed = 0;
    while (!signal.aborted) {
      const n = await platform.db.transaction().execute((tx) => pruneLines(tx, before, AT_ONCE));
      removed += n;
      await progress(removed, null, `${removed} lines removed`);
      if (n < AT_ONCE) break;
    }
    return { removed, before: before.toISOString() };
  },
};
