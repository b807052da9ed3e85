import type { ActionKind, LifecycleMachine, Transition } from '@muster/api/lifecycle';
import { type LifecycleState, lifecycleStates } from '@muster/api/lifecycle-states';

/** Where an asset stands in its life: a state, and in it a sub-state or none. */
export interface Standing {
  readonly state: LifecycleState;
  readonly substate: string | null;
}

/** A standing as it is written in a machine: `in_stock` or `in_stock/reserved`. */
export const textOf = ({ state, substate }: Standing): string => (substate === null ? state : `${state}/${substate}`);

/** What a text names, or null when it names no state. That the sub-state exists is not looked at. */
export function standingOf(text: string): Standing | null {
  const [state = '', substate] = text.split('/');
  return isState(state) ? { state, substate: substate ?? null } : null;
}

const isState = (text: string): text is LifecycleState => (lifecycleStates as readonly string[]).includes(text);

/** Whether a standing is what a text names: a state names all its sub-states. */
export function isWithin(standing: Standing, text: string): boolean {
  return text === standing.state || text === textOf(standing);
}

/** What the machine itself can do with the facts of an asset. Other modules bring more kinds of action. */
export const builtInActions: readonly ActionKind[] = [
  { key: 'assign', label: 'Give it to the person', needs: ['person'], gives: ['person'], takes: [] },
  { key: 'unassign', label: 'Take it from its person', needs: [], gives: [], takes: ['person'] },
  { key: 'set_place', label: 'Set the place', needs: ['place'], gives: ['place'], takes: [] },
  { key: 'clear_place', label: 'Clear the place', needs: [], gives: [], takes: ['place'] },
  {
    key: 'start_warranty',
    label: 'Start the warranty on the date',
    needs: ['date'],
    gives: [],
    takes: [],
    parameters: [{ key: 'months', label: 'Months of warranty', type: 'number', required: false }],
  },
];

/** A machine made ready for judging. */
export interface Machine {
  readonly data: LifecycleMachine;
  readonly actions: ReadonlyMap<string, ActionKind>;
  /** Transitions that are in force by the state they may lead from, in their order. */
  readonly leaving: ReadonlyMap<LifecycleState, readonly Transition[]>;
  readonly byKey: ReadonlyMap<string, Transition>;
}

/** Makes a machine ready. It need not be valid: what is forbidden stays forbidden whatever the data says. */
export function machineOf(data: LifecycleMachine, actions: readonly ActionKind[] = builtInActions): Machine {
  const leaving = new Map<LifecycleState, Transition[]>();
  for (const t of data.transitions) {
    if (t.retired) continue;
    for (const state of new Set(t.from.flatMap((text) => standingOf(text)?.state ?? [])))
      leaving.set(state, [...(leaving.get(state) ?? []), t]);
  }
  return {
    data,
    actions: new Map(actions.map((a) => [a.key, a])),
    leaving,
    byKey: new Map(data.transitions.map((t) => [t.key, t])),
  };
}

/** The transitions that lead from a standing, whatever else they need. Nothing leads out of disposed. */
export function transitionsFrom(machine: Machine, standing: Standing): Transition[] {
  if (standing.state === 'disposed') return [];
  return (machine.leaving.get(standing.state) ?? []).filter((t) => leads(machine, t, standing) && !isForbidden(machine, t, standing));
}

/** Whether a transition's from names the standing and no guard on sub-states excludes it. */
export function leads(_machine: Machine, t: Transition, standing: Standing): boolean {
  return t.from.some((text) => isWithin(standing, text)) && textOf(standing) !== t.to;
}

/**
 * What no machine can allow: to leave disposed, to dispose of what is not retired, to become discovered (only a source discovers), to enter
 * a sub-state that is not there or is retired.
 */
export function isForbidden(machine: Machine, t: Transition, from: Standing): boolean {
  const to = standingOf(t.to);
  if (!to || from.state === 'disposed' || to.state === 'discovered') return true;
  if (to.state === 'disposed' && from.state !== 'retired') return true;
  return to.substate !== null && !machine.data.substates.some((s) => s.state === to.state && s.key === to.substate && !s.retired);
}

/** Whether one of the transition's actions gives the asset a person or a place. */
export const gives = (machine: Machine, t: Transition, fact: 'person' | 'place'): boolean =>
  t.actions.some((a) => machine.actions.get(a.key)?.gives.includes(fact));
export const takes = (machine: Machine, t: Transition, fact: 'person' | 'place'): boolean =>
  t.actions.some((a) => machine.actions.get(a.key)?.takes.includes(fact));

/** A state or sub-state in words. */
export function say(machine: Machine, standing: Standing): string {
  const state = standing.state.replaceAll('_', ' ');
  if (standing.substate === null) return state;
  const label = machine.data.substates.find((s) => s.state === standing.state && s.key === standing.substate)?.label;
  return `${state} (${(label ?? standing.substate).toLowerCase()})`;
}
