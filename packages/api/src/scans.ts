import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export * from './credential-sets.ts';

/** Network scans: what is scanned, with which credentials, and what came of it. A collector does the work; see collector.ts. */
export const scanRunStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type ScanRunState = (typeof scanRunStates)[number];

export const scanRangeResource = defineResource({
  name: 'scan-ranges',
  label: 'Network',
  plural: 'Networks',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    ranges: {
      type: 'text',
      label: 'Ranges',
      about: 'What is scanned, separated by commas.',
      notNull: true,
      filterable: true,
      column: 'shown',
    },
    addresses: { type: 'integer', label: 'Addresses', notNull: true, sortable: true, filterable: true, column: 'shown' },
    collector: {
      type: 'ref',
      label: 'Collector',
      about: 'The key of the collector that scans it.',
      to: 'enrolment-keys',
      filterable: true,
      column: 'shown',
    },
    agent: {
      type: 'text',
      label: 'Agent',
      about: 'The agent that scans it instead of a collector.',
      filterable: true,
      column: 'optional',
    },
    enabled: { type: 'boolean', label: 'Enabled', notNull: true, sortable: true, filterable: true, facet: true, column: 'shown' },
    everyHours: {
      type: 'integer',
      label: 'Every',
      about: 'Hours between scheduled runs; without one it runs on request only.',
      filterable: true,
      sortable: true,
      column: 'shown',
      unit: 'h',
    },
    lastState: { type: 'enum', label: 'Last run', values: scanRunStates, filterable: true, facet: true, column: 'shown' },
    lastRunAt: { type: 'instant', label: 'Last run at', filterable: true, sortable: true, column: 'shown' },
    lastUp: {
      type: 'integer',
      label: 'Answered',
      about: 'Addresses that answered in the last run.',
      filterable: true,
      sortable: true,
      column: 'shown',
    },
    nextRunAt: { type: 'instant', label: 'Next run', filterable: true, sortable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'Write a time of day as HH:MM.');
/** When scanning is allowed, in the collector's local time; it may reach over midnight. */
export const scanWindowSchema = z.strictObject({ from: clock, until: clock });
export type ScanWindow = z.infer<typeof scanWindowSchema>;

/** How a range is scanned; the limits hold for one run. */
const limits = {
  allowPublic: z.boolean().default(false).meta({ description: 'Public addresses are refused unless this is set.' }),
  hostBudget: z.number().int().min(1).max(1_048_576).default(4096).meta({ description: 'Most addresses of one run.' }),
  ratePerSecond: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .meta({ description: 'Most packets a second that the collector sends for this range.' }),
  concurrency: z.number().int().min(1).max(64).default(8).meta({ description: 'Hosts at once.' }),
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(10_000)
    .default(1000)
    .meta({ description: 'How long an answer is waited for, in milliseconds.' }),
  hostSeconds: z.number().int().min(5).max(3600).default(120).meta({ description: 'Most time for one device, in seconds.' }),
  maxRows: z.number().int().min(100).max(200_000).default(60_000).meta({ description: 'Most values read from one device.' }),
  tcpPorts: z.array(z.number().int().min(1).max(65_535)).max(32).default([22, 80, 443, 445, 3389, 9100]),
  snmpPort: z.number().int().min(1).max(65_535).default(161),
  ping: z.boolean().default(true),
  resolveNames: z.boolean().default(true),
  window: scanWindowSchema.nullable().default(null),
};

/** Who scans: one of the two, and only that one ever gets the credentials. */
const scanners = {
  collectorId: idSchema
    .nullable()
    .default(null)
    .meta({ description: 'An enrolment key of the kind `collector`; only a collector with this key scans the range.' }),
  agentId: z.string().min(1).max(400).nullable().default(null).meta({
    description:
      'Instead of a collector: a FusionInventory or GLPI Agent by its id, as in /api/v1/agents. It must go on using the enrolment key that it uses now.',
  }),
};

export const scanRangeCreateSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  ...scanners,
  ranges: z
    .array(z.string().trim().min(1).max(100))
    .min(1)
    .max(100)
    .meta({ description: 'For example `10.0.0.0/24`, `10.0.0.5-10.0.0.9`, `10.0.0.7`.' }),
  excluded: z.array(z.string().trim().min(1).max(100)).max(200).default([]),
  credentialIds: z.array(idSchema).max(16).default([]).meta({ description: 'Credential sets, tried in this order.' }),
  everyHours: z.number().int().min(1).max(8760).nullable().default(null),
  enabled: z.boolean().default(true),
  ...limits,
});
export type ScanRangeCreate = z.output<typeof scanRangeCreateSchema>;
export const scanRangeUpdateSchema = scanRangeCreateSchema;

/** What bounds a scan; times and rates carry their unit in the name, `window` is in the collector's local time. */
export const scanLimits = {
  hostBudget: z.number().int(),
  ratePerSecond: z.number().int(),
  concurrency: z.number().int(),
  timeoutMs: z.number().int(),
  hostSeconds: z.number().int(),
  maxRows: z.number().int(),
  tcpPorts: z.array(z.number().int()),
  snmpPort: z.number().int(),
  ping: z.boolean(),
  resolveNames: z.boolean(),
  window: scanWindowSchema.nullable(),
};

export const scanRangeSchema = z.object({
  id: idSchema,
  name: z.string(),
  collector: refSchema.nullable(),
  agent: z.object({ id: z.string(), label: z.string() }).nullable(),
  ranges: z.array(z.string()),
  excluded: z.array(z.string()),
  addresses: z.number().int(),
  credentials: z.array(refSchema),
  everyHours: z.number().int().nullable(),
  enabled: z.boolean(),
  allowPublic: z.boolean(),
  ...scanLimits,
  nextRunAt: instantSchema.nullable(),
  /** The run that waits or is under way. */
  openRunId: idSchema.nullable(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type ScanRange = z.infer<typeof scanRangeSchema>;

const params = z.object({ id: idSchema });
const shared = { tag: 'Networks' } as const;
export const scanRangeListRoutes = listRoutesOf(scanRangeResource, '/api/v1/scan-ranges', 'discovery:read');
export const getScanRange = defineRoute({
  ...shared,
  method: 'GET',
  path: '/api/v1/scan-ranges/:id',
  summary: 'Get a scanned network',
  access: 'discovery:read',
  params,
  response: scanRangeSchema,
  errors: ['not_found'],
});
export const createScanRange = defineRoute({
  ...shared,
  method: 'POST',
  path: '/api/v1/scan-ranges',
  summary: 'Add a network to scan',
  access: 'discovery:write',
  body: scanRangeCreateSchema,
  response: scanRangeSchema,
  status: 201,
  errors: ['validation_failed'],
});
export const updateScanRange = defineRoute({
  ...shared,
  method: 'PUT',
  path: '/api/v1/scan-ranges/:id',
  summary: 'Change how a network is scanned',
  description: 'Takes the whole description. A run that is under way goes on with what it began with.',
  access: 'discovery:write',
  params,
  body: scanRangeUpdateSchema,
  response: scanRangeSchema,
  ifMatch: true,
  errors: ['validation_failed', 'not_found', 'stale'],
});
export const deleteScanRange = defineRoute({
  ...shared,
  method: 'DELETE',
  path: '/api/v1/scan-ranges/:id',
  summary: 'Remove a network with its runs',
  description: 'The reports of its devices stay.',
  access: 'discovery:write',
  params,
  status: 204,
  errors: ['not_found'],
});
export const runScan = defineRoute({
  ...shared,
  method: 'POST',
  path: '/api/v1/scan-ranges/:id/run',
  summary: 'Scan a network now',
  description:
    'The run waits until the collector or agent of the network asks for work. Refused with `conflict` while another run is open.',
  access: 'discovery:write',
  params,
  response: z.object({ runId: idSchema }),
  status: 202,
  errors: ['not_found', 'conflict'],
});

export const scanRunResource = defineResource({
  name: 'scan-runs',
  label: 'Scan',
  plural: 'Scans',
  titleField: 'range',
  defaultSort: '-requestedAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    range: { type: 'ref', label: 'Network', to: 'scan-ranges', notNull: true, sortable: true, filterable: true, column: 'shown' },
    state: {
      type: 'enum',
      label: 'State',
      values: scanRunStates,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    requestedAt: { type: 'instant', label: 'Requested', notNull: true, sortable: true, filterable: true, column: 'shown' },
    requestedBy: { type: 'text', label: 'Requested by', notNull: true, filterable: true, column: 'optional' },
    startedAt: { type: 'instant', label: 'Started', sortable: true, filterable: true, column: 'optional' },
    finishedAt: { type: 'instant', label: 'Finished', sortable: true, filterable: true, column: 'shown' },
    total: { type: 'integer', label: 'Addresses', sortable: true, filterable: true, column: 'shown' },
    probed: { type: 'integer', label: 'Probed', notNull: true, sortable: true, filterable: true, column: 'shown' },
    up: { type: 'integer', label: 'Answered', notNull: true, sortable: true, filterable: true, column: 'shown' },
    walked: {
      type: 'integer',
      label: 'Read',
      about: 'By SNMP, SSH or WinRM.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    results: {
      type: 'integer',
      label: 'Reports',
      about: 'Hosts whose result is stored.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    message: { type: 'text', label: 'Message', filterable: true, column: 'optional' },
  },
});
export const scanRunListRoutes = listRoutesOf(scanRunResource, '/api/v1/scan-runs', 'discovery:read');

export const scanLogLevels = ['info', 'warning', 'error'] as const;
export const scanLogLineSchema = z.object({
  seq: z.number().int().min(0),
  at: instantSchema,
  level: z.enum(scanLogLevels),
  message: z.string().max(1000),
});
export type ScanLogLine = z.infer<typeof scanLogLineSchema>;

export const scanRunSchema = z.object({
  id: idSchema,
  range: refSchema,
  state: z.enum(scanRunStates),
  requestedAt: instantSchema,
  requestedBy: z.string(),
  startedAt: instantSchema.nullable(),
  lastHeardAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  total: z.number().int().nullable(),
  probed: z.number().int(),
  up: z.number().int(),
  walked: z.number().int(),
  results: z.number().int(),
  message: z.string().nullable(),
  /** The newest 200 lines, oldest first. */
  log: z.array(scanLogLineSchema),
  /** The first 500 hosts with a stored result, by address. */
  hosts: z.array(
    z.object({ address: z.string(), reportId: idSchema, name: z.string().nullable(), values: z.number().int(), missing: z.number().int() }),
  ),
});
export type ScanRun = z.infer<typeof scanRunSchema>;
export const getScanRun = defineRoute({
  ...shared,
  method: 'GET',
  path: '/api/v1/scan-runs/:id',
  summary: 'Get a scan with its progress, log and hosts',
  access: 'discovery:read',
  params,
  response: scanRunSchema,
  errors: ['not_found'],
});
export const cancelScanRun = defineRoute({
  ...shared,
  method: 'POST',
  path: '/api/v1/scan-runs/:id/cancel',
  summary: 'Stop a scan',
  description:
    'The collector stops at its next word with the server; an agent goes on with what it was given. What was found until then stays.',
  access: 'discovery:write',
  params,
  response: scanRunSchema,
  errors: ['not_found', 'conflict'],
});

// ---------------------------------------------------------------- host keys

export const loginMethods = ['ssh', 'winrm'] as const;
export const hostKeyResource = defineResource({
  name: 'host-keys',
  label: 'Host key',
  plural: 'Host keys',
  titleField: 'address',
  defaultSort: 'address',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    address: { type: 'text', label: 'Address', notNull: true, sortable: true, filterable: true, column: 'shown' },
    range: { type: 'ref', label: 'Network', to: 'scan-ranges', notNull: true, sortable: true, filterable: true, column: 'shown' },
    method: {
      type: 'enum',
      label: 'Way in',
      values: loginMethods,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    fingerprint: {
      type: 'text',
      label: 'Fingerprint',
      about: 'SHA-256 of the host key of SSH, or of the certificate of WinRM, as it was at first use.',
      notNull: true,
      filterable: true,
      column: 'shown',
    },
    refused: {
      type: 'text',
      label: 'Refused',
      about: 'Another key that was shown since; nothing was sent to it.',
      filterable: true,
      column: 'shown',
    },
    refusedAt: { type: 'instant', label: 'Refused at', sortable: true, filterable: true, column: 'shown' },
    firstSeenAt: { type: 'instant', label: 'First used', notNull: true, sortable: true, filterable: true, column: 'shown' },
    lastSeenAt: { type: 'instant', label: 'Last seen', notNull: true, sortable: true, filterable: true, column: 'shown' },
  },
});
export const hostKeyListRoutes = listRoutesOf(hostKeyResource, '/api/v1/host-keys', 'discovery:read');
export const forgetHostKey = defineRoute({
  ...shared,
  method: 'DELETE',
  path: '/api/v1/host-keys/:id',
  summary: 'Forget the key of a host',
  description: 'For a host that was installed anew: the next scan takes the key that it shows then.',
  access: 'discovery:write',
  params,
  status: 204,
  errors: ['not_found'],
});
