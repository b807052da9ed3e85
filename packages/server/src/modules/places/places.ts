import { type FieldError, Problem } from '@muster/api/errors';
import { type Address, addressSchema, type Place, type PlaceCreate, type PlaceUpdate } from '@muster/api/places';
import type { Permission } from '@muster/api/permissions';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import { moveSubtree, namesOf, pathUnder } from '../../platform/db/tree.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { settleCustom, showCustom } from '../fields/index.ts';
import {
  contentsOfPlace,
  deletePlaceRow,
  findPlace,
  insertPlace,
  placeListing,
  type PlaceRow,
  type PlaceValues,
  updatePlaceRow,
} from './store.ts';
import { highestTaken } from './store-racks.ts';

/** One place with its way from the root. Problem `not_found` also when the actor's scopes do not cover it. */
export async function readPlace(db: Db, id: string, actor: Actor, permission: Permission): Promise<Place> {
  const row = await mustFind(db, id, actor, permission);
  const path = await namesOf(db, 'places', row.path);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    parent: path.at(-2) ?? null,
    path,
    assets: Number(row.assets),
    address: addressOf(row),
    notes: row.notes,
    rackUnits: row.rack_units,
    custom: (await showCustom(db, 'places', row)).custom,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

/** Adds a place under a parent, or as a root. Problem `validation_failed` for a parent that is not there. */
export async function createPlace(tx: Tx, actor: Actor, input: PlaceCreate, now: Date): Promise<string> {
  const id = newId(now.getTime());
  const path = await pathUnder(tx, 'places', id, input.parentId ?? null);
  const custom = await settleCustom(tx, actor, { resource: 'places', recordId: id, current: {}, given: input.custom, creating: true });
  if (!path || custom.errors.length > 0) throw badFields([...(path ? [] : [unknownParent]), ...custom.errors]);
  const values = { ...valuesOf(nowhere, input), custom: custom.custom };
  await insertPlace(tx, id, path, values, now);
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, {
    action: 'place.created',
    resource: 'places',
    resourceId: id,
    summary: `Added place “${input.name}”`,
    after: { ...input },
  });
  return id;
}

/** Changes a place; a new parent moves it with everything below it. Problems `stale`, `validation_failed`, `not_found`. */
export async function updatePlace(tx: Tx, actor: Actor, id: string, version: number, input: PlaceUpdate, now: Date): Promise<void> {
  const before = await mustFind(tx, id, actor, 'people:write');
  if (before.version !== version) throw new Problem('stale');
  if (input.parentId !== undefined && input.parentId !== before.parent_id) {
    const path = await pathUnder(tx, 'places', id, input.parentId);
    if (!path) throw badParent('unknown', 'There is no such place.');
    if (path.slice(0, -1).includes(id)) throw badParent('cycle', 'A place cannot be inside itself.');
    await moveSubtree(tx, 'places', id, path);
  }
  const given = { resource: 'places', recordId: id, current: before.custom, given: input.custom, creating: false } as const;
  const { custom, errors } = await settleCustom(tx, actor, given);
  if (errors.length > 0) throw badFields(errors);
  const old = {
    name: before.name,
    kind: before.kind,
    address: addressOf(before),
    notes: before.notes,
    rackUnits: before.rack_units,
    custom: before.custom,
  };
  const values = { ...valuesOf(old, input), custom };
  const top = old.rackUnits === values.rackUnits ? 0 : await highestTaken(tx, id);
  if (top > (values.rackUnits ?? 0))
    throw new Problem('conflict', `Something is mounted up to unit ${top} of “${before.name}”. Move it first.`);
  if (!(await updatePlaceRow(tx, id, version, values, now))) throw new Problem('stale');
  await mustStayInScope(tx, id, actor);
  await audit(tx, actor, {
    action: 'place.changed',
    resource: 'places',
    resourceId: id,
    summary: `Changed place “${values.name}”`,
    before: { ...old, parentId: before.parent_id },
    after: { ...values, parentId: input.parentId === undefined ? before.parent_id : input.parentId },
  });
}

/** Removes an empty place; Problem `conflict` says what is still in it. */
export async function deletePlace(tx: Tx, actor: Actor, id: string): Promise<void> {
  const before = await mustFind(tx, id, actor, 'people:write');
  const contents = await contentsOfPlace(tx, id);
  if (contents.length > 0) throw new Problem('conflict', `“${before.name}” still has ${contents.join(', ')} in it. Move them first.`);
  await deletePlaceRow(tx, id);
  await audit(tx, actor, {
    action: 'place.removed',
    resource: 'places',
    resourceId: id,
    summary: `Removed place “${before.name}”`,
    before: { name: before.name, kind: before.kind, parentId: before.parent_id },
  });
}

const noAddress: Address = { street: null, postcode: null, city: null, region: null, country: null };
const nowhere: PlaceValues = { name: '', kind: 'site', address: noAddress, notes: null, rackUnits: null, custom: {} };
/** How high a rack is when nobody says: the usual full height (EIA-310 cabinets of 42 units). */
const usualUnits = 42;

const addressOf = (row: PlaceRow): Address => addressSchema.parse(row.address);

/** What a place becomes. Only racks have units, and every rack has some. Problem `validation_failed` for units of what is no rack. */
function valuesOf(old: PlaceValues, input: PlaceUpdate): PlaceValues {
  const kind = input.kind ?? old.kind;
  if (kind !== 'rack' && typeof input.rackUnits === 'number')
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'rackUnits', code: 'not_a_rack', message: 'Only a rack has height units.' }],
    });
  return {
    name: input.name ?? old.name,
    kind,
    address: input.address ?? old.address,
    notes: input.notes === undefined ? old.notes : input.notes,
    custom: old.custom,
    rackUnits: kind === 'rack' ? (input.rackUnits ?? old.rackUnits ?? usualUnits) : null,
  };
}

async function mustFind(db: Db, id: string, actor: Actor, permission: Permission): Promise<PlaceRow> {
  const row = await findPlace(db, id);
  if (!row || !(await canReach(db, placeListing, id, actor, permission))) throw new Problem('not_found', 'There is no place with this id.');
  return row;
}

async function mustStayInScope(tx: Tx, id: string, actor: Actor): Promise<void> {
  if (!(await canReach(tx, placeListing, id, actor, 'people:write')))
    throw new Problem('forbidden', 'Your role does not reach that place.');
}

const unknownParent: FieldError = { field: 'parentId', code: 'unknown', message: 'There is no such place.' };
const badFields = (errors: FieldError[]): Problem => new Problem('validation_failed', undefined, { errors });
const badParent = (code: string, message: string): Problem => badFields([{ field: 'parentId', code, message }]);
