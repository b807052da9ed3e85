import { type FieldError, Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { Team, TeamCreate, TeamUpdate } from '@muster/api/teams';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { clashesOfTeam, deleteTeamRow, findTeam, insertTeam, putMembers, teamListing, type TeamRow, updateTeamRow } from './store-teams.ts';

/** One team with its members. Problem `not_found` also when the actor's scopes do not cover it. */
export async function readTeam(db: Db, id: string, actor: Actor, permission: Permission): Promise<Team> {
  const row = await mustFind(db, id, actor, permission);
  return {
    id: row.id,
    name: row.name,
    orgUnit: row.org_unit_id === null ? null : { id: row.org_unit_id, label: row.org_unit ?? row.org_unit_id },
    members: row.members,
    assets: Number(row.assets),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

/** Adds a team. Problem `validation_failed` with every bad field, `conflict` for a name that is taken. */
export async function createTeam(tx: Tx, actor: Actor, input: TeamCreate, now: Date): Promise<string> {
  const id = newId(now.getTime());
  const values = { name: input.name, orgUnitId: input.orgUnitId ?? null, people: input.memberIds ?? [] };
  await check(tx, id, values);
  await insertTeam(tx, { id, ...values }, now).catch(refuseTwin);
  await putMembers(tx, id, values.people);
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, {
    action: 'team.created',
    resource: 'teams',
    resourceId: id,
    summary: `Added the team “${values.name}”`,
    after: values,
  });
  return id;
}

/** Changes a team; fields left out stay. Problems `stale`, `validation_failed`, `conflict`, `not_found`. */
export async function updateTeam(tx: Tx, actor: Actor, id: string, version: number, input: TeamUpdate, now: Date): Promise<void> {
  const row = await mustFind(tx, id, actor, 'people:write');
  if (row.version !== version) throw new Problem('stale');
  const before = { name: row.name, orgUnitId: row.org_unit_id, people: row.members.map((m) => m.id) };
  const after = {
    name: input.name ?? before.name,
    orgUnitId: input.orgUnitId === undefined ? before.orgUnitId : input.orgUnitId,
    people: input.memberIds ?? before.people,
  };
  await check(tx, id, after);
  if (!(await updateTeamRow(tx, id, version, after, now).catch(refuseTwin))) throw new Problem('stale');
  await putMembers(tx, id, after.people);
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, {
    action: 'team.changed',
    resource: 'teams',
    resourceId: id,
    summary: `Changed the team “${after.name}”`,
    before,
    after,
  });
}

/** Removes a team; Problem `conflict` while it has assets. Past custody keeps its name. */
export async function deleteTeam(tx: Tx, actor: Actor, id: string): Promise<void> {
  const row = await mustFind(tx, id, actor, 'people:write');
  if (Number(row.assets) > 0)
    throw new Problem('conflict', `“${row.name}” still has ${row.assets} assets. Check them in or hand them over first.`);
  await deleteTeamRow(tx, id);
  await audit(tx, actor, {
    action: 'team.removed',
    resource: 'teams',
    resourceId: id,
    summary: `Removed the team “${row.name}”`,
    before: { name: row.name, orgUnitId: row.org_unit_id, people: row.members.map((m) => m.id) },
  });
}

async function check(tx: Tx, id: string, values: { name: string; orgUnitId: string | null; people: readonly string[] }): Promise<void> {
  const clashes = await clashesOfTeam(tx, id, values);
  const errors: FieldError[] = [];
  if (clashes.name) errors.push({ field: 'name', code: 'taken', message: 'Another team has this name.' });
  if (clashes.orgUnit) errors.push({ field: 'orgUnitId', code: 'unknown', message: 'There is no such org unit.' });
  for (const person of clashes.missing)
    errors.push({ field: `memberIds.${values.people.indexOf(person)}`, code: 'unknown', message: 'There is no such person.' });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

/** Two requests may pass the check at once; the unique index then stops the second. */
function refuseTwin(error: unknown): never {
  if ((error as { code?: unknown }).code === '23505')
    throw new Problem('conflict', 'Someone gave this name to another team at this moment.', { cause: error });
  throw error;
}

async function mustFind(db: Db, id: string, actor: Actor, permission: Permission): Promise<TeamRow> {
  const row = await findTeam(db, id);
  if (!row || !(await canReach(db, teamListing, id, actor, permission))) throw new Problem('not_found', 'There is no team with this id.');
  return row;
}

async function mustStayInScope(tx: Tx, id: string, actor: Actor): Promise<void> {
  if (!(await canReach(tx, teamListing, id, actor, 'people:write')))
    throw new Problem('forbidden', 'Your role does not reach that org unit.');
}
