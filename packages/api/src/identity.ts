import { z } from 'zod';
import { assetRecordSchema } from './assets.ts';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { identityObservationsSchema } from './inventory.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

const idParams = z.object({ id: idSchema });
const reason = z.string().trim().min(1).max(1000).meta({ description: 'Why; kept with the decision.' });

/** A merge or a split that a person made, with who, when and why. */
export const identityOperationSchema = z.object({
  id: idSchema,
  kind: z.enum(['merge', 'split']),
  /** The asset that stays; null when it is outside the caller's scope. */
  asset: refSchema.nullable(),
  /** Merged into it, or split off it; null when it is outside the caller's scope. */
  other: refSchema.nullable(),
  at: instantSchema,
  actor: z.string(),
  reason: z.string(),
  /** How many observations moved. */
  observations: z.number().int(),
  undoneAt: instantSchema.nullable(),
  undoneBy: z.string().nullable(),
  undoReason: z.string().nullable(),
});
export type IdentityOperation = z.infer<typeof identityOperationSchema>;

export const mergeAsset = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/merge',
  tag: 'identity',
  access: 'assets:write',
  summary: 'Merge another asset into this one',
  description:
    'Everything known of the other goes to this one; the other keeps its id, is no longer listed and names this one in redirectedTo.',
  params: idParams,
  body: z.object({ merged: idSchema, reason }),
  response: identityOperationSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});

export const splitAsset = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/split',
  tag: 'identity',
  access: 'assets:write',
  summary: 'Split observations from an asset',
  description: 'They become a new asset, or with `into` go back to an asset that was merged into this one.',
  params: idParams,
  body: z.object({ observations: z.array(idSchema).min(1).max(500), into: idSchema.optional(), reason }),
  response: identityOperationSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});

const splitValue = z.object({ field: z.string(), from: z.string().nullable(), to: z.string().nullable() });

export const splitPreviewSchema = z.object({
  /** How many observations go and stay. */
  goes: z.number().int(),
  stays: z.number().int(),
  /** What goes with them. */
  titles: z.number().int(),
  interfaces: z.number().int(),
  disks: z.number().int(),
  components: z.number().int(),
  users: z.array(z.string()),
  /** What becomes of the record of the asset that stays. */
  stayingChanges: z.array(splitValue),
  /** What the other asset says then; `from` is null where it is new. */
  otherChanges: z.array(splitValue),
});
export type SplitPreview = z.infer<typeof splitPreviewSchema>;

export const previewSplit = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/split/preview',
  tag: 'identity',
  access: 'assets:write',
  summary: 'What a split would take along and change',
  description: 'Splits, reads both records, and takes everything back: nothing stays written.',
  params: idParams,
  body: z.object({ observations: z.array(idSchema).min(1).max(500), into: idSchema.optional() }),
  response: splitPreviewSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});

export const listIdentityOperations = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/identity-operations',
  tag: 'identity',
  access: 'assets:read',
  summary: 'Merges and splits of an asset, newest first',
  params: idParams,
  response: z.object({ items: z.array(identityOperationSchema) }),
  errors: ['not_found'],
});

export const undoIdentityOperation = defineRoute({
  method: 'POST',
  path: '/api/v1/identity-operations/:id/undo',
  tag: 'identity',
  access: 'assets:write',
  summary: 'Undo a merge or a split',
  description:
    'Puts back what was there before; reports and values set by hand since then stay. The latest operation of an asset is undone first.',
  params: idParams,
  body: z.object({ reason }),
  response: identityOperationSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});

/**
 * `contradiction`: a report agrees in one key and contradicts in another. `duplicate`: both have a value that belongs on one machine.
 * `board_swap`: name, disks and agent are those of the other, in another chassis. `same_name`: nothing but the full name is common.
 * `told_apart`: what it agrees in is on assets that a person told apart. `fork`: two agents report one asset by turns and may be on two
 * machines; it has the asset on both sides.
 */
export const identityConflictKinds = ['contradiction', 'duplicate', 'board_swap', 'same_name', 'told_apart', 'fork'] as const;

/** Two assets that may be one, with what makes them look so. */
export const identityConflictResource = defineResource({
  name: 'identity-conflicts',
  label: 'Conflict',
  plural: 'Conflicts',
  titleField: 'reason',
  defaultSort: '-openedAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    state: {
      type: 'enum',
      label: 'State',
      about: 'Open, put aside for later, or the answer a person gave.',
      values: ['open', 'later', 'same', 'different'],
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    kind: {
      type: 'enum',
      label: 'Kind',
      values: [...identityConflictKinds],
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    assetA: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, filterable: true, column: 'shown' },
    assetB: { type: 'ref', to: 'assets', label: 'Other asset', notNull: true, filterable: true, column: 'shown' },
    reason: { type: 'text', label: 'What happened', notNull: true, filterable: true, column: 'shown' },
    openedAt: { type: 'instant', label: 'Opened', notNull: true, sortable: true, filterable: true, column: 'shown' },
    resolvedAt: { type: 'instant', label: 'Answered', sortable: true, filterable: true, column: 'optional' },
    resolvedBy: { type: 'text', label: 'Answered by', filterable: true, column: 'optional' },
    note: { type: 'text', label: 'Why so', filterable: true, column: 'optional' },
  },
});
export const identityConflictListRoutes = listRoutesOf(identityConflictResource, '/api/v1/identity-conflicts', 'discovery:read');

export const identityConflictSchema = z.object({
  id: idSchema,
  kind: z.enum(identityConflictKinds),
  state: z.enum(['open', 'later', 'same', 'different']),
  reason: z.string(),
  openedAt: instantSchema,
  resolvedAt: instantSchema.nullable(),
  resolvedBy: z.string().nullable(),
  note: z.string().nullable(),
  /** The merge, or of a fork the split, that the answer made. */
  operation: idSchema.nullable(),
  /** Both assets, with what reports them and by which keys; of a fork the asset twice, the second time with what may be of another machine. */
  sides: z.array(z.object({ asset: assetRecordSchema, observations: identityObservationsSchema })),
});
export type IdentityConflictDetail = z.infer<typeof identityConflictSchema>;

export const getIdentityConflict = defineRoute({
  method: 'GET',
  path: '/api/v1/identity-conflicts/:id',
  tag: 'identity',
  access: 'discovery:read',
  summary: 'A conflict with both assets beside each other',
  params: idParams,
  response: identityConflictSchema,
  errors: ['not_found'],
});

export const resolveIdentityConflict = defineRoute({
  method: 'POST',
  path: '/api/v1/identity-conflicts/:id/resolve',
  tag: 'identity',
  access: 'assets:write',
  summary: 'Answer a conflict',
  description:
    '`same` merges the two into `survivor` (the first asset unless given), `different` is remembered for good, `later` puts it aside. Of a fork, `same` leaves the asset as it is for good and `different` splits the observation off.',
  params: idParams,
  body: z.object({ as: z.enum(['same', 'different', 'later']), survivor: idSchema.optional(), reason }),
  response: identityConflictSchema,
  errors: ['not_found', 'conflict', 'validation_failed'],
});
