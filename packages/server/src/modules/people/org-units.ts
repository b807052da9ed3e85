import { type FieldError, Problem } from '@muster/api/errors';
import type { OrgUnit, OrgUnitCreate, OrgUnitUpdate } from '@muster/api/people';
import type { Permission } from '@muster/api/permissions';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import { moveSubtree, namesOf, pathUnder } from '../../platform/db/tree.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { settleCustom, showCustom } from '../fields/index.ts';
import { orgUnitListing } from './store-listing.ts';
import { contentsOfOrgUnit, deleteOrgUnitRow, findOrgUnit, insertOrgUnit, type OrgUnitRow, updateOrgUnitRow } from './store-org-units.ts';

/** One unit with its way from the root. Problem `not_found` also when the actor's scopes do not cover it. */
export async function readOrgUnit(db: Db, id: string, actor: Actor, permission: Permission): Promise<OrgUnit> {
  const row = await mustFind(db, id, actor, permission);
  const path = await namesOf(db, 'org_units', row.path);
  return {
    id: row.id,
    name: row.name,
    parent: path.at(-2) ?? null,
    path,
    costCentre: row.cost_centre,
    people: Number(row.people),
    custom: (await showCustom(db, 'org-units', row)).custom,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

/** Adds a unit under a parent, or as a root. Problem `validation_failed` for a parent that is not there. */
export async function createOrgUnit(tx: Tx, actor: Actor, input: OrgUnitCreate, now: Date): Promise<string> {
  const id = newId(now.getTime());
  const path = await pathUnder(tx, 'org_units', id, input.parentId ?? null);
  const custom = await settleCustom(tx, actor, { resource: 'org-units', recordId: id, current: {}, given: input.custom, creating: true });
  if (!path || custom.errors.length > 0) throw badFields([...(path ? [] : [unknownParent]), ...custom.errors]);
  await insertOrgUnit(tx, id, path, { name: input.name, costCentre: input.costCentre ?? null, custom: custom.custom }, now);
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, {
    action: 'org_unit.created',
    resource: 'org-units',
    resourceId: id,
    summary: `Added org unit “${input.name}”`,
    after: { ...input },
  });
  return id;
}

/** Changes a unit; a new parent moves it with everything below it. Problems `stale`, `validation_failed`, `not_found`. */
export async function updateOrgUnit(tx: Tx, actor: Actor, id: string, version: number, input: OrgUnitUpdate, now: Date): Promise<void> {
  const before = await mustFind(tx, id, actor, 'people:write');
  if (before.version !== version) throw new Problem('stale');
  if (input.parentId !== undefined && input.parentId !== before.parent_id) {
    const path = await pathUnder(tx, 'org_units', id, input.parentId);
    if (!path) throw badParent('unknown', 'There is no such org unit.');
    if (path.slice(0, -1).includes(id)) throw badParent('cycle', 'A unit cannot be part of itself.');
    await moveSubtree(tx, 'org_units', id, path);
  }
  const given = { resource: 'org-units', recordId: id, current: before.custom, given: input.custom, creating: false } as const;
  const { custom, errors } = await settleCustom(tx, actor, given);
  if (errors.length > 0) throw badFields(errors);
  const values = {
    name: input.name ?? before.name,
    costCentre: input.costCentre === undefined ? before.cost_centre : input.costCentre,
    custom,
  };
  if (!(await updateOrgUnitRow(tx, id, version, values, now))) throw new Problem('stale');
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, {
    action: 'org_unit.changed',
    resource: 'org-units',
    resourceId: id,
    summary: `Changed org unit “${values.name}”`,
    before: { name: before.name, costCentre: before.cost_centre, custom: before.custom, parentId: before.parent_id },
    after: { ...values, parentId: input.parentId === undefined ? before.parent_id : input.parentId },
  });
}

/** Removes an empty unit; Problem `conflict` says what is still in it. */
export async function deleteOrgUnit(tx: Tx, actor: Actor, id: string): Promise<void> {
  const before = await mustFind(tx, id, actor, 'people:write');
  const contents = await contentsOfOrgUnit(tx, id);
  if (contents.length > 0) throw new Problem('conflict', `“${before.name}” still has ${contents.join(', ')} in it. Move them first.`);
  await deleteOrgUnitRow(tx, id);
  await audit(tx, actor, {
    action: 'org_unit.removed',
    resource: 'org-units',
    resourceId: id,
    summary: `Removed org unit “${before.name}”`,
    before: { name: before.name, costCentre: before.cost_centre, parentId: before.parent_id },
  });
}

async function mustFind(db: Db, id: string, actor: Actor, permission: Permission): Promise<OrgUnitRow> {
  const row = await findOrgUnit(db, id);
  if (!row || !(await canReach(db, orgUnitListing, id, actor, permission)))
    throw new Problem('not_found', 'There is no org unit with this id.');
  return row;
}

async function mustStayInScope(tx: Tx, id: string, actor: Actor): Promise<void> {
  if (!(await canReach(tx, orgUnitListing, id, actor, 'people:write')))
    throw new Problem('forbidden', 'Your role does not reach that org unit.');
}

const unknownParent: FieldError = { field: 'parentId', code: 'unknown', message: 'There is no such org unit.' };
const badFields = (errors: FieldError[]): Problem => new Problem('validation_failed', undefined, { errors });
const badParent = (code: string, message: string): Problem => badFields([{ field: 'parentId', code, message }]);
