import { Problem } from '@muster/api/errors';
import type { CountStock, IssueStock, ReceiveStock, SetStockMinimum, TransferStock, WriteOffStock } from '@muster/api/stock';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { mustFindAsset } from '../assets/index.ts';
import { resolveHolder } from '../custody/index.ts';
import { readPerson } from '../people/index.ts';
import { readPlace } from '../places/index.ts';
import { countOf, levelOf, movementOf, mustHave, openStock, record } from './ledger.ts';
import { insertHolding, setLevelMinimum } from './store.ts';

const invalid = (field: string, code: string, message: string): Problem =>
  new Problem('validation_failed', undefined, { errors: [{ field, code, message }] });

/** Adds stock that came in. Returns the ids of the movements, as every verb here. Problems as `openStock`. */
export async function receive(tx: Tx, actor: Actor, itemId: string, input: ReceiveStock, now: Date): Promise<string[]> {
  const { placeId, quantity, note } = input;
  const stock = await openStock(tx, actor, itemId, [{ id: placeId, field: 'placeId' }], { now, at: input.at });
  if (levelOf(stock, placeId).on_hand + quantity > 1_000_000_000)
    throw invalid('quantity', 'too_much', 'A place holds at most 1,000,000,000 of an item.');
  const movement = movementOf(stock, actor, { kind: 'receipt', placeId, quantity, onHand: 1, note });
  return record(tx, actor, stock, [movement], {
    action: 'stock.received',
    summary: `Received ${countOf(stock, quantity)} into ${levelOf(stock, placeId).place}`,
  });
}

/**
 * Gives stock out: a one-way item is used up, a two-way item is checked out to a holder until it comes back.
 * @throws Problem conflict (`not_enough`) with what is left and where; validation_failed for the holder or the due day; as `openStock`
 */
export async function issue(tx: Tx, actor: Actor, itemId: string, input: IssueStock, now: Date): Promise<string[]> {
  const { placeId, quantity, dueOn, note } = input;
  const stock = await openStock(tx, actor, itemId, [{ id: placeId, field: 'placeId' }], { now, at: input.at });
  const twoWay = stock.item.mode === 'two_way';
  if (twoWay && !input.holder) throw invalid('holder', 'required', 'Say who is given it: it is to come back.');
  if (!twoWay && dueOn !== null) throw invalid('dueOn', 'one_way', 'A one-way item is used up and does not come back.');
  const holder = input.holder ? { ...input.holder, label: await nameOfHolder(tx, actor, input.holder) } : null;
  await mustHave(tx, actor, stock, placeId, quantity);
  const id = newId(now.getTime());
  if (twoWay && holder)
    await insertHolding(tx, {
      id,
      item_id: itemId,
      place_id: placeId,
      holder_kind: holder.kind,
      holder_id: holder.id,
      holder_label: holder.label,
      quantity,
      since: stock.at,
      due_on: dueOn,
    });
  const draft = twoWay
    ? ({ kind: 'check_out', placeId, quantity, onHand: -1, out: 1, holder, holdingId: id, dueOn, note } as const)
    : ({ kind: 'consume', placeId, quantity, onHand: -1, holder, note } as const);
  return record(tx, actor, stock, [movementOf(stock, actor, draft, id)], {
    action: twoWay ? 'stock.checked_out' : 'stock.issued',
    summary: `${twoWay ? 'Checked out' : 'Issued'} ${countOf(stock, quantity)} from ${levelOf(stock, placeId).place}${holder ? ` to ${holder.label}` : ''}`,
  });
}

/** The name of a holder that exists, is in reach, and may be given something. Problem validation_failed as `resolveHolder`. */
async function nameOfHolder(db: Db, actor: Actor, { kind, id }: NonNullable<IssueStock['holder']>): Promise<string> {
  try {
    if (kind === 'person') await readPerson(db, id, actor, 'people:read');
    if (kind === 'asset') await mustFindAsset(db, id, actor, 'assets:read');
    if (kind === 'place') await readPlace(db, id, actor, 'assets:read');
  } catch (error) {
    if (error instanceof Problem && error.code === 'not_found') throw invalid('holder', 'unknown', `There is no ${kind} with this id.`);
    throw error;
  }
  return (await resolveHolder(db, { kind, id })).label;
}

/** Moves stock between two places. Problems as `issue`; validation_failed for one place on both sides. */
export async function transfer(tx: Tx, actor: Actor, itemId: string, input: TransferStock, now: Date): Promise<string[]> {
  const { fromPlaceId, toPlaceId, quantity, note } = input;
  if (fromPlaceId === toPlaceId) throw invalid('toPlaceId', 'same', 'Choose another place than the one it is taken from.');
  const places = [
    { id: fromPlaceId, field: 'fromPlaceId' },
    { id: toPlaceId, field: 'toPlaceId' },
  ];
  const stock = await openStock(tx, actor, itemId, places, { now, at: input.at });
  await mustHave(tx, actor, stock, fromPlaceId, quantity);
  const transferId = newId(now.getTime());
  const movements = [
    movementOf(stock, actor, { kind: 'transfer_out', placeId: fromPlaceId, quantity, onHand: -1, transferId, note }),
    movementOf(stock, actor, { kind: 'transfer_in', placeId: toPlaceId, quantity, onHand: 1, transferId, note }),
  ];
  return record(tx, actor, stock, movements, {
    action: 'stock.transferred',
    summary: `Moved ${countOf(stock, quantity)} from ${levelOf(stock, fromPlaceId).place} to ${levelOf(stock, toPlaceId).place}`,
  });
}

/** Sets what is on hand to what was counted, by one adjustment of the difference; a count that agrees leaves only its audit row. */
export async function count(tx: Tx, actor: Actor, itemId: string, input: CountStock, now: Date): Promise<string[]> {
  const { placeId, counted, reason } = input;
  const stock = await openStock(tx, actor, itemId, [{ id: placeId, field: 'placeId' }], { now, at: input.at });
  const level = levelOf(stock, placeId);
  const difference = counted - level.on_hand;
  const movements =
    difference === 0
      ? []
      : [
          movementOf(stock, actor, {
            kind: 'adjust',
            placeId,
            quantity: Math.abs(difference),
            onHand: difference > 0 ? 1 : -1,
            note: reason,
          }),
        ];
  return record(tx, actor, stock, movements, {
    action: 'stock.counted',
    summary: `Counted ${countOf(stock, counted)} in ${level.place}: ${difference === 0 ? 'as recorded' : `${level.on_hand} were recorded`}`,
  });
}

/** Takes lost or damaged stock out of a place. Problems as `issue`. */
export async function writeOff(tx: Tx, actor: Actor, itemId: string, input: WriteOffStock, now: Date): Promise<string[]> {
  const { placeId, quantity, kind, note } = input;
  const stock = await openStock(tx, actor, itemId, [{ id: placeId, field: 'placeId' }], { now, at: input.at });
  await mustHave(tx, actor, stock, placeId, quantity);
  return record(tx, actor, stock, [movementOf(stock, actor, { kind, placeId, quantity, onHand: -1, note })], {
    action: 'stock.written_off',
    summary: `Wrote off ${countOf(stock, quantity)} in ${levelOf(stock, placeId).place}: ${kind === 'loss' ? 'lost' : 'damaged'}`,
  });
}

/** Sets or clears the minimum stock of an item in a place; nothing moves. */
export async function setMinimum(tx: Tx, actor: Actor, itemId: string, input: SetStockMinimum, now: Date): Promise<string[]> {
  const stock = await openStock(tx, actor, itemId, [{ id: input.placeId, field: 'placeId' }], { now });
  const level = levelOf(stock, input.placeId);
  await setLevelMinimum(tx, itemId, input.placeId, input.minimum);
  await audit(tx, actor, {
    action: 'stock.minimum_set',
    resource: 'stock-items',
    resourceId: itemId,
    summary: `Set the minimum stock of “${stock.item.name}” in ${level.place} to ${input.minimum ?? 'none'}`,
    before: { placeId: input.placeId, minimum: level.minimum },
    after: { placeId: input.placeId, minimum: input.minimum },
  });
  return [];
}
