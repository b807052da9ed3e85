import { z } from 'zod';
import { labelLimit, symbologySchema } from './codes.ts';

import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** What a text or code of a label may take from the asset, written as `{tag}`. */
export const labelFields = [
  'tag',
  'name',
  'serial',
  'manufacturer',
  'model',
  'class',
  'person',
  'place',
  'orgUnit',
  'organisation',
  'code',
  'url',
] as const;
export type LabelField = (typeof labelFields)[number];

const millimetres = z.number().min(0).max(500);
const box = {
  /** Millimetres from the left and top edge of the label. */
  x: millimetres,
  y: millimetres,
  width: z.number().min(0.1).max(500),
  height: z.number().min(0.1).max(500),
};
const content = z.string().max(500);

export const labelElementSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('text'),
    ...box,
    content,
    /** Points; a text that does not fit is made smaller, and then cut. */
    size: z.number().min(3).max(144),
    align: z.enum(['left', 'center', 'right']).default('left'),
    bold: z.boolean().default(false),
  }),
  z.strictObject({ type: z.literal('code'), ...box, symbology: symbologySchema, content }),
  /** A filled bar: a line as wide and high as its box. */
  z.strictObject({ type: z.literal('line'), ...box }),
  /** A PNG as base64, fitted into its box. */
  z.strictObject({
    type: z.literal('image'),
    ...box,
    png: z
      .string()
      .max(400_000)
      .regex(/^[A-Za-z0-9+/]+=*$/, 'a PNG as base64'),
  }),
]);
export type LabelElement = z.infer<typeof labelElementSchema>;

export const labelMediaSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sheet'),
    pageWidth: z.number().min(20).max(1200),
    pageHeight: z.number().min(20).max(1200),
    columns: z.number().int().min(1).max(50),
    rows: z.number().int().min(1).max(100),
    marginLeft: millimetres,
    marginTop: millimetres,
    /** From the left edge of a label to that of the next. */
    pitchX: z.number().min(1).max(500),
    pitchY: z.number().min(1).max(500),
  }),
  /** Label after label, each a page of its own. */
  z.strictObject({ kind: z.literal('roll') }),
]);
export type LabelMedia = z.infer<typeof labelMediaSchema>;

export const labelDefinitionSchema = z.strictObject({
  width: z.number().min(5).max(300),
  height: z.number().min(5).max(300),
  media: labelMediaSchema,
  elements: z.array(labelElementSchema).max(50),
});
export type LabelDefinition = z.infer<typeof labelDefinitionSchema>;

export const labelTemplateResource = defineResource({
  name: 'label-templates',
  label: 'Label template',
  plural: 'Label templates',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    width: { type: 'number', label: 'Width', unit: 'mm', notNull: true },
    height: { type: 'number', label: 'Height', unit: 'mm', notNull: true },
    media: { type: 'enum', label: 'Media', values: ['sheet', 'roll'], notNull: true, filterable: true, facet: true },
    defaultFor: { type: 'text', label: 'Default for', about: 'Keys of the classes it is proposed for when printing.' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true },
  },
});
export const labelTemplateListRoutes = listRoutesOf(labelTemplateResource, '/api/v1/label-templates', 'assets:read');

const templateBody = {
  name: z.string().trim().min(1).max(100),
  definition: labelDefinitionSchema,
  /** Keys of the classes, with those below, that it is proposed for. */
  defaultFor: z.array(z.string().min(1).max(60)).max(50),
};
export const labelTemplateSchema = z.object({ id: idSchema, ...templateBody, version: z.number().int() });
export type LabelTemplate = z.infer<typeof labelTemplateSchema>;

const tag = 'Codes and labels';
const path = '/api/v1/label-templates';
const params = z.object({ id: idSchema });

export const getLabelTemplate = defineRoute({
  method: 'GET',
  path: `${path}/:id`,
  tag,
  access: 'assets:read',
  summary: 'Read a label template',
  params,
  response: labelTemplateSchema,
  errors: ['not_found'],
});
export const createLabelTemplate = defineRoute({
  method: 'POST',
  path,
  tag,
  access: 'assets:write',
  summary: 'Add a label template',
  body: z.strictObject({ ...templateBody, defaultFor: templateBody.defaultFor.default([]) }),
  response: labelTemplateSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateLabelTemplate = defineRoute({
  method: 'PATCH',
  path: `${path}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Change a label template',
  params,
  body: z.strictObject(templateBody).partial(),
  response: labelTemplateSchema,
  ifMatch: true,
  errors: ['not_found', 'validation_failed', 'conflict', 'stale'],
});
export const deleteLabelTemplate = defineRoute({
  method: 'DELETE',
  path: `${path}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Remove a label template',
  params,
  status: 204,
  errors: ['not_found'],
});

export const listLabelSheets = defineRoute({
  method: 'GET',
  path: '/api/v1/label-sheets',
  tag,
  access: 'assets:read',
  summary: 'Sheets of labels as they are sold',
  response: z.object({
    items: z.array(z.object({ key: z.string(), label: z.string(), width: z.number(), height: z.number(), media: labelMediaSchema })),
  }),
});

export const previewLabel = defineRoute({
  method: 'POST',
  path: '/api/v1/labels/preview',
  tag,
  access: 'assets:read',
  summary: 'Draw one label',
  description: 'Of the given asset, or of an invented one. An SVG of the size of the label.',
  body: z.strictObject({ definition: labelDefinitionSchema, assetId: idSchema.optional() }),
  response: z.object({ svg: z.string() }),
  errors: ['validation_failed', 'not_found'],
});

export const printLabels = defineRoute({
  method: 'POST',
  path: '/api/v1/labels/print',
  tag,
  access: 'assets:write',
  summary: 'Print labels as PDF or ZPL',
  description: `For assets, in the order given, or for a batch of stickers: at most ${labelLimit} labels. An asset without a code of its own gets one, which is why writing must be allowed.`,
  body: z.strictObject({
    templateId: idSchema,
    assetIds: z.array(idSchema).min(1).max(labelLimit).optional(),
    batchId: idSchema.optional(),
    format: z.enum(['pdf', 'zpl']).default('pdf'),
    /** On a sheet: the place of the first label, from 1, row by row; the places before it are used already. */
    startAt: z.number().int().min(1).max(5000).default(1),
    copies: z.number().int().min(1).max(100).default(1),
    /** Dots per inch of the label printer, for ZPL. */
    dpi: z.union([z.literal(203), z.literal(300), z.literal(600)]).default(203),
  }),
  produces: 'application/pdf',
  errors: ['validation_failed', 'not_found', 'too_large'],
});

/** What a stranger may learn who finds an asset and opens its code. */
export const foundPageSchema = z.strictObject({
  enabled: z.boolean(),
  showOrganisation: z.boolean(),
  showTag: z.boolean(),
  contact: z.string().trim().max(1000),
});
export type FoundPage = z.infer<typeof foundPageSchema>;
export const getFoundPage = defineRoute({
  method: 'GET',
  path: '/api/v1/found-page',
  tag,
  access: 'settings:read',
  summary: 'What the page of found items shows',
  response: foundPageSchema,
});
export const putFoundPage = defineRoute({
  method: 'PUT',
  path: '/api/v1/found-page',
  tag,
  access: 'settings:write',
  summary: 'Decide what the page of found items shows',
  body: foundPageSchema,
  response: foundPageSchema,
  errors: ['validation_failed'],
});

const foundParams = z.object({ code: z.string().trim().min(1).max(100) });
export const readFound = defineRoute({
  method: 'GET',
  path: '/api/v1/found/:code',
  tag,
  access: 'public',
  summary: 'What someone who found an item may read',
  description: 'The same for a code that exists and one that does not, apart from the tag where that may be shown. Limited per address.',
  params: foundParams,
  response: z.object({ enabled: z.boolean(), organisation: z.string().nullable(), contact: z.string(), tag: z.string().nullable() }),
  errors: ['too_many_requests'],
});
export const reportFound = defineRoute({
  method: 'POST',
  path: '/api/v1/found/:code',
  tag,
  access: 'public',
  summary: 'Tell the owner that an item was found',
  description: 'Answered alike for a code that exists and one that does not. Limited per address.',
  params: foundParams,
  body: z.strictObject({ message: z.string().trim().min(1).max(2000), contact: z.string().trim().max(200).optional() }),
  response: z.object({ received: z.boolean() }),
  status: 202,
  errors: ['validation_failed', 'not_found', 'too_many_requests'],
});

export const foundReportResource = defineResource({
  name: 'found-reports',
  label: 'Found report',
  plural: 'Found reports',
  titleField: 'asset',
  defaultSort: '-at',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, filterable: true },
    at: { type: 'instant', label: 'At', notNull: true, sortable: true, filterable: true },
    message: { type: 'text', label: 'Message', notNull: true, filterable: true },
    contact: { type: 'text', label: 'Contact', filterable: true },
  },
});
export const foundReportListRoutes = listRoutesOf(foundReportResource, '/api/v1/found-reports', 'assets:read');
