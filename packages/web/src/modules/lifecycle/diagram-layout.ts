import type { LifecycleMachine, Substate, Transition } from '@muster/api/lifecycle';
import { type LifecycleState, lifecycleStates } from '@muster/api/lifecycle-states';

export interface Node {
  state: LifecycleState;
  substates: Substate[];
  x: number;
  y: number;
  height: number;
}
export interface Edge {
  transition: Transition;
  /** As the transition writes it: a state, or `state/substate`. */
  from: string;
  path: string;
}

export const nodeWidth = 132;
const headHeight = 26;
export const substateHeight = 16;
const gapX = 28;
const gapY = 26;
const margin = 16;

/** From how an asset comes to how it goes: states side by side in one column are alike in that. */
const columns: LifecycleState[][] = [
  ['requested', 'discovered'],
  ['on_order', 'in_transit'],
  ['in_stock'],
  ['assigned', 'in_use', 'in_maintenance'],
  ['lost', 'stolen'],
  ['retired'],
  ['disposed'],
];

export const stateOf = (text: string): LifecycleState | undefined => lifecycleStates.find((s) => s === text.split('/')[0]);

/** Where each state stands, in columns, and how large the whole is; in pixels. */
export function nodesOf(machine: LifecycleMachine): { nodes: Node[]; width: number; height: number } {
  const sized = columns.map((states) =>
    states.map((state) => {
      const substates = machine.substates.filter((s) => s.state === state);
      return { state, substates, height: headHeight + substates.length * substateHeight + (substates.length > 0 ? 6 : 0) };
    }),
  );
  const tall = (column: { height: number }[]): number => column.reduce((sum, n) => sum + n.height, 0) + (column.length - 1) * gapY;
  const height = Math.max(...sized.map(tall), 320);
  const nodes = sized.flatMap((column, i) => {
    const free = (height - tall(column)) / (column.length + 1);
    let y = margin;
    return column.map((n) => {
      y += free;
      const placed: Node = { ...n, x: margin + i * (nodeWidth + gapX), y };
      y += n.height + gapY;
      return placed;
    });
  });
  return { nodes, width: 2 * margin + columns.length * nodeWidth + (columns.length - 1) * gapX, height: height + 2 * margin };
}

/** One curve for each state or sub-state that a transition leads from. Transitions within one state bend back to it. */
export function edgesOf(machine: LifecycleMachine, nodes: readonly Node[]): Edge[] {
  const used = new Map<string, number>();
  return machine.transitions
    .filter((t) => !t.retired)
    .flatMap((transition) =>
      transition.from.flatMap((from): Edge[] => {
        const [a, b] = [nodes.find((n) => n.state === stateOf(from)), nodes.find((n) => n.state === stateOf(transition.to))];
        if (!a || !b) return [];
        const pair = `${a.state} ${b.state}`;
        const nth = used.get(pair) ?? 0;
        used.set(pair, nth + 1);
        return [{ transition, from, path: pathBetween(a, from, b, transition.to, nth) }];
      }),
    );
}

/** The height at which a line meets a node: at its sub-state, or at its head; several beside each other. */
function meets(node: Node, text: string, nth: number): number {
  const index = node.substates.findIndex((s) => `${s.state}/${s.key}` === text);
  return index < 0 ? node.y + 8 + ((nth * 5) % (headHeight - 14)) : node.y + headHeight + index * substateHeight + substateHeight / 2;
}

function pathBetween(a: Node, from: string, b: Node, to: string, nth: number): string {
  const [ya, yb] = [meets(a, from, nth), meets(b, to, nth)];
  if (a === b) {
    const x = a.x + nodeWidth;
    const reach = x + 22 + nth * 5;
    return `M ${x} ${ya} C ${reach} ${ya}, ${reach} ${yb}, ${x} ${yb}`;
  }
  if (a.x === b.x) {
    const reach = a.x - 26 - nth * 5;
    return `M ${a.x} ${ya} C ${reach} ${ya}, ${reach} ${yb}, ${b.x} ${yb}`;
  }
  const forwards = b.x > a.x;
  const [xa, xb] = forwards ? [a.x + nodeWidth, b.x] : [a.x, b.x + nodeWidth];
  const bend = Math.max(40, Math.abs(xb - xa) / 2);
  return forwards
    ? `M ${xa} ${ya} C ${xa + bend} ${ya}, ${xb - bend} ${yb}, ${xb} ${yb}`
    : `M ${xa} ${ya} C ${xa - bend} ${ya + 14}, ${xb + bend} ${yb + 14}, ${xb} ${yb}`;
}
