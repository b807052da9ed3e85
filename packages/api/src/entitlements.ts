import { z } from 'zod';
import { customShownSchema, customValuesSchema } from './custom-fields.ts';
import { dateSchema, instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { metricKeys, metricKeySchema } from './metrics.ts';
import { moneySchema } from './money.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

const tag = 'Licensing';
const byId = z.object({ id: idSchema });

/** `active` covers today; `future` and `expired` are outside their term; `retired` was taken out by a person. Only `active` counts in a position. */
export const entitlementStatuses = ['active', 'future', 'expired', 'retired'] as const;
export const entitlementStatusSchema = z.enum(entitlementStatuses);

export const entitlementResource = defineResource({
  name: 'entitlements',
  label: 'Entitlement',
  plural: 'Entitlements',
  titleField: 'product',
  defaultSort: '-createdAt',
  custom: true,
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    product: { type: 'ref', to: 'products', label: 'Product', notNull: true, sortable: true, filterable: true },
    publisher: {
      type: 'ref',
      to: 'publishers',
      label: 'Publisher',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      aliases: ['vendor'],
    },
    metric: {
      type: 'enum',
      values: metricKeys,
      label: 'Metric',
      about: 'How uses are counted.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
    },
    quantity: {
      type: 'number',
      label: 'Quantity',
      about: 'Rights bought; empty is unlimited.',
      sortable: true,
      filterable: true,
      aliases: ['rights'],
    },
    edition: { type: 'text', label: 'Edition', about: 'The only edition it covers; empty covers any.', sortable: true, filterable: true },
    status: { type: 'enum', values: entitlementStatuses, label: 'Status', notNull: true, filterable: true, facet: true },
    startsOn: { type: 'date', label: 'Starts', sortable: true, filterable: true },
    endsOn: {
      type: 'date',
      label: 'Ends',
      about: 'The last day it covers; empty is perpetual.',
      sortable: true,
      filterable: true,
      aliases: ['expires'],
    },
    pool: {
      type: 'text',
      label: 'Pool',
      about: '`global`, or the org unit whose consumers alone may use it.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    unitPrice: { type: 'money', label: 'Unit price', sortable: true, filterable: true },
    totalPrice: {
      type: 'money',
      label: 'Total price',
      about: 'Unit price times quantity.',
      sortable: true,
      filterable: true,
      column: 'optional',
    },
    purchaseReference: { type: 'text', label: 'Purchase reference', sortable: true, filterable: true, aliases: ['po'] },
    supplier: { type: 'text', label: 'Supplier', sortable: true, filterable: true, facet: true },
    purchasedOn: { type: 'date', label: 'Purchased', sortable: true, filterable: true, column: 'optional' },
    agreement: { type: 'text', label: 'Agreement', sortable: true, filterable: true, facet: true, column: 'optional' },
    notes: { type: 'text', label: 'Notes', filterable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Updated', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const entitlementListRoutes = listRoutesOf(entitlementResource, '/api/v1/entitlements', 'licences:read');

export const entitlementSchema = z.object({
  id: idSchema,
  product: refSchema,
  publisher: refSchema,
  metric: metricKeySchema,
  quantity: z.number().nullable(),
  edition: z.string().nullable(),
  status: entitlementStatusSchema,
  startsOn: dateSchema.nullable(),
  endsOn: dateSchema.nullable(),
  pool: z.string(),
  unitPrice: moneySchema.nullable(),
  totalPrice: moneySchema.nullable(),
  purchaseReference: z.string().nullable(),
  supplier: z.string().nullable(),
  purchasedOn: dateSchema.nullable(),
  agreement: z.string().nullable(),
  notes: z.string().nullable(),
  custom: customShownSchema,
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type Entitlement = z.infer<typeof entitlementSchema>;

const text = (max: number) => z.string().trim().min(1).max(max).nullable();
/** At most 4 decimals, as rights are kept. */
const quantity = z
  .number()
  .min(0)
  .max(1_000_000_000)
  .refine((n) => Math.abs(n * 10_000 - Math.round(n * 10_000)) < 1e-6, 'at most 4 decimals')
  .nullable();
const unitPrice = moneySchema.refine((m) => !m.amount.startsWith('-'), { path: ['amount'], message: 'A price is not negative' }).nullable();

const entitlementFields = {
  productId: idSchema,
  metric: metricKeySchema,
  /** Rights bought; null is unlimited. */
  quantity,
  edition: text(100),
  startsOn: dateSchema.nullable(),
  endsOn: dateSchema.nullable(),
  pool: z.string().trim().min(1).max(100),
  unitPrice,
  purchaseReference: text(200),
  supplier: text(200),
  purchasedOn: dateSchema.nullable(),
  agreement: text(200),
  notes: text(10_000),
};
const custom = { custom: customValuesSchema.optional() };
const nothing = {
  edition: null,
  startsOn: null,
  endsOn: null,
  unitPrice: null,
  purchaseReference: null,
  supplier: null,
  purchasedOn: null,
  agreement: null,
  notes: null,
} as const;

export const entitlementInputSchema = z.object({
  ...entitlementFields,
  ...custom,
  edition: entitlementFields.edition.default(nothing.edition),
  startsOn: entitlementFields.startsOn.default(null),
  endsOn: entitlementFields.endsOn.default(null),
  pool: entitlementFields.pool.default('global'),
  unitPrice: entitlementFields.unitPrice.default(null),
  purchaseReference: entitlementFields.purchaseReference.default(null),
  supplier: entitlementFields.supplier.default(null),
  purchasedOn: entitlementFields.purchasedOn.default(null),
  agreement: entitlementFields.agreement.default(null),
  notes: entitlementFields.notes.default(null),
});
export type EntitlementInput = z.infer<typeof entitlementInputSchema>;

export const entitlementPatchSchema = z.object({ ...entitlementFields, ...custom }).partial();
export type EntitlementPatch = z.infer<typeof entitlementPatchSchema>;

export const getEntitlement = defineRoute({
  method: 'GET',
  path: '/api/v1/entitlements/:id',
  summary: 'Get an entitlement',
  tag,
  access: 'licences:read',
  params: byId,
  response: entitlementSchema,
  errors: ['not_found'],
});
export const createEntitlement = defineRoute({
  method: 'POST',
  path: '/api/v1/entitlements',
  summary: 'Enter an entitlement',
  description: 'The position of its product is recomputed at once.',
  tag,
  access: 'licences:write',
  body: entitlementInputSchema,
  response: entitlementSchema,
  status: 201,
  errors: ['validation_failed'],
});
export const patchEntitlement = defineRoute({
  method: 'PATCH',
  path: '/api/v1/entitlements/:id',
  summary: 'Change an entitlement',
  description: 'Fields that are left out stay. A retired entitlement cannot be changed.',
  tag,
  access: 'licences:write',
  params: byId,
  body: entitlementPatchSchema,
  response: entitlementSchema,
  ifMatch: true,
  errors: ['not_found', 'validation_failed', 'stale', 'conflict'],
});
export const retireEntitlement = defineRoute({
  method: 'DELETE',
  path: '/api/v1/entitlements/:id',
  summary: 'Retire an entitlement',
  description: 'It stays on record and no longer counts in any position.',
  tag,
  access: 'licences:write',
  params: byId,
  ifMatch: true,
  errors: ['not_found', 'stale', 'conflict'],
});
