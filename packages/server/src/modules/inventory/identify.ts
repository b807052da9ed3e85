import { type CompiledRules, type IdentityKey, leads, lookupOf, sortKeys } from '@muster/core/identity';
import type { Tx } from '../../platform/db/types.ts';
import { gather } from './candidates.ts';
import { type Draft, type Identified, sameKeys } from './identified.ts';
import { judge, settled } from './judge.ts';
import { forkedNativeIds, type Prepared } from './prepare.ts';
import { findObservations, lockKeys, type ObservationRow } from './store-identify.ts';

const lookup = (k: IdentityKey): string => {
  const { kind, value } = lookupOf(k);
  return `${kind} ${value}`;
};

/**
 * Decides for a whole batch with a constant number of statements. A report that meets another of the same round (the same new machine,
 * or the same asset) is put off to the next round, where it finds what the first one wrote.
 */
export async function identify(
  tx: Tx,
  batch: readonly Prepared[],
  rules: CompiledRules,
): Promise<{ identified: Identified[]; later: Prepared[] }> {
  const later: Prepared[] = [];
  const seen = new Set<string>();
  const round = batch.filter((p) => {
    const native = `${p.source} ${p.nativeId}`;
    if (seen.has(native)) {
      later.push(p);
      return false;
    }
    seen.add(native);
    return true;
  });
  const drafts = await withObservations(tx, round, rules);
  const unsure = drafts.filter((d) => d.changed);
  const context = await gather(tx, unsure, rules);

  const identified: Identified[] = [];
  const takenAssets = new Set<string>();
  const newKeys = new Set<string>();
  for (const draft of drafts) {
    const result = draft.changed ? judge(draft, context) : settled(draft);
    const meets = result.assetId !== null && takenAssets.has(result.assetId);
    const twin = result.isNew || result.assetId === null ? draft.seen.some((k) => leads(k) && newKeys.has(lookup(k))) : false;
    if (meets || twin) {
      later.push(draft.p);
      continue;
    }
    if (result.assetId !== null) takenAssets.add(result.assetId);
    if (result.isNew) for (const k of draft.seen) if (leads(k)) newKeys.add(lookup(k));
    identified.push(result);
  }
  return { identified, later };
}

/** Finds the observation of each report: its own, or that of the clone it was told apart from before. */
async function withObservations(tx: Tx, round: readonly Prepared[], rules: CompiledRules): Promise<Draft[]> {
  // The names its observation may have, that of a clone first.
  const names = new Map(round.map((p) => [p, [...forkedNativeIds(p), p.nativeId]]));
  const find = async (of: readonly Prepared[]): Promise<ObservationRow[]> =>
    findObservations(
      tx,
      of.flatMap((p) => (names.get(p) ?? []).map((nativeId) => ({ source: p.source, nativeId }))),
    );
  const draft = (rows: readonly ObservationRow[]): ((p: Prepared) => Draft) => {
    const byNative = new Map(rows.map((o) => [`${o.source} ${o.native_id}`, o]));
    return (p) => {
      const found = (names.get(p) ?? []).flatMap((name) => byNative.get(`${p.source} ${name}`) ?? []);
      const first = found[0] ?? null;
      const doubted = found.find((row) => row.doubts?.some((d) => d.heldId === first?.id)) ?? null;
      const known = doubted ?? first;
      const twin = doubted === null ? null : first;
      const keys = known && p.partial ? keepAbsentKinds(known.keys, p.keys) : p.keys;
      return {
        p,
        known,
        twin,
        keys,
        seen: rules.seen(keys),
        changed: known === null || known.asset_id === null || !sameKeys(known.keys, keys),
      };
    };
  };
  const drafts = round.map(draft(await find(round)));
  const unsure = drafts.filter((d) => d.changed);
  if (unsure.length === 0) return drafts;
  await lockKeys(
    tx,
    unsure.flatMap((d) => [`native ${d.p.source} ${d.p.nativeId}`, ...d.seen.filter(leads).map(lookup)]),
  );
  // Another worker may have made the observation while this one waited for the lock.
  const again = new Set(unsure.map((d) => d.p));
  const redraft = draft(await find([...again]));
  return drafts.map((d) => (again.has(d.p) ? redraft(d.p) : d));
}

/** A partial report keeps the keys of kinds it does not speak of. */
function keepAbsentKinds(before: readonly IdentityKey[], now: readonly IdentityKey[]): IdentityKey[] {
  const spoken = new Set(now.map((k) => k.kind));
  return sortKeys([...before.filter((k) => !spoken.has(k.kind)), ...now]);
}
