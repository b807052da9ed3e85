import { z } from 'zod';
import { assetValueFields } from './assets.ts';
import { instantSchema } from './dates.ts';
import { idSchema } from './ids.ts';
import { defineRoute } from './route.ts';

const days = z.number().int().min(1).max(3650);

/** A source's key. A manual value is none: it stands before all of them until it is released. */
export const sourceKeySchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_.:-]{0,59}$/, 'the key of a source, for example glpi')
  .refine((source) => source !== 'manual', 'A manual value always stands first; it has no place in the order.');

/** For which class and field a rule holds; null means any. */
const scope = { classKey: z.string().min(1).max(60).nullable(), field: z.enum(assetValueFields).nullable() };

export const authorityRuleBody = z.object({
  ...scope,
  /** The most believed first. A source that is not named comes after all that are. */
  order: z
    .array(z.object({ source: sourceKeySchema, ttlDays: days }))
    .min(1, 'name at least one source')
    .max(40)
    .refine((order) => new Set(order.map((o) => o.source)).size === order.length, 'Each source stands once in the order.'),
  /** For sources that are not named. */
  otherTtlDays: days,
});
export type AuthorityRuleBody = z.infer<typeof authorityRuleBody>;

export const authorityRuleSchema = z.object({
  classKey: z.string().nullable(),
  classLabel: z.string().nullable(),
  field: z.string().nullable(),
  order: z.array(z.object({ source: z.string(), ttlDays: z.number().int() })),
  otherTtlDays: z.number().int(),
  /** `default` as shipped, `changed` a shipped rule with another content, `added` one of your own. */
  origin: z.enum(['default', 'changed', 'added']),
  changedAt: instantSchema.nullable(),
  changedBy: z.string().nullable(),
});
export type AuthorityRule = z.infer<typeof authorityRuleSchema>;

const tag = 'assets';

export const listAuthorityRules = defineRoute({
  method: 'GET',
  path: '/api/v1/authority-rules',
  tag,
  access: 'discovery:read',
  summary: 'Which source is believed, per class and field',
  description:
    'The most specific rule holds: class and field, class, the classes above it, field, any. A manual value stands before all sources until it is released. A source that is silent for longer than its time to live gives way to a fresher one below it.',
  response: z.object({
    items: z.array(authorityRuleSchema),
    /** Every source that has reported or stands in a rule. */
    sources: z.array(z.string()),
  }),
});

export const putAuthorityRule = defineRoute({
  method: 'PUT',
  path: '/api/v1/authority-rules',
  tag,
  access: 'settings:write',
  summary: 'Set the order of sources for a class and field',
  description: 'A job then chooses the values of the assets anew; the preview says how many change.',
  status: 202,
  body: authorityRuleBody,
  response: z.object({ jobId: idSchema }),
  errors: ['validation_failed'],
});

export const resetAuthorityRule = defineRoute({
  method: 'POST',
  path: '/api/v1/authority-rules/reset',
  tag,
  access: 'settings:write',
  summary: 'Go back to the shipped order, or remove a rule of your own',
  status: 202,
  body: z.object(scope),
  response: z.object({ jobId: idSchema }),
  errors: ['not_found', 'validation_failed'],
});

export const authorityPreviewSchema = z.object({
  /** Assets with values of several sources that were looked at. */
  examined: z.number().int(),
  /** False: there are more than were looked at, and the counts are of those only. */
  complete: z.boolean(),
  assets: z.number().int(),
  changes: z.number().int(),
  examples: z.array(
    z.object({
      asset: z.object({ id: idSchema, label: z.string() }),
      field: z.string(),
      from: z.union([z.string(), z.number(), z.null()]),
      to: z.union([z.string(), z.number(), z.null()]),
      source: z.string().nullable(),
    }),
  ),
});
export type AuthorityPreview = z.infer<typeof authorityPreviewSchema>;

export const previewAuthorityRule = defineRoute({
  method: 'POST',
  path: '/api/v1/authority-rules/preview',
  tag,
  access: 'settings:write',
  summary: 'How many assets a rule would change',
  description: 'Writes nothing. At most 5,000 assets with several sources are looked at; `complete` says whether those are all.',
  body: authorityRuleBody,
  response: authorityPreviewSchema,
  errors: ['validation_failed'],
});
