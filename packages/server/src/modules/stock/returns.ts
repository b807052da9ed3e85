import { Problem } from '@muster/api/errors';
import type { ReturnStock } from '@muster/api/stock';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { canReach } from '../../platform/listing/index.ts';
import { countOf, type Draft, levelOf, movementOf, mustHave, openStock, type OpenStock, record } from './ledger.ts';
import { holdingListing, movementListing } from './store-listing.ts';
import { findHolding, findMovement, type HoldingRow, isReversed, lockHolding, type MovementRow, movementsTogether } from './store.ts';

const invalid = (field: string, code: string, message: string): Problem =>
  new Problem('validation_failed', undefined, { errors: [{ field, code, message }] });

/**
 * Takes back what a holder has, all or a part; of it some may be lost or damaged, which is written off. What is put into another place
 * than it came from is returned and then transferred. Returns the item and the ids of the movements.
 * @throws Problem not_found for the holding; validation_failed for nothing at all; conflict for more than is out; as `openStock`
 */
export async function takeBack(
  tx: Tx,
  actor: Actor,
  holdingId: string,
  input: ReturnStock,
  now: Date,
): Promise<{ itemId: string; movements: string[] }> {
  const seen = await findHolding(tx, holdingId);
  if (!seen || !(await canReach(tx, holdingListing, holdingId, actor, 'assets:write')))
    throw new Problem('not_found', 'There is no holding with this id.');
  const { returned, lost, damaged } = input;
  const all = returned + lost + damaged;
  if (all === 0) throw invalid('returned', 'nothing', 'Say how many came back, are lost or are damaged.');
  const from = seen.place_id;
  const to = input.placeId ?? from;
  const places = [...new Set([from, to])].map((id) => ({ id, field: 'placeId' }));
  const stock = await openStock(tx, actor, seen.item_id, places, { now, at: input.at });
  const holding = await mustLock(tx, holdingId);
  if (holding.quantity < all)
    throw new Problem(
      'conflict',
      `${holding.holder_label} has ${holding.quantity} of “${stock.item.name}” from this check-out, and ${all} were to be taken back.`,
      { errors: [{ field: 'returned', code: 'too_many', message: `At most ${holding.quantity}.` }] },
    );
  const holder = { kind: holding.holder_kind, id: holding.holder_id, label: holding.holder_label };
  const common = { placeId: from, holder, holdingId, note: input.note } as const;
  const transferId = newId(now.getTime());
  const drafts: Draft[] = [
    { ...common, kind: 'return', quantity: returned, onHand: 1, out: -1 },
    { ...common, kind: 'loss', quantity: lost, onHand: 0, out: -1 },
    { ...common, kind: 'damage', quantity: damaged, onHand: 0, out: -1 },
    ...(to === from
      ? []
      : ([
          { kind: 'transfer_out', placeId: from, quantity: returned, onHand: -1, transferId, note: input.note },
          { kind: 'transfer_in', placeId: to, quantity: returned, onHand: 1, transferId, note: input.note },
        ] satisfies Draft[])),
  ];
  const movements = drafts.filter((draft) => draft.quantity > 0).map((draft) => movementOf(stock, actor, draft));
  const parts = [returned > 0 && `${returned} returned`, lost > 0 && `${lost} lost`, damaged > 0 && `${damaged} damaged`].filter(Boolean);
  const ids = await record(tx, actor, stock, movements, {
    action: 'stock.returned',
    summary: `Took back ${countOf(stock, all)} from ${holding.holder_label} into ${levelOf(stock, to).place}: ${parts.join(', ')}`,
  });
  return { itemId: seen.item_id, movements: ids };
}

async function mustLock(tx: Tx, holdingId: string): Promise<HoldingRow> {
  const holding = await lockHolding(tx, holdingId);
  if (!holding) throw new Error(`Holding ${holdingId} is gone, although nothing removes one`);
  return holding;
}

/**
 * Undoes a movement by a counter-movement of the same kind; a transfer on both sides. Both stay. Returns the item and the new ids.
 * @throws Problem not_found; conflict when it was undone before, is itself an undo, or what it brought has gone on meanwhile
 */
export async function reverse(
  tx: Tx,
  actor: Actor,
  movementId: string,
  note: string | null,
  now: Date,
): Promise<{ itemId: string; movements: string[] }> {
  const movement = await findMovement(tx, movementId);
  if (!movement || !(await canReach(tx, movementListing, movementId, actor, 'assets:write')))
    throw new Problem('not_found', 'There is no movement with this id.');
  if (movement.reverses !== null) throw new Problem('conflict', 'This movement undoes another one. Record what happened instead.');
  const originals = await movementsTogether(tx, movement);
  const places = originals.map((one) => ({ id: one.place_id, field: 'id' }));
  const stock = await openStock(tx, actor, movement.item_id, places, { now });
  if (await isReversed(tx, movementId)) throw new Problem('conflict', 'This movement has been undone already.');
  for (const one of originals) await mustBeUndoable(tx, actor, stock, one);
  const counter = originals.map((one) => counterMovement(stock, actor, one, note));
  const ids = await record(tx, actor, stock, counter, {
    action: 'stock.reversed',
    summary: `Undid ${movement.kind.replaceAll('_', ' ')} of ${countOf(stock, movement.quantity)} in ${levelOf(stock, movement.place_id).place}`,
  });
  return { itemId: movement.item_id, movements: ids };
}

async function mustBeUndoable(tx: Tx, actor: Actor, stock: OpenStock, one: MovementRow): Promise<void> {
  if (one.on_hand_change > 0) await mustHave(tx, actor, stock, one.place_id, one.on_hand_change);
  if (one.out_change <= 0 || one.holding_id === null) return;
  const holding = await mustLock(tx, one.holding_id);
  if (holding.quantity < one.out_change)
    throw new Problem('conflict', `Only ${holding.quantity} of ${one.out_change} are still out: the rest was taken back. Undo that first.`);
}

function counterMovement(stock: OpenStock, actor: Actor, one: MovementRow, note: string | null): MovementRow {
  return {
    ...movementOf(stock, actor, { kind: one.kind, placeId: one.place_id, quantity: one.quantity, onHand: 0, note, reverses: one.id }),
    on_hand_change: -one.on_hand_change,
    out_change: -one.out_change,
    holder_kind: one.holder_kind,
    holder_id: one.holder_id,
    holder_label: one.holder_label,
    holding_id: one.holding_id,
    transfer_id: one.transfer_id,
  };
}
