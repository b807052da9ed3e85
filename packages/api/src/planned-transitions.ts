import { z } from 'zod';
import { transitionInputsSchema } from './assets.ts';
import { dateSchema, instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const plannedTransitionStates = ['planned', 'done', 'failed', 'cancelled'] as const;

/** A transition that the clock makes on a day, with the rights of whoever planned it. */
export const plannedTransitionResource = defineResource({
  name: 'planned-transitions',
  label: 'Planned transition',
  plural: 'Planned transitions',
  titleField: 'label',
  defaultSort: 'dueOn',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    dueOn: { type: 'date', label: 'Planned for', notNull: true, sortable: true, filterable: true, column: 'shown' },
    label: { type: 'text', label: 'Transition', notNull: true, sortable: true, filterable: true, column: 'shown' },
    transition: { type: 'text', label: 'Transition key', notNull: true, filterable: true, column: 'optional' },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, filterable: true, column: 'shown' },
    state: {
      type: 'enum',
      label: 'State',
      values: plannedTransitionStates,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    problem: { type: 'text', label: 'Problem', about: 'Why it was not made.', filterable: true, column: 'shown' },
    reason: { type: 'text', label: 'Reason', filterable: true, column: 'optional' },
    plannedBy: { type: 'text', label: 'Planned by', notNull: true, filterable: true, column: 'shown' },
    plannedAt: { type: 'instant', label: 'Planned at', notNull: true, sortable: true, filterable: true, column: 'optional' },
    endedAt: { type: 'instant', label: 'Ended', about: 'When it was made, failed or was cancelled.', filterable: true, column: 'optional' },
  },
});
export const plannedTransitionListRoutes = listRoutesOf(plannedTransitionResource, '/api/v1/planned-transitions', 'assets:read');

export const plannedTransitionSchema = z.object({
  id: idSchema,
  asset: refSchema,
  transition: z.string(),
  label: z.string(),
  dueOn: dateSchema,
  state: z.enum(plannedTransitionStates),
  reason: z.string().nullable(),
  inputs: z.record(z.string(), z.string()),
  plannedBy: z.string(),
  plannedAt: instantSchema,
  endedAt: instantSchema.nullable(),
  problem: z.string().nullable(),
});
export type PlannedTransition = z.infer<typeof plannedTransitionSchema>;

export const planTransition = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/planned-transitions',
  tag: 'lifecycle',
  access: 'assets:write',
  summary: 'Plan a transition for a day',
  description:
    'The clock makes it on that day (UTC) with the rights that whoever planned it has then; it is judged then, and a refusal is kept with its reason.',
  status: 201,
  params: z.object({ id: idSchema }),
  body: z.object({
    transition: z.string().min(1).max(60),
    dueOn: dateSchema,
    reason: z.string().trim().max(1000).optional(),
    inputs: transitionInputsSchema.optional(),
  }),
  response: plannedTransitionSchema,
  errors: ['not_found', 'validation_failed', 'conflict'],
});

export const cancelPlannedTransition = defineRoute({
  method: 'POST',
  path: '/api/v1/planned-transitions/:id/cancel',
  tag: 'lifecycle',
  access: 'assets:write',
  summary: 'Cancel a planned transition',
  params: z.object({ id: idSchema }),
  response: plannedTransitionSchema,
  errors: ['not_found', 'conflict'],
});
