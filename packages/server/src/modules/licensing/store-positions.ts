import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** The asset of a consumer that is no asset. */
export const noAsset = '00000000-0000-0000-0000-000000000000';

export interface PositionWrite {
  product_id: string;
  metric: string;
  pool: string;
  owned: string | null;
  required_min: string;
  required_max: string;
  covered: string;
  covered_max: string;
  shortfall_min: string;
  shortfall_max: string;
  surplus_min: string;
  surplus_max: string;
  cost_to_cure: string | null;
  surplus_value: string | null;
  currency: string | null;
  status: string;
  missing_facts: number;
  derivation: unknown;
  details: unknown;
  rules_version: string;
}
/** Short names: thousands of them are sent as one JSON text. */
export interface DemandWrite {
  position_id: string;
  /** asset id */ a: string;
  /** consumer */ c: string;
  /** label */ l: string;
  /** edition */ e: string | null;
  /** exemption */ x: string | null;
  /** required, least and most */ n: string;
  m: string;
  /** covered */ v: string;
  /** entitlement */ t: string | null;
  /** facts */ f: unknown;
  /** missing facts, as PostgreSQL writes an array: their names are plain words */ i: string;
  /** digest */ d: string;
}

/** The ids these positions have or get, so that a position keeps its id for life. */
export async function positionIds(tx: Tx, productIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{
    id: string;
    product_id: string;
    metric: string;
    pool: string;
  }>`select id, product_id, metric, pool from positions where product_id = any(${productIds}::uuid[])`.execute(tx);
  return new Map(rows.map((r) => [positionKey(r), r.id]));
}
export function positionKey(p: { product_id: string; metric: string; pool: string }): string {
  return `${p.product_id} ${p.metric} ${p.pool}`;
}

export async function upsertPositions(tx: Tx, rows: readonly (PositionWrite & { id: string })[], computedAt: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into positions (id, product_id, metric, pool, owned, required_min, required_max, covered, covered_max, shortfall_min, shortfall_max, surplus_min, surplus_max, cost_to_cure, surplus_value, currency,
      status, missing_facts, derivation, details, rules_version, computed_at)
    select id, product_id, metric, pool, owned, required_min, required_max, covered, covered_max, shortfall_min, shortfall_max, surplus_min, surplus_max, cost_to_cure, surplus_value, currency, status, missing_facts,
      derivation, details, rules_version, ${computedAt}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (id uuid, product_id uuid, metric text, pool text, owned numeric, required_min numeric, required_max numeric, covered numeric, covered_max numeric,
      shortfall_min numeric, shortfall_max numeric, surplus_min numeric, surplus_max numeric, cost_to_cure numeric, surplus_value numeric, currency text, status text, missing_facts integer, derivation jsonb, details jsonb,
      rules_version text)
    on conflict (id) do update set owned = excluded.owned, required_min = excluded.required_min, required_max = excluded.required_max, covered = excluded.covered, covered_max = excluded.covered_max,
      shortfall_min = excluded.shortfall_min, shortfall_max = excluded.shortfall_max, surplus_min = excluded.surplus_min, surplus_max = excluded.surplus_max, cost_to_cure = excluded.cost_to_cure,
      surplus_value = excluded.surplus_value, currency = excluded.currency, status = excluded.status, missing_facts = excluded.missing_facts, derivation = excluded.derivation, details = excluded.details,
      rules_version = excluded.rules_version, computed_at = excluded.computed_at`.execute(tx);
}

/** Removes these positions with their demands. */
export async function deletePositions(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`delete from position_demands where position_id = any(${ids}::uuid[])`.execute(tx);
  await sql`delete from positions where id = any(${ids}::uuid[])`.execute(tx);
}

/** What is kept of a position's demands: digest by asset and consumer. */
export async function demandDigests(tx: Tx, positionId: string): Promise<Map<string, string>> {
  const { rows } = await sql<{
    k: string;
    d: string;
  }>`select asset_id || ' ' || consumer as k, digest as d from position_demands where position_id = ${positionId}`.execute(tx);
  return new Map(rows.map((r) => [r.k, r.d]));
}
export function demandKey(d: Pick<DemandWrite, 'a' | 'c'>): string {
  return `${d.a} ${d.c}`;
}

const chunk = 10_000;

export async function writeDemands(tx: Tx, rows: readonly DemandWrite[]): Promise<void> {
  for (let from = 0; from < rows.length; from += chunk) {
    await sql`insert into position_demands (asset_id, position_id, consumer, label, edition, exemption, required_min, required_max, covered, entitlement_id, facts, missing, digest)
      select a, position_id, c, l, e, x, n, m, v, t, f, i::text[], d
      from json_to_recordset(${JSON.stringify(rows.slice(from, from + chunk))}::json) as r (a uuid, position_id uuid, c text, l text, e text, x text, n numeric, m numeric, v numeric, t uuid, f jsonb, i text, d text)
      on conflict (asset_id, position_id, consumer) do update set label = excluded.label, edition = excluded.edition, exemption = excluded.exemption, required_min = excluded.required_min,
        required_max = excluded.required_max, covered = excluded.covered, entitlement_id = excluded.entitlement_id, facts = excluded.facts, missing = excluded.missing, digest = excluded.digest`.execute(
      tx,
    );
  }
}

export async function deleteDemands(tx: Tx, positionId: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const split = keys.map((k) => [k.slice(0, 36), k.slice(37)] as const);
  await sql`delete from position_demands d using unnest(${split.map(([a]) => a)}::uuid[], ${split.map(([, c]) => c)}::text[]) as g (asset_id, consumer)
    where d.position_id = ${positionId} and d.asset_id = g.asset_id and d.consumer = g.consumer`.execute(tx);
}

/** The products that have or ought to have a position, with how many installations each has, the heaviest first. */
export async function productsToReconcile(db: Db): Promise<{ id: string; installations: number }[]> {
  const { rows } = await sql<{ id: string; installations: string }>`
    select p.id, coalesce((select sum(e.installations) from evidence_recognition r join evidence e on e.id = r.evidence_id where r.product_id = p.id), 0) as installations
    from products p where p.id in (select product_id from entitlements where retired_at is null union select product_id from positions)
      or (p.licensable and exists (select 1 from evidence_recognition r where r.product_id = p.id))
    order by 2 desc, 1`.execute(db);
  return rows.map((r) => ({ id: r.id, installations: Number(r.installations) }));
}

/** Products whose entitlements begin today or ended yesterday: their position changes with the day alone. */
export async function productsAtTermEdge(db: Db, today: string): Promise<string[]> {
  const { rows } = await sql<{
    product_id: string;
  }>`select distinct product_id from entitlements where retired_at is null and (starts_on = ${today}::date or ends_on = ${today}::date - 1)`.execute(
    db,
  );
  return rows.map((r) => r.product_id);
}

/** Products with a need on these assets: those whose position may change with the asset's facts. */
export async function productsNeededOn(db: Db, assetIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{
    product_id: string;
  }>`select distinct p.product_id from position_demands d join positions p on p.id = d.position_id where d.asset_id = any(${assetIds}::uuid[])`.execute(
    db,
  );
  return rows.map((r) => r.product_id);
}
