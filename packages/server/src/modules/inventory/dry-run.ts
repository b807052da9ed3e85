import {
  type ClusterChange,
  type CompiledRules,
  compileRules,
  decide,
  type Decision,
  diffClusters,
  type IdentityRules,
  type Replay,
  replayDecisions,
} from '@muster/core/identity';
import { inTx } from '../../platform/db/pool.ts';
import type { JobKind, JobRun } from '../../platform/jobs/jobs.ts';
import { readComponents, readHistory, type Replayed } from './dry-run-history.ts';
import { type ChangeRow, clearChanges, type DryRunCounts, findDryRun, finishDryRun, insertChanges } from './store-dry-runs.ts';

/** Observations that are read and replayed together, so few that the server goes on answering. A larger component is replayed alone. */
const atOnce = 500;
/** Changes that are kept to be looked at; the counts are of all. */
const keptChanges = 10_000;
const keptMembers = 50;
const keptKeys = 20;

/**
 * Replays the stored history by the rules in force and by a draft, and keeps what would change. Reads only; writes the dry run's own rows.
 * Observations that share no value with another can change under no rules and are not replayed; the others are, component by component.
 */
export const dryRunJob: JobKind<{ dryRunId: string }> = { kind: 'inventory.identity-dry-run', handler: dryRun };

async function dryRun(run: JobRun<{ dryRunId: string }>): Promise<DryRunCounts | null> {
  const { platform, signal } = run;
  const found = await findDryRun(platform.db, run.data.dryRunId);
  // Newer dry runs may have taken its place.
  if (!found) return null;
  await inTx(platform.db, (tx) => clearChanges(tx, found.id));
  await run.progress(0, null, 'Reading which observations share a value');
  const history = await readHistory(platform.db, signal);
  const entangled = history.entanglement.entangled();
  const rules = { inForce: compileRules(found.base as IdentityRules), draft: compileRules(found.draft as IdentityRules) };
  const counts: DryRunCounts = {
    observations: history.observations,
    replayed: entangled.length - history.byHand.length,
    byHand: history.byHand.length,
    joined: 0,
    split: 0,
    regrouped: 0,
  };
  for (let from = 0; from < entangled.length;) {
    signal.throwIfAborted();
    const to = endOfComponents(entangled, from, (a, b) => history.entanglement.together(a, b));
    const components = await readComponents(platform.db, history, [...entangled.subarray(from, to)]);
    const rows: ChangeRow[] = [];
    for (const change of components.flatMap((component) => changesOfComponent(component, rules))) {
      const no = counts.joined + counts.split + counts.regrouped + 1;
      counts[change.kind] += 1;
      if (no <= keptChanges) rows.push({ ...change, no });
    }
    await inTx(platform.db, (tx) => insertChanges(tx, found.id, rows));
    from = to;
    const changed = counts.joined + counts.split + counts.regrouped;
    await run.progress(from, entangled.length, `Groups of assets that would change: ${changed}`);
  }
  await inTx(platform.db, (tx) => finishDryRun(tx, found.id, counts, platform.now()));
  return counts;
}

/** Where to stop reading: after some hundred, but not within a component. */
function endOfComponents(numbers: Int32Array, from: number, together: (a: number, b: number) => boolean): number {
  let to = Math.min(from + atOnce, numbers.length);
  while (to < numbers.length && together(numbers[to - 1] ?? -1, numbers[to] ?? -1)) to++;
  return to;
}

interface BothRules {
  readonly inForce: CompiledRules;
  readonly draft: CompiledRules;
}

function changesOfComponent(component: readonly Replayed[], rules: BothRules): Omit<ChangeRow, 'no'>[] {
  const observations = component.map((one) => one.observation);
  const before = replayDecisions(observations, { decide, compiled: rules.inForce });
  const after = replayDecisions(observations, { decide, compiled: rules.draft });
  const changes = diffClusters(before.clusters, after.clusters);
  if (changes.length === 0) return [];
  const byName = new Map(component.map((one) => [`${one.observation.source} ${one.observation.nativeId}`, one]));
  return changes.map((change) => presentChange(change, byName, before, after, rules));
}

/** The keys of which the draft thinks otherwise. */
function keysApart(one: Replayed | undefined, rules: BothRules): ChangeRow['detail'][number]['keys'] {
  const keys = one?.observation.keys ?? [];
  const draft = rules.draft.seen(keys);
  return rules.inForce
    .seen(keys)
    .map((k, i) => ({ kind: k.kind, value: k.value, inForce: k.quality, draft: draft[i]?.quality ?? k.quality }))
    .filter((k) => k.inForce !== k.draft)
    .slice(0, keptKeys);
}

function presentChange(
  change: ClusterChange,
  byName: ReadonlyMap<string, Replayed>,
  before: Replay,
  after: Replay,
  rules: BothRules,
): Omit<ChangeRow, 'no'> {
  const why = (replay: Replay, clusters: readonly string[]) => {
    const groups = new Map(
      replay.clusters.filter((c) => clusters.includes(c.id)).flatMap((c) => c.members.map((m) => [m, clusters.indexOf(c.id) + 1] as const)),
    );
    return (member: string) => {
      const decision: Decision | undefined = replay.decisions.get(member);
      return { group: groups.get(member) ?? null, rule: decision?.rule ?? 'unknown', reasons: decision?.reasons ?? [] };
    };
  };
  const inForce = why(before, change.before);
  const draft = why(after, change.after);
  const detail = change.members.slice(0, keptMembers).map((member) => {
    const one = byName.get(member);
    return {
      observationId: one?.observationId ?? null,
      assetId: one?.observationId ? null : (one?.assetId ?? null),
      source: one?.observation.source ?? '',
      nativeId: one?.observation.nativeId ?? member,
      inForce: inForce(member),
      draft: draft(member),
      keys: keysApart(one, rules),
    };
  });
  return {
    kind: change.kind,
    clusters_before: change.before.length,
    clusters_after: change.after.length,
    members: change.members.length,
    detail,
  };
}
