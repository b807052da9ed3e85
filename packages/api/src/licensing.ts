import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { demandResource, derivationSchema, rangeSchema } from './derivations.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { jobStartedSchema } from './jobs.ts';
import { listQuerySchema, pageOf } from './listing.ts';
import { metricKeys, metricKeySchema } from './metrics.ts';
import { moneySchema } from './money.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

// One import for everything about licences.
export * from './derivations.ts';
export * from './entitlements.ts';
export * from './metrics.ts';

const tag = 'Licensing';
const byId = z.object({ id: idSchema });

/**
 * `short`: surely too few rights. `unknown`: whether they suffice depends on missing facts. `unlicensed`: in use and nothing was ever bought.
 * `surplus`: surely rights left over. `compliant`: enough, none surely left over.
 */
export const positionStatuses = ['compliant', 'short', 'surplus', 'unknown', 'unlicensed'] as const;
export const positionStatusSchema = z.enum(positionStatuses);
export type PositionStatus = z.infer<typeof positionStatusSchema>;

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
    requiredMin: {
      type: 'number',
      label: 'Required',
      about: 'At least; while facts are missing it may be more.',
      notNull: true,
      sortable: true,
      filterable: true,
      aliases: ['required'],
    },
    requiredMax: {
      type: 'number',
      label: 'Required at most',
      about: 'More than the least only while facts are missing.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'optional',
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
      label: 'Short',
      about: 'At least; while facts are missing it may be more.',
      notNull: true,
      sortable: true,
      filterable: true,
      aliases: ['short', 'shortfall'],
    },
    shortfallMax: { type: 'number', label: 'Short at most', notNull: true, sortable: true, filterable: true, column: 'optional' },
    surplusMin: {
      type: 'number',
      label: 'Surplus',
      about: 'At least; while facts are missing it may be more.',
      notNull: true,
      sortable: true,
      filterable: true,
      aliases: ['surplus'],
    },
    surplusMax: { type: 'number', label: 'Surplus at most', notNull: true, sortable: true, filterable: true, column: 'optional' },
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
