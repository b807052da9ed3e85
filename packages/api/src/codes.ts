import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** How a code is drawn. One value is one code, however it is drawn. */
export const symbologies = ['qr', 'datamatrix', 'code128'] as const;
export const symbologySchema = z.enum(symbologies);
export type Symbology = z.infer<typeof symbologySchema>;

/** What a code is: `own` made here for this asset, `sticker` pre-printed here and claimed later, the rest read off the asset. */
export const codeKinds = ['own', 'sticker', 'serial', 'service_tag', 'external'] as const;
export type CodeKind = (typeof codeKinds)[number];

export const assetCodeSchema = z.object({
  id: idSchema,
  value: z.string(),
  symbology: symbologySchema,
  kind: z.enum(codeKinds),
  /** Who or what said so, for example `scan`, `manual` or a vendor. */
  source: z.string(),
  /** The address a phone opens; for codes made here. */
  url: z.string().nullable(),
  claimedAt: instantSchema,
  claimedBy: z.string(),
});
export type AssetCode = z.infer<typeof assetCodeSchema>;

const assetParams = z.object({ id: idSchema });
const tag = 'Codes and labels';

export const listAssetCodes = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/codes',
  tag,
  access: 'assets:read',
  summary: 'The codes on an asset',
  params: assetParams,
  response: z.object({ items: z.array(assetCodeSchema) }),
  errors: ['not_found'],
});

export const addAssetCodeBody = z.strictObject({
  value: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}]*$/u, 'text without control characters'),
  kind: z.enum(['serial', 'service_tag', 'external']).default('external'),
  symbology: symbologySchema.default('code128'),
  source: z.string().trim().min(1).max(60).default('manual'),
});

export const addAssetCode = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/codes',
  tag,
  access: 'assets:write',
  summary: 'Put a code on an asset',
  description:
    'The code of an unclaimed sticker claims the sticker. A code that is on an asset already is refused with `conflict`, which says on which.',
  params: assetParams,
  body: addAssetCodeBody,
  response: assetCodeSchema,
  status: 201,
  errors: ['not_found', 'conflict', 'validation_failed'],
});

export const removeAssetCode = defineRoute({
  method: 'DELETE',
  path: '/api/v1/assets/:id/codes/:codeId',
  tag,
  access: 'assets:write',
  summary: 'Take a code off an asset',
  description: 'A sticker taken off is unclaimed again.',
  params: z.object({ id: idSchema, codeId: idSchema }),
  status: 204,
  errors: ['not_found', 'conflict'],
});

const scannedAssetSchema = z.object({
  id: idSchema,
  tag: z.string().nullable(),
  name: z.string().nullable(),
  class: z.string(),
  state: z.string(),
  serial: z.string().nullable(),
});
export type ScannedAsset = z.infer<typeof scannedAssetSchema>;

export const resolvedCandidateSchema = z.object({
  asset: scannedAssetSchema,
  /** What of the asset matched. */
  by: z.enum(['code', 'tag', 'serial', 'mac', 'id']),
  value: z.string(),
});

export const resolvedCodeSchema = z.object({
  /** What was looked up: the code inside when an address of ours was scanned. */
  code: z.string(),
  /** The one asset it stands for; null when there is none or several. */
  asset: scannedAssetSchema.nullable(),
  candidates: z.array(resolvedCandidateSchema),
  /** A pre-printed sticker that nobody has claimed. */
  sticker: z.object({ value: z.string(), batch: refSchema }).nullable(),
});
export type ResolvedCode = z.infer<typeof resolvedCodeSchema>;

export const resolveCode = defineRoute({
  method: 'GET',
  path: '/api/v1/codes/:code',
  tag,
  access: 'assets:read',
  summary: 'Find what a scanned code stands for',
  description:
    'By a code on the asset, its tag, serial number or MAC address, or an address that a label of ours carries. An unknown code is an empty answer, and so is one outside the caller’s scope.',
  params: z.object({ code: z.string().trim().min(1).max(500) }),
  response: resolvedCodeSchema,
});

/** Most assets that get tags in one request. */
export const giveTagsLimit = 1000;

export const checkDigits = ['none', 'luhn'] as const;

/** Where register numbers come from. */
export const tagSequenceResource = defineResource({
  name: 'tag-sequences',
  label: 'Tag sequence',
  plural: 'Tag sequences',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    class: {
      type: 'text',
      label: 'Class',
      about: 'Key of the asset class it is for, with the classes below; empty for all.',
      filterable: true,
    },
    orgUnit: {
      type: 'ref',
      to: 'org-units',
      label: 'Org unit',
      about: 'For its assets and those of units below; empty for all.',
      filterable: true,
    },
    prefix: { type: 'text', label: 'Prefix', notNull: true, filterable: true },
    nextNumber: { type: 'integer', label: 'Next number', notNull: true },
    width: { type: 'integer', label: 'Digits', about: 'The number is filled with zeros to this width.', notNull: true, column: 'optional' },
    suffix: { type: 'text', label: 'Suffix', notNull: true, column: 'optional' },
    checkDigit: { type: 'enum', label: 'Check digit', values: checkDigits, notNull: true, filterable: true, column: 'optional' },
    automatic: {
      type: 'boolean',
      label: 'Automatic',
      about: 'Gives a tag to assets entered without one.',
      notNull: true,
      filterable: true,
    },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const tagSequenceListRoutes = listRoutesOf(tagSequenceResource, '/api/v1/tag-sequences', 'assets:read');

const affix = z
  .string()
  .max(30)
  .regex(/^[^\p{Cc}\s]*$/u, 'text without spaces');
const sequenceFields = {
  name: z.string().trim().min(1).max(100),
  classKey: z.string().min(1).max(60).nullable(),
  orgUnitId: idSchema.nullable(),
  prefix: affix,
  suffix: affix,
  width: z.number().int().min(1).max(15),
  nextNumber: z.number().int().min(0).max(999_999_999_999),
  checkDigit: z.enum(checkDigits),
  automatic: z.boolean(),
};
export const tagSequenceCreateSchema = z.strictObject({
  ...sequenceFields,
  classKey: sequenceFields.classKey.default(null),
  orgUnitId: sequenceFields.orgUnitId.default(null),
  prefix: affix.default(''),
  suffix: affix.default(''),
  width: sequenceFields.width.default(6),
  nextNumber: sequenceFields.nextNumber.default(1),
  checkDigit: sequenceFields.checkDigit.default('none'),
  automatic: sequenceFields.automatic.default(true),
});
export const tagSequenceUpdateSchema = z.strictObject(sequenceFields).partial();
export const tagSequenceSchema = z.object({
  id: idSchema,
  ...sequenceFields,
  orgUnit: refSchema.nullable(),
  /** The tag that comes next, unless it is taken. */
  nextTag: z.string(),
  version: z.number().int(),
});
export type TagSequence = z.infer<typeof tagSequenceSchema>;

const sequences = '/api/v1/tag-sequences';
export const getTagSequence = defineRoute({
  method: 'GET',
  path: `${sequences}/:id`,
  tag,
  access: 'assets:read',
  summary: 'Read a tag sequence',
  params: assetParams,
  response: tagSequenceSchema,
  errors: ['not_found'],
});
export const createTagSequence = defineRoute({
  method: 'POST',
  path: sequences,
  tag,
  access: 'assets:write',
  summary: 'Add a tag sequence',
  description: 'Numbers are never given twice; that none is left out is not promised.',
  body: tagSequenceCreateSchema,
  response: tagSequenceSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateTagSequence = defineRoute({
  method: 'PATCH',
  path: `${sequences}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Change a tag sequence',
  description: 'The next number may only grow: a number that was given is never given again.',
  params: assetParams,
  body: tagSequenceUpdateSchema,
  response: tagSequenceSchema,
  ifMatch: true,
  errors: ['not_found', 'validation_failed', 'conflict', 'stale'],
});
export const deleteTagSequence = defineRoute({
  method: 'DELETE',
  path: `${sequences}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Remove a tag sequence',
  description: 'The tags it gave stay.',
  params: assetParams,
  status: 204,
  errors: ['not_found'],
});

export const giveTags = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/give-tags',
  tag,
  access: 'assets:write',
  summary: 'Give tags to assets that have none',
  description: `From the sequence of each asset’s class and org unit, or from the one given. At most ${giveTagsLimit} assets at once; the answer says which were left out and why.`,
  body: z.strictObject({ assetIds: z.array(idSchema).min(1).max(giveTagsLimit), sequenceId: idSchema.optional() }),
  response: z.object({
    given: z.array(z.object({ id: idSchema, tag: z.string() })),
    skipped: z.array(z.object({ id: idSchema, reason: z.enum(['has_tag', 'no_sequence', 'merged', 'not_found']) })),
  }),
  errors: ['validation_failed', 'not_found', 'conflict'],
});

/** Stickers printed before anyone knows what they will be stuck on. */
export const stickerBatchResource = defineResource({
  name: 'sticker-batches',
  label: 'Batch of stickers',
  plural: 'Batches of stickers',
  titleField: 'name',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    stickers: { type: 'integer', label: 'Stickers', notNull: true, sortable: true, filterable: true },
    claimed: { type: 'integer', label: 'Claimed', about: 'Stickers that are on an asset.', notNull: true },
    createdBy: { type: 'text', label: 'Made by', notNull: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true },
  },
});
export const stickerBatchListRoutes = listRoutesOf(stickerBatchResource, '/api/v1/sticker-batches', 'assets:read');

/** Most stickers of one batch, and most labels of one print. */
export const labelLimit = 5000;

export const createStickerBatch = defineRoute({
  method: 'POST',
  path: '/api/v1/sticker-batches',
  tag,
  access: 'assets:write',
  summary: 'Make a batch of unclaimed stickers',
  body: z.strictObject({ name: z.string().trim().min(1).max(100), stickers: z.number().int().min(1).max(labelLimit) }),
  response: z.object({ id: idSchema, name: z.string(), stickers: z.number().int() }),
  status: 201,
  errors: ['validation_failed'],
});

export const stickerSchema = z.object({
  value: z.string(),
  number: z.number().int(),
  asset: refSchema.nullable(),
  claimedAt: instantSchema.nullable(),
  claimedBy: z.string().nullable(),
});
export const getStickerBatch = defineRoute({
  method: 'GET',
  path: '/api/v1/sticker-batches/:id',
  tag,
  access: 'assets:read',
  summary: 'A batch and its stickers',
  params: assetParams,
  response: z.object({
    id: idSchema,
    name: z.string(),
    createdAt: instantSchema,
    createdBy: z.string(),
    items: z.array(stickerSchema),
  }),
  errors: ['not_found'],
});
