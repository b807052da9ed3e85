import type { Db, Tx } from '../../platform/db/types.ts';
import { inTx } from '../../platform/db/pool.ts';
import { countLock, countProducts, dueProducts, foldDeltas, foldLock, insertDeltas, markProducts } from './store-counts.ts';

/** A change of how many installations of one evidence there are. 0 says that they moved (a merge), so the products' assets are counted again. */
export interface InstallationChange {
  readonly evidenceId: number;
  readonly delta: number;
}

const listeners = new Set<() => void>();
/** Lets a keeper of this process know that there is something to fold; answers how to stop that. */
export function onInstallationChanges(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Notes changed installations, inside the transaction that changes them. Appends one row and touches nothing that others write, so it never waits. Within about
 * half a second of the commit the changes are folded: evidence counts, `product_changes` (with a `product_changes` notification), products' own counts later.
 */
export async function noteInstallationChanges(tx: Tx, changes: Iterable<InstallationChange>): Promise<void> {
  const sums = new Map<number, number>();
  for (const change of changes) sums.set(change.evidenceId, (sums.get(change.evidenceId) ?? 0) + change.delta);
  if (sums.size === 0) return;
  await insertDeltas(tx, [...sums.keys()], [...sums.values()]);
  for (const wake of listeners) wake();
}

/** Folds every noted change that is committed. Answers how many notes it folded; without `wait` 0 when another process is at it. */
export async function foldInstallationChanges(db: Db, wait = false): Promise<number> {
  let total = 0;
  for (;;) {
    const folded = await inTx(db, async (tx) => {
      if (!(await foldLock(tx, wait))) return 0;
      const result = await foldDeltas(tx, 1000);
      await markProducts(tx, result.products);
      return result.folded;
    });
    total += folded;
    if (folded < 1000) return total;
  }
}

/** Counts assets and installations of the products that changed. Answers how many products it counted. */
export async function countChangedProducts(db: Db, wait = false): Promise<number> {
  let total = 0;
  for (;;) {
    const counted = await inTx(db, async (tx) => {
      if (!(await countLock(tx, wait))) return 0;
      const due = await dueProducts(tx, 20);
      if (due.length > 0) await countProducts(tx, due);
      return due.length;
    });
    total += counted;
    if (counted < 20) return total;
  }
}

/** Brings every count up to date now, after whoever is at it: for tests, imports and the end of a seed. */
export async function settleCounts(db: Db): Promise<void> {
  await foldInstallationChanges(db, true);
  await countChangedProducts(db, true);
}
