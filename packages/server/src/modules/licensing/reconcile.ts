import {
  derivePosition,
  exemptionSentence,
  factLabel,
  type LicenceRules,
  type MetricRule,
  numberText,
  type PositionFigures,
  positionSentence,
  positionsOf,
  type ProductFacts,
} from '@muster/core/licensing';
import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { digestOf } from './digest.ts';
import { readFacts } from './facts.ts';
import { shippedRules } from './rules.ts';
import { lockProducts } from './store-facts.ts';
import {
  deleteDemands,
  deletePositions,
  demandDigests,
  demandKey,
  type DemandWrite,
  noAsset,
  positionIds,
  positionKey,
  type PositionWrite,
  upsertPositions,
  writeDemands,
} from './store-positions.ts';

/** Said beside a position's figures; kept with it. */
export interface PositionDetails {
  sentence: string;
  costNote: string | null;
  surplusValueByCurrency: { amount: string; currency: string }[];
  missing: { fact: string; label: string; consumers: number; spread: number }[];
  adjustments: { reason: string; installations: number; sentence: string }[];
  assumptions: { key: string; sentence: string; consumers: number }[];
  coverage: {
    entitlementId: string;
    label: string;
    quantity: number | null;
    used: number;
    unused: number | null;
    unitPrice: { amount: string; currency: string } | null;
    sentence: string;
  }[];
}

/** The day in UTC. */
export function dayOf(now: Date): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO('UTC').toPlainDate();
}

/**
 * Computes the positions of these products from the facts of now and replaces what is kept of them, in one transaction. One reconciliation of a
 * product runs at a time and reads its facts when it has its turn, so that an older result never overwrites a newer one.
 */
export async function reconcileProducts(platform: Pick<Platform, 'db' | 'now'>, productIds: readonly string[]): Promise<void> {
  if (productIds.length === 0) return;
  const ids = [...new Set(productIds)];
  const rules = shippedRules();
  await inTx(platform.db, async (tx) => {
    await lockProducts(tx, ids);
    const now = platform.now();
    const today = dayOf(now);
    const known = await positionIds(tx, ids);
    const kept = new Set<string>();
    for (const facts of await readFacts(tx, ids, rules)) {
      for (const figures of positionsOf(facts, rules, today)) kept.add(await writePosition(tx, facts, figures, rules, known, now));
    }
    await deletePositions(
      tx,
      [...known.values()].filter((id) => !kept.has(id)),
    );
  });
}

async function writePosition(
  tx: Tx,
  facts: ProductFacts,
  figures: PositionFigures,
  rules: LicenceRules,
  known: ReadonlyMap<string, string>,
  now: Date,
): Promise<string> {
  const row = positionRow(facts, figures, rules);
  const id = known.get(positionKey(row)) ?? newId(now.getTime());
  const trees = derivePosition(figures, rules.metrics[figures.metric], facts.product.name, `/api/v1/positions/${id}/demands`);
  await upsertPositions(tx, [{ ...row, id, derivation: trees }], now);
  const before = await demandDigests(tx, id);
  const changed: DemandWrite[] = [];
  for (const covered of figures.demands) {
    const write = demandRow(id, covered);
    const key = demandKey(write);
    if (before.get(key) !== write.d) changed.push(write);
    before.delete(key);
  }
  await deleteDemands(tx, id, [...before.keys()]);
  await writeDemands(tx, changed);
  return id;
}

function positionRow(facts: ProductFacts, p: PositionFigures, rules: LicenceRules): Omit<PositionWrite, 'derivation'> {
  const value = p.surplusValue.length === 1 ? p.surplusValue[0]! : null;
  const cost = p.costToCure;
  // One currency column: where cost and surplus are in two, the surplus is told by currency only.
  const currency = cost?.currency ?? value?.currency ?? null;
  return {
    product_id: facts.product.id,
    metric: p.metric,
    pool: p.pool,
    owned: p.owned?.toFixed() ?? null,
    required_min: p.required.min.toFixed(),
    required_max: p.required.max.toFixed(),
    covered: p.covered.min.toFixed(),
    covered_max: p.covered.max.toFixed(),
    shortfall_min: p.shortfall.min.toFixed(),
    shortfall_max: p.shortfall.max.toFixed(),
    surplus_min: p.surplus.min.toFixed(),
    surplus_max: p.surplus.max.toFixed(),
    cost_to_cure: cost?.amount.toFixed(2) ?? null,
    surplus_value: value !== null && value.currency === currency ? value.amount.toFixed(2) : null,
    currency,
    status: p.status,
    missing_facts: p.missingFacts,
    details: detailsOf(facts, p, rules),
    rules_version: rules.version,
  };
}

function detailsOf(facts: ProductFacts, p: PositionFigures, rules: LicenceRules): PositionDetails {
  const rule = rules.metrics[p.metric];
  return {
    sentence: positionSentence(p, rule, facts.product.name),
    costNote: p.costNote,
    surplusValueByCurrency: p.surplusValue.map((m) => ({ amount: m.amount.toFixed(2), currency: m.currency })),
    missing: missingOf(p, rule),
    adjustments: adjustmentsOf(p, rules),
    assumptions: assumptionsOf(p),
    coverage: p.lots.map(({ entitlement: e, quantity, used }) => ({
      entitlementId: e.id,
      label: e.label,
      quantity: quantity?.toNumber() ?? null,
      used: used.min.toNumber(),
      unused: quantity?.minus(used.min).toNumber() ?? null,
      unitPrice: e.unitPrice === null || e.currency === null ? null : { amount: e.unitPrice, currency: e.currency },
      sentence: `${e.label} covers ${numberText(used.min)} of its ${quantity === null ? 'unlimited' : numberText(quantity)} ${rule.unit}${e.endsOn === null ? '' : ` until ${e.endsOn}`}.`,
    })),
  };
}

/** Missing facts by how much doubt they account for: the most rewarding to find out first. */
function missingOf(p: PositionFigures, rule: MetricRule): PositionDetails['missing'] {
  const byFact = new Map<string, { consumers: number; spread: number }>();
  for (const { demand } of p.demands) {
    if (demand.missing.length === 0) continue;
    const spread = demand.required.max.minus(demand.required.min).toNumber();
    for (const fact of demand.missing) {
      const sum = byFact.get(fact) ?? { consumers: 0, spread: 0 };
      byFact.set(fact, { consumers: sum.consumers + 1, spread: sum.spread + spread });
    }
  }
  return [...byFact]
    .map(([fact, sum]) => ({ fact, label: factLabel(fact, rule), ...sum }))
    .toSorted((a, b) => b.spread - a.spread || (a.fact < b.fact ? -1 : 1));
}

function adjustmentsOf(p: PositionFigures, rules: LicenceRules): PositionDetails['adjustments'] {
  const byReason = new Map<string, number>();
  for (const { demand } of p.demands) {
    if (demand.exemption !== null)
      byReason.set(demand.exemption, (byReason.get(demand.exemption) ?? 0) + Number(demand.facts.installs ?? 1));
  }
  return [...byReason]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, installations]) => ({ reason, installations, sentence: exemptionSentence(reason, rules.exemptions) }));
}

/** What was taken for granted, so that an auditor can take it back. */
function assumptionsOf(p: PositionFigures): PositionDetails['assumptions'] {
  const edition = p.lots.some((l) => l.entitlement.edition !== null)
    ? p.demands.filter((d) => d.demand.exemption === null && d.demand.edition === null).length
    : 0;
  const alone = p.demands.filter((d) => d.demand.facts.as === 'vm').length;
  const user = p.demands.filter((d) => d.demand.missing.includes('user')).length;
  return [
    { key: 'edition_as_bought', sentence: 'Where the edition is not known it is taken to be one that was bought.', consumers: edition },
    {
      key: 'licensed_by_virtual_machine',
      sentence: 'A virtual machine without a known licensed host is licensed alone, which needs Software Assurance or a subscription.',
      consumers: alone,
    },
    {
      key: 'user_not_known',
      sentence: 'A device without a known user is used by somebody already counted or by somebody new.',
      consumers: user,
    },
  ].filter((a) => a.consumers > 0);
}

function demandRow(positionId: string, { demand, covered, entitlementId }: PositionFigures['demands'][number]): DemandWrite {
  const { min, max } = demand.required;
  const least = min.toFixed();
  const row = {
    position_id: positionId,
    a: demand.assetId ?? noAsset,
    c: demand.consumer,
    l: demand.label,
    e: demand.edition,
    x: demand.exemption,
    n: least,
    m: max === min ? least : max.toFixed(),
    v: covered === min ? least : covered.toFixed(),
    t: entitlementId,
    f: demand.facts,
    i: `{${demand.missing.join(',')}}`,
  };
  return { ...row, d: digestOf(JSON.stringify([row.l, row.e, row.x, row.n, row.m, row.v, row.t, row.f, row.i])) };
}
