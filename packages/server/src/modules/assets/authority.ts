import type { AuthorityPreview, AuthorityRule, AuthorityRuleBody } from '@muster/api/authority';
import { Problem } from '@muster/api/errors';
import { sourceName } from '@muster/core/authority';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { authorityWith, fromStored, placeOf, type PlacedRule, shippedRules } from './authority-rules.ts';
import { classesBelow } from './classes-below.ts';
import { fieldLabels } from './fields.ts';
import { differencesOf, type ResolveScope, resolveFieldsJob } from './resolve-again.ts';
import { assetsToResolve, authorityRows, classLabels, dropRule, putRule, reportingSources } from './store-authority.ts';

/** Assets with several sources that a preview looks at. */
const previewed = 5_000;
const previewBatch = 500;
const exampleCount = 10;

/** Every rule in force, the general ones first, and the sources there are. */
export async function readAuthorityRules(db: Db): Promise<{ items: AuthorityRule[]; sources: string[] }> {
  const { rules } = await authorityRows(db);
  const labels = await classLabels(db);
  const changed = new Map(rules.map((r) => [placeOf(fromStored(r)), r]));
  const shipped = new Set(shippedRules.map(placeOf));
  const items = [...shippedRules.filter((r) => !changed.has(placeOf(r))), ...rules.map(fromStored)].map((r): AuthorityRule => {
    const own = changed.get(placeOf(r));
    return {
      classKey: r.classKey || null,
      classLabel: r.classKey ? (labels.get(r.classKey) ?? r.classKey) : null,
      field: r.field || null,
      order: [...r.order],
      otherTtlDays: r.otherTtlDays,
      origin: own ? (shipped.has(placeOf(r)) ? 'changed' : 'added') : 'default',
      changedAt: own?.changed_at.toISOString() ?? null,
      changedBy: own?.changed_by ?? null,
    };
  });
  const sources = new Set([...items.flatMap((r) => r.order.map((o) => o.source)), ...(await reportingSources(db))]);
  return {
    items: items.toSorted((a, b) => (placed(a) < placed(b) ? -1 : 1)),
    sources: [...sources].filter((s) => s !== 'manual').toSorted((a, b) => a.localeCompare(b)),
  };
}

const placed = (r: AuthorityRule): string => `${r.classLabel ?? ''}\t${r.field ?? ''}`;

/**
 * Sets the order of sources for a class and field, and starts the job that chooses values anew.
 * @throws Problem validation_failed when there is no such class.
 */
export async function changeAuthority(platform: Platform, actor: Actor, body: AuthorityRuleBody): Promise<{ jobId: string }> {
  return inTx(platform.db, async (tx) => {
    await checkClass(tx, body.classKey);
    const rule = placedRule(body);
    const { rules } = await authorityRows(tx);
    const before =
      rules.map(fromStored).find((r) => placeOf(r) === placeOf(rule)) ?? shippedRules.find((r) => placeOf(r) === placeOf(rule));
    await putRule(tx, {
      class_key: rule.classKey,
      field: rule.field,
      sources: body.order,
      other_ttl_days: body.otherTtlDays,
      changed_at: platform.now(),
      changed_by: actor.label,
    });
    await audit(tx, actor, {
      action: 'authority_rule.changed',
      resource: 'authority-rules',
      resourceId: null,
      summary: `Believes for ${wordsOf(body)}: ${body.order.map((o) => `${sourceName(o.source)} (${o.ttlDays} days)`).join(', ')}`,
      before: before ?? null,
      after: body,
    });
    return { jobId: await startJob(platform, tx, actor, body) };
  });
}

/**
 * Back to the shipped order; a rule of one's own goes.
 * @throws Problem not_found when nothing was changed there.
 */
export async function resetAuthority(platform: Platform, actor: Actor, place: Place): Promise<{ jobId: string }> {
  return inTx(platform.db, async (tx) => {
    const { rules } = await authorityRows(tx);
    const before = rules.find((r) => r.class_key === (place.classKey ?? '') && r.field === (place.field ?? ''));
    if (!before || !(await dropRule(tx, before.class_key, before.field)))
      throw new Problem('not_found', `The order of sources for ${wordsOf(place)} was not changed.`);
    await audit(tx, actor, {
      action: 'authority_rule.reset',
      resource: 'authority-rules',
      resourceId: null,
      summary: `Believes for ${wordsOf(place)} as shipped again`,
      before: fromStored(before),
    });
    return { jobId: await startJob(platform, tx, actor, place) };
  });
}

type Place = Pick<AuthorityRuleBody, 'classKey' | 'field'>;

const placedRule = (body: AuthorityRuleBody): PlacedRule => ({
  classKey: body.classKey ?? '',
  field: body.field ?? '',
  order: body.order,
  otherTtlDays: body.otherTtlDays,
});

async function startJob(platform: Platform, tx: Parameters<typeof putRule>[0], actor: Actor, place: Place): Promise<string> {
  const data: ResolveScope = { classKey: place.classKey };
  return platform.jobs.enqueue(tx, resolveFieldsJob.kind, data, { title: `Apply the order of sources for ${wordsOf(place)}`, actor });
}

function wordsOf({ classKey, field }: Place): string {
  const what = field === null ? 'every field' : fieldLabels[field].toLowerCase();
  return `${what} of ${classKey === null ? 'any class' : `the class ${classKey}`}`;
}

async function checkClass(db: Db, classKey: string | null): Promise<void> {
  if (classKey !== null && !(await classLabels(db)).has(classKey))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'body.classKey', code: 'unknown', message: 'There is no asset class with this key.' }],
    });
}

/** What a rule would change. Reads a bounded number of assets and writes nothing. */
export async function previewAuthority(platform: Platform, body: AuthorityRuleBody): Promise<AuthorityPreview> {
  const { db } = platform;
  await checkClass(db, body.classKey);
  const { rules, parents } = await authorityRows(db);
  const authority = authorityWith([...rules.map(fromStored), placedRule(body)], parents);
  const classKeys = body.classKey === null ? null : classesBelow(body.classKey, parents);
  const found: AuthorityPreview = { examined: 0, complete: false, assets: 0, changes: 0, examples: [] };
  let after = '00000000-0000-0000-0000-000000000000';
  while (found.examined < previewed) {
    const ids = await assetsToResolve(db, { after, limit: previewBatch, classKeys });
    for (const { asset, changes } of await differencesOf(db, ids, authority, platform.now())) {
      found.assets += 1;
      found.changes += changes.length;
      const label = String(asset.name ?? asset.tag ?? asset.serial ?? asset.id);
      for (const { field, from, to, source } of changes)
        if (found.examples.length < exampleCount) found.examples.push({ asset: { id: asset.id, label }, field, from, to, source });
    }
    found.examined += ids.length;
    after = ids.at(-1) ?? after;
    if (ids.length < previewBatch) return { ...found, complete: true };
  }
  return found;
}
