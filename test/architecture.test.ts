import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { longFiles, longFunctions, rules } from './architecture/rules.ts';
import { importsOf, readTree, type SourceTree } from './architecture/source-tree.ts';

const root = join(import.meta.dirname, '..');

describe('the house keeps its rules', () => {
  let tree: SourceTree;
  beforeAll(() => {
    tree = readTree(root);
  });
  test('there is something to look at', () => {
    expect(tree.files.size).toBeGreaterThan(80);
    expect(
      importsOf(tree).filter(
        (found) => found.target?.startsWith('packages/') && !tree.files.has(found.target) && !/\.(?:css|json|svg)$/.test(found.target),
      ),
    ).toEqual([]);
  });
  test.each(Object.entries(rules))('%s', (_name, rule) => {
    expect(rule(tree)).toEqual([]);
  });
  test('named exceptions still exist', () => {
    expect([...Object.keys(longFiles), ...Object.keys(longFunctions)].filter((path) => !tree.files.has(path))).toEqual([]);
  });
});

/** A small house that keeps every rule; each case breaks one. */
const sound: Record<string, string> = {
  'packages/api/src/errors.ts': "export const errorCatalogue = {\n  not_found: { status: 404, title: 'No such thing' },\n};\n",
  'packages/api/src/client.ts': 'export const client = () => fetch("/");\n',
  'packages/core/src/finance/index.ts':
    "import type { errorCatalogue } from '@muster/api/errors';\nexport const half = (n: number): number => n / 2; // Date.now() is only spoken of\nexport type E = typeof errorCatalogue;\n",
  'packages/protocols/src/index.ts': "import { inflateSync } from 'node:zlib';\nexport const inflate = inflateSync;\n",
  'packages/server/package.json': '{"dependencies":{"kysely":"1","@muster/api":"1"}}',
  'packages/server/src/app.ts': "import { assetsModule } from './modules/assets/module.ts';\nexport const modules = [assetsModule];\n",
  'packages/server/src/platform/log.ts': 'export const log = 1;\n',
  'packages/server/src/modules/assets/migrations/20260101T000000-assets.sql': 'create table assets (id uuid primary key);\n',
  'packages/server/src/modules/assets/store.ts':
    "import { sql } from 'kysely';\nexport const save = (tx: never) => sql`insert into assets values (1)`.execute(tx);\n",
  'packages/server/src/modules/assets/index.ts': "export { save } from './store.ts';\n",
  'packages/server/src/modules/assets/module.ts': "import { save } from './store.ts';\nexport const assetsModule = { save };\n",
  'packages/server/src/modules/people/people.ts': "import { save } from '../assets/index.ts';\nexport const hire = save;\n",
  'packages/server/src/modules/people/migrations/20260101T000001-people.sql': 'create table people (id uuid primary key);\n',
  'packages/web/src/app/Shell.tsx': 'export const Shell = (): null => null;\n',
  'docs/errors/not_found.md': '# not found\n',
};

const longFunction = `export function long(): number {\n  let n = 0;\n${'  n += 1;\n'.repeat(70)}  return n;\n}\n`;

/** [rule, file, its content, what the report must say] */
const violations: [keyof typeof rules, string, string, RegExp][] = [
  [
    '1 packages import only downwards',
    'packages/web/src/app/bad.ts',
    "import { half } from '@muster/core/finance';\nexport const x = half;\n",
    /web\/src\/app\/bad\.ts imports packages\/core\/src\/finance/,
  ],
  [
    '1 packages import only downwards',
    'packages/core/src/finance/bad.ts',
    "export { log } from '../../../server/src/platform/log.ts';\n",
    /core may import api/,
  ],
  [
    '1 packages import only downwards',
    'packages/api/src/bad.ts',
    "import type { E } from '@muster/core/finance';\nexport type X = E;\n",
    /api may import no other package/,
  ],
  [
    '1 packages name what they import',
    'packages/server/src/platform/bad.ts',
    "import left from 'left-pad';\nexport const x = left;\n",
    /imports left-pad/,
  ],
  [
    '1 the browser checks with no schema',
    'packages/web/src/app/bad.ts',
    "import { list, personSchema } from '@muster/api/people';\nexport const x = [list, personSchema];\n",
    /bad\.ts:1 checks with a schema/,
  ],
  [
    '2 no import cycle',
    'packages/core/src/finance/a.ts',
    "import { half } from './b.ts';\nexport const a = half;\n",
    /Import cycle: .*a\.ts -> .*b\.ts -> .*a\.ts/,
  ],
  [
    '2 modules meet at their index',
    'packages/server/src/modules/people/bad.ts',
    "import { save } from '../assets/store.ts';\nexport const x = save;\n",
    /people\/bad\.ts imports .*assets\/store\.ts: another module/,
  ],
  [
    '2 modules meet at their index',
    'packages/server/src/platform/bad.ts',
    "import type { save } from '../modules/assets/index.ts';\nexport type X = typeof save;\n",
    /platform imports no module/,
  ],
  [
    '3 core, protocols and api are pure',
    'packages/core/src/finance/bad.ts',
    'export const today = (): number => Date.now();\n',
    /bad\.ts:1 uses the clock/,
  ],
  [
    '3 core, protocols and api are pure',
    'packages/core/src/finance/bad.ts',
    'export const dice = (): number => Math.random();\n',
    /uses randomness/,
  ],
  [
    '3 core, protocols and api are pure',
    'packages/protocols/src/bad.ts',
    "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
    /imports node:fs: protocols does no I\/O/,
  ],
  [
    '4 SQL has its rooms',
    'packages/server/src/modules/people/bad.ts',
    "import { sql } from 'kysely';\nexport const x = sql;\n",
    /people\/bad\.ts imports kysely/,
  ],
  [
    '5 only the owner writes a table',
    'packages/server/src/modules/people/store.ts',
    'export const q = `update assets set id = 1`;\n',
    /people\/store\.ts:1 writes assets, which belongs to assets/,
  ],
  [
    '5 only the owner writes a table',
    'packages/server/src/platform/bad.ts',
    "export const r = (db: { insertInto(t: string): void }) => db.insertInto('people');\n",
    /platform\/bad\.ts:1 writes people/,
  ],
  [
    '5 only the owner writes a table',
    'packages/server/src/modules/people/migrations/20260102T000000-bad.sql',
    'insert into assets values (1);\n',
    /bad\.sql:1 writes assets/,
  ],
  [
    '5 writes run in a transaction',
    'packages/server/src/modules/assets/store-bad.ts',
    'export const x = (db: never) => sql`update assets set id = ${1}`.execute(db);\n',
    /store-bad\.ts:1 writes on db/,
  ],
  [
    '6 every error code has its page',
    'packages/api/src/errors.ts',
    "export const errorCatalogue = {\n  not_found: { status: 404, title: 'x' },\n  brand_new: { status: 400, title: 'x' },\n};\n",
    /brand_new has no page/,
  ],
  ['6 every error code has its page', 'docs/errors/forgotten.md', '# forgotten\n', /forgotten\.md describes no error code/],
  ['7 files stay short', 'packages/server/src/platform/bad.ts', 'export const x = 1;\n'.repeat(421), /bad\.ts has 422 lines/],
  ['7 functions stay short', 'packages/server/src/platform/bad.ts', longFunction, /bad\.ts:1 .*too many lines/i],
  ['names say what a file is', 'packages/server/src/platform/utils.ts', 'export const x = 1;\n', /platform\/utils\.ts: no utils/],
  [
    'names say what a file is',
    'packages/server/src/platform/badName.ts',
    'export const x = 1;\n',
    /badName\.ts: file names are kebab-case/,
  ],
];

describe('the rules notice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-house-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function build(name: string, files: Record<string, string>): SourceTree {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), content);
    }
    return readTree(join(folder, name));
  }

  test('a sound house passes all of them', () => {
    const tree = build('sound', sound);
    expect(Object.entries(rules).flatMap(([name, rule]) => rule(tree).map((found) => `${name}: ${found}`))).toEqual([]);
  });

  test('no rule is without a planted violation', () => {
    expect(Object.keys(rules).filter((name) => !violations.some(([rule]) => rule === name))).toEqual([]);
  });

  test.each(violations.map((violation, i) => [...violation, i] as const))('%s: %s', (name, path, content, report, i) => {
    const cycle: Record<string, string> =
      name === '2 no import cycle' ? { 'packages/core/src/finance/b.ts': "import { a } from './a.ts';\nexport const half = a;\n" } : {};
    const tree = build(`violation-${i}`, { ...sound, ...cycle, [path]: content });
    const found = rules[name]?.(tree) ?? [];
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(report);
  });
});

test('the lint configuration looks at every package', () => {
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
    rules: Record<string, string>;
    ignorePatterns: string[];
  };
  expect(config.rules['import/no-cycle']).toBe('error');
  expect(config.rules['typescript/no-explicit-any']).toBe('error');
  expect(config.ignorePatterns.filter((pattern) => pattern.includes('packages'))).toEqual([]);
});
