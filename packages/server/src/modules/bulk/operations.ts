import type { z } from 'zod';
import type { BulkSample } from '@muster/api/bulk-changes';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';

/** What becomes, or became, of one asset. */
export interface Verdict {
  readonly id: string;
  /** `change`: would be or was changed; `unchanged`: is as wanted already; `blocked`: may not, for `reason`. */
  readonly verdict: 'change' | 'unchanged' | 'blocked';
  readonly code?: string;
  readonly reason?: string;
  /** Field by field, for the samples of a preview. */
  readonly changes?: BulkSample['changes'];
  /** After applying: what `undo` is given back. Plain JSON. */
  readonly undo?: unknown;
}

/**
 * A way to change many assets, which modules register when they start. The caller has left out what the actor may not reach. Everything an
 * operation writes is in the given transaction; it writes the assets' events, and no audit row: a bulk change has one.
 */
export interface BulkOperation<P> {
  readonly key: string;
  /** For people and the job's title. */
  readonly label: string;
  readonly parameters: z.ZodType<P>;
  /** @throws Problem validation_failed for parameters that name what is not there; fields as `parameters.…`. */
  readonly check: (db: Db, actor: Actor, parameters: P) => Promise<void>;
  /** Nothing is locked or written. */
  readonly judge: (db: Db, actor: Actor, ids: readonly string[], parameters: P, now: Date) => Promise<Verdict[]>;
  readonly apply: (tx: Tx, actor: Actor, ids: readonly string[], parameters: P, now: Date) => Promise<Verdict[]>;
  readonly undo: (tx: Tx, actor: Actor, items: readonly { id: string; undo: unknown }[], now: Date) => Promise<Verdict[]>;
}

const operations = new Map<string, BulkOperation<unknown>>();

/** Makes an operation known; registering a key again replaces it. */
export function registerBulkOperation<P>(operation: BulkOperation<P>): void {
  operations.set(operation.key, operation as BulkOperation<unknown>);
}

export const bulkOperation = (key: string): BulkOperation<unknown> | undefined => operations.get(key);
export const bulkOperationKeys = (): string[] => [...operations.keys()];
