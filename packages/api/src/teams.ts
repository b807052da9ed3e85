import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource, refSchema } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

/** People who share assets: a crew, a shift, a project. Unlike an org unit it is no part of a tree, and a person may be in several. */
export const teamResource = defineResource({
  name: 'teams',
  label: 'Team',
  plural: 'Teams',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, filterable: true, column: 'optional' },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true },
    orgUnit: { type: 'ref', label: 'Org unit', to: 'org-units', sortable: true, filterable: true },
    member: { type: 'ref', label: 'Member', about: 'One of its members.', to: 'people', filterable: true, column: 'none' },
    members: { type: 'integer', label: 'Members', notNull: true, sortable: true, filterable: true },
    assets: { type: 'integer', label: 'Assets', about: 'Assets the team holds now.', notNull: true, sortable: true, filterable: true },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    updatedAt: { type: 'instant', label: 'Changed', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});

export const teamSchema = z.object({
  id: idSchema,
  name: z.string(),
  orgUnit: refSchema.nullable(),
  members: z.array(refSchema),
  assets: z.number().int(),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  version: z.number().int(),
});
export type Team = z.infer<typeof teamSchema>;

const name = z.string().trim().min(1).max(200);
const teamFields = {
  orgUnitId: idSchema.nullable().optional(),
  memberIds: z.array(idSchema).max(500).optional().meta({ description: 'All its members; replaces those it has.' }),
};
export const teamCreateSchema = z.strictObject({ name, ...teamFields });
export type TeamCreate = z.infer<typeof teamCreateSchema>;
/** Fields left out stay as they are. */
export const teamUpdateSchema = z.strictObject({ name: name.optional(), ...teamFields });
export type TeamUpdate = z.infer<typeof teamUpdateSchema>;

const params = z.object({ id: idSchema });
const tag = 'Teams';

export const teamListRoutes = listRoutesOf(teamResource, '/api/v1/teams', 'people:read');
export const getTeam = defineRoute({
  tag,
  method: 'GET',
  path: '/api/v1/teams/:id',
  summary: 'Get a team with its members',
  access: 'people:read',
  params,
  response: teamSchema,
  errors: ['not_found'],
});
export const createTeam = defineRoute({
  tag,
  method: 'POST',
  path: '/api/v1/teams',
  summary: 'Add a team',
  access: 'people:write',
  body: teamCreateSchema,
  response: teamSchema,
  status: 201,
  errors: ['validation_failed', 'conflict'],
});
export const updateTeam = defineRoute({
  tag,
  method: 'PATCH',
  path: '/api/v1/teams/:id',
  summary: 'Change a team',
  access: 'people:write',
  params,
  body: teamUpdateSchema,
  response: teamSchema,
  ifMatch: true,
  errors: ['validation_failed', 'conflict', 'not_found', 'stale'],
});
export const deleteTeam = defineRoute({
  tag,
  method: 'DELETE',
  path: '/api/v1/teams/:id',
  summary: 'Remove a team',
  description: 'Refused with `conflict` while it has assets.',
  access: 'people:write',
  params,
  status: 204,
  errors: ['not_found', 'conflict'],
});
