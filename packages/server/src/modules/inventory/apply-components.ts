import { type Component, componentSections, componentsOf, kindOfSection } from '@muster/core/components';
import { canonicalUuid } from '@muster/core/identity';
import type { Tx } from '../../platform/db/types.ts';
import type { Work } from './apply.ts';
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

/** Components of the sections that changed, and what follows from them for virtual machines. */
export async function applyComponents(tx: Tx, linked: readonly (Work & { assetId: string })[]): Promise<void> {
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
  await takeSections(
    tx,
    told,
    linked.filter((w) => w.p.onlyAdds).map((w) => w.observationId),
  );
  const hosts = told.filter((s) => s.kind === 'virtual_machine').map((s) => s.assetId);
  const guests = linked.filter((w) => w.keysChanged && w.keys.some((k) => k.kind === 'uuid')).map((w) => w.assetId);
  const last = linked.at(-1);
  if (last) await linkVirtualMachines(tx, [...new Set([...hosts, ...guests])].toSorted(), last.at);
}

/** Writes what differs between what is told and what is present. `incomplete`: observations of which nothing is removed. */
export async function takeSections(tx: Tx, told: readonly ToldSection[], incomplete: readonly string[] = []): Promise<void> {
  if (told.length === 0) return;
  const present = new Map((await presentComponents(tx, told)).map((c) => [`${c.observation_id} ${c.kind} ${c.key}`, c]));
  const writes: ComponentWrite[] = [];
  const kept = new Set<string>();
  for (const s of told) {
    for (const component of componentsOf(s.section, s.content).map(canonical)) {
      const id = `${s.observationId} ${component.kind} ${component.key}`;
      kept.add(id);
      const before = present.get(id);
      if (!before || !same(before, component)) writes.push({ assetId: s.assetId, observationId: s.observationId, component, at: s.at });
    }
  }
  const sections = new Map(told.map((s) => [`${s.observationId} ${s.section}`, s]));
  const gone = [...present].flatMap(([id, c]) => {
    const section = sections.get(`${c.observation_id} ${c.key.slice(0, c.key.indexOf(':'))}`);
    if (!section || kept.has(id) || incomplete.includes(c.observation_id)) return [];
    return [{ assetId: c.asset_id, id: c.id, at: section.at }];
  });
  await removeComponents(tx, gone);
  await upsertComponents(tx, writes);
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
