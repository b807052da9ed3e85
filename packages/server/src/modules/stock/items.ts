import { Problem } from '@muster/api/errors';
import type { Permission } from '@muster/api/permissions';
import type { StockItem, StockItemCreate, StockItemUpdate } from '@muster/api/stock';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { itemListing } from './store-listing.ts';
import { findItem, insertItem, type ItemRow, type ItemValues, lockItem, updateItemRow } from './store.ts';

/**
 * The row of an item.
 * @throws Problem not_found, also when the actor's scopes do not cover it
 */
export async function mustFindItem(db: Db, id: string, actor: Actor, permission: Permission): Promise<ItemRow> {
  const row = await findItem(db, id);
  if (!row || !(await canReach(db, itemListing, id, actor, permission)))
    throw new Problem('not_found', 'There is no stock item with this id.');
  return row;
}

/** One item with its totals over all places. Problem `not_found`. */
export async function readItem(db: Db, id: string, actor: Actor, permission: Permission): Promise<StockItem> {
  const row = await mustFindItem(db, id, actor, permission);
  return {
    id: row.id,
    name: row.name,
    category: row.category,
    mode: row.mode,
    manufacturer: row.manufacturer,
    partNumber: row.part_number,
    unit: row.unit,
    minimum: row.minimum,
    notes: row.notes,
    status: row.status,
    onHand: Number(row.on_hand),
    out: Number(row.out),
    modeIsOpen: !row.moved,
    archivedAt: row.archived_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    version: row.version,
  };
}

/** Adds an item, with nothing in stock yet. Returns its id. */
export async function createItem(tx: Tx, actor: Actor, input: StockItemCreate, now: Date): Promise<string> {
  const id = newId(now.getTime());
  const { partNumber, ...rest } = input;
  await insertItem(tx, id, { ...rest, part_number: partNumber, archived_at: null }, now);
  await audit(tx, actor, {
    action: 'stock_item.created',
    resource: 'stock-items',
    resourceId: id,
    summary: `Added stock item “${input.name}”`,
    after: input,
  });
  return id;
}

/**
 * Changes or archives an item; what is left out stays.
 * @throws Problem not_found, stale; validation_failed (`mode`: `immutable`) once something has moved; conflict for archiving what is
 * still on hand or out
 */
export async function updateItem(tx: Tx, actor: Actor, id: string, version: number, input: StockItemUpdate, now: Date): Promise<void> {
  // Against every movement: none may come between looking and archiving, or changing the mode.
  await lockItem(tx, id, 'update');
  const before = await mustFindItem(tx, id, actor, 'assets:write');
  if (before.version !== version) throw new Problem('stale');
  if (input.mode !== undefined && input.mode !== before.mode && before.moved)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'mode', code: 'immutable', message: 'It has moved already. Archive it and add another item instead.' }],
    });
  if (input.archived === true && (Number(before.on_hand) > 0 || Number(before.out) > 0))
    throw new Problem(
      'conflict',
      `“${before.name}” still has ${before.on_hand} on hand and ${before.out} checked out. Clear the stock first.`,
    );
  const after = merged(before, input, now);
  if (!(await updateItemRow(tx, id, version, after, now))) throw new Problem('stale');
  await audit(tx, actor, {
    action: input.archived === true && !before.archived_at ? 'stock_item.archived' : 'stock_item.changed',
    resource: 'stock-items',
    resourceId: id,
    summary: `${input.archived === true ? 'Archived' : 'Changed'} stock item “${after.name}”`,
    before: valuesOf(before),
    after: valuesOf(after),
  });
}

function merged(before: ItemRow, input: StockItemUpdate, now: Date): ItemValues {
  const archived = input.archived ?? before.archived_at !== null;
  return {
    name: input.name ?? before.name,
    category: input.category ?? before.category,
    mode: input.mode ?? before.mode,
    manufacturer: input.manufacturer === undefined ? before.manufacturer : input.manufacturer,
    part_number: input.partNumber === undefined ? before.part_number : input.partNumber,
    unit: input.unit ?? before.unit,
    minimum: input.minimum === undefined ? before.minimum : input.minimum,
    notes: input.notes === undefined ? before.notes : input.notes,
    archived_at: archived ? (before.archived_at ?? now) : null,
  };
}

const valuesOf = (v: ItemValues): Record<string, unknown> => ({
  name: v.name,
  category: v.category,
  mode: v.mode,
  manufacturer: v.manufacturer,
  partNumber: v.part_number,
  unit: v.unit,
  minimum: v.minimum,
  notes: v.notes,
  archived: v.archived_at !== null,
});
