import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';

export interface PositionRow {
  id: string;
  product_id: string;
  product_name: string;
  publisher_id: string;
  publisher_name: string;
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
  computed_at: Date;
}
export interface KeptDemandRow {
  consumer: string;
  label: string;
  asset_id: string;
  edition: string | null;
  exemption: string | null;
  required_min: string;
  required_max: string;
  covered: string;
  facts: Record<string, string | number | boolean | null | string[]>;
  missing: string[];
}
export interface DemandGroupRow {
  required_min: string;
  required_max: string;
  n: string;
  covered: string;
}

const columns = sql`b.*, p.name as product_name, pu.id as publisher_id, pu.name as publisher_name from positions b join products p on p.id = b.product_id join publishers pu on pu.id = p.publisher_id`;

export async function positionById(db: Db, id: string): Promise<PositionRow | undefined> {
  return (await sql<PositionRow>`select ${columns} where b.id = ${id}`.execute(db)).rows[0];
}

/** The positions with the most at stake: sure shortfall by money, then by number, then doubt, then surplus. */
export async function positionsAtStake(db: Db, limit: number): Promise<PositionRow[]> {
  return (
    await sql<PositionRow>`select ${columns} where b.required_max > 0 or b.owned is distinct from 0
    order by coalesce(b.cost_to_cure, 0) desc, b.shortfall_min desc, coalesce(b.surplus_value, 0) desc, b.shortfall_max desc, b.surplus_min desc, p.name, b.id limit ${limit}`.execute(
      db,
    )
  ).rows;
}

export async function positionTotals(
  db: Db,
): Promise<{ statuses: { status: string; n: string }[]; money: { currency: string; cost: string; surplus: string }[] }> {
  const statuses = await sql<{
    status: string;
    n: string;
  }>`select status, count(*) as n from positions group by status order by status`.execute(db);
  const money = await sql<{
    currency: string;
    cost: string;
    surplus: string;
  }>`select currency, sum(coalesce(cost_to_cure, 0))::text as cost, sum(coalesce(surplus_value, 0))::text as surplus
    from positions where currency is not null group by currency order by currency`.execute(db);
  return { statuses: statuses.rows, money: money.rows };
}

/** Pending are the products noted as changed, and those of installations that ingest has changed but nobody has noted yet. */
export async function freshness(
  db: Db,
): Promise<{ positions: string; oldest: Date | null; newest: Date | null; pending: string; since: Date | null }> {
  const { rows } = await sql<{ positions: string; oldest: Date | null; newest: Date | null; pending: string; since: Date | null }>`
    with pending as (
      select product_id from product_changes
      union
      select r.product_id from installation_deltas d cross join unnest(d.evidence_ids) as changed (evidence_id)
        join evidence_recognition r using (evidence_id) where r.product_id is not null)
    select (select count(*) from positions) as positions, (select min(computed_at) from positions) as oldest, (select max(computed_at) from positions) as newest,
      (select count(*) from pending) as pending, (select min(changed_at) from product_changes) as since`.execute(db);
  return rows[0]!;
}

/** The demands of a position by their size, summed from the rows themselves. */
export async function demandGroupRows(db: Db, positionId: string): Promise<DemandGroupRow[]> {
  return (
    await sql<DemandGroupRow>`select trim_scale(required_min)::text as required_min, trim_scale(required_max)::text as required_max, count(*) as n, sum(covered)::text as covered
    from position_demands where position_id = ${positionId} and exemption is null group by 1, 2`.execute(db)
  ).rows;
}

/** Up to `limit` real needs of a position, in the order of their labels. */
export async function firstDemands(db: Db, positionId: string, limit: number): Promise<KeptDemandRow[]> {
  return (
    await sql<KeptDemandRow>`select consumer, label, asset_id, edition, exemption, trim_scale(required_min)::text as required_min, trim_scale(required_max)::text as required_max, trim_scale(covered)::text as covered, facts, missing
    from position_demands where position_id = ${positionId} and exemption is null order by label, consumer limit ${limit}`.execute(db)
  ).rows;
}

/** Rights in force per purchase line of a position, read from the entitlements themselves. */
export async function ownedByLine(
  db: Db,
  position: Pick<PositionRow, 'product_id' | 'metric' | 'pool'>,
  today: string,
): Promise<{ id: string; quantity: string | null }[]> {
  return (
    await sql<{
      id: string;
      quantity: string | null;
    }>`select id, trim_scale(quantity)::text as quantity from entitlements where product_id = ${position.product_id} and metric = ${position.metric} and pool = ${position.pool}
    and retired_at is null and (starts_on is null or starts_on <= ${today}::date) and (ends_on is null or ends_on >= ${today}::date) order by id`.execute(
      db,
    )
  ).rows;
}
