import { isDeepStrictEqual } from 'node:util';
import { Problem } from '@muster/api/errors';
import type { Tx } from '../../platform/db/types.ts';
import { copySecrets, dropSecretCopies, moveClaims, type MovedClaim, returnClaims } from '../fields/index.ts';
import { customOf, replaceCustom } from './store-custom.ts';

/** The custom values that a merge took to the survivor: enough to take them back. */
export interface CarriedCustom {
  values: Record<string, unknown>;
  claims: MovedClaim[];
  /** Fields whose encrypted value was copied. */
  secrets: string[];
}

/** The survivor gets the custom values that it has not; a unique one is taken by it from then on. The merged asset keeps its own. */
export async function carryCustom(tx: Tx, survivor: string, merged: string): Promise<CarriedCustom> {
  const [own, theirs] = [await customOf(tx, survivor), await customOf(tx, merged)];
  const values = Object.fromEntries(
    Object.entries(theirs).filter(([key, value]) => value !== null && (own[key] === undefined || own[key] === null)),
  );
  if (Object.keys(values).length > 0) await replaceCustom(tx, survivor, { ...own, ...values });
  return {
    values,
    claims: await moveClaims(tx, Object.keys(values), merged, survivor),
    secrets: await copySecrets(tx, merged, survivor),
  };
}

/**
 * Takes carried values back. One that somebody changed on the survivor since stays there.
 * @throws Problem conflict when a unique value of the merged asset was given to another one since
 */
export async function returnCustom(tx: Tx, survivor: string, merged: string, carried: CarriedCustom): Promise<void> {
  const now = await customOf(tx, survivor);
  const kept = Object.fromEntries(Object.entries(now).filter(([key, value]) => !isDeepStrictEqual(value, carried.values[key])));
  if (Object.keys(kept).length < Object.keys(now).length) await replaceCustom(tx, survivor, kept);
  const taken = await returnClaims(tx, carried.claims, survivor, merged);
  if (taken.length > 0)
    throw new Problem('conflict', `Another asset has the unique value “${taken.join('”, “')}” by now. Change it there first.`);
  await dropSecretCopies(tx, carried.secrets, survivor, merged);
}
