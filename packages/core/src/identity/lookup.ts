import { bare } from './compare.ts';
import type { IdentityKey, KeyKind } from './keys.ts';
import { ruleKinds } from './rules.ts';

/** The kinds that lead to a machine by their value. */
export const leadingKinds: ReadonlySet<KeyKind> = new Set(ruleKinds);

/** Whether machines with this value are to be looked at. A serial number without its maker and a full name lead, though they do not decide alone. */
export const leads = (k: IdentityKey): boolean =>
  leadingKinds.has(k.kind) && (k.quality === 'good' || (k.quality === 'weak' && (k.kind === 'serial' || k.kind === 'fqdn')));

/** Under what a value is looked up. Serial numbers of all types meet without their maker: sources take one for the other. */
export const lookupOf = (k: { kind: string; value: string }): { kind: string; value: string } =>
  k.kind.endsWith('serial') ? { kind: 'serial', value: bare(k.value) } : { kind: k.kind, value: k.value };
