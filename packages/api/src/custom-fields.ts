import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, type Field, type FieldType } from './fields.ts';
import { idSchema } from './ids.ts';
import { moneySchema } from './money.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What a custom field holds. It decides its form input, its filter operators, its column and its check. */
export const customFieldTypes = [
  'text',
  'number',
  'money',
  'date',
  'boolean',
  'choice',
  'multi_choice',
  'person',
  'place',
  'asset',
  'url',
  'encrypted',
] as const;
export type CustomFieldType = (typeof customFieldTypes)[number];

/** The resources that have custom fields. */
export const customResources = ['assets', 'models', 'people', 'places', 'org-units', 'entitlements'] as const;
export type CustomResource = (typeof customResources)[number];

/** Limits of one resource: so many definitions in force, and so many options of a choice. */
export const customLimits = { fields: 200, options: 200 } as const;

/** What the organisation adds to the description of a resource. */
export const customFieldResource = defineResource({
  name: 'custom-fields',
  label: 'Custom field',
  plural: 'Custom fields',
  titleField: 'label',
  defaultSort: 'label',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    label: {
      type: 'text',
      label: 'Label',
      about: 'What people read; it may be changed at any time.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    key: {
      type: 'text',
      label: 'Key',
      about: 'What filters and the API use; it never changes.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    resource: { type: 'enum', label: 'Resource', values: customResources, notNull: true, sortable: true, filterable: true, facet: true },
    type: { type: 'enum', label: 'Type', values: customFieldTypes, notNull: true, sortable: true, filterable: true, facet: true },
    class: {
      type: 'ref',
      label: 'Class',
      about: 'Only for this class and those below it; empty for all.',
      to: 'asset-classes',
      sortable: true,
      filterable: true,
    },
    required: { type: 'boolean', label: 'Required', notNull: true, sortable: true, filterable: true },
    unique: { type: 'boolean', label: 'Unique', notNull: true, sortable: true, filterable: true },
    indexed: {
      type: 'boolean',
      label: 'Indexed',
      about: 'Has a database index of its own.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    position: { type: 'integer', label: 'Position', notNull: true, sortable: true, filterable: true, column: 'optional' },
    archived: { type: 'boolean', label: 'Archived', notNull: true, sortable: true, filterable: true, facet: true },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

export const customKeySchema = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'lower-case letters, digits and _, beginning with a letter');
const text = (max: number) => z.string().trim().min(1).max(max);

export const customOptionSchema = z.object({
  /** What is stored; it never changes. */
  value: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, _ and -'),
  label: text(100),
  /** No longer offered; where it was chosen it stays. */
  retired: z.boolean().optional(),
});
export type CustomOption = z.infer<typeof customOptionSchema>;

/** A value as it is given: the type of the field decides which form fits. References are ids. */
export const customInputSchema = z.union([
  z.string().max(5000),
  z.number(),
  z.boolean(),
  moneySchema,
  z.array(z.string().max(100)).max(customLimits.options),
]);
export type CustomInput = z.infer<typeof customInputSchema>;
/** Values of custom fields by key; null removes one, a key left out stays as it is. */
export const customValuesSchema = z.record(customKeySchema, customInputSchema.nullable());
export type CustomValues = z.infer<typeof customValuesSchema>;
/** Values as a record shows them: references with their labels. */
export const customShownSchema = z.record(z.string(), z.unknown());

/** A value that an asset has not of its own: from its model, from the nearest class that says one, or the field's default. */
export const customInheritedSchema = z.record(
  z.string(),
  z.object({ value: z.unknown(), from: z.enum(['model', 'class', 'field']), label: z.string() }),
);
export type CustomInherited = z.infer<typeof customInheritedSchema>;

const definition = {
  label: text(100),
  type: z.enum(customFieldTypes),
  /** For numbers: shown behind the value. */
  unit: text(20).nullable(),
  /** For choices, in the order they are offered. */
  options: z.array(customOptionSchema).max(customLimits.options),
  required: z.boolean(),
  unique: z.boolean(),
  /** For texts: what the whole value must match. */
  pattern: text(200).nullable(),
  default: customInputSchema.nullable(),
  /** Shown under the input. */
  help: text(500).nullable(),
  /** For assets and models: only this class and those below it. */
  class: text(60).nullable(),
  /** For assets: what a class gives to assets that have no value of their own, by key of the class. */
  classDefaults: z.record(z.string(), customInputSchema),
  position: z.number().int().min(0).max(10_000),
  indexed: z.boolean(),
};

export const customFieldSchema = z.object({
  id: idSchema,
  key: z.string(),
  resource: z.enum(customResources),
  label: z.string(),
  type: z.enum(customFieldTypes),
  unit: z.string().nullable(),
  options: z.array(customOptionSchema),
  required: z.boolean(),
  unique: z.boolean(),
  pattern: z.string().nullable(),
  default: z.unknown(),
  help: z.string().nullable(),
  class: z.string().nullable(),
  classDefaults: z.record(z.string(), z.unknown()),
  position: z.number().int(),
  indexed: z.boolean(),
  /** `none`, `building` until the job is done, `ready`, or `failed`. */
  indexState: z.enum(['none', 'building', 'ready', 'failed']),
  archived: z.boolean(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type CustomField = z.infer<typeof customFieldSchema>;

export const customFieldCreateSchema = z.strictObject({
  key: customKeySchema,
  resource: z.enum(customResources),
  label: definition.label,
  type: definition.type,
  unit: definition.unit.default(null),
  options: definition.options.default([]),
  required: definition.required.default(false),
  unique: definition.unique.default(false),
  pattern: definition.pattern.default(null),
  default: definition.default.default(null),
  help: definition.help.default(null),
  class: definition.class.default(null),
  classDefaults: definition.classDefaults.default({}),
  position: definition.position.default(0),
  indexed: definition.indexed.default(false),
});
export type CustomFieldCreate = z.infer<typeof customFieldCreateSchema>;
export const customFieldUpdateSchema = z
  .strictObject({
    ...definition,
    archived: z.boolean(),
    /** For a change of type that loses values: what its preview answered as `confirm`. */
    confirm: z.string().max(100),
  })
  .partial();
export type CustomFieldUpdate = z.infer<typeof customFieldUpdateSchema>;

const tag = 'Custom fields';
const path = '/api/v1/custom-fields';
const params = z.object({ id: idSchema });

export const customFieldListRoutes = listRoutesOf(customFieldResource, path, 'settings:read');
export const getCustomField = defineRoute({
  method: 'GET',
  path: `${path}/:id`,
  tag,
  access: 'settings:read',
  summary: 'Get a custom field',
  params,
  response: customFieldSchema,
  errors: ['not_found'],
});
export const customFieldsOf = defineRoute({
  method: 'GET',
  path: '/api/v1/custom-fields-of/:resource',
  tag,
  access: 'self',
  summary: 'The custom fields in force for a resource',
  description: 'What forms, lists and filters need of them, in their order, without the archived ones.',
  params: z.object({ resource: z.enum(customResources) }),
  response: z.object({ items: z.array(customFieldSchema) }),
});
export const createCustomField = defineRoute({
  method: 'POST',
  path,
  tag,
  access: 'settings:write',
  summary: 'Define a custom field',
  body: customFieldCreateSchema,
  response: customFieldSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateCustomField = defineRoute({
  method: 'PATCH',
  path: `${path}/:id`,
  tag,
  access: 'settings:write',
  summary: 'Change, archive or restore a custom field',
  description:
    'The key and the resource never change. A change of type converts the values; where some would be lost it is refused until `confirm` of its preview is sent.',
  params,
  body: customFieldUpdateSchema,
  response: customFieldSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'conflict', 'stale', 'too_large'],
});
export const archiveCustomField = defineRoute({
  method: 'DELETE',
  path: `${path}/:id`,
  tag,
  access: 'settings:write',
  summary: 'Archive a custom field',
  description: 'It is no longer shown or asked for. Its values stay and come back when it is restored.',
  params,
  status: 204,
  errors: ['not_found'],
});
export const previewCustomType = defineRoute({
  method: 'POST',
  path: `${path}/:id/preview-type`,
  tag,
  access: 'settings:write',
  summary: 'Preview a change of type',
  params,
  body: z.strictObject({ type: definition.type, options: z.array(customOptionSchema).max(customLimits.options).optional() }),
  response: z.object({
    /** Records with a value, and how many of them would keep or lose it. */
    total: z.number().int(),
    kept: z.number().int(),
    lost: z.number().int(),
    /** Up to ten values, those that would be lost first. */
    examples: z.array(z.object({ value: z.string(), becomes: z.string().nullable(), records: z.number().int() })),
    /** To be sent with the change. */
    confirm: z.string(),
  }),
  errors: ['validation_failed', 'not_found', 'conflict', 'too_large'],
});

const secretTarget = { resource: z.enum(customResources), recordId: idSchema, key: customKeySchema };
export const setCustomSecret = defineRoute({
  method: 'PUT',
  path: '/api/v1/custom-secrets',
  tag,
  access: 'self',
  summary: 'Set or remove an encrypted value',
  description: 'Needs the permission to change the record. The value is sealed at once; no list, export, search or audit row holds it.',
  body: z.strictObject({ ...secretTarget, value: text(5000).nullable() }),
  status: 204,
  errors: ['validation_failed', 'not_found'],
});
export const revealCustomSecret = defineRoute({
  method: 'POST',
  path: '/api/v1/custom-secrets/reveal',
  tag,
  access: 'secrets:reveal',
  summary: 'Reveal an encrypted value',
  description: 'Every reveal has its own row in the audit log, written before the value is answered.',
  body: z.strictObject(secretTarget),
  response: z.object({ value: z.string() }),
  errors: ['not_found'],
});

const listTypes: Record<CustomFieldType, FieldType> = {
  text: 'text',
  url: 'text',
  number: 'number',
  money: 'money',
  date: 'date',
  boolean: 'boolean',
  choice: 'enum',
  multi_choice: 'enum',
  person: 'ref',
  place: 'ref',
  asset: 'ref',
  encrypted: 'json',
};
const targets: Partial<Record<CustomFieldType, string>> = { person: 'people', place: 'places', asset: 'assets' };

/** A definition as a field of its resource's lists: what the server compiles and the table draws. Its name there is `custom.<key>`. */
export function listFieldOf(field: Pick<CustomField, 'label' | 'type' | 'unit' | 'options' | 'help'>): Field {
  const to = targets[field.type];
  return {
    type: listTypes[field.type],
    label: field.label,
    filterable: true,
    sortable: field.type !== 'encrypted' && field.type !== 'multi_choice',
    facet: field.type === 'choice' || field.type === 'boolean',
    column: field.type === 'encrypted' ? 'none' : 'optional',
    ...(field.help === null ? {} : { about: field.help }),
    ...(field.unit === null ? {} : { unit: field.unit }),
    ...(to === undefined ? {} : { to }),
    ...(field.options.length === 0
      ? {}
      : { values: field.options.map((o) => o.value), valueLabels: Object.fromEntries(field.options.map((o) => [o.value, o.label])) }),
  };
}
