import type { PersonStock } from '@muster/api/stock';
import type { Actor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { scopeCondition } from '../../platform/listing/index.ts';
import { holdingListing, movementListing } from './store-listing.ts';
import { holdingsOf, issuedTo } from './store.ts';

/**
 * What a person has of two-way items now, for whoever may know everything: the jobs, a leaver's list.
 * @returns the first due first, at most 500; `dueOn` is a calendar day or null when it is meant to stay
 */
export async function holdingsOfPerson(db: Db, personId: string, today: string): Promise<PersonStock['holdings']> {
  return present(await holdingsOf(db, personId, null), today);
}

/** The accessories and consumables of a person, of the places that the actor may read. `today` is the UTC day, for what is overdue. */
export async function readPersonStock(db: Db, personId: string, actor: Actor, today: string): Promise<PersonStock> {
  const holdings = await holdingsOf(db, personId, scopeCondition(holdingListing, actor, 'assets:read'));
  const issued = await issuedTo(db, personId, scopeCondition(movementListing, actor, 'assets:read'));
  return {
    holdings: present(holdings, today),
    issued: issued.map((row) => ({
      id: row.id,
      item: { id: row.item_id, label: row.item },
      unit: row.unit,
      quantity: row.quantity,
      at: row.at.toISOString(),
    })),
  };
}

const present = (rows: Awaited<ReturnType<typeof holdingsOf>>, today: string): PersonStock['holdings'] =>
  rows.map((row) => ({
    id: row.id,
    item: { id: row.item_id, label: row.item },
    unit: row.unit,
    quantity: row.quantity,
    place: { id: row.place_id, label: row.place },
    since: row.since.toISOString(),
    dueOn: row.due_on,
    overdue: row.due_on !== null && row.due_on < today,
  }));
