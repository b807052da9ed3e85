import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { fieldErrorSchema } from './errors.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { roleNameSchema } from './permissions.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const viewSharings = ['private', 'everyone', 'roles'] as const;
export type ViewSharing = (typeof viewSharings)[number];
export const viewDensities = ['compact', 'comfortable'] as const;

/** A list as someone keeps it: filter, order, columns. It holds no rows, so whoever opens it sees what their own rights show. */
export const savedViewResource = defineResource({
  name: 'saved-views',
  label: 'Saved view',
  plural: 'Saved views',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    resource: {
      type: 'text',
      label: 'List',
      about: 'The list it is of, for example `assets`.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
    },
    filter: { type: 'text', label: 'Filter', filterable: true },
    sort: { type: 'text', label: 'Order', filterable: true, column: 'optional' },
    owner: { type: 'text', label: 'Owner', notNull: true, sortable: true, filterable: true },
    sharing: { type: 'enum', label: 'Shared with', values: viewSharings, notNull: true, sortable: true, filterable: true, facet: true },
    position: { type: 'integer', label: 'Place in the menu', notNull: true, sortable: true, filterable: true, column: 'optional' },
    archived: { type: 'boolean', label: 'Archived', notNull: true, sortable: true, filterable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const savedViewListRoutes = listRoutesOf(savedViewResource, '/api/v1/saved-views', 'self');

const content = {
  q: z.string().trim().max(200).nullable(),
  filter: z.string().trim().max(4000).nullable(),
  sort: z.string().trim().max(200).nullable(),
  columns: z
    .array(z.string().min(1).max(120))
    .min(1)
    .max(100)
    .nullable()
    .meta({ description: 'Names of fields; null: as the list has them.' }),
  density: z.enum(viewDensities).nullable(),
  facetsOpen: z.boolean().nullable(),
};

export const savedViewSchema = z.object({
  id: idSchema,
  resource: z.string(),
  name: z.string(),
  ...content,
  owner: z.object({ id: idSchema, label: z.string() }),
  sharing: z.enum(viewSharings),
  roles: z.array(z.string()).meta({ description: 'With whom it is shared when `sharing` is `roles`.' }),
  position: z.number().int(),
  archived: z.boolean(),
  /** Of the caller. */
  isMine: z.boolean(),
  isDefault: z.boolean(),
  mayChange: z.boolean(),
  /** Why it cannot be read any more, for example because a field is gone; it opens all the same. Empty: all is well. */
  problems: z.array(fieldErrorSchema),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type SavedView = z.infer<typeof savedViewSchema>;

const optionalContent = Object.fromEntries(Object.entries(content).map(([k, s]) => [k, s.optional()])) as {
  [K in keyof typeof content]: z.ZodOptional<(typeof content)[K]>;
};
const rest = {
  ...optionalContent,
  sharing: z.enum(viewSharings).optional(),
  roles: z.array(roleNameSchema).max(20).optional(),
  position: z.number().int().min(0).max(10_000).optional(),
  archived: z.boolean().optional(),
};
const name = z.string().trim().min(1, 'a name').max(120);
export const savedViewCreateSchema = z.strictObject({ resource: z.string().min(1).max(60), name, ...rest });
export type SavedViewCreate = z.infer<typeof savedViewCreateSchema>;
/** What is left out stays. */
export const savedViewUpdateSchema = z.strictObject({ name: name.optional(), ...rest });
export type SavedViewUpdate = z.infer<typeof savedViewUpdateSchema>;

const tag = 'Saved views';
const params = z.object({ id: idSchema });

export const listViewMenu = defineRoute({
  method: 'GET',
  path: '/api/v1/saved-views/menu',
  tag,
  access: 'self',
  summary: 'The views of a list that you may open',
  description:
    'Your own and those shared with you, in the order of the menu, without archived ones; with which one you chose to begin with.',
  query: z.object({ resource: z.string().min(1).max(60) }),
  response: z.object({ items: z.array(savedViewSchema) }),
});
export const getSavedView = defineRoute({
  method: 'GET',
  path: '/api/v1/saved-views/:id',
  tag,
  access: 'self',
  summary: 'Get a saved view',
  params,
  response: savedViewSchema,
  errors: ['not_found'],
});
export const createSavedView = defineRoute({
  method: 'POST',
  path: '/api/v1/saved-views',
  tag,
  access: 'self',
  summary: 'Save a view of a list',
  description: 'Sharing it needs the permission `views:share`.',
  body: savedViewCreateSchema,
  response: savedViewSchema,
  status: 201,
  errors: ['validation_failed', 'bad_filter', 'forbidden', 'conflict'],
});
export const updateSavedView = defineRoute({
  method: 'PATCH',
  path: '/api/v1/saved-views/:id',
  tag,
  access: 'self',
  summary: 'Change a saved view',
  description: 'Its owner may, and for a shared one whoever may share views.',
  params,
  body: savedViewUpdateSchema,
  response: savedViewSchema,
  ifMatch: true,
  errors: ['validation_failed', 'bad_filter', 'forbidden', 'not_found', 'stale', 'conflict'],
});
export const deleteSavedView = defineRoute({
  method: 'DELETE',
  path: '/api/v1/saved-views/:id',
  tag,
  access: 'self',
  summary: 'Remove a saved view',
  params,
  status: 204,
  errors: ['not_found', 'forbidden'],
});
export const setDefaultView = defineRoute({
  method: 'PUT',
  path: '/api/v1/saved-views/default',
  tag,
  access: 'self',
  summary: 'Choose the view that your list opens with',
  body: z.strictObject({ resource: z.string().min(1).max(60), id: idSchema.nullable().meta({ description: 'null: none' }) }),
  response: z.object({ items: z.array(savedViewSchema) }),
  errors: ['not_found', 'validation_failed', 'forbidden'],
});
