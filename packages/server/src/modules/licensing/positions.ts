import { Problem } from '@muster/api/errors';
import type { Metric, MetricKey, Position, PositionStatus, PositionSummary } from '@muster/api/licensing';
import type { Db } from '../../platform/db/types.ts';
import type { PositionDetails } from './reconcile.ts';
import { shippedRules } from './rules.ts';
import { freshness, positionById, type PositionRow, positionsAtStake, positionTotals } from './store-read.ts';

/** @throws Problem not_found */
export async function findPosition(db: Db, id: string): Promise<PositionRow> {
  const row = await positionById(db, id);
  if (!row) throw new Problem('not_found', 'There is no position with this id.');
  return row;
}

export async function readPosition(db: Db, id: string): Promise<Position> {
  const row = await findPosition(db, id);
  const details = row.details as PositionDetails;
  const rule = shippedRules().metrics[row.metric as MetricKey];
  return {
    ...figures(row),
    id: row.id,
    publisher: { id: row.publisher_id, label: row.publisher_name },
    metricName: rule.name,
    coveredMax: Number(row.covered_max),
    costNote: details.costNote,
    surplusValueByCurrency: details.surplusValueByCurrency,
    missingFacts: row.missing_facts,
    missing: details.missing,
    adjustments: details.adjustments,
    assumptions: details.assumptions,
    coverage: details.coverage.map(({ entitlementId, label, ...rest }) => ({ entitlement: { id: entitlementId, label }, ...rest })),
    sentence: details.sentence,
    rulesVersion: row.rules_version,
    computedAt: row.computed_at.toISOString(),
  };
}

/** The positions with the most at stake and the totals, for charts. */
export async function summarisePositions(db: Db, limit: number): Promise<PositionSummary> {
  const totals = await positionTotals(db);
  const items = await positionsAtStake(db, limit);
  const sums = (amount: (m: (typeof totals.money)[number]) => string): { amount: string; currency: string }[] =>
    totals.money.filter((m) => Number(amount(m)) !== 0).map((m) => ({ amount: amount(m), currency: m.currency }));
  return {
    statuses: totals.statuses.map((s) => ({ status: s.status as PositionStatus, count: Number(s.n) })),
    costToCure: sums((m) => m.cost),
    surplusValue: sums((m) => m.surplus),
    items: items.map((row) => ({ ...figures(row), positionId: row.id })),
  };
}

export async function readFreshness(db: Db): Promise<{
  positions: number;
  oldestComputedAt: string | null;
  newestComputedAt: string | null;
  pendingProducts: number;
  oldestPendingSince: string | null;
  rulesVersion: string;
}> {
  const f = await freshness(db);
  return {
    positions: Number(f.positions),
    oldestComputedAt: f.oldest?.toISOString() ?? null,
    newestComputedAt: f.newest?.toISOString() ?? null,
    pendingProducts: Number(f.pending),
    oldestPendingSince: f.since?.toISOString() ?? null,
    rulesVersion: shippedRules().version,
  };
}

/** The metrics with their rules, in the order in which they are consumed. */
export function listMetrics(): { rulesVersion: string; items: Metric[] } {
  const rules = shippedRules();
  const items = Object.values(rules.metrics)
    .toSorted((a, b) => a.order - b.order)
    .map(({ key, name, explanation, formula, unit, needs, rounding, attributes, source, version, effectiveFrom, effectiveTo }) => ({
      key,
      name,
      explanation,
      formula,
      unit,
      needs: [...needs],
      rounding,
      attributes: attributes.map((a) => ({ ...a })),
      source,
      version,
      effectiveFrom,
      effectiveTo,
    }));
  return { rulesVersion: rules.version, items };
}

function figures(row: PositionRow): Omit<PositionSummary['items'][number], 'positionId'> {
  const metric = row.metric as MetricKey;
  return {
    product: { id: row.product_id, label: row.product_name },
    metric,
    pool: row.pool,
    unit: shippedRules().metrics[metric].unit,
    status: row.status as PositionStatus,
    owned: row.owned === null ? null : Number(row.owned),
    required: { min: Number(row.required_min), max: Number(row.required_max) },
    covered: Number(row.covered),
    shortfall: { min: Number(row.shortfall_min), max: Number(row.shortfall_max) },
    surplus: { min: Number(row.surplus_min), max: Number(row.surplus_max) },
    costToCure: money(row.cost_to_cure, row.currency),
    surplusValue: money(row.surplus_value, row.currency),
  };
}
function money(amount: string | null, currency: string | null): { amount: string; currency: string } | null {
  return amount === null || currency === null ? null : { amount, currency };
}
