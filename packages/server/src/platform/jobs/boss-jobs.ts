import { randomInt } from 'node:crypto';
import { Problem } from '@muster/api/errors';
import { fromKysely, PgBoss, type Job } from 'pg-boss';
import type { Logger } from 'pino';
import type { Platform } from '../context.ts';
import { openDb } from '../db/pool.ts';
import type { Db, Tx } from '../db/types.ts';
import { newId } from '../ids.ts';
import type { JobKind, Jobs } from './jobs.ts';
import { JobRunner, JobStopped } from './runner.ts';
import { cancelRequests, holdPresence, insertJob, requestCancel, takeOrphans } from './store.ts';

export interface BossJobsOptions {
  databaseUrl: string;
  log: Logger;
  /** False for a process that only enqueues. */
  work?: boolean;
}

const RETRIES = 2;
/** How often a crashed process may take one job with it before the job counts as the cause. */
const CRASHES = 20;
const ORPHAN_CHECK_MS = 5_000;
const CANCEL_CHECK_MS = 500;
/** How long a stop waits for running handlers. */
const STOP_MS = 8_000;

type Payload = { data: unknown } | null;

/**
 * Jobs on pg-boss in the same database: a job is enqueued inside the transaction of the change, so it exists if and only if the change
 * does. pg-boss delivers; the row in `jobs` (same id) is what people see. See docs/adr/2026-11-24-jobs-on-pg-boss.md.
 */
export class BossJobs implements Jobs {
  readonly #options: BossJobsOptions;
  readonly #kinds = new Map<string, JobKind<never>>();
  readonly #worker = randomInt(1, 2 ** 31 - 1);
  readonly #boss: PgBoss;
  readonly #stopping = new AbortController();
  #presenceDb: Db | undefined;
  #presence: Promise<void> | undefined;
  #runner: JobRunner | undefined;
  #ready: Promise<void> | undefined;
  /** A module's own worker may enqueue a moment before the queue is up: it waits. */
  readonly #started = Promise.withResolvers<void>();
  #timers: NodeJS.Timeout[] = [];

  constructor(options: BossJobsOptions) {
    this.#options = options;
    this.#boss = new PgBoss({
      connectionString: options.databaseUrl,
      application_name: 'muster-jobs',
      schema: 'pgboss',
      max: 4,
      useListenNotify: options.work !== false,
      supervise: options.work !== false,
      schedule: options.work !== false,
      superviseIntervalSeconds: 30,
      monitorIntervalSeconds: 30,
      openTelemetry: { enabled: false },
    });
    this.#boss.on('error', (error) => options.log.warn({ err: error }, 'The job queue met an error'));
  }

  register<D>(kind: JobKind<D>): void {
    if (this.#ready) throw new Error(`Job kind ${kind.kind} is registered after the start`);
    if (this.#kinds.has(kind.kind)) throw new Error(`Job kind ${kind.kind} is registered twice`);
    this.#kinds.set(kind.kind, kind);
  }

  async enqueue(tx: Tx, kind: string, data: unknown, options: Parameters<Jobs['enqueue']>[3]): Promise<string> {
    const known = this.#kinds.get(kind);
    if (!known) throw new Error(`No job kind ${kind} is registered`);
    await this.#started.promise;
    const job = await insertJob(tx, {
      id: options.id ?? newId(),
      kind,
      title: options.title,
      quiet: known.quiet ?? false,
      createdBy: options.actor.label,
      singletonKey: options.singletonKey ?? null,
    });
    if (job.created) await this.#boss.send(kind, { data } satisfies Payload, { id: job.id, db: fromKysely(tx) });
    return job.id;
  }

  async cancel(tx: Tx, id: string): Promise<void> {
    const job = await requestCancel(tx, id);
    if (!job) throw new Problem('not_found', 'There is no such job.');
    if (job.state === 'queued') await this.#boss.cancel(job.kind, id, { db: fromKysely(tx) });
    else if (job.state !== 'running') throw new Problem('conflict', 'The job has ended already.');
  }

  start(platform: Platform): Promise<void> {
    if (!this.#ready) {
      this.#ready = this.#start(platform);
      this.#ready.then(this.#started.resolve, this.#started.reject);
      // Whoever enqueues hears of a failed start; without one, the start's own caller does.
      this.#started.promise.catch(() => undefined);
    }
    return this.#ready;
  }

  async #start(platform: Platform): Promise<void> {
    await this.#boss.start();
    const existing = new Set((await this.#boss.getQueues()).map((queue) => queue.name));
    for (const kind of this.#kinds.values()) {
      const settings = {
        retryLimit: (kind.retries ?? RETRIES) + CRASHES,
        retryDelay: 2,
        retryBackoff: true,
        retryDelayMax: 60,
        heartbeatSeconds: 30,
        expireInSeconds: 80_000,
        notify: true,
      };
      if (!existing.has(kind.kind)) await this.#boss.createQueue(kind.kind, settings);
    }
    if (this.#options.work === false) return;
    this.#runner = new JobRunner(platform, this.#worker);
    await this.#showPresence();
    await this.#resumeOrphans(platform);
    for (const kind of this.#kinds.values()) await this.#work(kind, this.#runner);
    await this.#schedule();
    this.#timers.push(
      setInterval(() => void this.#resumeOrphans(platform), ORPHAN_CHECK_MS),
      setInterval(() => void this.#passCancels(platform), CANCEL_CHECK_MS),
    );
    for (const timer of this.#timers) timer.unref();
  }

  async #work(kind: JobKind<never>, runner: JobRunner): Promise<void> {
    await this.#boss.work<Payload, void, { pollingIntervalSeconds: number; notifyPollingIntervalSeconds: number }>(
      kind.kind,
      { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 5 },
      async (jobs: Job<Payload>[]) => {
        for (const job of jobs) await runner.run(kind, job.id, job.data?.data, job.signal);
      },
    );
  }

  /** The clock's jobs as the program knows them; one that is no longer in the program is taken out. */
  async #schedule(): Promise<void> {
    const wanted = [...this.#kinds.values()].filter((kind) => kind.cron !== undefined);
    const found = new Map((await this.#boss.getSchedules()).map((schedule) => [schedule.name, schedule.cron]));
    for (const kind of wanted)
      if (found.get(kind.kind) !== kind.cron) await this.#boss.schedule(kind.kind, kind.cron ?? '', null, { tz: 'UTC' });
    for (const name of found.keys()) if (!wanted.some((kind) => kind.kind === name)) await this.#boss.unschedule(name);
  }

  /** Holds an advisory lock on a connection of its own as long as the process lives, and takes it again after the database was away. */
  async #showPresence(): Promise<void> {
    const db = openDb(this.#options.databaseUrl, { max: 1, applicationName: 'muster-presence' });
    this.#presenceDb = db;
    const held = Promise.withResolvers<void>();
    const keep = async (): Promise<void> => {
      while (!this.#stopping.signal.aborted) {
        try {
          await db.connection().execute(async (connection) => {
            await holdPresence(connection, this.#worker);
            held.resolve();
            await this.#untilStopOrLost(connection);
          });
        } catch (error) {
          this.#options.log.warn({ err: error }, 'The job worker lost its connection; it connects again');
          await pause(1000, this.#stopping.signal);
        }
      }
    };
    this.#presence = keep();
    await held.promise;
  }

  async #untilStopOrLost(connection: Db): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await pause(10_000, this.#stopping.signal);
      if (!this.#stopping.signal.aborted) await takeOrphans(connection).then((orphans) => this.#retryAll(orphans));
    }
  }

  async #resumeOrphans(platform: Platform): Promise<void> {
    try {
      await this.#retryAll(await takeOrphans(platform.db));
    } catch (error) {
      platform.log.warn({ err: error }, 'Jobs of stopped processes could not be looked for');
    }
  }

  /** Tells pg-boss that the delivery to a dead process failed, so that it delivers again. */
  async #retryAll(orphans: { id: string; kind: string }[]): Promise<void> {
    for (const job of orphans) {
      this.#options.log.info({ job: job.id, kind: job.kind }, 'A job of a stopped process is taken up again');
      await this.#boss.fail(job.kind, job.id, { reason: 'the process that ran it is gone' });
    }
  }

  async #passCancels(platform: Platform): Promise<void> {
    if (!this.#runner || this.#runner.running === 0) return;
    try {
      for (const id of await cancelRequests(platform.db, this.#worker)) this.#runner.cancel(id);
    } catch (error) {
      platform.log.warn({ err: error }, 'Cancellations could not be looked for');
    }
  }

  async stop(): Promise<void> {
    if (!this.#ready) return;
    await this.#ready.catch(() => undefined);
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    this.#runner?.stopAll(new JobStopped());
    await this.#boss.stop({ graceful: true, timeout: STOP_MS });
    this.#stopping.abort();
    await this.#presence;
    await this.#presenceDb?.destroy();
  }
}

/** Waits, or less when the signal says stop. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
