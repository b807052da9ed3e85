import { decide, type Decision, forkNames, type IdentityKey } from '@muster/core/identity';
import { newId } from '../../platform/ids.ts';
import { candidatesOf, type Context } from './candidates.ts';
import { type DoubtChange, type Draft, type Identified, sameKeys } from './identified.ts';
import { forkedNativeIds, isAgent, type Prepared } from './prepare.ts';
import type { ObservationRow } from './store-identify.ts';

const id = (k: { kind: string; value: string }): string => `${k.kind} ${k.value}`;

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

/** Decides about a report whose keys are new. */
export function judge(draft: Draft, context: Context): Identified {
  const { p, known } = draft;
  const { candidates, shared } = candidatesOf(draft, context);
  const keys = draft.seen.map((k): IdentityKey =>
    shared.has(id(k)) ? { ...k, quality: 'shared', reason: 'seen on several machines' } : k,
  );
  const pinned = pinnedTo(draft);
  const report = { keys, partial: p.partial || p.device === null, holdUnknown: p.holdUnknown, hasAgent: isAgent(p.source) };
  const decision =
    pinned !== null ? byPerson(pinned) : p.heldBecause === null ? decide(report, candidates, context.rules.options) : held(p.heldBecause);
  const doubted = decision.rule === 'addresses_changed';
  const own = doubted ? null : decision.forked ? draft.twin : known;
  const isNew = decision.outcome === 'create' || decision.outcome === 'conflict';
  return {
    p,
    known: own,
    observationId: own?.id ?? newId(),
    nativeId: own?.native_id ?? ((decision.forked || doubted) && known ? forkedFrom(known, p) : p.nativeId),
    assetId: isNew ? newId() : decision.assetId,
    isNew,
    keys: draft.keys,
    keysChanged: own === null || own.asset_id === null || !sameKeys(own.keys, draft.keys),
    decision,
    shared: new Set([...shared, ...decision.shared.map(id)]),
    doubts: doubtsAfter(draft, decision),
  };
}

/** What the decision says of the reports that were held under the same native id. */
function doubtsAfter(draft: Draft, decision: Decision): DoubtChange | null {
  const { known, twin } = draft;
  if (known === null) return null;
  const none = { of: known.id, holds: false, confirmed: [], refuted: [], taken: null };
  if (decision.rule === 'addresses_changed') return { ...none, holds: true };
  if (decision.forked) return twin === null ? null : { ...none, taken: twin.id };
  const doubts = known.doubts ?? [];
  if (doubts.length === 0 || decision.assetId !== known.asset_id) return null;
  const macs = new Set(draft.keys.filter((k) => k.kind === 'mac').map((k) => k.value));
  const own = doubts.filter((d) => d.keys.some((k) => k.kind === 'mac' && macs.has(k.value))).map((d) => d.heldId);
  return { ...none, confirmed: own, refuted: doubts.map((d) => d.heldId).filter((held) => !own.includes(held)) };
}

/** A report of which nothing had to be decided. It shows that its machine is alive. */
export function settled(draft: Draft): Identified {
  const known = draft.known as ObservationRow;
  const refuted = (known.doubts ?? []).filter((d) => !d.refuted).map((d) => d.heldId);
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
    doubts: refuted.length > 0 ? { of: known.id, holds: false, confirmed: [], refuted, taken: null } : null,
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
