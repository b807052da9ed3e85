import { Problem } from '@muster/api/errors';
import { settle } from './edit.ts';
import { registerTransitionAction, type TransitionRun } from './lifecycle-actions.ts';
import { tellSetByHand } from './set-by-hand-listeners.ts';
import { dropManualValue, putManualValue } from './store.ts';
import { recordEvents } from './store-ingest.ts';
import { putCustomDate } from './store-lifecycle.ts';
import type { Tx } from '../../platform/db/types.ts';

/** The custom value that holds when the warranty begins. */
export const warrantyKey = 'warranty_starts_on';

/** The value becomes a manual one, as when a person types it; without one nothing changes. */
const set =
  (field: 'person' | 'place') =>
  async (tx: Tx, { assets, inputs, parameters, actor, now }: TransitionRun): Promise<void> => {
    const value = inputs[field] ?? parameters[field];
    if (!value) return;
    for (const asset of assets) {
      await putManualValue(tx, asset.id, field, value, now, actor.label);
      await settle(tx, actor, asset, now);
      await tellSetByHand(tx, actor, asset.id, { [field]: value }, now);
    }
  };

/** The manual value is released: what a source still reports is shown again. */
const release =
  (field: 'person' | 'place') =>
  async (tx: Tx, { assets, actor, now }: TransitionRun): Promise<void> => {
    for (const asset of assets) {
      await dropManualValue(tx, asset.id, field);
      await settle(tx, actor, asset, now);
      await tellSetByHand(tx, actor, asset.id, { [field]: null }, now);
    }
  };

async function startWarranty(tx: Tx, { assets, inputs, parameters, actor, now }: TransitionRun): Promise<void> {
  const on = inputs.date ?? parameters['date'] ?? now.toISOString().slice(0, 10);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(on)) throw new Problem('conflict', `The warranty cannot start on “${on}”: the lifecycle names no date.`);
  await putCustomDate(
    tx,
    assets.map((a) => a.id),
    warrantyKey,
    on,
    now,
  );
  await recordEvents(
    tx,
    assets.map((a) => ({ assetId: a.id, at: now, kind: 'warranty_started', source: 'manual', actor: actor.label, data: { on } })),
  );
}

registerTransitionAction('assign', set('person'));
registerTransitionAction('unassign', release('person'));
registerTransitionAction('set_place', set('place'));
registerTransitionAction('clear_place', release('place'));
registerTransitionAction('start_warranty', startWarranty);
