import { sql } from 'kysely';
import type { Sql } from '../../platform/listing/index.ts';
import type { Look, NotificationKind } from '../../platform/notifying/kinds.ts';
import { custodyListing } from './store-listing.ts';

const phase = ({ today }: Pick<Look, 'today'>): Sql => sql`case when c.due_on < ${today}::date then 'overdue' else 'due' end`;

/** What is to come back within the lead time, and again when the day has passed. A new due day is a new occasion. */
export const custodyDue: NotificationKind = {
  key: 'custody_due',
  listing: custodyListing,
  permission: 'assets:read',
  leadDays: 0,
  due: ({ today, lead }) => sql`(c.to_at is null and c.due_on <= ${today}::date + ${lead}::int)`,
  occasion: (look) => sql`c.due_on::text || ' ' || ${phase(look)}`,
  facts: sql`jsonb_build_object('label', coalesce(a.name, a.tag, a.serial, a.id::text), 'tag', a.tag, 'on', c.due_on::text,
    'phase', case when c.due_on < c.today then 'overdue' else 'due' end,
    'holder', coalesce(hp.name, ht.name, hl.name, ha.name, ha.tag, ha.serial, c.holder_label))`,
  subject: { type: 'assets', id: sql`a.id` },
  holder: sql`hp.id`,
};
