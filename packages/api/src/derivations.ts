import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';

export const rangeSchema = z.object({ min: z.number(), max: z.number() });
/** A quantity on the wire: equal ends when every fact is there. */
export type Range = z.infer<typeof rangeSchema>;

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
