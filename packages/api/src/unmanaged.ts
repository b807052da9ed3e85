import { z } from 'zod';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const unmanagedStates = ['open', 'ignored'] as const;

/** What the network shows and no source tells of. */
export const unmanagedResource = defineResource({
  name: 'unmanaged-hosts',
  label: 'Unmanaged host',
  plural: 'Unmanaged hosts',
  titleField: 'title',
  defaultSort: '-lastSeen',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    title: { type: 'text', label: 'Host', about: 'Its name, else its MAC address.', notNull: true, filterable: true, column: 'shown' },
    mac: {
      type: 'text',
      label: 'MAC address',
      about: 'Empty for the folded row of random addresses.',
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    ip: { type: 'text', label: 'IP address', filterable: true, column: 'shown' },
    vendor: {
      type: 'text',
      label: 'Vendor',
      about: 'Whom the IEEE gave the first half of the address to.',
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    random: {
      type: 'boolean',
      label: 'Random addresses',
      about: 'Addresses that phones and laptops make up and change; one row for each port or range.',
      notNull: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    count: {
      type: 'integer',
      label: 'Addresses',
      about: 'How many stand behind the row; it stops at 256.',
      notNull: true,
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    device: {
      type: 'ref',
      to: 'assets',
      label: 'Behind',
      about: 'The switch at whose port it is, or the device that told of it.',
      filterable: true,
      column: 'shown',
    },
    port: {
      type: 'text',
      label: 'Port',
      about: 'Only a port without other devices and with few addresses is where a host is plugged in.',
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    range: {
      type: 'text',
      label: 'Range',
      about: 'The scanned network, or the device whose tables told.',
      notNull: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    seenBy: {
      type: 'text',
      label: 'Seen by',
      about: 'arp, fdb (the table of a switch) or sweep.',
      notNull: true,
      filterable: true,
      column: 'shown',
    },
    state: { type: 'enum', label: 'State', values: unmanagedStates, notNull: true, filterable: true, facet: true, column: 'optional' },
    reason: { type: 'text', label: 'Ignored because', filterable: true, column: 'optional' },
    firstSeen: { type: 'instant', label: 'First seen', notNull: true, sortable: true, filterable: true, column: 'shown' },
    lastSeen: { type: 'instant', label: 'Last seen', notNull: true, sortable: true, filterable: true, column: 'shown' },
  },
});
export const unmanagedListRoutes = listRoutesOf(unmanagedResource, '/api/v1/unmanaged-hosts', 'assets:read');

export const unmanagedHostSchema = z.object({
  id: idSchema,
  title: z.string(),
  mac: z.string().nullable(),
  ip: z.string().nullable(),
  vendor: z.string().nullable(),
  random: z.boolean(),
  count: z.number().int(),
  device: refSchema.nullable(),
  port: z.string().nullable(),
  range: z.string(),
  seenBy: z.array(z.string()),
  state: z.enum(unmanagedStates),
  reason: z.string().nullable(),
  ignoredBy: z.string().nullable(),
  firstSeen: z.string(),
  lastSeen: z.string(),
});
export type UnmanagedHost = z.infer<typeof unmanagedHostSchema>;

/** What a host can be made: the words of network scans. */
export const unmanagedKinds = [
  'computer',
  'server',
  'printer',
  'switch',
  'router',
  'firewall',
  'access_point',
  'phone',
  'camera',
  'storage',
  'ups',
  'pdu',
  'sensor',
] as const;

const params = z.object({ id: idSchema });
const shared = { tag: 'Unmanaged hosts' } as const;

export const getUnmanagedHost = defineRoute({
  ...shared,
  method: 'GET',
  path: '/api/v1/unmanaged-hosts/:id',
  summary: 'Get an unmanaged host',
  access: 'assets:read',
  params,
  response: unmanagedHostSchema,
  errors: ['not_found'],
});
export const ignoreUnmanagedHost = defineRoute({
  ...shared,
  method: 'POST',
  path: '/api/v1/unmanaged-hosts/:id/ignore',
  summary: 'Ignore an unmanaged host, with a reason, or no longer',
  access: 'assets:write',
  params,
  body: z.object({
    ignored: z.boolean().default(true),
    reason: z.string().trim().min(1).max(1000),
  }),
  response: unmanagedHostSchema,
  errors: ['not_found', 'conflict'],
});
export const makeAssetOfHost = defineRoute({
  ...shared,
  method: 'POST',
  path: '/api/v1/unmanaged-hosts/:id/asset',
  summary: 'Make an asset of an unmanaged host',
  description: 'It is known again by its MAC address: what a source tells of it later joins it. Refused for a row of random addresses.',
  access: 'assets:write',
  params,
  body: z.object({ kind: z.enum(unmanagedKinds), name: z.string().trim().min(1).max(200).nullable().default(null) }),
  response: z.object({ asset: refSchema }),
  status: 201,
  errors: ['not_found', 'conflict'],
});
export const getUnmanagedLimits = defineRoute({
  ...shared,
  method: 'GET',
  path: '/api/v1/unmanaged-host-limits',
  summary: 'What is kept of unmanaged hosts, and what was not kept in the last seven days',
  access: 'assets:read',
  response: z.object({
    edgeMostMacs: z.number().int(),
    newPerRangeAndDay: z.number().int(),
    ageOutDays: z.number().int(),
    randomAgeOutDays: z.number().int(),
    ignoredAgeOutDays: z.number().int(),
    notKept: z.array(z.object({ day: z.string(), range: z.string(), count: z.number().int() })),
  }),
});
