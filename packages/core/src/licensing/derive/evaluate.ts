import type { DerivationNode } from '@muster/api/licensing';
import { addRanges, floorDifference, noRange, quantity, type Range } from '../quantity.ts';
import { unwire } from './node.ts';

/** Gives the sum of a group of rows that the tree does not carry, from the rows themselves. undefined: there is no such group. */
export type RowsResolver = (group: DerivationNode) => Range | undefined;

/**
 * Computes a derivation tree again from its leaves; null is unlimited. Values of inner nodes are not read, so a tree that evaluates to its
 * figure proves it. Throws when a node lacks what its step needs, or a group of rows cannot be resolved.
 */
export function evaluate(tree: DerivationNode, rows: RowsResolver): Range | null {
  const inputs = (tree.inputs ?? []).map((input) => evaluate(input, rows));
  switch (tree.op) {
    case 'sum':
      return inputs.some((v) => v === null) ? null : inputs.reduce<Range>((sum, v) => addRanges(sum, v!), noRange);
    case 'max':
      return inputs.some((v) => v === null)
        ? null
        : inputs.map((v) => v!).reduce((a, b) => ({ min: larger(a, b, 'min'), max: larger(a, b, 'max') }));
    case 'multiply': {
      const [a, b] = two(tree, inputs);
      return a === null || b === null ? null : { min: a.min.times(b.min), max: a.max.times(b.max) };
    }
    case 'divide_up': {
      const [a, b] = two(tree, inputs);
      if (a === null) return null;
      return b === null ? noRange : { min: a.min.dividedBy(b.min).ceil(), max: a.max.dividedBy(b.max).ceil() };
    }
    case 'shortfall': {
      const [a, b] = two(tree, inputs);
      if (a === null) throw new Error(`${tree.id}: what is required cannot be unlimited`);
      return b === null ? noRange : { min: floorDifference(a.min, b.min), max: floorDifference(a.max, b.max) };
    }
    case 'surplus': {
      const [a, b] = two(tree, inputs);
      if (b === null) return noRange;
      return a === null ? null : { min: floorDifference(a.min, b.max), max: floorDifference(a.max, b.min) };
    }
    case 'rows': {
      const value = rows(tree);
      if (value === undefined) throw new Error(`${tree.id}: its rows are not there`);
      return value;
    }
    default:
      return tree.value === null ? null : unwire(tree.value);
  }
}

function two(tree: DerivationNode, inputs: readonly (Range | null)[]): [Range | null, Range | null] {
  if (inputs.length !== 2) throw new Error(`${tree.id}: ${tree.op} needs two inputs`);
  return [inputs[0]!, inputs[1]!];
}
function larger(a: Range, b: Range, end: 'min' | 'max'): Range['min'] {
  return a[end].greaterThan(b[end]) ? a[end] : quantity(b[end]);
}

/** Whether a tree gives this figure when it is computed again. */
export function evaluatesTo(tree: DerivationNode, figure: Range | null, rows: RowsResolver): boolean {
  const value = evaluate(tree, rows);
  if (value === null || figure === null) return value === figure;
  return value.min.equals(figure.min) && value.max.equals(figure.max);
}
