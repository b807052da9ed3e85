import { z } from 'zod';
import { connectorSources } from './connector-kinds.ts';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema, rowSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** Who sent it, as told by its body and headers. */
export const agentFamilies = ['glpi', 'fusioninventory', 'ocs', 'osquery', 'collector', 'unknown'] as const;
/** An agent's family, or the source of a connector. */
export const reportFamilies = [...agentFamilies, ...connectorSources] as [string, ...string[]];
/** What a delivery holds. Short talk (`prolog`, `contact`, `get_params`) is answered and not stored, so it never shows here. */
export const reportKinds = ['inventory', 'netdiscovery', 'netinventory', 'netscan', 'unknown'] as const;
/** `pending` waits for a worker; `held` is kept until a full report of the machine arrives; `failed` can be tried again. */
export const reportStates = ['pending', 'done', 'held', 'failed', 'ignored'] as const;
/** What identity made of it. */
export const reportOutcomes = ['created', 'linked', 'held', 'ignored'] as const;

/** One delivery of an agent, scan or connector. The same content delivered twice is two deliveries and one observation. */
export const reportResource = defineResource({
  name: 'reports',
  label: 'Report',
  plural: 'Reports',
  titleField: 'deviceId',
  defaultSort: '-receivedAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional' },
    receivedAt: {
      type: 'instant',
      label: 'Received',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'shown',
      aliases: ['received'],
    },
    family: {
      type: 'enum',
      label: 'Agent',
      values: reportFamilies,
      notNull: true,
      filterable: true,
      facet: true,
      column: 'shown',
      aliases: ['agent'],
    },
    kind: { type: 'enum', label: 'Kind', values: reportKinds, notNull: true, filterable: true, facet: true, column: 'shown' },
    deviceId: {
      type: 'text',
      label: 'Device id',
      about: 'The agent’s own name for the machine.',
      filterable: true,
      sortable: true,
      column: 'shown',
      aliases: ['device'],
    },
    deviceKey: {
      type: 'text',
      label: 'Device key',
      about: 'Orders the reports of one machine: family and device id.',
      notNull: true,
      filterable: true,
      column: 'optional',
    },
    state: { type: 'enum', label: 'State', values: reportStates, notNull: true, filterable: true, facet: true, column: 'shown' },
    outcome: {
      type: 'enum',
      label: 'Outcome',
      about: 'What identity made of it.',
      values: reportOutcomes,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    asset: { type: 'ref', label: 'Asset', to: 'assets', filterable: true, column: 'shown' },
    warnings: {
      type: 'integer',
      label: 'Warnings',
      about: 'Parts that were dropped or changed.',
      notNull: true,
      filterable: true,
      sortable: true,
      column: 'shown',
    },
    partial: {
      type: 'boolean',
      label: 'Partial',
      about: 'Only what changed; known once it is processed.',
      filterable: true,
      column: 'optional',
    },
    bytes: { type: 'integer', label: 'Bytes received', notNull: true, sortable: true, filterable: true, column: 'shown', unit: 'B' },
    inflatedBytes: { type: 'integer', label: 'Bytes inflated', notNull: true, filterable: true, column: 'optional', unit: 'B' },
    userAgent: { type: 'text', label: 'User agent', filterable: true, column: 'optional' },
    agentVersion: { type: 'text', label: 'Agent version', filterable: true, facet: true, column: 'optional' },
    agentId: { type: 'text', label: 'Agent id', filterable: true, column: 'optional' },
    enrolmentKey: { type: 'ref', label: 'Enrolment key', to: 'enrolment-keys', filterable: true, column: 'optional', aliases: ['key'] },
    ip: { type: 'text', label: 'From address', filterable: true, column: 'optional' },
    attempts: { type: 'integer', label: 'Attempts', notNull: true, filterable: true, column: 'optional' },
    processedAt: { type: 'instant', label: 'Processed', filterable: true, column: 'optional' },
    error: { type: 'text', label: 'Error', filterable: true, column: 'optional' },
  },
});

export const reportListRoutes = listRoutesOf(reportResource, '/api/v1/reports', 'discovery:read');

export const reportSchema = rowSchema(reportResource);
export type ReportRow = z.infer<typeof reportSchema>;

export const reportWarningSchema = z.object({
  code: z.string().meta({ description: 'Stable, for example `bad_date`, `row_dropped`, `truncated_body`, `invalid_utf8`.' }),
  path: z.string().meta({ description: 'Where, for example `softwares[17].install_date`.' }),
  message: z.string(),
});

export const reportDetailSchema = z.object({
  report: reportSchema,
  warnings: z.array(reportWarningSchema),
  /** The observation this delivery updated; null while it waits or when it was not understood. */
  observation: z.object({ id: idSchema, source: z.string(), nativeId: z.string() }).nullable(),
  /** The identity decision in force for that observation, newest one at or after this delivery. */
  decision: z.object({ id: idSchema, at: instantSchema, outcome: z.string(), rule: z.string(), reasons: z.unknown() }).nullable(),
  contentType: z.string().nullable(),
  /** False once retention removed the original. */
  bodyAvailable: z.boolean(),
});
export type ReportDetail = z.infer<typeof reportDetailSchema>;

const idParams = z.object({ id: idSchema });

export const getReport = defineRoute({
  method: 'GET',
  path: '/api/v1/reports/:id',
  summary: 'Read a report with its warnings and its identity decision',
  tag: 'Discovery',
  access: 'discovery:read',
  params: idParams,
  response: reportDetailSchema,
  errors: ['not_found'],
});

export const retryReport = defineRoute({
  method: 'POST',
  path: '/api/v1/reports/:id/retry',
  summary: 'Process a report again',
  description:
    'Puts a failed, held or ignored report back in the queue. A report that is done is processed again too: it changes nothing unless rules or code did.',
  tag: 'Discovery',
  access: 'discovery:write',
  params: idParams,
  response: reportDetailSchema,
  errors: ['not_found', 'conflict'],
});

export const getReportBody = defineRoute({
  method: 'GET',
  path: '/api/v1/reports/:id/body',
  summary: 'Download the original body of a report',
  description: 'Inflated; `?as=received` gives the very bytes that arrived.',
  tag: 'Discovery',
  access: 'discovery:read',
  params: idParams,
  query: z.object({ as: z.enum(['inflated', 'received']).default('inflated') }),
  produces: 'application/octet-stream',
  errors: ['not_found'],
});

export const sourceSchema = z.object({
  family: z.enum(reportFamilies),
  enrolmentKey: refSchema.nullable(),
  /** Distinct machines that reported with this agent family and key. */
  machines: z.number().int(),
  lastReportAt: instantSchema.nullable(),
  reports24h: z.number().int(),
  failures24h: z.number().int(),
  held: z.number().int(),
});
export type Source = z.infer<typeof sourceSchema>;

export const inboxStatusSchema = z.object({
  pending: z.number().int(),
  oldestPendingAt: instantSchema.nullable(),
  processed24h: z.number().int(),
  failed24h: z.number().int(),
});

export const listSources = defineRoute({
  method: 'GET',
  path: '/api/v1/sources',
  summary: 'What reports, by agent family and enrolment key',
  tag: 'Discovery',
  access: 'discovery:read',
  response: z.object({ items: z.array(sourceSchema), inbox: inboxStatusSchema }),
});
export type SourcesAnswer = z.infer<NonNullable<(typeof listSources)['response']>>;

/** How long originals of processed reports are kept; the latest full report of each machine is always kept. */
export const inboxSettingsSchema = z.object({ keepBodiesDays: z.number().int().min(1).max(3650) });
export const getInboxSettings = defineRoute({
  method: 'GET',
  path: '/api/v1/settings/inbox',
  summary: 'Read how long original report bodies are kept',
  tag: 'Discovery',
  access: 'settings:read',
  response: inboxSettingsSchema,
});
export const putInboxSettings = defineRoute({
  method: 'PUT',
  path: '/api/v1/settings/inbox',
  summary: 'Set how long original report bodies are kept',
  tag: 'Discovery',
  access: 'settings:write',
  body: inboxSettingsSchema,
  response: inboxSettingsSchema,
});
