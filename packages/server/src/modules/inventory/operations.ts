import { Problem } from '@muster/api/errors';
import type { ComparedCandidate } from '@muster/core/identity';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import {
  absorbRecord,
  createDiscovered,
  dumpAsset,
  lockForIdentity,
  moveEvents,
  recordEvents,
  redirectRecord,
  restoreRecord,
  reviveRecord,
  settleRecord,
} from '../assets/index.ts';
import { absorbAttached, returnAttached } from '../attachments/index.ts';
import { absorbCustody, dumpCustody, restoreCustody, returnCustody } from '../custody/index.ts';
import { noteAssetFactsChanged } from '../licensing/index.ts';
import { noteInstallationChanges } from '../software/index.ts';
import { carry, carryBack } from './carried.ts';
import { bareLogin, classOfItem } from './facts.ts';
import { applySourcesOf, valuesOfObservation } from './observed-sources.ts';
import { forgetOperation, notSame, rememberNotSame, settleConflict } from './store-conflicts.ts';
import { leaveDuplicates } from './store-duplicates.ts';
import { insertDecisions } from './store-identify.ts';
import {
  carriedInto,
  copyUsers,
  dumpUsers,
  evidenceOf,
  findOperation,
  insertOperation,
  laterOperation,
  lockIdentity,
  markUndone,
  moveObservations,
  observationsOf,
  type OperationRow,
  pin,
  type PlacedObservation,
  restoreUsers,
  unpin,
} from './store-operations.ts';
import { moveRelations } from './store-relations.ts';

interface Locked {
  names: Map<string, string>;
  redirects: Map<string, string | null>;
}

/** Holds back ingest and other edits of these assets until the transaction ends. */
async function lock(tx: Tx, ids: readonly string[]): Promise<Locked> {
  await lockIdentity(tx, 'alone');
  const rows = await lockForIdentity(tx, ids);
  for (const id of ids) if (!rows.has(id)) throw new Problem('not_found', 'There is no asset with this id.');
  return {
    names: new Map([...rows].map(([id, r]) => [id, r.name])),
    redirects: new Map([...rows].map(([id, r]) => [id, r.redirectedTo])),
  };
}

function mustLive(locked: Locked, id: string): void {
  const to = locked.redirects.get(id);
  if (to) throw new Problem('conflict', `${locked.names.get(id) ?? id} was merged into ${to}.`);
}

const dumps = async (tx: Tx, ids: readonly string[]): Promise<Pick<OperationRow['before'], 'assets' | 'users' | 'custody'>> => {
  const assets = [];
  const custody: NonNullable<OperationRow['before']['custody']> = {};
  const users: Record<string, Awaited<ReturnType<typeof dumpUsers>>> = {};
  for (const id of ids) {
    assets.push(await dumpAsset(tx, id));
    users[id] = await dumpUsers(tx, id);
    custody[id] = await dumpCustody(tx, id);
  }
  return { assets, users, custody };
};

/** On what ground observations leave an asset: a person's word, which is kept against what is reported, or a rule's. */
interface Parting {
  readonly rule: string;
  /** Who tells the timeline. */
  readonly source: string;
  readonly candidates: readonly ComparedCandidate[];
}
const byPerson: Parting = { rule: 'person', source: 'manual', candidates: [] };

/** Says on whose behalf an observation is where it is now. */
async function decided(
  tx: Tx,
  outcome: string,
  observations: readonly string[],
  assetId: string,
  reason: string,
  at: Date,
  how: Pick<Parting, 'rule' | 'candidates'> = byPerson,
): Promise<void> {
  await insertDecisions(
    tx,
    observations.map((o) => ({
      id: newId(),
      observationId: o,
      assetId,
      at,
      outcome,
      rule: how.rule,
      reasons: { sentences: [reason], candidates: [...how.candidates] },
    })),
  );
}

/** Software counts and licence positions of what moved are computed again. */
async function recount(tx: Tx, evidence: readonly number[], assets: readonly string[]): Promise<void> {
  await noteInstallationChanges(
    tx,
    evidence.map((evidenceId) => ({ evidenceId, delta: 0 })),
  );
  await noteAssetFactsChanged(tx, assets);
}

/**
 * Two assets are one machine: what is known of `merged` goes to `survivor`; `merged` keeps its id and redirects. Reports do not undo it.
 * Answers the id of the operation.
 * @throws Problem not_found; conflict when one is merged already, or a person said that they are two.
 */
export async function mergeAssets(tx: Tx, actor: Actor, survivor: string, merged: string, reason: string, now: Date): Promise<string> {
  if (survivor === merged) throw new Problem('conflict', 'An asset cannot be merged into itself.');
  const locked = await lock(tx, [survivor, merged]);
  mustLive(locked, survivor);
  mustLive(locked, merged);
  const different = await notSame(tx, survivor, merged);
  if (different) throw new Problem('conflict', `${different.actor} decided that these are two machines: ${different.reason}`);
  const before = await dumps(tx, [survivor, merged]);
  const observations = (await observationsOf(tx, merged)).map((o) => o.id);
  const evidence = await evidenceOf(tx, observations, merged);
  const events = await absorbRecord(tx, survivor, merged, now);
  await moveObservations(tx, observations, merged, survivor);
  const relations = await moveRelations(tx, merged, survivor);
  await copyUsers(tx, merged, survivor, null);
  await absorbCustody(tx, actor, survivor, merged, now);
  await absorbAttached(tx, survivor, merged);
  const carried = await carry(tx, survivor, merged);
  await settleRecord(tx, actor, survivor, now);
  const id = newId(now.getTime());
  const pins = await pin(tx, observations, survivor, id);
  await decided(tx, 'merged', observations, survivor, reason, now);
  const moved = { observations: observations.map((o) => ({ id: o, from: merged, to: survivor })), events, relations, carried };
  await insertOperation(tx, {
    id,
    kind: 'merge',
    asset_id: survivor,
    other_id: merged,
    at: now,
    actor: actor.label,
    reason,
    moved,
    before: { ...before, pins },
  });
  await leaveDuplicates(tx, merged);
  await settleConflict(tx, [survivor, merged], 'same', { actor: actor.label, note: reason, now, operationId: id });
  await recount(tx, evidence, [survivor, merged]);
  const data = { operation: id, survivor, survivorName: locked.names.get(survivor), merged, mergedName: locked.names.get(merged), reason };
  await recordEvents(
    tx,
    [survivor, merged].map((assetId) => ({ assetId, at: now, kind: 'merged', source: 'manual', actor: actor.label, data })),
  );
  await audit(tx, actor, {
    action: 'asset.merged',
    resource: 'assets',
    resourceId: survivor,
    summary: `Merged ${data.mergedName} into ${data.survivorName}`,
    after: { operation: id, merged, observations, reason },
  });
  return id;
}

/** The new asset of a split, as its latest report describes it. */
async function createSplit(tx: Tx, id: string, from: string, last: PlacedObservation, now: Date): Promise<void> {
  const values = await valuesOfObservation(tx, from, last);
  const eventData = { splitFrom: from };
  await createDiscovered(tx, [
    {
      id,
      source: last.source,
      seenAt: now,
      takenAt: last.last_received_at,
      values: { ...values, class: values.class ?? classOfItem(last.item_type) },
      eventData,
    },
  ]);
}

/**
 * Observations leave an asset: into a new one, or with `into` back into one that was merged into it. Reports do not undo it.
 * Answers the id of the operation.
 * @throws Problem not_found; conflict when nothing would remain, an observation is of another asset, or `into` was not merged into this one.
 */
export const splitAsset = (tx: Tx, actor: Actor, from: string, wanted: Wanted, now: Date): Promise<string> =>
  separate(tx, actor, from, wanted, byPerson, now);

interface Wanted {
  readonly observations: readonly string[];
  readonly into: string | null;
  readonly reason: string;
}

/** A split by a person or by a rule. What a rule split off is not pinned: its next reports are decided about as any others. */
export async function separate(tx: Tx, actor: Actor, from: string, wanted: Wanted, how: Parting, now: Date): Promise<string> {
  const { into, reason } = wanted;
  const locked = await lock(tx, into ? [from, into] : [from]);
  mustLive(locked, from);
  if (into && locked.redirects.get(into) !== from) throw new Problem('conflict', 'That asset was not merged into this one.');
  const all = await observationsOf(tx, from);
  const leaving = all.filter((o) => wanted.observations.includes(o.id));
  const ids = leaving.map((o) => o.id);
  if (new Set(wanted.observations).size !== ids.length)
    throw new Problem('conflict', 'Not all of these observations are of this asset any more.');
  if (ids.length === all.length)
    throw new Problem('conflict', 'At least one observation must stay: with none left there is nothing to tell apart.');
  const before = await dumps(tx, into ? [from, into] : [from]);
  const evidence = await evidenceOf(tx, ids, from);
  const target = into ?? newId(now.getTime());
  const sources = [...new Set(leaving.map((o) => o.source))];
  if (into) await reviveRecord(tx, actor, into, from, now);
  else await createSplit(tx, target, from, leaving.at(-1) as PlacedObservation, now);
  await moveObservations(tx, ids, from, target);
  await copyUsers(
    tx,
    from,
    target,
    leaving.flatMap((o) => (o.facts?.lastUser ? [bareLogin(o.facts.lastUser)] : [])),
  );
  await applySourcesOf(tx, from, sources, now);
  await applySourcesOf(tx, target, sources, now);
  if (into) await returnCustody(tx, actor, from, into, now);
  if (into) await returnAttached(tx, from, into);
  if (into) await carryBack(tx, from, into, await carriedInto(tx, from, into));
  await settleRecord(tx, actor, from, now);
  await settleRecord(tx, actor, target, now);
  const id = newId(now.getTime());
  const pins = how === byPerson ? await pin(tx, ids, target, id) : [];
  await decided(tx, 'split', ids, target, reason, now, how);
  const by = { actor: actor.label, note: reason, now, operationId: id };
  await rememberNotSame(tx, [from, target], by);
  await settleConflict(tx, [from, target], 'different', by);
  const moved = {
    observations: ids.map((o) => ({ id: o, from, to: target })),
    events: [],
    ...(how === byPerson ? {} : { rule: how.rule }),
  };
  await insertOperation(tx, {
    id,
    kind: 'split',
    asset_id: from,
    other_id: target,
    at: now,
    actor: actor.label,
    reason,
    moved,
    before: { ...before, pins },
  });
  await recount(tx, evidence, [from, target]);
  const told = { operation: id, from, fromName: locked.names.get(from), into: target, observations: ids, reason };
  await tellSplit(tx, actor, told, how.source, now);
  return id;
}

/** On both timelines and in the audit log. */
async function tellSplit(
  tx: Tx,
  actor: Actor,
  data: { operation: string; from: string; fromName: string | undefined; into: string; observations: string[]; reason: string },
  source: string,
  now: Date,
): Promise<void> {
  await recordEvents(
    tx,
    [data.from, data.into].map((assetId) => ({ assetId, at: now, kind: 'split', source, actor: actor.label, data })),
  );
  await audit(tx, actor, {
    action: 'asset.split',
    resource: 'assets',
    resourceId: data.from,
    summary: `Split ${data.observations.length} observations from ${data.fromName}`,
    after: { operation: data.operation, into: data.into, observations: data.observations, reason: data.reason },
  });
}

/**
 * Puts back exactly what a merge or a split changed. What was reported, or set by hand, since then stays with the thing it was said of.
 * @throws Problem not_found; conflict when it is undone already or a later operation stands on it.
 */
export async function undoOperation(tx: Tx, actor: Actor, id: string, reason: string, now: Date): Promise<void> {
  await lockIdentity(tx, 'alone');
  const op = await findOperation(tx, id);
  if (!op) throw new Problem('not_found', 'There is no merge or split with this id.');
  if (op.undone_at) throw new Problem('conflict', 'It was undone already.');
  const later = await laterOperation(tx, op);
  if (later) throw new Problem('conflict', `A later merge or split of these assets stands (${later}). Undo that one first.`);
  await lock(tx, [op.asset_id, op.other_id]);
  const evidence = await moveBack(tx, op);
  if (op.kind === 'split' && !op.before.assets.some((a) => a.id === op.other_id)) await redirectRecord(tx, op.other_id, op.asset_id, now);
  // The one that redirects again gives its tag free first; then the one that stays.
  const order = [...op.before.assets].sort((a, b) => Number(a.redirected_to === null) - Number(b.redirected_to === null));
  for (const dump of order) {
    await restoreRecord(tx, actor, dump, op.at, now);
    await restoreUsers(tx, dump.id, op.before.users[dump.id] ?? [], op.at);
    const custody = op.before.custody?.[dump.id];
    if (custody) await restoreCustody(tx, actor, { id: dump.id, lives: dump.redirected_to === null }, custody, op.at, now);
  }
  await (op.kind === 'merge' ? returnAttached : absorbAttached)(tx, op.asset_id, op.other_id);
  if (op.kind === 'merge') await carryBack(tx, op.asset_id, op.other_id, op.moved.carried);
  else if (op.before.assets.some((a) => a.id === op.other_id)) await carry(tx, op.asset_id, op.other_id);
  for (const dump of order.filter((d) => d.redirected_to === null)) await catchUp(tx, actor, dump.id, op.at, now);
  await unpin(tx, op.id, op.before.pins);
  await forgetOperation(tx, op.id);
  if (op.moved.rule !== undefined) await keepTogether(tx, actor, op, reason, now);
  await markUndone(tx, op.id, actor.label, reason, now);
  await recount(tx, evidence, [op.asset_id, op.other_id]);
  const data = { operation: op.id, asset: op.asset_id, other: op.other_id, reason };
  await recordEvents(
    tx,
    [op.asset_id, op.other_id].map((assetId) => ({
      assetId,
      at: now,
      kind: `${op.kind}_undone`,
      source: 'manual',
      actor: actor.label,
      data,
    })),
  );
  await audit(tx, actor, {
    action: `asset.${op.kind}_undone`,
    resource: 'assets',
    resourceId: op.asset_id,
    summary: `Undid the ${op.kind} of ${op.other_id}`,
    after: { operation: op.id, reason },
  });
}

/** A person took back what a rule split: they are one machine, whatever is reported by turns. */
async function keepTogether(tx: Tx, actor: Actor, op: OperationRow, reason: string, now: Date): Promise<void> {
  const ids = op.moved.observations.map((o) => o.id);
  await pin(tx, ids, op.asset_id, op.id);
  await decided(tx, 'same', ids, op.asset_id, reason, now);
  await settleConflict(tx, [op.asset_id, op.asset_id], 'same', { actor: actor.label, note: reason, now, operationId: null });
}

/** Observations and events go back; answers the evidence that is on what moved. */
async function moveBack(tx: Tx, op: OperationRow): Promise<number[]> {
  const holder = op.kind === 'merge' ? op.asset_id : op.other_id;
  const back = op.kind === 'merge' ? op.other_id : op.asset_id;
  // What joined a split-off asset since then has nowhere else to go.
  const ids = op.kind === 'merge' ? op.moved.observations.map((o) => o.id) : (await observationsOf(tx, holder)).map((o) => o.id);
  const evidence = await evidenceOf(tx, ids, holder);
  await moveObservations(tx, ids, holder, back);
  // Of a split-off asset all that came since; of a merge what it moved.
  if (op.kind === 'split' || op.moved.relations) await moveRelations(tx, holder, back, op.moved.relations);
  if (op.moved.events.length > 0) await moveEvents(tx, holder, back, op.moved.events);
  return evidence;
}

/** Takes over what sources reported since an operation that is undone. */
async function catchUp(tx: Tx, actor: Actor, assetId: string, since: Date, now: Date): Promise<void> {
  const reported = (await observationsOf(tx, assetId)).filter((o) => o.last_received_at > since);
  if (reported.length === 0) return;
  await applySourcesOf(tx, assetId, [...new Set(reported.map((o) => o.source))], now);
  await settleRecord(tx, actor, assetId, now);
}
