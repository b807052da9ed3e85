import { bare } from './compare.ts';
import { type Candidate, decide, type Decision, type Doubt, forkNames } from './decide.ts';
import type { Cluster } from './diff-clusters.ts';
import { type IdentityKey, type KeyKind, sortKeys } from './keys.ts';

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
  cluster: ClusterState | null;
  keys: readonly IdentityKey[];
  readonly hasAgent: boolean;
  readonly byHand: boolean;
  doubts: readonly Doubt[];
}

interface ClusterState {
  readonly id: string;
  readonly members: Member[];
}

/** The kinds that lead to a cluster by their value. */
const leading: ReadonlySet<KeyKind> = new Set([
  'agent_id',
  'instance_id',
  'serial',
  'enclosure_serial',
  'board_serial',
  'member_serial',
  'uuid',
  'imei',
  'udid',
  'asset_tag',
  'mac',
  'fqdn',
]);
const id = (k: { kind: string; value: string }): string => `${k.kind} ${k.value}`;
/** Serial numbers of all types meet without their maker: sources take one for the other. */
const entry = (k: IdentityKey): string => (k.kind.endsWith('serial') ? bare(k.value) : k.value);
const leads = (k: IdentityKey): boolean =>
  leading.has(k.kind) && (k.quality === 'good' || (k.quality === 'weak' && (k.kind === 'serial' || k.kind === 'fqdn')));
const sameKeys = (a: readonly IdentityKey[], b: readonly IdentityKey[]): boolean =>
  a.length === b.length && a.every((k, i) => k.kind === b[i]?.kind && k.value === b[i].value && k.quality === b[i].quality);

/** How many clusters one value may lead to: a value on more of them decides nothing. */
const mostPerValue = 8;

/** How many copies of one machine are told from a new adapter at a time. */
const mostDoubts = 4;

/** The index from values to clusters: one map per kind, because one map cannot hold the keys of a million machines. */
class KeyIndex {
  readonly #maps = new Map<string, Map<string, ClusterState | ClusterState[]>>();

  #map(kind: KeyKind): Map<string, ClusterState | ClusterState[]> {
    const name = kind.endsWith('serial') ? 'serial' : kind;
    const found = this.#maps.get(name) ?? new Map<string, ClusterState | ClusterState[]>();
    this.#maps.set(name, found);
    return found;
  }

  find(k: IdentityKey): readonly ClusterState[] {
    const found = this.#map(k.kind).get(entry(k));
    return found === undefined ? [] : Array.isArray(found) ? found : [found];
  }

  add(k: IdentityKey, cluster: ClusterState): void {
    const there = this.find(k);
    if (there.includes(cluster) || there.length >= mostPerValue) return;
    this.#map(k.kind).set(entry(k), there.length === 0 ? cluster : [...there, cluster]);
  }

  remove(k: IdentityKey, cluster: ClusterState): void {
    const left = this.find(k).filter((c) => c !== cluster);
    if (left.length === 0) this.#map(k.kind).delete(entry(k));
    else this.#map(k.kind).set(entry(k), left.length === 1 ? (left[0] as ClusterState) : left);
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

  constructor(rules: ResolverRules) {
    this.#rules = rules;
  }

  readonly resolve = (observation: Observation): Resolution => {
    const known = this.#known(observation);
    const keys = sortKeys(known && observation.partial ? keepAbsentKinds(known.keys, observation.keys) : observation.keys);
    if (known?.cluster && sameKeys(known.keys, keys)) {
      if (known.doubts.length > 0) known.doubts = known.doubts.map((d) => ({ ...d, refuted: true }));
      return { decision: unchanged(known.cluster.id), clusterId: known.cluster.id, member: known.name };
    }
    const decision = this.#rules.decide(
      { keys: this.#demoted(keys), partial: observation.partial, hasAgent: observation.hasAgent ?? true },
      this.#candidates(keys, known),
    );
    for (const k of decision.shared) this.#shared.add(id(k));
    if (decision.rule === 'addresses_changed' && known) return this.#doubt(observation, known, keys, decision);
    const cluster = decision.outcome === 'hold' ? null : (this.#byId(decision.assetId) ?? this.#open());
    const member = known && !decision.forked ? known : this.#remember(observation, keys, known);
    if (member === known) this.#clearDoubts(observation, member, keys);
    this.#settle(member, cluster, keys);
    return { decision, clusterId: cluster?.id ?? null, member: member.name };
  };

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
      cluster: null,
      keys: [],
      hasAgent: observation.hasAgent ?? true,
      byHand: observation.byHand ?? false,
      doubts: [],
    };
    this.#members.set(name, member);
    return member;
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

  #candidates(keys: readonly IdentityKey[], known: Member | null): Candidate[] {
    const found = new Set<ClusterState>(known?.cluster ? [known.cluster] : []);
    for (const k of keys) if (leads(k) && !this.#shared.has(id(k))) for (const c of this.#index.find(k)) found.add(c);
    return [...found].map((c) => ({
      assetId: c.id,
      keys: this.#demoted(c.members.length === 1 ? (c.members[0] as Member).keys : c.members.flatMap((m) => m.keys)),
      sameNativeId: c === known?.cluster,
      doubts: c === known?.cluster ? known.doubts : [],
      observed: c.members.some((m) => !m.byHand),
      hasAgent: c.members.some((m) => m.hasAgent && !m.byHand),
    }));
  }

  #demoted(keys: readonly IdentityKey[]): readonly IdentityKey[] {
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

/**
 * Folds observations into clusters, one decision at a time, as the server does it with its tables: in memory, without a clock, and the same
 * observations in the same order always give the same clusters. A steady observation costs one look-up.
 */
export function createResolver(rules: ResolverRules = { decide }): Resolver {
  return new MemoryResolver(rules);
}

/** Runs stored observations through other rules; `diffClusters` of two replays tells what would change. */
export function replay(observations: Iterable<Observation>, rules: ResolverRules = { decide }): Cluster[] {
  const resolver = createResolver(rules);
  for (const observation of observations) resolver.resolve(observation);
  return resolver.clusters();
}
