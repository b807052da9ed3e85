import type { DerivationNode } from '@muster/api/licensing';
import type { PositionFigures } from '../position.ts';
import { addRanges, noRange, numberText, quantity, type Range, rangeText } from '../quantity.ts';
import type { MetricRule } from '../rules.ts';
import { node, ruleOf, wire } from './node.ts';

export const figureNames = ['owned', 'required', 'covered', 'shortfall', 'surplus'] as const;
export type FigureName = (typeof figureNames)[number];
export type PositionTrees = Readonly<Record<FigureName, DerivationNode>>;

/** Different needs that get a group of their own; the others share one. */
const groupsShown = 12;

/** A group of needs of one size; `key` names it in the tree and to whoever sums its rows. */
export interface DemandGroup {
  readonly key: string;
  readonly each: Range | null;
  readonly count: number;
  readonly required: Range;
}

/** The key of the group a need belongs to, when groups are by size. */
export function groupKey(required: Range): string {
  return `${required.min.toFixed()}..${required.max.toFixed()}`;
}

/**
 * The trees of a position's figures. Needs appear as groups of rows of one size, which `href` pages through; the purchase lines are leaves.
 * They evaluate to the figures with a resolver that sums the rows of a group (`rowsResolver`).
 */
export function derivePosition(position: PositionFigures, rule: MetricRule, productName: string, demandsHref: string): PositionTrees {
  const required = requiredTree(position, rule, productName, demandsHref);
  const covered = coveredTree(position, rule);
  const unit = rule.unit;
  return {
    owned: ownedTree(position, rule),
    required,
    covered,
    shortfall: node(
      'shortfall',
      'shortfall',
      'Short',
      unit,
      wire(position.shortfall),
      `Required ${rangeText(position.required)}, of which covered ${rangeText(position.covered)}: short ${rangeText(position.shortfall)}.`,
      {
        inputs: [required, covered],
      },
    ),
    surplus: surplusTree(position, rule),
  };
}

function requiredTree(position: PositionFigures, rule: MetricRule, productName: string, href: string): DerivationNode {
  const groups = demandGroups(position);
  const inputs = groups.map((g) =>
    node(
      'rows',
      `rows:${g.key}`,
      g.each ? `${consumersText(g.count)} with ${rangeText(g.each)} each` : `${consumersText(g.count)} with other needs`,
      rule.unit,
      wire(g.required),
      `${consumersText(g.count)} need ${rangeText(g.required)} ${rule.unit}.`,
      {
        rows: {
          count: g.count,
          href: g.each
            ? `${href}?filter=${encodeURIComponent(`required_min:${g.each.min.toFixed()} required_max:${g.each.max.toFixed()}`)}`
            : href,
        },
      },
    ),
  );
  const count = groups.reduce((sum, g) => sum + g.count, 0);
  return node(
    'sum',
    'required',
    'Required',
    rule.unit,
    wire(position.required),
    `${productName} is needed by ${consumersText(count)}: ${rangeText(position.required)} ${rule.unit}.`,
    { rule: ruleOf(rule), inputs },
  );
}

/** The needs of a position grouped by size: the largest groups first; past a dozen the rest is one group `other`. */
export function demandGroups(position: Pick<PositionFigures, 'demands'>): DemandGroup[] {
  const bySize = new Map<string, { each: Range; count: number; required: Range }>();
  for (const { demand } of position.demands) {
    if (demand.exemption !== null) continue;
    const key = groupKey(demand.required);
    const group = bySize.get(key);
    if (group) {
      group.count++;
      group.required = addRanges(group.required, demand.required);
    } else bySize.set(key, { each: demand.required, count: 1, required: demand.required });
  }
  const sorted = [...bySize].toSorted(([ka, a], [kb, b]) => b.count - a.count || (ka < kb ? -1 : 1)).map(([key, g]) => ({ key, ...g }));
  if (sorted.length <= groupsShown) return sorted;
  const rest = sorted.slice(groupsShown);
  const other = {
    key: 'other',
    each: null,
    count: rest.reduce((n, g) => n + g.count, 0),
    required: rest.reduce((sum, g) => addRanges(sum, g.required), noRange),
  };
  return [...sorted.slice(0, groupsShown), other];
}

function ownedTree(position: PositionFigures, rule: MetricRule): DerivationNode {
  const value = position.owned === null ? null : wire({ min: position.owned, max: position.owned });
  const lines = position.lots.length === 1 ? '1 purchase line is' : `${position.lots.length} purchase lines are`;
  return node(
    'sum',
    'owned',
    'Owned',
    rule.unit,
    value,
    `${lines} in force: ${position.owned === null ? 'unlimited' : numberText(position.owned)} ${rule.unit}.`,
    {
      inputs: position.lots.map((lot) => {
        const bought = lot.quantity === null ? null : wire({ min: lot.quantity, max: lot.quantity });
        return node(
          'purchase_line',
          `owned:${lot.entitlement.id}`,
          lot.entitlement.label,
          rule.unit,
          bought,
          `${lot.entitlement.label}: ${quantityText(lot.quantity)} ${rule.unit}${termText(lot.entitlement)}.`,
          { ref: entitlementRef(lot) },
        );
      }),
    },
  );
}

function coveredTree(position: PositionFigures, rule: MetricRule): DerivationNode {
  return node(
    'sum',
    'covered',
    'Covered',
    rule.unit,
    wire(position.covered),
    `The purchase lines cover ${rangeText(position.covered)} ${rule.unit}.`,
    {
      inputs: position.lots.map((lot) =>
        node(
          'purchase_line',
          `covered:${lot.entitlement.id}`,
          lot.entitlement.label,
          rule.unit,
          wire(lot.used),
          `${lot.entitlement.label} covers ${rangeText(lot.used)} of its ${quantityText(lot.quantity)}.`,
          { ref: entitlementRef(lot) },
        ),
      ),
    },
  );
}

function surplusTree(position: PositionFigures, rule: MetricRule): DerivationNode {
  const limited = position.lots.filter((l) => l.quantity !== null);
  return node(
    'sum',
    'surplus',
    'Surplus',
    rule.unit,
    wire(position.surplus),
    `${rangeText(position.surplus)} ${rule.unit} are left over.`,
    {
      inputs: limited.map((lot) => {
        const bought = lot.quantity ?? quantity(0);
        const left = { min: bought.minus(lot.used.max), max: bought.minus(lot.used.min) };
        const line = (id: string, label: string, value: Range): DerivationNode =>
          node(
            'purchase_line',
            `${id}:${lot.entitlement.id}`,
            label,
            rule.unit,
            wire(value),
            `${lot.entitlement.label}: ${label.toLowerCase()} ${rangeText(value)}.`,
            { ref: entitlementRef(lot) },
          );
        return node(
          'surplus',
          `surplus:${lot.entitlement.id}`,
          lot.entitlement.label,
          rule.unit,
          wire(left),
          `${lot.entitlement.label} has ${rangeText(left)} left over.`,
          {
            inputs: [line('surplus-owned', 'Bought', { min: bought, max: bought }), line('surplus-used', 'Used', lot.used)],
          },
        );
      }),
    },
  );
}

/** The position in a sentence. */
export function positionSentence(
  position: Pick<PositionFigures, 'owned' | 'required' | 'shortfall' | 'surplus' | 'status'>,
  rule: MetricRule,
  productName: string,
): string {
  const start = `${productName}: ${rangeText(position.required)} ${rule.unit} required, ${position.owned === null ? 'unlimited' : numberText(position.owned)} owned`;
  const ends: Record<PositionFigures['status'], string> = {
    short: `${rangeText(position.shortfall)} short`,
    unlicensed: 'none was ever bought',
    unknown: `whether that is enough depends on missing facts: between ${rangeText(position.shortfall)} short`,
    surplus: `${rangeText(position.surplus)} left over`,
    compliant: 'enough',
  };
  return `${start}; ${ends[position.status]}.`;
}

const consumersText = (n: number): string => (n === 1 ? '1 consumer' : `${numberText(n)} consumers`);
const quantityText = (q: Range['min'] | null): string => (q === null ? 'unlimited' : numberText(q));
const termText = (e: { startsOn: string | null; endsOn: string | null }): string =>
  e.startsOn || e.endsOn ? `, ${e.startsOn ?? 'ever'} to ${e.endsOn ?? 'open end'}` : '';
const entitlementRef = (lot: PositionFigures['lots'][number]): NonNullable<DerivationNode['ref']> => ({
  resource: 'entitlements',
  id: lot.entitlement.id,
  label: lot.entitlement.label,
});
