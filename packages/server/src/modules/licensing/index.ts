import type { Tx } from '../../platform/db/types.ts';
import { noteProductChanges } from '../software/index.ts';
import { productsNeededOn } from './store-positions.ts';

export { createEntitlement } from './entitlements.ts';
export { reconcileProducts } from './reconcile.ts';
export { reconcileChanges } from './reconciler.ts';

/**
 * Says that facts of these assets other than their installations changed (processors, user, state, org unit), inside the transaction that changes them:
 * the positions that count them are computed again within a second of the commit.
 */
export async function noteAssetFactsChanged(tx: Tx, assetIds: readonly string[]): Promise<void> {
  if (assetIds.length > 0) await noteProductChanges(tx, await productsNeededOn(tx, assetIds));
}
