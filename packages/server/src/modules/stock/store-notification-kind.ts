import { sql } from 'kysely';
import type { NotificationKind } from '../../platform/notifying/kinds.ts';
import { isLow, itemListing, itemOnHand } from './store-listing.ts';

/** An item below its minimum, in all or at one place. What is added later and still leaves it low, or low again, is a new occasion. */
export const stockLow: NotificationKind = {
  key: 'stock_low',
  listing: itemListing,
  permission: 'assets:read',
  leadDays: null,
  due: () => sql`(i.archived_at is null and ${isLow})`,
  occasion: () => sql`coalesce((select max(m.at) from stock_movements m where m.item_id = i.id and m.on_hand_change > 0)::text, 'never')`,
  facts: sql`jsonb_build_object('label', i.name, 'onHand', ${itemOnHand}, 'minimum', i.minimum, 'unit', i.unit)`,
};
