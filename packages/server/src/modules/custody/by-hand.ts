import type { Actor } from '../../platform/context.ts';
import type { UpdateAssetBody } from '@muster/api/assets';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { recordEvents } from '../assets/index.ts';
import { tellReturned } from './listeners.ts';
import { closePeriod, findHolder, insertPeriod, lastMoment, openPeriod } from './store.ts';
import { nameSource } from './store-facts.ts';

/**
 * What people set on the record itself opens and ends custody as well: a person set by hand has the asset from then on, a released one no
 * longer. The lifecycle is left to whoever edits, and someone who left may be named: the record says what is.
 */
export async function followRecord(tx: Tx, actor: Actor, assetId: string, given: UpdateAssetBody, now: Date): Promise<void> {
  if (given.place !== undefined && given.place !== null) await nameSource(tx, assetId, actor.label);
  if (given.person === undefined) return;
  const current = await openPeriod(tx, assetId);
  const hasPerson = current?.holder_kind === 'person';
  if (given.person === null ? !hasPerson : hasPerson && current.holder_id === given.person) return;
  const last = await lastMoment(tx, 'custody', assetId);
  const at = last && last > now ? last : now;
  if (current) {
    await closePeriod(tx, assetId, { at, by: actor.label, note: null, condition: null });
    await tellReturned(tx, actor, assetId, now);
  }
  const holder = given.person === null ? null : ((await findHolder(tx, 'person', given.person))?.label ?? given.person);
  if (given.person !== null && holder !== null)
    await insertPeriod(
      tx,
      {
        id: newId(now.getTime()),
        asset_id: assetId,
        holder_kind: 'person',
        holder_id: given.person,
        holder_label: holder,
        from_at: at,
        due_on: null,
        note: null,
        condition_out: null,
        out_by: actor.label,
      },
      now,
    );
  const from = current?.holder_label ?? null;
  const kind = holder === null ? 'checked_in' : from === null ? 'checked_out' : 'handed_over';
  const data = { from, holder: holder ?? from, byHand: true };
  await recordEvents(tx, [{ assetId, at: now, kind, source: 'manual', actor: actor.label, data }]);
}
