import { isDeepStrictEqual } from 'node:util';
import { Problem } from '@muster/api/errors';
import {
  type IdentityDryRun,
  type IdentityDryRunChange,
  type IdentityRulesBody,
  type IdentityRulesInForce,
  identityRuleSettings,
} from '@muster/api/identity-rules';
import type { IdentityRules } from '@muster/core/identity';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { dryRunJob } from './dry-run.ts';
import { rulesWith, shippedRules } from './identity-rules-in-force.ts';
import { assetsBehind, changesOf, type DryRunRow, dryRuns, findDryRun, insertDryRun, markPublished } from './store-dry-runs.ts';
import { putRuleChange, ruleChanges } from './store-identity-rules.ts';
import { lockIdentity } from './store-operations.ts';

const body = (rules: IdentityRules): IdentityRulesBody => ({ ...rules, placeholders: [...rules.placeholders], uses: { ...rules.uses } });

/** The rules in force, those that are shipped, and who changed what. */
export async function readIdentityRules(db: Db): Promise<IdentityRulesInForce> {
  const changes = await ruleChanges(db);
  return {
    rules: body(rulesWith(changes)),
    shipped: body(shippedRules),
    changes: changes.flatMap((c) => {
      const setting = identityRuleSettings.find((s) => s === c.setting);
      return setting ? [{ setting, changedAt: c.changed_at.toISOString(), changedBy: c.changed_by }] : [];
    }),
  };
}

/** Keeps the draft and starts the job that tries it. Nothing else is written. */
export async function startDryRun(platform: Platform, actor: Actor, draft: IdentityRulesBody): Promise<{ id: string; jobId: string }> {
  return inTx(platform.db, async (tx) => {
    const now = platform.now();
    const id = newId(now.getTime());
    const jobId = await platform.jobs.enqueue(tx, dryRunJob.kind, { dryRunId: id }, { title: 'Try changed identity rules', actor });
    await insertDryRun(tx, { id, jobId, draft, base: rulesWith(await ruleChanges(tx)), at: now, actor: actor.label });
    return { id, jobId };
  });
}

export async function readDryRuns(db: Db): Promise<{ items: IdentityDryRun[] }> {
  const inForce = rulesWith(await ruleChanges(db));
  return { items: (await dryRuns(db)).map((row) => present(row, inForce)) };
}

/** @throws Problem not_found */
export async function readDryRun(db: Db, id: string): Promise<IdentityDryRun> {
  return present(await mustFind(db, id), rulesWith(await ruleChanges(db)));
}

async function mustFind(db: Db, id: string): Promise<DryRunRow> {
  const found = await findDryRun(db, id);
  if (!found) throw new Problem('not_found', 'There is no dry run with this id: only the latest are kept.');
  return found;
}

const present = (row: DryRunRow, inForce: IdentityRules): IdentityDryRun => ({
  id: row.id,
  jobId: row.job_id,
  state: row.state,
  draft: row.draft as IdentityRulesBody,
  askedAt: row.asked_at.toISOString(),
  askedBy: row.asked_by,
  finishedAt: row.finished_at?.toISOString() ?? null,
  publishedAt: row.published_at?.toISOString() ?? null,
  current: isDeepStrictEqual(row.base, body(inForce)),
  counts: row.counts,
});

/** @throws Problem not_found */
export async function readDryRunChanges(
  db: Db,
  id: string,
  query: { kind: string | null; after: number; limit: number },
): Promise<{ items: IdentityDryRunChange[]; nextCursor: string | null }> {
  await mustFind(db, id);
  const rows = await changesOf(db, id, { ...query, limit: query.limit + 1 });
  const shown = rows.slice(0, query.limit);
  const members = shown.flatMap((r) => r.detail);
  const assets = await assetsBehind(
    db,
    members.flatMap((m) => m.observationId ?? []),
    members.flatMap((m) => m.assetId ?? []),
  );
  return {
    items: shown.map((r) => ({
      no: r.no,
      kind: r.kind,
      before: r.clusters_before,
      after: r.clusters_after,
      observations: r.members,
      members: r.detail.map(({ assetId, ...m }) => ({ ...m, asset: assets.get(m.observationId ?? assetId ?? '') ?? null })),
    })),
    nextCursor: rows.length > query.limit ? String(shown.at(-1)?.no) : null,
  };
}

/**
 * Puts the draft of a dry run in force: the next report is decided by it. No asset changes by this.
 * @throws Problem not_found; conflict when it is not finished, was published, or was compared with other rules than those in force.
 */
export async function publishDryRun(platform: Platform, actor: Actor, id: string): Promise<IdentityRulesInForce> {
  return inTx(platform.db, async (tx) => {
    await lockIdentity(tx, 'alone');
    const run = await mustFind(tx, id);
    if (run.counts === null) throw new Problem('conflict', 'The dry run is not finished.');
    if (run.published_at !== null) throw new Problem('conflict', 'These rules were published already.');
    const before = rulesWith(await ruleChanges(tx));
    if (!isDeepStrictEqual(run.base, body(before)))
      throw new Problem('conflict', 'Other rules were published since this dry run. Run it again, to see what it changes now.');
    const draft = run.draft as IdentityRules;
    const now = platform.now();
    const changed = identityRuleSettings.filter((s) => !isDeepStrictEqual(before[s], draft[s]));
    for (const setting of changed) await putRuleChange(tx, setting, ownValue(draft, setting), { at: now, actor: actor.label });
    await markPublished(tx, id, now);
    await audit(tx, actor, {
      action: 'identity_rules.published',
      resource: 'identity-rules',
      resourceId: null,
      summary: `Published identity rules: ${changed.length > 0 ? changed.map((s) => words[s]).join(', ') : 'nothing changed'}`,
      before,
      after: { ...draft, dryRun: id, counts: run.counts },
    });
    return readIdentityRules(tx);
  });
}

const words: Record<(typeof identityRuleSettings)[number], string> = {
  placeholders: 'values that mean nothing',
  uses: 'how far kinds of key count',
  nameWithinDays: 'how long a name leads to a silent asset',
  proposeSameName: 'whether assets of one name are proposed',
};

/** What is kept of a setting: what is not as shipped; undefined when it is. */
function ownValue(draft: IdentityRules, setting: (typeof identityRuleSettings)[number]): unknown {
  if (isDeepStrictEqual(draft[setting], shippedRules[setting])) return undefined;
  if (setting !== 'uses') return draft[setting];
  return Object.fromEntries(
    Object.entries(draft.uses).filter(([kind, use]) => shippedRules.uses[kind as keyof IdentityRules['uses']] !== use),
  );
}
