import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { listen } from '../../platform/db/listen.ts';
import { forgetProductChanges, type ProductChange, productChanges, productChangesChannel } from '../software/index.ts';
import { noteTermEdges } from './jobs.ts';
import { dayOf, reconcileProducts } from './reconcile.ts';

/** Changes are gathered so long before they are reconciled. */
const debounceMs = 300;
/** Looks by itself as well, for what was noted while nobody listened. */
const idleMs = 5000;
/** While changes keep coming (a thousand machines report), positions take at most about a third of the time. */
const share = 2;
const atOnce = 20;

/**
 * Reconciles the products whose facts changed. Answers how many. A change that is noted while its product is reconciled stays noted. A product that
 * fails stays noted too, and does not hold up the others.
 */
export async function reconcileChanges(platform: Platform): Promise<number> {
  const failed = new Set<string>();
  let total = 0;
  for (;;) {
    const changes = (await productChanges(platform.db, atOnce + failed.size)).filter((c) => !failed.has(c.productId));
    if (changes.length === 0) return total;
    const done = await reconcileEach(platform, changes);
    for (const c of changes) if (!done.includes(c)) failed.add(c.productId);
    await inTx(platform.db, (tx) => forgetProductChanges(tx, done));
    total += done.length;
    if (changes.length < atOnce) return total;
  }
}

async function reconcileEach(platform: Platform, changes: readonly ProductChange[]): Promise<ProductChange[]> {
  try {
    await reconcileProducts(
      platform,
      changes.map((c) => c.productId),
    );
    return [...changes];
  } catch (error) {
    platform.log.warn({ err: error, products: changes.length }, 'Positions could not be computed together; each is tried alone');
  }
  const done: ProductChange[] = [];
  for (const change of changes) {
    try {
      await reconcileProducts(platform, [change.productId]);
      done.push(change);
    } catch (error) {
      platform.log.error({ err: error, product: change.productId }, 'A position could not be computed');
    }
  }
  return done;
}

/** Keeps positions fresh in the background of this process until the returned function ends it. Several processes may run it. */
export async function startReconciler(platform: Platform): Promise<() => Promise<void>> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  let again = false;
  let notBefore = 0;
  let day = '';
  const plan = (ms: number): void => {
    if (stopped) return;
    const at = Math.max(performance.now() + ms, notBefore);
    if (at >= due) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(() => {
      due = Number.POSITIVE_INFINITY;
      running = turn();
    }, at - performance.now());
    timer.unref();
  };
  const turn = async (): Promise<void> => {
    busy = true;
    again = false;
    const from = performance.now();
    try {
      const today = dayOf(platform.now()).toString();
      if (today !== day) await noteTermEdges(platform);
      day = today;
      await reconcileChanges(platform);
    } catch (error) {
      if (!stopped) platform.log.warn({ err: error }, 'Positions could not be kept fresh; it is tried again');
    }
    busy = false;
    notBefore = performance.now() + (performance.now() - from) * share;
    plan(again ? debounceMs : idleMs);
  };
  const listener = await listen(platform.databaseUrl, productChangesChannel, () => {
    if (busy) again = true;
    else plan(debounceMs);
  });
  plan(debounceMs);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await listener.close();
    await running;
  };
}
