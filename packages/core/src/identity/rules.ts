import type { IdentityKey, KeyKind } from './keys.ts';
import { canonicalUuid, normaliseText, swapUuid } from './lists.ts';

/** The kinds of key that lead to an asset by their value: for each a person may say how far it counts. */
export const ruleKinds = [
  'agent_id',
  'instance_id',
  'serial',
  'enclosure_serial',
  'board_serial',
  'member_serial',
  'uuid',
  'imei',
  'udid',
  'asset_tag',
  'mac',
  'fqdn',
] as const satisfies readonly KeyKind[];
export type RuleKind = (typeof ruleKinds)[number];

/** `identifies`: as its quality says. `supports`: never joins alone and tells nothing apart. `ignored`: is not looked at. */
export type KeyUse = 'identifies' | 'supports' | 'ignored';

/** What of the identity rules is data: shipped in content/identity/rules.json, changed by people. */
export interface IdentityRules {
  /** Values that mean nothing, besides those of content/identity. `*` stands for any characters. */
  readonly placeholders: readonly { readonly kind: RuleKind; readonly pattern: string }[];
  readonly uses: Readonly<Record<RuleKind, KeyUse>>;
  /** A full name leads to an asset only when that was heard of less than so many days ago; 0: never. */
  readonly nameWithinDays: number;
  /** A new machine with the full name of another asset is shown to people. */
  readonly proposeSameName: boolean;
}

/** What `decide` takes of the rules. */
export interface DecideOptions {
  /** Whether agreement in the kind may join by itself. */
  readonly joins: (kind: RuleKind) => boolean;
  /** Null: however long ago. */
  readonly nameWithinDays: number | null;
  readonly proposeSameName: boolean;
}

/** Rules ready to be asked. */
export interface CompiledRules {
  /** The keys as these rules see them: never better than they were extracted. Answers the same array when nothing differs. */
  readonly seen: (keys: readonly IdentityKey[]) => readonly IdentityKey[];
  readonly options: DecideOptions;
}

/** Nothing is changed, and a name leads however long ago it was heard of. */
export const plainRules: CompiledRules = {
  seen: (keys) => keys,
  options: { joins: () => true, nameWithinDays: null, proposeSameName: true },
};

/** Prepares rules. Patterns are normalised as the values of their kind are, so that any spelling of a value matches. */
export function compileRules(rules: IdentityRules): CompiledRules {
  const exact = new Set<string>();
  const patterns = new Map<RuleKind, (readonly string[])[]>();
  for (const { kind, pattern } of rules.placeholders) {
    const text = normalisePattern(kind, pattern);
    if (text.includes('*')) patterns.set(kind, [...(patterns.get(kind) ?? []), text.split('*')]);
    else exact.add(`${kind} ${text}`);
  }
  const uses: Partial<Record<KeyKind, KeyUse>> = rules.uses;
  const untouched = exact.size === 0 && patterns.size === 0 && ruleKinds.every((kind) => rules.uses[kind] === 'identifies');
  const meansNothing = ({ kind, value }: IdentityKey): boolean => {
    const text = kind.endsWith('serial') ? value.slice(value.indexOf('|') + 1) : value;
    if (exact.has(`${kind} ${text}`)) return true;
    const globs = patterns.get(kind as RuleKind);
    return globs !== undefined && globs.some((parts) => matches(parts, text) || (kind === 'uuid' && matches(parts, swapUuid(text))));
  };
  const see = (k: IdentityKey): IdentityKey => {
    if (k.quality === 'placeholder') return k;
    const use = uses[k.kind];
    if (use === 'ignored') return { ...k, quality: 'placeholder', reason: 'the rules in force ignore this kind of key' };
    if (meansNothing(k)) return { ...k, quality: 'placeholder', reason: 'the rules in force say that this value means nothing' };
    return use === 'supports' && k.quality === 'good' ? { ...k, quality: 'weak', reason: 'by the rules in force it only supports' } : k;
  };
  return {
    seen: (keys) => (untouched ? keys : keys.map(see)),
    options: {
      joins: (kind) => rules.uses[kind] === 'identifies',
      nameWithinDays: rules.nameWithinDays,
      proposeSameName: rules.proposeSameName,
    },
  };
}

function normalisePattern(kind: RuleKind, pattern: string): string {
  if (kind === 'mac') return pattern.toLowerCase().replaceAll(/[^0-9a-f*]/g, '');
  if (kind === 'uuid') return canonicalUuid(pattern) ?? pattern.trim().toLowerCase();
  return kind.endsWith('serial') || kind === 'asset_tag' ? normaliseText(pattern) : pattern.trim().toLowerCase();
}

/** Whether the text is these parts with anything between them. Looks for each part once, so that no pattern takes long. */
function matches(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return from <= text.length - last.length;
}
