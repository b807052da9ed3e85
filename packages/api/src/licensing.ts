import { z } from 'zod';
import { dateSchema, instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { jobStartedSchema } from './jobs.ts';
import { listQuerySchema, pageOf } from './listing.ts';
import { moneySchema } from './money.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

const tag = 'Licensing';
const byId = z.object({ id: idSchema });

/** The rules that turn facts into licences required. Their texts and numbers are data in content/metrics. */
export const metricKeys = ['per_device', 'per_installation', 'per_named_user', 'site', 'windows_server_core'] as const;
export const metricKeySchema = z.enum(metricKeys);
export type MetricKey = z.infer<typeof metricKeySchema>;

/** `active` covers today; `future` and `expired` are outside their term; `retired` was taken out by a person. Only `active` counts in a position. */
export const entitlementStatuses = ['active', 'future', 'expired', 'retired'] as const;
export const entitlementStatusSchema = z.enum(entitlementStatuses);

/**
 * `short`: surely too few rights. `unknown`: whether they suffice depends on missing facts. `unlicensed`: in use and nothing was ever bought.
 * `surplus`: surely rights left over. `compliant`: enough, none surely left over.
 */
export const positionStatuses = ['compliant', 'short', 'surplus', 'unknown', 'unlicensed'] as const;
export const positionStatusSchema = z.enum(positionStatuses);
export type PositionStatus = z.infer<typeof positionStatusSchema>;

// ---- Entitlements

export const entitlementResource = defineResource({
  name: 'entitlements',
  label: 'Entitlement',
  plural: 'Entitlements',
  titleField: 'product',
  defaultSort: '-createdAt',
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

export const entitlementPatchSchema = z.object(entitlementFields).partial();
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

// ---- Metrics

/** Where a rule or a number comes from, and since when it holds. */
export const ruleSourceSchema = z.object({ title: z.string(), url: z.string().nullable(), confidence: z.enum(['high', 'medium', 'low']) });

export const metricSchema = z.object({
  key: metricKeySchema,
  name: z.string(),
  /** A sentence or two for someone who has never met the metric. */
  explanation: z.string(),
  formula: z.string(),
  /** What one right is, in the plural: `devices`, `core licences`. */
  unit: z.string(),
  /** Facts without which the figure is a range. */
  needs: z.array(z.object({ fact: z.string(), label: z.string(), boundedBy: z.string() })),
  /** Where rounding happens. */
  rounding: z.string(),
  attributes: z.array(z.object({ key: z.string(), value: z.number().nullable(), about: z.string(), source: ruleSourceSchema })),
  source: ruleSourceSchema,
  version: z.string(),
  effectiveFrom: dateSchema.nullable(),
  effectiveTo: dateSchema.nullable(),
});
export type Metric = z.infer<typeof metricSchema>;
export const listMetrics = defineRoute({
  method: 'GET',
  path: '/api/v1/metrics',
  summary: 'List the metrics with their rules',
  tag,
  access: 'licences:read',
  response: z.object({ rulesVersion: z.string(), items: z.array(metricSchema) }),
});

// ---- Positions

export const positionResource = defineResource({
  name: 'positions',
  label: 'Position',
  plural: 'Positions',
  titleField: 'product',
  defaultSort: '-shortfallMin',
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
    metric: { type: 'enum', values: metricKeys, label: 'Metric', notNull: true, sortable: true, filterable: true, facet: true },
    pool: { type: 'text', label: 'Pool', notNull: true, sortable: true, filterable: true, facet: true, column: 'optional' },
    status: { type: 'enum', values: positionStatuses, label: 'Status', notNull: true, sortable: true, filterable: true, facet: true },
    owned: { type: 'number', label: 'Owned', about: 'Rights in force today; empty is unlimited.', sortable: true, filterable: true },
    requiredMin: { type: 'number', label: 'Required at least', notNull: true, sortable: true, filterable: true, aliases: ['required'] },
    requiredMax: {
      type: 'number',
      label: 'Required at most',
      about: 'More than the least only while facts are missing.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    covered: { type: 'number', label: 'Covered', about: 'Of what is surely required.', notNull: true, sortable: true, filterable: true },
    coveredMax: {
      type: 'number',
      label: 'Covered at most',
      about: 'Of what is required at most.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'optional',
    },
    shortfallMin: {
      type: 'number',
      label: 'Short at least',
      notNull: true,
      sortable: true,
      filterable: true,
      aliases: ['short', 'shortfall'],
    },
    shortfallMax: { type: 'number', label: 'Short at most', notNull: true, sortable: true, filterable: true },
    surplusMin: { type: 'number', label: 'Surplus at least', notNull: true, sortable: true, filterable: true, aliases: ['surplus'] },
    surplusMax: { type: 'number', label: 'Surplus at most', notNull: true, sortable: true, filterable: true },
    costToCure: {
      type: 'money',
      label: 'Cost to cure',
      about: 'The sure shortfall at the latest price paid.',
      sortable: true,
      filterable: true,
    },
    surplusValue: {
      type: 'money',
      label: 'Surplus value',
      about: 'The sure surplus at the prices paid; empty when the prices are in several currencies.',
      sortable: true,
      filterable: true,
    },
    missingFacts: {
      type: 'integer',
      label: 'Missing facts',
      about: 'Consumers whose need is a range because a fact is missing.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    computedAt: { type: 'instant', label: 'Computed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const positionListRoutes = listRoutesOf(positionResource, '/api/v1/positions', 'licences:read');

export const rangeSchema = z.object({ min: z.number(), max: z.number() });
/** A quantity on the wire: equal ends when every fact is there. */
export type Range = z.infer<typeof rangeSchema>;

export const coverageSchema = z.object({
  entitlement: refSchema,
  /** null is unlimited. */
  quantity: z.number().nullable(),
  used: z.number(),
  /** null is unlimited. */
  unused: z.number().nullable(),
  unitPrice: moneySchema.nullable(),
  sentence: z.string(),
});

export const positionSchema = z.object({
  id: idSchema,
  product: refSchema,
  publisher: refSchema,
  metric: metricKeySchema,
  metricName: z.string(),
  unit: z.string(),
  pool: z.string(),
  status: positionStatusSchema,
  owned: z.number().nullable(),
  required: rangeSchema,
  covered: z.number(),
  coveredMax: z.number(),
  shortfall: rangeSchema,
  surplus: rangeSchema,
  costToCure: moneySchema.nullable(),
  /** Why there is no single sum of money, when there is none. */
  costNote: z.string().nullable(),
  surplusValue: moneySchema.nullable(),
  surplusValueByCurrency: z.array(moneySchema),
  missingFacts: z.number().int(),
  /** Which facts are missing on how many consumers, and how many licences of doubt each accounts for; the most rewarding first. */
  missing: z.array(z.object({ fact: z.string(), label: z.string(), consumers: z.number().int(), spread: z.number() })),
  /** Uses that need no licence, each kind with its reason. */
  adjustments: z.array(z.object({ reason: z.string(), installations: z.number().int(), sentence: z.string() })),
  assumptions: z.array(z.object({ key: z.string(), sentence: z.string(), consumers: z.number().int() })),
  coverage: z.array(coverageSchema),
  /** The whole position in a sentence. */
  sentence: z.string(),
  rulesVersion: z.string(),
  computedAt: instantSchema,
});
export type Position = z.infer<typeof positionSchema>;

/**
 * The leaves are `installation`, `device_fact`, `person_fact`, `purchase_line`, `assumption`, `attribute` and `rows`; the others
 * compute from their inputs, the least case from the least values and the most case from the most. `shortfall` is a - b, not below 0, case by case;
 * `surplus` is a - b, not below 0, crosswise: the least surplus is left by the most use.
 */
export const derivationOps = [
  'sum',
  'max',
  'multiply',
  'divide_up',
  'shortfall',
  'surplus',
  'installation',
  'device_fact',
  'person_fact',
  'purchase_line',
  'assumption',
  'attribute',
  'rows',
] as const;
export type DerivationOp = (typeof derivationOps)[number];

/** One step of a figure. `value` null is unlimited. `rows` stands for a group too large to send: page through `href`. */
export interface DerivationNode {
  id: string;
  op: DerivationOp;
  label: string;
  sentence: string;
  value: Range | null;
  unit: string;
  rule?: { id: string; version: string; source: string } | undefined;
  /** The record a leaf stands for. */
  ref?: { resource: string; id: string; label: string } | undefined;
  inputs?: DerivationNode[] | undefined;
  rows?: { count: number; href: string } | undefined;
}
export const derivationNodeSchema: z.ZodType<DerivationNode> = z
  .lazy(() =>
    z.object({
      id: z.string(),
      op: z.enum(derivationOps),
      label: z.string(),
      sentence: z.string(),
      value: rangeSchema.nullable(),
      unit: z.string(),
      rule: z.object({ id: z.string(), version: z.string(), source: z.string() }).optional(),
      ref: z.object({ resource: z.string(), id: z.string(), label: z.string() }).optional(),
      inputs: z.array(derivationNodeSchema).optional(),
      rows: z.object({ count: z.number().int(), href: z.string() }).optional(),
    }),
  )
  .meta({ id: 'DerivationNode' });

export const derivationSchema = z.object({
  positionId: idSchema,
  figures: z.array(z.object({ figure: z.enum(['owned', 'required', 'covered', 'shortfall', 'surplus']), tree: derivationNodeSchema })),
  /** Every tree was evaluated again for this answer, rows included, and gave the stored figure. */
  verified: z.boolean(),
  /** What did not agree; empty when verified. */
  disagreements: z.array(z.string()),
  rulesVersion: z.string(),
  computedAt: instantSchema,
});
export type Derivation = z.infer<typeof derivationSchema>;

/** One consumer's need for licences of a position: the leaves of its derivation. */
export const demandResource = defineResource({
  name: 'demands',
  label: 'Demand',
  plural: 'Demands',
  titleField: 'consumer',
  defaultSort: 'consumer',
  fields: {
    id: { type: 'text', label: 'Id', notNull: true, column: 'optional' },
    consumer: {
      type: 'text',
      label: 'Consumer',
      about: 'The device, person or site that needs the licences.',
      notNull: true,
      sortable: true,
      filterable: true,
    },
    asset: { type: 'ref', to: 'assets', label: 'Asset', sortable: true, filterable: true },
    requiredMin: { type: 'number', label: 'Required at least', notNull: true, sortable: true, filterable: true, aliases: ['required'] },
    requiredMax: { type: 'number', label: 'Required at most', notNull: true, sortable: true, filterable: true },
    covered: { type: 'number', label: 'Covered', notNull: true, sortable: true, filterable: true },
    entitlement: {
      type: 'ref',
      to: 'entitlements',
      label: 'Covered by',
      about: 'The first purchase line that covers it.',
      sortable: true,
      filterable: true,
    },
    edition: { type: 'text', label: 'Edition', filterable: true, column: 'optional' },
    exemption: { type: 'text', label: 'Exempt because', filterable: true, facet: true, column: 'optional' },
    missing: { type: 'json', label: 'Missing facts' },
    isRange: { type: 'boolean', label: 'Facts are missing', notNull: true, filterable: true, facet: true, column: 'none' },
    isShort: { type: 'boolean', label: 'Not covered', notNull: true, filterable: true, facet: true, column: 'none' },
    facts: { type: 'json', label: 'Facts used', notNull: true, column: 'optional' },
    sentence: { type: 'text', label: 'Why', about: 'The need in a sentence, with its arithmetic.', notNull: true },
    derivation: { type: 'json', label: 'Derivation', about: 'The tree of this need down to its facts.', column: 'optional' },
  },
});

export const getPosition = defineRoute({
  method: 'GET',
  path: '/api/v1/positions/:id',
  summary: 'Get a position',
  tag,
  access: 'licences:read',
  params: byId,
  response: positionSchema,
  errors: ['not_found'],
});
export const getDerivation = defineRoute({
  method: 'GET',
  path: '/api/v1/positions/:id/derivation',
  summary: 'Get the derivation of a position',
  description: 'The trees that explain each figure, evaluated again for this answer.',
  tag,
  access: 'licences:read',
  params: byId,
  response: derivationSchema,
  errors: ['not_found'],
});
export const listDemands = defineRoute({
  method: 'GET',
  path: '/api/v1/positions/:id/demands',
  summary: 'List the demands of a position',
  tag,
  access: 'licences:read',
  params: byId,
  query: listQuerySchema,
  response: pageOf(demandResource),
  errors: ['not_found', 'bad_filter', 'bad_cursor', 'validation_failed'],
});
export const recomputePositions = defineRoute({
  method: 'POST',
  path: '/api/v1/positions/recompute',
  summary: 'Recompute positions',
  description: 'Of the named products, or of all.',
  tag,
  access: 'licences:write',
  body: z.object({ productIds: z.array(idSchema).max(1000).optional() }).default({}),
  response: jobStartedSchema,
  status: 202,
  errors: ['validation_failed'],
});

export const positionSummaryItemSchema = z.object({
  positionId: idSchema,
  product: refSchema,
  metric: metricKeySchema,
  pool: z.string(),
  unit: z.string(),
  status: positionStatusSchema,
  owned: z.number().nullable(),
  required: rangeSchema,
  covered: z.number(),
  shortfall: rangeSchema,
  surplus: rangeSchema,
  costToCure: moneySchema.nullable(),
  surplusValue: moneySchema.nullable(),
});
export const positionSummarySchema = z.object({
  /** Positions by status. */
  statuses: z.array(z.object({ status: positionStatusSchema, count: z.number().int() })),
  costToCure: z.array(moneySchema),
  surplusValue: z.array(moneySchema),
  /** The positions with the most at stake, ready for a waterfall: owned, covered, short, surplus. */
  items: z.array(positionSummaryItemSchema),
});
export type PositionSummary = z.infer<typeof positionSummarySchema>;
export const getPositionSummary = defineRoute({
  method: 'GET',
  path: '/api/v1/positions/summary',
  summary: 'Positions in short, for charts',
  tag,
  access: 'licences:read',
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(30) }),
  response: positionSummarySchema,
});

export const positionFreshnessSchema = z.object({
  positions: z.number().int(),
  oldestComputedAt: instantSchema.nullable(),
  newestComputedAt: instantSchema.nullable(),
  /** Products whose facts changed since their position was computed. */
  pendingProducts: z.number().int(),
  oldestPendingSince: instantSchema.nullable(),
  rulesVersion: z.string(),
});
export const getPositionFreshness = defineRoute({
  method: 'GET',
  path: '/api/v1/positions/freshness',
  summary: 'How fresh the positions are',
  tag,
  access: 'licences:read',
  response: positionFreshnessSchema,
});
