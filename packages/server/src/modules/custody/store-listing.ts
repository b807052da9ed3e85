import { custodyResource } from '@muster/api/custody';
import { sql } from 'kysely';
import { defineListing } from '../../platform/listing/index.ts';

const today = sql`(now() at time zone 'UTC')::date`;
const asset = sql`join assets a on a.id = c.asset_id and a.redirected_to is null`;

/** As of a moment: what came back later was out then. */
const heldAt = (
  at: string,
): ReturnType<
  typeof sql
> => sql`(select p.asset_id, p.id, p.holder_kind, p.holder_id, p.holder_label, p.from_at, null::timestamptz as to_at,
    p.due_on, p.note, p.condition_out, null::text as condition_in, p.out_by, null::text as in_by, (${at}::timestamptz at time zone 'UTC')::date as today
  from custody_periods p where p.from_at <= ${at}::timestamptz and (p.to_at is null or p.to_at > ${at}::timestamptz)) c`;

export const custodyListing = defineListing(custodyResource, {
  // Role scopes look at the asset, so it is always there.
  from: sql`(select p.*, ${today} as today from custody_periods p) c ${asset}`,
  id: sql`c.id`,
  joins: {
    person: sql`left join people hp on c.holder_kind = 'person' and hp.id = c.holder_id`,
    team: sql`left join teams ht on c.holder_kind = 'team' and ht.id = c.holder_id`,
    place: sql`left join places hl on c.holder_kind = 'place' and hl.id = c.holder_id`,
    inside: sql`left join assets ha on c.holder_kind = 'asset' and ha.id = c.holder_id`,
  },
  columns: {
    id: { sql: sql`c.id` },
    asset: { sql: sql`coalesce(a.name, a.tag, a.serial, a.id::text)`, ref: sql`a.id` },
    tag: { sql: sql`a.tag` },
    class: { sql: sql`a.class_key` },
    holder: {
      sql: sql`coalesce(hp.name, ht.name, hl.name, ha.name, ha.tag, ha.serial, c.holder_label)`,
      join: ['person', 'team', 'place', 'inside'],
    },
    holderKind: { sql: sql`c.holder_kind` },
    holderId: { sql: sql`c.holder_id::text` },
    person: { sql: sql`hp.name`, ref: sql`hp.id`, join: 'person' },
    from: { sql: sql`c.from_at` },
    to: { sql: sql`c.to_at` },
    dueOn: { sql: sql`c.due_on` },
    state: {
      sql: sql`(case when c.to_at is not null then 'returned' when c.due_on < c.today then 'overdue' else 'out' end)`,
      equals: (states) =>
        sql`(${sql.join(
          states.map((state) =>
            state === 'returned'
              ? sql`c.to_at is not null`
              : state === 'overdue'
                ? sql`(c.to_at is null and c.due_on < c.today)`
                : state === 'out'
                  ? sql`(c.to_at is null and (c.due_on is null or c.due_on >= c.today))`
                  : sql`false`,
          ),
          sql` or `,
        )})`,
    },
    current: { sql: sql`(c.to_at is null)` },
    note: { sql: sql`c.note` },
    conditionOut: { sql: sql`c.condition_out` },
    conditionIn: { sql: sql`c.condition_in` },
    outBy: { sql: sql`c.out_by` },
    inBy: { sql: sql`c.in_by` },
  },
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
  asOf: (at) => sql`${heldAt(at)} ${asset}`,
});
