import { type Component, pairChanges } from '@muster/core/components';
import type { Tx } from '../../platform/db/types.ts';
import type { NewEvent } from '../assets/index.ts';
import { type ComponentHolder, holdersOf } from './store-components.ts';

/** A component that came to an asset or went from it, by one observation. */
export interface ComponentChange extends Pick<Component, 'kind' | 'name' | 'serial'> {
  readonly data: Readonly<Record<string, unknown>>;
  readonly assetId: string;
  readonly observationId: string;
  readonly at: Date;
}

export interface TakenChanges {
  readonly added: readonly ComponentChange[];
  readonly removed: readonly ComponentChange[];
}

/** What is named in one event; the rest is counted. */
const mostNamed = 20;
/** Things with a serial number of their own that are carried from one asset to another. */
const movable = new Set<Component['kind']>(['cpu', 'memory', 'disk', 'monitor', 'battery', 'power_supply', 'sim_card', 'peripheral']);

interface Told {
  kind: string;
  name: string;
  serial: string | null;
  /** Where it came from or went to. */
  asset?: { id: string; label: string };
}

const serialOf = (c: { kind: string; serial: string | null }): string => `${c.kind} ${c.serial?.toLowerCase() ?? ''}`;

/**
 * One event per asset whose components changed, and one on the asset that a component was seen on before. An asset's first inventory by a
 * source is told by another event; `fresh` observations only say where a component is now. A serial number that two other assets have now
 * is no one's.
 */
export async function componentEvents(
  tx: Tx,
  changes: TakenChanges,
  source: ReadonlyMap<string, string>,
  fresh: ReadonlySet<string>,
): Promise<NewEvent[]> {
  const sought = [...changes.added, ...changes.removed].filter((c) => c.serial !== null && movable.has(c.kind));
  const holders = Map.groupBy(
    await holdersOf(
      tx,
      sought.map((c) => ({ kind: c.kind, serial: c.serial ?? '' })),
    ),
    serialOf,
  );
  const elsewhere = (c: ComponentChange): ComponentHolder[] =>
    movable.has(c.kind) ? (holders.get(serialOf(c)) ?? []).filter((h) => h.asset_id !== c.assetId) : [];
  const here = (c: ComponentChange): boolean =>
    (holders.get(serialOf(c)) ?? []).some((h) => h.asset_id === c.assetId && h.observation_id !== c.observationId && h.removed_at === null);
  const events: NewEvent[] = [];
  for (const [observationId, mine] of Map.groupBy([...changes.added, ...changes.removed], (c) => c.observationId)) {
    const [added, removed] = [changes.added, changes.removed].map((list) =>
      list.filter((c) => c.observationId === observationId && !here(c)),
    );
    const first = mine[0] as ComponentChange;
    const about = { at: first.at, source: source.get(observationId) ?? 'manual' };
    for (const c of (added ?? []).slice(0, mostNamed)) {
      const before = elsewhere(c);
      const last = before.find((h) => h.removed_at !== null);
      const toldThere = changes.removed.some((r) => r.assetId === last?.asset_id && serialOf(r) === serialOf(c));
      if (last && !toldThere && before.every((h) => h.removed_at !== null))
        events.push({ ...about, assetId: last.asset_id, kind: 'component_moved', data: { component: tell(c), other: c.assetId } });
    }
    if (fresh.has(observationId) || (added ?? []).length + (removed ?? []).length === 0) continue;
    events.push({ ...about, assetId: first.assetId, kind: 'components_changed', data: told(added ?? [], removed ?? [], elsewhere) });
  }
  return events;
}

const tell = (c: ComponentChange): Told => ({ kind: c.kind, name: c.name, serial: c.serial });

function told(
  added: readonly ComponentChange[],
  removed: readonly ComponentChange[],
  elsewhere: (c: ComponentChange) => ComponentHolder[],
): Record<string, unknown> {
  const pairs = pairChanges(added, removed);
  const at = (c: ComponentChange, h: ComponentHolder | undefined): Told =>
    h ? { ...tell(c), asset: { id: h.asset_id, label: h.asset_label } } : tell(c);
  const from = (c: ComponentChange): Told => {
    const before = elsewhere(c);
    return at(c, before.every((h) => h.removed_at !== null) ? before[0] : undefined);
  };
  const to = (c: ComponentChange): Told => {
    const now = elsewhere(c).filter((h) => h.removed_at === null);
    return at(c, now.length === 1 ? now[0] : undefined);
  };
  return {
    cameIn: pairs.added.slice(0, mostNamed).map(from),
    wentOut: pairs.removed.slice(0, mostNamed).map(to),
    replaced: pairs.replaced.slice(0, mostNamed).map((p) => ({ from: to(p.from), to: from(p.to) })),
    counts: { cameIn: pairs.added.length, wentOut: pairs.removed.length, replaced: pairs.replaced.length },
  };
}
