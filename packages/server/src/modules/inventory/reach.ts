import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { canReach } from '../../platform/listing/index.ts';
import { observationListing } from './store-listing.ts';

/** Whether the actor's role scopes cover the observation; a held one is seen only without a scope. */
export async function canSeeObservation(db: Db, id: string, actor: Actor): Promise<boolean> {
  return canReach(db, observationListing, id, actor, 'discovery:read');
}
