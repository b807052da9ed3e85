import type { Role, User } from '@muster/api/access';
import { Problem, type FieldError } from '@muster/api/errors';
import { roleNames, rolePermissions, type RoleName, type Scope } from '@muster/api/permissions';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { grantsOf, sameScope, within } from './actors.ts';
import { hashPassword } from './passwords.ts';
import {
  type AssignmentRow,
  assignmentsOf,
  countAdministrators,
  deleteAssignment,
  insertAssignment,
  insertUser,
  lockAdministrators,
  lockUser,
  personExists,
  saveUser,
  scopeExists,
  touchUser,
  type UserRow,
  userByEmail,
  userById,
} from './store.ts';
import { deleteSessions } from './store-sessions.ts';

export interface NewAssignment {
  role: RoleName;
  scope: Scope;
}
export interface NewUser {
  email: string;
  name: string;
  password?: string | undefined;
  personId?: string | null | undefined;
  roles: NewAssignment[];
}
export interface UserChange {
  email?: string | undefined;
  name?: string | undefined;
  disabled?: boolean | undefined;
  personId?: string | null | undefined;
  password?: string | undefined;
}

const roleTexts: Record<RoleName, [string, string]> = {
  administrator: ['Administrator', 'Everything, including users, keys and settings.'],
  asset_manager: ['Asset manager', 'Assets, people and discovery; reads software and licences.'],
  licence_manager: ['Licence manager', 'Software, entitlements and positions; reads assets.'],
  technician: ['Technician', 'Works on assets; reads the rest that the work needs.'],
  finance: ['Finance', 'Entitlements with their cost; reads assets and software.'],
  auditor: ['Auditor', 'Reads everything, the audit log included, and changes nothing.'],
  employee: ['Employee', 'Their own things.'],
};

export function presentRoles(): Role[] {
  return roleNames.map((name) => ({ name, label: roleTexts[name][0], about: roleTexts[name][1], permissions: [...rolePermissions[name]] }));
}

async function present(db: Db, user: UserRow): Promise<User> {
  const roles = await assignmentsOf(db, user.id);
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    personId: user.person_id,
    disabled: user.disabled,
    hasPassword: user.password_hash !== null,
    roles: roles.map((row) => ({ id: row.id, role: row.role, scope: row.scope, createdAt: row.created_at.toISOString() })),
    createdAt: user.created_at.toISOString(),
    updatedAt: user.updated_at.toISOString(),
    lastSignInAt: user.last_sign_in_at?.toISOString() ?? null,
    version: user.version,
  };
}

const noUser = (): Problem => new Problem('not_found', 'There is no such user.');

export async function readUser(db: Db, id: string): Promise<User> {
  const user = await userById(db, id);
  if (!user) throw noUser();
  return present(db, user);
}

/** Makes a user with their roles. Throws validation_failed (with every bad reference) and conflict (the e-mail is taken). */
export async function addUser(platform: Platform, actor: Actor, input: NewUser): Promise<User> {
  const passwordHash = input.password === undefined ? null : await hashPassword(input.password);
  return inTx(platform.db, async (tx) => {
    const id = newId();
    await checkReferences(tx, input.personId, input.roles);
    for (const role of input.roles) requireHeld(actor, role);
    if (!(await insertUser(tx, { id, email: input.email, name: input.name, passwordHash, personId: input.personId ?? null })))
      throw emailTaken();
    for (const { role, scope } of input.roles) await insertAssignment(tx, { id: newId(), userId: id, role, scope });
    const user = await readUser(tx, id);
    await audit(tx, actor, {
      action: 'user.created',
      resource: 'users',
      resourceId: id,
      summary: `User ${input.name} <${input.email}> was made`,
      after: auditable(user),
    });
    return user;
  });
}

/** Nobody gives what they do not hold themselves, so that `users:write` in one place is not the key to all others. */
function requireHeld(actor: Actor, assignment: NewAssignment): void {
  const missing = grantsOf([assignment]).filter((grant) => grant.permission !== 'self' && !covered(actor, grant));
  if (missing.length > 0)
    throw new Problem('forbidden', `You can give only roles you hold yourself; ${assignment.role} includes ${missing[0]?.permission}.`);
}
function covered(actor: Actor, grant: ReturnType<typeof grantsOf>[number]): boolean {
  const part = within(grant, actor.grants);
  return part.some((held) => held.scope.kind === 'all' || sameScope(held.scope, grant.scope));
}

async function checkReferences(db: Db, personId: string | null | undefined, roles: readonly NewAssignment[]): Promise<void> {
  const errors: FieldError[] = [];
  if (personId && !(await personExists(db, personId)))
    errors.push({ field: 'personId', code: 'unknown_reference', message: 'is no known person' });
  for (const [i, { scope }] of roles.entries())
    if (!(await scopeExists(db, scope)))
      errors.push({ field: `roles[${i}].scope`, code: 'unknown_reference', message: 'names nothing that exists' });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

const emailTaken = (): Problem =>
  new Problem('conflict', 'Another user has this e-mail address.', {
    errors: [{ field: 'email', code: 'taken', message: 'is used by another user' }],
  });

/** Changes a user. Disabling them or setting a password ends their sessions. Throws stale, conflict (last administrator, e-mail). */
export async function changeUser(platform: Platform, actor: Actor, id: string, version: number, change: UserChange): Promise<User> {
  const passwordHash = change.password === undefined ? undefined : await hashPassword(change.password);
  return inTx(platform.db, async (tx) => {
    await lockAdministrators(tx);
    const before = await lockUser(tx, id);
    if (!before) throw noUser();
    if (before.version !== version) throw new Problem('stale', `The user is at version ${before.version}, not ${version}.`);
    await requireNotAbove(tx, actor, id);
    await checkReferences(tx, change.personId, []);
    const email = change.email ?? before.email;
    const other = await userByEmail(tx, email);
    if (other && other.id !== id) throw emailTaken();
    const view = await present(tx, before);
    const after: UserRow = {
      ...before,
      email,
      name: change.name ?? before.name,
      disabled: change.disabled ?? before.disabled,
      person_id: change.personId === undefined ? before.person_id : change.personId,
      password_hash: passwordHash ?? before.password_hash,
    };
    const administrators = await countAdministrators(tx);
    await saveUser(tx, after);
    await requireAdministrator(tx, before, administrators);
    if (after.disabled || passwordHash !== undefined) await deleteSessions(tx, id);
    const user = await readUser(tx, id);
    await audit(tx, actor, {
      action: 'user.changed',
      resource: 'users',
      resourceId: id,
      summary: changeSentence(before, after, passwordHash !== undefined),
      before: auditable(view),
      after: auditable(user),
    });
    return user;
  });
}

/** Whoever could set the password of someone with wider roles could become them. */
async function requireNotAbove(tx: Tx, actor: Actor, userId: string): Promise<void> {
  if (actor.kind === 'system' || actor.userId === userId) return;
  for (const { role, scope } of await assignmentsOf(tx, userId)) {
    const beyond = grantsOf([{ role, scope }]).some((grant) => grant.permission !== 'self' && !covered(actor, grant));
    if (beyond) throw new Problem('forbidden', `This user holds the role ${role}, which goes beyond yours.`);
  }
}

function changeSentence(before: UserRow, after: UserRow, password: boolean): string {
  const parts = [
    ...(before.disabled === after.disabled ? [] : [after.disabled ? 'disabled' : 'enabled']),
    ...(before.email === after.email ? [] : [`given the e-mail ${after.email}`]),
    ...(before.name === after.name ? [] : [`renamed to ${after.name}`]),
    ...(before.person_id === after.person_id ? [] : ['linked to another person']),
    ...(password ? ['given a new password'] : []),
  ];
  return `User ${before.name} was ${parts.join(', ') || 'saved unchanged'}`;
}

/** There is always someone who can let others in. `before` is how many there were; the caller holds the administrators' lock. */
async function requireAdministrator(tx: Tx, user: UserRow, before: number): Promise<void> {
  if (before === 0 || (await countAdministrators(tx)) > 0) return;
  throw new Problem('conflict', `${user.name} is the last administrator. Make another one first.`);
}

export async function giveRole(platform: Platform, actor: Actor, userId: string, assignment: NewAssignment): Promise<User> {
  return inTx(platform.db, async (tx) => {
    const user = await lockUser(tx, userId);
    if (!user) throw noUser();
    if (!(await scopeExists(tx, assignment.scope)))
      throw new Problem('validation_failed', undefined, {
        errors: [{ field: 'scope', code: 'unknown_reference', message: 'names nothing that exists' }],
      });
    requireHeld(actor, assignment);
    if (!(await insertAssignment(tx, { id: newId(), userId, ...assignment })))
      throw new Problem('conflict', 'The user has this role there already.');
    await touchUser(tx, userId);
    await audit(tx, actor, {
      action: 'user.role_given',
      resource: 'users',
      resourceId: userId,
      summary: `${user.name} was given the role ${assignment.role} (${scopeText(assignment.scope)})`,
      after: assignment,
    });
    return readUser(tx, userId);
  });
}

export async function takeRole(platform: Platform, actor: Actor, userId: string, assignmentId: string): Promise<void> {
  await inTx(platform.db, async (tx) => {
    await lockAdministrators(tx);
    const user = await lockUser(tx, userId);
    if (!user) throw noUser();
    const administrators = await countAdministrators(tx);
    const taken: AssignmentRow | undefined = await deleteAssignment(tx, userId, assignmentId);
    if (!taken) throw new Problem('not_found', 'The user has no such role.');
    requireHeld(actor, taken);
    await requireAdministrator(tx, user, administrators);
    await touchUser(tx, userId);
    await audit(tx, actor, {
      action: 'user.role_taken',
      resource: 'users',
      resourceId: userId,
      summary: `The role ${taken.role} (${scopeText(taken.scope)}) was taken from ${user.name}`,
      before: { role: taken.role, scope: taken.scope },
    });
  });
}

function scopeText(scope: Scope): string {
  if (scope.kind === 'all') return 'everywhere';
  if (scope.kind === 'own') return 'own things';
  return scope.kind === 'asset_class' ? `asset class ${scope.key}` : `${scope.kind.replace('_', ' ')} ${scope.id}`;
}

/** What the audit log keeps of a user: no secret, no times. */
function auditable(user: User): object {
  const { email, name, personId, disabled, hasPassword, roles } = user;
  return { email, name, personId, disabled, hasPassword, roles: roles.map(({ role, scope }) => ({ role, scope })) };
}
