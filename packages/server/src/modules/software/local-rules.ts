import { Problem } from '@muster/api/errors';
import type { RecognitionRuleInput, recognitionRuleSchema, ruleEffectSchema } from '@muster/api/software';
import type { z } from 'zod';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { applyRuleNow, reachOf, type RuleReach } from './re-recognise.ts';
import { bumpLocalVersion, lockRules } from './store.ts';
import { ruleEffect } from './store-evidence.ts';
import { insertLocalRule, localRuleById, type LocalRuleRow, productById, retireLocalRule, sameActiveRule } from './store-products.ts';

/** Up to this many titles change with the rule itself; more are left to a job. */
const AT_ONCE = 5000;
export const APPLY_RULE_JOB = 'software.apply-rule';

export type PresentedRule = z.infer<typeof recognitionRuleSchema>;
export type RuleEffect = z.infer<typeof ruleEffectSchema>;
export interface RuleChange {
  rule: PresentedRule;
  effect: RuleEffect;
  jobId: string | null;
}

/** What a rule would change, without making it. Throws `validation_failed` when the product is not there. */
export async function previewRule(db: Db, input: RecognitionRuleInput): Promise<RuleEffect> {
  await productFor(db, input.productId);
  return effectOf(db, input, input.productId);
}

/** Maps titles to a product. Throws `conflict` when an active rule has the same title, publisher and channel. */
export async function createRule(platform: Platform, actor: Actor, input: RecognitionRuleInput): Promise<RuleChange> {
  return inTx(platform.db, async (tx) => {
    await lockRules(tx);
    const product = await productFor(tx, input.productId);
    if ((await sameActiveRule(tx, input)) !== undefined)
      throw new Problem('conflict', 'A local rule for this title exists already. Retire it first.');
    const effect = await effectOf(tx, input, input.productId);
    const id = newId();
    await insertLocalRule(tx, { id, ...input, createdBy: actor.label });
    await bumpLocalVersion(tx);
    await audit(tx, actor, {
      action: 'recognition_rule.created',
      resource: 'recognition-rules',
      resourceId: id,
      summary: `Mapped “${input.namePattern}” to ${product.name}`,
      after: input,
    });
    const jobId = await applyOrEnqueue(
      platform,
      tx,
      actor,
      { match: matchOf(input), retired: null },
      `Apply the rule “${input.namePattern}”`,
    );
    return { rule: await presented(tx, id), effect, jobId };
  });
}

/** Takes a rule out of use: the titles it decided get the meaning they have without it. */
export async function retireRule(platform: Platform, actor: Actor, id: string): Promise<RuleChange> {
  return inTx(platform.db, async (tx) => {
    await lockRules(tx);
    const row = await localRuleById(tx, id);
    if (row === undefined) throw new Problem('not_found');
    if (row.retired_at !== null) throw new Problem('conflict', 'The rule is retired already.');
    const reach: RuleReach = {
      match: matchOf({ namePattern: row.name_pattern, publisher: row.publisher, channel: row.channel }),
      retired: `local/${id}`,
    };
    const { evidence, installations } = await reachOf(tx, reach);
    await retireLocalRule(tx, id);
    await bumpLocalVersion(tx);
    await audit(tx, actor, {
      action: 'recognition_rule.retired',
      resource: 'recognition-rules',
      resourceId: id,
      summary: `Retired the rule “${row.name_pattern}” for ${row.product_name}`,
      before: presentRule(row),
    });
    const jobId = await applyOrEnqueue(platform, tx, actor, reach, `Undo the rule “${row.name_pattern}”`);
    return { rule: await presented(tx, id), effect: { evidence, installations, changes: evidence, samples: [] }, jobId };
  });
}

async function applyOrEnqueue(platform: Platform, tx: Tx, actor: Actor, reach: RuleReach, title: string): Promise<string | null> {
  if ((await reachOf(tx, reach)).evidence > AT_ONCE) return platform.jobs.enqueue(tx, APPLY_RULE_JOB, reach, { title, actor });
  await applyRuleNow(tx, reach);
  return null;
}

async function productFor(db: Db, id: string): Promise<{ name: string }> {
  const product = await productById(db, id);
  if (product === undefined)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'productId', code: 'unknown', message: 'There is no such product.' }],
    });
  return product;
}

async function effectOf(db: Db, input: RecognitionRuleInput, productId: string): Promise<RuleEffect> {
  const { evidence, installations, changes, samples } = await ruleEffect(db, matchOf(input), productId);
  return {
    evidence,
    installations,
    changes,
    samples: samples.map(({ product_id, product_name, ...brief }) => ({
      ...brief,
      product: product_id === null ? null : { id: product_id, label: product_name ?? product_id },
    })),
  };
}

const matchOf = (input: { namePattern: string; publisher: string | null; channel: string | null }): RuleReach['match'] => ({
  namePattern: input.namePattern,
  publisher: input.publisher,
  channel: input.channel,
});

async function presented(db: Db, id: string): Promise<PresentedRule> {
  const row = await localRuleById(db, id);
  if (row === undefined) throw new Problem('not_found');
  return presentRule(row);
}

function presentRule(row: LocalRuleRow): PresentedRule {
  return {
    id: row.id,
    namePattern: row.name_pattern,
    publisher: row.publisher,
    channel: row.channel,
    product: { id: row.product_id, label: row.product_name },
    edition: row.edition,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    retiredAt: row.retired_at?.toISOString() ?? null,
    version: row.version,
  };
}
