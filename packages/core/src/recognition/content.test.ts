import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  compileRuleset,
  type ContentClass,
  type ContentProduct,
  type ContentPublisher,
  type Example,
  isLinearSafe,
  type Recognition,
  recognise,
  type RulesetContent,
} from './index.ts';

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'content', 'software');
const content: { publishers: ContentPublisher[]; products: ContentProduct[]; classes: ContentClass[] } = {
  publishers: [],
  products: [],
  classes: [],
};
for (const name of readdirSync(folder).filter((n) => n.endsWith('.json'))) {
  const json = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<RulesetContent>;
  content.publishers.push(...(json.publishers ?? []));
  content.products.push(...(json.products ?? []));
  content.classes.push(...(json.classes ?? []));
}
const ruleset = compileRuleset(content, 'test');
const examples = [
  ...content.products.flatMap((p) => p.examples.map((e) => ({ owner: p.key, example: e }))),
  ...content.classes.flatMap((c) => c.examples.map((e) => ({ owner: `class/${c.id}`, example: e }))),
];

const run = (e: Example): Recognition =>
  recognise(
    {
      name: e.name,
      version: e.version ?? null,
      publisher: e.publisher ?? null,
      channel: e.channel ?? 'registry',
      arch: null,
      code: e.code ?? null,
    },
    ruleset,
  );

/** What differs from what the example expects, or nothing. */
function difference(e: Example): string[] {
  const got = run(e);
  const bad: string[] = [];
  const check = (field: string, wanted: string | null | undefined, is: string | null): void => {
    if (wanted !== undefined && wanted !== is) bad.push(`${field} is ${String(is)}, expected ${String(wanted)}`);
  };
  check('product', e.expects.product, got.productKey);
  check('partOf', e.expects.partOf, got.partOf);
  check('edition', e.expects.edition, got.edition);
  check('release', e.expects.release, got.release);
  check('version', e.expects.version, got.version);
  check('kind', e.expects.kind, got.kind);
  if (got.rule === 'none') bad.push('no rule knows it');
  return bad.length === 0 ? [] : [`“${e.name}” [${got.rule}] ${bad.join('; ')}`];
}

describe('the catalogue', () => {
  it('is as large as promised', () => {
    expect(content.products.length).toBeGreaterThanOrEqual(260);
    expect(content.publishers.length).toBeGreaterThanOrEqual(100);
    expect(examples.length).toBeGreaterThanOrEqual(600);
  });

  it('recognises every example as it says', () => {
    const byChannel = new Map<string, { right: number; all: number }>();
    const wrong: string[] = [];
    for (const { owner, example } of examples) {
      const bad = difference(example);
      const count = byChannel.get(example.channel ?? 'registry') ?? { right: 0, all: 0 };
      count.all++;
      if (bad.length === 0) count.right++;
      byChannel.set(example.channel ?? 'registry', count);
      wrong.push(...bad.map((b) => `${owner}: ${b}`));
    }
    // oxlint-disable-next-line no-console -- the accuracy is what this test reports
    console.info(
      `recognition accuracy over ${examples.length} raw titles: ${[...byChannel].map(([c, n]) => `${c} ${n.right}/${n.all}`).join(', ')}`,
    );
    expect(wrong).toEqual([]);
  });

  it('has for each publisher a use', () => {
    const used = new Set(content.products.map((p) => p.publisher));
    const inClasses = new Set(content.classes.flatMap((c) => c.publishers ?? []));
    // Publishers without a product still name the publisher of unrecognised titles.
    expect([...used, ...inClasses].filter((key) => !ruleset.publisherNames.has(key))).toEqual([]);
  });

  it('compiles only to linear-safe expressions', () => {
    const templates = [ruleset.titles, ruleset.packages]
      .flatMap((index) => [...[...index.byToken.values()].flat(), ...index.any])
      .map((r) => r.template);
    for (const template of templates) expect(isLinearSafe(template.regex.source), template.source).toBe(true);
    expect(isLinearSafe('^(a+)+$')).toBe(false);
    expect(isLinearSafe(String.raw`^(?:\d+\.)*x$`)).toBe(false);
    expect(isLinearSafe('^(a|b)*$')).toBe(false);
    expect(isLinearSafe('^.*.*.*$')).toBe(false);
  });
});
