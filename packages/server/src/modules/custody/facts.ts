import type { AssetCondition } from '@muster/api/assets';
import type { CustodyAnswer, ExtendBody, PlaceAssetsBody, SetConditionBody } from '@muster/api/custody';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { cacheCondition, recordEvents, setByHand } from '../assets/index.ts';
import { forEachAsset } from './batch.ts';
import { checkNotFuture, heldAsset, momentOf, notOut, refusal } from './refusals.ts';
import { findHolder, type HeldAsset, openPeriod, setDue } from './store.ts';
import { changeCondition, currentPlace, movePlacement } from './store-facts.ts';

interface NamedPlace {
  id: string;
  label: string;
}

/** A place with its name. @throws Problem validation_failed */
export async function resolvePlace(db: Db, id: string): Promise<NamedPlace> {
  const found = await findHolder(db, 'place', id);
  if (!found)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'body.place', code: 'unknown', message: 'There is no place with this id.' }],
    });
  return { id, label: found.label };
}

/** Begins a placement, without event or audit row: part of a verb that writes them. Where it is already, nothing happens; answers whether. */
export async function recordPlace(
  tx: Tx,
  actor: Actor,
  asset: HeldAsset,
  { place, note, at }: { place: NamedPlace; note: string | null; at: Date },
  now: Date,
): Promise<boolean> {
  const moves = (await currentPlace(tx, asset.id)) !== place.id;
  if (moves) {
    const moment = await momentOf(tx, 'placement', asset, at > now ? undefined : at.toISOString(), now);
    await movePlacement(
      tx,
      { id: newId(now.getTime()), assetId: asset.id, placeId: place.id, placeLabel: place.label, at: moment, actor: actor.label, note },
      now,
    );
  }
  await setByHand(tx, actor, asset.id, { place: place.id }, now);
  return moves;
}

/** Begins a condition, without event or audit row. The same condition again is a fact too: someone looked. */
export async function recordCondition(
  tx: Tx,
  actor: Actor,
  asset: HeldAsset,
  { condition, note, at }: { condition: AssetCondition; note: string | null; at: Date },
  now: Date,
): Promise<void> {
  const moment = await momentOf(tx, 'condition', asset, at > now ? undefined : at.toISOString(), now);
  await changeCondition(tx, { id: newId(now.getTime()), assetId: asset.id, condition, at: moment, actor: actor.label, note }, now);
  await cacheCondition(tx, asset.id, condition, now);
}

/**
 * Says where one asset is, as a manual value, from a moment on.
 * @throws Problem not_found; conflict `already_there`, `before_last`.
 */
export async function placeAsset(
  tx: Tx,
  actor: Actor,
  assetId: string,
  input: { place: NamedPlace; note?: string | undefined; at?: string | undefined },
  now: Date,
): Promise<void> {
  const asset = await heldAsset(tx, assetId);
  const at = await momentOf(tx, 'placement', asset, input.at, now);
  if (!(await recordPlace(tx, actor, asset, { place: input.place, note: input.note ?? null, at }, now)))
    throw refusal('already_there', `${asset.label} is in ${input.place.label} already.`);
  const data = { place: input.place.label, note: input.note ?? null, at: input.at ?? null };
  await tell(tx, actor, asset, 'placed', data, `Put ${asset.label} in ${input.place.label}`, now);
}

/** Says in which condition one asset is, from a moment on. @throws Problem not_found; conflict `before_last`. */
export async function setAssetCondition(
  tx: Tx,
  actor: Actor,
  assetId: string,
  input: { condition: AssetCondition; note?: string | undefined; at?: string | undefined },
  now: Date,
): Promise<void> {
  const asset = await heldAsset(tx, assetId);
  const at = await momentOf(tx, 'condition', asset, input.at, now);
  await recordCondition(tx, actor, asset, { condition: input.condition, note: input.note ?? null, at }, now);
  const data = { condition: input.condition, note: input.note ?? null, at: input.at ?? null };
  await tell(tx, actor, asset, 'condition_set', data, `Set the condition of ${asset.label} to ${input.condition}`, now);
}

/** Changes the day one asset is due; null: it is meant to stay. @throws Problem not_found; conflict `not_out`; validation_failed. */
export async function extendAsset(
  tx: Tx,
  actor: Actor,
  assetId: string,
  input: { dueOn: string | null; note?: string | undefined },
  now: Date,
): Promise<void> {
  const asset = await heldAsset(tx, assetId);
  const current = await openPeriod(tx, assetId);
  if (!current) throw notOut(asset);
  if (input.dueOn !== null && input.dueOn < current.from_at.toISOString().slice(0, 10))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'body.dueOn', code: 'before_start', message: 'It cannot be due before it was given out.' }],
    });
  await setDue(tx, assetId, input.dueOn);
  const data = { from: current.due_on, dueOn: input.dueOn, note: input.note ?? null, holder: current.holder_label };
  await tell(tx, actor, asset, 'due_changed', data, `${asset.label} is due on ${input.dueOn ?? 'no day'}`, now);
}

async function tell(
  tx: Tx,
  actor: Actor,
  asset: HeldAsset,
  kind: string,
  data: Record<string, unknown>,
  summary: string,
  now: Date,
): Promise<void> {
  await recordEvents(tx, [{ assetId: asset.id, at: now, kind, source: 'manual', actor: actor.label, data }]);
  await audit(tx, actor, { action: `custody.${kind}`, resource: 'assets', resourceId: asset.id, summary, after: data });
}

const checkMoment = (at: string | undefined, now: Date): void => {
  if (at !== undefined) checkNotFuture(new Date(at), now);
};

/** `placeAsset` for many. */
export async function placeAssetsIn(db: Db, actor: Actor, body: PlaceAssetsBody, now: Date): Promise<CustodyAnswer> {
  return forEachAsset(
    db,
    actor,
    body,
    async (tx) => {
      checkMoment(body.at, now);
      return resolvePlace(tx, body.place);
    },
    (tx, id, place) => placeAsset(tx, actor, id, { place, note: body.note, at: body.at }, now),
  );
}

/** `setAssetCondition` for many. */
export async function setConditions(db: Db, actor: Actor, body: SetConditionBody, now: Date): Promise<CustodyAnswer> {
  return forEachAsset(
    db,
    actor,
    body,
    async () => checkMoment(body.at, now),
    (tx, id) => setAssetCondition(tx, actor, id, body, now),
  );
}

/** `extendAsset` for many. */
export async function extendAssets(db: Db, actor: Actor, body: ExtendBody, now: Date): Promise<CustodyAnswer> {
  return forEachAsset(
    db,
    actor,
    body,
    async () => undefined,
    (tx, id) => extendAsset(tx, actor, id, body, now),
  );
}
