import type { Actor, Platform } from '../context.ts';
import type { Tx } from '../db/types.ts';

/** A running job's hands: report progress, notice cancellation. */
export interface JobRun<D> {
  readonly id: string;
  readonly data: D;
  readonly platform: Platform;
  /** Writes progress (at most a few times a second) that /api/v1/jobs and its event stream show. */
  readonly progress: (done: number, total: number | null, message?: string) => Promise<void>;
  /** Aborted when someone cancels the job or the server stops. */
  readonly signal: AbortSignal;
}

export interface JobKind<D> {
  readonly kind: string;
  readonly handler: (run: JobRun<D>) => Promise<unknown>;
  /** How many times to try again after a failure; 2 unless said. */
  readonly retries?: number;
  /** Cron in UTC, for jobs the clock starts. */
  readonly cron?: string;
  /** Not listed on the jobs page: small frequent work. */
  readonly quiet?: boolean;
}

export interface Jobs {
  /** Registers a kind; call before start. */
  register<D>(kind: JobKind<D>): void;
  /** Enqueues inside the transaction of the change: it runs if and only if the change commits. Returns the job's id. */
  enqueue(
    tx: Tx,
    kind: string,
    data: unknown,
    options: {
      title: string;
      actor: Actor;
      /** One waiting job per key. */ singletonKey?: string;
      /** A new id made by the caller, to name the job before it exists. */ id?: string;
    },
  ): Promise<string>;
  cancel(tx: Tx, id: string): Promise<void>;
  start(platform: Platform): Promise<void>;
  stop(): Promise<void>;
}
