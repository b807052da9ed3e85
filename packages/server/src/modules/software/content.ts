import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { productCategories, recognitionKinds } from '@muster/api/software';
import { compileRuleset, type Ruleset, type RulesetContent } from '@muster/core/recognition';
import { z } from 'zod';

const folder = join(import.meta.dirname, '..', '..', '..', '..', '..', 'content', 'software');
const key = z.string().regex(/^[a-z0-9][a-z0-9.+-]*$/);
const productKey = z.string().regex(/^[a-z0-9][a-z0-9.+-]*\/[a-z0-9][a-z0-9.+-]*$/);
const text = z.string().min(1).max(300);

const exampleSchema = z
  .strictObject({
    name: text,
    publisher: text.nullable().optional(),
    version: text.nullable().optional(),
    channel: z
      .enum(['msi', 'registry', 'appx', 'deb', 'rpm', 'apk', 'pacman', 'brew', 'bundle', 'snap', 'flatpak', 'os', 'other'])
      .optional(),
    code: text.nullable().optional(),
    expects: z.strictObject({
      product: productKey.nullable().optional(),
      partOf: productKey.nullable().optional(),
      edition: text.nullable().optional(),
      release: text.nullable().optional(),
      version: text.nullable().optional(),
      kind: z.enum(recognitionKinds).optional(),
    }),
  })
  .meta({ description: 'A raw title with what it must become. Every example is run by the tests.' });

const provenance = { source: text.meta({ description: 'The kind of source the facts are from.' }), reviewedOn: z.iso.date() };

/** content/software/publishers.json */
export const publishersFileSchema = z.strictObject({
  $schema: z.string().optional(),
  source: text,
  reviewedOn: z.iso.date(),
  publishers: z.array(z.strictObject({ key, name: text, aliases: z.array(text).optional() })),
});

/** content/software/products-*.json */
export const productsFileSchema = z.strictObject({
  $schema: z.string().optional(),
  products: z.array(
    z.strictObject({
      key: productKey,
      name: text,
      publisher: key,
      category: z.enum(productCategories),
      kind: z.enum(['product', 'os', 'runtime', 'driver', 'component', 'plugin']).optional(),
      licensable: z.boolean().optional(),
      platforms: z.array(z.enum(['windows', 'macos', 'linux'])).min(1),
      editions: z.array(text).optional().meta({ description: '`Name` or `Name=alias|alias`.' }),
      includes: z.array(productKey).optional(),
      release: z
        .strictObject({
          from: z.enum(['version', 'name', 'none']),
          parts: z.number().int().min(1).max(4).optional(),
          map: z.record(z.string(), z.string()).optional(),
        })
        .optional(),
      titles: z
        .array(
          z.union([
            text,
            z.strictObject({
              title: text,
              edition: text.optional(),
              release: text.optional(),
              publisher: z.literal('any').optional(),
              channels: z.array(text).optional(),
            }),
          ]),
        )
        .optional(),
      packages: z.array(text).optional(),
      codes: z.array(z.union([text, z.strictObject({ code: text, edition: text.optional(), release: text.optional() })])).optional(),
      components: z.array(text).optional(),
      packageComponents: z.array(text).optional(),
      ...provenance,
      examples: z.array(exampleSchema).min(1),
    }),
  ),
});

/** content/software/classes.json */
export const classesFileSchema = z.strictObject({
  $schema: z.string().optional(),
  source: text,
  reviewedOn: z.iso.date(),
  classes: z.array(
    z.strictObject({
      id: key,
      stage: z.enum(['first', 'last']),
      kind: z.enum(recognitionKinds),
      titles: z.array(text).optional(),
      packages: z.array(text).optional(),
      codes: z.array(text).optional(),
      channels: z.array(text).optional(),
      publishers: z.array(key).optional(),
      about: text,
      examples: z.array(exampleSchema).min(1),
    }),
  ),
});

/** The JSON Schemas beside the content, by file name; made from the schemas above, so editors and this program agree. */
export function contentJsonSchemas(): Record<string, unknown> {
  return {
    'publishers.schema.json': z.toJSONSchema(publishersFileSchema),
    'products.schema.json': z.toJSONSchema(productsFileSchema),
    'classes.schema.json': z.toJSONSchema(classesFileSchema),
  };
}

export interface Content {
  readonly content: RulesetContent;
  /** Names the content: 16 hexadecimal digits of the SHA-256 of all files. */
  readonly hash: string;
  /** The compiled rules, without local ones. */
  readonly ruleset: Ruleset;
}

/** Where the software catalogue lies. */
export const contentFolder = folder;

/** Reads, checks and compiles the catalogue. Throws with the file and path of what is wrong. */
export function readContent(from: string = folder): Content {
  const hash = createHash('sha256');
  const content = { publishers: [], products: [], classes: [] } as { [K in keyof RulesetContent]: RulesetContent[K][number][] };
  const names = readdirSync(from)
    .filter((name) => name.endsWith('.json'))
    .sort();
  for (const name of names) {
    const raw = readFileSync(join(from, name), 'utf8');
    hash.update(name).update(raw);
    const json: unknown = JSON.parse(raw);
    if (name.startsWith('publishers'))
      content.publishers.push(...(parse(publishersFileSchema, json, name).publishers as RulesetContent['publishers']));
    else if (name.startsWith('classes'))
      content.classes.push(...(parse(classesFileSchema, json, name).classes as RulesetContent['classes']));
    else content.products.push(...(parse(productsFileSchema, json, name).products as RulesetContent['products']));
  }
  const version = hash.digest('hex').slice(0, 16);
  return { content, hash: version, ruleset: compileRuleset(content, version) };
}

function parse<T>(schema: z.ZodType<T>, json: unknown, name: string): T {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(`content/software/${name} is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

let loaded: Content | undefined;

/** The shipped catalogue, read once per process. */
export function shippedContent(): Content {
  loaded ??= readContent();
  return loaded;
}
