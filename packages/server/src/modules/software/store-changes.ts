import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** A product whose facts changed. `changedAt` is text: a JS Date would lose the microseconds it is compared by. */
export interface ProductChange {
  readonly productId: string;
  readonly changedAt: string;
}

/** Told at the commit of any change. */
export const productChangesChannel = 'product_changes';

/** Products whose facts changed since licences were last reconciled, the oldest first. */
export async function productChanges(db: Db, limit: number): Promise<ProductChange[]> {
  const { rows } = await sql<{ product_id: string; changed_at: string }>`
    select product_id, changed_at::text as changed_at from product_changes order by product_changes.changed_at, product_id limit ${limit}`.execute(
    db,
  );
  return rows.map((r) => ({ productId: r.product_id, changedAt: r.changed_at }));
}

/** The noted changes of these products. */
export async function productChangesOf(db: Db, productIds: readonly string[]): Promise<ProductChange[]> {
  const { rows } = await sql<{ product_id: string; changed_at: string }>`
    select product_id, changed_at::text as changed_at from product_changes where product_id = any(${productIds}::uuid[])`.execute(db);
  return rows.map((r) => ({ productId: r.product_id, changedAt: r.changed_at }));
}

/** Says that licences of these products must be reconciled. */
export async function noteProductChanges(tx: Tx, productIds: readonly string[]): Promise<void> {
  if (productIds.length === 0) return;
  const sorted = [...new Set(productIds)].toSorted();
  await sql`insert into product_changes (product_id) select unnest(${sorted}::uuid[]) on conflict (product_id) do update set changed_at = clock_timestamp()`.execute(
    tx,
  );
  await sql`select pg_notify(${productChangesChannel}, '')`.execute(tx);
}

/**
 * Forgets changes that were reconciled. One that was noted again meanwhile has another time and stays; one that someone notes right now is
 * skipped, so nobody waits for anybody.
 */
export async function forgetProductChanges(tx: Tx, changes: readonly ProductChange[]): Promise<void> {
  if (changes.length === 0) return;
  await sql`delete from product_changes where product_id in (
      select c.product_id from product_changes c join unnest(${changes.map((c) => c.productId)}::uuid[], ${changes.map((c) => c.changedAt)}::timestamptz[]) as t (product_id, changed_at)
        on t.product_id = c.product_id and t.changed_at = c.changed_at for update of c skip locked)`.execute(tx);
}
