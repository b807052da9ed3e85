/**
 * Stands for `zod` in the browser bundle. The pages use the routes and resources of the shared language (paths, labels, types) and
 * leave checking to the server, which answers with every bad field at once; so the 90 KB of the real library would be loaded for
 * nothing. Building a schema gives a placeholder; using one to check a value is a mistake and throws.
 */
const uses = new Set<PropertyKey>(['parse', 'safeParse', 'parseAsync', 'safeParseAsync', 'encode', 'decode', 'shape', 'options', 'enum']);

function placeholder(path: string): unknown {
  return new Proxy(() => undefined, {
    get: (_, name) => {
      if (typeof name === 'symbol') return undefined;
      // `z.enum(...)` builds; `schema.enum` reads.
      if (uses.has(name) && path !== 'z') throw new Error(`${path}.${name}: schemas are not part of the browser bundle`);
      return placeholder(path === 'z' ? 'schema' : path);
    },
    apply: () => placeholder('schema'),
  });
}

export const z = placeholder('z');
