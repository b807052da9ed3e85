import { sql } from 'kysely';
import type { NotificationKind } from '../../platform/notifying/kinds.ts';
import { documentListing } from './store-documents.ts';

/** A hand-over document that nobody has decided on for as many days as the lead time says. */
export const acceptancePending: NotificationKind = {
  key: 'acceptance_pending',
  listing: documentListing,
  permission: 'people:read',
  leadDays: 3,
  due: ({ today, lead }) => sql`(d.state = 'pending' and (d.created_at at time zone 'UTC')::date <= ${today}::date - ${lead}::int)`,
  occasion: () => sql`'pending'`,
  facts: sql`jsonb_build_object('label', d.number, 'person', p.name)`,
  subject: { type: 'people', id: sql`p.id` },
};
