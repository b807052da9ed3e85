import { Problem } from '@muster/api/errors';
import { settle } from './edit.ts';
import { registerTransitionAction, type TransitionRun } from './lifecycle-actions.ts';
import { setFields } from './set-fields.ts';
import { tellSetByHand } from './set-by-hand-listeners.ts';
import { dropManualValue, putManualValue } from './store.ts';
import type { Tx } from '../../platform/db/types.ts';

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

/** The day becomes the manual start of the warranty; with the parameter `months` its last day is set as well. */
async function startWarranty(tx: Tx, { assets, inputs, parameters, actor, now }: TransitionRun): Promise<void> {
  const on = inputs.date ?? parameters['date'] ?? now.toISOString().slice(0, 10);
  if (!isDay(on)) throw new Problem('conflict', `The warranty cannot start on “${on}”: the lifecycle names no date.`);
  const ends = parameters['months'] === undefined ? {} : { warrantyEndsOn: lastDay(on, parameters['months']) };
  await setFields(
    tx,
    actor,
    assets.map((a) => a.id),
    { warrantyStartsOn: on, ...ends },
    now,
  );
}

const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

/** The day before the same day so many months on: 24 months from 2026-03-15 end on 2028-03-14. */
function lastDay(on: string, months: string): string {
  const count = Number(months);
  if (!Number.isInteger(count) || count < 1 || count > 240)
    throw new Problem('conflict', `The warranty cannot last “${months}” months: the lifecycle must name a whole number up to 240.`);
  return Temporal.PlainDate.from(on).add({ months: count }).subtract({ days: 1 }).toString();
}

registerTransitionAction('assign', set('person'));
registerTransitionAction('unassign', release('person'));
registerTransitionAction('set_place', set('place'));
registerTransitionAction('clear_place', release('place'));
registerTransitionAction('start_warranty', startWarranty);
