import { cleanPublisher, packageChannels } from './clean.ts';
import { compileGlob, compileTemplate, firstToken, type Template } from './template.ts';
import type { ContentClass, ContentProduct, LocalRule, RulesetContent, TitleRule } from './types.ts';

/** A product as rules see it: with its editions' other names. */
export interface CompiledProduct {
  readonly row: ContentProduct;
  readonly kind: NonNullable<ContentProduct['kind']>;
  /** Lower-case name or alias -> edition. */
  readonly editions: ReadonlyMap<string, string>;
}

export interface CompiledRule {
  readonly key: string;
  readonly template: Template;
  readonly product: CompiledProduct;
  readonly component: boolean;
  readonly edition: string | null;
  readonly release: string | null;
  readonly anyPublisher: boolean;
  readonly channels: ReadonlySet<string> | null;
}

export interface CompiledCode {
  readonly key: string;
  readonly pattern: string;
  readonly matches: (code: string) => boolean;
  readonly product: CompiledProduct | null;
  readonly klass: ContentClass | null;
  readonly edition: string | null;
  readonly release: string | null;
}

export interface CompiledClass {
  readonly row: ContentClass;
  readonly template: Template | null;
  readonly glob: ((name: string) => boolean) | null;
  readonly pattern: string;
  readonly channels: ReadonlySet<string> | null;
  readonly publishers: ReadonlySet<string> | null;
}

export interface CompiledLocal {
  readonly rule: LocalRule;
  readonly matches: (name: string) => boolean;
  readonly publisher: string | null;
}

/** Rules by the first token of a name, so that one title meets a few rules instead of all; `any` for those that begin with anything. */
export interface TokenIndex<T> {
  readonly byToken: ReadonlyMap<string, readonly T[]>;
  readonly any: readonly T[];
}

/** Compiled rules, ready to recognise. Immutable; made once per content and set of local rules. */
export interface Ruleset {
  /** Names the content and the local rules that decided: a recognition is current when it carries this. */
  readonly version: string;
  readonly products: ReadonlyMap<string, CompiledProduct>;
  readonly publisherNames: ReadonlyMap<string, string>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly exactCodes: ReadonlyMap<string, CompiledCode>;
  readonly globCodes: TokenIndex<CompiledCode>;
  readonly titles: TokenIndex<CompiledRule>;
  readonly packages: TokenIndex<CompiledRule>;
  readonly firstClasses: TokenIndex<CompiledClass>;
  readonly lastClasses: readonly CompiledClass[];
  readonly exactLocals: ReadonlyMap<string, readonly CompiledLocal[]>;
  readonly globLocals: readonly CompiledLocal[];
  readonly ruleCount: number;
}

/** Compiles content. Throws when a template cannot be read, a key is twice there or a reference leads nowhere. */
export function compileRuleset(content: RulesetContent, version: string, locals: readonly LocalRule[] = []): Ruleset {
  const publisherNames = new Map<string, string>();
  const aliases = new Map<string, string>();
  for (const publisher of content.publishers) {
    if (publisherNames.has(publisher.key)) throw new Error(`publisher ${publisher.key} is there twice`);
    publisherNames.set(publisher.key, publisher.name);
    for (const alias of [publisher.name, ...(publisher.aliases ?? [])]) {
      const cleaned = cleanPublisher(alias);
      const other = aliases.get(cleaned);
      if (other !== undefined && other !== publisher.key)
        throw new Error(`publisher alias "${alias}" belongs to ${other} and ${publisher.key}`);
      aliases.set(cleaned, publisher.key);
    }
  }
  const products = new Map<string, CompiledProduct>();
  const titles: CompiledRule[] = [];
  const packages: CompiledRule[] = [];
  const codes: CompiledCode[] = [];
  for (const row of content.products) {
    if (products.has(row.key)) throw new Error(`product ${row.key} is there twice`);
    if (!publisherNames.has(row.publisher)) throw new Error(`product ${row.key} names the unknown publisher ${row.publisher}`);
    const product: CompiledProduct = { row, kind: row.kind ?? 'product', editions: editionMap(row) };
    products.set(row.key, product);
    titles.push(...titleRules(product, row.titles ?? [], false), ...titleRules(product, row.components ?? [], true));
    packages.push(...titleRules(product, row.packages ?? [], false), ...titleRules(product, row.packageComponents ?? [], true));
    codes.push(...codeRules(product));
  }
  for (const row of content.products)
    for (const key of row.includes ?? []) if (!products.has(key)) throw new Error(`product ${row.key} includes the unknown ${key}`);
  const classes = content.classes.flatMap(compileClass);
  for (const row of content.classes)
    for (const code of row.codes ?? [])
      codes.push({
        key: `class/${row.id}`,
        pattern: code.toLowerCase(),
        matches: compileGlob(code),
        product: null,
        klass: row,
        edition: null,
        release: null,
      });
  const byWeight = (a: CompiledRule, b: CompiledRule): number => b.template.weight - a.template.weight || (a.key < b.key ? -1 : 1);
  return {
    version,
    products,
    publisherNames,
    aliases,
    exactCodes: new Map(codes.filter((c) => !c.pattern.includes('*')).map((c) => [c.pattern, c])),
    globCodes: indexByToken(
      codes.filter((c) => c.pattern.includes('*')).sort((a, b) => b.pattern.length - a.pattern.length || (a.key < b.key ? -1 : 1)),
      globTokens,
    ),
    titles: indexByToken(titles.sort(byWeight), (rule) => rule.template.firstTokens),
    packages: indexByToken(packages.sort(byWeight), (rule) => rule.template.firstTokens),
    firstClasses: indexByToken(
      classes.filter((c) => c.row.stage === 'first'),
      (c) => c.template?.firstTokens ?? null,
    ),
    lastClasses: classes.filter((c) => c.row.stage === 'last'),
    ...compileLocals(locals),
    ruleCount: titles.length + packages.length + codes.length + classes.length,
  };
}

/** The same content with other local rules; cheap. */
export function withLocalRules(ruleset: Ruleset, version: string, locals: readonly LocalRule[]): Ruleset {
  return { ...ruleset, version, ...compileLocals(locals) };
}

function editionMap(row: ContentProduct): Map<string, string> {
  const map = new Map<string, string>();
  for (const edition of row.editions ?? []) {
    const [name = '', others = ''] = edition.split('=');
    map.set(name.toLowerCase(), name);
    for (const other of others.split('|')) if (other !== '') map.set(other.toLowerCase(), name);
  }
  return map;
}

function titleRules(product: CompiledProduct, rules: readonly (string | TitleRule)[], component: boolean): CompiledRule[] {
  const names = [...product.editions.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return rules.map((entry) => {
    const rule: TitleRule = typeof entry === 'string' ? { title: entry } : entry;
    return {
      key: `${product.row.key}#${rule.title}`,
      template: compileTemplate(rule.title.toLowerCase(), names),
      product,
      component,
      edition: rule.edition ?? null,
      release: rule.release ?? null,
      anyPublisher: rule.publisher === 'any',
      channels: rule.channels === undefined ? null : new Set(rule.channels),
    };
  });
}

function codeRules(product: CompiledProduct): CompiledCode[] {
  return (product.row.codes ?? []).map((entry) => {
    const rule = typeof entry === 'string' ? { code: entry, edition: undefined, release: undefined } : entry;
    return {
      key: `${product.row.key}#code:${rule.code}`,
      pattern: rule.code.toLowerCase(),
      matches: compileGlob(rule.code),
      product,
      klass: null,
      edition: rule.edition ?? null,
      release: rule.release ?? null,
    };
  });
}

function compileClass(row: ContentClass): CompiledClass[] {
  const shared = {
    row,
    channels: row.channels === undefined ? null : new Set(row.channels),
    publishers: row.publishers === undefined ? null : new Set(row.publishers),
  };
  return [
    ...(row.titles ?? []).map((title) => ({ ...shared, template: compileTemplate(title.toLowerCase()), glob: null, pattern: title })),
    ...(row.packages ?? []).map((glob) => ({
      ...shared,
      channels: shared.channels ?? packageChannels,
      template: null,
      glob: compileGlob(glob),
      pattern: glob,
    })),
  ];
}

function globTokens(code: CompiledCode): string[] | null {
  const head = code.pattern.slice(0, code.pattern.indexOf('*'));
  const token = firstToken(head);
  // A token that runs into the `*` is not complete.
  return token === '' || head.endsWith(token) ? null : [token];
}

function indexByToken<T>(rules: readonly T[], tokensOf: (rule: T) => readonly string[] | null): TokenIndex<T> {
  const byToken = new Map<string, T[]>();
  const any: T[] = [];
  for (const rule of rules) {
    const tokens = tokensOf(rule);
    if (tokens === null) any.push(rule);
    else
      for (const token of new Set(tokens)) {
        const list = byToken.get(token);
        if (list === undefined) byToken.set(token, [rule]);
        else list.push(rule);
      }
  }
  return { byToken, any };
}

function compileLocals(locals: readonly LocalRule[]): Pick<Ruleset, 'exactLocals' | 'globLocals'> {
  const exactLocals = new Map<string, CompiledLocal[]>();
  const globLocals: CompiledLocal[] = [];
  const newestFirst = [...locals].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  for (const rule of newestFirst) {
    const compiled: CompiledLocal = { rule, matches: compileGlob(rule.namePattern), publisher: rule.publisher?.toLowerCase() ?? null };
    if (rule.namePattern.includes('*')) globLocals.push(compiled);
    else {
      const name = rule.namePattern.toLowerCase();
      const list = exactLocals.get(name);
      if (list === undefined) exactLocals.set(name, [compiled]);
      else list.push(compiled);
    }
  }
  return { exactLocals, globLocals };
}
