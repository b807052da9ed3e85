import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveDemand, derivePosition, evaluate, evaluatesTo, figureNames, groupKey } from './derive/index.ts';
import type { ConsumerFact, EntitlementFact } from './facts.ts';
import { bought, device, facts, on, rules, today, win } from './facts.testing.ts';
import { positionsOf, type PositionFigures } from './position.ts';
import { addRanges, noRange, type Range, range } from './quantity.ts';

// ---- Properties over random organisations

const editions = fc.constantFrom(null, 'Standard', 'Datacenter', 'Express');
const users = fc.constantFrom(
  null,
  { key: 'person:1', label: 'Ana' },
  { key: 'person:2', label: 'Bo' },
  { key: 'login:kim', label: 'kim' },
);
/** A machine whose every fact is there and within the documented bounds. */
const wholeDevice = fc
  .record({
    user: users.filter((u) => u !== null),
    virtual: fc.boolean(),
    sockets: fc.integer({ min: 1, max: 8 }),
    perSocket: fc.integer({ min: 1, max: 64 }),
    smt: fc.boolean(),
    guests: fc.option(fc.integer({ min: 0, max: 12 })),
    state: fc.constantFrom('in_use', 'retired', null),
  })
  .map(({ user, virtual, sockets, perSocket, smt, guests, state }) => ({
    user,
    virtual,
    state,
    sockets,
    cores: sockets * perSocket,
    threads: sockets * perSocket * (smt ? 2 : 1),
    guests: guests === null ? null : { total: guests, running: guests },
  }));
const mask = fc.record({
  user: fc.boolean(),
  virtual: fc.boolean(),
  sockets: fc.boolean(),
  cores: fc.boolean(),
  threads: fc.boolean(),
  guests: fc.boolean(),
  edition: fc.boolean(),
});
const machine = fc.record({
  whole: wholeDevice,
  mask,
  edition: editions,
  kind: fc.constantFrom('product', 'product', 'component'),
  count: fc.integer({ min: 1, max: 4 }),
});
const machines = fc.array(machine, { maxLength: 12 });
type Machine = typeof machine extends fc.Arbitrary<infer T> ? T : never;

const wholeConsumer = (m: Machine, i: number): ConsumerFact =>
  on(device(`d${String(i).padStart(2, '0')}`, m.whole), { edition: m.edition ?? 'Standard', kind: m.kind, count: m.count });
/** The same machine with some facts not known. */
function maskedConsumer(m: Machine, i: number): ConsumerFact {
  const { whole: w, mask: k } = m;
  const guests = w.guests && k.guests ? { total: w.guests.total, running: 0 } : w.guests;
  const d = device(`d${String(i).padStart(2, '0')}`, {
    ...w,
    user: k.user ? null : w.user,
    virtual: k.virtual ? null : w.virtual,
    sockets: k.sockets ? null : w.sockets,
    cores: k.cores ? null : w.cores,
    threads: k.threads ? null : w.threads,
    guests,
  });
  return on(d, { edition: m.edition === 'Express' || !k.edition ? m.edition : null, kind: m.kind, count: m.count });
}
const metric = fc.constantFrom('per_device', 'per_installation', 'per_named_user', 'site', 'windows_server_core' as const);
const lot = fc.record({
  quantity: fc.option(
    fc.integer({ min: 0, max: 4000 }).map((n) => (n / 4).toString()),
    { freq: 8 },
  ),
  edition: editions,
  endsOn: fc.constantFrom(null, '2026-11-23', '2026-11-24', '2027-06-30'),
  startsOn: fc.constantFrom(null, '2026-01-01', '2026-12-01'),
  unitPrice: fc.constantFrom(null, '12.34'),
});
const lots = (
  m: EntitlementFact['metric'],
  list: { quantity: string | null; edition: string | null; endsOn: string | null; startsOn: string | null; unitPrice: string | null }[],
): EntitlementFact[] => list.map((l, i) => bought(`e${i}`, m, l.quantity, { ...l, currency: l.unitPrice === null ? null : 'EUR' }));
const totalShort = (ps: PositionFigures[], end: 'min' | 'max'): number => ps.reduce((sum, p) => sum + p.shortfall[end].toNumber(), 0);

describe('for any organisation', () => {
  test('every figure’s tree evaluates to it, down to the facts of each device', () => {
    fc.assert(
      fc.property(machines, metric, fc.array(lot, { maxLength: 5 }), (ms, m, ls) => {
        for (const p of positionsOf(facts(ms.map(maskedConsumer), lots(m, ls), win), rules, today)) {
          const rule = rules.metrics[p.metric];
          const trees = derivePosition(p, rule, 'X', '/x');
          const needs = p.demands.map((d) => d.demand).filter((d) => d.exemption === null);
          const rows = (g: { id: string }): Range => {
            const group = needs.filter((d) => g.id === 'rows:other' || g.id === `rows:${groupKey(d.required)}`);
            const shown = new Set(trees.required.inputs!.map((i) => i.id));
            return group
              .filter((d) => g.id !== 'rows:other' || !shown.has(`rows:${groupKey(d.required)}`))
              .map((d) => evaluate(deriveDemand(d, rule, rules.exemptions), () => undefined)!)
              .reduce(addRanges, noRange);
          };
          const figures = {
            owned: p.owned === null ? null : range(p.owned),
            required: p.required,
            covered: p.covered,
            shortfall: p.shortfall,
            surplus: p.surplus,
          };
          for (const name of figureNames) expect(evaluatesTo(trees[name], figures[name], rows), name).toBe(true);
        }
      }),
    );
  });
  test('what is covered and what is short make up what is required, and no lot gives more than it has', () => {
    fc.assert(
      fc.property(machines, metric, fc.array(lot, { maxLength: 5 }), (ms, m, ls) => {
        for (const p of positionsOf(facts(ms.map(maskedConsumer), lots(m, ls), win), rules, today)) {
          for (const end of ['min', 'max'] as const)
            expect(p.covered[end].plus(p.shortfall[end]).toNumber()).toBe(p.required[end].toNumber());
          for (const l of p.lots) if (l.quantity !== null) expect(l.used.max.toNumber()).toBeLessThanOrEqual(l.quantity.toNumber());
          expect(p.demands.reduce((s, d) => s + d.covered.toNumber(), 0)).toBeCloseTo(p.covered.min.toNumber(), 6);
          for (const r of [p.required, p.covered, p.shortfall, p.surplus]) expect(r.min.lessThanOrEqualTo(r.max)).toBe(true);
        }
      }),
    );
  });
  test('one more entitlement of the metric never makes it shorter', () => {
    fc.assert(
      fc.property(machines, metric, fc.array(lot, { maxLength: 4 }), lot, (ms, m, ls, extra) => {
        const consumers = ms.map(maskedConsumer);
        const before = positionsOf(facts(consumers, lots(m, ls), win), rules, today);
        fc.pre(ls.length > 0);
        const after = positionsOf(facts(consumers, lots(m, [...ls, extra]), win), rules, today);
        for (const end of ['min', 'max'] as const) expect(totalShort(after, end)).toBeLessThanOrEqual(totalShort(before, end));
      }),
    );
  });
  test('the order of the inputs does not matter', () => {
    fc.assert(
      fc.property(machines, metric, fc.array(lot, { maxLength: 5 }), fc.integer(), (ms, m, ls, turn) => {
        const consumers = ms.map(maskedConsumer);
        const entitlements = lots(m, ls);
        const rotate = <T>(list: T[]): T[] => list.map((_, i) => list[(i + Math.abs(turn)) % list.length]!).toReversed();
        const a = positionsOf(facts(consumers, entitlements, win), rules, today);
        const b = positionsOf(facts(rotate(consumers), rotate(entitlements), win), rules, today);
        expect(JSON.parse(JSON.stringify(b))).toEqual(JSON.parse(JSON.stringify(a)));
      }),
    );
  });
  test('a range holds the figure that the facts give once they are there', () => {
    fc.assert(
      fc.property(machines, metric, (ms, m) => {
        const e = lots(m, [{ quantity: '10', edition: null, endsOn: null, startsOn: null, unitPrice: null }]);
        const [before] = positionsOf(facts(ms.map(maskedConsumer), e, win), rules, today);
        const [after] = positionsOf(facts(ms.map(wholeConsumer), e, win), rules, today);
        expect(after!.missingFacts).toBe(0);
        for (const figure of ['required', 'shortfall', 'surplus'] as const) {
          expect(after![figure].min.toNumber()).toBe(after![figure].max.toNumber());
          expect(before![figure].min.toNumber()).toBeLessThanOrEqual(after![figure].min.toNumber());
          expect(before![figure].max.toNumber()).toBeGreaterThanOrEqual(after![figure].max.toNumber());
        }
      }),
      { numRuns: 400 },
    );
  });
});
