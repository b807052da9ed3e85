import { z } from 'zod';
import { lifecycleStateSchema, transitionInputsSchema, updateAssetBody } from './assets.ts';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** `stopped`: cancelled or failed on the way; it can be continued or undone. */
export const bulkStates = ['previewing', 'ready', 'applying', 'applied', 'undoing', 'undone', 'stopped'] as const;
export type BulkState = (typeof bulkStates)[number];

export const bulkOutcomes = ['selected', 'will_change', 'unchanged', 'blocked', 'changed', 'failed', 'undone', 'not_undone'] as const;
export type BulkOutcome = (typeof bulkOutcomes)[number];

/** A change of many assets at once. */
export const bulkChangeResource = defineResource({
  name: 'bulk-changes',
  label: 'Bulk change',
  plural: 'Bulk changes',
  titleField: 'operation',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    operation: { type: 'text', label: 'Operation', notNull: true, sortable: true, filterable: true, facet: true },
    state: { type: 'enum', label: 'State', values: bulkStates, notNull: true, filterable: true, facet: true },
    assets: { type: 'integer', label: 'Assets', about: 'How many were selected.', notNull: true, filterable: true },
    createdBy: { type: 'text', label: 'Started by', notNull: true, sortable: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true },
    appliedAt: { type: 'instant', label: 'Applied', sortable: true, filterable: true },
    undoneAt: { type: 'instant', label: 'Undone', sortable: true, filterable: true },
  },
});
export const bulkChangeListRoutes = listRoutesOf(bulkChangeResource, '/api/v1/bulk-changes', 'assets:read');

/** The fields that many assets can share: what names a single one (tag, name, serial) is not among them. */
export const bulkFields = [
  'class',
  'manufacturer',
  'model',
  'osName',
  'osVersion',
  'cpu',
  'cores',
  'memoryMb',
  'person',
  'place',
  'orgUnit',
  'warrantyStartsOn',
  'warrantyEndsOn',
  'domain',
  'notes',
] as const;
export type BulkField = (typeof bulkFields)[number];

/** `set_fields`: values to set by hand; null releases what was set by hand, and takes a custom value away. */
export const setFieldsSchema = z.strictObject({
  values: updateAssetBody
    .pick({ ...(Object.fromEntries(bulkFields.map((f) => [f, true])) as Record<BulkField, true>), custom: true })
    .strict()
    .refine((v) => Object.values(v).some((one) => one !== undefined), { message: 'Choose at least one field.' }),
});
/** `transition`: as for a single asset, by its key or by where it leads. */
export const bulkTransitionSchema = z
  .strictObject({
    transition: z.string().min(1).max(60).optional(),
    to: lifecycleStateSchema.optional(),
    substate: z.string().min(1).max(60).optional(),
    reason: z.string().trim().max(1000).optional(),
    inputs: transitionInputsSchema.optional(),
  })
  .refine((v) => (v.transition === undefined) !== (v.to === undefined), {
    path: ['transition'],
    message: 'Give either a transition or the state to move to.',
  });

export const bulkSelectionSchema = z.union([
  z.strictObject({ ids: z.array(idSchema).min(1).max(10_000) }),
  z.strictObject({ q: z.string().max(200).optional(), filter: z.string().max(4000).optional(), all: z.literal(true) }),
]);
export type BulkSelection = z.infer<typeof bulkSelectionSchema>;

export const bulkChangeCreateSchema = z.strictObject({
  selection: bulkSelectionSchema.meta({ description: 'Ids, or with `all` everything that matches at this moment.' }),
  operation: z.string().min(1).max(60).meta({ description: '`set_fields`, `transition`, or one that a module adds.' }),
  parameters: z.record(z.string(), z.unknown()),
});
export type BulkChangeCreate = z.infer<typeof bulkChangeCreateSchema>;

const value = z.union([z.string(), z.number(), z.null()]);
export const bulkSampleSchema = z.object({
  asset: refSchema,
  changes: z.array(z.object({ field: z.string(), from: value, to: value })),
});
export type BulkSample = z.infer<typeof bulkSampleSchema>;

export const bulkChangeSchema = z.object({
  id: idSchema,
  operation: z.string(),
  label: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  /** The filter that selected, null for chosen assets. */
  query: z.object({ q: z.string().nullable(), filter: z.string().nullable() }).nullable(),
  state: z.enum(bulkStates),
  /** The job that works on it now, or worked last. */
  jobId: idSchema.nullable(),
  /** Assets by outcome; one that is not named has none. */
  counts: z.partialRecord(z.enum(bulkOutcomes), z.number().int()),
  assets: z.number().int(),
  /** The reasons behind what is blocked, failed or not undone, the most frequent first. */
  reasons: z.array(z.object({ outcome: z.enum(bulkOutcomes), code: z.string(), reason: z.string(), count: z.number().int() })),
  samples: z.array(bulkSampleSchema),
  createdBy: z.string(),
  createdAt: instantSchema,
  appliedAt: instantSchema.nullable(),
  undoneAt: instantSchema.nullable(),
  mayApply: z.boolean(),
  mayUndo: z.boolean(),
});
export type BulkChange = z.infer<typeof bulkChangeSchema>;

export const bulkItemSchema = z.object({
  asset: refSchema,
  outcome: z.enum(bulkOutcomes),
  code: z.string().nullable(),
  reason: z.string().nullable(),
});
export type BulkItem = z.infer<typeof bulkItemSchema>;

const tag = 'Bulk changes';
const params = z.object({ id: idSchema });

export const createBulkChange = defineRoute({
  method: 'POST',
  path: '/api/v1/bulk-changes',
  tag,
  access: 'assets:write',
  summary: 'Preview a change of many assets',
  description:
    'Fixes which assets it is about and judges each; nothing is changed. A large one is judged by a job. Assets outside your scope are not selected.',
  body: bulkChangeCreateSchema,
  response: bulkChangeSchema,
  status: 201,
  errors: ['validation_failed', 'bad_filter'],
});
export const getBulkChange = defineRoute({
  method: 'GET',
  path: '/api/v1/bulk-changes/:id',
  tag,
  access: 'assets:read',
  summary: 'Get a bulk change',
  params,
  response: bulkChangeSchema,
  errors: ['not_found'],
});
export const listBulkItems = defineRoute({
  method: 'GET',
  path: '/api/v1/bulk-changes/:id/items',
  tag,
  access: 'assets:read',
  summary: 'The assets of a bulk change',
  params,
  query: z.object({
    outcome: z.enum(bulkOutcomes).optional(),
    code: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(500).default(100),
    cursor: z
      .string()
      .regex(/^\d{1,9}$/)
      .optional(),
  }),
  response: z.object({ items: z.array(bulkItemSchema), nextCursor: z.string().nullable() }),
  errors: ['not_found', 'validation_failed'],
});
const step = {
  method: 'POST',
  tag,
  access: 'assets:write',
  params,
  response: bulkChangeSchema,
  status: 202,
  errors: ['not_found', 'conflict'],
} as const;
export const applyBulkChange = defineRoute({
  ...step,
  path: '/api/v1/bulk-changes/:id/apply',
  summary: 'Apply what was previewed',
  description: 'A job changes the assets batch by batch, judging each again with the rights you have then. Continues one that stopped.',
});
export const undoBulkChange = defineRoute({
  ...step,
  path: '/api/v1/bulk-changes/:id/undo',
  summary: 'Undo a bulk change',
  description: 'Restores the earlier values of every asset that nobody changed there since; the others are listed with the reason.',
});
export const stopBulkChange = defineRoute({
  ...step,
  path: '/api/v1/bulk-changes/:id/stop',
  summary: 'Stop the job of a bulk change',
  description: 'What is done stays done, and can be undone or continued.',
});
