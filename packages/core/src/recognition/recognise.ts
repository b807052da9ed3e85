import { cleanName, cleanPublisher, cleanVersion, packageChannels } from './clean.ts';
import type { CompiledClass, CompiledCode, CompiledLocal, CompiledProduct, CompiledRule, Ruleset, TokenIndex } from './compile.ts';
import { firstToken } from './template.ts';
import type { ContentClass, Evidence, Recognition, Step } from './types.ts';

/** What the stages share about one piece of evidence. */
interface Subject {
  readonly evidence: Evidence;
  readonly isPackage: boolean;
  readonly name: string;
  readonly nameVersion: string | null;
  readonly version: string | null;
  readonly publisherKey: string | null;
  /** A publisher was reported that no alias knows. */
  readonly strangePublisher: boolean;
  readonly steps: Step[] | null;
}

/**
 * Says what a raw title is, under a ruleset. Order: what a person decided, strong codes, titles set apart (updates, drivers, ...), products by
 * title or package, naming conventions. Pure and deterministic; with `explain` every step is told, which is dearer.
 */
export function recognise(evidence: Evidence, ruleset: Ruleset, options: { explain?: boolean } = {}): Recognition {
  const subject = prepare(evidence, ruleset, options.explain === true);
  return (
    byLocalRule(subject, ruleset) ??
    byCode(subject, ruleset) ??
    byClass(subject, ruleset) ??
    byProduct(subject, ruleset) ??
    byConvention(subject, ruleset) ??
    unknown(subject)
  );
}

function prepare(evidence: Evidence, ruleset: Ruleset, explain: boolean): Subject {
  const steps: Step[] | null = explain ? [] : null;
  const isPackage = packageChannels.has(evidence.channel);
  const version = cleanVersion(evidence.version, evidence.channel);
  const publisherKey = evidence.publisher === null ? null : (ruleset.aliases.get(cleanPublisher(evidence.publisher)) ?? null);
  if (steps !== null && evidence.publisher !== null) {
    const known = publisherKey === null ? null : (ruleset.publisherNames.get(publisherKey) ?? publisherKey);
    steps.push({
      stage: 'publisher',
      text:
        known === null
          ? `No publisher is known by the name “${evidence.publisher}”.`
          : `“${evidence.publisher}” is the publisher ${known}.`,
      before: evidence.publisher,
      ...(known === null ? {} : { after: known }),
    });
  }
  const clean = isPackage
    ? { name: evidence.name.trim().slice(0, 300).toLowerCase(), version: null }
    : cleanName(evidence.name, evidence.version);
  steps?.push({
    stage: 'clean',
    text: isPackage ? 'A package name is taken as it is.' : 'Marks, bitness, language and version are taken out of the title.',
    before: evidence.name,
    after: clean.name,
  });
  return {
    evidence,
    isPackage,
    name: clean.name,
    nameVersion: clean.version,
    version,
    publisherKey,
    strangePublisher: evidence.publisher !== null && publisherKey === null,
    steps,
  };
}

function byLocalRule(subject: Subject, ruleset: Ruleset): Recognition | null {
  if (ruleset.exactLocals.size === 0 && ruleset.globLocals.length === 0) return null;
  const name = subject.evidence.name.toLowerCase();
  const fits = (local: CompiledLocal): boolean =>
    (local.publisher === null || local.publisher === subject.evidence.publisher?.toLowerCase()) &&
    (local.rule.channel === null || local.rule.channel === subject.evidence.channel);
  const found = ruleset.exactLocals.get(name)?.find(fits) ?? ruleset.globLocals.find((local) => fits(local) && local.matches(name));
  if (found === undefined) return null;
  const { rule } = found;
  const product = ruleset.products.get(rule.productKey);
  subject.steps?.push({
    stage: 'local',
    text: `The local rule “${rule.namePattern}” maps it to ${product?.row.name ?? rule.productKey}.`,
    before: rule.namePattern,
  });
  return result(subject, {
    productKey: rule.productKey,
    publisherKey: rule.publisherKey,
    edition: rule.edition,
    release: product === undefined ? parts(subject.version ?? subject.nameVersion, 1) : releaseOf(product, null, null, subject),
    kind: rule.productKind,
    rule: `local/${rule.id}`,
    confidence: 'certain',
  });
}

function byCode(subject: Subject, ruleset: Ruleset): Recognition | null {
  const raw = subject.evidence.code;
  if (raw === null || raw === '') return null;
  const code = raw.slice(0, 300).toLowerCase();
  const rule = ruleset.exactCodes.get(code) ?? search(ruleset.globCodes, code, (c: CompiledCode) => c.matches(code));
  if (rule === undefined) return null;
  subject.steps?.push({
    stage: 'code',
    text: `The code ${raw} is known (${rule.pattern}); no text is guessed.`,
    before: raw,
    after: rule.key,
  });
  if (rule.klass !== null) return classified(subject, rule.klass, null, ruleset, 'certain');
  return installed(subject, rule.product as CompiledProduct, {
    key: rule.key,
    edition: rule.edition,
    release: rule.release,
    captured: undefined,
    confidence: 'certain',
  });
}

function byClass(subject: Subject, ruleset: Ruleset): Recognition | null {
  if (subject.isPackage) return null;
  const found = search(
    ruleset.firstClasses,
    subject.name,
    (c: CompiledClass) => classFits(c, subject) && (c.template?.regex.test(subject.name) ?? false),
  );
  if (found === undefined) return null;
  const of = found.template?.regex.exec(subject.name)?.groups?.of ?? null;
  subject.steps?.push({ stage: 'class', text: found.row.about, before: found.pattern });
  return classified(subject, found.row, of, ruleset, 'high');
}

function byProduct(subject: Subject, ruleset: Ruleset): Recognition | null {
  const found = findProduct(subject, ruleset);
  if (found === null) return null;
  const { rule, captured } = found;
  const sure = subject.isPackage || rule.product.row.publisher === subject.publisherKey;
  subject.steps?.push({
    stage: 'rule',
    text: `The title matches “${rule.template.source}” of ${rule.product.row.name}${sure ? '' : '; the publisher does not confirm it'}.`,
    before: subject.name,
    after: rule.product.row.name,
  });
  if (rule.component) {
    return result(subject, {
      publisherKey: rule.product.row.publisher,
      partOf: rule.product.row.key,
      release: rule.release ?? releaseOf(rule.product, null, captured?.release ?? null, subject),
      kind: 'component',
      rule: rule.key,
      confidence: sure ? 'high' : 'medium',
    });
  }
  return installed(subject, rule.product, {
    key: rule.key,
    edition: rule.edition,
    release: rule.release,
    captured,
    confidence: sure ? 'high' : 'medium',
  });
}

function findProduct(
  subject: Subject,
  ruleset: Ruleset,
): { rule: CompiledRule; captured: Record<string, string | undefined> | undefined } | null {
  const index = subject.isPackage ? ruleset.packages : ruleset.titles;
  let captured: Record<string, string | undefined> | undefined;
  const rule = search(index, subject.name, (candidate: CompiledRule) => {
    if (candidate.channels !== null && !candidate.channels.has(subject.evidence.channel)) return false;
    // A known other publisher speaks against a title; an unknown or absent one does not.
    if (
      !subject.isPackage &&
      !candidate.anyPublisher &&
      subject.publisherKey !== null &&
      subject.publisherKey !== candidate.product.row.publisher
    )
      return false;
    const match = candidate.template.regex.exec(subject.name);
    if (match === null) return false;
    captured = match.groups;
    return true;
  });
  return rule === undefined ? null : { rule, captured };
}

function byConvention(subject: Subject, ruleset: Ruleset): Recognition | null {
  for (const candidate of ruleset.lastClasses) {
    if (!classFits(candidate, subject)) continue;
    const hit =
      candidate.glob !== null
        ? subject.isPackage && candidate.glob(subject.name)
        : !subject.isPackage && (candidate.template?.regex.test(subject.name) ?? false);
    if (!hit) continue;
    subject.steps?.push({ stage: 'class', text: candidate.row.about, before: candidate.pattern });
    return classified(subject, candidate.row, candidate.template?.regex.exec(subject.name)?.groups?.of ?? null, ruleset, 'low');
  }
  return null;
}

function classFits(candidate: CompiledClass, subject: Subject): boolean {
  if (candidate.channels !== null && !candidate.channels.has(subject.evidence.channel)) return false;
  return candidate.publishers === null || (subject.publisherKey !== null && candidate.publishers.has(subject.publisherKey));
}

/** An update, driver, ...: not an installation of a product, but perhaps part of one, which its own title names. */
function classified(
  subject: Subject,
  row: ContentClass,
  of: string | null,
  ruleset: Ruleset,
  confidence: 'certain' | 'high' | 'low',
): Recognition {
  const owner = of === null ? null : findProduct({ ...subject, name: of.trim(), isPackage: false, steps: null }, ruleset);
  if (owner !== null)
    subject.steps?.push({
      stage: 'rule',
      text: `It belongs to ${owner.rule.product.row.name}.`,
      before: of ?? '',
      after: owner.rule.product.row.name,
    });
  return result(subject, {
    partOf: owner?.rule.product.row.key ?? null,
    publisherKey: owner?.rule.product.row.publisher ?? subject.publisherKey,
    release: owner === null ? null : releaseOf(owner.rule.product, owner.rule.release, owner.captured?.release ?? null, null),
    kind: row.kind,
    rule: `class/${row.id}`,
    confidence,
  });
}

interface Found {
  key: string;
  edition: string | null;
  release: string | null;
  captured: Record<string, string | undefined> | undefined;
  confidence: Recognition['confidence'];
}

function installed(subject: Subject, product: CompiledProduct, found: Found): Recognition {
  const word = found.captured?.edition;
  const edition = found.edition ?? (word === undefined ? null : (product.editions.get(word) ?? null));
  return result(subject, {
    productKey: product.row.key,
    publisherKey: product.row.publisher,
    edition,
    release: releaseOf(product, found.release, found.captured?.release ?? null, subject),
    kind: product.kind,
    rule: found.key,
    confidence: found.confidence,
  });
}

/** The release by the product's own convention: fixed by the rule, taken from the title, else from the version. */
function releaseOf(product: CompiledProduct, fixed: string | null, captured: string | null, subject: Subject | null): string | null {
  if (fixed !== null) return fixed;
  const rule = product.row.release ?? { from: 'version' };
  if (rule.from === 'none') return null;
  const mapped = (text: string): string => {
    if (rule.map === undefined) return text;
    for (let prefix = text; ; prefix = prefix.slice(0, prefix.lastIndexOf('.'))) {
      const value = rule.map[prefix];
      if (value !== undefined) return value;
      if (!prefix.includes('.')) return text;
    }
  };
  if (captured !== null)
    return mapped(
      parts(
        captured.replace(' r2', ' R2').replace(/\.+$/, ''),
        rule.from === 'version' ? (rule.parts ?? 1) : Math.max(rule.parts ?? 1, 2),
      ) ?? captured,
    );
  if (subject === null) return null;
  const version = rule.from === 'name' ? (subject.nameVersion ?? subject.version) : (subject.version ?? subject.nameVersion);
  if (version === null) return null;
  const known = mapped(version);
  return known === version ? parts(version, rule.parts ?? 1) : known;
}

function parts(version: string | null, count: number): string | null {
  if (version === null || !/^\d/.test(version)) return null;
  return (
    version
      .split('.')
      .slice(0, count)
      .join('.')
      .replace(/[^0-9.].*$/, (rest) => (rest === ' R2' ? rest : '')) || null
  );
}

function unknown(subject: Subject): Recognition {
  subject.steps?.push({ stage: 'none', text: 'No rule knows this title.' });
  return result(subject, { publisherKey: subject.publisherKey, kind: 'product', rule: 'none', confidence: 'none' });
}

function result(subject: Subject, found: Partial<Recognition> & Pick<Recognition, 'kind' | 'rule' | 'confidence'>): Recognition {
  return {
    productKey: found.productKey ?? null,
    partOf: found.partOf ?? null,
    publisherKey: found.publisherKey ?? null,
    edition: found.edition ?? null,
    release: found.release ?? null,
    version: subject.version ?? subject.nameVersion,
    kind: found.kind,
    rule: found.rule,
    confidence: found.confidence,
    cleanedName: subject.name,
    steps: subject.steps ?? [],
  };
}

function search<T>(index: TokenIndex<T>, name: string, hit: (rule: T) => boolean): T | undefined {
  return index.byToken.get(firstToken(name))?.find(hit) ?? index.any.find(hit);
}
