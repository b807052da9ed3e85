import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

const tag = 'Operations';
const byId = z.object({ id: idSchema });

export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export const jobResource = defineResource({
  name: 'jobs',
  label: 'Job',
  plural: 'Jobs',
  titleField: 'title',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    title: { type: 'text', label: 'Title', notNull: true, sortable: true, filterable: true, column: 'shown' },
    kind: { type: 'text', label: 'Kind', notNull: true, sortable: true, filterable: true, facet: true, column: 'optional' },
    state: {
      type: 'enum',
      label: 'State',
      values: [...jobStates],
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    done: { type: 'integer', label: 'Done', notNull: true, filterable: true, column: 'shown' },
    total: { type: 'integer', label: 'Of', filterable: true, column: 'shown' },
    message: { type: 'text', label: 'Progress', filterable: true, column: 'shown' },
    error: { type: 'text', label: 'Error', filterable: true, column: 'optional' },
    createdBy: { type: 'text', label: 'Started by', sortable: true, filterable: true, column: 'shown' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'shown' },
    startedAt: { type: 'instant', label: 'Started', sortable: true, filterable: true, column: 'optional' },
    finishedAt: { type: 'instant', label: 'Finished', sortable: true, filterable: true, column: 'shown' },
  },
});
export const jobListRoutes = listRoutesOf(jobResource, '/api/v1/jobs', 'jobs:read');

export const jobSchema = z.object({
  id: idSchema,
  kind: z.string(),
  title: z.string(),
  state: z.enum(jobStates),
  /** How much is done, in the unit `total` counts; total null means not known. */
  done: z.number().int(),
  total: z.number().int().nullable(),
  message: z.string().nullable(),
  result: z.unknown().nullable(),
  error: z.string().nullable(),
  cancelRequested: z.boolean(),
  createdBy: z.string().nullable(),
  createdAt: instantSchema,
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
});
export type Job = z.infer<typeof jobSchema>;

/** What a route that starts long work answers with 202. */
export const jobStartedSchema = z.object({ jobId: idSchema });
export type JobStarted = z.infer<typeof jobStartedSchema>;

export const getJob = defineRoute({
  method: 'GET',
  path: '/api/v1/jobs/:id',
  summary: 'One job',
  tag,
  access: 'jobs:read',
  params: byId,
  response: jobSchema,
  errors: ['not_found'],
});
export const cancelJob = defineRoute({
  method: 'POST',
  path: '/api/v1/jobs/:id/cancel',
  summary: 'Cancel a job',
  description: 'A waiting job is cancelled at once, a running one at its next step.',
  tag,
  access: 'jobs:write',
  params: byId,
  response: jobSchema,
  status: 202,
  errors: ['not_found', 'conflict'],
});
export const jobEvents = defineRoute({
  method: 'GET',
  path: '/api/v1/jobs/:id/events',
  summary: 'A job’s progress as server-sent events',
  description: 'An event `job` with the whole job as data, at once and at each change. The stream ends when the job does.',
  tag,
  access: 'jobs:read',
  params: byId,
  produces: 'text/event-stream',
  status: 200,
  errors: ['not_found'],
});
