import type { LifecycleState, TransitionBody } from '@muster/api/assets';
import { type FieldError, Problem } from '@muster/api/errors';
import type { TransitionInput } from '@muster/api/lifecycle-states';
import type { Transition } from '@muster/api/lifecycle';
import { type Block, type Inputs, judgeTransition, type Machine, say, type Standing, textOf, type Wanted } from '@muster/core/lifecycle';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { noteLicenceFacts } from './licence-facts.ts';
import './lifecycle-built-in.ts';
import { handlerOf } from './lifecycle-actions.ts';
import { factsOf } from './lifecycle-facts.ts';
import { loadMachine } from './lifecycle-machine.ts';
import { assetRows, type AssetRow, checkReferences, lockAssets } from './store.ts';
import { recordEvents } from './store-ingest.ts';
import { lockLifecycle, notePeriods, putStanding } from './store-lifecycle.ts';

/** A move as someone asks for it: a transition by its key or by where it leads, and what they typed. */
export interface AskedMove {
  readonly wanted: Wanted;
  readonly inputs: Inputs;
}

/** The assets that a move is refused for, by one reason. `code` is stable; `reason` is the sentence for people. */
export interface BlockedAssets {
  readonly code: string;
  readonly reason: string;
  readonly ids: string[];
}

export interface MoveJudgement {
  /** What would move, with where from: enough to undo it. */
  readonly willChange: { readonly id: string; readonly from: Standing; readonly to: Standing; readonly transition: string }[];
  /** By reason, the most frequent first; an asset with several reasons is under its first one. `not_found` holds what the actor may not change. */
  readonly blocked: BlockedAssets[];
}

interface Judged {
  machine: Machine;
  moves: { asset: AssetRow; transition: Transition; to: Standing }[];
  refused: { id: string; blocks: readonly [Block, ...Block[]]; possible: readonly LifecycleState[] }[];
}

async function judge(db: Db, actor: Actor, rows: readonly AssetRow[], ids: readonly string[], asked: AskedMove): Promise<Judged> {
  const machine = await loadMachine(db);
  const known = new Map(rows.map((r) => [r.id, r]));
  const facts = await factsOf(db, actor, machine, rows);
  const judged: Judged = { machine, moves: [], refused: [] };
  const refuse = (id: string, code: string, reason: string): void =>
    void judged.refused.push({ id, blocks: [{ code, reason, field: null }], possible: [] });
  for (const id of new Set(ids)) {
    const asset = known.get(id);
    const its = facts.get(id);
    if (!asset || !its) refuse(id, 'not_found', 'There is no asset with this id.');
    else if (asset.redirected_to !== null) refuse(id, 'merged', `This asset was merged into ${asset.redirected_to}.`);
    else {
      const answer = judgeTransition(machine, its, asked.wanted, asked.inputs);
      if (answer.ok) judged.moves.push({ asset, transition: answer.transition, to: answer.to });
      else judged.refused.push({ id, blocks: answer.blocks, possible: answer.possible });
    }
  }
  return judged;
}

function present({ moves, refused }: Judged): MoveJudgement {
  const byReason = Map.groupBy(refused, (r) => `${r.blocks[0].code}\n${r.blocks[0].reason}`);
  return {
    willChange: moves.map(({ asset, to, transition }) => ({ id: asset.id, from: standing(asset), to, transition: transition.key })),
    blocked: [...byReason.values()]
      .flatMap((group): BlockedAssets[] => {
        const first = group[0]?.blocks[0];
        return first ? [{ code: first.code, reason: first.reason, ids: group.map((r) => r.id) }] : [];
      })
      .toSorted((a, b) => b.ids.length - a.ids.length),
  };
}

const standing = (a: AssetRow): Standing => ({ state: a.state, substate: a.substate });

/**
 * What `transitionMany` would do now, for a preview; nothing is locked or written. Call it in batches of some thousand ids.
 * @param ids Assets in any order; those that the actor may not change are blocked as `not_found`.
 * @throws Problem validation_failed when an input names a person or place that does not exist.
 */
export async function judgeTransitions(db: Db, actor: Actor, ids: readonly string[], asked: AskedMove): Promise<MoveJudgement> {
  await checkInputs(db, asked.inputs);
  return present(await judge(db, actor, await assetRows(db, ids), ids, asked));
}

/**
 * Moves all of these assets that may make the move and leaves the others as they are; answers which moved, from where, and what blocked
 * the rest. It locks the rows and judges again, so the answer may differ from a preview. Everything - the moves, what their actions do,
 * events, periods, one audit row for the call - is in the caller's transaction: a job calls it per batch of some hundred ids, each in a
 * transaction of its own. Actions that set a person or place take some statements per asset; the rest is a fixed number per transition.
 * @throws Problem validation_failed when an input names a person or place that does not exist; what an action throws.
 */
export async function transitionMany(tx: Tx, actor: Actor, ids: readonly string[], asked: AskedMove, now: Date): Promise<MoveJudgement> {
  await checkInputs(tx, asked.inputs);
  await lockLifecycle(tx, 'shared');
  const judged = await judge(tx, actor, await lockAssets(tx, ids), ids, asked);
  await apply(tx, actor, judged, asked.inputs, now);
  return present(judged);
}

/**
 * Puts assets back where they stood before `transitionMany`, whatever the machine says, unless they moved on meanwhile (`moved_on`) or
 * were disposed of (`final`). The values that actions set are not put back: whoever undoes restores them as edits.
 */
export async function undoTransitions(
  tx: Tx,
  actor: Actor,
  moves: readonly { id: string; from: Standing; to: Standing }[],
  now: Date,
): Promise<MoveJudgement> {
  await lockLifecycle(tx, 'shared');
  const machine = await loadMachine(tx);
  const rows = new Map(
    (
      await lockAssets(
        tx,
        moves.map((m) => m.id),
      )
    ).map((r) => [r.id, r]),
  );
  const facts = await factsOf(tx, actor, machine, [...rows.values()]);
  const judged: Judged = { machine, moves: [], refused: [] };
  for (const { id, from, to } of moves) {
    const asset = rows.get(id);
    const block = (code: string, reason: string): void =>
      void judged.refused.push({ id, blocks: [{ code, reason, field: null }], possible: [] });
    if (!asset || !facts.has(id) || asset.redirected_to !== null) block('not_found', 'There is no asset with this id.');
    else if (asset.state === 'disposed') block('final', `An asset that is ${say(machine, asset)} stays so.`);
    else if (textOf(standing(asset)) !== textOf(to)) block('moved_on', 'It moved on since.');
    else if (from.state === 'assigned' && asset.person_id === null)
      block('needs_person', 'Say who has it first: an assigned asset has a person.');
    else judged.moves.push({ asset, to: from, transition: undoing });
  }
  await apply(tx, actor, judged, { reason: 'Undone' }, now);
  return present(judged);
}

/** Not in any machine: an undo is not a way of life. */
const undoing: Transition = {
  key: 'undo',
  label: 'Undo',
  from: [],
  to: '',
  roles: [],
  requires: [],
  inputs: [],
  guards: [],
  actions: [],
  retired: false,
};

/** Writes the moves: state, periods, events, licence facts, actions, audit. One set of statements per transition and standing. */
async function apply(tx: Tx, actor: Actor, { machine, moves }: Judged, inputs: Inputs, now: Date): Promise<void> {
  if (moves.length === 0) return;
  const reason = inputs.reason ?? null;
  for (const group of Map.groupBy(moves, (m) => `${m.transition.key} ${textOf(m.to)}`).values()) {
    const { transition, to } = group[0] as (typeof group)[number];
    const assets = group.map((m) => m.asset);
    const ids = assets.map((a) => a.id);
    await putStanding(tx, ids, to, now);
    await notePeriods(tx, ids, { transition: transition === undoing ? null : transition.key, actor: actor.label, reason });
    await recordEvents(
      tx,
      assets.map((a) => ({
        assetId: a.id,
        at: now,
        kind: 'transitioned',
        source: 'manual',
        actor: actor.label,
        data: {
          from: a.state,
          to: to.state,
          ...substates(machine, a, to),
          transition: transition.key,
          label: transition.label,
          reason,
          inputs,
        },
      })),
    );
    for (const action of transition.actions) {
      const handler = handlerOf(action.key);
      if (!handler) throw new Problem('conflict', `“${transition.label}” has the action ${action.key}, which this server does not know.`);
      await handler(tx, { actor, now, transition, to, inputs, parameters: action.parameters, assets });
    }
  }
  await noteLicenceFacts(
    tx,
    moves.map((m) => ({ assetId: m.asset.id, field: 'state' })),
  );
  await auditMoves(tx, actor, machine, moves, inputs);
}

/** Their labels as they are now: a later label changes no history. */
function substates(machine: Machine, from: Standing, to: Standing): Record<string, string> {
  const label = (s: Standing): string | undefined =>
    s.substate === null
      ? undefined
      : (machine.data.substates.find((one) => one.state === s.state && one.key === s.substate)?.label ?? s.substate);
  const [was, is] = [label(from), label(to)];
  return { ...(was ? { fromSubstate: was } : {}), ...(is ? { toSubstate: is } : {}) };
}

async function auditMoves(tx: Tx, actor: Actor, machine: Machine, moves: Judged['moves'], inputs: Inputs): Promise<void> {
  const [first] = moves;
  if (!first) return;
  const { reason = null, ...rest } = inputs;
  const more = Object.keys(rest).length > 0 ? { inputs: rest } : {};
  const after = { state: first.to.state, substate: first.to.substate, transition: first.transition.key, reason, ...more };
  await audit(
    tx,
    actor,
    moves.length === 1
      ? {
          action: 'asset.transitioned',
          resource: 'assets',
          resourceId: first.asset.id,
          summary: `Moved ${nameOf(first.asset)} from ${say(machine, first.asset)} to ${say(machine, first.to)}`,
          before: standing(first.asset),
          after,
        }
      : {
          action: 'assets.transitioned',
          resource: 'assets',
          resourceId: null,
          summary: `Moved ${moves.length} assets: ${first.transition.label}`,
          before: moves.map((m) => ({ id: m.asset.id, ...standing(m.asset) })),
          after,
        },
  );
}

const nameOf = (asset: AssetRow): string => String(asset.name ?? asset.tag ?? asset.serial ?? asset.id);

/** @throws Problem validation_failed when an input names a person or place that does not exist. */
export async function checkInputs(db: Db, inputs: Inputs): Promise<void> {
  const { person = null, place = null } = inputs;
  if (person === null && place === null) return;
  const found = await checkReferences(db, { classKey: null, person, place, orgUnit: null, tag: null, except: null });
  const errors: FieldError[] = [];
  if (person !== null && !found.person_ok)
    errors.push({ field: 'inputs.person', code: 'unknown', message: 'There is no person with this id.' });
  if (place !== null && !found.place_ok)
    errors.push({ field: 'inputs.place', code: 'unknown', message: 'There is no place with this id.' });
  if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
}

/**
 * Moves one asset.
 * @throws Problem not_found; stale when it no longer stands where the caller saw it; conflict with every reason and the states that are
 * possible; validation_failed when only inputs are missing, not asked for or name nothing.
 */
export async function moveAsset(tx: Tx, actor: Actor, id: string, asked: AskedMove, now: Date, expected?: Standing): Promise<void> {
  await checkInputs(tx, asked.inputs);
  await lockLifecycle(tx, 'shared');
  const rows = await lockAssets(tx, [id]);
  const [asset] = rows;
  const judged = await judge(tx, actor, rows, [id], asked);
  if (asset && expected && textOf(standing(asset)) !== textOf(expected))
    throw new Problem('stale', `Someone moved it in the meantime: it is ${say(judged.machine, asset)} now.`);
  const [refused] = judged.refused;
  if (refused) throw refusal(refused);
  await apply(tx, actor, judged, asked.inputs, now);
}

function refusal({ blocks, possible }: Judged['refused'][number]): Problem {
  const [first] = blocks;
  if (first.code === 'not_found') return new Problem('not_found', first.reason);
  const errors = blocks.map((b): FieldError => ({
    field: b.field === null ? 'to' : b.field === 'reason' ? 'reason' : `inputs.${b.field}`,
    code: b.code,
    message: b.reason,
    ...(b.field === null ? { suggestions: [...possible] } : {}),
  }));
  return blocks.every((b) => b.field !== null)
    ? new Problem('validation_failed', undefined, { errors })
    : new Problem('conflict', blocks.flatMap((b) => (b.field === null ? b.reason : [])).join(' '), { errors });
}

/** Moves one asset to a state, whatever transition leads there. @throws Problem as moveAsset */
export async function transitionAsset(
  tx: Tx,
  actor: Actor,
  id: string,
  to: LifecycleState,
  reason: string | null,
  now: Date,
): Promise<void> {
  await moveAsset(tx, actor, id, { wanted: { to }, inputs: reason === null ? {} : { reason } }, now);
}

/** What was typed, without what was left out. */
export function typed(inputs: Partial<Record<TransitionInput, string | undefined>> | undefined): Inputs {
  return Object.fromEntries(Object.entries(inputs ?? {}).filter(([, value]) => value !== undefined && value !== ''));
}

/** What a request asks for. */
export function askedBy({ transition, to, substate, reason, inputs }: TransitionBody): AskedMove {
  return {
    wanted: transition === undefined ? { to: to ?? 'retired', substate } : { transition },
    inputs: typed({ ...inputs, reason }),
  };
}
