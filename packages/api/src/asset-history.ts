import { z } from 'zod';
import { assetRecordSchema, assetValueFields } from './assets.ts';
import { instantSchema } from './dates.ts';
import { idSchema } from './ids.ts';
import { defineRoute } from './route.ts';

/** The fields of an asset whose past is kept one by one. */
export const assetHistoryFields = [...assetValueFields, 'state'] as const;
export type AssetHistoryField = (typeof assetHistoryFields)[number];

/** A value that a field had for a time. */
export const fieldHistoryEntrySchema = z.object({
  value: z.union([z.string(), z.number(), z.null()]),
  /** For person, place, orgUnit, class and state: its name today; null when it is no longer there. */
  label: z.string().nullable(),
  from: instantSchema,
  /** Null: it still has this value. */
  until: instantSchema.nullable(),
  /** `manual` or the key of the source whose report changed it; null when that is not known. */
  source: z.string().nullable(),
  /** Who changed it, where a person did. */
  actor: z.string().nullable(),
});
export type FieldHistoryEntry = z.infer<typeof fieldHistoryEntrySchema>;

export const getAssetFieldHistory = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/fields/:field/history',
  tag: 'assets',
  access: 'assets:read',
  summary: 'What a field of an asset was, and when, newest first',
  description: 'Every value with the time it came and went, the source and who changed it. `keptSince` tells since when the past is kept.',
  params: z.object({ id: idSchema, field: z.enum(assetHistoryFields) }),
  query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(50), cursor: z.string().max(200).optional() }),
  response: z.object({ items: z.array(fieldHistoryEntrySchema), nextCursor: z.string().nullable(), keptSince: instantSchema }),
  errors: ['not_found', 'bad_cursor'],
});

export const restoreAssetField = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/fields/:field/restore',
  tag: 'assets',
  access: 'assets:write',
  summary: 'Set a field to what it was',
  description:
    'The value of that time becomes a manual value. Refused with the reason where it cannot: it was empty, is gone, or another asset has the tag.',
  params: z.object({ id: idSchema, field: z.enum(assetValueFields) }),
  body: z.object({ at: instantSchema.meta({ description: 'A time at which the field had the value, for example `from` of an entry.' }) }),
  response: assetRecordSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});
