import { assetResource } from '@muster/api/assets';
import { modelResource } from '@muster/api/models';
import { sql } from 'kysely';
import { bigTable, defineListing } from '../../platform/listing/index.ts';
import { assetsAt } from './store-history.ts';
import { customColumnsOf } from '../fields/index.ts';

const installed = (joins: ReturnType<typeof sql>, cond: ReturnType<typeof sql>): ReturnType<typeof sql> =>
  sql`exists (select 1 from installations i ${joins} where i.asset_id = a.id and i.removed_at is null and ${cond})`;

/** The canonical UUID with its first three fields in the other byte order. */
const swapped = sql`(substr(k.value, 7, 2) || substr(k.value, 5, 2) || substr(k.value, 3, 2) || substr(k.value, 1, 2) || '-' || substr(k.value, 12, 2) || substr(k.value, 10, 2)
  || '-' || substr(k.value, 17, 2) || substr(k.value, 15, 2) || substr(k.value, 19))`;

const fresh = sql`freshness(a.last_seen_at, sl.stale_days, sl.missing_days, sl.retire_days)`;

/**
 * Of this freshness: first the range of times that any class allows, which an index finds, then exactly. The second half is written as
 * a `<>`, which the planner takes to hold for nearly every row, because the first half has left the right ones already.
 */
const isFresh = (states: readonly string[]): ReturnType<typeof sql> =>
  sql`(${sql.join(
    states.map((state) =>
      state === 'unseen'
        ? sql`a.last_seen_at is null`
        : sql`(a.last_seen_at between freshness_from(${state}) and freshness_until(${state}) and case when ${fresh} = ${state} then 'yes' else 'no' end <> 'no')`,
    ),
    sql` or `,
  )})`;

export const assetListing = defineListing(assetResource, {
  from: sql`assets a`,
  id: sql`a.id`,
  where: sql`a.redirected_to is null`,
  big: bigTable,
  joins: {
    person: sql`left join people p on p.id = a.person_id`,
    place: sql`left join places pl on pl.id = a.place_id`,
    limits: sql`left join staleness_limits sl on sl.class_key = a.class_key`,
    org: sql`left join org_units ou on ou.id = a.org_unit_id`,
  },
  columns: {
    id: { sql: sql`a.id` },
    tag: { sql: sql`a.tag`, searched: true },
    name: { sql: sql`a.name`, searched: true },
    class: { sql: sql`a.class_key` },
    state: { sql: sql`a.state` },
    condition: { sql: sql`a.condition` },
    substate: { sql: sql`a.substate` },
    manufacturer: { sql: sql`a.manufacturer`, searched: true },
    model: { sql: sql`a.model`, searched: true },
    serial: { sql: sql`a.serial`, searched: true },
    osName: { sql: sql`a.os_name` },
    osVersion: { sql: sql`a.os_version` },
    osFamily: { sql: sql`a.os_family` },
    cpu: { sql: sql`a.cpu` },
    cores: { sql: sql`a.cores` },
    memoryMb: { sql: sql`a.memory_mb` },
    lastUser: { sql: sql`a.last_user`, searched: true },
    person: { sql: sql`p.name`, ref: sql`a.person_id`, join: 'person' },
    place: { sql: sql`pl.name`, ref: sql`a.place_id`, join: 'place' },
    orgUnit: { sql: sql`ou.name`, ref: sql`a.org_unit_id`, join: 'org' },
    warrantyStartsOn: { sql: sql`a.warranty_starts_on` },
    warrantyEndsOn: { sql: sql`a.warranty_ends_on` },
    domain: { sql: sql`a.domain` },
    notes: { sql: sql`a.notes` },
    firstSeenAt: { sql: sql`a.first_seen_at` },
    lastSeenAt: { sql: sql`a.last_seen_at` },
    freshness: { sql: fresh, join: 'limits', equals: isFresh, sort: { sql: sql`a.last_seen_at`, type: 'instant' } },
    createdAt: { sql: sql`a.created_at` },
    updatedAt: { sql: sql`a.updated_at` },
    product: {
      exists: (cond) =>
        installed(
          sql`join evidence_recognition er on er.evidence_id = i.evidence_id join products pr on pr.id = er.product_id`,
          cond(sql`pr.name`),
        ),
    },
    publisher: {
      exists: (cond) =>
        installed(
          sql`join evidence_recognition er on er.evidence_id = i.evidence_id join products pr on pr.id = er.product_id join publishers pu on pu.id = pr.publisher_id`,
          cond(sql`pu.name`),
        ),
    },
    software: { exists: (cond) => installed(sql`join evidence e on e.id = i.evidence_id`, cond(sql`e.name`)) },
    keyword: {
      sql: sql`(select string_agg(kw.name, ', ' order by kw.key) from asset_keywords ak join keywords kw on kw.id = ak.keyword_id where ak.asset_id = a.id)`,
      exists: (cond) =>
        sql`exists (select 1 from asset_keywords ak join keywords kw on kw.id = ak.keyword_id where ak.asset_id = a.id and ${cond(sql`kw.name`)})`,
    },
    mac: { exists: (cond) => sql`exists (select 1 from interfaces n where n.asset_id = a.id and ${cond(sql`n.mac`)})` },
    ip: {
      exists: (cond) =>
        sql`exists (select 1 from interfaces n cross join unnest(n.ips) as ip where n.asset_id = a.id and ${cond(sql`ip`)})`,
    },
    uuid: {
      exists: (cond) =>
        sql`exists (select 1 from identity_keys k where k.asset_id = a.id and k.kind = 'uuid' and (${cond(sql`k.value`)} or ${cond(swapped)}))`,
    },
  },
  customFields: customColumnsOf('assets', sql`a.custom`, sql`a.id`),
  search: sql`a.search_text`,
  asOf: (at, sample) => sql`${assetsAt(at, sample)} a`,
  scope: { org_unit: sql`a.org_unit_id`, place: sql`a.place_id`, asset_class: sql`a.class_key`, own: sql`a.person_id` },
});

export const modelListing = defineListing(modelResource, {
  from: sql`models m`,
  id: sql`m.id`,
  columns: {
    id: { sql: sql`m.id` },
    name: { sql: sql`m.name` },
    manufacturer: { sql: sql`m.manufacturer` },
    class: { sql: sql`m.class_key` },
    createdAt: { sql: sql`m.created_at` },
  },
  customFields: customColumnsOf('models', sql`m.custom`, sql`m.id`),
});
