import type { demandResource, Derivation, DerivationNode, MetricKey } from '@muster/api/licensing';
import type { Row } from '@muster/api/fields';
import {
  deriveDemand,
  demandSentence,
  evaluate,
  evaluatesTo,
  figureNames,
  groupKey,
  type KeptDemand,
  type LicenceRules,
  type MetricRule,
  type PositionTrees,
  quantity,
  type Range,
  range,
  zero,
} from '@muster/core/licensing';
import type { Db } from '../../platform/db/types.ts';
import { findPosition } from './positions.ts';
import { dayOf } from './reconcile.ts';
import { shippedRules } from './rules.ts';
import { noAsset } from './store-positions.ts';
import { type DemandGroupRow, demandGroupRows, firstDemands, ownedByLine, type PositionRow } from './store-read.ts';

/** Up to so many needs are shown in the tree itself; more are paged through. */
const needsShown = 25;

/**
 * The trees of a position's figures, evaluated again from the rows and purchase lines as they are kept now. `verified` is false, with what
 * disagrees, when something changed since the position was computed or is wrong. @throws Problem not_found
 */
export async function readDerivation(db: Db, id: string, now: Date): Promise<Derivation> {
  const position = await findPosition(db, id);
  const rules = shippedRules();
  const rule = rules.metrics[position.metric as MetricKey];
  const trees = position.derivation as PositionTrees;
  const groups = await demandGroupRows(db, id);
  const count = groups.reduce((n, g) => n + Number(g.n), 0);
  const needs =
    count <= needsShown ? (await firstDemands(db, id, needsShown)).map((d) => deriveDemand(keptDemand(d), rule, rules.exemptions)) : null;
  const resolve = rowsResolver(trees.required, groups);
  const disagreements = disagreementsOf(position, trees, resolve, needs);
  disagreements.push(...(await linesThatDiffer(db, position, trees.owned, now)));
  const givenByRows = groups.reduce((sum, g) => sum.plus(g.covered), zero);
  if (!givenByRows.equals(position.covered))
    disagreements.push(`The demands are given ${givenByRows.toFixed()}, the position says ${position.covered} are covered.`);
  return {
    positionId: id,
    figures: figureNames.map((figure) => ({ figure, tree: needs === null ? trees[figure] : withNeeds(trees[figure], needs) })),
    verified: disagreements.length === 0,
    disagreements,
    rulesVersion: position.rules_version,
    computedAt: position.computed_at.toISOString(),
  };
}

/** Gives each group of rows in the tree its sum from the rows. */
function rowsResolver(required: DerivationNode, groups: readonly DemandGroupRow[]): (group: DerivationNode) => Range | undefined {
  const shown = new Set(required.inputs?.map((i) => i.id));
  const sizes = groups.map((g) => ({
    id: `rows:${groupKey(range(g.required_min, g.required_max))}`,
    sum: { min: quantity(g.required_min).times(g.n), max: quantity(g.required_max).times(g.n) },
  }));
  return (node) => {
    const of = node.id === 'rows:other' ? sizes.filter((s) => !shown.has(s.id)) : sizes.filter((s) => s.id === node.id);
    return of.reduce<Range>((sum, s) => ({ min: sum.min.plus(s.sum.min), max: sum.max.plus(s.sum.max) }), range(0));
  };
}

function disagreementsOf(
  position: PositionRow,
  trees: PositionTrees,
  resolve: (n: DerivationNode) => Range | undefined,
  needs: readonly DerivationNode[] | null,
): string[] {
  const kept: Record<(typeof figureNames)[number], Range | null> = {
    owned: position.owned === null ? null : range(position.owned),
    required: range(position.required_min, position.required_max),
    covered: range(position.covered, position.covered_max),
    shortfall: range(position.shortfall_min, position.shortfall_max),
    surplus: range(position.surplus_min, position.surplus_max),
  };
  const found: string[] = [];
  for (const figure of figureNames) {
    if (!evaluatesTo(trees[figure], kept[figure], resolve)) found.push(`The tree of ${figure} does not give the figure.`);
  }
  // Each need is computed again from its device facts by the rule of now.
  for (const need of needs ?? []) {
    const value = evaluate(need, () => undefined);
    if (value === null || value.min.toNumber() !== need.value?.min || value.max.toNumber() !== need.value.max)
      found.push(`The facts of ${need.label} do not give its need.`);
  }
  return found;
}

/** Purchase lines are read again: what is in force today must be what the position counted. */
async function linesThatDiffer(db: Db, position: PositionRow, owned: DerivationNode, now: Date): Promise<string[]> {
  const lines = await ownedByLine(db, position, dayOf(now).toString());
  const inForce = lines.map((l) => `${l.id} ${l.quantity === null ? 'unlimited' : Number(l.quantity)}`);
  const counted = (owned.inputs ?? []).map((n) => `${n.ref?.id} ${n.value === null ? 'unlimited' : n.value.min}`);
  return inForce.toSorted().join() === counted.toSorted().join() ? [] : ['The purchase lines in force are not those that were counted.'];
}

/** The tree with its groups of rows replaced by the needs themselves. */
function withNeeds(tree: DerivationNode, needs: readonly DerivationNode[]): DerivationNode {
  if (tree.id === 'required') return { ...tree, inputs: [...needs] };
  return tree.inputs ? { ...tree, inputs: tree.inputs.map((i) => withNeeds(i, needs)) } : tree;
}

function keptDemand(row: {
  consumer: string;
  label: string;
  asset_id: string;
  edition: string | null;
  exemption: string | null;
  required_min: string;
  required_max: string;
  facts: KeptDemand['facts'];
  missing: string[];
}): KeptDemand {
  return {
    consumer: row.consumer,
    label: row.label,
    assetId: row.asset_id === noAsset ? null : row.asset_id,
    edition: row.edition,
    exemption: row.exemption,
    required: range(row.required_min, row.required_max),
    facts: row.facts,
    missing: row.missing,
  };
}

interface Packed extends Omit<KeptDemand, 'required'> {
  min: number;
  max: number;
}

/** Makes the sentence and the tree of a listed demand from the packed need. */
export function presentDemand(
  row: Partial<Row<typeof demandResource>>,
  rule: MetricRule,
  exemptions: LicenceRules['exemptions'],
): Partial<Row<typeof demandResource>> {
  const unpack = (text: unknown): KeptDemand => {
    const { min, max, ...rest } = JSON.parse(text as string) as Packed;
    return { ...rest, required: range(min, max) };
  };
  return {
    ...row,
    ...(row.sentence === undefined ? {} : { sentence: demandSentence(unpack(row.sentence), rule, exemptions) }),
    ...(row.derivation === undefined ? {} : { derivation: deriveDemand(unpack(row.derivation), rule, exemptions) }),
  };
}
