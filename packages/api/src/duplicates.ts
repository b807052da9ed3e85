import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { jobStartedSchema } from './jobs.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const duplicateReasons = ['serial', 'tag', 'mac', 'name_and_model'] as const;

/** Assets that may be one thing, by what they have in common. */
export const duplicateResource = defineResource({
  name: 'duplicates',
  label: 'Possible duplicate',
  plural: 'Possible duplicates',
  titleField: 'value',
  defaultSort: '-foundAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    value: { type: 'text', label: 'In common', notNull: true, sortable: true, filterable: true },
    reason: { type: 'enum', label: 'Reason', values: duplicateReasons, notNull: true, filterable: true, facet: true },
    assets: { type: 'integer', label: 'Assets', notNull: true, sortable: true, filterable: true },
    state: { type: 'enum', label: 'State', values: ['open', 'dismissed'], notNull: true, filterable: true, facet: true },
    foundAt: { type: 'instant', label: 'Found', notNull: true, sortable: true, filterable: true },
    dismissedBy: { type: 'text', label: 'Dismissed by', filterable: true, column: 'optional' },
  },
});
export const duplicateListRoutes = listRoutesOf(duplicateResource, '/api/v1/duplicates', 'assets:read');

export const duplicateSchema = z.object({
  id: idSchema,
  reason: z.enum(duplicateReasons),
  value: z.string(),
  state: z.enum(['open', 'dismissed']),
  foundAt: instantSchema,
  dismissedAt: instantSchema.nullable(),
  dismissedBy: z.string().nullable(),
  note: z.string().nullable(),
  assets: z.array(
    z.object({
      id: idSchema,
      label: z.string(),
      tag: z.string().nullable(),
      serial: z.string().nullable(),
      class: z.string(),
      manufacturer: z.string().nullable(),
      model: z.string().nullable(),
      state: z.string(),
      /** How many sources report it. */
      sources: z.number().int(),
      lastSeenAt: instantSchema.nullable(),
      createdAt: instantSchema,
    }),
  ),
});
export type Duplicate = z.infer<typeof duplicateSchema>;

const tag = 'Duplicates';
const params = z.object({ id: idSchema });

export const getDuplicate = defineRoute({
  method: 'GET',
  path: '/api/v1/duplicates/:id',
  tag,
  access: 'assets:read',
  summary: 'Assets that may be one',
  description: 'They are merged with `POST /api/v1/assets/{id}/merge`.',
  params,
  response: duplicateSchema,
  errors: ['not_found'],
});
export const searchDuplicates = defineRoute({
  method: 'POST',
  path: '/api/v1/duplicates/search',
  tag,
  access: 'assets:write',
  summary: 'Look for duplicates now',
  description: 'A job does it, as every night.',
  response: jobStartedSchema,
  status: 202,
});
export const dismissDuplicate = defineRoute({
  method: 'POST',
  path: '/api/v1/duplicates/:id/dismiss',
  tag,
  access: 'assets:write',
  summary: 'Say that they are not duplicates',
  description: 'Remembered for these assets: when another one joins them, the group is open again.',
  params,
  body: z.strictObject({ note: z.string().trim().max(1000).optional() }),
  response: duplicateSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});
export const reopenDuplicate = defineRoute({
  method: 'POST',
  path: '/api/v1/duplicates/:id/reopen',
  tag,
  access: 'assets:write',
  summary: 'Ask again whether they are duplicates',
  params,
  response: duplicateSchema,
  errors: ['not_found', 'conflict'],
});
