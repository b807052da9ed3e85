import { z } from 'zod';
import { asOfSchema, instantSchema } from './dates.ts';
import { idSchema } from './ids.ts';
import { lifecycleStateSchema, transitionInputs } from './lifecycle-states.ts';
import { roleNameSchema } from './permissions.ts';
import { defineRoute } from './route.ts';

/** Stable, never changed by a new label. */
const keySchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,59}$/, 'A key is lower-case letters, digits and underscores, and begins with a letter.');
const labelSchema = z.string().trim().min(1).max(80);

/** A state, or a sub-state as `state/substate`: `in_stock`, `in_stock/reserved`. A state stands for all its sub-states. */
const standingSchema = z.string().regex(/^[a-z_]+(?:\/[a-z][a-z0-9_]*)?$/, 'Write a state, or a state and a sub-state as state/substate.');

export const substateSchema = z.object({
  state: lifecycleStateSchema,
  key: keySchema,
  label: labelSchema,
  /** Nothing enters it any more; what stands in it may leave. */
  retired: z.boolean().default(false),
});
export type Substate = z.infer<typeof substateSchema>;

/** Fields of the record that a transition may require a value of. */
export const requirableFields = ['tag', 'name', 'manufacturer', 'model', 'serial', 'person', 'place', 'orgUnit'] as const;
export type RequirableField = (typeof requirableFields)[number];

/**
 * Conditions on the asset. `class_in` (keys of classes, with those below), `condition_in` and `substate_not_in` (as `state/substate`) name
 * their values.
 */
export const guardKinds = [
  'has_person',
  'no_person',
  'has_place',
  'no_place',
  'has_serial',
  'class_in',
  'condition_in',
  'substate_not_in',
  'no_open_relations',
  'no_children',
] as const;
export type GuardKind = (typeof guardKinds)[number];
export const guardsWithValues: readonly GuardKind[] = ['class_in', 'condition_in', 'substate_not_in'];

export const guardSchema = z.object({ kind: z.enum(guardKinds), values: z.array(z.string().min(1).max(120)).max(200).default([]) });
export type Guard = z.infer<typeof guardSchema>;

export const transitionSchema = z.object({
  key: keySchema,
  label: labelSchema,
  from: z.array(standingSchema).max(100),
  to: standingSchema,
  /** The roles that may make it; empty: whoever may change assets. An administrator always may. */
  roles: z.array(roleNameSchema).max(20).default([]),
  /** Fields of the record that must have a value. */
  requires: z.array(z.enum(requirableFields)).max(20).default([]),
  /** What the form asks for. A reason can always be given. */
  inputs: z
    .array(z.object({ key: z.enum(transitionInputs), required: z.boolean().default(false) }))
    .max(20)
    .default([]),
  guards: z.array(guardSchema).max(20).default([]),
  /** What is done with the move, in the same transaction and in this order. */
  actions: z
    .array(z.object({ key: keySchema, parameters: z.record(z.string().max(60), z.string().max(500)).default({}) }))
    .max(20)
    .default([]),
  /** Not offered any more; kept so that history can name it. */
  retired: z.boolean().default(false),
});
export type Transition = z.infer<typeof transitionSchema>;

/** The lifecycle machine as data; the order of its parts is the order in which they are shown. */
export const lifecycleMachineSchema = z.object({
  substates: z.array(substateSchema).max(300),
  transitions: z.array(transitionSchema).max(300),
});
export type LifecycleMachine = z.infer<typeof lifecycleMachineSchema>;

/** The file content/lifecycle.json. */
export const lifecycleFileSchema = lifecycleMachineSchema.extend({
  $schema: z.string().optional(),
  about: z.string(),
  effectiveOn: z.iso.date(),
  sources: z.array(z.string()).min(1),
});

/** What the machine sets for an action. */
export const actionParameterSchema = z.object({
  key: z.string(),
  label: z.string(),
  type: z.enum(['text', 'number', 'choice']),
  required: z.boolean(),
  /** For a choice: what there is to choose from. */
  values: z.array(z.string()).optional(),
  /** Asked for only while another parameter has one of these values. */
  when: z.object({ key: z.string(), values: z.array(z.string()) }).optional(),
});
export type ActionParameter = z.infer<typeof actionParameterSchema>;

/** An action that a transition may have; each is brought by the module that does it. */
export const actionKindSchema = z.object({
  key: z.string(),
  label: z.string(),
  /** The inputs it works with; the transition must ask for them unless a parameter of the same name is set. */
  needs: z.array(z.enum(transitionInputs)),
  /** The facts that are there, or gone, after it. */
  gives: z.array(z.enum(['person', 'place'])),
  takes: z.array(z.enum(['person', 'place'])),
  parameters: z.array(actionParameterSchema).optional(),
});
export type ActionKind = z.infer<typeof actionKindSchema>;

export const lifecycleInForceSchema = z.object({
  /** 0 as shipped; grows with each change. */
  version: z.number().int(),
  origin: z.enum(['shipped', 'changed']),
  changedAt: instantSchema.nullable(),
  changedBy: z.string().nullable(),
  machine: lifecycleMachineSchema,
  /** The actions that can be chosen. */
  actions: z.array(actionKindSchema),
});
export type LifecycleInForce = z.infer<typeof lifecycleInForceSchema>;

const tag = 'lifecycle';

export const getLifecycle = defineRoute({
  method: 'GET',
  path: '/api/v1/lifecycle',
  tag,
  access: 'assets:read',
  summary: 'The lifecycle machine in force',
  description: 'States are fixed; sub-states and transitions are data. The ETag is the version for If-Match.',
  response: lifecycleInForceSchema,
});

export const putLifecycle = defineRoute({
  method: 'PUT',
  path: '/api/v1/lifecycle',
  tag,
  access: 'settings:write',
  summary: 'Change the lifecycle machine',
  description:
    'All mistakes are answered at once: what is unreachable, where assets would be stuck, contradicting guards, keys used twice. A machine that removes what assets stand in is refused; retire it instead.',
  ifMatch: true,
  body: lifecycleMachineSchema,
  response: lifecycleInForceSchema,
  errors: ['validation_failed', 'conflict', 'stale', 'if_match_required'],
});

export const lifecycleCheckSchema = z.object({
  errors: z.array(z.object({ field: z.string(), code: z.string(), message: z.string() })),
  /** Where assets stand now that the checked machine does not have, or does not lead out of. */
  stranded: z.array(
    z.object({
      state: lifecycleStateSchema,
      substate: z.string().nullable(),
      assets: z.number().int(),
      why: z.enum(['removed', 'no_way_out']),
    }),
  ),
});
export type LifecycleCheck = z.infer<typeof lifecycleCheckSchema>;

export const checkLifecycle = defineRoute({
  method: 'POST',
  path: '/api/v1/lifecycle/check',
  tag,
  access: 'settings:write',
  summary: 'Check a changed lifecycle machine without saving it',
  body: lifecycleMachineSchema,
  response: lifecycleCheckSchema,
  errors: ['validation_failed'],
});

export const resetLifecycle = defineRoute({
  method: 'POST',
  path: '/api/v1/lifecycle/reset',
  tag,
  access: 'settings:write',
  summary: 'Go back to the shipped lifecycle machine',
  response: lifecycleInForceSchema,
  errors: ['conflict'],
});

export const assetStatePeriodSchema = z.object({
  fromAt: instantSchema,
  /** null: it stands there now. */
  toAt: instantSchema.nullable(),
  state: lifecycleStateSchema,
  substate: z.object({ key: z.string(), label: z.string() }).nullable(),
  /** What moved it there; null when it began there, or before transitions were kept. */
  transition: z.object({ key: z.string(), label: z.string() }).nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
});
export type AssetStatePeriod = z.infer<typeof assetStatePeriodSchema>;

export const listAssetStates = defineRoute({
  method: 'GET',
  path: '/api/v1/assets/:id/states',
  tag,
  access: 'assets:read',
  summary: 'Where an asset stood in its life, newest first',
  description: 'With `as_of` the one state it had at that moment, or at the end of that day (UTC); none before it was known.',
  params: z.object({ id: idSchema }),
  query: z.object({
    limit: z.coerce.number().int().min(1).max(500).default(50),
    cursor: z.string().max(200).optional(),
    as_of: asOfSchema.optional(),
  }),
  response: z.object({ items: z.array(assetStatePeriodSchema), nextCursor: z.string().nullable() }),
  errors: ['not_found', 'bad_cursor', 'validation_failed'],
});
