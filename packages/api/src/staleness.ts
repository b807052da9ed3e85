import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineRoute } from './route.ts';

const days = z.number().int().min(1).max(36_500);

export const stalenessBody = z
  .object({
    /** null: any class that has no limits of its own or above it. */
    classKey: z.string().min(1).max(60).nullable(),
    staleDays: days,
    missingDays: days,
    retireDays: days,
  })
  .superRefine((body, context) => {
    if (body.missingDays <= body.staleDays)
      context.addIssue({ code: 'custom', path: ['missingDays'], message: 'An asset is missing later than it is stale.' });
    if (body.retireDays <= body.missingDays)
      context.addIssue({
        code: 'custom',
        path: ['retireDays'],
        message: 'An asset is a candidate for retirement later than it is missing.',
      });
  });
export type StalenessBody = z.infer<typeof stalenessBody>;

export const stalenessLimitsSchema = z.object({
  classKey: z.string().nullable(),
  classLabel: z.string().nullable(),
  staleDays: z.number().int(),
  missingDays: z.number().int(),
  retireDays: z.number().int(),
  /** `shipped` for this class, `changed` here, `inherited` from `from`. */
  origin: z.enum(['shipped', 'changed', 'inherited']),
  /** The class whose limits these are; null: those for any class. */
  from: z.string().nullable(),
  changedAt: instantSchema.nullable(),
  changedBy: z.string().nullable(),
});
export type StalenessLimitsRow = z.infer<typeof stalenessLimitsSchema>;

const response = z.object({ items: z.array(stalenessLimitsSchema) });
const tag = 'assets';

export const listStaleness = defineRoute({
  method: 'GET',
  path: '/api/v1/staleness-limits',
  tag,
  access: 'assets:read',
  summary: 'After how many days without a report an asset is stale, missing, a candidate for retirement',
  description: 'One row per class with the limits in force; the field `freshness` of an asset follows them at once.',
  response,
});

export const putStaleness = defineRoute({
  method: 'PUT',
  path: '/api/v1/staleness-limits',
  tag,
  access: 'settings:write',
  summary: 'Set the limits of a class',
  body: stalenessBody,
  response,
  errors: ['validation_failed'],
});

export const resetStaleness = defineRoute({
  method: 'POST',
  path: '/api/v1/staleness-limits/reset',
  tag,
  access: 'settings:write',
  summary: 'Go back to the shipped or inherited limits of a class',
  body: z.object({ classKey: z.string().min(1).max(60).nullable() }),
  response,
  errors: ['not_found'],
});
