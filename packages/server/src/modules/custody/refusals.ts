import { Problem } from '@muster/api/errors';
import type { Tx } from '../../platform/db/types.ts';
import { type Fact, type HeldAsset, lastMoment, lockHeldAsset, type PeriodRow } from './store.ts';

/** A refusal of one asset: the code is stable, the sentence says why and since when. */
export function refusal(code: string, message: string): Problem {
  return new Problem('conflict', message, { errors: [{ field: 'body.assets', code, message }] });
}

export const minuteOf = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Locks the asset of a verb. @throws Problem not_found; conflict when it was merged away. */
export async function heldAsset(tx: Tx, id: string): Promise<HeldAsset> {
  const asset = await lockHeldAsset(tx, id);
  if (!asset) throw new Problem('not_found', 'There is no asset with this id.');
  if (asset.redirected_to) throw refusal('merged', `${asset.label} was merged into another asset.`);
  return asset;
}

export const alreadyOut = (asset: HeldAsset, period: PeriodRow): Problem =>
  refusal('already_out', `${asset.label} is with ${period.holder_label} since ${minuteOf(period.from_at)}.`);
export const notOut = (asset: HeldAsset): Problem => refusal('not_out', `Nobody has ${asset.label}.`);

/**
 * The moment a fact begins: now, or the earlier one that was given.
 * @throws Problem validation_failed for a future; conflict `before_last` for one before what is recorded: the past is not rewritten.
 */
export async function momentOf(tx: Tx, fact: Fact, asset: HeldAsset, at: string | undefined, now: Date): Promise<Date> {
  const last = await lastMoment(tx, fact, asset.id);
  // Two changes in one millisecond, or a clock that was set back: what is recorded stands.
  if (at === undefined) return last && last > now ? last : now;
  const moment = new Date(at);
  checkNotFuture(moment, now);
  if (last && moment < last)
    throw refusal('before_last', `Something is recorded of ${asset.label} until ${minuteOf(last)}. Give that moment or a later one.`);
  return moment;
}

export function checkNotFuture(moment: Date, now: Date): void {
  if (moment > now)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'body.at', code: 'future', message: 'It cannot have happened in the future.' }],
    });
}
