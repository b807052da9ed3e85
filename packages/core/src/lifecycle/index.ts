import type { LifecycleState } from '@muster/api/assets';

export interface Transition {
  readonly from: LifecycleState;
  readonly to: LifecycleState;
  /** What a person presses. */
  readonly label: string;
  /** Facts that must be there first. */
  readonly needs?: readonly 'person'[];
}

const from = (state: LifecycleState, moves: Partial<Record<LifecycleState, string>>): Transition[] =>
  Object.entries(moves).map(([to, label]) => ({
    from: state,
    to: to as LifecycleState,
    label,
    ...(to === 'assigned' ? { needs: ['person'] as const } : {}),
  }));

/** Every move an asset can make. What is not here is refused. */
export const transitions: readonly Transition[] = [
  ...from('discovered', {
    in_use: 'Accept as in use',
    assigned: 'Assign',
    in_stock: 'Take into stock',
    in_maintenance: 'Send to maintenance',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  }),
  ...from('requested', { on_order: 'Order', in_stock: 'Fulfil from stock', retired: 'Cancel' }),
  ...from('on_order', { in_transit: 'Ship', in_stock: 'Receive', retired: 'Cancel' }),
  ...from('in_stock', {
    assigned: 'Assign',
    in_use: 'Put to use',
    in_transit: 'Ship',
    in_maintenance: 'Send to maintenance',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  }),
  ...from('assigned', {
    in_use: 'Put to use',
    in_stock: 'Return to stock',
    in_maintenance: 'Send to maintenance',
    in_transit: 'Ship',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  }),
  ...from('in_use', {
    assigned: 'Assign',
    in_stock: 'Return to stock',
    in_maintenance: 'Send to maintenance',
    in_transit: 'Ship',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  }),
  ...from('in_maintenance', {
    in_stock: 'Return to stock',
    in_use: 'Put back to use',
    assigned: 'Assign',
    in_transit: 'Ship',
    retired: 'Retire',
  }),
  ...from('in_transit', {
    in_stock: 'Receive',
    in_use: 'Put to use',
    assigned: 'Assign',
    in_maintenance: 'Send to maintenance',
    lost: 'Report lost',
    stolen: 'Report stolen',
  }),
  ...from('lost', { in_stock: 'Found: take into stock', in_use: 'Found: put to use', retired: 'Retire', stolen: 'Report stolen' }),
  ...from('stolen', { in_stock: 'Recovered: take into stock', retired: 'Retire' }),
  ...from('retired', { disposed: 'Dispose', in_stock: 'Bring back into stock' }),
];

export interface LifecycleFacts {
  readonly state: LifecycleState;
  readonly hasPerson: boolean;
}

export type TransitionAnswer =
  | { ok: true; transition: Transition }
  | { ok: false; code: 'same_state' | 'not_possible' | 'needs_person' | 'final'; reason: string; possible: LifecycleState[] };

/** Whether an asset may move to `to`, and if not why, with the moves that are possible. */
export function judgeTransition(facts: LifecycleFacts, to: LifecycleState): TransitionAnswer {
  const possible = transitionsFrom(facts.state).map((t) => t.to);
  const refuse = (code: 'same_state' | 'not_possible' | 'needs_person' | 'final', reason: string): TransitionAnswer => ({
    ok: false,
    code,
    reason,
    possible,
  });
  if (facts.state === to) return refuse('same_state', `It is ${say(to)} already.`);
  if (possible.length === 0) return refuse('final', `An asset that is ${say(facts.state)} stays so.`);
  const transition = transitions.find((t) => t.from === facts.state && t.to === to);
  if (!transition)
    return refuse(
      'not_possible',
      `An asset that is ${say(facts.state)} cannot become ${say(to)}. It can become ${possible.map(say).join(', ')}.`,
    );
  if (transition.needs?.includes('person') && !facts.hasPerson)
    return refuse('needs_person', 'Say who has it first: an assigned asset has a person.');
  return { ok: true, transition };
}

/** The moves that lead from a state, whatever else they need. */
export function transitionsFrom(state: LifecycleState): Transition[] {
  return transitions.filter((t) => t.from === state);
}

const say = (state: LifecycleState): string => state.replaceAll('_', ' ');
