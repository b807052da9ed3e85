import { Problem } from '@muster/api/errors';
import type { MovementKind, StockHolderKind } from '@muster/api/stock';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { scopeCondition } from '../../platform/listing/index.ts';
import { readPlace } from '../places/index.ts';
import { mustFindItem } from './items.ts';
import { levelListing } from './store-listing.ts';
import { appendMovements, type ItemRow, type LevelRow, lockItem, lockLevels, type MovementRow, onHandElsewhere } from './store.ts';

/** An item with the levels that are about to change, locked until the transaction ends. */
export interface OpenStock {
  readonly item: ItemRow;
  /** By place id. */
  readonly levels: ReadonlyMap<string, LevelRow>;
  /** When what follows happened: never before anything recorded for these levels. */
  readonly at: Date;
  readonly now: Date;
}

/** A place that the input named, and where it did: for the error. */
export interface NamedPlace {
  readonly id: string;
  readonly field: string;
}

const invalid = (field: string, code: string, message: string): Problem =>
  new Problem('validation_failed', undefined, { errors: [{ field, code, message }] });

/**
 * Locks an item (shared) and its levels in the order of their places; holdings are locked after. Every verb goes through here, so two
 * transactions never wait for each other in a circle, and each sees what the one before it left.
 * @throws Problem not_found for the item; validation_failed for a place that is not there or out of reach, and for an `at` in the future
 * or before the last movement; conflict for an archived item
 */
export async function openStock(
  tx: Tx,
  actor: Actor,
  itemId: string,
  places: readonly NamedPlace[],
  when: { now: Date; at?: string | undefined },
): Promise<OpenStock> {
  await lockItem(tx, itemId, 'share');
  const item = await mustFindItem(tx, itemId, actor, 'assets:write');
  for (const place of places) await mustReachPlace(tx, actor, place);
  if (item.archived_at) throw new Problem('conflict', `“${item.name}” is archived. Take it out of the archive first.`);
  const rows = await lockLevels(
    tx,
    itemId,
    [...new Set(places.map((place) => place.id))].map((id) => ({ id, levelId: newId(when.now.getTime()) })),
  );
  const last = Math.max(...rows.map((row) => row.moved_at?.getTime() ?? 0));
  const now = when.now;
  const levels = new Map(rows.map((row) => [row.place_id, row]));
  if (when.at === undefined) return { item, levels, at: new Date(Math.max(now.getTime(), last)), now };
  const at = new Date(when.at);
  if (at > now) throw invalid('at', 'future', 'It cannot have happened in the future.');
  if (at.getTime() < last)
    throw invalid('at', 'before_last', `The last movement there was at ${new Date(last).toISOString()}. Choose a later time.`);
  return { item, levels, at, now };
}

async function mustReachPlace(tx: Tx, actor: Actor, place: NamedPlace): Promise<void> {
  try {
    await readPlace(tx, place.id, actor, 'assets:write');
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') throw invalid(place.field, 'unknown', 'There is no such place.');
    throw error;
  }
}

/** The level of a place that was opened. */
export function levelOf(stock: OpenStock, placeId: string): LevelRow {
  const level = stock.levels.get(placeId);
  if (!level) throw new Error(`The level of place ${placeId} is not open`);
  return level;
}

/**
 * Refuses to take more than is on hand, and says how many are left there and where else.
 * @throws Problem conflict (`quantity`: `not_enough`)
 */
export async function mustHave(tx: Tx, actor: Actor, stock: OpenStock, placeId: string, quantity: number): Promise<void> {
  const level = levelOf(stock, placeId);
  if (level.on_hand >= quantity) return;
  const elsewhere = await onHandElsewhere(tx, stock.item.id, placeId, scopeCondition(levelListing, actor, 'assets:read'));
  const left = level.on_hand === 0 ? 'None is' : level.on_hand === 1 ? 'Only 1 is' : `Only ${level.on_hand} are`;
  const others = elsewhere.map((row) => `${row.on_hand} in ${row.place}`).join(', ');
  const message = `${left} left of “${stock.item.name}” in ${level.place}, and ${quantity} ${quantity === 1 ? 'was' : 'were'} asked for. ${others ? `There are ${others}.` : 'There is none elsewhere.'}`;
  throw new Problem('conflict', message, { errors: [{ field: 'quantity', code: 'not_enough', message }] });
}

/** What a movement says beyond its kind, place and quantity. */
export interface Draft {
  kind: MovementKind;
  placeId: string;
  quantity: number;
  /** What it does to the level: −1, 0 or 1 times the quantity. */
  onHand: -1 | 0 | 1;
  out?: -1 | 0 | 1;
  holder?: { kind: StockHolderKind; id: string; label: string } | null;
  holdingId?: string | null;
  dueOn?: string | null;
  note?: string | null;
  transferId?: string;
  reverses?: string;
}

/** A movement row of a draft, with an id of its own unless given. */
export function movementOf(stock: OpenStock, actor: Actor, draft: Draft, id = newId(stock.now.getTime())): MovementRow {
  return {
    id,
    item_id: stock.item.id,
    place_id: draft.placeId,
    kind: draft.kind,
    quantity: draft.quantity,
    on_hand_change: draft.onHand * draft.quantity,
    out_change: (draft.out ?? 0) * draft.quantity,
    holder_kind: draft.holder?.kind ?? null,
    holder_id: draft.holder?.id ?? null,
    holder_label: draft.holder?.label ?? null,
    holding_id: draft.holdingId ?? null,
    due_on: draft.dueOn ?? null,
    note: draft.note ?? null,
    transfer_id: draft.transferId ?? null,
    reverses: draft.reverses ?? null,
    at: stock.at,
    by_label: actor.label,
    recorded_at: stock.now,
  };
}

/** Appends the movements with their effect and one audit row. Returns their ids. */
export async function record(
  tx: Tx,
  actor: Actor,
  stock: OpenStock,
  movements: readonly MovementRow[],
  entry: { action: string; summary: string },
): Promise<string[]> {
  if (movements.length > 0) await appendMovements(tx, movements);
  await audit(tx, actor, {
    action: entry.action,
    resource: 'stock-items',
    resourceId: stock.item.id,
    summary: entry.summary,
    after: movements.map((m) => ({
      movement: m.id,
      kind: m.kind,
      place: m.place_id,
      quantity: m.quantity,
      onHand: m.on_hand_change,
      out: m.out_change,
    })),
  });
  return movements.map((movement) => movement.id);
}

/** `3 × “Mouse”`. */
export const countOf = (stock: OpenStock, quantity: number): string => `${quantity} × “${stock.item.name}”`;
