import type { SoftwareRow } from '@muster/protocols';
import type { Tx } from '../../platform/db/types.ts';
import type { NewEvent } from '../assets/index.ts';
import { noteInstallationChanges } from '../software/index.ts';
import type { Work } from './apply.ts';
import { type Prepared, systemSection } from './prepare.ts';
import {
  type AddedSoftware,
  currentSoftware,
  insertInstallations,
  noteLastUses,
  removeInstallations,
  systemEvidence,
} from './store-software.ts';

type Linked = Work & { assetId: string };

/**
 * Compares each changed list of titles, and each changed operating system, with what is installed; adds, marks removed, and answers one
 * event per machine that changed.
 */
export async function applySoftware(
  tx: Tx,
  linked: readonly Linked[],
  evidence: ReadonlyMap<Prepared, readonly number[]>,
): Promise<NewEvent[]> {
  const works = linked.map((w) => ({ w, titles: tellsTitles(w), system: tellsSystem(w) })).filter((x) => x.titles || x.system);
  if (works.length === 0) return [];
  const known = works.filter(({ w }) => !w.fresh).map(({ w }) => w);
  const installed = await currentSoftware(tx, known);
  const systems = known.length > 0 ? await systemEvidence(tx) : new Set<number>();
  const added: AddedSoftware[] = [];
  const removed: { assetId: string; observationId: string; at: Date; evidence: number[] }[] = [];
  const used: Parameters<typeof noteLastUses>[1][number][] = [];
  const deltas = new Map<number, number>();
  const events: NewEvent[] = [];
  for (const { w, titles, system } of works) {
    // A list of titles says nothing of the operating system, and the other way round.
    const before = new Set((installed.get(w.observationId) ?? []).filter((id) => (systems.has(id) ? system : titles)));
    const now = titlesNow(w.p, evidence.get(w.p) ?? [], titles, system);
    const came = [...now.values()].filter((t) => !before.has(t.evidenceId));
    for (const { evidenceId, lastUsed } of now.values())
      if (lastUsed !== null && before.has(evidenceId)) used.push({ ...idsOf(w), evidenceId, lastUsed });
    const went = [...before].filter((id) => !now.has(id) && !(w.p.onlyAdds && !systems.has(id)));
    for (const t of came) deltas.set(t.evidenceId, (deltas.get(t.evidenceId) ?? 0) + 1);
    for (const id of went) deltas.set(id, (deltas.get(id) ?? 0) - 1);
    if (came.length > 0) added.push({ assetId: w.assetId, observationId: w.observationId, at: w.at, titles: came });
    if (went.length > 0) removed.push({ assetId: w.assetId, observationId: w.observationId, at: w.at, evidence: went });
    if (!w.fresh && came.length + went.length > 0) {
      const data = { added: came.map((t) => t.evidenceId), removed: went };
      events.push({ assetId: w.assetId, at: w.at, kind: 'software_changed', source: w.p.source, data });
    }
  }
  await removeInstallations(tx, removed);
  await insertInstallations(tx, added);
  await noteLastUses(tx, used);
  const changes = [...deltas.entries()].filter(([, delta]) => delta !== 0).map(([evidenceId, delta]) => ({ evidenceId, delta }));
  if (changes.length > 0) await noteInstallationChanges(tx, changes);
  return events;
}

const idsOf = (w: Linked): { assetId: string; observationId: string } => ({ assetId: w.assetId, observationId: w.observationId });
const tellsTitles = (w: Linked): boolean => (w.p.software !== null ? w.fresh || w.changed.has('softwares') : w.gone.includes('softwares'));
const tellsSystem = (w: Linked): boolean => w.p.system !== null && (w.fresh || w.changed.has(systemSection(w.p)));

/** What the report says is installed, of the kinds it tells; `ids` are those of titlesOf. */
function titlesNow(p: Prepared, ids: readonly number[], titles: boolean, system: boolean): Map<number, AddedSoftware['titles'][number]> {
  const rows = p.software ?? [];
  const now = titles ? installedTitles(rows, ids) : new Map<number, AddedSoftware['titles'][number]>();
  const systemId = ids[rows.length];
  if (system && p.system && systemId !== undefined)
    now.set(systemId, { evidenceId: systemId, installedOn: dayOf(p.system.installedOn), path: null, user: null, lastUsed: null });
  return now;
}

/** One title per evidence: the same one for several users or paths is one installation. */
function installedTitles(rows: readonly SoftwareRow[], ids: readonly number[]): Map<number, AddedSoftware['titles'][number]> {
  const titles = new Map<number, AddedSoftware['titles'][number]>();
  for (let i = 0; i < rows.length; i++) {
    const [row, id] = [rows[i], ids[i]];
    if (!row || id === undefined) continue;
    const before = titles.get(id);
    const lastUsed = dayOf(row.lastUsed ?? null);
    if (before === undefined)
      titles.set(id, { evidenceId: id, installedOn: dayOf(row.installedOn), path: row.path, user: row.user, lastUsed });
    else if (lastUsed !== null && (before.lastUsed === null || lastUsed > before.lastUsed)) titles.set(id, { ...before, lastUsed });
  }
  return titles;
}

/** The day of an ISO date, or null: the agent's text goes no further. */
function dayOf(value: string | null): string | null {
  const day = value?.slice(0, 10) ?? '';
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || day <= '1970-01-01' || day > '2200-01-01') return null;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) ? day : null;
}
