import { z } from 'zod';
import { customShownSchema, customValuesSchema } from './custom-fields.ts';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** People hold assets and use software; a person need not be a user who signs in. */
export const personResource = defineResource({
  name: 'people',
  label: 'Person',
  plural: 'People',
  titleField: 'name',
  defaultSort: 'name',
  custom: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    email: { type: 'text', label: 'E-mail', sortable: true, filterable: true, aliases: ['mail'] },
    login: {
      type: 'text',
      label: 'Login',
      about: 'The account name as agents report it, in lower case.',
      sortable: true,
      filterable: true,
      aliases: ['user', 'username'],
    },
    employeeNumber: { type: 'text', label: 'Employee number', sortable: true, filterable: true, column: 'optional', aliases: ['number'] },
    jobTitle: { type: 'text', label: 'Job title', sortable: true, filterable: true, aliases: ['title'] },
    orgUnit: {
      type: 'ref',
      label: 'Org unit',
      to: 'org-units',
      sortable: true,
      filterable: true,
      facet: true,
      aliases: ['department', 'unit'],
    },
    withinOrgUnit: {
      type: 'ref',
      label: 'Within org unit',
      about: 'The person’s org unit or any unit above it.',
      to: 'org-units',
      filterable: true,
      column: 'none',
    },
    place: { type: 'ref', label: 'Place', to: 'places', sortable: true, filterable: true, facet: true, aliases: ['location', 'site'] },
    withinPlace: {
      type: 'ref',
      label: 'Within place',
      about: 'The person’s place or any place above it.',
      to: 'places',
      filterable: true,
      column: 'none',
    },
    active: { type: 'boolean', label: 'Active', notNull: true, sortable: true, filterable: true, facet: true },
    source: {
      type: 'text',
      label: 'Source',
      about: 'Where the person comes from: `manual`, or a source’s key.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    assets: { type: 'integer', label: 'Assets', about: 'Assets the person holds now.', notNull: true, sortable: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

/** Org units form a tree; role scopes and cost reports follow its subtrees. */
export const orgUnitResource = defineResource({
  name: 'org-units',
  label: 'Org unit',
  plural: 'Org units',
  titleField: 'name',
  defaultSort: 'name',
  custom: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    parent: { type: 'ref', label: 'Part of', to: 'org-units', sortable: true, filterable: true },
    path: { type: 'text', label: 'Path', about: 'Names from the root to this unit.', notNull: true },
    within: { type: 'ref', label: 'Within', about: 'This unit or any unit above it.', to: 'org-units', filterable: true, column: 'none' },
    costCentre: { type: 'text', label: 'Cost centre', sortable: true, filterable: true },
    people: {
      type: 'integer',
      label: 'People',
      about: 'Active people directly in this unit.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

export const personSchema = z.object({
  id: idSchema,
  name: z.string(),
  email: z.string().nullable(),
  login: z.string().nullable(),
  employeeNumber: z.string().nullable(),
  jobTitle: z.string().nullable(),
  orgUnit: refSchema.nullable(),
  place: refSchema.nullable(),
  active: z.boolean(),
  source: z.string(),
  assets: z.number().int(),
  custom: customShownSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type Person = z.infer<typeof personSchema>;

const text = (max: number) => z.string().trim().min(1).max(max);
const personFields = {
  name: text(200),
  email: z.email().max(320).nullable().optional(),
  login: text(200).toLowerCase().nullable().optional(),
  employeeNumber: text(100).nullable().optional(),
  jobTitle: text(200).nullable().optional(),
  orgUnitId: idSchema.nullable().optional(),
  placeId: idSchema.nullable().optional(),
  active: z.boolean().optional(),
  custom: customValuesSchema.optional(),
};
export const personCreateSchema = z.strictObject(personFields);
export type PersonCreate = z.infer<typeof personCreateSchema>;
/** Fields left out stay as they are; null clears; `custom` is merged key by key, null removing a key. */
export const personUpdateSchema = z.strictObject({ ...personFields, name: text(200).optional() });
export type PersonUpdate = z.infer<typeof personUpdateSchema>;

export const orgUnitSchema = z.object({
  id: idSchema,
  name: z.string(),
  parent: refSchema.nullable(),
  /** From the root to this unit. */
  path: z.array(refSchema),
  costCentre: z.string().nullable(),
  people: z.number().int(),
  custom: customShownSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type OrgUnit = z.infer<typeof orgUnitSchema>;
export const orgUnitCreateSchema = z.strictObject({
  name: text(200),
  parentId: idSchema.nullable().optional(),
  costCentre: text(100).nullable().optional(),
  custom: customValuesSchema.optional(),
});
export type OrgUnitCreate = z.infer<typeof orgUnitCreateSchema>;
export const orgUnitUpdateSchema = z.strictObject({
  name: text(200).optional(),
  parentId: idSchema.nullable().optional().meta({ description: 'Moves the unit with everything below it; null makes it a root.' }),
  costCentre: text(100).nullable().optional(),
  custom: customValuesSchema.optional(),
});
export type OrgUnitUpdate = z.infer<typeof orgUnitUpdateSchema>;

const params = z.object({ id: idSchema });
const people = { tag: 'People' } as const;
const units = { tag: 'Org units' } as const;

export const personListRoutes = listRoutesOf(personResource, '/api/v1/people', 'people:read');
export const getPerson = defineRoute({
  ...people,
  method: 'GET',
  path: '/api/v1/people/:id',
  summary: 'Get a person',
  access: 'people:read',
  params,
  response: personSchema,
  errors: ['not_found'],
});
export const createPerson = defineRoute({
  ...people,
  method: 'POST',
  path: '/api/v1/people',
  summary: 'Add a person',
  access: 'people:write',
  body: personCreateSchema,
  response: personSchema,
  status: 201,
  errors: ['validation_failed'],
});
export const updatePerson = defineRoute({
  ...people,
  method: 'PATCH',
  path: '/api/v1/people/:id',
  summary: 'Change a person',
  access: 'people:write',
  params,
  body: personUpdateSchema,
  response: personSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'stale'],
});
export const deletePerson = defineRoute({
  ...people,
  method: 'DELETE',
  path: '/api/v1/people/:id',
  summary: 'Deactivate a person',
  description:
    'A person is never erased here, because custody and usage history name them: they become inactive. Set `active` to true to bring them back.',
  access: 'people:write',
  params,
  status: 204,
  errors: ['not_found'],
});

/** One change of a person's record. */
export const personChangeSchema = z.object({
  id: z.string(),
  at: instantSchema,
  /** `left` and `returned` when the person became inactive or active, whatever else changed with it. */
  kind: z.enum(['added', 'renamed', 'left', 'returned', 'changed']),
  /** Who did it; null when no one is recorded. */
  actor: z.string().nullable(),
  /** The directory it came from. */
  source: z.string().nullable(),
  /** Fields by name, custom ones as `custom.<key>`; org unit and place by their present name, or their id when they are gone. */
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
});
export type PersonChange = z.infer<typeof personChangeSchema>;
export const personHistorySchema = z.object({
  items: z.array(personChangeSchema),
  nextCursor: z.string().nullable(),
  /** The ids by which directories know this person for life. */
  directories: z.array(z.object({ source: z.string(), directoryId: z.string(), seenAt: instantSchema })),
});
export type PersonHistory = z.infer<typeof personHistorySchema>;
export const getPersonHistory = defineRoute({
  ...people,
  method: 'GET',
  path: '/api/v1/people/:id/history',
  summary: 'What changed of a person, newest first',
  description: 'Renamed, left, came back, moved: from the directory or by hand. With the ids by which directories know the person.',
  access: 'people:read',
  params,
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(20), cursor: z.string().max(200).optional() }),
  response: personHistorySchema,
  errors: ['not_found', 'bad_cursor'],
});

export const orgUnitListRoutes = listRoutesOf(orgUnitResource, '/api/v1/org-units', 'people:read');
export const getOrgUnit = defineRoute({
  ...units,
  method: 'GET',
  path: '/api/v1/org-units/:id',
  summary: 'Get an org unit',
  access: 'people:read',
  params,
  response: orgUnitSchema,
  errors: ['not_found'],
});
export const createOrgUnit = defineRoute({
  ...units,
  method: 'POST',
  path: '/api/v1/org-units',
  summary: 'Add an org unit',
  access: 'people:write',
  body: orgUnitCreateSchema,
  response: orgUnitSchema,
  status: 201,
  errors: ['validation_failed'],
});
export const updateOrgUnit = defineRoute({
  ...units,
  method: 'PATCH',
  path: '/api/v1/org-units/:id',
  summary: 'Change or move an org unit',
  access: 'people:write',
  params,
  body: orgUnitUpdateSchema,
  response: orgUnitSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'stale'],
});
export const deleteOrgUnit = defineRoute({
  ...units,
  method: 'DELETE',
  path: '/api/v1/org-units/:id',
  summary: 'Remove an empty org unit',
  description: 'Refused with `conflict` while people, assets or other units are in it.',
  access: 'people:write',
  params,
  status: 204,
  errors: ['not_found', 'conflict'],
});
