import { defaultLimits } from '@muster/protocols';
import type { Logger } from 'pino';
import { openDb } from '../../platform/db/pool.ts';
import { processBatch } from './process.ts';
import { listenToInbox } from './store-notify.ts';

export interface InboxWorkerOptions {
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly maxReportMib: number;
  /** The one before ended over a report. */
  readonly careful: boolean;
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

/** Works off the inbox over a small pool of its own, woken by commits. Any number may run, in any number of processes. */
export async function startInboxWorker(options: InboxWorkerOptions): Promise<InboxWorker> {
  const { log } = options;
  const db = openDb(options.databaseUrl, {
    max: 3,
    applicationName: 'muster-inbox',
    onError: (error) => log.warn({ err: error }, 'The inbox lost a database connection'),
  });
  const limits = { ...defaultLimits, maxInflatedBytes: options.maxReportMib * 1024 * 1024 };
  let careful = options.careful ? CAREFUL_REPORTS : 0;
  const stopping = new AbortController();
  let wake: () => void = () => undefined;
  let woken = false;
  const listener = await listenToInbox(options.databaseUrl, () => {
    woken = true;
    wake();
  });
  const sleep = async (ms: number): Promise<void> => {
    if (stopping.signal.aborted || woken) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        const n = await processBatch(db, { limits, now: options.now ?? (() => new Date()), careful: careful > 0 });
        careful = Math.max(0, careful - n);
        if (n === 0) await sleep(POLL_MS);
      } catch (error) {
        if (stopping.signal.aborted) break;
        log.warn({ err: error }, 'A batch of the inbox failed and is tried again');
        woken = false;
        await sleep(PAUSE_AFTER_ERROR_MS);
      }
    }
  };
  const running = loop();
  return {
    stop: async () => {
      stopping.abort();
      wake();
      await running;
      await listener.close();
      await db.destroy();
    },
  };
}
