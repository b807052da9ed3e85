import { type RawBuilder, sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface EntitlementRow {
  id: string;
  product_id: string;
  product_name: string;
  publisher_id: string;
  publisher_name: string;
  metric: string;
  quantity: string | null;
  edition: string | null;
  starts_on: string | null;
  ends_on: string | null;
  pool: string;
  unit_price: string | null;
  total_price: string | null;
  currency: string | null;
  purchase_reference: string | null;
  supplier: string | null;
  purchased_on: string | null;
  agreement: string | null;
  notes: string | null;
  custom: Record<string, unknown>;
  created_at: Date;
  updated_at: Date;
  retired_at: Date | null;
  version: number;
}

/** The columns a person fills in, by the name of their column. */
export interface EntitlementValues {
  product_id: string;
  metric: string;
  quantity: number | null;
  edition: string | null;
  starts_on: string | null;
  ends_on: string | null;
  pool: string;
  unit_price: string | null;
  currency: string | null;
  purchase_reference: string | null;
  supplier: string | null;
  purchased_on: string | null;
  agreement: string | null;
  notes: string | null;
}

const select = sql`select e.*, trim_scale(e.unit_price)::text as unit_price, trim_scale(e.unit_price * e.quantity)::text as total_price, p.name as product_name, pu.id as publisher_id, pu.name as publisher_name
  from entitlements e join products p on p.id = e.product_id join publishers pu on pu.id = p.publisher_id`;

/** undefined when there is none. `lock` holds it against others until the transaction ends. */
export async function entitlementById(db: Db, id: string, lock = false): Promise<EntitlementRow | undefined> {
  return (await sql<EntitlementRow>`${select} where e.id = ${id} ${lock ? sql`for update of e` : sql``}`.execute(db)).rows[0];
}

export async function insertEntitlement(tx: Tx, id: string, v: EntitlementValues, at: Date): Promise<void> {
  await sql`insert into entitlements (id, product_id, metric, quantity, edition, starts_on, ends_on, pool, unit_price, currency, purchase_reference, supplier, purchased_on, agreement, notes, created_at, updated_at)
    values (${id}, ${v.product_id}, ${v.metric}, ${v.quantity}, ${v.edition}, ${v.starts_on}, ${v.ends_on}, ${v.pool}, ${v.unit_price}, ${v.currency}, ${v.purchase_reference}, ${v.supplier},
      ${v.purchased_on}, ${v.agreement}, ${v.notes}, ${at}, ${at})`.execute(tx);
}

export async function updateEntitlement(tx: Tx, id: string, v: EntitlementValues, at: Date): Promise<void> {
  const sets: RawBuilder<unknown>[] = Object.entries(v).map(([column, value]) => sql`${sql.ref(column)} = ${value}`);
  await sql`update entitlements set ${sql.join(sets)}, updated_at = ${at}, version = version + 1 where id = ${id}`.execute(tx);
}

export async function setEntitlementCustom(tx: Tx, id: string, custom: Readonly<Record<string, unknown>>): Promise<void> {
  await sql`update entitlements set custom = ${JSON.stringify(custom)}::jsonb where id = ${id}`.execute(tx);
}

export async function markRetired(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update entitlements set retired_at = ${at}, updated_at = ${at}, version = version + 1 where id = ${id}`.execute(tx);
}

export async function productExists(db: Db, id: string): Promise<boolean> {
  return (await sql`select 1 from products where id = ${id}`.execute(db)).rows.length > 0;
}

/** Which of these products there are. */
export async function existingProducts(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select id from products where id = any(${ids}::uuid[])`.execute(db);
  return new Set(rows.map((r) => r.id));
}
