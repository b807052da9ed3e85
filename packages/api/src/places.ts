import { z } from 'zod';
import { customShownSchema, customValuesSchema } from './custom-fields.ts';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const placeKinds = ['site', 'building', 'floor', 'room', 'stockroom', 'rack', 'bin'] as const;
export const placeKindSchema = z.enum(placeKinds);
export type PlaceKind = z.infer<typeof placeKindSchema>;

/** Places form a tree: a site holds buildings, a building floors, and so on down to a bin. */
export const placeResource = defineResource({
  name: 'places',
  label: 'Place',
  plural: 'Places',
  titleField: 'name',
  defaultSort: 'name',
  custom: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    kind: { type: 'enum', label: 'Kind', values: placeKinds, notNull: true, sortable: true, filterable: true, facet: true },
    parent: { type: 'ref', label: 'Part of', to: 'places', sortable: true, filterable: true },
    path: { type: 'text', label: 'Path', about: 'Names from the root to this place.', notNull: true },
    within: { type: 'ref', label: 'Within', about: 'This place or any place above it.', to: 'places', filterable: true, column: 'none' },
    assets: {
      type: 'integer',
      label: 'Assets',
      about: 'Assets placed exactly here, not in places below.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    city: {
      type: 'text',
      label: 'City',
      about: 'Of its own address, else of the nearest place above with one.',
      filterable: true,
      facet: true,
    },
    country: {
      type: 'text',
      label: 'Country',
      about: 'ISO 3166-1 alpha-2, found like the city.',
      filterable: true,
      facet: true,
      column: 'optional',
    },
    rackUnits: {
      type: 'integer',
      label: 'Rack units',
      about: 'Height units of a rack.',
      sortable: true,
      filterable: true,
      column: 'optional',
    },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

const line = (max: number) => z.string().trim().min(1).max(max).nullable();
/** A postal address; what is not known is null. */
export const addressSchema = z.strictObject({
  street: line(300).default(null),
  postcode: line(20).default(null),
  city: line(100).default(null),
  region: line(100).default(null),
  country: z
    .string()
    .trim()
    .toUpperCase()
    .regex(/^[A-Z]{2}$/, 'two letters, as in ISO 3166-1: DE, FR, US')
    .nullable()
    .default(null),
});
export type Address = z.infer<typeof addressSchema>;
const rackUnitsSchema = z.number().int().min(1).max(100);

export const placeSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: placeKindSchema,
  parent: refSchema.nullable(),
  /** From the root to this place. */
  path: z.array(refSchema),
  assets: z.number().int(),
  address: addressSchema,
  notes: z.string().nullable(),
  /** Height units of a rack; null for what is no rack. */
  rackUnits: z.number().int().nullable(),
  custom: customShownSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type Place = z.infer<typeof placeSchema>;

export const placeCreateSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  kind: placeKindSchema.default('site'),
  parentId: idSchema.nullable().optional(),
  address: addressSchema.optional(),
  notes: z.string().trim().min(1).max(10_000).nullable().optional(),
  rackUnits: rackUnitsSchema.nullable().optional().meta({ description: 'Height units of a rack; 42 when a rack is added without.' }),
  custom: customValuesSchema.optional(),
});
export type PlaceCreate = z.infer<typeof placeCreateSchema>;
export const placeUpdateSchema = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  kind: placeKindSchema.optional(),
  parentId: idSchema.nullable().optional().meta({ description: 'Moves the place with everything below it; null makes it a root.' }),
  address: addressSchema.optional(),
  notes: z.string().trim().min(1).max(10_000).nullable().optional(),
  rackUnits: rackUnitsSchema.nullable().optional(),
  custom: customValuesSchema.optional(),
});
export type PlaceUpdate = z.infer<typeof placeUpdateSchema>;

const path = '/api/v1/places';
const params = z.object({ id: idSchema });
const shared = { tag: 'Places' } as const;

export const placeListRoutes = listRoutesOf(placeResource, path, 'people:read');
export const getPlace = defineRoute({
  ...shared,
  method: 'GET',
  path: `${path}/:id`,
  summary: 'Get a place',
  access: 'people:read',
  params,
  response: placeSchema,
  errors: ['not_found'],
});
export const createPlace = defineRoute({
  ...shared,
  method: 'POST',
  path,
  summary: 'Add a place',
  access: 'people:write',
  body: placeCreateSchema,
  response: placeSchema,
  status: 201,
  errors: ['validation_failed'],
});
export const updatePlace = defineRoute({
  ...shared,
  method: 'PATCH',
  path: `${path}/:id`,
  summary: 'Change or move a place',
  access: 'people:write',
  params,
  body: placeUpdateSchema,
  response: placeSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'stale', 'conflict'],
});
export const deletePlace = defineRoute({
  ...shared,
  method: 'DELETE',
  path: `${path}/:id`,
  summary: 'Remove an empty place',
  description: 'Refused with `conflict` while assets, people or other places are in it.',
  access: 'people:write',
  params,
  status: 204,
  errors: ['not_found', 'conflict'],
});
