import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { canReach } from '../../platform/listing/index.ts';
import { assetListing } from './store-listing.ts';

/**
 * Refuses a single asset that the actor's role scopes do not cover, with the same answer as one that does not exist.
 * @throws Problem not_found
 */
export async function mustReachAsset(db: Db, id: string, actor: Actor, permission: Permission): Promise<void> {
  if (!(await canReach(db, assetListing, id, actor, permission))) throw new Problem('not_found', 'There is no asset with this id.');
}
