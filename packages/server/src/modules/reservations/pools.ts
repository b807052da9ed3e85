import { type FieldError, Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { CreatePool, LoanPool, UpdatePool } from '@muster/api/reservations';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { moveUp } from './grant.ts';
import { lendable, lockBookings, mostMembers } from './store.ts';
import {
  insertPool,
  namedMembers,
  poolById,
  poolListing,
  type PoolRow,
  type PoolValues,
  removePool,
  unknownOf,
  updatePoolRow,
} from './store-pools.ts';

/** @throws Problem not_found, also for one that the actor's role does not reach */
export async function mustFindPool(db: Db, id: string, actor: Actor, permission: Permission): Promise<PoolRow & { place: string | null }> {
  const row = await poolById(db, id);
  if (!row || !(await canReach(db, poolListing, id, actor, permission)))
    throw new Problem('not_found', 'There is no loaner pool with this id.');
  return row;
}

/** A pool with what it can lend. Problem not_found. */
export async function readPool(db: Db, id: string, actor: Actor, permission: Permission): Promise<LoanPool> {
  const row = await mustFindPool(db, id, actor, permission);
  const members = await lendable(db, { pool_id: id, wanted_asset_id: null }, mostMembers);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    class: row.class_key,
    model: row.model,
    place: row.place_id === null ? null : { id: row.place_id, label: row.place ?? row.place_id },
    noShowDays: row.no_show_days,
    note: row.note,
    members: members.map(({ id: assetId, label, tag, serial }) => ({ id: assetId, label, tag, serial })),
    version: row.version,
  };
}

async function check(tx: Tx, pool: PoolValues): Promise<void> {
  const errors: FieldError[] = [];
  const unknown = await unknownOf(tx, { class: pool.class_key, place: pool.place_id, assets: pool.assets });
  if (unknown.class) errors.push({ field: 'body.class', code: 'unknown', message: `There is no asset class ${pool.class_key}.` });
  if (unknown.place) errors.push({ field: 'body.placeId', code: 'unknown', message: 'There is no place with this id.' });
  if (unknown.assets.length > 0)
    errors.push({ field: 'body.assets', code: 'unknown', message: `There is no asset with the id ${unknown.assets.join(', ')}.` });
  if (pool.kind === 'matching') {
    if (pool.class_key === null && pool.model === null)
      errors.push({ field: 'body.class', code: 'required', message: 'Choose a class, a model or both.' });
    if (pool.assets.length > 0)
      errors.push({ field: 'body.assets', code: 'matching', message: 'The members of this pool are those that match.' });
  } else if (pool.class_key !== null || pool.model !== null)
    errors.push({ field: 'body.class', code: 'named', message: 'The members of this pool are named one by one.' });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

async function catchTakenName<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Error && 'constraint' in error && error.constraint === 'loan_pools_name')) throw error;
    const message = 'There is a loaner pool with this name already.';
    throw new Problem('conflict', message, { errors: [{ field: 'body.name', code: 'taken', message }], cause: error });
  }
}

/** Adds a pool; returns its id. Problems validation_failed, conflict. */
export async function createPool(tx: Tx, actor: Actor, input: CreatePool, now: Date): Promise<string> {
  const { class: classKey, placeId, noShowDays, ...rest } = input;
  const values: PoolValues = { ...rest, class_key: classKey, place_id: placeId, no_show_days: noShowDays };
  await check(tx, values);
  const id = newId(now.getTime());
  await catchTakenName(async () => insertPool(tx, id, values, now));
  await audit(tx, actor, {
    action: 'loan_pool.created',
    resource: 'loan-pools',
    resourceId: id,
    summary: `Added the loaner pool “${input.name}”`,
    after: input,
  });
  return id;
}

/**
 * Changes a pool; what is left out stays. Who waits for it moves up when it grew.
 * @throws Problem not_found, stale, validation_failed, conflict
 */
export async function updatePool(tx: Tx, actor: Actor, id: string, version: number, input: UpdatePool, now: Date): Promise<void> {
  await lockBookings(tx);
  const before = await mustFindPool(tx, id, actor, 'assets:write');
  if (before.version !== version) throw new Problem('stale');
  const assets = input.assets ?? (await namedMembers(tx, id));
  const values: PoolValues = {
    name: input.name ?? before.name,
    kind: before.kind,
    class_key: input.class === undefined ? before.class_key : input.class,
    model: input.model === undefined ? before.model : input.model,
    place_id: input.placeId === undefined ? before.place_id : input.placeId,
    no_show_days: input.noShowDays ?? before.no_show_days,
    note: input.note === undefined ? before.note : input.note,
    assets,
  };
  await check(tx, values);
  if (!(await catchTakenName(async () => updatePoolRow(tx, id, version, values, now)))) throw new Problem('stale');
  await audit(tx, actor, {
    action: 'loan_pool.changed',
    resource: 'loan-pools',
    resourceId: id,
    summary: `Changed the loaner pool “${values.name}”`,
    before,
    after: values,
  });
  await moveUp(tx, now);
}

/** Removes a pool of which nothing was ever reserved. Problems not_found, conflict. */
export async function dropPool(tx: Tx, actor: Actor, id: string): Promise<void> {
  await lockBookings(tx);
  const before = await mustFindPool(tx, id, actor, 'assets:write');
  if (!(await removePool(tx, id)))
    throw new Problem('conflict', `Something was reserved of “${before.name}”: it stays, so that its reservations can be read.`);
  await audit(tx, actor, {
    action: 'loan_pool.removed',
    resource: 'loan-pools',
    resourceId: id,
    summary: `Removed the loaner pool “${before.name}”`,
    before,
  });
}
