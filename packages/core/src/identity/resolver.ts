import { byTurns, goesAlong, judgeAlternation } from './alternation.ts';
import { type Candidate, decide, type Decision, type Doubt, forkNames } from './decide.ts';
import type { Cluster } from './diff-clusters.ts';
import { type IdentityKey, sortKeys } from './keys.ts';
import { leads, lookupOf } from './lookup.ts';
import { type CompiledRules, plainRules } from './rules.ts';

/** One report about one thing, with the keys extracted from it. */
export interface Observation {
  readonly source: string;
  /** The id under which the source knows it. */
  readonly nativeId: string;
  readonly keys: readonly IdentityKey[];
  readonly partial: boolean;
  /** An agent on the machine sent it; taken for granted when absent. */
  readonly hasAgent?: boolean;
  /** A person entered it: it may be adopted by its tag. */
  readonly byHand?: boolean;
  /** When it was received, in milliseconds; without it no asset counts as silent. */
  readonly at?: number;
  /** When its source reported it last, in milliseconds, where it stands for all its reports; `at` when absent. */
  readonly until?: number;
  /** A person said what it is: all observations pinned to one name are one machine. */
  readonly pinnedTo?: string;
  /** Members, as `source nativeId`, of which it is known not to be the same machine. */
  readonly apart?: readonly string[];
}

export interface Resolution {
  readonly decision: Decision;
  /** The cluster it belongs to; null while it is held. */
  readonly clusterId: string | null;
  /** What it is remembered under: source and native id, or the name of a fork. */
  readonly member: string;
}

/** The rules a replay may exchange. */
export interface ResolverRules {
  readonly decide: typeof decide;
  /** Those that are data; nothing is changed when absent. */
  readonly compiled?: CompiledRules;
}

export interface Resolver {
  /** Decides about one observation and remembers it. Observations come in the order in which they were received. */
  readonly resolve: (observation: Observation) => Resolution;
  /** The clusters as they are now, oldest first; held observations are in none. */
  readonly clusters: () => Cluster[];
  /** Where a resolution's member belongs by now; null while it is held, also when what it was held for never came. */
  readonly clusterOf: (member: string) => string | null;
  /** Values learnt to be on several machines, as `kind value`. */
  readonly shared: () => ReadonlySet<string>;
}

interface Member {
  readonly name: string;
  readonly source: string;
  /** The counts of its first and its latest report among all; 0 before the first one. */
  first: number;
  last: number;
  pinned: boolean;
  cluster: ClusterState | null;
  keys: readonly IdentityKey[];
  readonly hasAgent: boolean;
  readonly byHand: boolean;
  doubts: readonly Doubt[];
  until: number | null;
  readonly apart: readonly string[];
}

interface ClusterState {
  readonly id: string;
  readonly members: Member[];
}

const id = (k: { kind: string; value: string }): string => `${k.kind} ${k.value}`;
const sameKeys = (a: readonly IdentityKey[], b: readonly IdentityKey[]): boolean =>
  a.length === b.length && a.every((k, i) => k.kind === b[i]?.kind && k.value === b[i].value && k.quality === b[i].quality);

/** How many clusters one value may lead to: a value on more of them decides nothing. */
const mostPerValue = 8;

/** How many copies of one machine are told from a new adapter at a time. */
const mostDoubts = 4;

/** The index from values to clusters: one map per kind, because one map cannot hold the keys of a million machines. */
class KeyIndex {
  readonly #maps = new Map<string, Map<string, ClusterState | ClusterState[]>>();

  #map(kind: string): Map<string, ClusterState | ClusterState[]> {
    const found = this.#maps.get(kind) ?? new Map<string, ClusterState | ClusterState[]>();
    this.#maps.set(kind, found);
    return found;
  }

  find(k: IdentityKey): readonly ClusterState[] {
    const { kind, value } = lookupOf(k);
    const found = this.#map(kind).get(value);
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  add(k: IdentityKey, cluster: ClusterState): void {
    const there = this.find(k);
    if (there.includes(cluster) || there.length >= mostPerValue) return;
    const { kind, value } = lookupOf(k);
    this.#map(kind).set(value, there.length === 0 ? cluster : [...there, cluster]);
  }

  remove(k: IdentityKey, cluster: ClusterState): void {
    const left = this.find(k).filter((c) => c !== cluster);
    const { kind, value } = lookupOf(k);
    if (left.length === 0) this.#map(kind).delete(value);
    else this.#map(kind).set(value, left.length === 1 ? (left[0] as ClusterState) : left);
  }
}

class MemoryResolver implements Resolver {
  readonly #rules: ResolverRules;
  readonly #members = new Map<string, Member>();
  readonly #clusters: ClusterState[] = [];
  readonly #index = new KeyIndex();
  readonly #shared = new Set<string>();
  /** Held reports that turned out to be of the member itself, by the name of the fork they would have been. */
  readonly #confirmed = new Map<string, string>();
  readonly #pinned = new Map<string, ClusterState>();
  readonly #compiled: CompiledRules;
  #reports = 0;

  constructor(rules: ResolverRules) {
    this.#rules = rules;
    this.#compiled = rules.compiled ?? plainRules;
  }

  readonly resolve = (observation: Observation): Resolution => {
    const resolution = this.#place(observation);
    const count = ++this.#reports;
    const member = this.#members.get(resolution.member);
    // A report that is held because it may be of a copy is not of the member.
    if (member === undefined) return resolution;
    const parted = this.#part(member);
    if (member.first === 0) member.first = count;
    member.last = count;
    return parted ?? resolution;
  };

  #place(observation: Observation): Resolution {
    const known = this.#known(observation);
    const keys = sortKeys(known && observation.partial ? keepAbsentKinds(known.keys, observation.keys) : observation.keys);
    const until = observation.until ?? observation.at ?? null;
    if (observation.pinnedTo !== undefined) return this.#pin(observation, known ?? this.#remember(observation, keys, null), keys, until);
    if (known?.cluster && sameKeys(known.keys, keys)) {
      known.until = until ?? known.until;
      if (known.doubts.length > 0) known.doubts = known.doubts.map((d) => ({ ...d, refuted: true }));
      return { decision: unchanged(known.cluster.id), clusterId: known.cluster.id, member: known.name };
    }
    const decision = this.#rules.decide(
      { keys: this.#demoted(keys), partial: observation.partial, hasAgent: observation.hasAgent ?? true },
      this.#candidates(observation, this.#compiled.seen(keys), known),
      this.#compiled.options,
    );
    for (const k of decision.shared) this.#shared.add(id(k));
    if (decision.rule === 'addresses_changed' && known) return this.#doubt(observation, known, keys, decision);
    const cluster = decision.outcome === 'hold' ? null : (this.#byId(decision.assetId) ?? this.#open());
    const member = known && !decision.forked ? known : this.#remember(observation, keys, known);
    if (member === known) this.#clearDoubts(observation, member, keys);
    member.until = until ?? member.until;
    this.#settle(member, cluster, keys);
    return { decision, clusterId: cluster?.id ?? null, member: member.name };
  }

  /** The agent reports by turns with an older one on the same cluster, and is on another machine: it gets a cluster of its own. */
  #part(member: Member): Resolution | null {
    const from = member.cluster;
    if (from === null || from.members.length < 2 || !member.hasAgent || member.byHand || member.pinned) return null;
    const rivals = from.members.filter(
      (m) => m.source === member.source && m !== member && m.hasAgent && !m.byHand && !m.pinned && byTurns(member, m),
    );
    if (rivals.length === 0) return null;
    const keys = this.#demoted(member.keys);
    const { verdict, reason, shared, compared } = judgeAlternation(
      keys,
      rivals.map((m) => this.#demoted(m.keys)),
    );
    if (verdict !== 'two') return null;
    const staying = from.members.filter((m) => m !== member && m.source === member.source).map((m) => m.keys);
    const along = from.members.filter((m) => m.source !== member.source && !m.pinned && goesAlong(m.keys, member.keys, staying));
    for (const k of shared) this.#shared.add(id(k));
    const cluster = this.#open();
    for (const m of [member, ...along]) this.#settle(m, cluster, m.keys);
    const decision: Decision = {
      ...unchanged(from.id),
      outcome: 'conflict',
      assetId: null,
      rule: 'alternation',
      reasons: [reason],
      compared: [{ assetId: from.id, ...compared }],
      shared,
    };
    return { decision, clusterId: cluster.id, member: member.name };
  }

  readonly clusterOf = (member: string): string | null => this.#members.get(this.#confirmed.get(member) ?? member)?.cluster?.id ?? null;

  readonly clusters = (): Cluster[] =>
    this.#clusters.filter((c) => c.members.length > 0).map((c) => ({ id: c.id, members: c.members.map((m) => m.name) }));

  readonly shared = (): ReadonlySet<string> => this.#shared;

  #known(observation: Observation): Member | null {
    const own = `${observation.source} ${observation.nativeId}`;
    const first = this.#members.get(own);
    if (first === undefined) return null;
    for (const name of forkNames(own, observation.keys)) {
      const fork = this.#members.get(name);
      if (fork) return fork;
    }
    return first;
  }

  #remember(observation: Observation, keys: readonly IdentityKey[], original: Member | null): Member {
    const name = original === null ? `${observation.source} ${observation.nativeId}` : this.#forkName(observation, keys, original);
    const member: Member = {
      name,
      source: observation.source,
      first: 0,
      last: 0,
      pinned: false,
      cluster: null,
      keys: [],
      hasAgent: observation.hasAgent ?? true,
      byHand: observation.byHand ?? false,
      doubts: [],
      until: null,
      apart: observation.apart ?? [],
    };
    this.#members.set(name, member);
    return member;
  }

  #pin(observation: Observation, member: Member, keys: readonly IdentityKey[], until: number | null): Resolution {
    const name = observation.pinnedTo as string;
    const cluster = this.#pinned.get(name) ?? this.#open();
    this.#pinned.set(name, cluster);
    member.pinned = true;
    member.until = until ?? member.until;
    this.#settle(member, cluster, keys);
    return { decision: byPerson(cluster.id), clusterId: cluster.id, member: member.name };
  }

  #forkName(observation: Observation, keys: readonly IdentityKey[], original: Member): string {
    const own = `${observation.source} ${observation.nativeId}`;
    const taken = new Set(forkNames(own, original.keys));
    return forkNames(own, keys).find((n) => !taken.has(n)) ?? `${own}#${this.#members.size}`;
  }

  #doubt(observation: Observation, known: Member, keys: readonly IdentityKey[], decision: Decision): Resolution {
    known.doubts = [{ keys, refuted: false }, ...known.doubts].slice(0, mostDoubts);
    return { decision, clusterId: null, member: this.#forkName(observation, keys, known) };
  }

  /** Its own report came: what was doubted before is either the same as this report, or of another machine that is alive as well. */
  #clearDoubts(observation: Observation, member: Member, keys: readonly IdentityKey[]): void {
    if (member.doubts.length === 0) return;
    const macs = new Set(keys.filter((k) => k.kind === 'mac').map((k) => k.value));
    const own = (d: Doubt): boolean => d.keys.some((k) => k.kind === 'mac' && macs.has(k.value));
    for (const d of member.doubts) if (own(d)) this.#confirmed.set(this.#forkName(observation, d.keys, member), member.name);
    member.doubts = member.doubts.filter((d) => !own(d)).map((d) => ({ ...d, refuted: true }));
  }

  #candidates(observation: Observation, keys: readonly IdentityKey[], known: Member | null): Candidate[] {
    const found = new Set<ClusterState>(known?.cluster ? [known.cluster] : []);
    for (const k of keys) if (leads(k) && !this.#shared.has(id(k))) for (const c of this.#index.find(k)) found.add(c);
    for (const name of observation.apart ?? []) {
      const other = this.#members.get(name)?.cluster;
      if (other && other !== known?.cluster) found.delete(other);
    }
    return [...found].map((c) => ({
      assetId: c.id,
      keys: this.#demoted(c.members.length === 1 ? (c.members[0] as Member).keys : c.members.flatMap((m) => m.keys)),
      sameNativeId: c === known?.cluster,
      doubts: c === known?.cluster ? known.doubts : [],
      observed: c.members.some((m) => !m.byHand),
      hasAgent: c.members.some((m) => m.hasAgent && !m.byHand),
      ...silence(c, observation.at),
      toldApart: c.members.flatMap((m) => m.apart.flatMap((name) => this.#members.get(name)?.cluster?.id ?? [])),
    }));
  }

  #demoted(raw: readonly IdentityKey[]): readonly IdentityKey[] {
    const keys = this.#compiled.seen(raw);
    if (!keys.some((k) => this.#shared.has(id(k)))) return keys;
    return keys.map((k) => (this.#shared.has(id(k)) ? { ...k, quality: 'shared', reason: 'seen on several machines' } : k));
  }

  #byId(clusterId: string | null): ClusterState | null {
    return clusterId === null ? null : (this.#clusters[Number(clusterId) - 1] ?? null);
  }

  /** Ids count up, in one width, so that the oldest sorts first. */
  #open(): ClusterState {
    const cluster: ClusterState = { id: String(this.#clusters.length + 1).padStart(9, '0'), members: [] };
    this.#clusters.push(cluster);
    return cluster;
  }

  #settle(member: Member, cluster: ClusterState | null, keys: readonly IdentityKey[]): void {
    const before = member.cluster;
    const old = member.keys;
    member.keys = keys;
    if (before) {
      if (before !== cluster) before.members.splice(before.members.indexOf(member), 1);
      const left = new Set(before.members.flatMap((m) => m.keys.map(id)));
      for (const k of old) if (leads(k) && !left.has(id(k))) this.#index.remove(k, before);
    }
    member.cluster = cluster;
    if (cluster === null) return;
    if (before !== cluster) cluster.members.push(member);
    for (const k of keys) if (leads(k)) this.#index.add(k, cluster);
  }
}

const dayMs = 86_400_000;

/** For how long nothing was heard of a machine. */
function silence(c: ClusterState, at: number | undefined): { silentDays?: number } {
  const last = Math.max(...c.members.map((m) => m.until ?? Number.NEGATIVE_INFINITY));
  return at === undefined || last === Number.NEGATIVE_INFINITY ? {} : { silentDays: Math.max(0, Math.floor((at - last) / dayMs)) };
}

/** A partial report keeps the keys of kinds it does not speak of. */
function keepAbsentKinds(before: readonly IdentityKey[], now: readonly IdentityKey[]): IdentityKey[] {
  const spoken = new Set(now.map((k) => k.kind));
  return [...before.filter((k) => !spoken.has(k.kind)), ...now];
}

const unchanged = (assetId: string): Decision => ({
  outcome: 'same',
  assetId,
  rule: 'native_id',
  reasons: ['The source knows it by the same id, and its keys are as they were.'],
  compared: [],
  forked: false,
  shared: [],
  proposal: null,
});

const byPerson = (assetId: string): Decision => ({
  ...unchanged(assetId),
  rule: 'person',
  reasons: ['A person said that it is this asset.'],
});

/**
 * Folds observations into clusters, one decision at a time, as the server does it with its tables: in memory, without a clock, and the same
 * observations in the same order always give the same clusters. A steady observation costs one look-up.
 */
export function createResolver(rules: ResolverRules = { decide }): Resolver {
  return new MemoryResolver(rules);
}

export interface Replay {
  readonly clusters: Cluster[];
  /** By member: the last decision about it. */
  readonly decisions: ReadonlyMap<string, Decision>;
}

/** Runs stored observations through other rules and keeps why each is where it is. */
export function replayDecisions(observations: Iterable<Observation>, rules: ResolverRules = { decide }): Replay {
  const resolver = createResolver(rules);
  const decisions = new Map<string, Decision>();
  for (const observation of observations) {
    const { member, decision } = resolver.resolve(observation);
    decisions.set(member, decision);
  }
  return { clusters: resolver.clusters(), decisions };
}

/** Runs stored observations through other rules; `diffClusters` of two replays tells what would change. */
export function replay(observations: Iterable<Observation>, rules: ResolverRules = { decide }): Cluster[] {
  return replayDecisions(observations, rules).clusters;
}
