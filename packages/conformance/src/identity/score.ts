import { createResolver, type Decision, extractKeys, type PlaceholderLists } from '@muster/core/identity';
import type { Entry } from './world.ts';

export interface ScenarioScore {
  readonly scenario: string;
  readonly observations: number;
  readonly machines: number;
  readonly clusters: number;
  /** Pairs of reports put together that are of two machines, one of them of this scenario. */
  readonly wrongPairs: number;
  /** Pairs of reports of one machine that were not put together. */
  readonly missedPairs: number;
  readonly recall: number;
}

export interface Score {
  readonly observations: number;
  readonly machines: number;
  readonly clusters: number;
  readonly precision: number;
  readonly recall: number;
  readonly scenarios: readonly ScenarioScore[];
  /** Decisions by outcome and rule. */
  readonly rules: ReadonlyMap<string, number>;
  /** Proposed board swaps, and how many of them name the machine the report is about. */
  readonly proposals: { readonly made: number; readonly right: number };
  readonly shared: number;
}

const pairs = (n: number): number => (n * (n - 1)) / 2;

interface Placed {
  readonly entry: Entry;
  readonly cluster: string;
}

/** Resolves the reports in their order and compares every pair of reports with the answer key. Nothing that was only proposed counts. */
export function scoreCorpus(entries: readonly Entry[], lists: PlaceholderLists): Score {
  const resolver = createResolver();
  const rules = new Map<string, number>();
  const members: { entry: Entry; member: string; cluster: string | null; decision: Decision }[] = [];
  for (const entry of entries) {
    const { facts, source, nativeId, partial, hasAgent, byHand } = entry;
    const { decision, clusterId, member } = resolver.resolve({
      source,
      nativeId,
      partial,
      hasAgent,
      byHand,
      keys: extractKeys(facts, lists),
    });
    const rule = `${decision.outcome} by ${decision.rule}`;
    rules.set(rule, (rules.get(rule) ?? 0) + 1);
    members.push({ entry, member, cluster: clusterId, decision });
  }
  // What was held belongs to where its thing came to be, and what was split off since took its reports along; what never came is alone.
  const placed = members.map(({ entry, member, cluster }, i): Placed => ({
    entry,
    cluster: resolver.clusterOf(member) ?? cluster ?? `held ${i}`,
  }));
  const machinesOf = (cluster: string): Set<string> => new Set(placed.filter((p) => p.cluster === cluster).map((p) => p.entry.machine));
  const proposed = members.filter((m) => m.decision.proposal?.kind === 'board_swap');
  const right = proposed.filter((m) => m.decision.proposal?.assetIds.some((id) => machinesOf(id).has(m.entry.machine)));
  return { ...count(placed), rules, proposals: { made: proposed.length, right: right.length }, shared: resolver.shared().size };
}

type Counted = Pick<Score, 'observations' | 'machines' | 'clusters' | 'precision' | 'recall' | 'scenarios'>;

function count(placed: readonly Placed[]): Counted {
  const byMachine = Map.groupBy(placed, (p) => p.entry.machine);
  const byCluster = Map.groupBy(placed, (p) => p.cluster);
  const wrong = new Map<string, number>();
  let [together, rightPairs, truth] = [0, 0, 0];
  for (const list of byCluster.values()) {
    together += pairs(list.length);
    const groups = [...Map.groupBy(list, (p) => p.entry.machine).values()];
    for (const group of groups) {
      rightPairs += pairs(group.length);
      const scenario = group[0]?.entry.scenario ?? '';
      const others = list.length - group.length;
      // Each wrong pair is seen from both of its ends.
      if (others > 0) wrong.set(scenario, (wrong.get(scenario) ?? 0) + (group.length * others) / 2);
    }
  }
  for (const list of byMachine.values()) truth += pairs(list.length);
  const scenarios = [...Map.groupBy(placed, (p) => p.entry.scenario)].map(([scenario, list]): ScenarioScore => {
    const machines = [...Map.groupBy(list, (p) => p.entry.machine).values()];
    const all = machines.reduce((sum, m) => sum + pairs(m.length), 0);
    const found = machines.reduce(
      (sum, m) => sum + [...Map.groupBy(m, (p) => p.cluster).values()].reduce((s, g) => s + pairs(g.length), 0),
      0,
    );
    return {
      scenario,
      observations: list.length,
      machines: machines.length,
      clusters: new Set(list.map((p) => p.cluster)).size,
      wrongPairs: wrong.get(scenario) ?? 0,
      missedPairs: all - found,
      recall: all === 0 ? 1 : found / all,
    };
  });
  return {
    observations: placed.length,
    machines: byMachine.size,
    clusters: byCluster.size,
    precision: together === 0 ? 1 : rightPairs / together,
    recall: truth === 0 ? 1 : rightPairs / truth,
    scenarios,
  };
}
