import type { UpdateAssetBody } from '@muster/api/assets';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';

/** Values of a record that were set by hand; null: released. Called in the transaction of the change, after the values are stored. */
export type SetByHand = (tx: Tx, actor: Actor, assetId: string, given: UpdateAssetBody, now: Date) => Promise<void>;

const listeners = new Map<string, SetByHand>();

/** Has a module that keeps facts of its own follow what people set on the record. One listener per name; the last one counts. */
export function onSetByHand(name: string, listener: SetByHand): void {
  listeners.set(name, listener);
}

/** Tells every listener, one after the other. What one throws undoes the change. */
export async function tellSetByHand(tx: Tx, actor: Actor, assetId: string, given: UpdateAssetBody, now: Date): Promise<void> {
  for (const listener of listeners.values()) await listener(tx, actor, assetId, given, now);
}
