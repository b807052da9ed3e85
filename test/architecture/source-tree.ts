import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

/** The sources under one root, by path with forward slashes. */
export interface SourceTree {
  readonly root: string;
  readonly files: ReadonlyMap<string, string>;
}

export interface Import {
  readonly from: string;
  readonly specifier: string;
  /** The file it leads to, for a relative or workspace import that exists in the tree; null for a package from outside. */
  readonly target: string | null;
  /** Erased before it runs: `import type`, or `import('...')` in a type. */
  readonly typeOnly: boolean;
}

const skipped = new Set(['node_modules', 'dist', '.git', 'data', '.cache']);

/** Reads all TypeScript and SQL files of a checkout's packages. */
export function readTree(root: string): SourceTree {
  const files = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (skipped.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.(tsx?|sql)$/.test(entry.name)) files.set(relative(root, path).replaceAll('\\', '/'), readFileSync(path, 'utf8'));
    }
  };
  walk(join(root, 'packages'));
  return { root, files };
}

/** Tests and what only tests use: walls between packages hold for them, limits of style do not. */
export const isTest = (path: string): boolean => /\.test\.tsx?$|\.testing\.ts$|\/test-[^/]+\.ts$|\/testing\//.test(path);

/** `packages/server/src/modules/assets/store.ts` -> `server`. */
export const packageOf = (path: string): string => path.split('/')[1] ?? '';

/** The domain module a server file belongs to; null for platform, testing and the composition root. */
export const moduleOf = (path: string): string | null => /^packages\/server\/src\/modules\/([^/]+)\//.exec(path)?.[1] ?? null;

const statement = /^[ \t]*(?:import|export)\b(?<type>\s+type\b)?[^'"`;]*?\bfrom\s*['"](?<from>[^'"]+)['"]/gm;
const bare = /^[ \t]*import\s*['"](?<from>[^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"](?<from>[^'"]+)['"]\s*\)/g;

/** Every import and re-export of the tree. */
export function importsOf(tree: SourceTree): Import[] {
  const found: Import[] = [];
  for (const [from, text] of tree.files) {
    if (from.endsWith('.sql')) continue;
    const code = withoutComments(text);
    for (const pattern of [statement, bare, dynamic]) {
      for (const match of code.matchAll(pattern)) {
        const specifier = match.groups?.['from'] ?? '';
        found.push({
          from,
          specifier,
          target: resolve(tree, from, specifier),
          typeOnly:
            pattern === dynamic
              ? /\bimport\([^)]*\)\.[A-Z]/.test(code.slice(match.index, match.index + 200))
              : match.groups?.['type'] !== undefined,
        });
      }
    }
  }
  return found;
}

function resolve(tree: SourceTree, from: string, specifier: string): string | null {
  const path = specifier.startsWith('.') ? posix.join(dirname(from), specifier) : workspacePath(specifier);
  if (path === null) return null;
  return [path, `${path}.ts`, `${path}/index.ts`].find((candidate) => tree.files.has(candidate)) ?? path;
}

/** `@muster/api/route` -> `packages/api/src/route`. */
function workspacePath(specifier: string): string | null {
  const [, name, rest] = /^@muster\/([^/]+)(?:\/(.+))?$/.exec(specifier) ?? [];
  return name === undefined ? null : `packages/${name}/src/${rest ?? 'index.ts'}`;
}

/** The code with comments blanked and lines kept. A `//` after a colon is a URL in a string. */
export function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' ')).replace(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1');
}

/** The line, counted from one, of an offset. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;
