import type { Platform } from '../../platform/context.ts';
import { countChangedProducts, foldInstallationChanges, onInstallationChanges } from './counts.ts';
import { recogniseOutdated } from './jobs.ts';

const FOLD_MS = 300;
const IDLE_MS = 3000;
const COUNT_MS = 2000;

/**
 * Keeps the counts in the background of each process: folds noted changes soon after they are made, and counts products less often the longer a count takes, so
 * that it uses at most about a tenth of the time. Several processes may run it; locks let one work.
 */
export function startKeeper(platform: Platform): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let busyUntil = 0;
  let nextCount = 0;
  // A long fold rests four times as long, so that ingest keeps the database.
  let pause = 0;
  const plan = (ms: number): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = turn();
    }, ms);
    timer.unref();
  };
  let checked = false;
  const turn = async (): Promise<void> => {
    try {
      // Here, not at the start: jobs can be enqueued only once all modules have registered theirs.
      if (!checked) await recogniseOutdated(platform);
      checked = true;
      const start = performance.now();
      await foldInstallationChanges(platform.db);
      pause = (performance.now() - start) * 4;
      if (performance.now() >= nextCount) {
        const from = performance.now();
        await countChangedProducts(platform.db);
        const took = performance.now() - from;
        nextCount = performance.now() + Math.max(COUNT_MS, took * 10);
      }
    } catch (error) {
      if (!stopped) platform.log.warn({ err: error }, 'Installation counts could not be kept; it is tried again');
    }
    plan(Math.max(pause, performance.now() < busyUntil ? FOLD_MS : IDLE_MS));
  };
  const forget = onInstallationChanges(() => {
    const idle = performance.now() >= busyUntil;
    // A note is visible only after its commit, which may take a moment: look often for a while.
    busyUntil = performance.now() + 5000;
    if (idle) plan(FOLD_MS);
  });
  plan(FOLD_MS);
  return async () => {
    stopped = true;
    forget();
    clearTimeout(timer);
    await running;
  };
}
