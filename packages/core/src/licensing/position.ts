import type { MetricKey, PositionStatus } from '@muster/api/licensing';
import type { Decimal } from 'decimal.js';
import { allocate, coversDay } from './allocate/index.ts';
import { type Demand, demandsOf, type LicensableConsumer, screen } from './demand/index.ts';
import type { EntitlementFact, ProductFacts } from './facts.ts';
import { floorDifference, isExact, quantity, type Range, sumRanges, zero } from './quantity.ts';
import type { LicenceRules } from './rules.ts';

/** The pool whose rights anyone may use. */
export const globalPool = 'global';

/** What one entitlement gives in the least and in the most case. */
export interface LotUse {
  readonly entitlement: EntitlementFact;
  /** null is unlimited. */
  readonly quantity: Decimal | null;
  readonly used: Range;
}
export interface CoveredDemand {
  readonly demand: Demand;
  /** Of what is surely required. */
  readonly covered: Decimal;
  readonly coveredMax: Decimal;
  readonly entitlementId: string | null;
}
export interface Money {
  readonly amount: Decimal;
  readonly currency: string;
}
/** The position of a product under one metric in one pool. Quantities are in the metric's unit. */
export interface PositionFigures {
  readonly metric: MetricKey;
  readonly pool: string;
  readonly status: PositionStatus;
  /** null is unlimited. */
  readonly owned: Decimal | null;
  readonly required: Range;
  /** `min` of the least required, `max` of the most. */
  readonly covered: Range;
  readonly shortfall: Range;
  readonly surplus: Range;
  /** The sure shortfall at the latest price paid; null without a price. */
  readonly costToCure: Money | null;
  readonly costNote: string | null;
  /** The sure surplus at the prices paid, one sum per currency. */
  readonly surplusValue: readonly Money[];
  readonly missingFacts: number;
  readonly lots: readonly LotUse[];
  readonly demands: readonly CoveredDemand[];
}

/**
 * The positions of one product on a day: facts x entitlements x rules. Pure and the same for any order of its inputs.
 * A pool other than `global` holds the consumers whose org unit bears its name; its rights serve only them.
 * Where entitlements count by several metrics, each serves whom it can cover whole, in the order of the rules; the last carries the rest.
 */
export function positionsOf(facts: ProductFacts, rules: LicenceRules, day: Temporal.PlainDate): PositionFigures[] {
  const today = day.toString();
  const pools = [...new Set([...facts.entitlements.map((e) => e.pool), globalPool])].toSorted();
  const exempt = new Map<string, Demand[]>();
  const consumers = new Map<string, LicensableConsumer[]>();
  for (const consumer of facts.consumers) {
    const pool = poolOf(consumer.device.orgUnits, pools);
    const screened = screen(consumer, facts.product.key, rules.exemptions);
    if (screened.licensable) push(consumers, pool, screened.licensable);
    if (screened.exempt) push(exempt, pool, screened.exempt);
  }
  return pools.flatMap((pool) => {
    const entitlements = facts.entitlements.filter((e) => e.pool === pool);
    const needs = consumers.get(pool) ?? [];
    const released = (exempt.get(pool) ?? []).toSorted((a, b) => (a.consumer < b.consumer ? -1 : 1));
    if (needs.length === 0 && released.length === 0 && entitlements.length === 0) return [];
    return poolPositions({ facts, rules, today, pool, entitlements, needs, released });
  });
}

interface Pool {
  readonly facts: ProductFacts;
  readonly rules: LicenceRules;
  readonly today: string;
  readonly pool: string;
  readonly entitlements: readonly EntitlementFact[];
  readonly needs: readonly LicensableConsumer[];
  readonly released: readonly Demand[];
}

function poolPositions(p: Pool): PositionFigures[] {
  const metrics = metricsOf(p);
  let open = p.needs;
  return metrics.map((metric, index) => {
    const rule = p.rules.metrics[metric];
    const own = p.entitlements.filter((e) => e.metric === metric);
    const active = own.filter((e) => coversDay(e, p.today));
    const all = demandsOf(open, rule);
    if (index === metrics.length - 1) return figures(p, metric, own, active, [...all, ...p.released]);
    const whole = wholeCovered(all, active);
    const served = new Set(whole.flatMap((d) => d.assetIds));
    open = open.filter((c) => !served.has(c.fact.device.assetId));
    return figures(p, metric, own, active, whole);
  });
}

/** The metrics that count in a pool: those with rights in force, else those with any, else the product's own. */
function metricsOf(p: Pool): MetricKey[] {
  const active = p.entitlements.filter((e) => coversDay(e, p.today));
  const candidates = [active, p.entitlements, p.facts.entitlements].find((list) => list.length > 0);
  const keys = candidates ? [...new Set(candidates.map((e) => e.metric))] : [defaultMetric(p.facts.product.key, p.rules)];
  return keys.toSorted((a, b) => p.rules.metrics[a].order - p.rules.metrics[b].order);
}

/** The metric by which a product counts while nothing is bought. */
export function defaultMetric(productKey: string, rules: LicenceRules): MetricKey {
  const all = Object.values(rules.metrics);
  const named = all.find((m) => m.defaultFor.includes(productKey)) ?? all.find((m) => m.defaultFor.includes('*'));
  return named?.key ?? 'per_device';
}

/** The needs that these rights cover whole even in the most case. */
function wholeCovered(demands: readonly Demand[], active: readonly EntitlementFact[]): Demand[] {
  const most = allocate(demands, active, (d) => d.required.max);
  return demands.filter((d) => most.given.get(d.consumer)!.units.equals(d.required.max));
}

function figures(
  p: Pool,
  metric: MetricKey,
  own: readonly EntitlementFact[],
  active: readonly EntitlementFact[],
  demands: readonly Demand[],
): PositionFigures {
  const least = allocate(demands, active, (d) => d.required.min);
  // Without missing facts both cases are one.
  const most = demands.every((d) => isExact(d.required)) ? least : allocate(demands, active, (d) => d.required.max);
  const required = sumRanges(demands.map((d) => d.required));
  const covered = { min: least.covered, max: most.covered };
  const shortfall = { min: required.min.minus(covered.min), max: required.max.minus(covered.max) };
  const lots = active
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map<LotUse>((e) => ({
      entitlement: e,
      quantity: e.quantity === null ? null : quantity(e.quantity),
      used: { min: least.used.get(e.id)!, max: most.used.get(e.id)! },
    }));
  const limited = lots.filter((l) => l.quantity !== null);
  const surplus = {
    min: limited.reduce((sum, l) => sum.plus(floorDifference(l.quantity!, l.used.max)), zero),
    max: limited.reduce((sum, l) => sum.plus(floorDifference(l.quantity!, l.used.min)), zero),
  };
  const owned = limited.length < lots.length ? null : limited.reduce((sum, l) => sum.plus(l.quantity!), zero);
  return {
    metric,
    pool: p.pool,
    status: statusOf(p.facts.entitlements.length > 0, required, shortfall, surplus),
    owned,
    required,
    covered,
    shortfall,
    surplus,
    ...costOf(own, shortfall.min),
    surplusValue: surplusValue(limited),
    missingFacts: demands.filter((d) => d.missing.length > 0).length,
    lots,
    demands: demands.map((demand) => {
      const given = least.given.get(demand.consumer)!;
      const givenMost = most.given.get(demand.consumer)!;
      return { demand, covered: given.units, coveredMax: givenMost.units, entitlementId: given.entitlementId ?? givenMost.entitlementId };
    }),
  };
}

function statusOf(everBought: boolean, required: Range, shortfall: Range, surplus: Range): PositionStatus {
  if (!everBought && required.max.greaterThan(0)) return 'unlicensed';
  if (shortfall.min.greaterThan(0)) return 'short';
  if (shortfall.max.greaterThan(0)) return 'unknown';
  return surplus.min.greaterThan(0) ? 'surplus' : 'compliant';
}

/** The sure shortfall at the price of the latest purchase of the same metric; money in cents, half up. */
function costOf(own: readonly EntitlementFact[], shortfall: Decimal): Pick<PositionFigures, 'costToCure' | 'costNote'> {
  const priced = own
    .filter((e) => e.unitPrice !== null && e.currency !== null)
    .toSorted((a, b) => ((a.purchasedOn ?? '') + a.id < (b.purchasedOn ?? '') + b.id ? 1 : -1))[0];
  if (shortfall.isZero()) return { costToCure: priced ? { amount: zero, currency: priced.currency! } : null, costNote: null };
  if (!priced) return { costToCure: null, costNote: 'No entitlement of this metric has a price.' };
  return {
    costToCure: { amount: shortfall.times(priced.unitPrice!).toDecimalPlaces(2), currency: priced.currency! },
    costNote: `At the price of ${priced.label}.`,
  };
}

function surplusValue(lots: readonly LotUse[]): Money[] {
  const sums = new Map<string, Decimal>();
  for (const { entitlement: e, quantity: bought, used } of lots) {
    if (e.unitPrice === null || e.currency === null) continue;
    sums.set(e.currency, (sums.get(e.currency) ?? zero).plus(floorDifference(bought!, used.max).times(e.unitPrice)));
  }
  return [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([currency, amount]) => ({ amount: amount.toDecimalPlaces(2), currency }));
}

function poolOf(orgUnits: readonly string[], pools: readonly string[]): string {
  for (const unit of orgUnits) {
    const pool = pools.find((name) => name !== globalPool && name.toLowerCase() === unit.toLowerCase());
    if (pool !== undefined) return pool;
  }
  return globalPool;
}
function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
