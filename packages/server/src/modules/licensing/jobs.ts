import type { Actor, Platform } from '../../platform/context.ts';
import type { JobKind, JobRun } from '../../platform/jobs/jobs.ts';
import { inTx } from '../../platform/db/pool.ts';
import { noteProductChanges } from '../software/index.ts';
import { dayOf, reconcileProducts } from './reconcile.ts';
import { existingProducts } from './store.ts';
import { productsAtTermEdge, productsToReconcile } from './store-positions.ts';

const kind = 'reconcile-licences';

/** Products reconciled in one transaction hold at most about so many installations together; one product may hold more. */
const installationsAtOnce = 50_000;

/** Computes every position, or those of the named products. */
export const reconcileJob: JobKind<{ productIds?: string[] | undefined }> = { kind, handler: reconcileAll, retries: 2 };

/** At the start of each day: all positions, because terms begin and end and facts of assets change. */
export const nightlyReconcileJob: JobKind<unknown> = {
  kind: 'reconcile-licences-nightly',
  cron: '7 0 * * *',
  handler: (run) => reconcileAll({ ...run, data: {} }),
};

async function reconcileAll(
  run: Omit<JobRun<unknown>, 'data'> & { data: { productIds?: string[] | undefined } },
): Promise<{ products: number; milliseconds: number }> {
  const from = performance.now();
  const { db } = run.platform;
  const wanted = run.data.productIds;
  const all = await productsToReconcile(db);
  const products = wanted === undefined ? all : await named(run.platform, wanted, all);
  let done = 0;
  for (const batch of batches(products)) {
    if (run.signal.aborted) break;
    await reconcileProducts(run.platform, batch);
    done += batch.length;
    await run.progress(done, products.length, `${done} of ${products.length} products`);
  }
  return { products: done, milliseconds: Math.round(performance.now() - from) };
}

async function named(
  platform: Platform,
  ids: readonly string[],
  all: readonly { id: string; installations: number }[],
): Promise<{ id: string; installations: number }[]> {
  const known = await existingProducts(platform.db, ids);
  const weights = new Map(all.map((p) => [p.id, p.installations]));
  return [...known].map((id) => ({ id, installations: weights.get(id) ?? 0 }));
}

function* batches(products: readonly { id: string; installations: number }[]): Generator<string[]> {
  let batch: string[] = [];
  let weight = 0;
  for (const product of products) {
    if (batch.length > 0 && (weight + product.installations > installationsAtOnce || batch.length >= 100)) {
      yield batch;
      batch = [];
      weight = 0;
    }
    batch.push(product.id);
    weight += product.installations;
  }
  if (batch.length > 0) yield batch;
}

/** Queues the recomputation; one that waits already is enough when all are asked for. */
export async function recomputePositions(platform: Platform, actor: Actor, productIds: string[] | undefined): Promise<string> {
  return inTx(platform.db, (tx) =>
    platform.jobs.enqueue(
      tx,
      kind,
      { productIds },
      {
        title: productIds ? 'Recompute licence positions' : 'Recompute all licence positions',
        actor,
        ...(productIds ? {} : { singletonKey: 'all' }),
      },
    ),
  );
}

/** Notes the products whose terms begin or end with this day, once a day and process: for a server that was off at midnight. */
export async function noteTermEdges(platform: Platform): Promise<void> {
  const products = await productsAtTermEdge(platform.db, dayOf(platform.now()).toString());
  if (products.length > 0) await inTx(platform.db, (tx) => noteProductChanges(tx, products));
}
