import { lifecycleFileSchema, type LifecycleMachine, lifecycleMachineSchema } from '@muster/api/lifecycle';
import { entryStates, type LifecycleState, lifecycleStates } from '@muster/api/lifecycle-states';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import content from '../../../../content/lifecycle.json' with { type: 'json' };
import {
  checkMachine,
  type Inputs,
  judgeTransition,
  type LifecycleFacts,
  type Machine,
  machineOf,
  offersOf,
  reachableFrom,
  type Standing,
  standings,
  textOf,
} from './index.ts';

const shippedData: LifecycleMachine = lifecycleFileSchema.parse(content);
const shipped = machineOf(shippedData);
const classes = new Set(['laptop', 'server', 'monitor']);

const facts = (standing: Partial<Standing> & { state: LifecycleState }, more: Partial<LifecycleFacts> = {}): LifecycleFacts => ({
  substate: null,
  has: new Set(),
  classLine: ['laptop'],
  roles: 'any',
  openRelations: 0,
  children: 0,
  condition: null,
  ...standing,
  ...more,
});
const withPerson: Partial<LifecycleFacts> = { has: new Set(['person']) };

/** Every move that an asset could make before the machine became data, and what a person pressed for it. */
const before: Partial<Record<LifecycleState, Partial<Record<LifecycleState, string>>>> = {
  discovered: {
    in_use: 'Accept as in use',
    assigned: 'Assign',
    in_stock: 'Take into stock',
    in_maintenance: 'Send to maintenance',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  },
  requested: { on_order: 'Order', in_stock: 'Fulfil from stock', retired: 'Cancel' },
  on_order: { in_transit: 'Ship', in_stock: 'Receive', retired: 'Cancel' },
  in_stock: {
    assigned: 'Assign',
    in_use: 'Put to use',
    in_transit: 'Ship',
    in_maintenance: 'Send to maintenance',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  },
  assigned: {
    in_use: 'Put to use',
    in_stock: 'Return to stock',
    in_maintenance: 'Send to maintenance',
    in_transit: 'Ship',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  },
  in_use: {
    assigned: 'Assign',
    in_stock: 'Return to stock',
    in_maintenance: 'Send to maintenance',
    in_transit: 'Ship',
    lost: 'Report lost',
    stolen: 'Report stolen',
    retired: 'Retire',
  },
  in_maintenance: { in_stock: 'Return to stock', in_use: 'Put back to use', assigned: 'Assign', in_transit: 'Ship', retired: 'Retire' },
  in_transit: {
    in_stock: 'Receive',
    in_use: 'Put to use',
    assigned: 'Assign',
    in_maintenance: 'Send to maintenance',
    lost: 'Report lost',
    stolen: 'Report stolen',
  },
  lost: { in_stock: 'Found: take into stock', in_use: 'Found: put to use', retired: 'Retire', stolen: 'Report stolen' },
  stolen: { in_stock: 'Recovered: take into stock', retired: 'Retire' },
  retired: { disposed: 'Dispose', in_stock: 'Bring back into stock' },
};

describe('the shipped machine', () => {
  test('has no mistake', () => {
    expect(checkMachine(shipped, classes)).toEqual([]);
  });

  test('moves between states exactly as before it was data', () => {
    for (const from of lifecycleStates)
      for (const to of lifecycleStates) {
        const label = before[from]?.[to];
        const answer = judgeTransition(shipped, facts({ state: from }, withPerson), { to });
        expect([from, to, answer.ok && answer.transition.label]).toEqual([from, to, label ?? false]);
        if (label && to === 'assigned')
          expect(judgeTransition(shipped, facts({ state: from }), { to })).toMatchObject({ ok: false, blocks: [{ code: 'needs_person' }] });
        else if (label) expect(judgeTransition(shipped, facts({ state: from }), { to }).ok).toBe(true);
      }
  });

  test('a refusal says why and what is possible', () => {
    const refused = (standing: Parameters<typeof facts>[0], to: LifecycleState) => judgeTransition(shipped, facts(standing), { to });
    expect(refused({ state: 'disposed' }, 'in_use')).toMatchObject({ ok: false, blocks: [{ code: 'final' }], possible: [] });
    expect(refused({ state: 'in_use' }, 'in_use')).toMatchObject({ ok: false, blocks: [{ code: 'same_state' }] });
    expect(refused({ state: 'in_stock', substate: 'legal_hold' }, 'retired')).toMatchObject({
      blocks: [{ code: 'held_by_substate', reason: 'Not while it is in stock (legal hold).' }],
    });
    expect(refused({ state: 'requested' }, 'disposed')).toMatchObject({
      blocks: [
        {
          code: 'not_possible',
          reason: 'An asset that is requested cannot become disposed. It can become on order, in stock, retired.',
        },
      ],
    });
    expect(judgeTransition(shipped, facts({ state: 'in_use' }), { transition: 'order' })).toMatchObject({
      blocks: [{ code: 'not_possible' }],
    });
    expect(judgeTransition(shipped, facts({ state: 'in_use' }), { transition: 'fly' })).toMatchObject({
      blocks: [{ code: 'unknown_transition' }],
    });
  });

  test('every reason comes at once, and an input that an action needs counts as the fact', () => {
    const data = structuredClone(shippedData);
    const assign = data.transitions.find((t) => t.key === 'assign');
    Object.assign(assign ?? {}, {
      roles: ['asset_manager'],
      requires: ['serial'],
      inputs: [
        { key: 'person', required: false },
        { key: 'dueOn', required: true },
      ],
      guards: [
        { kind: 'class_in', values: ['server'] },
        { kind: 'condition_in', values: ['good'] },
        { kind: 'no_open_relations', values: [] },
      ],
    });
    const machine = machineOf(data);
    const asked = facts({ state: 'in_stock' }, { roles: new Set(['technician']), openRelations: 2 });
    const answer = judgeTransition(machine, asked, { transition: 'assign' }, { place: 'x' });
    expect(answer.ok ? [] : answer.blocks.map((b) => [b.code, b.field])).toEqual([
      ['role_needed', null],
      ['needs_person', null],
      ['needs_serial', null],
      ['wrong_class', null],
      ['wrong_condition', null],
      ['has_relations', null],
      ['required', 'dueOn'],
      ['not_asked', 'place'],
    ]);
    const ready = facts({ state: 'in_stock' }, { has: new Set(['serial']), classLine: ['blade', 'server'], condition: 'good' });
    expect(judgeTransition(machine, ready, { to: 'assigned' }, { person: 'p', dueOn: '2027-01-01' }).ok).toBe(true);
    expect(offersOf(machine, ready).find((o) => o.transition.key === 'assign')).toMatchObject({
      blocks: [],
      inputs: [
        { key: 'person', required: true },
        { key: 'dueOn', required: true },
      ],
    });
  });
});

describe('the check of a machine names', () => {
  const errorsOf = (change: (data: LifecycleMachine) => unknown): string[] => {
    const data = structuredClone(shippedData);
    change(data);
    return checkMachine(machineOf(data), classes).map((e) => `${e.field} ${e.code}`);
  };
  const add = (data: LifecycleMachine, t: object): unknown =>
    data.transitions.push(
      ...lifecycleMachineSchema.parse({ substates: [], transitions: [{ key: 'extra', label: 'Extra', ...t }] }).transitions,
    );
  const last = shippedData.transitions.length;

  test.each<[string, (data: LifecycleMachine) => unknown, string[]]>([
    ['two transitions with one key', (d) => add(d, { key: 'retire', from: ['lost'], to: 'retired' }), [`transitions[${last}].key taken`]],
    [
      'two sub-states with one key',
      (d) => d.substates.push({ ...d.substates[0]! }),
      [`substates[${shippedData.substates.length}].key taken`],
    ],
    ['no from', (d) => add(d, { from: [], to: 'lost' }), [`transitions[${last}].from required`]],
    [
      'states that are not there',
      (d) => add(d, { from: ['moon', 'in_stock/none'], to: 'in_use/none' }),
      [`transitions[${last}].from[0] unknown`, `transitions[${last}].from[1] unknown`, `transitions[${last}].to unknown`],
    ],
    ['a way out of disposed', (d) => add(d, { from: ['disposed'], to: 'in_stock' }), [`transitions[${last}].from[0] final`]],
    [
      'disposal of what is not retired',
      (d) => add(d, { from: ['lost'], to: 'disposed' }),
      [`transitions[${last}].from[0] only_from_retired`],
    ],
    ['a way to discovered', (d) => add(d, { from: ['lost'], to: 'discovered' }), [`transitions[${last}].to only_by_discovery`]],
    [
      'a retired sub-state as target',
      (d) => (d.substates[0]!.retired = true),
      [`transitions[${shippedData.transitions.findIndex((t) => t.key === 'make_available')}].to retired`],
    ],
    [
      'contradictions and unknown names',
      (d) =>
        add(d, {
          from: ['in_use'],
          to: 'lost',
          guards: [{ kind: 'has_person' }, { kind: 'no_person' }, { kind: 'class_in', values: ['cloud'] }, { kind: 'condition_in' }],
          actions: [{ key: 'fly' }, { key: 'set_place' }],
        }),
      [
        `transitions[${last}].guards[2] unknown`,
        `transitions[${last}].guards[3] required`,
        `transitions[${last}].guards contradiction`,
        `transitions[${last}].actions[0] unknown`,
        `transitions[${last}].actions[1] input_missing`,
      ],
    ],
    [
      'an assignment that takes the person away',
      (d) => add(d, { from: ['in_use'], to: 'assigned', actions: [{ key: 'unassign' }] }),
      [`transitions[${last}].guards contradiction`],
    ],
    [
      'a sub-state that nothing reaches',
      (d) => d.substates.push({ state: 'lost', key: 'at_sea', label: 'At sea', retired: false }),
      [`substates[${shippedData.substates.length}] unreachable`],
    ],
    [
      'a state without a way out',
      (d) =>
        (d.transitions = d.transitions.map((t) => ({
          ...t,
          from: t.from.filter((f) => f !== 'stolen'),
          retired: t.retired || t.from.join('') === 'stolen',
        }))),
      ['states.stolen dead_end'],
    ],
    [
      'a circle without an end',
      (d) => {
        d.transitions = d.transitions.map((t) => ({ ...t, retired: t.retired || t.to.startsWith('disposed') }));
      },
      expect.arrayContaining(['states.in_stock no_end', 'substates[7] unreachable']),
    ],
  ])('%s', (_, change, expected) => {
    expect(errorsOf(change)).toEqual(expected);
  });

  test('nothing of a state that is not used at all', () => {
    expect(
      errorsOf(
        (d) =>
          (d.transitions = d.transitions
            .filter((t) => t.from.join() !== 'stolen')
            .map((t) => ({ ...t, from: t.from.filter((f) => f !== 'stolen') }))
            .filter((t) => t.to !== 'stolen')),
      ),
    ).toEqual([]);
  });
});

// Arbitrary machines, most of them nonsense.
const substateKeys = ['one', 'two'];
const anyStanding = fc.tuple(fc.constantFrom(...lifecycleStates), fc.option(fc.constantFrom(...substateKeys, 'ghost'), { nil: null }));
const anyText = anyStanding.map(([state, substate]) => textOf({ state, substate }));
const anyTransition = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  label: fc.constant('Move'),
  from: fc.array(anyText, { maxLength: 4 }),
  to: anyText,
  guards: fc.array(
    fc.record({
      kind: fc.constantFrom('has_person', 'no_person', 'has_place', 'no_children', 'substate_not_in'),
      values: fc.array(anyText, { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
  inputs: fc.constant([{ key: 'person' }, { key: 'place' }]),
  actions: fc.array(fc.record({ key: fc.constantFrom('assign', 'unassign', 'set_place', 'clear_place') }), { maxLength: 2 }),
  retired: fc.boolean(),
});
const anyMachine = fc
  .record({
    substates: fc.array(
      fc.record({
        state: fc.constantFrom(...lifecycleStates),
        key: fc.constantFrom(...substateKeys),
        label: fc.constant('Sub'),
        retired: fc.boolean(),
      }),
      { maxLength: 10 },
    ),
    transitions: fc.array(anyTransition, { maxLength: 40 }),
  })
  .map((data) => machineOf(lifecycleMachineSchema.parse(data)));

/** Machines without a mistake: the shipped one with changes, kept when the check finds nothing. */
const validMachine = fc
  .array(
    fc.oneof(
      fc.record({ do: fc.constant('retire' as const), at: fc.nat(shippedData.transitions.length - 1) }),
      fc.record({ do: fc.constant('add' as const), transition: anyTransition }),
      fc.record({
        do: fc.constant('part' as const),
        state: fc.constantFrom(...lifecycleStates),
        back: fc.constantFrom(...lifecycleStates),
      }),
    ),
    { maxLength: 4 },
  )
  .map((changes) => {
    const data = structuredClone(shippedData);
    for (const [i, c] of changes.entries()) {
      if (c.do === 'retire') data.transitions[c.at]!.retired = true;
      if (c.do === 'add')
        data.transitions.push(
          ...lifecycleMachineSchema.parse({ substates: [], transitions: [{ ...c.transition, key: `added_${i}` }] }).transitions,
        );
      if (c.do === 'part') {
        data.substates.push({ state: c.state, key: `part_${i}`, label: 'Part', retired: false });
        for (const [key, from, to] of [
          [`enter_${i}`, c.state, `${c.state}/part_${i}`],
          [`leave_${i}`, `${c.state}/part_${i}`, c.back],
        ] as const)
          data.transitions.push(
            ...lifecycleMachineSchema.parse({ substates: [], transitions: [{ key, label: key, from: [from], to }] }).transitions,
          );
      }
    }
    return machineOf(data);
  })
  .filter((machine) => checkMachine(machine, classes).length === 0);

const anyMove = fc.record({
  wanted: fc.oneof(
    fc
      .constantFrom(...shippedData.transitions.map((t) => t.key), 'a', 'b', 'c', 'added_0', 'added_1', 'enter_0', 'leave_0')
      .map((transition) => ({ transition })),
    fc.record({
      to: fc.constantFrom(...lifecycleStates),
      substate: fc.option(fc.constantFrom(...substateKeys, 'part_0', 'sold'), { nil: undefined }),
    }),
  ),
  person: fc.boolean(),
});

/** Moves as the server does: what an answer allows is done, with its actions. Throws at a forbidden state. */
function walk(
  machine: Machine,
  start: LifecycleState,
  moves: readonly { wanted: Parameters<typeof judgeTransition>[2]; person: boolean }[],
): Standing {
  let at: Standing = { state: start, substate: null };
  let person = start === 'assigned';
  for (const { wanted, person: given } of moves) {
    const inputs: Inputs = given ? { person: 'p', place: 'q' } : {};
    const answer = judgeTransition(machine, facts(at, { has: new Set(person ? ['person', 'serial'] : ['serial']) }), wanted, inputs);
    if (!answer.ok) {
      expect(answer.blocks[0].reason).not.toBe('');
      continue;
    }
    for (const a of answer.transition.actions) {
      if (a.key === 'assign' && given) person = true;
      if (a.key === 'unassign') person = false;
    }
    expect(at.state).not.toBe('disposed');
    expect(answer.to.state).not.toBe('discovered');
    if (answer.to.state === 'disposed') expect(at.state).toBe('retired');
    if (answer.to.substate !== null)
      expect(machine.data.substates.some((s) => s.state === answer.to.state && s.key === answer.to.substate && !s.retired)).toBe(true);
    if (answer.to.state === 'assigned') expect(person).toBe(true);
    at = answer.to;
  }
  return at;
}

describe('by any sequence of moves', () => {
  test('no machine, however wrong, reaches a forbidden state', () => {
    fc.assert(
      fc.property(
        anyMachine,
        fc.constantFrom(...entryStates),
        fc.array(anyMove, { maxLength: 30 }),
        (machine, start, moves) => void walk(machine, start, moves),
      ),
      { numRuns: 500 },
    );
  });

  test('the shipped machine reaches no forbidden state', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...entryStates),
        fc.array(anyMove, { maxLength: 60 }),
        (start, moves) => void walk(shipped, start, moves),
      ),
      { numRuns: 500 },
    );
  });

  test('a machine without a mistake leads from wherever one gets to disposed, and nowhere that it does not name', () => {
    fc.assert(
      fc.property(validMachine, fc.constantFrom(...entryStates), fc.array(anyMove, { maxLength: 30 }), (machine, start, moves) => {
        const at = walk(machine, start, moves);
        expect(standings(machine.data).map(textOf)).toContain(textOf(at));
        const onward = reachableFrom(machine, [at]);
        expect([...onward].some((text) => text.startsWith('disposed'))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
