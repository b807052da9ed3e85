import { Problem } from '@muster/api/errors';
import type { LifecycleCheck, LifecycleInForce, LifecycleMachine } from '@muster/api/lifecycle';
import { checkMachine, type Machine, machineOf, reachableFrom, say } from '@muster/core/lifecycle';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { actionKinds } from './lifecycle-actions.ts';
import { shippedMachine } from './lifecycle-machine.ts';
import { classLabels } from './store-authority.ts';
import { insertVersion, lockLifecycle, newestVersion, standingCounts } from './store-lifecycle.ts';

/** The machine in force with its version and the actions that can be chosen. */
export async function readLifecycle(db: Db): Promise<LifecycleInForce> {
  const newest = await newestVersion(db);
  return {
    version: newest?.version ?? 0,
    origin: newest?.machine ? 'changed' : 'shipped',
    changedAt: newest?.changed_at.toISOString() ?? null,
    changedBy: newest?.changed_by ?? null,
    machine: newest?.machine ?? shippedMachine,
    actions: actionKinds(),
  };
}

/** Every mistake of a machine, and where assets stand that it does not have or does not lead out of. */
export async function checkLifecycle(db: Db, data: LifecycleMachine): Promise<LifecycleCheck> {
  const machine = machineOf(data, actionKinds());
  return { errors: checkMachine(machine, new Set((await classLabels(db)).keys())), stranded: await strandedBy(db, machine) };
}

async function strandedBy(db: Db, machine: Machine): Promise<LifecycleCheck['stranded']> {
  return (await standingCounts(db)).flatMap((s): LifecycleCheck['stranded'] => {
    const there = s.substate === null || machine.data.substates.some((one) => one.state === s.state && one.key === s.substate);
    if (!there) return [{ ...s, why: 'removed' }];
    return s.state !== 'disposed' && reachableFrom(machine, [s]).size === 1 ? [{ ...s, why: 'no_way_out' }] : [];
  });
}

/**
 * Puts a changed machine in force; the next move is judged by it.
 * @throws Problem stale; validation_failed with every mistake; conflict when assets stand where it no longer leads.
 */
export async function changeLifecycle(
  platform: Platform,
  actor: Actor,
  version: number,
  data: LifecycleMachine,
): Promise<LifecycleInForce> {
  return inTx(platform.db, async (tx) => {
    await lockLifecycle(tx, 'alone');
    const before = await readLifecycle(tx);
    if (before.version !== version) throw new Problem('stale', 'Someone changed the lifecycle in the meantime. Read it again.');
    const { errors, stranded } = await checkLifecycle(tx, data);
    if (errors.length > 0) throw new Problem('validation_failed', undefined, { errors });
    refuseStranded(machineOf(data), stranded);
    await keep(tx, platform, actor, before, data, `Changed the lifecycle: ${differences(before.machine, data)}`);
    return readLifecycle(tx);
  });
}

/**
 * Back to the shipped machine.
 * @throws Problem conflict when it is in force already, or assets stand in sub-states that it does not have.
 */
export async function resetLifecycle(platform: Platform, actor: Actor): Promise<LifecycleInForce> {
  return inTx(platform.db, async (tx) => {
    await lockLifecycle(tx, 'alone');
    const before = await readLifecycle(tx);
    if (before.origin === 'shipped') throw new Problem('conflict', 'The lifecycle is as shipped already.');
    const machine = machineOf(shippedMachine, actionKinds());
    refuseStranded(machineOf(before.machine), await strandedBy(tx, machine));
    await keep(tx, platform, actor, before, null, 'The lifecycle is as shipped again');
    return readLifecycle(tx);
  });
}

function refuseStranded(machine: Machine, stranded: LifecycleCheck['stranded']): void {
  if (stranded.length === 0) return;
  const said = stranded.map((s) => ({
    field: 'substates',
    code: s.why,
    message:
      s.why === 'removed'
        ? `${s.assets} assets are ${say(machine, s)}. Move them, or retire the sub-state instead of removing it.`
        : `${s.assets} assets are ${say(machine, s)}, and nothing leads out of there.`,
  }));
  throw new Problem('conflict', said.map((s) => s.message).join(' '), { errors: said });
}

async function keep(
  tx: Tx,
  platform: Platform,
  actor: Actor,
  before: LifecycleInForce,
  data: LifecycleMachine | null,
  summary: string,
): Promise<void> {
  const version = before.version + 1;
  await insertVersion(tx, { version, machine: data, changed_at: platform.now(), changed_by: actor.label });
  await audit(tx, actor, {
    action: data ? 'lifecycle.changed' : 'lifecycle.reset',
    resource: 'lifecycle',
    resourceId: String(version),
    summary,
    before: before.machine,
    after: data ?? shippedMachine,
  });
}

/** What is new, gone and different, by key. */
function differences(before: LifecycleMachine, after: LifecycleMachine): string {
  const parts = (m: LifecycleMachine): Map<string, string> =>
    new Map([
      ...m.substates.map((s): [string, string] => [`sub-state ${s.state}/${s.key}`, JSON.stringify(s)]),
      ...m.transitions.map((t): [string, string] => [`transition ${t.key}`, JSON.stringify(t)]),
    ]);
  const [was, is] = [parts(before), parts(after)];
  const said = [
    ...[...is].filter(([key]) => !was.has(key)).map(([key]) => `${key} added`),
    ...[...is].filter(([key, text]) => was.has(key) && was.get(key) !== text).map(([key]) => `${key} changed`),
    ...[...was.keys()].filter((key) => !is.has(key)).map((key) => `${key} removed`),
  ];
  return said.length > 8 ? `${said.slice(0, 8).join(', ')} and ${said.length - 8} more` : said.join(', ') || 'the order';
}
