import type { LifecycleMachine } from '@muster/api/lifecycle';
import type { LifecycleState } from '@muster/api/lifecycle-states';
import type { KeyboardEvent } from 'react';
import { t } from '../../app/messages.ts';
import { wordOf } from '../../ui/value-words.ts';
import { type Edge, edgesOf, type Node, nodesOf, nodeWidth, stateOf, substateHeight } from './diagram-layout.ts';
import { standingWord } from './standing-word.ts';

export interface Chosen {
  state: LifecycleState | null;
  transition: string | null;
}

interface Props {
  machine: LifecycleMachine;
  chosen: Chosen;
  onChoose: (chosen: Chosen) => void;
}

/** States as boxes in columns, transitions as lines between them. A chosen state or transition stands out, the rest steps back. */
export function LifecycleDiagram({ machine, chosen, onChoose }: Props) {
  const { nodes, width, height } = nodesOf(machine);
  const edges = edgesOf(machine, nodes);
  const isLit = (edge: Edge): boolean =>
    chosen.transition === edge.transition.key ||
    (chosen.transition === null &&
      chosen.state !== null &&
      (stateOf(edge.from) === chosen.state || stateOf(edge.transition.to) === chosen.state));
  return (
    <div className="scroll-x lifecycle-diagram" tabIndex={0} role="region" aria-label={t('lifecycle.diagram')}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group" aria-label={t('lifecycle.diagram')}>
        <defs>
          <marker id="lifecycle-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse">
            <path d="M0 0 8 4 0 8z" fill="context-stroke" />
          </marker>
        </defs>
        {edges
          .toSorted((a, b) => Number(isLit(a)) - Number(isLit(b)))
          .map((edge) => (
            <Line
              key={`${edge.transition.key} ${edge.from}`}
              machine={machine}
              edge={edge}
              lit={isLit(edge)}
              pressed={chosen.transition === edge.transition.key}
              onChoose={() => onChoose({ state: stateOf(edge.from) ?? null, transition: edge.transition.key })}
            />
          ))}
        {nodes.map((node) => (
          <Box
            key={node.state}
            node={node}
            pressed={chosen.state === node.state && chosen.transition === null}
            onChoose={() => onChoose({ state: node.state, transition: null })}
          />
        ))}
      </svg>
    </div>
  );
}

/** What a button of the drawing does on Enter and space. */
const onKeys =
  (choose: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose();
  };

function Box({ node, pressed, onChoose }: { node: Node; pressed: boolean; onChoose: () => void }) {
  return (
    <g className="lifecycle-node" role="button" tabIndex={0} aria-pressed={pressed} onClick={onChoose} onKeyDown={onKeys(onChoose)}>
      <rect x={node.x} y={node.y} width={nodeWidth} height={node.height} rx={6} />
      <text x={node.x + 10} y={node.y + 17} className="lifecycle-node-name">
        {wordOf(node.state)}
      </text>
      {node.substates.map((s, i) => (
        <text
          key={s.key}
          x={node.x + 10}
          y={node.y + 37 + i * substateHeight}
          className="lifecycle-node-part"
          data-retired={s.retired || undefined}
        >
          {s.label}
        </text>
      ))}
    </g>
  );
}

/** Lines that stand out can be reached by keyboard; the others by choosing their state first. */
function Line({
  machine,
  edge,
  lit,
  pressed,
  onChoose,
}: {
  machine: LifecycleMachine;
  edge: Edge;
  lit: boolean;
  pressed: boolean;
  onChoose: () => void;
}) {
  const { transition, from, path } = edge;
  const label = t('lifecycle.leads', {
    label: transition.label,
    from: standingWord(machine, from),
    to: standingWord(machine, transition.to),
  });
  return (
    <g
      className="lifecycle-edge"
      data-lit={lit || undefined}
      role="button"
      tabIndex={lit ? 0 : -1}
      aria-pressed={pressed}
      aria-label={label}
      onClick={onChoose}
      onKeyDown={onKeys(onChoose)}
    >
      <title>{label}</title>
      <path d={path} className="lifecycle-edge-hit" />
      <path d={path} className="lifecycle-edge-line" markerEnd="url(#lifecycle-arrow)" />
    </g>
  );
}
