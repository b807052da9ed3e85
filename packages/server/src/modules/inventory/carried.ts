import type { Tx } from '../../platform/db/types.ts';
import { type CarriedCustom, carryCustom, returnCustom } from '../assets/index.ts';
import { carryCodes, returnCodes } from '../labels/index.ts';
import { type CarriedHolding, carryHoldings, returnHoldings } from '../stock/index.ts';

/** What a merge took to the survivor and does not leave in two places: kept with the operation, so that undoing gives back exactly that. */
export interface Carried {
  custom: CarriedCustom;
  /** Ids of codes. */
  codes: string[];
  holdings: CarriedHolding[];
}

/** The survivor gets the custom values that it lacks, the codes, and the stock that the merged asset holds. */
export async function carry(tx: Tx, survivor: string, merged: string): Promise<Carried> {
  return {
    custom: await carryCustom(tx, survivor, merged),
    codes: await carryCodes(tx, merged, survivor),
    holdings: await carryHoldings(tx, merged, survivor),
  };
}

/** The merged asset lives again: what it brought goes with it. Nothing for an operation from before it was kept. @throws Problem conflict */
export async function carryBack(tx: Tx, survivor: string, merged: string, carried: Carried | undefined): Promise<void> {
  if (!carried) return;
  await returnCustom(tx, survivor, merged, carried.custom);
  await returnCodes(tx, carried.codes, survivor, merged);
  await returnHoldings(tx, carried.holdings, survivor, merged);
}
