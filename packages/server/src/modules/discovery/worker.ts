import { defaultLimits } from '@muster/protocols';
import type { Logger } from 'pino';
import { openDb } from '../../platform/db/pool.ts';
import type { Pressure } from './pressure.ts';
import { processBatch } from './process.ts';
import { listenToInbox } from './store-notify.ts';

export interface InboxWorkerOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly maxReportMib: number;
  /** The one before ended over a report. */
  readonly careful: boolean;
  /** Acknowledging comes first: while agents wait for an answer, the next batch waits a little. */
  readonly pressure?: Pressure;
  readonly now?: () => Date;
}

export interface InboxWorker {
  stop(): Promise<void>;
}

/** Without a wake-up it still looks this often: for retries whose time has come, and for wake-ups that were lost. */
const POLL_MS = 2000;
const PAUSE_AFTER_ERROR_MS = 1000;
/** How many reports are processed one at a time after a crash. */
const CAREFUL_REPORTS = 200;
/** Batches at once: while the database works for one, the next is read. More would only add memory. */
const LANES = 2;

/** Works off the inbox over a small pool of its own, woken by commits. Any number may run, in any number of processes. */
export async function startInboxWorker(options: InboxWorkerOptions): Promise<InboxWorker> {
  const { log } = options;
  const db = openDb(options.databaseUrl, {
    max: LANES + 1,
    applicationName: 'muster-inbox',
    onError: (error) => log.warn({ err: error }, 'The inbox lost a database connection'),
  });
  const limits = { ...defaultLimits, maxInflatedBytes: options.maxReportMib * 1024 * 1024 };
  let careful = options.careful ? CAREFUL_REPORTS : 0;
  const stopping = new AbortController();
  const sleepers = new Set<() => void>();
  let wakeUps = 0;
  const wakeAll = (): void => {
    wakeUps++;
    for (const wake of sleepers) wake();
  };
  const listener = await listenToInbox(options.databaseUrl, wakeAll);
  /** Sleeps so long or until something arrives; not at all when something arrived since `seen`. */
  const sleep = async (ms: number, seen: number): Promise<void> => {
    if (stopping.signal.aborted || wakeUps !== seen) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        sleepers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      sleepers.add(done);
    });
  };
  const lane = async (number: number): Promise<void> => {
    while (!stopping.signal.aborted) {
      const seen = wakeUps;
      try {
        await options.pressure?.relief();
        if (stopping.signal.aborted) break;
        // Going carefully means one report at a time.
        if (careful > 0 && number > 0) {
          await sleep(POLL_MS, wakeUps);
          continue;
        }
        const n = await processBatch(db, { limits, now: options.now ?? (() => new Date()), careful: careful > 0 });
        careful = Math.max(0, careful - n);
        if (n === 0) await sleep(POLL_MS, seen);
      } catch (error) {
        if (stopping.signal.aborted) break;
        log.warn({ err: error }, 'A batch of the inbox failed and is tried again');
        await sleep(PAUSE_AFTER_ERROR_MS, wakeUps);
      }
    }
  };
  const running = Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return {
    stop: async () => {
      stopping.abort();
      wakeAll();
      await running;
      await listener.close();
      await db.destroy();
    },
  };
}
