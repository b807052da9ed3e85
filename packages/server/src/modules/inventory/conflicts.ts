import type { IdentityConflictDetail } from '@muster/api/identity';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { readAsset } from '../assets/index.ts';
import { readIdentity } from './hardware.ts';
import { mergeAssets, splitAsset } from './operations.ts';
import { type ConflictRow, findConflict, rememberNotSame, settleConflict } from './store-conflicts.ts';
import { lockIdentity, pin } from './store-operations.ts';

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
    sides: row.kind === 'fork' ? halves(await side(row.asset_a), row.observation_id) : [await side(row.asset_a), await side(row.asset_b)],
  };
}

/** One asset, with what stays on the one side and what may be of another machine on the other. */
function halves(side: IdentityConflictDetail['sides'][number], observationId: string): IdentityConflictDetail['sides'] {
  const [goes, stays] = [true, false].map((one) => side.observations.filter((o) => (o.id === observationId) === one));
  return [
    { asset: side.asset, observations: stays ?? [] },
    { asset: side.asset, observations: goes ?? [] },
  ];
}

/** An observation is of its asset for good, or becomes an asset of its own. Answers the id of the split. */
async function answerFork(
  tx: Tx,
  actor: Actor,
  row: ConflictRow,
  as: 'same' | 'different',
  reason: string,
  now: Date,
): Promise<string | null> {
  if (as === 'different') return splitAsset(tx, actor, row.asset_a, { observations: [row.observation_id], into: null, reason }, now);
  await pin(tx, [row.observation_id], row.asset_a, row.id);
  return null;
}

/**
 * Answers a conflict: `same` merges into `survivor`, `different` is remembered for good, `later` puts it aside. Of a fork, `same` leaves
 * the asset as it is for good and `different` splits the observation off.
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
  if (row.kind === 'fork' && answer.as !== 'later') {
    const operationId = await answerFork(tx, actor, row, answer.as, answer.reason, now);
    await settleConflict(tx, pair, answer.as, { actor: actor.label, note: answer.reason, now, operationId });
  } else if (answer.as === 'same')
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
