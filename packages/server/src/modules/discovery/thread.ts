import { Worker } from 'node:worker_threads';
import type { Platform } from '../../platform/context.ts';
import type { Pressure } from './pressure.ts';
import type { ThreadData } from './worker-thread.ts';

/** The heap of the thread: one report of 64 MiB fits, a runaway ends the thread and not the server. */
const HEAP_MB = 1024;
/** Decoding makes much garbage; a small young generation keeps some 70 MB off the server's memory for a few per cent of time. */
const YOUNG_MB = 16;
const RESTART_MS = 1000;
const STOP_MS = 10_000;

/** Keeps one inbox thread running: when it ends over a report it starts again and goes carefully. */
export class InboxThread {
  readonly #platform: Platform;
  readonly #pressure: Pressure;
  #thread: Worker | null = null;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(platform: Platform, pressure: Pressure) {
    this.#platform = platform;
    this.#pressure = pressure;
  }

  start(careful = false): void {
    const { config, databaseUrl, log } = this.#platform;
    const workerData: ThreadData = {
      databaseUrl,
      maxReportMib: config.maxReportMib,
      careful,
      logLevel: config.logLevel,
      pressure: this.#pressure.memory,
    };
    const thread = new Worker(new URL('./worker-thread.ts', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#thread = thread;
    thread.on('error', (error) => log.error({ err: error }, 'The inbox thread ended with an error'));
    thread.on('exit', (code) => {
      this.#thread = null;
      if (this.#stopping) return;
      log.warn({ code }, 'The inbox thread ended; it is started again');
      this.#restart = setTimeout(() => this.start(true), RESTART_MS);
    });
  }

  /** Lets the batch at hand commit; a thread that does not end is ended, which leaves its batch pending. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart);
    const thread = this.#thread;
    if (!thread) return;
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    thread.postMessage('stop');
    const limit = setTimeout(() => void thread.terminate(), STOP_MS);
    await ended;
    clearTimeout(limit);
  }
}
