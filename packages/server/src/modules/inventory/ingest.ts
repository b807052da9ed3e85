import type { Report } from '@muster/protocols';
import type { Tx } from '../../platform/db/types.ts';
import { evidenceIdsFor } from '../software/index.ts';
import { applyRound } from './apply.ts';
import type { Fork } from './forks.ts';
import { identify } from './identify.ts';
import { loadIdentityRules } from './identity-rules-in-force.ts';
import { prepareNetwork } from './prepare-network.ts';
import { prepare, type Prepared, systemSection, titlesOf } from './prepare.ts';
import { lockIdentity } from './store-operations.ts';

export interface IngestItem {
  reportId: string;
  receivedAt: Date;
  report: Report;
  /** An agent's family, a connector's source, or `snmp`: the walk of a device that a person read. */
  source: string;
  /** Orders the reports of one machine: `family:deviceid`. */
  deviceKey: string;
  /** A person said that it is an asset, however little is told of it. */
  decided?: boolean;
}

export interface IngestResult {
  reportId: string;
  /** `ignored`: it says nothing of a machine, as a PROLOG. */
  outcome: 'linked' | 'created' | 'held' | 'ignored';
  observationId: string | null;
  assetId: string | null;
  /** What ingest dropped or left undone; besides the report's own warnings. */
  warnings: { code: string; path: string; message: string }[];
  /** Its agent reports by turns with others on the asset and may be on another machine: for `tellFork`, once this is committed. */
  fork: Fork | null;
}

/**
 * Takes a batch of decoded reports into observations, assets, facts, installations and events, in the caller's transaction. Set-based:
 * the number of statements does not grow with the batch. Reports of one machine must come in the order they were received; the results
 * are in the order of the items. The same report twice changes nothing but the time it was last seen.
 */
export async function ingestReports(tx: Tx, items: readonly IngestItem[]): Promise<IngestResult[]> {
  const results: IngestResult[] = items.map((i) => ({
    reportId: i.reportId,
    outcome: 'ignored',
    observationId: null,
    assetId: null,
    warnings: [],
    fork: null,
  }));
  let waiting = items.flatMap((item, index): Prepared[] => {
    if (item.report.kind === 'inventory') return [prepare(item, index)];
    return item.report.kind === 'netdiscovery' || item.report.kind === 'netinventory' ? prepareNetwork(item, index) : [];
  });
  if (waiting.length === 0) return results;
  // Nobody merges or splits assets, or publishes rules, between a decision and what is written for it.
  await lockIdentity(tx, 'shared');
  const evidence = new Map<Prepared, number[]>();
  const rules = await loadIdentityRules(tx);
  for (let first = true; waiting.length > 0; first = false) {
    const { identified, later } = await identify(tx, waiting, rules);
    const withSoftware = first
      ? [...identified.filter((r) => r.assetId !== null && titlesChanged(r.p, r.known?.hashes ?? null)).map((r) => r.p), ...later]
      : [];
    if (first) await resolveEvidence(tx, withSoftware, evidence);
    for (const done of await applyRound(tx, identified, evidence, rules)) {
      const result = results[done.index] as IngestResult;
      result.outcome = done.outcome;
      result.observationId ??= done.observationId;
      result.assetId ??= done.assetId;
      result.warnings.push(...done.warnings);
      result.fork = done.fork;
    }
    waiting = later;
  }
  return results;
}

/** Whether the list of titles, or the operating system, differs from what was last applied. */
function titlesChanged(p: Prepared, hashes: Readonly<Record<string, string>> | null): boolean {
  const changed = (section: string): boolean => p.sections.get(section)?.hash !== hashes?.[section];
  return (p.software !== null && changed('softwares')) || (p.system !== null && changed(systemSection(p)));
}

/** Evidence ids of all titles of the batch in one call, so that transactions add new evidence in one order. */
async function resolveEvidence(tx: Tx, machines: readonly Prepared[], evidence: Map<Prepared, number[]>): Promise<void> {
  const ids = await evidenceIdsFor(tx, machines.flatMap(titlesOf));
  let at = 0;
  for (const p of machines) {
    const count = (p.software?.length ?? 0) + (p.system ? 1 : 0);
    evidence.set(p, ids.slice(at, at + count));
    at += count;
  }
}
