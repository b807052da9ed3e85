import type { ActionKind, Guard, LifecycleMachine, Transition } from '@muster/api/lifecycle';
import { t, type MessageKey } from '../../app/messages.ts';
import { wordOf } from '../../ui/value-words.ts';
import { standingWord } from './standing-word.ts';

const builtIn = ['assign', 'unassign', 'set_place', 'clear_place', 'start_warranty', 'notify', 'create_task', 'make_document'];

/** What an action does; one that another module brings says it itself. */
export const actionWord = (action: Pick<ActionKind, 'key' | 'label'>): string =>
  builtIn.includes(action.key) ? t(`lifecycle.action.${action.key}` as MessageKey) : action.label;

export function guardWord(machine: LifecycleMachine, guard: Guard): string {
  const values = guard.values.map((v) => (guard.kind === 'substate_not_in' ? standingWord(machine, v) : wordOf(v))).join(', ');
  return t(`lifecycle.guard.${guard.kind}`, { values });
}

/** All conditions of a transition in words: on the asset, its fields and the form. */
export function conditionsOf(machine: LifecycleMachine, transition: Transition): string[] {
  return [
    ...transition.requires.map((field) => `${t('lifecycle.requires')}: ${t(`asset.${field}`)}`),
    ...transition.guards.map((g) => guardWord(machine, g)),
    ...transition.inputs.map(({ key, required }) =>
      required ? t('lifecycle.needed', { input: t(`lifecycle.input.${key}`) }) : t(`lifecycle.input.${key}`),
    ),
  ];
}
