import type { AssetCondition, LifecycleState } from '@muster/api/assets';
import type { CheckInBody, CustodyAnswer } from '@muster/api/custody';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { recordEvents, setByHand, transitionAsset } from '../assets/index.ts';
import { forEachAsset } from './batch.ts';
import { recordCondition, recordPlace, resolvePlace } from './facts.ts';
import { tellReturned } from './listeners.ts';
import { checkNotFuture, heldAsset, momentOf, notOut } from './refusals.ts';
import { closePeriod, openPeriod } from './store.ts';

export interface InInput {
  /** Where it is put, as `resolvePlace` gives it; it stays where it is when null. */
  place: { id: string; label: string } | null;
  condition?: AssetCondition | undefined;
  note?: string | undefined;
  /** The state it gets; unless given in stock, and out of the ordinary (in maintenance, retired) the one it has. */
  state?: LifecycleState | undefined;
  at?: string | undefined;
}

/** From these a thing that came back goes into stock by itself; from any other it stays until someone decides. */
const backToStock: readonly LifecycleState[] = ['discovered', 'assigned', 'in_use', 'in_transit', 'lost', 'stolen'];

/**
 * Ends the custody of one asset: releases the person, moves it along its lifecycle and, when said, puts it somewhere in some condition.
 * @throws Problem not_found; conflict `not_out`, `before_last`, or the lifecycle's own reason.
 */
export async function checkInAsset(tx: Tx, actor: Actor, assetId: string, input: InInput, now: Date): Promise<void> {
  const asset = await heldAsset(tx, assetId);
  const current = await openPeriod(tx, assetId);
  if (!current) throw notOut(asset);
  const at = await momentOf(tx, 'custody', asset, input.at, now);
  const { condition, note, place } = input;
  await closePeriod(tx, assetId, { at, by: actor.label, note: note ?? null, condition: condition ?? null });
  await tellReturned(tx, actor, assetId, now);
  await setByHand(tx, actor, assetId, { person: null }, now);
  const target = input.state ?? (backToStock.includes(asset.state) ? 'in_stock' : asset.state);
  if (target !== asset.state) await transitionAsset(tx, actor, assetId, target, note ?? null, now);
  if (place) await recordPlace(tx, actor, asset, { place, note: null, at }, now);
  if (condition) await recordCondition(tx, actor, asset, { condition, note: null, at }, now);
  const data = {
    holder: current.holder_label,
    place: place?.label ?? null,
    condition: condition ?? null,
    note: note ?? null,
    at: input.at ?? null,
  };
  await recordEvents(tx, [{ assetId, at: now, kind: 'checked_in', source: 'manual', actor: actor.label, data }]);
  await audit(tx, actor, {
    action: 'custody.checked_in',
    resource: 'assets',
    resourceId: assetId,
    summary: `Checked ${asset.label} in from ${current.holder_label}`,
    before: { holder: { kind: current.holder_kind, id: current.holder_id, label: current.holder_label }, from: current.from_at },
    after: { place, condition, note, state: target, at },
  });
}

/** `checkInAsset` for many. @throws Problem validation_failed for the place or the moment; conflict as `forEachAsset`. */
export async function checkInAssets(db: Db, actor: Actor, body: CheckInBody, now: Date): Promise<CustodyAnswer> {
  const { condition, note, state, at } = body;
  return forEachAsset(
    db,
    actor,
    body,
    async (tx) => {
      if (at !== undefined) checkNotFuture(new Date(at), now);
      return body.place === undefined ? null : resolvePlace(tx, body.place);
    },
    (tx, id, place) => checkInAsset(tx, actor, id, { place, condition, note, state, at }, now),
  );
}
