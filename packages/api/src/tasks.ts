import { z } from 'zod';
import { dateSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const taskStates = ['open', 'overdue', 'done'] as const;
export const assigneeKinds = ['user', 'team'] as const;

/** Something to do about an asset, by a user or a team, entered by hand or by a transition. */
export const taskResource = defineResource({
  name: 'tasks',
  label: 'Task',
  plural: 'Tasks',
  titleField: 'title',
  defaultSort: 'dueOn',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    title: { type: 'text', label: 'Task', notNull: true, sortable: true, filterable: true },
    asset: { type: 'ref', to: 'assets', label: 'Asset', notNull: true, sortable: true, filterable: true },
    state: { type: 'enum', label: 'State', values: taskStates, notNull: true, filterable: true, facet: true },
    assignee: { type: 'text', label: 'Assigned to', filterable: true },
    assigneeKind: { type: 'enum', label: 'Kind of assignee', values: assigneeKinds, filterable: true, column: 'optional' },
    assigneeId: { type: 'text', label: 'Id of the assignee', filterable: true, column: 'optional' },
    dueOn: { type: 'date', label: 'Due on', sortable: true, filterable: true },
    note: { type: 'text', label: 'Note', filterable: true, column: 'optional' },
    createdBy: { type: 'text', label: 'Made by', notNull: true, filterable: true, column: 'optional' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    doneAt: { type: 'instant', label: 'Done', filterable: true, column: 'optional' },
    doneBy: { type: 'text', label: 'Done by', filterable: true, column: 'optional' },
    version: { type: 'integer', label: 'Version', notNull: true, column: 'optional' },
  },
});
const path = '/api/v1/tasks';
export const taskListRoutes = listRoutesOf(taskResource, path, 'assets:read');

const assignee = z.object({ kind: z.enum(assigneeKinds), id: idSchema });
const content = {
  title: z.string().trim().min(1, 'what is to be done').max(200),
  note: z.string().trim().max(2000).nullable(),
  assignee: assignee.nullable(),
  dueOn: dateSchema.nullable(),
};
export const taskSchema = z.object({
  id: idSchema,
  asset: z.object({ id: idSchema, label: z.string() }),
  title: z.string(),
  note: z.string().nullable(),
  assignee: assignee.extend({ label: z.string() }).nullable(),
  dueOn: dateSchema.nullable(),
  state: z.enum(taskStates),
  createdBy: z.string(),
  doneBy: z.string().nullable(),
  version: z.number().int(),
});
export type Task = z.infer<typeof taskSchema>;
export const taskBody = z.strictObject({
  title: content.title,
  note: content.note.default(null),
  assignee: content.assignee.default(null),
  dueOn: content.dueOn.default(null),
});
export type TaskBody = z.infer<typeof taskBody>;
export const taskChange = z.strictObject({
  title: content.title.optional(),
  note: content.note.optional(),
  assignee: content.assignee.optional(),
  dueOn: content.dueOn.optional(),
  done: z.boolean().optional(),
});
export type TaskChange = z.infer<typeof taskChange>;

const tag = 'Tasks';
const params = z.object({ id: idSchema });
export const getTask = defineRoute({
  method: 'GET',
  path: `${path}/:id`,
  tag,
  access: 'assets:read',
  summary: 'Read a task',
  params,
  response: taskSchema,
  errors: ['not_found'],
});
export const createTask = defineRoute({
  method: 'POST',
  path: '/api/v1/assets/:id/tasks',
  tag,
  access: 'assets:write',
  summary: 'Add a task to an asset',
  params,
  body: taskBody,
  response: taskSchema,
  status: 201,
  errors: ['not_found', 'validation_failed'],
});
export const updateTask = defineRoute({
  method: 'PATCH',
  path: `${path}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Change a task, or say that it is done or open again',
  params,
  ifMatch: true,
  body: taskChange,
  response: taskSchema,
  errors: ['not_found', 'validation_failed', 'stale'],
});
export const deleteTask = defineRoute({
  method: 'DELETE',
  path: `${path}/:id`,
  tag,
  access: 'assets:write',
  summary: 'Remove a task',
  params,
  status: 204,
  errors: ['not_found'],
});
