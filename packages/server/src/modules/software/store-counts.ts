import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

const FOLD_LOCK = 712_034_521;
const COUNT_LOCK = 712_034_522;

export async function insertDeltas(tx: Tx, ids: readonly number[], deltas: readonly number[]): Promise<void> {
  await sql`insert into installation_deltas (evidence_ids, deltas) values (${ids}::integer[], ${deltas}::integer[])`.execute(tx);
}

/** Whether this transaction may fold. Another process may be at it: then it waits when asked to, and answers false otherwise. */
export const foldLock = (tx: Tx, wait: boolean): Promise<boolean> => take(tx, FOLD_LOCK, wait);
/** The same for counting. */
export const countLock = (tx: Tx, wait: boolean): Promise<boolean> => take(tx, COUNT_LOCK, wait);

async function take(tx: Tx, lock: number, wait: boolean): Promise<boolean> {
  if (!wait) return (await sql<{ got: boolean }>`select pg_try_advisory_xact_lock(${lock}) as got`.execute(tx)).rows[0]?.got ?? false;
  await sql`select pg_advisory_xact_lock(${lock})`.execute(tx);
  return true;
}

/** Adds the waiting deltas to evidence, and answers the products they concern. */
export async function foldDeltas(tx: Tx, limit: number): Promise<{ folded: number; products: string[] }> {
  const { rows } = await sql<{ folded: number; products: string[] | null }>`
    with taken as (delete from installation_deltas where id in (select id from installation_deltas order by id limit ${limit}) returning evidence_ids, deltas),
      summed as (select u.evidence_id, sum(u.delta)::integer as delta from taken t, unnest(t.evidence_ids, t.deltas) as u(evidence_id, delta) group by u.evidence_id),
      counted as (update evidence e set installations = greatest(0, e.installations + s.delta) from summed s where e.id = s.evidence_id and s.delta <> 0 returning e.id)
    select (select count(*)::integer from taken) as folded, (select count(*) from counted) as counted,
      (select array_agg(distinct r.product_id) from summed s join evidence_recognition r on r.evidence_id = s.evidence_id where r.product_id is not null) as products`.execute(
    tx,
  );
  return { folded: rows[0]?.folded ?? 0, products: rows[0]?.products ?? [] };
}

/** Says that the facts of these products changed: for licences (told at once) and for their own counts. */
export async function markProducts(tx: Tx, products: readonly string[]): Promise<void> {
  if (products.length === 0) return;
  const sorted = [...new Set(products)].sort();
  await sql`insert into product_changes (product_id) select unnest(${sorted}::uuid[]) on conflict (product_id) do update set changed_at = clock_timestamp()`.execute(
    tx,
  );
  await sql`insert into product_counts_due (product_id, since) select unnest(${sorted}::uuid[]), clock_timestamp() on conflict (product_id) do update set since = clock_timestamp()`.execute(
    tx,
  );
  await sql`select pg_notify('product_changes', '')`.execute(tx);
}

export interface DueProduct {
  product_id: string;
  /** As text: a JS Date would lose the microseconds it is compared by. */
  since: string;
}
export async function dueProducts(tx: Tx, limit: number): Promise<DueProduct[]> {
  return (
    await sql<DueProduct>`select product_id, since::text as since from product_counts_due order by product_counts_due.since, product_id limit ${limit}`.execute(
      tx,
    )
  ).rows;
}

/** Counts assets and installations of these products. One that became due again meanwhile stays due. */
export async function countProducts(tx: Tx, due: readonly DueProduct[]): Promise<void> {
  const ids = due.map((d) => d.product_id);
  await sql`update products p set assets = c.assets, installations = c.installations
    from (select d.product_id, count(distinct i.asset_id)::integer as assets, count(i.asset_id)::integer as installations
      from unnest(${ids}::uuid[]) as d(product_id) left join evidence_recognition r on r.product_id = d.product_id
        left join installations i on i.evidence_id = r.evidence_id and i.removed_at is null group by d.product_id) c
    where p.id = c.product_id and (p.assets, p.installations) is distinct from (c.assets, c.installations)`.execute(tx);
  // Last, and by itself: whoever marks a product due waits for this row only a moment.
  await sql`delete from product_counts_due d using unnest(${ids}::uuid[], ${due.map((d) => d.since)}::timestamptz[]) as t(product_id, since)
    where d.product_id = t.product_id and d.since = t.since`.execute(tx);
}
