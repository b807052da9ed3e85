import type { MetricKey } from '@muster/api/licensing';

export interface RuleSource {
  readonly title: string;
  readonly url: string | null;
  readonly confidence: 'high' | 'medium' | 'low';
}
/** A number of a metric as data. null is unlimited. */
export interface RuleAttribute {
  readonly key: string;
  readonly value: number | null;
  readonly about: string;
  readonly source: RuleSource;
}
/** One metric of content/metrics: its texts, numbers and sources. The function of the same key reads its numbers from here. */
export interface MetricRule {
  readonly key: MetricKey;
  readonly version: string;
  readonly order: number;
  readonly name: string;
  readonly explanation: string;
  readonly formula: string;
  readonly unit: string;
  readonly rounding: string;
  readonly needs: readonly { fact: string; label: string; boundedBy: string }[];
  readonly attributes: readonly RuleAttribute[];
  readonly defaultFor: readonly string[];
  readonly source: RuleSource;
  readonly effectiveFrom: string | null;
  readonly effectiveTo: string | null;
}
/** Uses that need no licence. */
export interface Exemptions {
  readonly version: string;
  readonly kinds: readonly { kind: string; reason: string; sentence: string }[];
  readonly states: readonly { state: string; reason: string; sentence: string }[];
  readonly freeEditions: readonly { product: string; edition: string; source: RuleSource }[];
}
/** Everything the engine reads besides facts. `version` names the whole set. */
export interface LicenceRules {
  readonly version: string;
  readonly metrics: Readonly<Record<MetricKey, MetricRule>>;
  readonly exemptions: Exemptions;
}

/** Gathers metric files and exemptions into one set; its version is the newest of theirs. Throws when a metric is missing or doubled. */
export function licenceRules(metrics: readonly MetricRule[], exemptions: Exemptions, wanted: readonly MetricKey[]): LicenceRules {
  const byKey = new Map(metrics.map((m) => [m.key, m]));
  const missing = wanted.filter((k) => !byKey.has(k));
  if (missing.length > 0 || byKey.size !== metrics.length)
    throw new Error(`content/metrics must hold each metric once; missing: ${missing.join(', ') || 'none'}`);
  const version = [...metrics.map((m) => m.version), exemptions.version].toSorted().at(-1)!;
  return { version, metrics: Object.fromEntries(byKey) as Record<MetricKey, MetricRule>, exemptions };
}

/** A number of a rule. Throws when the content lacks it or it is unlimited where a number is needed: a fault of the content. */
export function attribute(rule: MetricRule, key: string): number {
  const value = attributeOrUnlimited(rule, key);
  if (value === null) throw new Error(`${rule.key}: ${key} must be a number`);
  return value;
}
/** A number of a rule, null for unlimited. */
export function attributeOrUnlimited(rule: MetricRule, key: string): number | null {
  const found = rule.attributes.find((a) => a.key === key);
  if (!found) throw new Error(`${rule.key}: attribute ${key} is missing`);
  return found.value;
}
