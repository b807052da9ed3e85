import { type Candidate, type CompiledRules, extractKeys, type IdentityKey, leads, lookupOf, nothingTold } from '@muster/core/identity';
import type { Tx } from '../../platform/db/types.ts';
import type { Draft } from './identified.ts';
import { isAgent, placeholderLists } from './prepare.ts';
import { findByKeys, findHandEntered, type HandEntered, type KeyHit, type KnownAsset, knownAssets, toldApart } from './store-identify.ts';

/** Everything that the decisions of a round may need to know, read with a constant number of statements. */
export interface Context {
  readonly rules: CompiledRules;
  /** By what was looked up. */
  readonly hits: ReadonlyMap<string, readonly KeyHit[]>;
  readonly byHand: readonly { asset: HandEntered; keys: readonly IdentityKey[] }[];
  readonly assets: ReadonlyMap<string, KnownAsset>;
  readonly apart: ReadonlyMap<string, readonly string[]>;
}

const id = (k: { kind: string; value: string }): string => `${k.kind} ${k.value}`;
const lookup = (k: IdentityKey): string => id(lookupOf(k));
const dayMs = 86_400_000;

export async function gather(tx: Tx, unsure: readonly Draft[], rules: CompiledRules): Promise<Context> {
  const wanted = new Map(unsure.flatMap((d) => d.seen.filter(leads).map((k) => [lookup(k), lookupOf(k)] as const)));
  const hits = Map.groupBy(await findByKeys(tx, [...wanted.values()]), (h) => id({ kind: h.asked_kind, value: h.asked }));
  const unlinked = unsure.filter((d) => (d.known?.asset_id ?? null) === null);
  const good = (kind: string): string[] =>
    unlinked.flatMap((d) => d.seen.filter((k) => k.kind === kind && k.quality === 'good').map((k) => k.value));
  const serials = unlinked.flatMap((d) => (d.p.device?.serial ? [d.p.device.serial.trim()] : []));
  const byHand = (
    await findHandEntered(
      tx,
      good('asset_tag').map((t) => t.toLowerCase()),
      [...new Set([...serials, ...serials.map((s) => s.toUpperCase())])],
    )
  ).map((asset) => ({ asset, keys: rules.seen(handKeys(asset)) }));
  const assetIds = new Set([...hits.values()].flat().map((h) => h.asset_id));
  for (const d of unsure) if (d.known?.asset_id) assetIds.add(d.known.asset_id);
  return { rules, hits, byHand, assets: await knownAssets(tx, [...assetIds]), apart: await toldApart(tx, [...assetIds]) };
}

/** The keys of an asset that a person entered. */
export function handKeys(asset: HandEntered): IdentityKey[] {
  return extractKeys(
    { ...nothingTold, name: asset.name, manufacturer: asset.manufacturer, model: asset.model, serial: asset.serial, assetTag: asset.tag },
    placeholderLists,
  );
}

/** The assets a report may be about, and which of its values are known to be on several machines. */
export function candidatesOf(draft: Draft, context: Context): { candidates: Candidate[]; shared: Set<string> } {
  const shared = new Set<string>();
  const found = new Set<string>();
  for (const k of draft.seen.filter(leads)) {
    const hits = context.hits.get(lookup(k)) ?? [];
    if (hits.some((h) => h.quality === 'shared' && h.kind === k.kind && h.value === k.value)) shared.add(id(k));
    else for (const hit of hits) if (hit.quality !== 'shared') found.add(hit.asset_id);
  }
  const own = draft.known?.asset_id ?? null;
  if (own !== null) found.add(own);
  const reported = [...found].map((assetId) => reportedCandidate(assetId, draft, context));
  const byHand = context.byHand
    .filter(({ asset }) => !found.has(asset.id))
    .map(({ asset, keys }): Candidate => ({ assetId: asset.id, keys, sameNativeId: false, observed: false, hasAgent: false }));
  return { candidates: [...reported, ...relevant(byHand, draft.seen)], shared };
}

function reportedCandidate(assetId: string, { known, p }: Draft, { rules, assets, apart }: Context): Candidate {
  const asset = assets.get(assetId);
  const sameNativeId = assetId === known?.asset_id;
  return {
    assetId,
    keys: rules.seen(asset?.keys ?? []),
    sameNativeId,
    observed: true,
    hasAgent: asset === undefined || [...asset.sources].some(isAgent),
    doubts: sameNativeId ? (known?.doubts ?? []) : [],
    toldApart: apart.get(assetId) ?? [],
    ...(asset ? { silentDays: Math.max(0, Math.floor((p.item.receivedAt.getTime() - asset.lastReceivedAt.getTime()) / dayMs)) } : {}),
  };
}

/** Assets entered by hand that share nothing with the report are not worth comparing. */
function relevant(byHand: readonly Candidate[], keys: readonly IdentityKey[]): Candidate[] {
  const value = (k: IdentityKey): string => `${k.kind} ${k.value.slice(k.value.indexOf('|') + 1)}`;
  const mine = new Set(keys.filter((k) => k.kind === 'asset_tag' || k.kind === 'serial').map(value));
  return byHand.filter((c) => c.keys.some((k) => mine.has(value(k))));
}
