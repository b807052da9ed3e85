import type { Tx } from '../../platform/db/types.ts';
import { noteAssetFactsChanged } from '../licensing/index.ts';

/** Values that decide who needs a licence, or how many. */
const counted = new Set(['class', 'cores', 'lastUser', 'orgUnit', 'osName', 'person', 'state']);

/** Has the positions computed again that count these assets, if a value changed that licences depend on. */
export async function noteLicenceFacts(tx: Tx, changes: readonly { assetId: string; field: string }[]): Promise<void> {
  await noteAssetFactsChanged(tx, [...new Set(changes.filter((c) => counted.has(c.field)).map((c) => c.assetId))]);
}
