import { z } from 'zod';
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

export const assetClassSchema = z.object({
  key: z.string(),
  label: z.string(),
  parent: z.string().nullable(),
  /** What can be done with one: `custody`, `software`, `interfaces`, `rackable`, `depreciates`, `virtual`, ... */
  capabilities: z.array(z.string()),
  assets: z.number().int(),
  /** One of your own, not a shipped one. */
  own: z.boolean(),
  /** No longer offered. */
  retired: z.boolean(),
  version: z.number().int(),
});
export type AssetClass = z.infer<typeof assetClassSchema>;

export const listAssetClasses = defineRoute({
  method: 'GET',
  path: '/api/v1/asset-classes',
  tag: 'assets',
  access: 'assets:read',
  summary: 'The asset classes',
  response: z.object({ items: z.array(assetClassSchema) }),
});

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
