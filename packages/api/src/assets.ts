import { z } from 'zod';
import { customInheritedSchema, customShownSchema, customValuesSchema } from './custom-fields.ts';
import { asOfSchema, dateSchema, instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { lifecycleStates, lifecycleStateSchema, offeredTransitionSchema } from './lifecycle-states.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export { type LifecycleState, lifecycleStateLabels, lifecycleStates, lifecycleStateSchema } from './lifecycle-states.ts';

/** How recently a source reported it, by the limits of its class. */
export const freshnessStates = ['seen', 'stale', 'missing', 'retire_candidate', 'unseen'] as const;

/** How worn it is, as somebody saw it. `unknown` until somebody says. */
export const assetConditions = ['new', 'good', 'worn', 'damaged', 'broken', 'unknown'] as const;
export type AssetCondition = (typeof assetConditions)[number];

/** One managed thing with one id for life. */
export const assetResource = defineResource({
  name: 'assets',
  label: 'Asset',
  plural: 'Assets',
  titleField: 'name',
  defaultSort: '-lastSeenAt',
  asOf: true,
  custom: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    tag: {
      type: 'text',
      label: 'Asset tag',
      about: 'The register number on its label.',
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    name: {
      type: 'text',
      label: 'Name',
      about: 'Host name or what people call it.',
      sortable: true,
      filterable: true,
      column: 'shown',
      aliases: ['hostname'],
    },
    class: {
      type: 'enum',
      label: 'Class',
      about: 'Key of the asset class, for example `laptop`.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
      aliases: ['type'],
    },
    state: {
      type: 'enum',
      label: 'State',
      about: 'Lifecycle state.',
      values: lifecycleStates,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
      aliases: ['status'],
    },
    condition: {
      type: 'enum',
      label: 'Condition',
      about: 'How worn it is, as somebody saw it.',
      values: assetConditions,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    substate: {
      type: 'text',
      label: 'Sub-state',
      about: 'Key of the sub-state, for example `reserved`.',
      filterable: true,
      column: 'optional',
    },
    manufacturer: {
      type: 'text',
      label: 'Manufacturer',
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
      aliases: ['vendor', 'make'],
    },
    model: { type: 'text', label: 'Model', sortable: true, filterable: true, column: 'shown' },
    serial: { type: 'text', label: 'Serial number', sortable: true, filterable: true, column: 'shown', aliases: ['sn'] },
    osName: { type: 'text', label: 'Operating system', sortable: true, filterable: true, facet: true, column: 'shown', aliases: ['os'] },
    osVersion: { type: 'text', label: 'OS version', sortable: true, filterable: true, column: 'optional' },
    osFamily: {
      type: 'enum',
      label: 'OS family',
      values: ['windows', 'linux', 'macos', 'bsd', 'unix', 'other'],
      filterable: true,
      column: 'optional',
    },
    cpu: { type: 'text', label: 'Processor', filterable: true, column: 'optional' },
    cores: {
      type: 'integer',
      label: 'Cores',
      about: 'Physical cores over all sockets; empty when any socket lacks the count.',
      filterable: true,
      column: 'optional',
    },
    memoryMb: { type: 'integer', label: 'Memory', unit: 'MB', filterable: true, column: 'optional', aliases: ['memory', 'ram'] },
    lastUser: {
      type: 'text',
      label: 'Last user',
      about: 'The login that was last seen on it.',
      sortable: true,
      filterable: true,
      column: 'shown',
      aliases: ['user'],
    },
    person: {
      type: 'ref',
      to: 'people',
      label: 'Person',
      about: 'Who has it.',
      sortable: true,
      filterable: true,
      column: 'optional',
      aliases: ['holder', 'owner'],
    },
    place: {
      type: 'ref',
      to: 'places',
      label: 'Place',
      sortable: true,
      filterable: true,
      facet: true,
      column: 'optional',
      aliases: ['location', 'site'],
    },
    orgUnit: {
      type: 'ref',
      to: 'org-units',
      label: 'Org unit',
      sortable: true,
      filterable: true,
      column: 'optional',
      aliases: ['department'],
    },
    warrantyStartsOn: {
      type: 'date',
      label: 'Warranty starts',
      about: 'The first day of the warranty.',
      sortable: true,
      filterable: true,
      column: 'optional',
    },
    warrantyEndsOn: {
      type: 'date',
      label: 'Warranty ends',
      about: 'The last day of the warranty.',
      sortable: true,
      filterable: true,
      column: 'optional',
      aliases: ['warranty', 'warranty_end'],
    },
    domain: { type: 'text', label: 'Domain', about: 'Directory domain or workgroup.', filterable: true, column: 'optional' },
    notes: { type: 'text', label: 'Notes', column: 'optional' },
    firstSeenAt: {
      noHistory: true,
      type: 'instant',
      label: 'First seen',
      about: 'When a source first reported it.',
      filterable: true,
      column: 'optional',
    },
    lastSeenAt: {
      noHistory: true,
      type: 'instant',
      label: 'Last seen',
      about: 'When a source last reported it.',
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    freshness: {
      noHistory: true,
      type: 'enum',
      label: 'Freshness',
      about: 'How long ago a source reported it, by the limits of its class; unseen was never reported. Sorted by when it was last seen.',
      values: freshnessStates,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { noHistory: true, type: 'instant', label: 'Changed', notNull: true, filterable: true, column: 'optional' },
    product: {
      noHistory: true,
      type: 'text',
      label: 'Installed product',
      about: 'Has this recognised product installed now.',
      filterable: true,
      column: 'none',
    },
    publisher: { noHistory: true, type: 'text', label: 'Publisher of an installed product', filterable: true, column: 'none' },
    software: {
      noHistory: true,
      type: 'text',
      label: 'Installed title',
      about: 'Has a raw title of this name installed now.',
      filterable: true,
      column: 'none',
      aliases: ['title'],
    },
    keyword: {
      noHistory: true,
      type: 'text',
      label: 'Keyword',
      about: 'Has this free word.',
      filterable: true,
      column: 'optional',
      aliases: ['keywords', 'labels'],
    },
    mac: {
      noHistory: true,
      type: 'text',
      label: 'MAC address',
      about: 'Of any interface; 12 hex digits, lower case.',
      filterable: true,
      column: 'none',
    },
    ip: { noHistory: true, type: 'text', label: 'IP address', filterable: true, column: 'none' },
    uuid: { noHistory: true, type: 'text', label: 'SMBIOS UUID', about: 'In either byte order.', filterable: true, column: 'none' },
  },
});

export const assetListRoutes = listRoutesOf(assetResource, '/api/v1/assets', 'assets:read');

const idParams = z.object({ id: idSchema });

/** Where one value of the record comes from, and what other sources said. */
export const fieldProvenanceSchema = z.object({
  /** The value shown. For person, place and orgUnit the id; `label` names it. */
  value: z.union([z.string(), z.number(), z.null()]),
  label: z.string().nullable(),
  /** `manual` or the key of the source, for example `glpi`; null when no source gave it. */
  source: z.string().nullable(),
  observedAt: instantSchema.nullable(),
  /** Who set it, for a manual value. */
  actor: z.string().nullable(),
  manual: z.boolean(),
  /** Why this value won, in a sentence. */
  reason: z.string().nullable(),
  losing: z.array(
    z.object({ value: z.union([z.string(), z.number(), z.null()]), source: z.string(), observedAt: instantSchema, reason: z.string() }),
  ),
});
export type FieldProvenance = z.infer<typeof fieldProvenanceSchema>;

/** The fields a source or a person may give a value. */
export const assetValueFields = [
  'tag',
  'name',
  'class',
  'manufacturer',
  'model',
  'serial',
  'osName',
  'osVersion',
  'osFamily',
  'cpu',
  'cores',
  'memoryMb',
  'lastUser',
  'person',
  'place',
  'orgUnit',
  'warrantyStartsOn',
  'warrantyEndsOn',
  'domain',
  'notes',
] as const;
export type AssetValueField = (typeof assetValueFields)[number];

export const assetRecordSchema = z.object({
  id: idSchema,
  tag: z.string().nullable(),
  name: z.string().nullable(),
  class: z.object({ key: z.string(), label: z.string(), capabilities: z.array(z.string()) }),
  state: lifecycleStateSchema,
  substate: z.object({ key: z.string(), label: z.string() }).nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  serial: z.string().nullable(),
  osName: z.string().nullable(),
  osVersion: z.string().nullable(),
  osFamily: z.string().nullable(),
  cpu: z.string().nullable(),
  cores: z.number().int().nullable(),
  memoryMb: z.number().int().nullable(),
  lastUser: z.string().nullable(),
  person: refSchema.nullable(),
  place: refSchema.nullable(),
  orgUnit: refSchema.nullable(),
  warrantyStartsOn: dateSchema.nullable(),
  warrantyEndsOn: dateSchema.nullable(),
  domain: z.string().nullable(),
  notes: z.string().nullable(),
  firstSeenAt: instantSchema.nullable(),
  lastSeenAt: instantSchema.nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  /** Set on a merged asset: the id of the survivor. */
  redirectedTo: idSchema.nullable(),
  version: z.number().int(),
  /** Its own values of custom fields, by key. */
  custom: customShownSchema,
  /** Values of custom fields that it has from its model, its class or the field's default. */
  customInherited: customInheritedSchema,
  /** Per field (see `assetValueFields`) where the value comes from. */
  fields: z.record(z.string(), fieldProvenanceSchema),
  /** The sources that report it. */
  sources: z.array(
    z.object({
      observationId: idSchema,
      source: z.string(),
      nativeId: z.string(),
      agentVersion: z.string().nullable(),
      firstReceivedAt: instantSchema,
      lastReceivedAt: instantSchema,
      reports: z.number().int(),
    }),
  ),
  /** How recently a source reported it, and the limits of its class in days; null in a record of the past. */
  freshness: z
    .object({
      state: z.enum(freshnessStates),
      staleDays: z.number().int(),
      missingDays: z.number().int(),
      retireDays: z.number().int(),
    })
    .nullable(),
  /** Per source and section of its reports: when it was last told in whole or changed, and when it last changed. */
  sections: z.array(
    z.object({ section: z.string(), source: z.string(), observationId: idSchema, seenAt: instantSchema, changedAt: instantSchema }),
  ),
  /** Titles installed now. */
  installedTitles: z.number().int(),
  /** The transitions that lead from here, with what each asks for and, for those that cannot be made now, why. */
  transitions: z.array(offeredTransitionSchema),
  /** Set when the record is asked for as of a time; what is not known of that time is then null or empty, and `version` is 0. */
  asOf: z
    .object({
      at: instantSchema,
      /** Since when and until when it was like this; `until` null means that it still is. */
      since: instantSchema,
      until: instantSchema.nullable(),
      /** Since when the past is kept. An asset entered earlier is shown as it was then, for any time before: `exact` is false. */
      keptSince: instantSchema,
      exact: z.boolean(),
      /** Parts of the record whose past is not kept. */
      notKnown: z.array(z.string()),
    })
    .nullable(),
});
export type AssetRecord = z.infer<typeof assetRecordSchema>;

export const getAsset = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id',
  tag: 'assets',
  access: 'assets:read',
  summary: 'Read an asset',
  description:
    'The record with, per field, the source, the time and the losing values. The ETag is the version for If-Match. With `as_of` the record as it was then; names of people and places are those of today.',
  params: idParams,
  query: z.object({ as_of: asOfSchema.optional() }),
  response: assetRecordSchema,
  errors: ['not_found', 'validation_failed'],
});

const text = (max: number) => z.string().trim().min(1).max(max);
const editable = {
  tag: text(100),
  name: text(255),
  class: text(60).meta({ description: 'Key of an asset class.' }),
  manufacturer: text(200),
  model: text(200),
  serial: text(200),
  osName: text(200),
  osVersion: text(100),
  cpu: text(200),
  cores: z.number().int().min(1).max(100_000),
  memoryMb: z.number().int().min(1).max(2_000_000_000),
  person: idSchema,
  place: idSchema,
  orgUnit: idSchema,
  warrantyStartsOn: dateSchema,
  warrantyEndsOn: dateSchema,
  domain: text(255),
  notes: text(10_000),
};

/** Every given value becomes a manual value: it stands before what sources report until it is released. */
export const createAssetBody = z.object({
  ...(Object.fromEntries(Object.entries(editable).map(([k, s]) => [k, s.optional()])) as {
    [K in keyof typeof editable]: z.ZodOptional<(typeof editable)[K]>;
  }),
  class: editable.class,
  state: z.enum(['requested', 'on_order', 'in_stock', 'assigned', 'in_use']).default('in_stock'),
  custom: customValuesSchema.optional(),
});
export type CreateAssetBody = z.infer<typeof createAssetBody>;

export const createAsset = defineRoute({
  method: 'POST',
  path: '/api/v1/assets',
  tag: 'assets',
  access: 'assets:write',
  summary: 'Enter an asset by hand',
  status: 201,
  body: createAssetBody,
  response: assetRecordSchema,
  errors: ['validation_failed', 'conflict'],
});

/** `null` releases the manual value: the best reported value is shown again, or nothing. */
export const updateAssetBody = z.object({
  ...(Object.fromEntries(Object.entries(editable).map(([k, s]) => [k, s.nullable().optional()])) as unknown as {
    [K in keyof typeof editable]: z.ZodOptional<z.ZodNullable<(typeof editable)[K]>>;
  }),
  custom: customValuesSchema.optional(),
});
export type UpdateAssetBody = z.infer<typeof updateAssetBody>;

export const updateAsset = defineRoute({
  method: 'PATCH',
  path: '/api/v1/assets/:id',
  tag: 'assets',
  access: 'assets:write',
  summary: 'Set values by hand',
  ifMatch: true,
  params: idParams,
  body: updateAssetBody,
  response: assetRecordSchema,
  errors: ['not_found', 'validation_failed', 'conflict', 'stale', 'if_match_required'],
});

export const releaseAssetField = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/fields/:field/release',
  tag: 'assets',
  access: 'assets:write',
  summary: 'Release a manual value',
  description: 'The best reported value is shown again.',
  params: z.object({ id: idSchema, field: z.enum(assetValueFields) }),
  response: assetRecordSchema,
  errors: ['not_found', 'conflict'],
});

export const transitionInputsSchema = z.object({
  person: idSchema.optional(),
  place: idSchema.optional(),
  date: dateSchema.optional(),
  dueOn: dateSchema.optional(),
  reference: z.string().trim().min(1).max(200).optional(),
});

export const transitionBody = z
  .object({
    /** The key of a transition, or instead of it where to. */
    transition: z.string().min(1).max(60).optional(),
    to: lifecycleStateSchema.optional(),
    /** With `to`: a sub-state of it. */
    substate: z.string().min(1).max(60).optional(),
    reason: z.string().trim().max(1000).optional(),
    inputs: transitionInputsSchema.optional(),
    /** Where the caller saw it: refused as stale when it stands elsewhere by now. */
    expected: z.object({ state: lifecycleStateSchema, substate: z.string().nullable() }).optional(),
  })
  .superRefine((body, context) => {
    if ((body.transition === undefined) === (body.to === undefined))
      context.addIssue({ code: 'custom', path: ['transition'], message: 'Give either a transition or the state to move to.' });
    if (body.substate !== undefined && body.to === undefined)
      context.addIssue({ code: 'custom', path: ['substate'], message: 'A sub-state goes with the state to move to.' });
  });
export type TransitionBody = z.infer<typeof transitionBody>;

export const transitionAsset = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/transition',
  tag: 'assets',
  access: 'assets:write',
  summary: 'Move an asset to another lifecycle state',
  description:
    'By the key of a transition, or by the state to move to. An impossible move is refused with every reason and the moves that are possible.',
  params: idParams,
  body: transitionBody,
  response: assetRecordSchema,
  errors: ['not_found', 'conflict', 'validation_failed', 'stale'],
});

/** One event of the asset's life. `kind` is stable; `summary` is the sentence for people. */
export const assetEventSchema = z.object({
  id: idSchema,
  at: instantSchema,
  /** `created`, `field_changed`, `software_changed`, `section_changed`, `components_changed`, `component_moved`, `transitioned`, `value_released`, `linked`, `user_seen`, `rack_mounted`, `rack_unmounted`, `checked_out`, `checked_in`, `handed_over`, `due_changed`, `placed`, `condition_set`, `value_restored`. */
  kind: z.string(),
  /** `manual` or the source's key. */
  source: z.string(),
  actor: z.string().nullable(),
  summary: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type AssetEvent = z.infer<typeof assetEventSchema>;

export const getAssetTimeline = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/timeline',
  tag: 'assets',
  access: 'assets:read',
  summary: 'What happened to an asset, newest first',
  params: idParams,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(500).default(50),
    cursor: z.string().max(200).optional(),
    kind: z.string().max(60).optional(),
  }),
  response: z.object({ items: z.array(assetEventSchema), nextCursor: z.string().nullable() }),
  errors: ['not_found', 'bad_cursor'],
});
