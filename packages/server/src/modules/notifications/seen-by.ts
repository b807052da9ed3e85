import { Problem } from '@muster/api/errors';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { type Listing, listingNamed, permissionOfList, planQuery, type Sql, withCustomFields } from '../../platform/listing/index.ts';
import type { NotificationKind } from '../../platform/notifying/kinds.ts';
import { findView, type ViewRow } from '../views/index.ts';

/** A list as an actor sees it: role scopes, and what a saved view leaves of it. */
export interface Seen {
  readonly listing: Listing;
  readonly conditions: readonly Sql[];
  readonly view: ViewRow | null;
}

/**
 * What of a kind's list - or, for a watched view, of any list - the actor sees.
 * @throws Problem not_found when the view is not there for the actor; validation_failed when it is of another list; bad_filter when it
 * no longer reads; forbidden when no role of the actor opens the list.
 */
export async function seenBy(db: Db, actor: Actor, kind: NotificationKind | null, viewId: string | null, now: Date): Promise<Seen> {
  const view = viewId === null ? null : ((await findView(db, actor, viewId)) ?? null);
  if (viewId !== null && !view) throw new Problem('not_found', 'There is no saved view with this id, or it is no longer shared with you.');
  if (kind && view && view.resource !== kind.listing.resource.name)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'viewId', code: 'other_list', message: `This view is of ${view.resource}, not of ${kind.listing.resource.name}.` }],
    });
  const named = kind?.listing ?? listingNamed(view?.resource ?? '');
  const permission = kind?.permission ?? permissionOfList(view?.resource ?? '');
  if (!named || !permission)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'viewId', code: 'not_watched', message: `Views of ${view?.resource ?? 'this list'} cannot be watched.` }],
    });
  if (!actor.grants.some((grant) => grant.permission === permission))
    throw new Problem('forbidden', `This needs the permission ${permission}.`);
  const filter = view?.filter ?? undefined;
  const listing = await withCustomFields(db, named, filter);
  const { conditions } = planQuery(listing, { q: view?.q ?? undefined, filter }, { actor, permission, now });
  return { listing, conditions, view };
}
