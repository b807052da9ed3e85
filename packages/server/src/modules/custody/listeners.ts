import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import type { NamedHolder } from './holders.ts';

/** An asset that is about to be given to a holder. */
export interface Giving {
  readonly asset: { readonly id: string; readonly label: string };
  readonly holder: NamedHolder;
  readonly dueOn: string | null;
  /** The caller knows that it is reserved for somebody else. */
  readonly despiteReservation: boolean;
}

/** Called in the transaction of the change, the asset's row locked. What one throws refuses the asset. */
export interface CustodyListener {
  readonly giving: (tx: Tx, actor: Actor, giving: Giving, now: Date) => Promise<void>;
  /** Its custody has ended; with a hand-over before the next begins. */
  readonly returned: (tx: Tx, actor: Actor, assetId: string, now: Date) => Promise<void>;
}

const listeners = new Map<string, CustodyListener>();

/** Has a module that plans who gets what look at custody as it changes. One listener per name; the last one counts. */
export function onCustody(name: string, listener: CustodyListener): void {
  listeners.set(name, listener);
}

export async function tellGiving(tx: Tx, actor: Actor, giving: Giving, now: Date): Promise<void> {
  for (const listener of listeners.values()) await listener.giving(tx, actor, giving, now);
}

export async function tellReturned(tx: Tx, actor: Actor, assetId: string, now: Date): Promise<void> {
  for (const listener of listeners.values()) await listener.returned(tx, actor, assetId, now);
}
