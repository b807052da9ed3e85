import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

export const actorKinds = ['user', 'token', 'agent', 'system'] as const;

export const auditResource = defineResource({
  name: 'audit-log',
  label: 'Audit entry',
  plural: 'Audit entries',
  titleField: 'summary',
  defaultSort: '-at',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    at: { type: 'instant', label: 'When', notNull: true, sortable: true, filterable: true, column: 'shown' },
    actorKind: {
      type: 'enum',
      label: 'Kind of actor',
      values: [...actorKinds],
      notNull: true,
      filterable: true,
      facet: true,
      column: 'optional',
    },
    actor: { type: 'text', label: 'Who', notNull: true, filterable: true, column: 'shown', aliases: ['by', 'who'] },
    action: { type: 'text', label: 'Action', notNull: true, filterable: true, facet: true, column: 'shown' },
    resource: { type: 'text', label: 'Resource', notNull: true, filterable: true, facet: true, column: 'optional' },
    resourceId: { type: 'text', label: 'Resource id', filterable: true, column: 'optional' },
    summary: { type: 'text', label: 'What happened', notNull: true, filterable: true, column: 'shown' },
    ip: { type: 'text', label: 'Address', filterable: true, column: 'optional' },
    requestId: { type: 'text', label: 'Request id', filterable: true, column: 'optional' },
  },
});
export const auditListRoutes = listRoutesOf(auditResource, '/api/v1/audit-log', 'audit:read');

export const auditEntrySchema = z.object({
  id: idSchema,
  at: instantSchema,
  actorKind: z.enum(actorKinds),
  actorId: z.string().nullable(),
  actor: z.string(),
  action: z.string(),
  resource: z.string(),
  resourceId: z.string().nullable(),
  summary: z.string(),
  before: z.unknown().nullable(),
  after: z.unknown().nullable(),
  requestId: z.string().nullable(),
  ip: z.string().nullable(),
});
export type AuditEntryView = z.infer<typeof auditEntrySchema>;
export const getAuditEntry = defineRoute({
  method: 'GET',
  path: '/api/v1/audit-log/:id',
  summary: 'One audit entry with the values before and after',
  tag: 'Operations',
  access: 'audit:read',
  params: z.object({ id: idSchema }),
  response: auditEntrySchema,
  errors: ['not_found'],
});
