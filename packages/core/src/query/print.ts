import type { GlobPiece, Node, Test } from './ast.ts';

const plain = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const keywords = new Set(['AND', 'OR', 'NOT', 'TO', 'null']);

/** Writes a syntax tree back as a filter; `parseFilter` reads the same tree from it. */
export function printFilter(node: Node | null): string {
  return node ? print(node) : '';
}

function print(node: Node): string {
  switch (node.kind) {
    case 'all':
      return node.parts.map((part) => (part.kind === 'any' ? `(${print(part)})` : print(part))).join(' ');
    case 'any':
      return node.parts.map((part) => (part.kind === 'all' ? `(${print(part)})` : print(part))).join(' OR ');
    case 'not':
      return node.part.kind === 'all' || node.part.kind === 'any' ? `-(${print(node.part)})` : `-${print(node.part)}`;
    case 'word':
      return printValue(node.text);
    default:
      return `${node.field}${printTest(node.test)}`;
  }
}

function printTest(test: Test): string {
  switch (test.op) {
    case 'is':
      return `:${printValue(test.value)}`;
    case 'like':
      return `:${test.glob.map(printPiece).join('')}`;
    case 'null':
      return ':null';
    case 'range': {
      const from = test.from === null ? '*' : printValue(test.from);
      const to = test.to === null ? '*' : printValue(test.to);
      return `:${test.fromOpen ? '{' : '['}${from} TO ${to}${test.toOpen ? '}' : ']'}`;
    }
    default:
      return `:${test.op}${printValue(test.value)}`;
  }
}

const printValue = (value: string): string => (plain.test(value) && !keywords.has(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`);
const printPiece = (piece: GlobPiece): string => (typeof piece === 'string' ? piece : piece.text.replace(/[^A-Za-z0-9_]/gs, '\\$&'));
