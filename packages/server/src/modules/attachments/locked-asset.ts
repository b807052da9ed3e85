import { Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { mustFindAsset } from '../assets/index.ts';
import { type AttachedAsset, lockAssets } from './store.ts';

/** Locks an asset that something is attached to. @throws Problem not_found; conflict when it was merged away. */
export async function lockedAsset(tx: Tx, actor: Actor, id: string): Promise<AttachedAsset> {
  await mustFindAsset(tx, id, actor, 'assets:write');
  const asset = (await lockAssets(tx, [id])).get(id);
  if (!asset) throw new Problem('not_found', 'There is no asset with this id.');
  if (asset.redirected_to) throw new Problem('conflict', `${asset.label} was merged into another asset.`);
  return asset;
}
