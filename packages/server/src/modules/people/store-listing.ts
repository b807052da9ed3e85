import { orgUnitResource, personResource } from '@muster/api/people';
import { sql } from 'kysely';
import { bigTable, defineListing } from '../../platform/listing/index.ts';
import { customColumnsOf } from '../fields/index.ts';

export const personListing = defineListing(personResource, {
  from: sql`people p`,
  id: sql`p.id`,
  joins: {
    orgUnit: sql`left join org_units ou on ou.id = p.org_unit_id`,
    place: sql`left join places pl on pl.id = p.place_id`,
  },
  columns: {
    id: { sql: sql`p.id` },
    name: { sql: sql`p.name`, searched: true },
    email: { sql: sql`p.email`, searched: true },
    login: { sql: sql`p.login`, searched: true },
    employeeNumber: { sql: sql`p.employee_number`, searched: true },
    jobTitle: { sql: sql`p.job_title` },
    orgUnit: { sql: sql`ou.name`, ref: sql`p.org_unit_id`, join: 'orgUnit' },
    withinOrgUnit: {
      exists: (cond) =>
        sql`exists (select 1 from org_units w join org_units own on w.id = any(own.path) where own.id = p.org_unit_id and ${cond(sql`w.name`, sql`w.id`)})`,
    },
    place: { sql: sql`pl.name`, ref: sql`p.place_id`, join: 'place' },
    withinPlace: {
      exists: (cond) =>
        sql`exists (select 1 from places w join places own on w.id = any(own.path) where own.id = p.place_id and ${cond(sql`w.name`, sql`w.id`)})`,
    },
    active: { sql: sql`p.active` },
    source: { sql: sql`p.source` },
    assets: { sql: sql`(select count(*) from assets x where x.person_id = p.id and x.redirected_to is null)` },
    createdAt: { sql: sql`p.created_at` },
    updatedAt: { sql: sql`p.updated_at` },
  },
  search: sql`p.search_text`,
  big: bigTable,
  customFields: customColumnsOf('people', sql`p.custom`, sql`p.id`),
  scope: { org_unit: sql`p.org_unit_id`, place: sql`p.place_id`, own: sql`p.id` },
});

export const orgUnitListing = defineListing(orgUnitResource, {
  from: sql`org_units ou`,
  id: sql`ou.id`,
  joins: { parent: sql`left join org_units up on up.id = ou.parent_id` },
  columns: {
    id: { sql: sql`ou.id` },
    name: { sql: sql`ou.name` },
    parent: { sql: sql`up.name`, ref: sql`ou.parent_id`, join: 'parent' },
    path: {
      sql: sql`(select string_agg(x.name, ' / ' order by u.n) from unnest(ou.path) with ordinality u(id, n) join org_units x on x.id = u.id)`,
    },
    within: { exists: (cond) => sql`exists (select 1 from org_units w where w.id = any(ou.path) and ${cond(sql`w.name`, sql`w.id`)})` },
    costCentre: { sql: sql`ou.cost_centre` },
    people: { sql: sql`(select count(*) from people x where x.org_unit_id = ou.id and x.active)` },
    createdAt: { sql: sql`ou.created_at` },
    updatedAt: { sql: sql`ou.updated_at` },
  },
  customFields: customColumnsOf('org-units', sql`ou.custom`, sql`ou.id`),
  scope: { org_unit: sql`ou.id` },
});
