import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { cacheCondition, setByHand } from '../assets/index.ts';
import { manualPerson, openPeriod } from './store.ts';
import { cachedCondition, currentCondition } from './store-facts.ts';
import { copyPeriods, type CopiedFact, dropCopies, dumpPeriods, type DumpedPeriod, putBack, putPlacementsBack } from './store-merge.ts';

// What merging and splitting do to custody, placement and condition. The merged asset keeps its own periods and the survivor gets copies
// of them, so that undoing is taking the copies away: what was there before was never touched.

/** The periods of an asset at one moment. */
export interface CustodyDump {
  custody: DumpedPeriod[];
  conditions: DumpedPeriod[];
  placements: DumpedPeriod[];
}

const copied: readonly CopiedFact[] = ['custody', 'conditions'];

export async function dumpCustody(tx: Tx, assetId: string): Promise<CustodyDump> {
  return {
    custody: await dumpPeriods(tx, 'custody', assetId),
    conditions: await dumpPeriods(tx, 'conditions', assetId),
    placements: await dumpPeriods(tx, 'placements', assetId),
  };
}

/** In a merge, after the values were copied: the survivor has what the merged one had, where it had nothing itself. */
export async function absorbCustody(tx: Tx, actor: Actor, survivor: string, merged: string, now: Date): Promise<void> {
  for (const fact of copied) await copyPeriods(tx, fact, merged, survivor);
  await agree(tx, actor, survivor, now);
}

/** In a split that gives a merged asset its life back: what the merge copied leaves the survivor. */
export async function returnCustody(tx: Tx, actor: Actor, survivor: string, merged: string, now: Date): Promise<void> {
  for (const fact of copied) await dropCopies(tx, fact, survivor, { from: merged });
  await agree(tx, actor, survivor, now);
  await agree(tx, actor, merged, now);
}

/** Puts one asset's periods back as they were when it was dumped; what people recorded since then stays. */
export async function restoreCustody(
  tx: Tx,
  actor: Actor,
  asset: { id: string; lives: boolean },
  dump: CustodyDump,
  since: Date,
  now: Date,
): Promise<void> {
  for (const fact of copied) {
    await dropCopies(tx, fact, asset.id, { keep: dump[fact].map((row) => row.id) });
    await putBack(tx, fact, asset.id, dump[fact]);
  }
  await putPlacementsBack(tx, asset.id, dump.placements, since);
  if (asset.lives) await agree(tx, actor, asset.id, now);
}

/** The record says what the open periods say. */
async function agree(tx: Tx, actor: Actor, assetId: string, now: Date): Promise<void> {
  const open = await openPeriod(tx, assetId);
  const person = open?.holder_kind === 'person' ? open.holder_id : null;
  if ((await manualPerson(tx, assetId)) !== person) await setByHand(tx, actor, assetId, { person }, now);
  const condition = await currentCondition(tx, assetId);
  if ((await cachedCondition(tx, assetId)) !== condition) await cacheCondition(tx, assetId, condition, now);
}
