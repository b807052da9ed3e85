import { z } from 'zod';
import { customInheritedSchema, customShownSchema, customValuesSchema } from './custom-fields.ts';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** Manufacturer + product an asset is an example of. */
export const modelResource = defineResource({
  name: 'models',
  label: 'Model',
  plural: 'Models',
  titleField: 'name',
  defaultSort: 'name',
  custom: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    manufacturer: { type: 'text', label: 'Manufacturer', notNull: true, sortable: true, filterable: true, facet: true, column: 'shown' },
    class: { type: 'enum', label: 'Class', notNull: true, sortable: true, filterable: true, facet: true, column: 'shown' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const modelListRoutes = listRoutesOf(modelResource, '/api/v1/models', 'assets:read');

/** A model with the values that it gives to its assets. */
export const modelSchema = z.object({
  id: idSchema,
  manufacturer: z.string(),
  name: z.string(),
  class: z.string(),
  /** Values of the custom fields of models. */
  custom: customShownSchema,
  /** Values of the custom fields of assets, for every asset of this model that has none of its own. */
  assetCustom: customShownSchema,
  assetInherited: customInheritedSchema,
  createdAt: instantSchema,
  version: z.number().int(),
});
export type Model = z.infer<typeof modelSchema>;
const modelFields = { manufacturer: z.string().trim().min(1).max(200), name: z.string().trim().min(1).max(200), class: z.string().max(60) };
const modelValues = { custom: customValuesSchema.optional(), assetCustom: customValuesSchema.optional() };
export const modelCreateSchema = z.strictObject({ ...modelFields, ...modelValues });
export type ModelCreate = z.infer<typeof modelCreateSchema>;
export const modelUpdateSchema = z.strictObject({ ...modelFields, ...modelValues }).partial();
export type ModelUpdate = z.infer<typeof modelUpdateSchema>;
const byId = z.object({ id: idSchema });

export const getModel = defineRoute({
  method: 'GET',
  path: '/api/v1/models/:id',
  tag: 'assets',
  access: 'assets:read',
  summary: 'Get a model',
  params: byId,
  response: modelSchema,
  errors: ['not_found'],
});
export const createModel = defineRoute({
  method: 'POST',
  path: '/api/v1/models',
  tag: 'assets',
  access: 'assets:write',
  summary: 'Add a model',
  description: 'An asset is of the model whose manufacturer and name it has, without regard to case.',
  body: modelCreateSchema,
  response: modelSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateModel = defineRoute({
  method: 'PATCH',
  path: '/api/v1/models/:id',
  tag: 'assets',
  access: 'assets:write',
  summary: 'Change a model',
  params: byId,
  body: modelUpdateSchema,
  response: modelSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'conflict', 'stale'],
});
