import content from '../../../../../content/identity/rules.json' with { type: 'json' };
import { type CompiledRules, compileRules, type IdentityRules } from '@muster/core/identity';
import type { Db } from '../../platform/db/types.ts';
import { type RuleChangeRow, ruleChanges } from './store-identity-rules.ts';

export const ruleSettings = [
  'placeholders',
  'uses',
  'nameWithinDays',
  'proposeSameName',
] as const satisfies readonly (keyof IdentityRules)[];

/** The rules as shipped in content/identity/rules.json. */
export const shippedRules: IdentityRules = {
  placeholders: content.placeholders,
  uses: content.uses as IdentityRules['uses'],
  nameWithinDays: content.nameWithinDays,
  proposeSameName: content.proposeSameName,
};

/** The shipped rules with what was changed here. */
export function rulesWith(changes: readonly RuleChangeRow[]): IdentityRules {
  const changed = Object.fromEntries(changes.map((c) => [c.setting, c.value])) as Partial<IdentityRules>;
  // A kind that a later version brings is used as shipped.
  return { ...shippedRules, ...changed, uses: { ...shippedRules.uses, ...changed.uses } };
}

/** The rules by which the next report is decided. Read anew for each batch, so that a change holds at once. */
export async function loadIdentityRules(db: Db): Promise<CompiledRules> {
  return compileRules(rulesWith(await ruleChanges(db)));
}
