import { componentSections } from '@muster/core/components';
import { type CompiledRules, type IdentityKey, leadingKinds } from '@muster/core/identity';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { lockAssetRows, type NewEvent, recordEvents, touchSeen } from '../assets/index.ts';
import { applyComponents } from './apply-components.ts';
import { applyHardware } from './apply-hardware.ts';
import { applyMeasures, measuredSections } from './apply-measures.ts';
import { applyNetwork } from './apply-network.ts';
import { applySoftware } from './apply-software.ts';
import { demote } from './demote.ts';
import { alternating } from './forks.ts';
import type { Identified } from './identified.ts';
import type { IngestResult } from './ingest.ts';
import { noteSeen } from './sightings.ts';
import { packSection, type Prepared } from './prepare.ts';
import { openQuestions } from './questions.ts';
import { settleDoubts } from './store-doubts.ts';
import { sumUpSources } from './store-asset-sources.ts';
import { insertDecisions, type KeyRow, replaceKeys } from './store-identify.ts';
import {
  adoptHeldSections,
  deleteSections,
  insertObservations,
  type NewObservation,
  type SectionWrite,
  touchObservations,
  updateObservations,
  upsertSections,
} from './store-observations.ts';

/** What one report does, worked out before anything is written. */
export interface Work extends Identified {
  readonly at: Date;
  /** The observation is new on this asset: everything the report says is news. */
  readonly fresh: boolean;
  readonly changed: ReadonlySet<string>;
  /** Sections that a full report no longer has. */
  readonly gone: readonly string[];
}

export interface Done extends Pick<IngestResult, 'outcome' | 'observationId' | 'assetId' | 'warnings' | 'fork'> {
  index: number;
}

/** Writes a round of decided reports: each observation and each asset at most once. */
export async function applyRound(
  tx: Tx,
  round: readonly Identified[],
  evidence: ReadonlyMap<Prepared, readonly number[]>,
  rules: CompiledRules,
): Promise<Done[]> {
  const current = round.filter((r) => !outdated(r));
  const works = current.map(workOf);
  const linked = works.filter((w): w is Work & { assetId: string } => w.assetId !== null);
  await lockAssetRows(
    tx,
    linked.filter((w) => !w.isNew).map((w) => w.assetId),
  );
  await writeObservations(tx, works);
  await writeDecisions(tx, works);
  await openQuestions(tx, works, rules);
  await settleDoubts(
    tx,
    works.flatMap((w) => (w.doubts ? [{ ...w.doubts, held: w.observationId, at: w.at }] : [])),
  );
  await writeSections(tx, works);
  const events: NewEvent[] = [];
  events.push(...linked.filter((w) => w.decision?.outcome === 'link').map(linkedEvent));
  events.push(...(await applyHardware(tx, linked)));
  await applyNetwork(tx, linked);
  await applyMeasures(tx, linked);
  await noteSeen(tx, works);
  events.push(...(await applyComponents(tx, linked)));
  events.push(...(await applySoftware(tx, linked, evidence)));
  events.push(...linked.flatMap(sectionEvents));
  await touchSeen(
    tx,
    linked.filter((w) => !w.isNew).map((w) => ({ id: w.assetId, seenAt: w.p.seenAt })),
  );
  await recordEvents(tx, events);
  return round.map((r) => doneOf(r, rules));
}

/** A report older than the one that was applied last, as when a failed one is tried again: its news is no news. */
function outdated(r: Identified): boolean {
  return r.known !== null && r.p.item.receivedAt.getTime() < r.known.last_received_at.getTime();
}

function workOf(r: Identified): Work {
  const hashes = r.known?.hashes ?? {};
  const changed = new Set<string>();
  for (const [name, section] of r.p.sections) if (hashes[name] !== section.hash) changed.add(name);
  const gone = r.p.partial ? [] : Object.keys(hashes).filter((name) => !r.p.sections.has(name));
  return { ...r, at: r.p.item.receivedAt, fresh: r.known === null || r.known.asset_id === null, changed, gone };
}

function doneOf(r: Identified, rules: CompiledRules): Done {
  // A held report that may be of a copy is soon part of the observation itself, or of a machine of its own.
  const base = { index: r.p.index, observationId: r.doubts?.holds ? r.doubts.of : r.observationId, assetId: r.assetId, fork: null };
  if (outdated(r))
    return {
      ...base,
      outcome: r.assetId === null ? 'held' : 'linked',
      warnings: [
        { code: 'older_report', path: '', message: 'A newer report of this machine was applied before; this one changed nothing.' },
      ],
    };
  const warnings =
    r.decision?.outcome === 'conflict' ? r.decision.reasons.map((message) => ({ code: 'identity_conflict', path: '', message })) : [];
  return { ...base, outcome: r.assetId === null ? 'held' : r.isNew ? 'created' : 'linked', warnings, fork: alternating(r, rules) };
}

async function writeObservations(tx: Tx, works: readonly Work[]): Promise<void> {
  const fresh: NewObservation[] = [];
  const changed: NewObservation[] = [];
  const touched: { id: string; receivedAt: Date; full: boolean; agentVersion: string | null }[] = [];
  for (const w of works) {
    const { report } = w.p.item;
    const row: NewObservation = {
      id: w.observationId,
      source: w.p.source,
      nativeId: w.nativeId,
      agentId: report.agentId,
      agentVersion: report.agentVersion,
      assetId: w.assetId,
      itemType: w.p.itemType,
      tag: report.tag,
      keys: w.keys,
      receivedAt: w.at,
      full: !w.p.partial,
    };
    if (w.known === null) fresh.push(row);
    else if (w.keysChanged || w.known.asset_id !== w.assetId) changed.push(row);
    else touched.push({ id: w.observationId, receivedAt: w.at, full: !w.p.partial, agentVersion: report.agentVersion });
  }
  await insertObservations(tx, fresh);
  await updateObservations(tx, changed);
  await touchObservations(tx, touched);
  await sumUpSources(
    tx,
    works.flatMap((w) => [w.assetId, w.known?.asset_id].filter((id) => typeof id === 'string')),
    works.map((w) => ({ source: w.p.source, at: w.at })),
  );
}

/** A value that a container shows of its host, which is `shared` from the start, would say of the host's own that it is. */
function isStored(k: IdentityKey, demoted: ReadonlySet<string>): boolean {
  if (!leadingKinds.has(k.kind) || (k.quality === 'placeholder' && k.kind !== 'uuid')) return false;
  return k.quality !== 'shared' || demoted.has(`${k.kind} ${k.value}`);
}

async function writeDecisions(tx: Tx, works: readonly Work[]): Promise<void> {
  const rekeyed = works.filter((w) => w.assetId !== null && w.keysChanged);
  const rows = rekeyed.flatMap((w) =>
    w.keys
      .filter((k) => isStored(k, w.shared))
      .map((k): KeyRow => ({
        kind: k.kind,
        value: k.value,
        assetId: w.assetId as string,
        observationId: w.observationId,
        quality: w.shared.has(`${k.kind} ${k.value}`) ? 'shared' : k.quality,
        seenAt: w.at,
      })),
  );
  await replaceKeys(
    tx,
    rekeyed.flatMap((w) => (w.known ? [w.observationId] : [])),
    rows,
  );
  // The index stops leading to what the decisions proved to be on two machines.
  const shared = new Map(works.flatMap((w) => (w.decision?.shared ?? []).map((k) => [`${k.kind} ${k.value}`, k] as const)));
  await demote(tx, [...shared.values()]);
  await insertDecisions(
    tx,
    works.flatMap((w) =>
      // That a machine is still the same is no news, unless something about it had to be decided anew.
      w.decision === null || (w.decision.outcome === 'same' && !w.fresh)
        ? []
        : [
            {
              id: newId(),
              observationId: w.observationId,
              assetId: w.assetId,
              at: w.at,
              outcome: w.decision.outcome,
              rule: w.decision.rule,
              reasons: { sentences: w.decision.reasons, candidates: w.decision.compared },
            },
          ],
    ),
  );
}

async function writeSections(tx: Tx, works: readonly Work[]): Promise<void> {
  await adoptHeldSections(
    tx,
    works.flatMap((w) =>
      w.known !== null && w.known.asset_id === null && w.assetId !== null ? [{ observationId: w.observationId, assetId: w.assetId }] : [],
    ),
  );
  const writes: SectionWrite[] = [];
  const drops: { assetId: string; observationId: string; section: string }[] = [];
  for (const w of works) {
    const assetId = w.assetId ?? w.observationId;
    for (const name of w.changed) {
      const section = w.p.sections.get(name);
      if (section)
        writes.push({
          assetId,
          observationId: w.observationId,
          section: name,
          hash: section.hash,
          content: packSection(section.json),
          changedAt: w.at,
        });
    }
    for (const section of w.gone) drops.push({ assetId, observationId: w.observationId, section });
  }
  await upsertSections(tx, writes);
  await deleteSections(tx, drops);
}

function linkedEvent(w: Work & { assetId: string }): NewEvent {
  return {
    assetId: w.assetId,
    at: w.at,
    kind: 'linked',
    source: w.p.source,
    data: { observationId: w.observationId, rule: w.decision?.rule, reason: w.decision?.reasons.join(' ') },
  };
}

/** Sections with events of their own, and those that change by themselves from hour to hour. */
const quiet = new Set([
  ...componentSections,
  ...measuredSections,
  'softwares',
  'networks',
  'users',
  'drives',
  'hardware',
  'operatingsystem',
  'processes',
  'accesslog',
  'versionprovider',
  'versionclient',
  'envs',
  'accountinfo',
  'download',
  'network_ports',
  'network_device',
  'device',
]);

function sectionEvents(w: Work & { assetId: string }): NewEvent[] {
  if (w.fresh) return [];
  const sections = [...w.changed].filter((name) => !quiet.has(name));
  const removed = w.gone.filter((name) => !quiet.has(name));
  if (sections.length + removed.length === 0) return [];
  return [
    {
      assetId: w.assetId,
      at: w.at,
      kind: 'section_changed',
      source: w.p.source,
      data: { sections: [...sections, ...removed].sort(), ...(removed.length > 0 ? { removed } : {}) },
    },
  ];
}
