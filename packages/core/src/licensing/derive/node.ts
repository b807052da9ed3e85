import type { DerivationNode, DerivationOp, Range as WireRange } from '@muster/api/licensing';
import { quantity, type Range } from '../quantity.ts';
import type { MetricRule } from '../rules.ts';

/** A range as a derivation carries it: plain numbers. Rights have at most 4 decimals, which numbers hold exactly enough. */
export function wire(r: Range): WireRange {
  return { min: r.min.toNumber(), max: r.max.toNumber() };
}
export function unwire(r: WireRange): Range {
  return { min: quantity(r.min), max: quantity(r.max) };
}

export function node(
  op: DerivationOp,
  id: string,
  label: string,
  unit: string,
  value: WireRange | null,
  sentence: string,
  more: Partial<DerivationNode> = {},
): DerivationNode {
  return { id, op, label, sentence, value, unit, ...more };
}

/** A number of the rule as a leaf, with its source. */
export function attributeLeaf(rule: MetricRule, key: string, id: string): DerivationNode {
  const found = rule.attributes.find((a) => a.key === key)!;
  const value = found.value === null ? null : { min: found.value, max: found.value };
  return node('attribute', id, found.about, '', value, `${found.about} ${found.value === null ? 'Unlimited.' : `It is ${found.value}.`}`, {
    rule: { id: `${rule.key}.${key}`, version: rule.version, source: found.source.url ?? found.source.title },
  });
}
export function ruleOf(rule: MetricRule): NonNullable<DerivationNode['rule']> {
  return { id: rule.key, version: rule.version, source: rule.source.url ?? rule.source.title };
}
