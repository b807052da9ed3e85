import { z } from 'zod';
import { dateSchema } from './dates.ts';
import { defineRoute } from './route.ts';

/** The rules that turn facts into licences required. Their texts and numbers are data in content/metrics. */
export const metricKeys = ['per_device', 'per_installation', 'per_named_user', 'site', 'windows_server_core'] as const;
export const metricKeySchema = z.enum(metricKeys);
export type MetricKey = z.infer<typeof metricKeySchema>;

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
  tag: 'Licensing',
  access: 'licences:read',
  response: z.object({ rulesVersion: z.string(), items: z.array(metricSchema) }),
});
