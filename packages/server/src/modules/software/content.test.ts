import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentFolder, contentJsonSchemas, productsFileSchema, readContent } from './content.ts';

describe('the software catalogue on disk', () => {
  it('is valid, compiles, and has a stable name', () => {
    const first = readContent();
    expect(first.hash).toMatch(/^[0-9a-f]{16}$/);
    expect(readContent().hash).toBe(first.hash);
    expect(first.ruleset.version).toBe(first.hash);
    expect(first.content.products.length).toBeGreaterThanOrEqual(260);
  });

  it('has up-to-date JSON Schemas beside it', () => {
    const schemas = contentJsonSchemas();
    expect(readdirSync(join(contentFolder, 'schema')).sort()).toEqual(Object.keys(schemas).sort());
    for (const [name, schema] of Object.entries(schemas)) {
      expect(
        JSON.parse(readFileSync(join(contentFolder, 'schema', name), 'utf8')),
        `${name}: write it anew from contentJsonSchemas()`,
      ).toEqual(schema);
    }
  });

  it('refuses a row with a misspelt field or a missing date', () => {
    const row = {
      key: 'contoso/planner',
      name: 'Planner',
      publisher: 'contoso',
      category: 'office',
      platforms: ['windows'],
      source: 'x',
      reviewedOn: '2026-11-24',
      examples: [{ name: 'Planner', expects: {} }],
    };
    expect(productsFileSchema.safeParse({ products: [row] }).success).toBe(true);
    expect(productsFileSchema.safeParse({ products: [{ ...row, lisensable: true }] }).success).toBe(false);
    expect(productsFileSchema.safeParse({ products: [{ ...row, reviewedOn: 'last week' }] }).success).toBe(false);
  });
});
