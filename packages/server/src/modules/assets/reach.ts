import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { canReach, scopeCondition } from '../../platform/listing/index.ts';
import { assetExists, assetsWithin } from './store.ts';
import { assetListing } from './store-listing.ts';

/**
 * Refuses a single asset that does not exist or that the actor's role scopes do not cover, with one answer for both.
 * @throws Problem not_found
 */
export async function mustFindAsset(db: Db, id: string, actor: Actor, permission: Permission): Promise<void> {
  if (!(await canReach(db, assetListing, id, actor, permission)) || !(await assetExists(db, id)))
    throw new Problem('not_found', 'There is no asset with this id.');
}

/** Those of many assets that the actor's role scopes cover. */
export async function reachableAssets(db: Db, ids: readonly string[], actor: Actor, permission: Permission): Promise<Set<string>> {
  const scope = scopeCondition(assetListing, actor, permission);
  if (scope === null || ids.length === 0) return new Set(ids);
  return new Set(await assetsWithin(db, ids, scope));
}
