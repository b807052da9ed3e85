import type { RequirableField } from '@muster/api/lifecycle';
import type { RoleName } from '@muster/api/permissions';
import { lineOf } from '@muster/core/authority';
import type { LifecycleFacts, Machine } from '@muster/core/lifecycle';
import type { Actor, Grant } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { fieldColumns } from './fields.ts';
import { factReader } from './lifecycle-actions.ts';
import { reachableAssets } from './reach.ts';
import type { AssetRow } from './store.ts';
import { authorityRows } from './store-authority.ts';
import { relationCounts } from './store-lifecycle.ts';

const writes = 'assets:write';

/**
 * What is known of assets when their moves are judged by this machine for this actor. An asset that the actor may not change has no entry.
 * What no guard of the machine asks for is not read: as shipped no statement is needed for someone whose role holds everywhere.
 */
export async function factsOf(db: Db, actor: Actor, machine: Machine, assets: readonly AssetRow[]): Promise<Map<string, LifecycleFacts>> {
  const ids = assets.map((a) => a.id);
  const guards = new Set(machine.data.transitions.flatMap((t) => (t.retired ? [] : t.guards.map((g) => g.kind))));
  const roles = await rolesFor(db, actor, ids);
  const parents = guards.has('class_in') ? new Map(Object.entries((await authorityRows(db)).parents)) : new Map<string, string | null>();
  const relations = guards.has('no_open_relations') || guards.has('no_children') ? await relationCounts(db, ids) : null;
  const conditions = guards.has('condition_in') ? await factReader('condition')?.(db, ids) : null;
  return new Map(
    assets.flatMap((a): [string, LifecycleFacts][] => {
      const held = roles.get(a.id);
      if (!held) return [];
      const counts = relations?.get(a.id);
      return [
        [
          a.id,
          {
            state: a.state,
            substate: a.substate,
            has: valuesOf(a),
            classLine: lineOf(a.class_key, parents),
            roles: held,
            openRelations: counts?.open ?? 0,
            children: counts?.children ?? 0,
            condition: conditions?.get(a.id) ?? null,
          },
        ],
      ];
    }),
  );
}

const required: readonly RequirableField[] = ['tag', 'name', 'manufacturer', 'model', 'serial', 'person', 'place', 'orgUnit'];

const valuesOf = (a: AssetRow): Set<RequirableField> =>
  new Set(required.filter((f) => a[fieldColumns[f]] !== null && a[fieldColumns[f]] !== ''));

/**
 * The roles that let the actor change each asset; `any` for the system, an administrator and a token that no person made. An asset outside
 * the actor's scopes is left out.
 */
async function rolesFor(db: Db, actor: Actor, ids: readonly string[]): Promise<Map<string, Set<RoleName> | 'any'>> {
  if (actor.kind === 'system') return new Map(ids.map((id) => [id, 'any']));
  const found = new Map<string, Set<RoleName> | 'any'>();
  const byRole = Map.groupBy(
    actor.grants.filter((g) => g.permission === writes),
    (g): RoleName | 'any' => (g.role === undefined || g.role === 'administrator' ? 'any' : g.role),
  );
  for (const [role, grants] of byRole)
    for (const id of await within(db, actor, grants, ids)) {
      const held = found.get(id);
      if (role === 'any') found.set(id, 'any');
      else if (held !== 'any') found.set(id, new Set([...(held ?? []), role]));
    }
  return found;
}

const within = async (db: Db, actor: Actor, grants: readonly Grant[], ids: readonly string[]): Promise<Set<string>> =>
  reachableAssets(db, ids, { ...actor, grants }, writes);
