import { type Component, componentSections, componentsOf, kindOfSection } from '@muster/core/components';
import { canonicalUuid } from '@muster/core/identity';
import type { Tx } from '../../platform/db/types.ts';
import type { NewEvent } from '../assets/index.ts';
import type { Work } from './apply.ts';
import { type ComponentChange, componentEvents, type TakenChanges } from './component-events.ts';
import {
  type ComponentPlace,
  type ComponentWrite,
  linkVirtualMachines,
  presentComponents,
  removeComponents,
  upsertComponents,
} from './store-components.ts';

/** A section as it is now told; null when it is told no longer. */
export interface ToldSection extends ComponentPlace {
  readonly content: unknown;
  readonly at: Date;
}

/** Components of the sections that changed, and what follows from them for virtual machines; answers the events about them. */
export async function applyComponents(tx: Tx, linked: readonly (Work & { assetId: string })[]): Promise<NewEvent[]> {
  const told = linked.flatMap((w) =>
    componentSections.flatMap((section): ToldSection[] => {
      const kind = kindOfSection(section);
      const gone = w.gone.includes(section);
      if (kind === null || (!gone && !w.changed.has(section))) return [];
      // A list that may have been cut off only adds: what is absent in it says nothing.
      if (w.p.onlyAdds && gone) return [];
      return [
        {
          assetId: w.assetId,
          observationId: w.observationId,
          section,
          kind,
          content: gone ? null : w.p.item.report.sections[section],
          at: w.at,
        },
      ];
    }),
  );
  const changes = await takeSections(
    tx,
    told,
    linked.filter((w) => w.p.onlyAdds).map((w) => w.observationId),
  );
  const hosts = told.filter((s) => s.kind === 'virtual_machine').map((s) => s.assetId);
  const guests = linked.filter((w) => w.keysChanged && w.keys.some((k) => k.kind === 'uuid')).map((w) => w.assetId);
  const last = linked.at(-1);
  if (last) await linkVirtualMachines(tx, [...new Set([...hosts, ...guests])].toSorted(), last.at);
  return componentEvents(
    tx,
    changes,
    new Map(linked.map((w) => [w.observationId, w.p.source])),
    new Set(linked.filter((w) => w.fresh).map((w) => w.observationId)),
  );
}

/** Writes what differs between what is told and what is present, and answers what came and went. `incomplete`: observations of which nothing is removed. */
export async function takeSections(tx: Tx, told: readonly ToldSection[], incomplete: readonly string[] = []): Promise<TakenChanges> {
  if (told.length === 0) return { added: [], removed: [] };
  const present = new Map((await presentComponents(tx, told)).map((c) => [`${c.observation_id} ${c.kind} ${c.key}`, c]));
  const writes: ComponentWrite[] = [];
  const kept = new Set<string>();
  const added: ComponentChange[] = [];
  for (const s of told) {
    for (const component of componentsOf(s.section, s.content).map(canonical)) {
      const id = `${s.observationId} ${component.kind} ${component.key}`;
      kept.add(id);
      const before = present.get(id);
      const place = { assetId: s.assetId, observationId: s.observationId, at: s.at };
      if (!before || !same(before, component)) writes.push({ ...place, component });
      if (!before) added.push({ ...place, kind: component.kind, name: component.name, serial: component.serial, data: component.data });
    }
  }
  const sections = new Map(told.map((s) => [`${s.observationId} ${s.section}`, s]));
  const gone = [...present].flatMap(([id, c]) => {
    const section = sections.get(`${c.observation_id} ${c.key.slice(0, c.key.indexOf(':'))}`);
    if (!section || kept.has(id) || incomplete.includes(c.observation_id)) return [];
    return [{ assetId: c.asset_id, id: c.id, at: section.at, component: c }];
  });
  await removeComponents(tx, gone);
  await upsertComponents(tx, writes);
  return {
    added,
    removed: gone.map(({ assetId, at, component: c }) => ({
      assetId,
      at,
      observationId: c.observation_id,
      kind: c.kind as Component['kind'],
      name: c.name,
      serial: c.serial,
      data: c.data,
    })),
  };
}

/** A virtual machine's UUID in the form that identity keys have, so that both byte orders meet. */
function canonical(component: Component): Component {
  if (component.kind !== 'virtual_machine' || component.serial === null) return component;
  const uuid = canonicalUuid(component.serial);
  return uuid === null ? component : { ...component, serial: uuid };
}

function same(before: Omit<Component, 'kind' | 'key' | 'data'> & { data: Record<string, unknown> }, now: Component): boolean {
  const names = Object.keys(now.data);
  return (
    before.name === now.name &&
    before.manufacturer === now.manufacturer &&
    before.model === now.model &&
    before.serial === now.serial &&
    names.length === Object.keys(before.data).length &&
    names.every((n) => before.data[n] === now.data[n])
  );
}
