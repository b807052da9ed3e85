import { rolePermissions, type Permission, type RoleName, type Scope } from '@muster/api/permissions';
import type { Actor, Grant } from '../../platform/context.ts';
import type { SignedInRow, UsableTokenRow } from './store-sessions.ts';

export interface Assignment {
  readonly role: RoleName;
  readonly scope: Scope;
}

/** What roles allow and where. */
export function grantsOf(roles: readonly Assignment[]): Grant[] {
  return roles.flatMap(({ role, scope }) => (rolePermissions[role] ?? []).map((permission) => ({ permission, scope, role })));
}

/** A user as an actor. `self` holds for every signed-in user, whatever their roles. */
export function userActor(row: Pick<SignedInRow, 'user_id' | 'email' | 'name' | 'person_id' | 'roles'>): Actor {
  const own: Grant = { permission: 'self', scope: { kind: 'own' } };
  return {
    kind: 'user',
    id: row.user_id,
    label: `${row.name} <${row.email}>`,
    userId: row.user_id,
    personId: row.person_id,
    grants: [own, ...grantsOf(row.roles)],
  };
}

/** A token as an actor: what it was given, and never more than its maker may do now. The bootstrap token has no maker. */
export function tokenActor(row: UsableTokenRow): Actor {
  const wanted = row.permissions.map((permission) => ({ permission: permission as Permission, scope: row.scope }));
  const grants = row.user_id === null ? wanted : wanted.flatMap((grant) => within(grant, makersGrants(row)));
  return { kind: 'token', id: row.id, label: `token ${row.name}`, userId: row.user_id, personId: row.person_id, grants };
}

const makersGrants = (row: UsableTokenRow): Grant[] => [{ permission: 'self', scope: { kind: 'all' } }, ...grantsOf(row.roles)];

/** The part of a grant that the holder's own grants cover. Two different partial scopes have no scope in common that we could name. */
export function within(grant: Grant, held: readonly Grant[]): Grant[] {
  const same = held.filter((own) => own.permission === grant.permission);
  const anywhere = same.filter((own) => own.scope.kind === 'all');
  if (anywhere.length > 0) return anywhere.map(({ role }) => ({ ...grant, ...(role ? { role } : {}) }));
  if (grant.scope.kind === 'all') return same;
  return same.filter((own) => sameScope(own.scope, grant.scope));
}

/** Whether two scopes are the same place. */
export function sameScope(a: Scope, b: Scope): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'asset_class') return b.kind === 'asset_class' && a.key === b.key;
  return 'id' in a && 'id' in b ? a.id === b.id : true;
}
