import { z } from 'zod';

/**
 * What a person or token may do. A route names exactly one; a role is a set of them.
 * `:read` opens lists and records, `:write` changes them.
 */
export const permissions = [
  'assets:read',
  'assets:write',
  'people:read',
  'people:write',
  'software:read',
  'software:write',
  'licences:read',
  'licences:write',
  'discovery:read',
  'discovery:write',
  'imports:read',
  'imports:write',
  'jobs:read',
  'jobs:write',
  'users:read',
  'users:write',
  'audit:read',
  'settings:read',
  'settings:write',
  'views:share',
  'secrets:reveal',
  'reservations:override',
  'self',
] as const;
export type Permission = (typeof permissions)[number];
export const permissionSchema = z.enum(permissions);

/** What a route may ask for besides a permission: `public` needs nothing, `agent` an enrolment key, `session` any signed-in user. */
export type RouteAccess = Permission | 'public' | 'agent';

export const roleNames = ['administrator', 'asset_manager', 'licence_manager', 'technician', 'finance', 'auditor', 'employee'] as const;
export type RoleName = (typeof roleNames)[number];
export const roleNameSchema = z.enum(roleNames);

const readAll: Permission[] = ['self', 'assets:read', 'people:read', 'software:read', 'licences:read', 'discovery:read', 'jobs:read'];

/** The built-in roles. `self` is what every signed-in user may do with their own account and things. */
export const rolePermissions: Record<RoleName, readonly Permission[]> = {
  administrator: permissions,
  asset_manager: [
    ...readAll,
    'assets:write',
    'people:write',
    'discovery:write',
    'jobs:write',
    'views:share',
    'secrets:reveal',
    'reservations:override',
    'imports:read',
    'imports:write',
  ],
  licence_manager: [...readAll, 'software:write', 'licences:write', 'jobs:write', 'views:share'],
  technician: ['self', 'assets:read', 'assets:write', 'people:read', 'software:read', 'discovery:read', 'jobs:read'],
  finance: ['self', 'assets:read', 'people:read', 'software:read', 'licences:read', 'licences:write'],
  auditor: [...readAll, 'users:read', 'audit:read', 'settings:read', 'imports:read'],
  employee: ['self'],
};

/** Where a role assignment holds: everywhere, in the subtree of an org unit or place, for an asset class, or for one's own things. */
export const scopeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('org_unit'), id: z.uuid() }),
  z.object({ kind: z.literal('place'), id: z.uuid() }),
  z.object({ kind: z.literal('asset_class'), key: z.string().min(1) }),
  z.object({ kind: z.literal('own') }),
]);
export type Scope = z.infer<typeof scopeSchema>;
