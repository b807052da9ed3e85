import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { fieldErrorSchema } from './errors.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { jobStartedSchema } from './jobs.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What a file can be imported into. */
export const importResources = ['assets', 'people', 'places', 'org-units'] as const;
export type ImportResource = (typeof importResources)[number];

/** Where an import is. `stopped`: its job was cancelled or failed half way; it can go on or be undone. */
export const importStates = ['uploaded', 'planning', 'planned', 'applying', 'applied', 'undoing', 'undone', 'stopped'] as const;
export type ImportState = (typeof importStates)[number];

/** What a row would do. */
export const importActions = ['create', 'update', 'unchanged', 'skip', 'conflict', 'error'] as const;
export type ImportAction = (typeof importActions)[number];
/** What became of a row: `kept` was not undone, because somebody changed the record since. */
export const importOutcomes = ['applied', 'failed', 'undone', 'kept'] as const;
export type ImportOutcome = (typeof importOutcomes)[number];

export const importResource = defineResource({
  name: 'imports',
  label: 'Import',
  plural: 'Imports',
  titleField: 'name',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'File', notNull: true, sortable: true, filterable: true },
    resource: { type: 'enum', label: 'Imported into', values: importResources, filterable: true, facet: true },
    state: { type: 'enum', label: 'State', values: importStates, notNull: true, filterable: true, facet: true },
    rows: { type: 'integer', label: 'Rows', about: 'Rows with something in them, without the header.', filterable: true },
    created: { type: 'integer', label: 'To create', filterable: true },
    updated: { type: 'integer', label: 'To update', filterable: true },
    bad: { type: 'integer', label: 'Errors', about: 'Rows with an error or a conflict.', filterable: true },
    createdBy: { type: 'text', label: 'Started by', notNull: true, sortable: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true },
    appliedAt: { type: 'instant', label: 'Applied', sortable: true, filterable: true },
    undoneAt: { type: 'instant', label: 'Undone', filterable: true, column: 'optional' },
  },
});
export const importListRoutes = listRoutesOf(importResource, '/api/v1/imports', 'imports:read');

const text = (max: number) => z.string().trim().min(1).max(max);
export const importColumnSchema = z.strictObject({
  column: z.number().int().min(0).max(499).meta({ description: 'Which column of the file, counted from 0.' }),
  field: text(100),
  blank: z
    .enum(['keep', 'clear'])
    .default('keep')
    .meta({ description: 'What a blank cell means: nothing, or that the value is taken away.' }),
  values: z
    .record(z.string().max(200), z.string().max(200))
    .optional()
    .meta({ description: 'What the words of this column mean here, for example `{"Ready to Deploy": "in_stock"}`.' }),
});
export type ImportColumn = z.infer<typeof importColumnSchema>;

export const importMappingSchema = z.strictObject({
  resource: z.enum(importResources),
  columns: z.array(importColumnSchema).min(1).max(500),
  keys: z.array(text(100)).min(1).max(10).meta({ description: 'The fields that tell which record a row means, the surest first.' }),
  unmatched: z
    .enum(['create', 'error'])
    .default('create')
    .meta({ description: 'A row that means no record: make one, or call it an error.' }),
  matched: z
    .enum(['update', 'skip'])
    .default('update')
    .meta({ description: 'A row that means a record: compare and update, or leave it alone.' }),
  makeMissing: z
    .array(z.enum(['people', 'places', 'org-units']))
    .default([])
    .meta({ description: 'What may be made by name when a row names one that is not there.' }),
  defaults: z
    .record(z.string().max(100), z.string().max(1000))
    .default({})
    .meta({ description: 'Values of new records where the row has none.' }),
  dateOrder: z
    .enum(['dmy', 'mdy'])
    .nullable()
    .default(null)
    .meta({ description: 'How dates such as 1/2/23 are written; null: as the column shows it.' }),
  decimal: z.enum(['.', ',']).default('.'),
});
export type ImportMapping = z.infer<typeof importMappingSchema>;
export type ImportMappingInput = z.input<typeof importMappingSchema>;

export const importFieldSchema = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  /** For an enumeration. */
  values: z.array(z.object({ value: z.string(), label: z.string() })).nullable(),
  required: z.boolean(),
  /** It can tell which record a row means. */
  key: z.boolean(),
});
export type ImportFieldInfo = z.infer<typeof importFieldSchema>;
export const importTargetSchema = z.object({ resource: z.enum(importResources), label: z.string(), fields: z.array(importFieldSchema) });
export type ImportTarget = z.infer<typeof importTargetSchema>;

const counts = z.object({
  rows: z.number().int(),
  create: z.number().int(),
  update: z.number().int(),
  unchanged: z.number().int(),
  skip: z.number().int(),
  conflict: z.number().int(),
  error: z.number().int(),
  applied: z.number().int(),
  failed: z.number().int(),
  undone: z.number().int(),
  kept: z.number().int(),
});
export type ImportCounts = z.infer<typeof counts>;

/** A mapping that fits the file's headers, and where it comes from. */
const suggestionSchema = z.object({
  key: z.string(),
  label: z.string(),
  /** `remembered`: how a file with these headers was read last; `preset`: the export of a known program; `guessed`: by the names of the columns. */
  kind: z.enum(['remembered', 'preset', 'guessed']),
  mapping: importMappingSchema,
});
export type ImportSuggestion = z.infer<typeof suggestionSchema>;

export const importSchema = z.object({
  id: idSchema,
  name: z.string(),
  format: z.enum(['csv', 'xlsx']),
  encoding: z.string().nullable(),
  delimiter: z.string().nullable(),
  bytes: z.number().int(),
  headers: z.array(z.string()),
  samples: z.array(z.array(z.string())),
  state: z.enum(importStates),
  jobId: idSchema.nullable(),
  mapping: importMappingSchema.nullable(),
  /** `good`: rows without an error were applied; `all`: everything or nothing. */
  mode: z.enum(['good', 'all']).nullable(),
  counts: counts.nullable(),
  suggestions: z.array(suggestionSchema),
  createdBy: z.string(),
  createdAt: instantSchema,
  appliedAt: instantSchema.nullable(),
  undoneAt: instantSchema.nullable(),
});
export type Import = z.infer<typeof importSchema>;

const tag = 'Imports';
const byId = z.object({ id: idSchema });
const path = '/api/v1/imports/:id';

export const uploadImport = defineRoute({
  method: 'POST',
  path: '/api/v1/imports',
  tag,
  access: 'imports:write',
  summary: 'Upload a file to import',
  description:
    'The body is the file itself, as `application/octet-stream`: `curl --data-binary @assets.csv`. CSV and XLSX are taken. Nothing is imported yet: the answer has the headers, some rows and mappings that fit.',
  query: z.object({ name: z.string().min(1).max(255).meta({ description: 'The name of the file, with its extension.' }) }),
  consumes: 'application/octet-stream',
  response: importSchema,
  status: 201,
  errors: ['validation_failed', 'too_large', 'refused_content', 'unsupported_media'],
});
export const getImport = defineRoute({
  method: 'GET',
  path,
  tag,
  access: 'imports:read',
  summary: 'One import',
  params: byId,
  response: importSchema,
  errors: ['not_found'],
});
export const listImportTargets = defineRoute({
  method: 'GET',
  path: '/api/v1/import-targets',
  tag,
  access: 'imports:read',
  summary: 'What can be imported into, with the fields',
  response: z.object({ items: z.array(importTargetSchema) }),
});
export const planImport = defineRoute({
  method: 'POST',
  path: `${path}/plan`,
  tag,
  access: 'imports:write',
  summary: 'Compare the file with what is there',
  description:
    'A job that finds out what each row would do. Nothing is changed. The mapping is remembered for files with the same headers.',
  params: byId,
  body: importMappingSchema,
  response: jobStartedSchema,
  status: 202,
  errors: ['not_found', 'validation_failed', 'conflict', 'forbidden'],
});
export const applyImport = defineRoute({
  method: 'POST',
  path: `${path}/apply`,
  tag,
  access: 'imports:write',
  summary: 'Apply the compared rows',
  description: 'A job. `good` applies every row that is neither an error nor a conflict; `all` applies all rows, or none when any is bad.',
  params: byId,
  body: z.strictObject({ mode: z.enum(['good', 'all']).default('good') }),
  response: jobStartedSchema,
  status: 202,
  errors: ['not_found', 'conflict', 'forbidden', 'validation_failed'],
});
export const undoImport = defineRoute({
  method: 'POST',
  path: `${path}/undo`,
  tag,
  access: 'imports:write',
  summary: 'Put back what was there before an import',
  description: 'A job. What somebody changed since then stays and is listed with the reason.',
  params: byId,
  response: jobStartedSchema,
  status: 202,
  errors: ['not_found', 'conflict', 'forbidden'],
});

const value = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.null(),
  z.object({ id: z.string().nullable().meta({ description: 'null: it is made when the import is applied.' }), label: z.string() }),
]);
export const importRowSchema = z.object({
  /** As a spreadsheet counts: the header is row 1. */
  no: z.number().int(),
  action: z.enum(importActions),
  outcome: z.enum(importOutcomes).nullable(),
  record: z.object({ id: z.string().nullable(), label: z.string() }),
  changes: z.array(z.object({ field: z.string(), label: z.string(), from: value, to: value })),
  errors: z.array(fieldErrorSchema.pick({ field: true, code: true, message: true })),
});
export type ImportRow = z.infer<typeof importRowSchema>;
export const listImportRows = defineRoute({
  method: 'GET',
  path: `${path}/rows`,
  tag,
  access: 'imports:read',
  summary: 'What each row does or did',
  params: byId,
  query: z.object({
    limit: z.coerce.number().int().min(1).max(500).default(50),
    cursor: z.coerce.number().int().min(0).optional(),
    action: z.enum(importActions).optional(),
    outcome: z.enum(importOutcomes).optional(),
  }),
  response: z.object({ items: z.array(importRowSchema), nextCursor: z.number().int().nullable() }),
  errors: ['not_found', 'validation_failed'],
});
export const importErrors = defineRoute({
  method: 'GET',
  path: `${path}/errors`,
  tag,
  access: 'imports:read',
  summary: 'The rows that were not applied, as the same file with a reason',
  params: byId,
  produces: 'text/csv',
  errors: ['not_found', 'conflict'],
});
