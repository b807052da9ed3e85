import type { componentKinds } from '@muster/api/components';

type ComponentKind = (typeof componentKinds)[number];

export interface ComponentChanges<T> {
  readonly added: readonly T[];
  readonly removed: readonly T[];
  /** One took the place of another. */
  readonly replaced: readonly { readonly from: T; readonly to: T }[];
}

interface Placed {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Fields that name the place of a component. */
const places: Readonly<Partial<Record<ComponentKind, readonly string[]>>> = {
  memory: ['numslots'],
  disk: ['name'],
  monitor: ['port'],
  power_supply: ['location'],
  graphics: ['pcislot'],
};

/**
 * What came into the place of what went: of one kind and in one place, or the only one of its kind that went and the only one that came.
 * Where nothing tells places, several that came and went are not paired.
 */
export function pairChanges<T extends Placed>(added: readonly T[], removed: readonly T[]): ComponentChanges<T> {
  const replaced: { from: T; to: T }[] = [];
  const [came, went] = [new Set(added), new Set(removed)];
  const pair = (from: T, to: T): void => {
    replaced.push({ from, to });
    came.delete(to);
    went.delete(from);
  };
  const placeOf = (c: T): string | null => {
    const values = (places[c.kind as ComponentKind] ?? []).map((name) => c.data[name]).filter((v) => v !== undefined);
    return values.length === 0 ? null : `${c.kind} ${JSON.stringify(values)}`;
  };
  const taken = Map.groupBy(added, placeOf);
  for (const from of removed) {
    const place = placeOf(from);
    const to = place === null ? undefined : taken.get(place)?.find((c) => came.has(c));
    if (to !== undefined) pair(from, to);
  }
  for (const [kind, gone] of Map.groupBy([...went], (c) => c.kind)) {
    const arrived = [...came].filter((c) => c.kind === kind);
    const [from, to] = [gone[0], arrived[0]];
    // Two places are two things: one came out of the one, the other into the other.
    const apart = from !== undefined && to !== undefined && placeOf(from) !== null && placeOf(to) !== null;
    if (gone.length === 1 && arrived.length === 1 && from && to && !apart) pair(from, to);
  }
  return { added: [...came], removed: [...went], replaced };
}
