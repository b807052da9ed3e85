import type { AssetCondition, AssetValueField } from '@muster/api/assets';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { editable, settle } from './edit.ts';
import type { FieldValue } from './fields.ts';
import { dropManualValue, fieldValuesOf, putManualValue, setColumns } from './store.ts';

/**
 * Sets or (null) releases manual values on behalf of another module's verb, which writes the audit row: no version is asked for and no
 * listener is told. What is so already is left alone, so that nothing changes twice.
 * @throws Problem not_found, conflict when the asset was merged away.
 */
export async function setByHand(
  tx: Tx,
  actor: Actor,
  id: string,
  values: Partial<Record<AssetValueField, FieldValue | null>>,
  now: Date,
): Promise<void> {
  const asset = await editable(tx, id);
  const manual = new Map((await fieldValuesOf(tx, [id])).filter((v) => v.source === 'manual').map((v) => [v.field, v.value]));
  const wanted = Object.entries(values).filter(([field, value]) => (manual.get(field) ?? null) !== value);
  if (wanted.length === 0) return;
  for (const [field, value] of wanted) {
    if (value === null) await dropManualValue(tx, id, field);
    else await putManualValue(tx, id, field, value, now, actor.label);
  }
  await settle(tx, actor, asset, now);
}

/** The condition shown on the record and in lists; its history is kept by the module custody. */
export async function cacheCondition(tx: Tx, id: string, condition: AssetCondition, now: Date): Promise<void> {
  await setColumns(tx, id, { condition }, now);
}
