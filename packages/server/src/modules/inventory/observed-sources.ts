import { assetValueFields } from '@muster/api/assets';
import type { Tx } from '../../platform/db/types.ts';
import { applyObservedValues, type ObservedValues } from '../assets/index.ts';
import { bareLogin, recordValues } from './facts.ts';
import { classOfScanSection, scanSections, scanSources } from './prepare-network.ts';
import { unpackSection } from './prepare.ts';
import { peopleByLogin } from './store-hardware.ts';
import { findSection } from './store-read.ts';
import { observationsOf, type PlacedObservation } from './store-operations.ts';

/**
 * What an observation says of the record; a thing without facts says no more than that it is a computer. The class of what a scan found is
 * the scan's; where that cannot tell, the source says nothing about it, and null stands for that.
 */
export async function valuesOfObservation(
  tx: Tx,
  assetId: string,
  o: PlacedObservation,
): Promise<ObservedValues & { class: string | null }> {
  if (!o.facts) return { class: 'computer' };
  const people = await peopleByLogin(tx, o.facts.lastUser ? [bareLogin(o.facts.lastUser)] : []);
  const values = recordValues(o.facts, o.keys, o.item_type, people);
  if (!scanSources.has(o.source)) return values;
  for (const section of scanSections) {
    const found = await findSection(tx, assetId, o.id, section);
    if (found) return { ...values, class: classOfScanSection(unpackSection(found.content)) };
  }
  return { ...values, class: null };
}

/** What these sources say of an asset, out of the observations it has now: the latest report first, older ones where it is silent. */
export async function applySourcesOf(tx: Tx, assetId: string, sources: readonly string[], now: Date): Promise<void> {
  const observations = await observationsOf(tx, assetId);
  for (const source of sources) {
    const values: ObservedValues = Object.fromEntries(assetValueFields.map((f) => [f, null]));
    const mine = observations.filter((o) => o.source === source);
    for (const o of mine.filter((x) => x.facts !== null)) {
      const told = await valuesOfObservation(tx, assetId, o);
      Object.assign(values, Object.fromEntries(Object.entries(told).filter(([, v]) => v !== null)));
    }
    await applyObservedValues(tx, [{ assetId, source, seenAt: mine.at(-1)?.last_received_at ?? now, values }]);
  }
}
