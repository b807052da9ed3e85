import content from '../../../../../content/authority.json' with { type: 'json' };
import { type Authority, authorityOf, type AuthorityRule, type SourceTrust } from '@muster/core/authority';
import type { Db } from '../../platform/db/types.ts';
import { authorityRows, type StoredRule } from './store-authority.ts';

interface ShippedRule {
  class?: string;
  field?: string;
  order: SourceTrust[];
  otherTtlDays: number;
}

/** A rule with its place among all rules; '' means any. */
export interface PlacedRule {
  classKey: string;
  field: string;
  order: readonly SourceTrust[];
  otherTtlDays: number;
}

/** The rules as shipped in content/authority.json. */
export const shippedRules: readonly PlacedRule[] = (content.rules as ShippedRule[]).map((r) => ({
  classKey: r.class ?? '',
  field: r.field ?? '',
  order: r.order,
  otherTtlDays: r.otherTtlDays,
}));

export const placeOf = (rule: { classKey: string; field: string }): string => `${rule.classKey} ${rule.field}`;

/** Who is believed now: the shipped rules with what was changed here. Read anew for each batch, so that a change holds at once. */
export async function loadAuthority(db: Db): Promise<Authority> {
  const { rules, parents } = await authorityRows(db);
  return authorityWith(rules.map(fromStored), parents);
}

export const fromStored = (r: StoredRule): PlacedRule => ({
  classKey: r.class_key,
  field: r.field,
  order: r.sources,
  otherTtlDays: r.other_ttl_days,
});

/** The shipped rules with these in their places. */
export function authorityWith(changed: readonly PlacedRule[], parents: Readonly<Record<string, string | null>>): Authority {
  const all = new Map([...shippedRules, ...changed].map((r) => [placeOf(r), r]));
  const rules = [...all.values()].map((r): AuthorityRule => ({
    order: r.order,
    otherTtlDays: r.otherTtlDays,
    ...(r.classKey === '' ? {} : { classKey: r.classKey }),
    ...(r.field === '' ? {} : { field: r.field }),
  }));
  return authorityOf(rules, new Map(Object.entries(parents)));
}
