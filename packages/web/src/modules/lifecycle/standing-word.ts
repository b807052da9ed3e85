import type { LifecycleMachine } from '@muster/api/lifecycle';
import { wordOf } from '../../ui/value-words.ts';

/** A state, or a sub-state after its state, in words. */
export function standingWord(machine: LifecycleMachine, text: string): string {
  const [state = '', key] = text.split('/');
  if (key === undefined) return wordOf(state);
  return `${wordOf(state)} · ${machine.substates.find((s) => s.state === state && s.key === key)?.label ?? key}`;
}

/** A key out of a label, not yet taken: `Send to vendor` becomes `send_to_vendor`. */
export function keyFrom(label: string, taken: readonly string[]): string {
  const plain = label
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 50);
  const stem = plain === '' ? 'step' : plain;
  let key = stem;
  for (let n = 2; taken.includes(key); n++) key = `${stem}_${n}`;
  return key;
}
