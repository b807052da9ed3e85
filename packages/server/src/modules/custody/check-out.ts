import type { AssetCondition, LifecycleState } from '@muster/api/assets';
import type { CheckOutBody, CustodyAnswer } from '@muster/api/custody';
import { Problem } from '@muster/api/errors';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { mustFindAsset, recordEvents, setByHand, transitionAsset } from '../assets/index.ts';
import { forEachAsset } from './batch.ts';
import { recordCondition } from './facts.ts';
import { type NamedHolder, resolveHolder } from './holders.ts';
import { tellGiving, tellReturned } from './listeners.ts';
import { alreadyOut, checkNotFuture, heldAsset, momentOf, notOut, refusal } from './refusals.ts';
import { closePeriod, type HeldAsset, insertPeriod, isInside, lockNesting, openPeriod } from './store.ts';

export interface OutInput {
  /** A holder as `resolveHolder` gives it. */
  holder: NamedHolder;
  /** The calendar day it is to come back; null: it is meant to stay. */
  dueOn: string | null;
  condition?: AssetCondition | undefined;
  note?: string | undefined;
  /** It is reserved for somebody else, and whoever may (`reservations:override`) gives it all the same. */
  despiteReservation?: boolean | undefined;
  /** When it happened; now unless given. */
  at?: string | undefined;
}

/** Out of these states nothing is given to anyone: the reason says what comes first. */
const notGiven: Partial<Record<LifecycleState, string>> = {
  requested: 'It is only requested.',
  on_order: 'It has not arrived yet: receive it first.',
  lost: 'It is lost: take it into stock once it is found.',
  stolen: 'It is stolen: take it into stock once it is recovered.',
  retired: 'It is retired: bring it back into stock first.',
  disposed: 'It was disposed of.',
};

/**
 * Gives one asset to a holder: opens a custody period, makes a person the manual value of `person` (a place that of `place`) and moves
 * the asset along its lifecycle: to assigned for a person, to in use for any other holder; an asset in use stays so.
 * @throws Problem not_found; conflict with a code: `already_out`, `not_possible`, `cycle`, `before_last`, `merged`; validation_failed.
 */
export async function checkOutAsset(tx: Tx, actor: Actor, assetId: string, input: OutInput, now: Date): Promise<void> {
  const asset = await heldAsset(tx, assetId);
  const current = await openPeriod(tx, assetId);
  if (current) throw alreadyOut(asset, current);
  const at = await begin(tx, actor, asset, input, now);
  await tell(tx, actor, asset, 'checked_out', { holder: input.holder.label, ...facts(input) }, now);
  await audit(tx, actor, {
    action: 'custody.checked_out',
    resource: 'assets',
    resourceId: assetId,
    summary: `Checked ${asset.label} out to ${input.holder.label}`,
    after: { ...input, at },
  });
}

/**
 * Gives one asset from whoever has it to another holder, at one moment.
 * @throws Problem as `checkOutAsset`; conflict `not_out` when nobody has it, `same_holder` when that one has it already.
 */
export async function handOverAsset(tx: Tx, actor: Actor, assetId: string, input: OutInput, now: Date): Promise<void> {
  const asset = await heldAsset(tx, assetId);
  const current = await openPeriod(tx, assetId);
  if (!current) throw notOut(asset);
  if (current.holder_kind === input.holder.kind && current.holder_id === input.holder.id)
    throw refusal('same_holder', `${current.holder_label} has ${asset.label} already.`);
  const moment = await momentOf(tx, 'custody', asset, input.at, now);
  await closePeriod(tx, assetId, { at: moment, by: actor.label, note: null, condition: input.condition ?? null });
  await tellReturned(tx, actor, assetId, now);
  const at = await begin(tx, actor, asset, { ...input, at: moment > now ? undefined : moment.toISOString() }, now);
  await tell(tx, actor, asset, 'handed_over', { from: current.holder_label, holder: input.holder.label, ...facts(input) }, now);
  await audit(tx, actor, {
    action: 'custody.handed_over',
    resource: 'assets',
    resourceId: assetId,
    summary: `Handed ${asset.label} over from ${current.holder_label} to ${input.holder.label}`,
    before: { holder: { kind: current.holder_kind, id: current.holder_id, label: current.holder_label } },
    after: { ...input, at },
  });
}

/** Opens the period and has the record follow. Answers the moment it began. */
async function begin(tx: Tx, actor: Actor, asset: HeldAsset, input: OutInput, now: Date): Promise<Date> {
  const { holder } = input;
  const never = notGiven[asset.state];
  if (never) throw refusal('not_possible', `${asset.label} cannot be given out. ${never}`);
  if (holder.kind === 'asset') await checkNesting(tx, asset, holder);
  await tellGiving(tx, actor, { asset, holder, dueOn: input.dueOn, despiteReservation: input.despiteReservation ?? false }, now);
  const at = await momentOf(tx, 'custody', asset, input.at, now);
  if (input.dueOn !== null && input.dueOn < at.toISOString().slice(0, 10))
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'body.dueOn', code: 'before_start', message: 'It cannot be due before it is given out.' }],
    });
  await insertPeriod(
    tx,
    {
      id: newId(now.getTime()),
      asset_id: asset.id,
      holder_kind: holder.kind,
      holder_id: holder.id,
      holder_label: holder.label,
      from_at: at,
      due_on: input.dueOn,
      note: input.note ?? null,
      condition_out: input.condition ?? null,
      out_by: actor.label,
    },
    now,
  );
  const values = { person: holder.kind === 'person' ? holder.id : null, ...(holder.kind === 'place' ? { place: holder.id } : {}) };
  await setByHand(tx, actor, asset.id, values, now);
  const target = holder.kind === 'person' ? 'assigned' : 'in_use';
  const stays = asset.state === target || asset.state === 'in_use';
  if (!stays) await transitionAsset(tx, actor, asset.id, target, input.note ?? null, now);
  if (input.condition) await recordCondition(tx, actor, asset, { condition: input.condition, note: null, at }, now);
  return at;
}

async function checkNesting(tx: Tx, asset: HeldAsset, holder: NamedHolder): Promise<void> {
  if (holder.id === asset.id) throw refusal('cycle', `${asset.label} cannot be inside itself.`);
  await lockNesting(tx);
  if (await isInside(tx, holder.id, asset.id))
    throw refusal('cycle', `${holder.label} is inside ${asset.label}: ${asset.label} cannot be inside it as well.`);
}

const facts = ({ dueOn, condition, note, at }: OutInput): Record<string, unknown> => ({
  dueOn,
  condition: condition ?? null,
  note: note ?? null,
  at: at ?? null,
});

async function tell(tx: Tx, actor: Actor, asset: HeldAsset, kind: string, data: Record<string, unknown>, now: Date): Promise<void> {
  await recordEvents(tx, [{ assetId: asset.id, at: now, kind, source: 'manual', actor: actor.label, data }]);
}

/** What of a call's input is wrong for every asset alike, and who the holder is. An asset as holder must be within the caller's reach. */
async function prepared(tx: Tx, actor: Actor, body: CheckOutBody, now: Date): Promise<OutInput> {
  const { dueOn, condition, note, at, despiteReservation } = body;
  if (at !== undefined) checkNotFuture(new Date(at), now);
  if (body.holder.kind === 'asset') await mustFindAsset(tx, body.holder.id, actor, 'assets:write');
  return { holder: await resolveHolder(tx, body.holder), dueOn, condition, note, at, despiteReservation };
}

/** `checkOutAsset` for many. @throws Problem validation_failed for the holder or the dates; conflict as `forEachAsset`. */
export async function checkOutAssets(db: Db, actor: Actor, body: CheckOutBody, now: Date): Promise<CustodyAnswer> {
  return forEachAsset(
    db,
    actor,
    body,
    (tx) => prepared(tx, actor, body, now),
    (tx, id, input) => checkOutAsset(tx, actor, id, input, now),
  );
}

/** `handOverAsset` for many. */
export async function handOverAssets(db: Db, actor: Actor, body: CheckOutBody, now: Date): Promise<CustodyAnswer> {
  return forEachAsset(
    db,
    actor,
    body,
    (tx) => prepared(tx, actor, body, now),
    (tx, id, input) => handOverAsset(tx, actor, id, input, now),
  );
}
