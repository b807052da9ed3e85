import type { AssetRecord } from '@muster/api/assets';
import type { CustomValues } from '@muster/api/custom-fields';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { type CustomResult, settleCustom, showCustom } from '../fields/index.ts';
import type { AssetRow } from './store.ts';
import { customOf, customWithModel, setCustom } from './store-custom.ts';
import { recordEvents } from './store-ingest.ts';

/** Checks custom values for an asset of a class; nothing is written yet but the unique values, which are taken. */
export async function settleAssetCustom(
  tx: Tx,
  actor: Actor,
  asset: { id: string; classKey: string; given: CustomValues | undefined; creating: boolean },
): Promise<CustomResult> {
  const { id, classKey, given, creating } = asset;
  const current = creating || given === undefined ? {} : await customOf(tx, id);
  return settleCustom(tx, actor, { resource: 'assets', recordId: id, classKey, current, given, creating });
}

/** Writes what changed, with an event for every changed value. */
export async function applyAssetCustom(tx: Tx, actor: Actor, id: string, result: CustomResult, now: Date): Promise<void> {
  if (result.changes.length === 0) return;
  await setCustom(tx, id, result.custom);
  await recordEvents(
    tx,
    result.changes.map(({ key, label, from, to }) => ({
      assetId: id,
      at: now,
      kind: 'field_changed',
      source: 'manual',
      actor: actor.label,
      data: { field: `custom.${key}`, label, from, to },
    })),
  );
}

/** One side of the changes, as the audit log names fields. */
export function customAudit(result: CustomResult, side: 'from' | 'to'): Record<string, string | null> {
  return Object.fromEntries(result.changes.map((change) => [`custom.${change.key}`, change[side]]));
}

/** An asset's custom values and those it inherits. */
export async function showAssetCustom(db: Db, asset: AssetRow): Promise<Pick<AssetRecord, 'custom' | 'customInherited'>> {
  const { custom, model, model_values: values } = await customWithModel(db, asset.id);
  const inheritance = { model: model === null ? null : { label: model, values: values ?? {} } };
  const shown = await showCustom(db, 'assets', { id: asset.id, custom, classKey: asset.class_key, inheritance });
  return { custom: shown.custom, customInherited: shown.inherited };
}
