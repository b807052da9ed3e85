import { z } from 'zod';
import { customInheritedSchema, customShownSchema, customValuesSchema } from './custom-fields.ts';
import { assetClassSchema } from './assets.ts';
import { instantSchema } from './dates.ts';
import { idSchema } from './ids.ts';
import { defineRoute } from './route.ts';

/** What can be done with assets of a class, and what of the asset page stands or falls with it. */
export const assetCapabilities = {
  custody: { label: 'Custody', hides: 'who has it, checking out and in' },
  software: { label: 'Software', hides: 'the Software tab and the fields of the operating system, where nothing is reported' },
  interfaces: { label: 'Interfaces', hides: 'the Network tab, where nothing is reported' },
  hardware: { label: 'Hardware', hides: 'the Hardware tab, where nothing is reported' },
  rackable: { label: 'Rackable', hides: 'its position in a rack' },
  depreciates: { label: 'Depreciates', hides: 'purchase value and depreciation' },
  quantity: { label: 'Quantity', hides: 'stock counted by number instead of one by one' },
  portable: { label: 'Portable', hides: 'being carried about: hand-over and transit' },
  virtual: { label: 'Virtual', hides: 'the host it runs on' },
} as const;
export type AssetCapability = keyof typeof assetCapabilities;
const capabilities = z.array(z.enum(Object.keys(assetCapabilities) as [AssetCapability, ...AssetCapability[]])).max(20);

const key = z.string().regex(/^[a-z][a-z0-9_]{0,58}$/, 'lower-case letters, digits and _, beginning with a letter');
const label = z.string().trim().min(1).max(100);
const tag = 'assets';
const params = z.object({ key: z.string().min(1).max(60) });

export const createAssetClass = defineRoute({
  method: 'POST',
  path: '/api/v1/asset-classes',
  tag,
  access: 'settings:write',
  summary: 'Define an asset class',
  body: z.strictObject({ key, label, parent: z.string().max(60).nullable().default(null), capabilities: capabilities.default([]) }),
  response: assetClassSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateAssetClass = defineRoute({
  method: 'PATCH',
  path: '/api/v1/asset-classes/:key',
  tag,
  access: 'settings:write',
  summary: 'Change or retire an asset class',
  description:
    'Of a class that is shipped only the capabilities can be changed. One of your own can be retired when no asset and no class is in it.',
  params,
  body: z.strictObject({
    label: label.optional(),
    parent: z.string().max(60).nullable().optional(),
    capabilities: capabilities.optional(),
    retired: z.boolean().optional(),
  }),
  response: assetClassSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'conflict', 'stale'],
});
export const previewAssetClass = defineRoute({
  method: 'POST',
  path: '/api/v1/asset-classes/:key/preview',
  tag,
  access: 'settings:write',
  summary: 'What other capabilities would show and hide',
  params,
  body: z.strictObject({ capabilities }),
  response: z.object({
    /** Assets of exactly this class: each class says for itself what it can do. */
    assets: z.number().int(),
    off: z.array(z.object({ capability: z.string(), hides: z.string() })),
    on: z.array(z.string()),
  }),
  errors: ['not_found'],
});

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
  tag,
  access: 'assets:read',
  summary: 'Get a model',
  params: byId,
  response: modelSchema,
  errors: ['not_found'],
});
export const createModel = defineRoute({
  method: 'POST',
  path: '/api/v1/models',
  tag,
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
  tag,
  access: 'assets:write',
  summary: 'Change a model',
  params: byId,
  body: modelUpdateSchema,
  response: modelSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'conflict', 'stale'],
});
