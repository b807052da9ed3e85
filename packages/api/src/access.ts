import { z } from 'zod';
import { instantSchema } from './dates.ts';
import { defineResource } from './fields.ts';
import { idSchema } from './ids.ts';
import { permissionSchema, roleNameSchema, scopeSchema } from './permissions.ts';
import { listRoutesOf } from './resource.ts';
import { defineRoute } from './route.ts';

const tag = 'Access';
const byId = z.object({ id: idSchema });

export const emailSchema = z.string().trim().max(254).pipe(z.email('an e-mail address such as ada@example.org'));
export const personNameSchema = z.string().trim().min(1, 'a name').max(200);

/** The least length of a password; there is no rule about kinds of characters, as NIST SP 800-63B advises. */
export const passwordMinLength = 12;
export const passwordMaxLength = 256;

/** A new password. Every broken rule is reported at once, each with its own message. */
export const newPasswordSchema = z.string().superRefine((value, context) => {
  const broken = (code: string, message: string): void => context.addIssue({ code: 'custom', message, params: { code } });
  const length = Array.from(value).length;
  if (length < passwordMinLength) broken('too_short', `at least ${passwordMinLength} characters`);
  if (length > passwordMaxLength) broken('too_long', `at most ${passwordMaxLength} characters`);
  if (length > 0 && new Set(value.toLowerCase()).size < 5) broken('too_simple', 'at least 5 different characters');
  if (commonPasswords.has(value.toLowerCase())) broken('too_common', 'not one of the passwords everyone tries first');
});
const commonPasswords = new Set([
  'password1234',
  '123456789012',
  'qwertyuiop12',
  'passwordpassword',
  'administrator',
  'administrator1',
  'letmein12345',
  'changeme1234',
  'adminadminadmin',
  'welcome12345',
  'qwerty123456',
  '1q2w3e4r5t6y',
]);

// ---------------------------------------------------------------- session and set-up

/** Who is signed in. `permissions` is the union over all roles; `roles` says where each holds. */
export const sessionSchema = z.object({
  user: z.object({ id: idSchema, name: z.string(), email: z.string(), personId: idSchema.nullable(), locale: z.string().nullable() }),
  roles: z.array(z.object({ role: roleNameSchema, scope: scopeSchema })),
  permissions: z.array(permissionSchema),
  /** When the session ends if nothing happens; null for a token. */
  expiresAt: instantSchema.nullable(),
});
export type Session = z.infer<typeof sessionSchema>;

export const getSession = defineRoute({
  method: 'GET',
  path: '/api/v1/session',
  summary: 'Who is signed in',
  tag,
  access: 'self',
  response: sessionSchema,
});
export const signIn = defineRoute({
  method: 'POST',
  path: '/api/v1/session',
  summary: 'Sign in',
  description: 'Sets the cookie `muster_session`. Requests that change something with this cookie must send `x-muster-request: 1`.',
  tag,
  access: 'public',
  body: z.object({ email: z.string().min(1, 'your e-mail address').max(254), password: z.string().min(1, 'your password').max(1024) }),
  response: sessionSchema,
  errors: ['wrong_credentials', 'too_many_requests'],
});
export const signOut = defineRoute({ method: 'DELETE', path: '/api/v1/session', summary: 'Sign out', tag, access: 'self' });

export const getSetup = defineRoute({
  method: 'GET',
  path: '/api/v1/setup',
  summary: 'Whether the first administrator is still to be made',
  tag,
  access: 'public',
  response: z.object({ needed: z.boolean() }),
});
/** The link printed at the first start is `/setup?token=...`; the answer is a session: the new administrator is signed in. */
export const completeSetup = defineRoute({
  method: 'POST',
  path: '/api/v1/setup',
  summary: 'Make the first administrator with the one-time link',
  tag,
  access: 'public',
  body: z.object({ token: z.string().min(1).max(200), email: emailSchema, name: personNameSchema, password: newPasswordSchema }),
  response: sessionSchema,
  status: 201,
  errors: ['already_set_up', 'link_expired', 'too_many_requests'],
});

// ---------------------------------------------------------------- one's own account

export const changeOwnPassword = defineRoute({
  method: 'POST',
  path: '/api/v1/account/password',
  summary: 'Change your password',
  description: 'Ends all your other sessions.',
  tag,
  access: 'self',
  body: z.object({ currentPassword: z.string().min(1, 'your current password').max(1024), newPassword: newPasswordSchema }),
  errors: ['wrong_credentials', 'too_many_requests'],
});
export const mySessionSchema = z.object({
  id: idSchema,
  createdAt: instantSchema,
  lastSeenAt: instantSchema,
  expiresAt: instantSchema,
  userAgent: z.string().nullable(),
  ip: z.string().nullable(),
  /** The session this very request uses. */
  current: z.boolean(),
});
export type MySession = z.infer<typeof mySessionSchema>;
export const listMySessions = defineRoute({
  method: 'GET',
  path: '/api/v1/account/sessions',
  summary: 'Your sessions',
  tag,
  access: 'self',
  response: z.object({ items: z.array(mySessionSchema) }),
});
export const revokeMySession = defineRoute({
  method: 'DELETE',
  path: '/api/v1/account/sessions/:id',
  summary: 'End one of your sessions',
  tag,
  access: 'self',
  params: byId,
});

// ---------------------------------------------------------------- users and roles

export const userResource = defineResource({
  name: 'users',
  label: 'User',
  plural: 'Users',
  titleField: 'name',
  defaultSort: 'name',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    email: { type: 'text', label: 'E-mail', notNull: true, sortable: true, filterable: true, column: 'shown', aliases: ['mail'] },
    roles: {
      type: 'text',
      label: 'Roles',
      about: 'The roles given to the user, in alphabetical order.',
      filterable: true,
      column: 'shown',
      aliases: ['role'],
    },
    state: {
      type: 'enum',
      label: 'State',
      values: ['active', 'disabled'],
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    lastSignInAt: { type: 'instant', label: 'Last sign-in', sortable: true, filterable: true, column: 'shown' },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
  },
});
export const userListRoutes = listRoutesOf(userResource, '/api/v1/users', 'users:read');

export const roleAssignmentSchema = z.object({ id: idSchema, role: roleNameSchema, scope: scopeSchema, createdAt: instantSchema });
export type RoleAssignment = z.infer<typeof roleAssignmentSchema>;
export const userSchema = z.object({
  id: idSchema,
  email: z.string(),
  name: z.string(),
  personId: idSchema.nullable(),
  disabled: z.boolean(),
  /** False until a password is set: such a user cannot sign in. */
  hasPassword: z.boolean(),
  roles: z.array(roleAssignmentSchema),
  createdAt: instantSchema,
  updatedAt: instantSchema,
  lastSignInAt: instantSchema.nullable(),
  version: z.number().int(),
});
export type User = z.infer<typeof userSchema>;

const newAssignmentSchema = z.object({ role: roleNameSchema, scope: scopeSchema.default({ kind: 'all' }) });
export const getUser = defineRoute({
  method: 'GET',
  path: '/api/v1/users/:id',
  summary: 'One user',
  tag,
  access: 'users:read',
  params: byId,
  response: userSchema,
  errors: ['not_found'],
});
export const createUser = defineRoute({
  method: 'POST',
  path: '/api/v1/users',
  summary: 'Make a user',
  tag,
  access: 'users:write',
  body: z.object({
    email: emailSchema,
    name: personNameSchema,
    password: newPasswordSchema.optional(),
    personId: idSchema.nullable().optional(),
    roles: z.array(newAssignmentSchema).max(50).default([]),
  }),
  response: userSchema,
  status: 201,
  errors: ['conflict'],
});
export const updateUser = defineRoute({
  method: 'PATCH',
  path: '/api/v1/users/:id',
  summary: 'Change, disable or enable a user',
  description: 'Disabling a user or setting a new password ends their sessions.',
  tag,
  access: 'users:write',
  params: byId,
  body: z.object({
    email: emailSchema.optional(),
    name: personNameSchema.optional(),
    disabled: z.boolean().optional(),
    personId: idSchema.nullable().optional(),
    password: newPasswordSchema.optional(),
  }),
  response: userSchema,
  ifMatch: true,
  errors: ['not_found', 'conflict'],
});
export const addRole = defineRoute({
  method: 'POST',
  path: '/api/v1/users/:id/roles',
  summary: 'Give a user a role',
  tag,
  access: 'users:write',
  params: byId,
  body: newAssignmentSchema,
  response: userSchema,
  status: 201,
  errors: ['not_found', 'conflict'],
});
export const removeRole = defineRoute({
  method: 'DELETE',
  path: '/api/v1/users/:id/roles/:assignmentId',
  summary: 'Take a role from a user',
  tag,
  access: 'users:write',
  params: z.object({ id: idSchema, assignmentId: idSchema }),
  errors: ['not_found', 'conflict'],
});

export const roleSchema = z.object({ name: roleNameSchema, label: z.string(), about: z.string(), permissions: z.array(permissionSchema) });
export type Role = z.infer<typeof roleSchema>;
export const listRoles = defineRoute({
  method: 'GET',
  path: '/api/v1/roles',
  summary: 'The built-in roles with their permissions',
  tag,
  access: 'users:read',
  response: z.object({ items: z.array(roleSchema) }),
});

// ---------------------------------------------------------------- API tokens

const secretStates = ['active', 'expired', 'revoked'] as const;

export const tokenResource = defineResource({
  name: 'tokens',
  label: 'API token',
  plural: 'API tokens',
  titleField: 'name',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    prefix: {
      type: 'text',
      label: 'Begins with',
      about: 'The first characters of the secret, to recognise it; the rest is not kept.',
      notNull: true,
      filterable: true,
      column: 'shown',
    },
    permissions: { type: 'text', label: 'Permissions', filterable: true, column: 'shown', aliases: ['permission'] },
    user: {
      type: 'ref',
      label: 'Made by',
      to: 'users',
      about: 'The token can never do more than this user.',
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    state: {
      type: 'enum',
      label: 'State',
      values: [...secretStates],
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'optional' },
    expiresAt: { type: 'instant', label: 'Expires', sortable: true, filterable: true, column: 'shown' },
    lastUsedAt: { type: 'instant', label: 'Last used', about: 'To about a minute.', sortable: true, filterable: true, column: 'shown' },
  },
});
export const tokenListRoutes = listRoutesOf(tokenResource, '/api/v1/tokens', 'users:read');

export const tokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  prefix: z.string(),
  permissions: z.array(permissionSchema),
  scope: scopeSchema,
  userId: idSchema.nullable(),
  state: z.enum(secretStates),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
});
export type ApiToken = z.infer<typeof tokenSchema>;
export const createToken = defineRoute({
  method: 'POST',
  path: '/api/v1/tokens',
  summary: 'Make an API token',
  description: 'The secret is in this answer and nowhere else. A token can hold only permissions its maker has.',
  tag,
  access: 'users:write',
  body: z.object({
    name: personNameSchema,
    permissions: z.array(permissionSchema).min(1, 'at least one permission'),
    scope: scopeSchema.default({ kind: 'all' }),
    /** Null never expires; absent is one year. */
    expiresAt: instantSchema.nullable().optional(),
  }),
  response: tokenSchema.extend({ secret: z.string() }),
  status: 201,
});
export const revokeToken = defineRoute({
  method: 'POST',
  path: '/api/v1/tokens/:id/revoke',
  summary: 'Revoke an API token',
  tag,
  access: 'users:write',
  params: byId,
  response: tokenSchema,
  errors: ['not_found'],
});

// ---------------------------------------------------------------- enrolment keys of agents

/** What a key opens: the agents' endpoints, or a collector's. Neither opens the other. */
export const enrolmentKeyKinds = ['agent', 'collector'] as const;
export type EnrolmentKeyKind = (typeof enrolmentKeyKinds)[number];

export const enrolmentKeyResource = defineResource({
  name: 'enrolment-keys',
  label: 'Enrolment key',
  plural: 'Enrolment keys',
  titleField: 'name',
  defaultSort: '-createdAt',
  fields: {
    id: { type: 'id', label: 'Id', notNull: true, column: 'optional', filterable: true },
    name: { type: 'text', label: 'Name', notNull: true, sortable: true, filterable: true, column: 'shown' },
    prefix: { type: 'text', label: 'Begins with', notNull: true, filterable: true, column: 'shown' },
    tag: {
      type: 'text',
      label: 'Tag',
      about: 'Put on every asset an agent with this key reports.',
      sortable: true,
      filterable: true,
      column: 'shown',
    },
    kind: {
      type: 'enum',
      label: 'For',
      about: 'Agents report machines; a collector fetches its network scans with their credentials.',
      values: enrolmentKeyKinds,
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    state: {
      type: 'enum',
      label: 'State',
      values: [...secretStates],
      notNull: true,
      sortable: true,
      filterable: true,
      facet: true,
      column: 'shown',
    },
    createdAt: { type: 'instant', label: 'Created', notNull: true, sortable: true, filterable: true, column: 'shown' },
    expiresAt: { type: 'instant', label: 'Expires', sortable: true, filterable: true, column: 'optional' },
    lastUsedAt: { type: 'instant', label: 'Last used', about: 'To about a minute.', sortable: true, filterable: true, column: 'shown' },
  },
});
export const enrolmentKeyListRoutes = listRoutesOf(enrolmentKeyResource, '/api/v1/enrolment-keys', 'discovery:read');

export const enrolmentKeySchema = z.object({
  id: idSchema,
  name: z.string(),
  prefix: z.string(),
  tag: z.string().nullable(),
  kind: z.enum(enrolmentKeyKinds),
  state: z.enum(secretStates),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  lastUsedAt: instantSchema.nullable(),
  revokedAt: instantSchema.nullable(),
});
export type EnrolmentKey = z.infer<typeof enrolmentKeySchema>;
export const createEnrolmentKey = defineRoute({
  method: 'POST',
  path: '/api/v1/enrolment-keys',
  summary: 'Make an enrolment key for agents or a collector',
  description: 'The key is in this answer and nowhere else.',
  tag,
  access: 'discovery:write',
  body: z.object({
    name: personNameSchema,
    tag: z.string().trim().min(1).max(100).nullable().optional(),
    kind: z.enum(enrolmentKeyKinds).default('agent'),
    expiresAt: instantSchema.nullable().optional(),
  }),
  response: enrolmentKeySchema.extend({ key: z.string() }),
  status: 201,
});
export const revokeEnrolmentKey = defineRoute({
  method: 'POST',
  path: '/api/v1/enrolment-keys/:id/revoke',
  summary: 'Revoke an enrolment key',
  description: 'Agents that use it are refused within five seconds.',
  tag,
  access: 'discovery:write',
  params: byId,
  response: enrolmentKeySchema,
  errors: ['not_found'],
});
