import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const componentKinds = [
  'cpu',
  'memory',
  'disk',
  'monitor',
  'battery',
  'graphics',
  'power_supply',
  'sim_card',
  'peripheral',
  'virtual_machine',
  'database',
  'licence_key',
] as const;

/** What is in, at or on assets, as their sources tell it; also what was there and is gone. */
export const componentResource = defineResource({
  name: 'components',
  label: 'Component',
  plural: 'Components',
  titleField: 'name',
  defaultSort: '-firstSeen',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    kind: {
      type: 'enum',
      label: 'Kind',
      values: componentKinds,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    manufacturer: { type: 'text', label: 'Manufacturer', sortable: true, filterable: true, facet: true, column: 'shown' },
    model: { type: 'text', label: 'Model', filterable: true, column: 'shown' },
    serial: {
      type: 'text',
      label: 'Serial number',
      about: 'Of a virtual machine its UUID, of a licence key its last characters.',
      sortable: true,
      filterable: true,
      column: 'shown',
      aliases: ['sn'],
    },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, filterable: true, column: 'shown' },
    assetClass: { type: 'enum', label: 'Asset class', notNull: true, filterable: true, facet: true, column: 'optional' },
    source: { type: 'enum', label: 'Source', notNull: true, filterable: true, facet: true, column: 'optional' },
    firstSeen: { type: 'instant', label: 'First seen', notNull: true, sortable: true, filterable: true, column: 'shown' },
    lastSeen: { type: 'instant', label: 'Last seen', notNull: true, filterable: true, column: 'optional' },
    removedAt: { type: 'instant', label: 'Removed', about: 'Empty while it is there.', sortable: true, filterable: true, column: 'shown' },
    data: { type: 'json', label: 'Details', notNull: true, column: 'optional' },
  },
});
export const componentListRoutes = listRoutesOf(componentResource, '/api/v1/components', 'assets:read');

/** What one asset can be to another: how it is said from this side and from the other. `depends`: without the other it does not work. */
export const relationKinds = {
  runs_on: { label: 'Runs on', inverse: 'Hosts', depends: true },
  part_of: { label: 'Part of', inverse: 'Contains', depends: true },
  depends_on: { label: 'Depends on', inverse: 'Needed by', depends: true },
  connected_to: { label: 'Connected to', inverse: 'Connected to', depends: false },
} as const;
export type RelationKind = keyof typeof relationKinds;
export const relationKindSchema = z.enum(Object.keys(relationKinds) as [RelationKind, ...RelationKind[]]);

const assetRef = z.object({ id: idSchema, label: z.string(), class: z.string() });

export const relationSchema = z.object({
  id: idSchema,
  kind: relationKindSchema,
  /** True: the asset is what the sentence is about; false: the other one is, and `label` is the inverse. */
  outgoing: z.boolean(),
  label: z.string(),
  other: assetRef,
  /** `manual` or the source's key. */
  source: z.string(),
  actor: z.string().nullable(),
  firstSeenAt: instantSchema,
  lastSeenAt: instantSchema,
  note: z.string().nullable(),
  /** Of a connection that devices tell: the port of this asset and that of the other; empty otherwise. */
  ports: z.array(z.object({ port: z.string().nullable(), otherPort: z.string().nullable() })),
});
export type Relation = z.infer<typeof relationSchema>;

const tag = 'inventory';
const idParams = z.object({ id: idSchema });
const relations = z.object({ items: z.array(relationSchema) });

export const listAssetRelations = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/relations',
  tag,
  access: 'assets:read',
  summary: 'What an asset is to others, and they to it',
  description: 'Other assets outside the caller’s scope are left out.',
  params: idParams,
  response: relations,
  errors: ['not_found'],
});

export const addAssetRelation = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/relations',
  tag,
  access: 'assets:write',
  summary: 'Say by hand what an asset is to another',
  status: 201,
  params: idParams,
  body: z.object({
    kind: relationKindSchema,
    other: idSchema,
    /** False: the other asset is what the sentence is about, for example it runs on this one. */
    outgoing: z.boolean().default(true),
    note: z.string().trim().min(1).max(500).optional(),
  }),
  response: relations,
  errors: ['not_found', 'validation_failed', 'conflict'],
});

export const removeAssetRelation = defineRoute({
  method: 'DELETE',
  path: '/api/v1/assets/:id/relations/:relationId',
  tag,
  access: 'assets:write',
  summary: 'Take back a relation that was made by hand',
  description: 'One that a source tells goes when the source no longer tells it.',
  params: z.object({ id: idSchema, relationId: idSchema }),
  response: relations,
  errors: ['not_found', 'conflict'],
});

export const impactSchema = z.object({
  /** What would be affected if the asset failed, the nearest first. */
  items: z.array(
    z.object({
      asset: assetRef,
      /** 1: directly. */
      depth: z.number().int(),
      /** The asset between, through which it is affected. */
      through: idSchema,
      kind: relationKindSchema,
      label: z.string(),
    }),
  ),
  /** There are more than are shown. */
  more: z.boolean(),
});
export type Impact = z.infer<typeof impactSchema>;

export const getAssetImpact = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/impact',
  tag,
  access: 'assets:read',
  summary: 'What depends on an asset, step by step',
  description: 'Up to eight steps and 500 assets. Assets outside the caller’s scope are left out.',
  params: idParams,
  response: impactSchema,
  errors: ['not_found'],
});
