import { z } from 'zod';
import { connectorKind, connectorKindKeys, secretsSchemaOf, settingsSchemaOf } from './connector-kinds.ts';
import { dateSchema, instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { jobStartedSchema } from './jobs.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export * from './connector-kinds.ts';

const tag = 'Connectors';
const byId = z.object({ id: idSchema });

/** `ok`: every listing was complete. `partly`: some were. `failing`: none was. */
export const connectorHealths = ['ok', 'partly', 'failing', 'never_run', 'paused'] as const;
export const runStates = ['queued', 'running', 'ok', 'partly', 'failed', 'cancelled'] as const;
/** What became of one listing. `stale`: it was complete, but too long ago. `never`: it was not tried yet. */
export const cellStates = ['ok', 'denied', 'throttled', 'timed_out', 'failed', 'cancelled', 'stale', 'never'] as const;
export type CellState = (typeof cellStates)[number];

export const connectorResource = defineResource({
  name: 'connectors',
  label: 'Connector',
  plural: 'Connectors',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    kind: {
      type: 'enum',
      label: 'Kind',
      values: connectorKindKeys,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    health: {
      type: 'enum',
      label: 'Health',
      about: 'What the last run came to.',
      values: connectorHealths,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    enabled: { type: 'boolean', label: 'Enabled', notNull: true, sortable: true, filterable: true, column: 'optional' },
    everyMinutes: {
      type: 'integer',
      label: 'Every',
      about: 'Without it the connector runs only when someone starts it.',
      sortable: true,
      filterable: true,
      column: 'shown',
      unit: 'min',
    },
    devices: { type: 'integer', label: 'Devices', about: 'Listed by the last run.', sortable: true, filterable: true, column: 'shown' },
    lastRunAt: { type: 'instant', label: 'Last run', sortable: true, filterable: true, column: 'shown' },
    lastOkAt: {
      type: 'instant',
      label: 'Last complete run',
      about: 'When every listing was complete.',
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    nextRunAt: { type: 'instant', label: 'Next run', sortable: true, filterable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const connectorListRoutes = listRoutesOf(connectorResource, '/api/v1/connectors', 'discovery:read');

export const connectorCellSchema = z.object({
  scope: z.string(),
  label: z.string(),
  provides: z.enum(['devices', 'software', 'people']),
  state: z.enum(cellStates),
  /** What the vendor must grant; only where it was denied. */
  missingPermission: z.string().nullable(),
  message: z.string().nullable(),
  /** Rows of the latest attempt. */
  rows: z.number().int(),
  pages: z.number().int(),
  lastAt: instantSchema.nullable(),
  lastOkAt: instantSchema.nullable(),
  /** What the latest attempts came to, oldest first. */
  trend: z.array(z.enum(cellStates)),
  /** Once listed, and no longer in the last complete listing. */
  missing: z.number().int(),
});
export type ConnectorCell = z.infer<typeof connectorCellSchema>;

const settingValue = z.union([z.string(), z.number(), z.boolean()]);
export const connectorSchema = z.object({
  id: idSchema,
  name: z.string(),
  kind: z.enum(connectorKindKeys),
  enabled: z.boolean(),
  everyMinutes: z.number().int().nullable(),
  settings: z.record(z.string(), settingValue),
  /** Which credentials are stored; what they are is never answered. */
  secretsSet: z.array(z.string()),
  health: z.enum(connectorHealths),
  lastRunAt: instantSchema.nullable(),
  lastOkAt: instantSchema.nullable(),
  nextRunAt: instantSchema.nullable(),
  cells: z.array(connectorCellSchema),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type Connector = z.infer<typeof connectorSchema>;

const nameSchema = z.string().trim().min(1, 'must not be empty').max(100);
const everySchema = z.number().int().min(5, 'every five minutes at most').max(43_200).nullable();

/** One shape for each kind, so that everything wrong is said at once. */
export const connectorCreateSchema = z.discriminatedUnion(
  'kind',
  connectorKindKeys.map((key) =>
    z.strictObject({
      kind: z.literal(key),
      name: nameSchema,
      enabled: z.boolean().default(true),
      everyMinutes: everySchema.default(1440),
      settings: settingsSchemaOf(connectorKind(key)),
      secrets: secretsSchemaOf(connectorKind(key)),
    }),
  ) as never,
) as unknown as z.ZodType<ConnectorCreate, ConnectorCreateInput>;
export interface ConnectorCreate {
  kind: (typeof connectorKindKeys)[number];
  name: string;
  enabled: boolean;
  everyMinutes: number | null;
  settings: Record<string, string | number | boolean>;
  secrets: Record<string, string>;
}
export type ConnectorCreateInput = Omit<ConnectorCreate, 'enabled' | 'everyMinutes'> & { enabled?: boolean; everyMinutes?: number | null };

export const createConnector = defineRoute({
  method: 'POST',
  path: '/api/v1/connectors',
  summary: 'Add a connector',
  description: 'Settings depend on the kind. Credentials are kept encrypted and never answered.',
  tag,
  access: 'discovery:write',
  body: connectorCreateSchema,
  response: connectorSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const getConnector = defineRoute({
  method: 'GET',
  path: '/api/v1/connectors/:id',
  summary: 'One connector with its cells',
  tag,
  access: 'discovery:read',
  params: byId,
  response: connectorSchema,
  errors: ['not_found'],
});
export const updateConnector = defineRoute({
  method: 'PATCH',
  path: '/api/v1/connectors/:id',
  summary: 'Change a connector',
  description:
    'Settings and credentials that are left out stay. Whoever changes where the credentials are sent (an address, a tenant) enters them again.',
  tag,
  access: 'discovery:write',
  params: byId,
  body: z.strictObject({
    name: nameSchema.optional(),
    enabled: z.boolean().optional(),
    everyMinutes: everySchema.optional(),
    settings: z.record(z.string(), settingValue).optional(),
    secrets: z.record(z.string(), z.string()).optional(),
  }),
  response: connectorSchema,
  ifMatch: true,
  errors: ['not_found', 'conflict', 'validation_failed'],
});
export const runConnector = defineRoute({
  method: 'POST',
  path: '/api/v1/connectors/:id/run',
  summary: 'Run a connector now',
  tag,
  access: 'discovery:write',
  params: byId,
  response: jobStartedSchema.extend({ runId: idSchema }),
  status: 202,
  errors: ['not_found', 'conflict'],
});

export const connectorRunSchema = z.object({
  id: idSchema,
  jobId: idSchema,
  state: z.enum(runStates),
  startedBy: z.string(),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  devices: z.number().int(),
  people: z.number().int(),
  requests: z.number().int(),
  message: z.string().nullable(),
});
export type ConnectorRun = z.infer<typeof connectorRunSchema>;
export const connectorRunDetailSchema = connectorRunSchema.extend({
  cells: z.array(
    z.object({
      scope: z.string(),
      label: z.string(),
      /** Null while it is under way or waits for its turn. */
      state: z.enum(cellStates).nullable(),
      missingPermission: z.string().nullable(),
      message: z.string().nullable(),
      rows: z.number().int(),
      pages: z.number().int(),
      finishedAt: instantSchema.nullable(),
    }),
  ),
  log: z.array(
    z.object({ at: instantSchema, level: z.enum(['info', 'warning', 'error']), scope: z.string().nullable(), message: z.string() }),
  ),
});
export type ConnectorRunDetail = z.infer<typeof connectorRunDetailSchema>;

export const listConnectorRuns = defineRoute({
  method: 'GET',
  path: '/api/v1/connectors/:id/runs',
  summary: 'The latest runs of a connector',
  tag,
  access: 'discovery:read',
  params: byId,
  response: z.object({ items: z.array(connectorRunSchema) }),
  errors: ['not_found'],
});
export const getConnectorRun = defineRoute({
  method: 'GET',
  path: '/api/v1/connectors/:id/runs/:runId',
  summary: 'One run with its cells and its log',
  tag,
  access: 'discovery:read',
  params: z.object({ id: idSchema, runId: idSchema }),
  response: connectorRunDetailSchema,
  errors: ['not_found'],
});

export const coverageSchema = z.object({
  connectors: z.array(
    z.object({
      connector: refSchema,
      kind: z.enum(connectorKindKeys),
      enabled: z.boolean(),
      everyMinutes: z.number().int().nullable(),
      cells: z.array(connectorCellSchema),
    }),
  ),
  /** Everything that reports, agents too: assets it sees now. */
  sources: z.array(z.object({ source: z.string(), assets: z.number().int(), held: z.number().int(), lastReceivedAt: instantSchema })),
  /** Assets in device management whose agent has been silent for 30 days, or that have none. */
  managedWithoutAgent: z.number().int(),
  oneSource: z.number().int(),
  assets: z.number().int(),
  /** What the network shows, no source tells of and nobody ignores: the open rows of unmanaged hosts. */
  unmanaged: z.object({
    hosts: z.number().int(),
    random: z.number().int().meta({ description: 'Addresses that devices make up and change, apart; folded into few rows.' }),
  }),
});
export type Coverage = z.infer<typeof coverageSchema>;
export const getCoverage = defineRoute({
  method: 'GET',
  path: '/api/v1/coverage',
  summary: 'What each source lists, whether it may, and where sources disagree',
  tag,
  access: 'discovery:read',
  response: coverageSchema,
});

/** Days that are kept. */
export const mostTrendDays = 400;
export const coverageTrendSchema = z.object({
  countedAt: instantSchema.nullable(),
  /** The oldest first; a day without a count is left out. */
  days: z.array(
    z.object({
      day: dateSchema,
      assets: z.number().int(),
      managedWithoutAgent: z.number().int(),
      oneSource: z.number().int(),
      onlyInNetwork: z.number().int(),
    }),
  ),
  sources: z.array(
    z.object({
      source: z.string(),
      days: z.array(
        z.object({
          day: dateSchema,
          assets: z.number().int(),
          held: z.number().int(),
          reports: z.number().int(),
          failures: z.number().int(),
        }),
      ),
    }),
  ),
  cells: z.array(
    z.object({
      connectorId: idSchema,
      scope: z.string(),
      days: z.array(z.object({ day: dateSchema, state: z.enum(cellStates), rows: z.number().int(), missing: z.number().int() })),
    }),
  ),
});
export type CoverageTrend = z.infer<typeof coverageTrendSchema>;
export const getCoverageTrend = defineRoute({
  method: 'GET',
  path: '/api/v1/coverage/trend',
  summary: 'Coverage day by day: figures, sources, and listings of connectors',
  description: 'Counted every hour; a day keeps its last count. Days are those of UTC.',
  tag,
  access: 'discovery:read',
  query: z.object({ days: z.coerce.number().int().min(1).max(mostTrendDays).default(90) }),
  response: coverageTrendSchema,
});

/** One row for each asset that anything reports: who sees it, and how long ago. */
export const assetCoverageResource = defineResource({
  name: 'asset-coverage',
  label: 'Covered asset',
  plural: 'Covered assets',
  titleField: 'asset',
  defaultSort: 'asset',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, sortable: true, filterable: true, column: 'shown' },
    class: { type: 'text', label: 'Class', notNull: true, sortable: true, filterable: true, facet: true, column: 'shown' },
    sources: {
      type: 'text',
      label: 'Sources',
      about: 'Who reports it, in order.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    sourceCount: { type: 'integer', label: 'Number of sources', notNull: true, sortable: true, filterable: true, column: 'shown' },
    managed: {
      type: 'boolean',
      label: 'In device management',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    agentRecent: {
      type: 'boolean',
      label: 'Agent within 30 days',
      about: 'An agent on it reported in the last 30 days.',
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    agentAt: { type: 'instant', label: 'Agent reported', sortable: true, filterable: true, column: 'shown' },
    managedAt: { type: 'instant', label: 'Device management reported', sortable: true, filterable: true, column: 'shown' },
    lastReceivedAt: { type: 'instant', label: 'Last received', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const assetCoverageListRoutes = listRoutesOf(assetCoverageResource, '/api/v1/coverage/assets', 'discovery:read');
