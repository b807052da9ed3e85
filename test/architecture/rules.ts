import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, isTest, lineOf, moduleOf, packageOf, type SourceTree, withoutComments } from './source-tree.ts';

/** A rule looks at a tree and names what breaks it, one sentence each. */
export type Rule = (tree: SourceTree) => string[];

/** Rule 1. Who may import whom across packages. */
const walls: Record<string, readonly string[]> = {
  api: [],
  core: ['api'],
  protocols: [],
  server: ['api', 'core', 'protocols'],
  web: ['api'],
  cli: ['api'],
  collector: ['api', 'protocols'],
  conformance: ['api', 'core', 'protocols'],
};

export const packageWalls: Rule = (tree) =>
  importsOf(tree)
    .filter(({ from, target }) => target !== null && !mayCross(from, target))
    .map(
      ({ from, target }) =>
        `${from} imports ${target}: ${packageOf(from)} may import ${(walls[packageOf(from)] ?? []).join(', ') || 'no other package'}`,
    );

function mayCross(from: string, target: string): boolean {
  // Open data, not code: the server and the conformance runs read it, the pure packages are given it (their tests read it too).
  if (target.startsWith('content/')) return ['server', 'conformance'].includes(packageOf(from)) || isTest(from);
  return packageOf(from) === packageOf(target) || (walls[packageOf(from)] ?? []).includes(packageOf(target));
}

/** Rule 1, the outside: a package imports only what its own package.json names, so nothing works by accident of hoisting. */
export const declaredDependencies: Rule = (tree) => {
  const broken = new Set<string>();
  for (const { from, specifier, target } of importsOf(tree)) {
    if (target !== null || specifier.startsWith('node:') || isTest(from)) continue;
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    const file = join(tree.root, 'packages', packageOf(from), 'package.json');
    const declared = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string> | undefined>) : {};
    if (!declared['dependencies']?.[name] && !(from.endsWith('vite.config.ts') || declared['optionalDependencies']?.[name]))
      broken.add(`${from} imports ${name}, which packages/${packageOf(from)}/package.json does not name`);
  }
  return [...broken];
};

/** Rule 2. No cycle of imports that exist at run time. */
export const noCycles: Rule = (tree) => {
  const graph = new Map<string, string[]>();
  for (const { from, target, typeOnly } of importsOf(tree))
    if (target !== null && !typeOnly && tree.files.has(target)) graph.set(from, [...(graph.get(from) ?? []), target]);
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') return void cycles.push(`Import cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
    state.set(file, 'open');
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
};

/** Rule 2. `platform` knows no module; a module reaches another only through its index.ts; only app.ts and main.ts know them all. */
export const moduleWalls: Rule = (tree) =>
  importsOf(tree).flatMap(({ from, target }) => {
    const owner = target === null ? null : moduleOf(target);
    if (target === null || owner === null || owner === moduleOf(from)) return [];
    if (from.startsWith('packages/server/src/platform/') && !isTest(from)) return [`${from} imports ${target}: platform imports no module`];
    if (moduleOf(from) !== null && !isTest(from) && !target.endsWith(`/modules/${owner}/index.ts`))
      return [`${from} imports ${target}: another module is reached only through its index.ts`];
    return [];
  });

/** Pure by nature although Node brings them: bytes in, bytes out. */
const pureNodeModules = new Set(['node:buffer', 'node:zlib']);
const impure: [RegExp, string][] = [
  [/\bDate\.now\(/, 'the clock'],
  [/\bnew Date\(\s*\)/, 'the clock'],
  [/\bTemporal\.Now\b/, 'the clock'],
  [/\bperformance\.now\(/, 'the clock'],
  [/\bMath\.random\(/, 'randomness'],
  [/\bcrypto\.(?:randomUUID|getRandomValues)\(/, 'randomness'],
  [/\bprocess\.(?!versions)/, 'the process'],
  [/(?<![.\w])fetch\(/, 'the network'],
  [/(?<![.\w])set(?:Timeout|Interval|Immediate)\(/, 'a timer'],
  [/(?<![.\w])console\./, 'the console'],
];

/** Rule 3. The heart and the wire formats do no I/O and read no clock. */
export const pureHeart: Rule = (tree) => {
  const pure = (path: string): boolean => ['core', 'protocols', 'api'].includes(packageOf(path)) && path.includes('/src/') && !isTest(path);
  const imports = importsOf(tree)
    .filter(({ from, specifier, typeOnly }) => pure(from) && !typeOnly && specifier.startsWith('node:') && !pureNodeModules.has(specifier))
    .map(({ from, specifier }) => `${from} imports ${specifier}: ${packageOf(from)} does no I/O`);
  const uses = [...tree.files].flatMap(([path, text]) => {
    // The typed client of the language is the one place that speaks to a network, through a fetch it is given.
    if (!pure(path) || path === 'packages/api/src/client.ts') return [];
    const code = withoutComments(text);
    return impure.flatMap(([pattern, what]) => {
      const match = pattern.exec(code);
      return match ? [`${path}:${lineOf(code, match.index)} uses ${what} (${match[0]}): today and chance come in as arguments`] : [];
    });
  });
  return [...imports, ...uses];
};

/** The platform's own SQL: jobs, listing, audit log, remembered POSTs. Of modules only these files hold any. */
const mayHoldSql = (path: string): boolean =>
  /^packages\/server\/src\/(?:platform|testing)\//.test(path) || /\/(?:store(?:-[\w-]+)?|tables)\.ts$/.test(path) || isTest(path);

/** Rule 4. SQL has its rooms. */
export const sqlRooms: Rule = (tree) =>
  importsOf(tree)
    .filter(({ from, specifier }) => /^(?:pg|kysely)(?:\/|$)/.test(specifier) && !mayHoldSql(from))
    .map(
      ({ from, specifier }) => `${from} imports ${specifier}: SQL belongs into store.ts (or store-<part>.ts), tables.ts or the platform`,
    );

/** Which module's migrations create which table. */
export function tableOwners(tree: SourceTree): Map<string, string> {
  const owners = new Map<string, string>();
  for (const [path, text] of tree.files) {
    if (!path.endsWith('.sql') || !path.includes('/migrations/')) continue;
    for (const [, table = ''] of text.matchAll(/\bcreate (?:unlogged )?table (?:if not exists )?(\w+)/gi))
      owners.set(table.toLowerCase(), moduleOf(path) ?? 'platform');
  }
  return owners;
}

const sqlWrite = /\b(?:insert\s+into|update(?:\s+only)?|delete\s+from|truncate(?:\s+table)?|merge\s+into|copy)\s+([a-z_]\w*)/gi;
const builderWrite = /\.(?:insertInto|updateTable|deleteFrom|mergeInto)\(\s*['"](\w+)/g;

/** The module that shows and edits what the platform keeps (settings, jobs) is the platform's own face. */
const writesFor: Record<string, string> = { operations: 'platform' };

/** Rule 5. Only the owner writes a table, from its store or its migrations. */
export const ownersWrite: Rule = (tree) => {
  const owners = tableOwners(tree);
  const broken: string[] = [];
  for (const [path, text] of tree.files) {
    if (!path.startsWith('packages/server/src/') || isTest(path)) continue;
    const writer = moduleOf(path) ?? 'platform';
    const code = path.endsWith('.sql') ? text.replace(/--[^\n]*/g, '') : withoutComments(text);
    for (const match of [...code.matchAll(sqlWrite), ...code.matchAll(builderWrite)]) {
      const owner = owners.get((match[1] ?? '').toLowerCase());
      if (owner === undefined || owner === writer || owner === writesFor[writer]) continue;
      broken.push(`${path}:${lineOf(code, match.index)} writes ${match[1]}, which belongs to ${owner}: call a verb of its index.ts`);
    }
  }
  return broken;
};

/** Rule 5. What writes runs on a Tx: a statement that changes rows is never executed on a Db. */
export const writesInTransactions: Rule = (tree) => {
  const broken: string[] = [];
  for (const [path, text] of tree.files) {
    if (moduleOf(path) === null || isTest(path) || path.endsWith('.sql')) continue;
    const code = withoutComments(text);
    for (const match of code.matchAll(/\bsql(?:<[^`]*?>)?`\s*(?:insert\s+into|update|delete\s+from)\b[^`]*`\s*\.execute\(\s*([\w.]+)/gi)) {
      if (!/(?:^|\.)(?:tx|trx)$/i.test(match[1] ?? ''))
        broken.push(`${path}:${lineOf(code, match.index)} writes on ${match[1]}: a write takes tx: Tx`);
    }
  }
  return broken;
};

/** Rule 6. Every error code has its page, and every page its code. */
export const errorPages: Rule = (tree) => {
  const catalogue = tree.files.get('packages/api/src/errors.ts') ?? '';
  const codes = [...catalogue.matchAll(/^ {2}(\w+): \{ status: \d+/gm)].map((match) => match[1] ?? '');
  const folder = join(tree.root, 'docs', 'errors');
  const pages = existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/\.md$/, '')) : [];
  return [
    ...codes.filter((code) => !pages.includes(code)).map((code) => `The error code ${code} has no page docs/errors/${code}.md`),
    ...pages.filter((page) => !codes.includes(page)).map((page) => `docs/errors/${page}.md describes no error code`),
  ];
};

/** Lines a file may have; "about 400" with a little room. Descriptions in `api` and the texts of the UI are data, tests are cases. */
function fileLimit(path: string): number {
  if (path.startsWith('packages/web/src/app/messages/')) return 2000;
  if (path.startsWith('packages/api/src/')) return 700;
  return isTest(path) ? 800 : 420;
}

/** Files over the limit on purpose, each with its reason. */
export const longFiles: Record<string, string> = {};

/** Rule 7. A file fits into a head. */
export const fileLengths: Rule = (tree) =>
  [...tree.files]
    .filter(([path, text]) => /\.tsx?$/.test(path) && text.split('\n').length > fileLimit(path) && !(path in longFiles))
    .map(([path, text]) => `${path} has ${text.split('\n').length} lines, over ${fileLimit(path)}: split it by noun or verb`);

/** Functions over the limit on purpose, as `file`, each with its reason. */
export const longFunctions: Record<string, string> = {};

/** Rule 7. A function does too: about 60 lines, 120 for a component with its markup. Counted by oxlint, which reads the syntax. */
export const functionLengths: Rule = (tree) => {
  const run = (max: number): string[] => {
    const rule = JSON.stringify({
      plugins: [],
      categories: {},
      rules: { 'max-lines-per-function': ['error', { max, skipBlankLines: true, skipComments: true, IIFEs: true }] },
    });
    return lint(tree.root, rule);
  };
  const plain = run(70).filter((line) => !line.includes('.tsx:'));
  const components = run(120).filter((line) => line.includes('.tsx:'));
  return [...plain, ...components].filter((line) => !isTest(line.split(':')[0] ?? '') && !((line.split(':')[0] ?? '') in longFunctions));
};

interface LintReport {
  diagnostics: { code: string; message: string; filename: string; labels: { span: { line: number } }[] }[];
}

function lint(root: string, config: string): string[] {
  const oxlint = join(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'oxlint');
  const result = spawnSync(
    '/bin/sh',
    [
      '-c',
      'f=$(mktemp --suffix=.json) && printf %s "$CONFIG" > "$f" && "$OXLINT" -c "$f" --format json packages; code=$?; rm -f "$f"; exit $code',
    ],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, CONFIG: config, OXLINT: oxlint },
    },
  );
  const start = result.stdout.indexOf('{');
  if (start < 0) throw new Error(`oxlint gave no report: ${result.stderr}${result.stdout}`);
  const report = JSON.parse(result.stdout.slice(start)) as LintReport;
  return report.diagnostics
    .filter((found) => found.code === 'eslint(max-lines-per-function)')
    .map((found) => `${found.filename}:${found.labels[0]?.span.line ?? 0} ${found.message}`);
}

const badNames = /(?:^|\/)(?:utils?|helpers?|common|managers?|services?|misc)(?:\.tsx?$|\/)/;
const goodName =
  /^(?:[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|testing|d|config|module))*\.(?:ts|sql)|[A-Z][A-Za-z0-9]*(?:\.test)?\.tsx|[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test)?\.tsx|\d{8}T\d{6}-[a-z0-9-]+\.sql)$/;

/** Habits: kebab-case files, PascalCase components, no drawers for leftovers. */
export const names: Rule = (tree) =>
  [...tree.files.keys()].flatMap((path) => {
    if (badNames.test(path)) return [`${path}: no utils, helpers, common, manager or service; name it by what it does`];
    const name = path.split('/').at(-1) ?? '';
    return goodName.test(name) ? [] : [`${path}: file names are kebab-case, components PascalCase.tsx`];
  });

/** Every rule by its number in the house's list. */
/** Rule 1, the browser: schemas are not part of the bundle (see zod-in-browser.ts), so checking with one fails there, not here. */
export const noSchemasInBrowser: Rule = (tree) =>
  [...tree.files].flatMap(([path, file]) =>
    packageOf(path) !== 'web' || isTest(path)
      ? []
      : [
          ...withoutComments(file).matchAll(
            /\.safeParse(?:Async)?\(|import\s*\{[^}]*?\b(?<!type )\w+Schema\b[^}]*\}\s*from '@muster\/api/g,
          ),
        ].map((found) => `${path}:${lineOf(file, found.index)} checks with a schema: the server checks, the browser shows what it says`),
  );

export const rules: Record<string, Rule> = {
  '1 packages import only downwards': packageWalls,
  '1 packages name what they import': declaredDependencies,
  '1 the browser checks with no schema': noSchemasInBrowser,
  '2 no import cycle': noCycles,
  '2 modules meet at their index': moduleWalls,
  '3 core, protocols and api are pure': pureHeart,
  '4 SQL has its rooms': sqlRooms,
  '5 only the owner writes a table': ownersWrite,
  '5 writes run in a transaction': writesInTransactions,
  '6 every error code has its page': errorPages,
  '7 files stay short': fileLengths,
  '7 functions stay short': functionLengths,
  'names say what a file is': names,
};
