import type { FieldError } from '@muster/api/errors';
import { type ActionKind, guardsWithValues, type LifecycleMachine, type Transition } from '@muster/api/lifecycle';
import { entryStates } from '@muster/api/lifecycle-states';
import { gives, isForbidden, isWithin, leads, type Machine, say, type Standing, standingOf, takes, textOf } from './machine.ts';

/**
 * Every mistake of a machine at once, each at the part it is in (`transitions[3].guards[0]`): names that are not there or used twice, moves
 * that are never allowed, guards that contradict each other, actions without what they need, sub-states that nothing reaches, and
 * standings that lead nowhere or never to disposed.
 * @param classes The keys of the classes there are.
 */
export function checkMachine(machine: Machine, classes: ReadonlySet<string>): FieldError[] {
  const { substates, transitions } = machine.data;
  const errors = [
    ...twice(substates.map((s) => `${s.state}/${s.key}`)).map((i) =>
      error(`substates[${i}].key`, 'taken', 'The state has a sub-state with this key already.'),
    ),
    ...twice(transitions.map((t) => t.key)).map((i) => error(`transitions[${i}].key`, 'taken', 'Another transition has this key.')),
    ...transitions.flatMap((t, i) => (t.retired ? [] : checkTransition(machine, t, `transitions[${i}]`, classes))),
  ];
  return errors.length > 0 ? errors : checkWays(machine);
}

const error = (field: string, code: string, message: string): FieldError => ({ field, code, message });
const twice = (keys: readonly string[]): number[] => keys.flatMap((key, i) => (keys.indexOf(key) < i ? [i] : []));

function checkTransition(machine: Machine, t: Transition, at: string, classes: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  if (t.from.length === 0) errors.push(error(`${at}.from`, 'required', 'Say where it leads from.'));
  for (const [i, text] of t.from.entries()) {
    if (!isThere(machine.data, text)) errors.push(error(`${at}.from[${i}]`, 'unknown', `There is no state ${text}.`));
    else errors.push(...checkMove(machine, t, text, `${at}.from[${i}]`));
  }
  const to = standingOf(t.to);
  const entered = machine.data.substates.find((s) => `${s.state}/${s.key}` === t.to);
  if (!to || !isThere(machine.data, t.to)) errors.push(error(`${at}.to`, 'unknown', `There is no state ${t.to}.`));
  else if (entered?.retired) errors.push(error(`${at}.to`, 'retired', `The sub-state ${entered.label} is retired: nothing may enter it.`));
  else if (to.state === 'discovered') errors.push(error(`${at}.to`, 'only_by_discovery', 'Only a source discovers an asset.'));
  return [...errors, ...checkGuards(machine, t, at, classes), ...checkActions(machine, t, at)];
}

const isThere = (data: LifecycleMachine, text: string): boolean => {
  const standing = standingOf(text);
  return (
    standing !== null &&
    (standing.substate === null || data.substates.some((s) => s.state === standing.state && s.key === standing.substate))
  );
};

function checkMove(machine: Machine, t: Transition, text: string, at: string): FieldError[] {
  const from = standingOf(text);
  const to = standingOf(t.to);
  if (!from || !to) return [];
  if (from.state === 'disposed') return [error(at, 'final', 'What is disposed of stays so: nothing leads from there.')];
  if (to.state === 'disposed' && from.state !== 'retired')
    return [error(at, 'only_from_retired', 'Only what is retired can be disposed of.')];
  if (text === t.to && !machine.data.substates.some((s) => s.state === from.state))
    return [error(at, 'goes_nowhere', 'It leads to where it comes from.')];
  return [];
}

function checkGuards(machine: Machine, t: Transition, at: string, classes: ReadonlySet<string>): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, g] of t.guards.entries()) {
    const here = `${at}.guards[${i}]`;
    if (guardsWithValues.includes(g.kind) && g.values.length === 0) errors.push(error(here, 'required', 'Name at least one value.'));
    if (g.kind === 'class_in')
      for (const value of g.values) if (!classes.has(value)) errors.push(error(here, 'unknown', `There is no asset class ${value}.`));
    if (g.kind === 'substate_not_in')
      for (const value of g.values) if (!isThere(machine.data, value)) errors.push(error(here, 'unknown', `There is no state ${value}.`));
  }
  return [...errors, ...contradictions(machine, t).map((message) => error(`${at}.guards`, 'contradiction', message))];
}

/** Guards that no asset can meet at once. */
function contradictions(machine: Machine, t: Transition): string[] {
  const guard = (kind: Transition['guards'][number]['kind']): boolean => t.guards.some((g) => g.kind === kind);
  const found: string[] = [];
  for (const fact of ['person', 'place'] as const) {
    if (guard(`no_${fact}`) && guard(`has_${fact}`) && !gives(machine, t, fact)) found.push(`It wants a ${fact} and no ${fact}.`);
    else if (guard(`no_${fact}`) && t.requires.includes(fact) && !gives(machine, t, fact))
      found.push(`It requires the field ${fact} and wants no ${fact}.`);
    if (gives(machine, t, fact) && takes(machine, t, fact)) found.push(`Its actions both give and take the ${fact}.`);
  }
  const assigned = standingOf(t.to)?.state === 'assigned';
  if (assigned && takes(machine, t, 'person')) found.push('An assigned asset has a person: its actions take the person away.');
  if (assigned && guard('no_person') && !gives(machine, t, 'person'))
    found.push('An assigned asset has a person: it wants none and gives none.');
  const classLists = t.guards.filter((g) => g.kind === 'class_in');
  if (classLists.length > 1 && !classLists[0]?.values.some((v) => classLists.every((g) => g.values.includes(v))))
    found.push('Its lists of classes have no class in common.');
  const leaves = standings(machine.data).filter((s) => t.from.some((text) => isWithin(s, text)));
  if (leaves.length > 0 && leaves.every((s) => excludes(t, s))) found.push('It excludes every state that it leads from.');
  return found;
}

const excludes = (t: Transition, s: Standing): boolean =>
  t.guards.some((g) => g.kind === 'substate_not_in' && g.values.some((text) => isWithin(s, text)));

function checkActions(machine: Machine, t: Transition, at: string): FieldError[] {
  const asked = new Set<string>(t.inputs.map((i) => i.key));
  return [
    ...twice(t.inputs.map((i) => i.key)).map((i) => error(`${at}.inputs[${i}]`, 'taken', 'It asks for this twice.')),
    ...t.actions.flatMap((a, i) => {
      const kind = machine.actions.get(a.key);
      if (!kind) return [error(`${at}.actions[${i}]`, 'unknown', `There is no action ${a.key}.`)];
      return [
        ...kind.needs
          .filter((need) => !asked.has(need) && !a.parameters[need])
          .map((need) =>
            error(`${at}.actions[${i}]`, 'input_missing', `“${kind.label}” needs the input ${need}: have the form ask for it.`),
          ),
        ...checkParameters(kind, a.parameters, `${at}.actions[${i}].parameters`),
      ];
    }),
  ];
}

/** What the action asks the machine for: what is missing, is no number, or is not among what there is to choose from. */
function checkParameters(kind: ActionKind, given: Readonly<Record<string, string>>, at: string): FieldError[] {
  return (kind.parameters ?? []).flatMap((p): FieldError[] => {
    const value = given[p.key]?.trim() ?? '';
    const applies = p.when === undefined || p.when.values.includes(given[p.when.key] ?? '');
    if (!applies) return [];
    if (value === '') return p.required ? [error(`${at}.${p.key}`, 'required', `“${kind.label}” needs: ${p.label}.`)] : [];
    if (p.type === 'number' && !/^\d{1,4}$/.test(value))
      return [error(`${at}.${p.key}`, 'wrong_type', `“${kind.label}”: ${p.label} is a whole number.`)];
    if (p.type === 'choice' && !p.values?.includes(value))
      return [error(`${at}.${p.key}`, 'unknown', `“${kind.label}”: ${p.label} cannot be “${value}”.`)];
    return [];
  });
}

/** Every state and sub-state an asset can stand in. */
export function standings(data: LifecycleMachine): Standing[] {
  const used = new Set(
    data.transitions
      .filter((t) => !t.retired)
      .flatMap((t) => [...t.from, t.to])
      .map((text) => text.split('/')[0]),
  );
  const states = [...new Set([...entryStates, ...[...used].flatMap((text) => standingOf(text ?? '')?.state ?? [])])];
  return [
    ...states.map((state): Standing => ({ state, substate: null })),
    ...data.substates.map((s): Standing => ({ state: s.state, substate: s.key })),
  ];
}

/** Where one can get to from a standing by any of the transitions, whatever they need. */
export function reachableFrom(machine: Machine, starts: readonly Standing[]): Set<string> {
  const reached = new Set(starts.map(textOf));
  const open = [...starts];
  for (let next = open.pop(); next; next = open.pop()) {
    const here = next;
    for (const t of machine.leaving.get(here.state) ?? []) {
      const to = standingOf(t.to);
      if (!to || reached.has(t.to) || !leads(machine, t, here) || isForbidden(machine, t, here) || excludes(t, here)) continue;
      reached.add(t.to);
      open.push(to);
    }
  }
  return reached;
}

/** What cannot be reached, and from where nothing leads on or never to the end. */
function checkWays(machine: Machine): FieldError[] {
  const reached = reachableFrom(
    machine,
    entryStates.map((state) => ({ state, substate: null })),
  );
  const bare = (s: Standing): boolean => s.substate === null;
  return standings(machine.data).flatMap((s) => {
    const index = machine.data.substates.findIndex((one) => one.state === s.state && one.key === s.substate);
    const isRetired = machine.data.substates[index]?.retired ?? false;
    const at = bare(s) ? `states.${s.state}` : `substates[${index}]`;
    // A state whose sub-states are all entered directly needs no way to the state itself.
    const byPart = bare(s) && [...reached].some((text) => text.startsWith(`${s.state}/`));
    if (!reached.has(textOf(s)) && !isRetired && !byPart) return [error(at, 'unreachable', `No transition leads to ${say(machine, s)}.`)];
    if (s.state === 'disposed' || (bare(s) && !reached.has(textOf(s)))) return [];
    const onward = reachableFrom(machine, [s]);
    if (onward.size === 1) return [error(at, 'dead_end', `No transition leads out of ${say(machine, s)}.`)];
    if (![...onward].some((text) => text.split('/')[0] === 'disposed'))
      return [error(at, 'no_end', `From ${say(machine, s)} no way leads to disposed.`)];
    return [];
  });
}
