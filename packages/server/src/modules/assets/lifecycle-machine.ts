import type { LifecycleState } from '@muster/api/assets';
import { lifecycleFileSchema, type LifecycleMachine } from '@muster/api/lifecycle';
import { type Machine, machineOf } from '@muster/core/lifecycle';
import content from '../../../../../content/lifecycle.json' with { type: 'json' };
import type { Db } from '../../platform/db/types.ts';
import { actionKinds } from './lifecycle-actions.ts';
import { newestVersion } from './store-lifecycle.ts';

const { substates, transitions } = lifecycleFileSchema.parse(content);

/** The machine as shipped in content/lifecycle.json. */
export const shippedMachine: LifecycleMachine = { substates, transitions };

/** The machine in force, read anew each time so that a change holds at once. */
export async function loadMachine(db: Db): Promise<Machine> {
  return machineOf((await newestVersion(db))?.machine ?? shippedMachine, actionKinds());
}

/** A sub-state with its label; one that the machine does not have any more goes by its key. */
export function substateOf(
  { substates: known }: LifecycleMachine,
  state: LifecycleState,
  substate: string | null,
): { key: string; label: string } | null {
  return substate === null ? null : { key: substate, label: known.find((s) => s.state === state && s.key === substate)?.label ?? substate };
}
