/** One machine as a set of rules sees it: the observations, named by source and native id, that are about it. */
export interface Cluster {
  readonly id: string;
  readonly members: readonly string[];
}

/** What would become of clusters under other rules or lists. Members that one side lacks are left out of account. */
export interface ClusterChange {
  /** `joined`: several before are one; `split`: one is several; `regrouped`: both at once. */
  readonly kind: 'joined' | 'split' | 'regrouped';
  /** Ids of the clusters before that take part. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly members: readonly string[];
}

/** The clusters that would change, each group of entangled ones once, in the order of their first member before. Ids play no part. */
export function diffClusters(before: readonly Cluster[], after: readonly Cluster[]): ClusterChange[] {
  const afterOf = new Map(after.flatMap((c) => c.members.map((m) => [m, c] as const)));
  const beforeOf = new Map(before.flatMap((c) => c.members.map((m) => [m, c] as const)));
  const done = new Set<Cluster>();
  const changes: ClusterChange[] = [];
  for (const start of before) {
    if (done.has(start)) continue;
    const olds = new Set([start]);
    const news = new Set<Cluster>();
    // Both sets grow while they are walked, until no member leads outside.
    for (const old of olds) {
      for (const member of old.members) {
        const now = afterOf.get(member);
        if (now === undefined || news.has(now)) continue;
        news.add(now);
        for (const other of now.members) {
          const was = beforeOf.get(other);
          if (was !== undefined) olds.add(was);
        }
      }
    }
    for (const old of olds) done.add(old);
    const kept = [...olds].filter((c) => c.members.some((m) => afterOf.has(m)));
    if (kept.length <= 1 && news.size <= 1) continue;
    changes.push({
      kind: news.size === 1 ? 'joined' : kept.length === 1 ? 'split' : 'regrouped',
      before: kept.map((c) => c.id),
      after: [...news].map((c) => c.id),
      members: kept.flatMap((c) => c.members.filter((m) => afterOf.has(m))),
    });
  }
  return changes;
}
