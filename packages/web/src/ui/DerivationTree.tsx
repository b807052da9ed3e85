import { Button, SegmentedControl } from '@mantine/core';
import type { Derivation, DerivationNode } from '@muster/api/licensing';
import { useState, type ReactNode } from 'react';
import { t, tn, type MessageKey } from '../app/messages.ts';
import { AppLink } from './AppLink.tsx';
import { range } from './formatting.ts';
import { CheckIcon, ChevronDownIcon, ChevronRightIcon, WarningIcon } from './Icons.tsx';
import { recordPath } from './links.ts';

export type Figure = Derivation['figures'][number]['figure'];

interface Props {
  derivation: Derivation;
  /** Opens the rows of a group too large to draw; given the node's address on the API. */
  rowsPath: (node: DerivationNode) => string | null;
  figure: Figure;
  onFigure: (figure: Figure) => void;
}

const figureName = (figure: Figure): string => t(`figure.${figure}` as MessageKey);

/** How a figure comes about: as sentences to read, or as a tree to open step by step. Every leaf opens its rows. */
export function DerivationTree({ derivation, rowsPath, figure, onFigure }: Props) {
  const [view, setView] = useState<'sentences' | 'tree'>('sentences');
  const tree = derivation.figures.find((f) => f.figure === figure)?.tree ?? derivation.figures[0]?.tree;
  return (
    <div className="derivation">
      <div className="derivation-bar">
        <SegmentedControl
          aria-label={t('derivation.figure')}
          size="xs"
          value={figure}
          onChange={(value) => onFigure(value)}
          data={derivation.figures.map((f) => ({ value: f.figure, label: figureName(f.figure) }))}
        />
        <SegmentedControl
          aria-label={t('derivation.view')}
          size="xs"
          value={view}
          onChange={(value) => setView(value)}
          data={[
            { value: 'sentences', label: t('derivation.sentences') },
            { value: 'tree', label: t('derivation.tree') },
          ]}
        />
        <span className="state" data-tone={derivation.verified ? 'good' : 'bad'}>
          {derivation.verified ? <CheckIcon width={12} height={12} /> : <WarningIcon width={12} height={12} />}
          {derivation.verified ? t('derivation.verified') : t('derivation.notVerified')}
        </span>
      </div>
      {derivation.disagreements.length > 0 && (
        <ul className="derivation-disagreements">
          {derivation.disagreements.map((d) => (
            <li key={d}>{d}</li>
          ))}
        </ul>
      )}
      {tree &&
        (view === 'sentences' ? (
          <ol className="sentences">
            <Sentence node={tree} rowsPath={rowsPath} depth={0} />
          </ol>
        ) : (
          <ul className="tree" role="tree" aria-label={figureName(figure)}>
            <TreeNode node={tree} rowsPath={rowsPath} depth={0} />
          </ul>
        ))}
    </div>
  );
}

interface NodeProps {
  node: DerivationNode;
  rowsPath: (node: DerivationNode) => string | null;
  depth: number;
}

function nodeValue(node: DerivationNode): string {
  return `${node.value === null ? t('none.unlimited') : range(node.value)} ${node.unit}`;
}

/** The record or rows behind a node. */
function NodeLinks({ node, rowsPath }: Omit<NodeProps, 'depth'>): ReactNode {
  const record = node.ref ? recordPath(node.ref.resource, node.ref.id, node.ref.label) : null;
  const rows = node.rows ? rowsPath(node) : null;
  return (
    <>
      {record && node.ref && (
        <AppLink to={record} className="node-link">
          {node.ref.label}
        </AppLink>
      )}
      {rows && node.rows && (
        <AppLink to={rows} className="node-link">
          {tn('derivation.rows', node.rows.count)}
        </AppLink>
      )}
    </>
  );
}

const firstShown = 25;

/** Children in portions: a tree of a thousand leaves opens at once and stays quick. */
function Portions({ nodes, render }: { nodes: DerivationNode[]; render: (node: DerivationNode) => ReactNode }) {
  const [shown, setShown] = useState(firstShown);
  return (
    <>
      {nodes.slice(0, shown).map(render)}
      {nodes.length > shown && (
        <li role="none">
          <Button variant="default" size="compact-xs" onClick={() => setShown(shown + 200)}>
            {t('derivation.more', { count: nodes.length - shown })}
          </Button>
        </li>
      )}
    </>
  );
}

function Sentence({ node, rowsPath, depth, said }: NodeProps & { said?: string | undefined }) {
  const [open, setOpen] = useState(depth < 2);
  const inputs = node.inputs ?? [];
  return (
    <li>
      <p>
        {node.sentence} <NodeLinks node={node} rowsPath={rowsPath} />
        {node.rule && node.rule.id !== said && <RuleNote rule={node.rule} />}
        {inputs.length > 0 && depth >= 1 && (
          <Button variant="subtle" size="compact-xs" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? t('derivation.less') : t('derivation.why')}
          </Button>
        )}
      </p>
      {open && inputs.length > 0 && (
        <ol>
          <Portions
            nodes={inputs}
            render={(child) => <Sentence key={child.id} node={child} rowsPath={rowsPath} depth={depth + 1} said={node.rule?.id ?? said} />}
          />
        </ol>
      )}
    </li>
  );
}

function RuleNote({ rule }: { rule: NonNullable<DerivationNode['rule']> }) {
  return (
    <span className="rule-note" title={rule.source}>
      {t('derivation.rule', { rule: rule.id, version: rule.version })}
    </span>
  );
}

function TreeNode({ node, rowsPath, depth }: NodeProps) {
  const [open, setOpen] = useState(depth < 2);
  const inputs = node.inputs ?? [];
  const hasInputs = inputs.length > 0;
  return (
    <li role="treeitem" aria-expanded={hasInputs ? open : undefined} aria-selected={false}>
      <div className="tree-row">
        {hasInputs ? (
          <button
            type="button"
            className="tree-toggle"
            aria-label={open ? t('derivation.collapse', { label: node.label }) : t('derivation.expand', { label: node.label })}
            onClick={() => setOpen(!open)}
          >
            {open ? <ChevronDownIcon width={12} height={12} /> : <ChevronRightIcon width={12} height={12} />}
          </button>
        ) : (
          <span className="tree-toggle" />
        )}
        <span className="tree-label">{node.label}</span>
        <span className="tree-op">{t(`op.${node.op}` as MessageKey)}</span>
        <NodeLinks node={node} rowsPath={rowsPath} />
        <span className="number tree-value">{nodeValue(node)}</span>
      </div>
      {open && hasInputs && (
        <ul role="group">
          <Portions nodes={inputs} render={(child) => <TreeNode key={child.id} node={child} rowsPath={rowsPath} depth={depth + 1} />} />
        </ul>
      )}
    </li>
  );
}
