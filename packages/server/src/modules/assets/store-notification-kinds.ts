import { sql } from 'kysely';
import type { NotificationKind } from '../../platform/notifying/kinds.ts';
import { assetListing } from './store-listing.ts';

const label = sql`coalesce(a.name, a.tag, a.serial, a.id::text)`;
const inLife = sql`a.state not in ('retired', 'disposed')`;
/** A server that was off for so long still tells of what ended meanwhile. */
const caughtUpDays = 7;

/** A warranty whose last day is within the lead time. */
export const warrantyEnding: NotificationKind = {
  key: 'warranty_ending',
  listing: assetListing,
  permission: 'assets:read',
  leadDays: 30,
  due: ({ today, lead }) =>
    sql`(a.warranty_ends_on between ${today}::date - ${caughtUpDays}::int and ${today}::date + ${lead}::int and ${inLife})`,
  occasion: () => sql`a.warranty_ends_on::text`,
  facts: sql`jsonb_build_object('label', ${label}, 'tag', a.tag, 'on', a.warranty_ends_on::text)`,
};

const fresh = sql`freshness(a.last_seen_at, sl.stale_days, sl.missing_days, sl.retire_days)`;

/** An asset that fell silent since the subscription began: told when it becomes stale, missing and to be retired, once per silence. */
export const assetStale: NotificationKind = {
  key: 'asset_stale',
  listing: assetListing,
  permission: 'assets:read',
  leadDays: null,
  due: ({ since }) => sql`(a.last_seen_at < now() and ${inLife} and ${fresh} in ('stale', 'missing', 'retire_candidate')
    and a.last_seen_at + make_interval(days => case ${fresh} when 'stale' then sl.stale_days when 'missing' then sl.missing_days else sl.retire_days end) > ${since})`,
  occasion: () => sql`${fresh} || ' ' || a.last_seen_at::text`,
  facts: sql`jsonb_build_object('label', ${label}, 'tag', a.tag, 'freshness', ${fresh}, 'seen', (a.last_seen_at at time zone 'UTC')::date::text)`,
};
