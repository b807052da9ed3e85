import {
  type Candidate,
  decide,
  type Decision,
  extractKeys,
  forkNames,
  type IdentityKey,
  nothingTold,
  sortKeys,
} from '@muster/core/identity';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { forkedNativeIds, placeholderLists, type Prepared } from './prepare.ts';
import {
  findByKeys,
  findHandEntered,
  findObservations,
  type HandEntered,
  type KeyHit,
  keysOfAssets,
  lockKeys,
  type ObservationRow,
} from './store-identify.ts';

/** A report with the observation it belongs to and the decision which asset that is. */
export interface Identified {
  readonly p: Prepared;
  /** The stored observation, when there is one. */
  readonly known: ObservationRow | null;
  readonly observationId: string;
  readonly nativeId: string;
  /** Null while it is held. */
  readonly assetId: string | null;
  /** The asset is new in this batch. */
  readonly isNew: boolean;
  readonly keys: readonly IdentityKey[];
  readonly keysChanged: boolean;
  /** Null when the observation and its keys are as they were: nothing had to be decided. */
  readonly decision: Decision | null;
  /** Key values that are known to be on several machines. */
  readonly shared: ReadonlySet<string>;
}

/** The kinds that lead to an asset by their value. */
const leading = new Set([
  'agent_id',
  'instance_id',
  'serial',
  'uuid',
  'imei',
  'udid',
  'enclosure_serial',
  'board_serial',
  'asset_tag',
  'mac',
]);
const id = (k: { kind: string; value: string }): string => `${k.kind} ${k.value}`;
const isLeading = (k: IdentityKey): boolean => k.quality === 'good' && leading.has(k.kind);

interface Draft {
  p: Prepared;
  known: ObservationRow | null;
  keys: readonly IdentityKey[];
  changed: boolean;
}

/**
 * Decides for a whole batch with a constant number of statements. A report that meets another of the same round (the same new machine,
 * or the same asset) is put off to the next round, where it finds what the first one wrote.
 */
export async function identify(tx: Tx, batch: readonly Prepared[]): Promise<{ identified: Identified[]; later: Prepared[] }> {
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
  const drafts = await withObservations(tx, round);
  const unsure = drafts.filter((d) => d.changed);
  const context = await gather(tx, unsure);

  const identified: Identified[] = [];
  const takenAssets = new Set<string>();
  const newKeys = new Set<string>();
  for (const draft of drafts) {
    const result = draft.changed ? judge(draft, context) : settled(draft);
    const meets = result.assetId !== null && takenAssets.has(result.assetId);
    const twin = result.isNew || result.assetId === null ? draft.keys.some((k) => isLeading(k) && newKeys.has(id(k))) : false;
    if (meets || twin) {
      later.push(draft.p);
      continue;
    }
    if (result.assetId !== null) takenAssets.add(result.assetId);
    if (result.isNew) for (const k of draft.keys) if (isLeading(k)) newKeys.add(id(k));
    identified.push(result);
  }
  return { identified, later };
}

/** Finds the observation of each report: its own, or that of the clone it was told apart from before. */
async function withObservations(tx: Tx, round: readonly Prepared[]): Promise<Draft[]> {
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
      const known = (names.get(p) ?? []).map((name) => byNative.get(`${p.source} ${name}`)).find((row) => row !== undefined) ?? null;
      const keys = known && p.partial ? keepAbsentKinds(known.keys, p.keys) : p.keys;
      return { p, known, keys, changed: known === null || known.asset_id === null || !sameKeys(known.keys, keys) };
    };
  };
  const drafts = round.map(draft(await find(round)));
  const unsure = drafts.filter((d) => d.changed);
  if (unsure.length === 0) return drafts;
  await lockKeys(
    tx,
    unsure.flatMap((d) => [`native ${d.p.source} ${d.p.nativeId}`, ...d.keys.filter(isLeading).map(id)]),
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

const sameKeys = (a: readonly IdentityKey[], b: readonly IdentityKey[]): boolean =>
  a.length === b.length && a.every((k, i) => k.kind === b[i]?.kind && k.value === b[i].value && k.quality === b[i].quality);

interface Context {
  hits: Map<string, KeyHit[]>;
  byHand: { asset: HandEntered; keys: IdentityKey[] }[];
  assetKeys: Map<string, IdentityKey[]>;
}

async function gather(tx: Tx, unsure: readonly Draft[]): Promise<Context> {
  const wanted = new Map(unsure.flatMap((d) => d.keys.filter(isLeading).map((k) => [id(k), { kind: k.kind, value: k.value }] as const)));
  const hits = Map.groupBy(await findByKeys(tx, [...wanted.values()]), id);
  const unlinked = unsure.filter((d) => (d.known?.asset_id ?? null) === null);
  const good = (kind: string): string[] =>
    unlinked.flatMap((d) => d.keys.filter((k) => k.kind === kind && k.quality === 'good').map((k) => k.value));
  const serials = unlinked.flatMap((d) => (d.p.device?.serial ? [d.p.device.serial.trim()] : []));
  const byHand = (
    await findHandEntered(
      tx,
      good('asset_tag').map((t) => t.toLowerCase()),
      [...new Set([...serials, ...serials.map((s) => s.toUpperCase())])],
    )
  ).map((asset) => ({ asset, keys: handKeys(asset) }));
  const assetIds = new Set([...hits.values()].flat().map((h) => h.asset_id));
  for (const d of unsure) if (d.known?.asset_id) assetIds.add(d.known.asset_id);
  return { hits, byHand, assetKeys: await keysOfAssets(tx, [...assetIds]) };
}

function handKeys(asset: HandEntered): IdentityKey[] {
  return extractKeys(
    { ...nothingTold, name: asset.name, manufacturer: asset.manufacturer, model: asset.model, serial: asset.serial, assetTag: asset.tag },
    placeholderLists,
  );
}

/**
 * A person said which asset this observation is, and it is still the machine it was: a serial number that is another one would make it
 * a moved disk or a clone, of which the person knew nothing.
 */
function pinnedTo(draft: Draft): string | null {
  const { known } = draft;
  if (!known?.pinned || known.asset_id === null || draft.p.heldBecause !== null) return null;
  const serials = (keys: readonly IdentityKey[]): string[] =>
    keys.filter((k) => k.kind === 'serial' && k.quality === 'good').map((k) => k.value.slice(k.value.indexOf('|') + 1));
  const [before, now] = [serials(known.keys), serials(draft.keys)];
  return before.length > 0 && now.length > 0 && !now.some((s) => before.includes(s)) ? null : known.asset_id;
}

function judge(draft: Draft, context: Context): Identified {
  const { p, known } = draft;
  const candidates = new Map<string, Candidate>();
  const shared = new Set<string>();
  for (const k of draft.keys) {
    for (const hit of isLeading(k) ? (context.hits.get(id(k)) ?? []) : []) {
      if (hit.quality === 'shared') shared.add(id(k));
      candidates.set(hit.asset_id, {
        assetId: hit.asset_id,
        keys: context.assetKeys.get(hit.asset_id) ?? [],
        sameNativeId: hit.asset_id === known?.asset_id,
        observed: true,
      });
    }
  }
  if (known?.asset_id && !candidates.has(known.asset_id)) {
    candidates.set(known.asset_id, {
      assetId: known.asset_id,
      keys: context.assetKeys.get(known.asset_id) ?? [],
      sameNativeId: true,
      observed: true,
    });
  }
  for (const { asset, keys } of context.byHand) {
    if (!candidates.has(asset.id)) candidates.set(asset.id, { assetId: asset.id, keys, sameNativeId: false, observed: false });
  }
  const keys = draft.keys.map((k): IdentityKey =>
    shared.has(id(k)) ? { ...k, quality: 'shared', reason: 'seen on several machines' } : k,
  );
  const pinned = pinnedTo(draft);
  const decision =
    pinned !== null
      ? byPerson(pinned)
      : p.heldBecause === null
        ? decide({ keys, partial: p.partial || p.device === null, holdUnknown: p.holdUnknown }, relevant(candidates, context.byHand, keys))
        : held(p.heldBecause);
  const own = decision.forked ? null : known;
  const isNew = decision.outcome === 'create' || decision.outcome === 'conflict';
  return {
    p,
    known: own,
    observationId: own?.id ?? newId(),
    nativeId: own?.native_id ?? (decision.forked && known ? forkedFrom(known, p) : p.nativeId),
    assetId: isNew ? newId() : decision.assetId,
    isNew,
    keys: draft.keys,
    keysChanged: own === null || own.asset_id === null || !sameKeys(own.keys, draft.keys),
    decision,
    shared: new Set([...shared, ...decision.shared.map(id)]),
  };
}

/** The first name of the fork that the machine it was told apart from does not have as well. */
function forkedFrom(known: ObservationRow, p: Prepared): string {
  const taken = new Set(forkNames(p.nativeId, known.keys));
  return forkedNativeIds(p).find((name) => !taken.has(name) && name !== known.native_id) ?? `${p.nativeId}#${newId()}`;
}

const byPerson = (assetId: string): Decision => ({
  outcome: 'same',
  assetId,
  rule: 'person',
  reasons: ['A person said that it is this asset.'],
  compared: [],
  forked: false,
  shared: [],
});

const held = (reason: string): Decision => ({
  outcome: 'hold',
  assetId: null,
  rule: 'kept_for_later',
  reasons: [reason],
  compared: [],
  forked: false,
  shared: [],
});

/** Assets entered by hand that share nothing with the report are not worth comparing. */
function relevant(candidates: ReadonlyMap<string, Candidate>, byHand: Context['byHand'], keys: readonly IdentityKey[]): Candidate[] {
  const hand = new Set(byHand.map((h) => h.asset.id));
  const bare = (k: IdentityKey): string => `${k.kind} ${k.value.slice(k.value.indexOf('|') + 1)}`;
  const mine = new Set(keys.filter((k) => k.kind === 'asset_tag' || k.kind === 'serial').map(bare));
  return [...candidates.values()].filter((c) => !hand.has(c.assetId) || c.keys.some((k) => mine.has(bare(k))));
}

function settled(draft: Draft): Identified {
  const known = draft.known as ObservationRow;
  return {
    p: draft.p,
    known,
    observationId: known.id,
    nativeId: known.native_id,
    assetId: known.asset_id,
    isNew: false,
    keys: draft.keys,
    keysChanged: false,
    decision: null,
    shared: new Set(),
  };
}
