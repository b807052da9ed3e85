import { Problem } from '@muster/api/errors';
import { Histogram, type Registry } from 'prom-client';
import type { Platform } from '../context.ts';
import type { JobKind } from './jobs.ts';
import { finishJob, requeueJob, startJob, writeProgress } from './store.ts';

/** Why a job's signal is aborted: someone cancelled it. */
export class JobCancelled extends Error {
  override name = 'JobCancelled';
  override message = 'The job was cancelled';
}
/** Why a job's signal is aborted: the server stops; the job runs again later. */
export class JobStopped extends Error {
  override name = 'JobStopped';
  override message = 'The server is stopping';
}

const PROGRESS_MS = 250;

/** Runs handlers and keeps the rows of `jobs` true to what happens. */
export class JobRunner {
  readonly #platform: Platform;
  readonly #worker: number;
  readonly #controllers = new Map<string, AbortController>();
  readonly #durations: Histogram;

  constructor(platform: Platform, worker: number) {
    this.#platform = platform;
    this.#worker = worker;
    this.#durations = durationsOf(platform.metrics);
  }

  get running(): number {
    return this.#controllers.size;
  }

  cancel(id: string): void {
    this.#controllers.get(id)?.abort(new JobCancelled());
  }

  stopAll(reason: Error): void {
    for (const controller of this.#controllers.values()) controller.abort(reason);
  }

  /** Runs one delivery. Throws when the queue is to deliver it again. */
  async run(kind: JobKind<never>, id: string, data: unknown, signal: AbortSignal): Promise<void> {
    const { db, log } = this.#platform;
    const started = await startJob(db, id, this.#worker, { kind: kind.kind, title: titleOf(kind.kind), quiet: kind.quiet ?? false });
    if (!started) return;
    if (started.cancelRequested) return finishJob(db, id, { state: 'cancelled' });
    const controller = new AbortController();
    this.#controllers.set(id, controller);
    const progress = new Progress(this.#platform, id, controller);
    const stop = this.#durations.startTimer({ kind: kind.kind });
    try {
      const both = AbortSignal.any([controller.signal, signal]);
      const result = await kind.handler({ id, data: data as never, platform: this.#platform, progress: progress.report, signal: both });
      await progress.flush();
      // A handler that heeds its signal may simply return early, which is not the end of the work.
      controller.signal.throwIfAborted();
      stop({ outcome: 'done' });
      await finishJob(db, id, { state: 'done', result });
    } catch (error) {
      await progress.flush().catch(() => undefined);
      stop({ outcome: await this.#failed(kind, id, started.attempts, error, controller.signal.reason) });
    } finally {
      this.#controllers.delete(id);
      log.debug({ job: id, kind: kind.kind }, 'A job ended');
    }
  }

  async #failed(kind: JobKind<never>, id: string, attempts: number, error: unknown, reason: unknown): Promise<string> {
    const { db, log } = this.#platform;
    if (reason instanceof JobCancelled) {
      await finishJob(db, id, { state: 'cancelled' });
      return 'cancelled';
    }
    if (reason instanceof JobStopped) {
      await requeueJob(db, id);
      throw reason;
    }
    const message = error instanceof Error ? error.message : String(error);
    // What a person can act on does not get better by trying again.
    if (attempts >= (kind.retries ?? 2) || error instanceof Problem) {
      log.error({ err: error, job: id, kind: kind.kind }, 'A job failed');
      await finishJob(db, id, { state: 'failed', error: message });
      return 'failed';
    }
    log.warn({ err: error, job: id, kind: kind.kind, attempt: attempts + 1 }, 'A job failed and is tried again');
    await requeueJob(db, id, message);
    throw error;
  }
}

/** Writes a job's progress a few times a second, and always the last one. */
class Progress {
  readonly #platform: Platform;
  readonly #id: string;
  readonly #controller: AbortController;
  #last = 0;
  #waiting: { done: number; total: number | null; message: string | null } | undefined;

  constructor(platform: Platform, id: string, controller: AbortController) {
    this.#platform = platform;
    this.#id = id;
    this.#controller = controller;
  }

  readonly report = async (done: number, total: number | null, message?: string): Promise<void> => {
    this.#waiting = { done, total, message: message ?? null };
    if (Date.now() - this.#last >= PROGRESS_MS) await this.flush();
  };

  async flush(): Promise<void> {
    const waiting = this.#waiting;
    if (!waiting) return;
    this.#waiting = undefined;
    this.#last = Date.now();
    if (await writeProgress(this.#platform.db, this.#id, waiting)) this.#controller.abort(new JobCancelled());
  }
}

const histograms = new WeakMap<Registry, Histogram>();

function durationsOf(registry: Registry): Histogram {
  const found = histograms.get(registry);
  if (found) return found;
  const made = new Histogram({
    name: 'muster_job_duration_seconds',
    help: 'Time a job ran, by kind and outcome.',
    labelNames: ['kind', 'outcome'],
    buckets: [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800],
    registers: [registry],
  });
  histograms.set(registry, made);
  return made;
}

/** `recognise-history` -> `Recognise history`: the title of a job the clock started. */
function titleOf(kind: string): string {
  const words = kind.replaceAll(/[-_.]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
