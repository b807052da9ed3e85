import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listQuerySchema, pageOf } from './listing.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';
import { recognitionKinds } from './software.ts';

const idParams = z.object({ id: idSchema });

/** Which source said it and when it last reported. */
const told = { observationId: idSchema, source: z.string(), seenAt: instantSchema };

export const hardwareSchema = z.object({
  /** The facts of each source: bios, processor, operating system, chassis. */
  facts: z.array(
    z.object({
      ...told,
      facts: z.record(z.string(), z.unknown()),
      sockets: z.number().int().nullable(),
      cores: z.number().int().nullable(),
      threads: z.number().int().nullable(),
      memoryMb: z.number().int().nullable(),
      vmSystem: z.string().nullable(),
    }),
  ),
  interfaces: z.array(
    z.object({
      ...told,
      name: z.string(),
      mac: z.string().nullable(),
      ips: z.array(z.string()),
      type: z.string().nullable(),
      virtual: z.boolean(),
      speedMbps: z.number().int().nullable(),
      up: z.boolean().nullable(),
    }),
  ),
  storage: z.array(
    z.object({
      ...told,
      name: z.string(),
      model: z.string().nullable(),
      serial: z.string().nullable(),
      type: z.string().nullable(),
      sizeMb: z.number().nullable(),
      interface: z.string().nullable(),
      firmware: z.string().nullable(),
    }),
  ),
  volumes: z.array(
    z.object({
      ...told,
      mount: z.string(),
      label: z.string().nullable(),
      device: z.string().nullable(),
      filesystem: z.string().nullable(),
      totalMb: z.number().nullable(),
      freeMb: z.number().nullable(),
      encrypted: z.boolean().nullable(),
    }),
  ),
  monitors: z.array(z.object({ ...told, name: z.string().nullable(), manufacturer: z.string().nullable(), serial: z.string().nullable() })),
  users: z.array(
    z.object({
      login: z.string(),
      domain: z.string().nullable(),
      firstSeenAt: instantSchema,
      lastSeenAt: instantSchema,
      person: refSchema.nullable(),
    }),
  ),
  /** The sections kept as reported, to open with the sections route. */
  sections: z.array(
    z.object({ observationId: idSchema, source: z.string(), section: z.string(), changedAt: instantSchema, bytes: z.number().int() }),
  ),
});
export type Hardware = z.infer<typeof hardwareSchema>;

export const getAssetHardware = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/hardware',
  tag: 'inventory',
  access: 'assets:read',
  summary: 'Hardware, interfaces, storage and users of an asset, each with its source and age',
  params: idParams,
  response: hardwareSchema,
  errors: ['not_found'],
});

const installationFields = {
  title: {
    type: 'text',
    label: 'Title',
    about: 'The raw name, as reported.',
    notNull: true,
    sortable: true,
    filterable: true,
    column: 'shown',
    aliases: ['name', 'software'],
  },
  version: { type: 'text', label: 'Version', sortable: true, filterable: true, column: 'shown' },
  publisher: { type: 'text', label: 'Publisher', about: 'As reported.', sortable: true, filterable: true, column: 'shown' },
  product: {
    type: 'ref',
    to: 'products',
    label: 'Product',
    about: 'What it was recognised as.',
    sortable: true,
    filterable: true,
    column: 'shown',
  },
  edition: { type: 'text', label: 'Edition', filterable: true, column: 'optional' },
  kind: {
    type: 'enum',
    label: 'Kind',
    values: [...recognitionKinds, 'unknown'],
    notNull: true,
    filterable: true,
    facet: true,
    column: 'shown',
  },
  channel: {
    type: 'enum',
    label: 'Channel',
    about: 'How it was installed: msi, registry, deb, rpm, ...',
    notNull: true,
    sortable: true,
    filterable: true,
    facet: true,
    column: 'shown',
  },
  arch: { type: 'text', label: 'Architecture', filterable: true, column: 'optional' },
  firstSeen: { type: 'instant', label: 'First seen', notNull: true, sortable: true, filterable: true, column: 'shown' },
  lastSeen: { type: 'instant', label: 'Last seen', notNull: true, sortable: true, filterable: true, column: 'optional' },
  removedAt: {
    type: 'instant',
    label: 'Removed',
    about: 'Empty while it is installed.',
    sortable: true,
    filterable: true,
    column: 'optional',
  },
  installedOn: { type: 'date', label: 'Installed on', about: 'As the machine says.', sortable: true, filterable: true, column: 'optional' },
  lastUsed: {
    type: 'instant',
    label: 'Last used',
    about: 'To a day, where an agent tells it: osquery on macOS and Windows.',
    sortable: true,
    filterable: true,
    column: 'optional',
  },
  source: { type: 'enum', label: 'Source', notNull: true, sortable: true, filterable: true, facet: true, column: 'optional' },
  path: { type: 'text', label: 'Path', filterable: true, column: 'optional' },
  user: { type: 'text', label: 'For user', about: 'Set when it is installed for one user only.', filterable: true, column: 'optional' },
  evidence: {
    type: 'integer',
    label: 'Evidence',
    about: 'Id of the raw title.',
    notNull: true,
    sortable: true,
    filterable: true,
    column: 'optional',
  },
} as const;

/** The software of one asset. */
export const assetSoftwareResource = defineResource({
  name: 'software',
  label: 'Title',
  plural: 'Titles',
  titleField: 'title',
  defaultSort: 'title',
  asOf: true,
  fields: { id: { type: 'text', label: 'Id', notNull: true, column: 'optional' }, ...installationFields },
});

export const getAssetSoftware = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/software',
  tag: 'inventory',
  access: 'assets:read',
  summary: 'Software of an asset',
  description: 'What is installed now; `show=removed` or `show=all` for the past, `as_of` for a day.',
  params: idParams,
  query: listQuerySchema.extend({ show: z.enum(['current', 'removed', 'all']).default('current') }),
  response: pageOf(assetSoftwareResource),
  errors: ['not_found', 'bad_filter', 'bad_cursor'],
});

/** Evidence on assets, over the whole organisation. */
export const installationResource = defineResource({
  name: 'installations',
  label: 'Installation',
  plural: 'Installations',
  titleField: 'title',
  defaultSort: 'evidence',
  fields: {
    id: { type: 'text', label: 'Id', notNull: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, sortable: true, filterable: true, column: 'shown' },
    assetClass: { type: 'enum', label: 'Asset class', notNull: true, filterable: true, facet: true, column: 'optional' },
    ...installationFields,
  },
  asOf: true,
});
export const installationListRoutes = listRoutesOf(installationResource, '/api/v1/installations', 'software:read');

export const identityKeySchema = z.object({
  kind: z.string(),
  value: z.string(),
  quality: z.enum(['good', 'weak', 'shared', 'placeholder']),
  reason: z.string().nullable(),
});

/** What each source says it is, and how Muster decided which asset that is. */
/** What reports an asset, and by which keys. */
export const identityObservationsSchema = z.array(
  z.object({
    id: idSchema,
    source: z.string(),
    nativeId: z.string(),
    agentId: z.string().nullable(),
    agentVersion: z.string().nullable(),
    itemType: z.string(),
    tag: z.string().nullable(),
    firstReceivedAt: instantSchema,
    lastReceivedAt: instantSchema,
    lastFullAt: instantSchema.nullable(),
    reports: z.number().int(),
    keys: z.array(identityKeySchema),
  }),
);

export const assetIdentitySchema = z.object({
  observations: identityObservationsSchema,
  decisions: z.array(
    z.object({
      id: idSchema,
      observationId: idSchema,
      at: instantSchema,
      /** `same`, `link`, `create`, `hold` or `conflict`. */
      outcome: z.string(),
      rule: z.string(),
      /** Sentences for people. */
      reasons: z.array(z.string()),
      /** Every candidate that was compared. */
      candidates: z.array(z.object({ assetId: idSchema, agrees: z.array(z.string()), contradicts: z.array(z.string()) })),
    }),
  ),
});
export type AssetIdentity = z.infer<typeof assetIdentitySchema>;

export const getAssetIdentity = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/identity',
  tag: 'inventory',
  access: 'assets:read',
  summary: 'Observations of an asset, their keys, and the decisions that linked them',
  params: idParams,
  response: assetIdentitySchema,
  errors: ['not_found'],
});

export const getObservationSection = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/observations/:observationId/sections/:section',
  tag: 'inventory',
  access: 'assets:read',
  summary: 'A section exactly as the source reported it',
  params: z.object({ id: idSchema, observationId: idSchema, section: z.string().min(1).max(100) }),
  response: z.object({ section: z.string(), source: z.string(), changedAt: instantSchema, content: z.unknown() }),
  errors: ['not_found'],
});

/** One source's latest report about one thing; also those that no asset could be made of yet. */
export const observationResource = defineResource({
  name: 'observations',
  label: 'Observation',
  plural: 'Observations',
  titleField: 'nativeId',
  defaultSort: '-lastReceivedAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    source: { type: 'enum', label: 'Source', notNull: true, sortable: true, filterable: true, facet: true, column: 'shown' },
    nativeId: {
      type: 'text',
      label: 'Native id',
      about: 'What the source calls it.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    asset: { type: 'ref', to: 'assets', label: 'Asset', sortable: true, filterable: true, column: 'shown' },
    held: {
      type: 'boolean',
      label: 'Held',
      about: 'No asset yet: see the decision.',
      notNull: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    reason: { type: 'text', label: 'Last decision', column: 'shown' },
    itemType: { type: 'text', label: 'Item type', notNull: true, filterable: true, column: 'optional' },
    tag: { type: 'text', label: 'Tag', filterable: true, column: 'optional' },
    agentVersion: { type: 'text', label: 'Agent', filterable: true, column: 'optional' },
    reports: { type: 'integer', label: 'Reports', notNull: true, sortable: true, filterable: true, column: 'optional' },
    firstReceivedAt: { type: 'instant', label: 'First received', notNull: true, sortable: true, filterable: true, column: 'optional' },
    lastReceivedAt: { type: 'instant', label: 'Last received', notNull: true, sortable: true, filterable: true, column: 'shown' },
  },
});
export const observationListRoutes = listRoutesOf(observationResource, '/api/v1/observations', 'discovery:read');

export const getHeldSection = defineRoute({
  method: 'GET',
  path: '/api/v1/observations/:id/sections/:section',
  tag: 'inventory',
  access: 'discovery:read',
  summary: 'A section of an observation, held or linked, exactly as reported',
  params: z.object({ id: idSchema, section: z.string().min(1).max(100) }),
  response: z.object({ section: z.string(), source: z.string(), changedAt: instantSchema, content: z.unknown() }),
  errors: ['not_found'],
});
