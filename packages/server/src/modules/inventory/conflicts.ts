import type { IdentityConflictDetail } from '@muster/api/identity';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { readAsset } from '../assets/index.ts';
import { readIdentity } from './hardware.ts';
import { mergeAssets } from './operations.ts';
import { type ConflictRow, findConflict, rememberNotSame, settleConflict } from './store-conflicts.ts';
import { lockIdentity } from './store-operations.ts';

/** @throws Problem not_found */
export async function mustFindConflict(db: Db, id: string): Promise<ConflictRow> {
  const found = await findConflict(db, id);
  if (!found) throw new Problem('not_found', 'There is no conflict with this id.');
  return found;
}

/** A conflict with both assets beside each other: record, observations, keys. */
export async function readConflict(db: Db, id: string, now: Date): Promise<IdentityConflictDetail> {
  const row = await mustFindConflict(db, id);
  const side = async (assetId: string): Promise<IdentityConflictDetail['sides'][number]> => {
    const record = await readAsset(db, assetId, now);
    return { asset: record, observations: (await readIdentity(db, assetId)).observations };
  };
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    reason: row.reason,
    openedAt: row.opened_at.toISOString(),
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    resolvedBy: row.resolved_by,
    note: row.note,
    operation: row.operation_id,
    sides: [await side(row.asset_a), await side(row.asset_b)],
  };
}

/**
 * Answers a conflict: `same` merges into `survivor`, `different` is remembered for good, `later` puts it aside.
 * @throws Problem not_found; validation_failed when `survivor` is none of the two; conflict when it was answered already.
 */
export async function resolveConflict(
  tx: Tx,
  actor: Actor,
  id: string,
  answer: { as: 'same' | 'different' | 'later'; survivor: string | null; reason: string },
  now: Date,
): Promise<void> {
  await lockIdentity(tx, 'alone');
  const row = await mustFindConflict(tx, id);
  if (row.state === 'same' || row.state === 'different')
    throw new Problem('conflict', `${row.resolved_by ?? 'Someone'} answered it already.`);
  const pair = [row.asset_a, row.asset_b] as const;
  const survivor = answer.survivor ?? row.asset_a;
  if (!pair.includes(survivor))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'survivor', code: 'unknown', message: 'The survivor must be one of the two assets.' }],
    });
  if (answer.as === 'same')
    await mergeAssets(tx, actor, survivor, survivor === row.asset_a ? row.asset_b : row.asset_a, answer.reason, now);
  else {
    const by = { actor: actor.label, note: answer.reason, now, operationId: null };
    if (answer.as === 'different') await rememberNotSame(tx, pair, by);
    await settleConflict(tx, pair, answer.as, by);
  }
  await audit(tx, actor, {
    action: 'identity_conflict.resolved',
    resource: 'identity-conflicts',
    resourceId: id,
    summary: `Answered an identity conflict: ${answer.as}`,
    before: { state: row.state },
    after: { ...answer, assets: pair },
  });
}
