import type { EntitlementFact } from '../facts.ts';
import { type Demand, editionKey } from '../demand/index.ts';
import { quantity, sum, zero } from '../quantity.ts';
import type { Decimal } from 'decimal.js';

/** Whether the term of an entitlement covers a day; both ends belong to it. Days are ISO text, so they compare as text. */
export function coversDay(entitlement: Pick<EntitlementFact, 'startsOn' | 'endsOn'>, today: string): boolean {
  return (entitlement.startsOn === null || entitlement.startsOn <= today) && (entitlement.endsOn === null || entitlement.endsOn >= today);
}

/** What one case (the least or the most required) uses of each entitlement and gives to each demand. */
export interface Allocation {
  /** Units by entitlement id. */
  readonly used: ReadonlyMap<string, Decimal>;
  /** By consumer: units given and the first entitlement that gave. */
  readonly given: ReadonlyMap<string, Given>;
  readonly covered: Decimal;
}
export interface Given {
  readonly units: Decimal;
  readonly entitlementId: string | null;
}

interface Lot {
  readonly id: string;
  readonly edition: string | null;
  /** null is unlimited. */
  left: Decimal | null;
  used: Decimal;
}

/**
 * Gives rights to needs, greedily and always the same way: unlimited rights first, then rights for the edition before rights for any,
 * the soonest to expire, the earliest started, ids. Needs whose edition is known choose before those that take any.
 * With such needs no other order covers more units. `amount` says which case is asked.
 */
export function allocate(demands: readonly Demand[], entitlements: readonly EntitlementFact[], amount: (d: Demand) => Decimal): Allocation {
  const lots = entitlements.toSorted(lotOrder).map<Lot>((e) => ({
    id: e.id,
    edition: editionKey(e.edition),
    left: e.quantity === null ? null : quantity(e.quantity),
    used: zero,
  }));
  const eligible = eligibleLots(lots);
  const given = new Map<string, Given>();
  for (const demand of demands.toSorted(demandOrder)) given.set(demand.consumer, take(eligible(demand.edition), amount(demand)));
  return { used: new Map(lots.map((l) => [l.id, l.used])), given, covered: sum(lots.map((l) => l.used)) };
}

interface Queue {
  readonly lots: readonly Lot[];
  /** The first lot that may have something left. */
  at: number;
}

/** The lots an edition may use, in order, as a queue shared by all needs of the edition. Looked up as the edition is written first: thousands of needs write it the same. */
function eligibleLots(lots: readonly Lot[]): (edition: string | null) => Queue {
  const queues = new Map<string | null, Queue>();
  const written = new Map<string | null, Queue>();
  return (edition) => {
    let queue = written.get(edition);
    if (queue) return queue;
    const key = editionKey(edition);
    queue = queues.get(key) ?? { lots: key === null ? lots : lots.filter((l) => l.edition === null || l.edition === key), at: 0 };
    queues.set(key, queue);
    written.set(edition, queue);
    return queue;
  };
}

const nothing: Given = { units: zero, entitlementId: null };

function take(queue: Queue, wanted: Decimal): Given {
  let open = wanted;
  let entitlementId: string | null = null;
  while (queue.at < queue.lots.length && open.greaterThan(0)) {
    const lot = queue.lots[queue.at]!;
    const all = lot.left === null || lot.left.greaterThanOrEqualTo(open);
    const units = all ? open : lot.left!;
    if (!units.isZero()) {
      entitlementId ??= lot.id;
      lot.used = lot.used.plus(units);
      if (lot.left !== null) lot.left = lot.left.minus(units);
    }
    // The common case by far: one lot gives everything.
    if (all) return { units: wanted, entitlementId };
    open = open.minus(units);
    queue.at++;
  }
  return entitlementId === null ? nothing : { units: wanted.minus(open), entitlementId };
}

function lotOrder(a: EntitlementFact, b: EntitlementFact): number {
  return (
    Number(a.quantity !== null) - Number(b.quantity !== null) ||
    Number(a.edition === null) - Number(b.edition === null) ||
    compare(a.endsOn ?? '9999-12-31', b.endsOn ?? '9999-12-31') ||
    compare(a.startsOn ?? '0000-01-01', b.startsOn ?? '0000-01-01') ||
    compare(a.id, b.id)
  );
}
/** Sure needs before doubtful ones, so that what is surely required is covered first. */
function demandOrder(a: Demand, b: Demand): number {
  return Number(a.edition === null) - Number(b.edition === null) || a.missing.length - b.missing.length || compare(a.consumer, b.consumer);
}
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
