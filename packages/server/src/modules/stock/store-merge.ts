import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

/** A holding that a merge took to the survivor, and what its holder was called. */
export interface CarriedHolding {
  id: string;
  label: string;
}

/** What one asset has of stock another has from now on. The movements stay as they were written. Answers which. */
export async function carryHoldings(tx: Tx, from: string, to: string): Promise<CarriedHolding[]> {
  return (
    await sql<CarriedHolding>`with held as (select id, holder_label from stock_holdings
        where holder_kind = 'asset' and holder_id = ${from} and quantity > 0 order by id for update)
      update stock_holdings h set holder_id = ${to}, holder_label = coalesce((select coalesce(a.name, a.tag, a.serial, a.id::text) from assets a where a.id = ${to}), h.holder_label)
      from held where h.id = held.id returning h.id, held.holder_label as label`.execute(tx)
  ).rows;
}

/** Gives carried holdings back, also those that were returned to stock meanwhile: what was then out is its history. */
export async function returnHoldings(tx: Tx, holdings: readonly CarriedHolding[], from: string, to: string): Promise<void> {
  await sql`update stock_holdings h set holder_id = ${to}, holder_label = r.label
    from jsonb_to_recordset(${JSON.stringify(holdings)}::jsonb) as r (id uuid, label text)
    where h.id = r.id and h.holder_kind = 'asset' and h.holder_id = ${from}`.execute(tx);
}
