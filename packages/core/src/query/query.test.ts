import { defineResource } from '@muster/api/fields';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Condition,
  FilterError,
  filterLimits,
  type GlobPiece,
  join,
  type Node,
  parseFilter,
  printFilter,
  readFilter,
  type Test,
} from './index.ts';

const things = defineResource({
  name: 'things',
  label: 'Thing',
  plural: 'Things',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true },
    name: { type: 'text', label: 'Name', filterable: true },
    class: { type: 'enum', label: 'Class', values: ['laptop', 'desktop', 'virtual_machine'], filterable: true },
    cores: { type: 'integer', label: 'Cores', filterable: true },
    warrantyEnd: { type: 'date', label: 'Warranty end', filterable: true },
    lastSeenAt: { type: 'instant', label: 'Last seen', filterable: true, aliases: ['seen'] },
    cost: { type: 'money', label: 'Cost', filterable: true },
    managed: { type: 'boolean', label: 'Managed', filterable: true },
    person: { type: 'ref', label: 'Person', filterable: true, aliases: ['user'] },
    secret: { type: 'text', label: 'Secret' },
    raw: { type: 'json', label: 'Raw', filterable: true },
  },
});
const now = Temporal.Instant.from('2026-03-31T12:00:00Z');
const read = (text: string): Condition | null =>
  readFilter(things, text, { now, customField: () => ({ type: 'text', label: 'Custom', filterable: true }) });
const issuesOf = (text: string) => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof FilterError) return error.issues;
    throw error;
  }
  return [];
};
/** A condition in one line, to compare by eye. */
function shown(condition: Condition | null): string {
  if (!condition) return '';
  if (condition.kind === 'search') return `~${condition.text}`;
  if (condition.kind === 'not') return `not ${shown(condition.part)}`;
  if (condition.kind !== 'test') return `${condition.kind}(${condition.parts.map(shown).join(', ')})`;
  const { name, test: t } = condition;
  if (t.op === 'in')
    return `${name} in ${t.values.map((v) => `${v.value}${v.type === 'money' && v.currency ? ` ${v.currency}` : ''}`).join('|')}`;
  if (t.op === 'range') return `${name} ${t.bounds.map((b) => `${b.how}${b.value.value}`).join(' ')}`;
  if (t.op === 'like') return `${name} like ${t.glob.map((p) => (typeof p === 'string' ? p : p.text)).join('')}`;
  return `${name} ${t.op}`;
}

describe('a filter is read as', () => {
  test.each([
    ['', ''],
    ['  ', ''],
    ['class:laptop cores:>4', 'all(class in laptop, cores >4)'],
    ['class:laptop AND cores>4', 'all(class in laptop, cores >4)'],
    ['a b OR c', 'any(all(~a, ~b), ~c)'],
    ['a (b OR c)', 'all(~a, any(~b, ~c))'],
    ['-class:laptop', 'not class in laptop'],
    ['NOT (class:laptop OR managed:yes)', 'not any(class in laptop, managed in true)'],
    ['class:(laptop OR desktop)', 'any(class in laptop|desktop)'],
    ['class:laptop,desktop', 'any(class in laptop|desktop)'],
    ['class:"Virtual Machine"', 'class in virtual_machine'],
    ['class:VIRTUAL-machine', 'class in virtual_machine'],
    ['class:*top', 'class in laptop|desktop'],
    ['class!=laptop', 'not class in laptop'],
    ['name:par-*', 'name like par-*'],
    ['name:"par-*"', 'name in par-*'],
    [String.raw`name:par\*x`, 'name in par*x'],
    ['name:"a \\"b\\" (c)"', 'name in a "b" (c)'],
    ['name:null', 'name null'],
    ['name:"null"', 'name in null'],
    ['-name:null', 'not name null'],
    ['has:name', 'not name null'],
    ['name:*', 'name present'],
    ['has:raw', 'not raw null'],
    ['cores:[2 TO 8]', 'cores >=2 <=8'],
    ['cores:{2 TO 8}', 'cores >2 <8'],
    ['cores:[2 TO *]', 'cores >=2'],
    ['cores=4', 'cores in 4'],
    ['cores:-4', 'cores in -4'],
    ['warranty_end<2027-01-01', 'warrantyEnd <2027-01-01'],
    ['warrantyEnd:2027-01', 'warrantyEnd >=2027-01-01 <=2027-01-31'],
    ['warranty_end>2027', 'warrantyEnd >2027-12-31'],
    ['warranty_end:today', 'warrantyEnd >=2026-03-31 <=2026-03-31'],
    ['warranty_end<=now+2w', 'warrantyEnd <=2026-04-14'],
    ['warranty_end:now-1m', 'warrantyEnd >=2026-02-28 <=2026-02-28'],
    ['seen:<now-90d', 'lastSeenAt <2025-12-31T12:00:00Z'],
    ['seen:2026-03-30', 'lastSeenAt >=2026-03-30T00:00:00Z <2026-03-31T00:00:00Z'],
    ['seen>2026-03-30', 'lastSeenAt >=2026-03-31T00:00:00Z'],
    ['seen:[2026-03 TO today]', 'lastSeenAt >=2026-03-01T00:00:00Z <2026-04-01T00:00:00Z'],
    ['last_seen_at:>2026-03-30T10:00:00Z', 'lastSeenAt >2026-03-30T10:00:00Z'],
    ['cost:>1000', 'cost >1000'],
    ['cost:"1000.50 eur"', 'cost in 1000.50 EUR'],
    ['user:"Ada Lovelace"', 'person in Ada Lovelace'],
    ['custom.Room_1:x', 'custom.room_1 in x'],
    ['00:11:22:33:44:55', '~00:11:22:33:44:55'],
    ['name:C++', 'name in C++'],
    ['or and', 'all(~or, ~and)'],
  ])('%s', (text, expected) => {
    expect(shown(read(text))).toBe(expected);
  });
});

describe('what is wrong is said, with its place', () => {
  test.each([
    ['clas:laptop', 'unknown_field', 0, ['class']],
    ['x sen>now', 'unknown_field', 2, ['last_seen_at']],
    ['class:labtop', 'unknown_value', 0, ['laptop']],
    ['cores:many', 'wrong_type', 0, undefined],
    ['warranty_end:2026-02-30', 'wrong_type', 0, undefined],
    ['warranty_end>soon', 'wrong_type', 0, undefined],
    ['seen:now-99999y', 'wrong_type', 0, undefined],
    ['id:12', 'wrong_type', 0, undefined],
    ['managed:perhaps', 'wrong_type', 0, undefined],
    ['managed:>true', 'wrong_operator', 0, undefined],
    ['cores:4*', 'wrong_operator', 0, undefined],
    ['raw:x', 'wrong_operator', 0, undefined],
    ['secret:x', 'not_filterable', 0, undefined],
    ['name:', 'syntax', 0, undefined],
    ['name:"open', 'syntax', 5, undefined],
    ['(a', 'syntax', 0, undefined],
    ['a)', 'syntax', 1, undefined],
    ['a OR', 'syntax', 2, undefined],
    ['OR a', 'syntax', 0, undefined],
    ['NOT', 'syntax', 0, undefined],
    ['()', 'syntax', 0, undefined],
    ['cores:[1 TO', 'syntax', 6, undefined],
    ['cores:[1 2 3]', 'syntax', 6, undefined],
    ['name:"\0"', 'syntax', 0, undefined],
  ])('%s', (text, code, at, suggestions) => {
    const [first] = issuesOf(text);
    expect(first).toMatchObject({ code, at });
    expect(first?.suggestions).toEqual(suggestions);
  });

  test('all at once, in the order of the text', () => {
    expect(issuesOf('clas:laptop cores:many (class:labtop').map((issue) => issue.code)).toEqual([
      'unknown_field',
      'wrong_type',
      'syntax',
      'unknown_value',
    ]);
  });

  test('limits', () => {
    expect(issuesOf('a'.repeat(filterLimits.length + 1))[0]?.code).toBe('too_long');
    expect(issuesOf('a '.repeat(filterLimits.terms))).toEqual([]);
    expect(issuesOf('a '.repeat(filterLimits.terms + 1))).toHaveLength(1);
    expect(issuesOf('a '.repeat(filterLimits.terms + 1))[0]?.code).toBe('too_many_terms');
    expect(issuesOf(`${'('.repeat(20)}a${')'.repeat(20)}`)).toEqual([]);
    expect(issuesOf(`${'('.repeat(21)}a${')'.repeat(21)}`).map((issue) => issue.code)).toEqual(['too_deep']);
    expect(issuesOf('-'.repeat(3000) + 'a').map((issue) => issue.code)).toEqual(['too_deep']);
  });
});

const span = { at: 0, length: 0 };
const anyText = fc.string({ unit: 'binary', minLength: 0, maxLength: 12 });
const anyGlob: fc.Arbitrary<GlobPiece[]> = fc
  .array(
    fc.oneof(
      fc.constant('*' as const),
      fc.constant('?' as const),
      fc.string({ minLength: 1, maxLength: 4 }).map((text) => ({ text })),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .filter(
    (glob) =>
      glob.some((p) => typeof p === 'string') &&
      glob.every((p, i) => (typeof p === 'string' ? !(p === '*' && glob[i - 1] === '*') : typeof glob[i - 1] !== 'object')),
  );
const anyTest: fc.Arbitrary<Test> = fc.oneof(
  anyText.map((value) => ({ op: 'is' as const, value })),
  anyGlob.map((glob) => ({ op: 'like' as const, glob })),
  fc.constant({ op: 'null' as const }),
  fc.record({ op: fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const), value: anyText }),
  fc.record({
    op: fc.constant('range' as const),
    from: fc.option(anyText),
    to: fc.option(anyText),
    fromOpen: fc.boolean(),
    toOpen: fc.boolean(),
  }),
);
const anyLeaf: fc.Arbitrary<Node> = fc.oneof(
  anyText.map((text) => ({ kind: 'word' as const, text, span })),
  fc.record({
    kind: fc.constant('term' as const),
    field: fc.constantFrom('class', 'cores', 'custom.room_1'),
    fieldSpan: fc.constant(span),
    test: anyTest,
    span: fc.constant(span),
  }),
);
const anyNode = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'node' },
    anyLeaf,
    tie('node').map((part): Node => ({ kind: 'not', part })),
    fc
      .tuple(fc.constantFrom('all' as const, 'any' as const), fc.array(tie('node'), { minLength: 2, maxLength: 4 }))
      .map(([kind, parts]) => join(kind, parts) as Node),
  ),
})).node;
const bare = (node: Node | null): unknown =>
  JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'span' || key === 'fieldSpan' ? undefined : value)));

describe('properties', () => {
  test('what is printed is read back as the same tree', () => {
    fc.assert(
      fc.property(anyNode, (node) => {
        const { node: again, issues } = parseFilter(printFilter(node));
        expect(issues).toEqual([]);
        expect(bare(again)).toEqual(bare(node));
      }),
      { numRuns: 2000 },
    );
  });

  test('any text is read or refused with a FilterError, and every issue lies in the text', () => {
    const typed = fc.array(
      fc.oneof(
        fc.constantFrom(
          'class',
          'cores',
          'seen',
          'has',
          ':',
          '<',
          '>=',
          '!=',
          '(',
          ')',
          '[',
          ']',
          '{',
          '}',
          '"',
          '\\',
          '-',
          ' ',
          ' OR ',
          ' AND ',
          'NOT ',
          ' TO ',
          '*',
          '?',
          ',',
          'now-1d',
          '2026-01-01',
          '\0',
          'laptop',
          '4',
        ),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          typed.map((parts) => parts.join('')),
          fc.string({ unit: 'binary', maxLength: 100 }),
        ),
        (text) => {
          for (const issue of issuesOf(text)) {
            expect(issue.at).toBeGreaterThanOrEqual(0);
            expect(issue.at + issue.length).toBeLessThanOrEqual(text.length + 1);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
