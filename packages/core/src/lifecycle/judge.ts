import type { Guard, RequirableField, Transition } from '@muster/api/lifecycle';
import { type LifecycleState, type TransitionInput, transitionInputLabels } from '@muster/api/lifecycle-states';
import type { RoleName } from '@muster/api/permissions';
import { gives, isWithin, leads, type Machine, say, type Standing, standingOf, takes, textOf, transitionsFrom } from './machine.ts';

/** What is known of an asset when a move is judged. */
export interface LifecycleFacts extends Standing {
  /** Fields of the record that have a value. */
  readonly has: ReadonlySet<RequirableField>;
  /** Its class and those above it. */
  readonly classLine: readonly string[];
  /** The roles that whoever asks holds for this asset; `any` for the system and administrators. */
  readonly roles: ReadonlySet<RoleName> | 'any';
  readonly openRelations: number;
  readonly children: number;
  /** null: none is recorded. */
  readonly condition: string | null;
}

export type Inputs = Partial<Record<TransitionInput, string>>;

/** Why a move is refused. `field` names the input that is missing or not asked for; otherwise it is the move itself. */
export interface Block {
  readonly code: string;
  readonly reason: string;
  readonly field: string | null;
}

export type Wanted = { readonly transition: string } | { readonly to: LifecycleState; readonly substate?: string | undefined };

export type TransitionAnswer =
  | { readonly ok: true; readonly transition: Transition; readonly to: Standing }
  | { readonly ok: false; readonly blocks: readonly [Block, ...Block[]]; readonly possible: readonly LifecycleState[] };

export interface Offer {
  readonly transition: Transition;
  readonly to: Standing;
  readonly inputs: readonly { key: TransitionInput; required: boolean }[];
  readonly blocks: readonly Block[];
}

/** The transitions that lead from where the asset stands, with what each asks for and why it cannot be made now. */
export function offersOf(machine: Machine, facts: LifecycleFacts): Offer[] {
  return transitionsFrom(machine, facts).map((transition) => ({
    transition,
    to: destination(transition),
    inputs: inputsOf(machine, transition, facts),
    blocks: blocksOf(machine, transition, facts, null),
  }));
}

/**
 * Whether an asset may make a move with these inputs, and if not every reason, with the states it could move to. A move is named by its
 * key, or by where it leads; of several that lead there the first that is allowed is taken.
 */
export function judgeTransition(machine: Machine, facts: LifecycleFacts, wanted: Wanted, inputs: Inputs = {}): TransitionAnswer {
  const open = transitionsFrom(machine, facts);
  const possible = [...new Set(open.map((t) => destination(t).state).filter((state) => state !== facts.state))];
  const refuse = (...blocks: [Block, ...Block[]]): TransitionAnswer => ({ ok: false, blocks, possible });
  const candidates = open.filter((t) => ('transition' in wanted ? t.key === wanted.transition : leadsTo(t, wanted)));
  const [first] = candidates;
  if (!first) return refuse(whyNone(machine, facts, wanted, possible));
  const judged = candidates.map((transition) => ({ transition, blocks: blocksOf(machine, transition, facts, inputs) }));
  const allowed = judged.find((j) => j.blocks.length === 0);
  if (allowed) return { ok: true, transition: allowed.transition, to: destination(allowed.transition) };
  const [block, ...more] = judged[0]?.blocks ?? [];
  return block ? refuse(block, ...more) : { ok: true, transition: first, to: destination(first) };
}

/** Transitions to the bare state come before those to one of its sub-states, which must be named. */
function leadsTo(t: Transition, wanted: { to: LifecycleState; substate?: string | undefined }): boolean {
  return t.to === textOf({ state: wanted.to, substate: wanted.substate ?? null });
}

const destination = (t: Transition): Standing => standingOf(t.to) ?? { state: 'retired', substate: null };

function whyNone(machine: Machine, facts: Standing, wanted: Wanted, possible: readonly LifecycleState[]): Block {
  const move = (code: string, reason: string): Block => ({ code, reason, field: null });
  const it = say(machine, facts);
  const known = 'transition' in wanted ? machine.byKey.get(wanted.transition) : undefined;
  const to = 'to' in wanted ? { state: wanted.to, substate: wanted.substate ?? null } : known && destination(known);
  if (!to) return move('unknown_transition', 'There is no transition with this key.');
  if (textOf(to) === textOf(facts)) return move('same_state', `It is ${it} already.`);
  if (facts.state === 'disposed') return move('final', `An asset that is ${it} stays so.`);
  const ways = possible.length > 0 ? ` It can become ${possible.map((s) => s.replaceAll('_', ' ')).join(', ')}.` : '';
  if (known?.retired) return move('retired_transition', `“${known.label}” is no longer used.${ways}`);
  return known && !leads(machine, known, facts)
    ? move('not_possible', `“${known.label}” does not lead from ${it}.${ways}`)
    : move('not_possible', `An asset that is ${it} cannot become ${say(machine, to)}.${ways}`);
}

/** What the form asks for now: the person as well when the move needs one and none is there. */
function inputsOf(machine: Machine, t: Transition, facts: LifecycleFacts): Offer['inputs'] {
  const wanting = (fact: 'person' | 'place'): boolean => gives(machine, t, fact) && needsFact(t, fact) && !facts.has.has(fact);
  return t.inputs.map((i) => ({
    key: i.key,
    required: i.required || (i.key === 'person' && wanting('person')) || (i.key === 'place' && wanting('place')),
  }));
}

const needsFact = (t: Transition, fact: 'person' | 'place'): boolean =>
  t.requires.includes(fact) || t.guards.some((g) => g.kind === `has_${fact}`) || (fact === 'person' && destination(t).state === 'assigned');

/** Every reason against a transition. Without inputs (null) those that a form can still ask for are not counted. */
function blocksOf(machine: Machine, t: Transition, facts: LifecycleFacts, inputs: Inputs | null): Block[] {
  const move = (code: string, reason: string): Block => ({ code, reason, field: null });
  const will = (fact: 'person' | 'place'): boolean =>
    (facts.has.has(fact) && !takes(machine, t, fact)) || (gives(machine, t, fact) && (inputs === null || hasInput(t, inputs, fact)));
  const blocks: Block[] = [];
  if (t.roles.length > 0 && facts.roles !== 'any' && !t.roles.some((role) => facts.roles !== 'any' && facts.roles.has(role)))
    blocks.push(move('role_needed', `Only ${t.roles.map((r) => r.replaceAll('_', ' ')).join(', ')} may do this.`));
  if (destination(t).state === 'assigned' && !will('person'))
    blocks.push(move('needs_person', 'Say who has it first: an assigned asset has a person.'));
  for (const field of t.requires) {
    const there = field === 'person' || field === 'place' ? facts.has.has(field) || will(field) : facts.has.has(field);
    if (!there) blocks.push(move(`needs_${field}`, `It needs a value first: ${fieldWords[field]}.`));
  }
  for (const g of t.guards) blocks.push(...guardBlocks(machine, g, facts, (fact) => facts.has.has(fact) || will(fact)));
  if (inputs !== null) blocks.push(...inputBlocks(t, inputs));
  const seen = new Set<string>();
  return blocks.filter((b) => !seen.has(`${b.code} ${b.field}`) && seen.add(`${b.code} ${b.field}`));
}

const hasInput = (t: Transition, inputs: Inputs, fact: 'person' | 'place'): boolean =>
  filled(inputs[fact]) || t.actions.some((a) => filled(a.parameters[fact]));
const filled = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';

const fieldWords: Record<RequirableField, string> = {
  tag: 'asset tag',
  name: 'name',
  manufacturer: 'manufacturer',
  model: 'model',
  serial: 'serial number',
  person: 'person',
  place: 'place',
  orgUnit: 'org unit',
};

function guardBlocks(machine: Machine, g: Guard, facts: LifecycleFacts, has: (fact: 'person' | 'place') => boolean): Block[] {
  const unless = (met: boolean, code: string, reason: string): Block[] => (met ? [] : [{ code, reason, field: null }]);
  switch (g.kind) {
    case 'has_person':
      return unless(has('person'), 'needs_person', 'Say who has it first.');
    case 'no_person':
      return unless(!facts.has.has('person'), 'has_person', 'A person still has it.');
    case 'has_place':
      return unless(has('place'), 'needs_place', 'Say where it is first.');
    case 'no_place':
      return unless(!facts.has.has('place'), 'has_place', 'It still has a place.');
    case 'has_serial':
      return unless(facts.has.has('serial'), 'needs_serial', 'It needs a value first: serial number.');
    case 'class_in':
      return unless(
        facts.classLine.some((key) => g.values.includes(key)),
        'wrong_class',
        `This is only for ${g.values.map((v) => v.replaceAll('_', ' ')).join(', ')}.`,
      );
    case 'condition_in':
      return unless(
        facts.condition !== null && g.values.includes(facts.condition),
        'wrong_condition',
        `Its condition must be ${g.values.join(' or ')}${facts.condition === null ? '; none is recorded' : `, not ${facts.condition}`}.`,
      );
    case 'substate_not_in':
      return unless(!g.values.some((text) => isWithin(facts, text)), 'held_by_substate', `Not while it is ${say(machine, facts)}.`);
    case 'no_open_relations':
      return unless(facts.openRelations === 0, 'has_relations', `${facts.openRelations} relations to other assets are open.`);
    case 'no_children':
      return unless(facts.children === 0, 'has_children', `${facts.children} assets are in it or run on it.`);
    default:
      return g.kind satisfies never;
  }
}

/** What is missing of a transition's form, and what it does not ask for. */
export function inputBlocks(t: Transition, inputs: Inputs): Block[] {
  const missing = t.inputs
    .filter((i) => i.required && !filled(inputs[i.key]))
    .map((i): Block => ({
      code: 'required',
      field: i.key,
      reason: `“${t.label}” needs this: ${transitionInputLabels[i.key].toLowerCase()}.`,
    }));
  const asked = new Set<string>(['reason', ...t.inputs.map((i) => i.key)]);
  const extra = Object.entries(inputs)
    .filter(([key, value]) => filled(value) && !asked.has(key))
    .map(([key]): Block => ({ code: 'not_asked', field: key, reason: `“${t.label}” does not ask for this.` }));
  return [...missing, ...extra];
}
