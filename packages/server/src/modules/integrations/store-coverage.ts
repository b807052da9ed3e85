import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';
import { agentRecent, isManaged } from './store-listing.ts';

export interface SourceCount {
  source: string;
  assets: number;
  /** Seen by it and without an asset. */
  held: number;
  lastReceivedAt: Date;
}

export interface CoverageCounts {
  assets: number;
  managedWithoutAgent: number;
  oneSource: number;
  sources: SourceCount[];
}

/**
 * Where sources disagree, over all assets that anything reports, and what each source sees. One pass over a row an asset, the rows and the
 * conditions of the list of covered assets, so that a figure is the length of the list it leads to.
 */
export async function coverageCounts(db: Db): Promise<CoverageCounts> {
  const { rows: groups } = await sql<{ sources: string; source_count: number; assets: string; without_agent: string }>`
    select v.sources, v.source_count, count(*) as assets, count(*) filter (where ${isManaged} and not ${agentRecent}) as without_agent
    from asset_sources v group by v.sources, v.source_count`.execute(db);
  const { rows: heard } = await sql<{ source: string; held: string; last_received_at: Date }>`
    with waiting as (select source, count(*) as held from observations where asset_id is null group by source)
    select h.source, coalesce(w.held, 0) as held, h.last_received_at from sources_heard h left join waiting w on w.source = h.source order by h.source`.execute(
    db,
  );
  const sum = (of: (g: (typeof groups)[number]) => number): number => groups.reduce((n, g) => n + of(g), 0);
  return {
    assets: sum((g) => Number(g.assets)),
    managedWithoutAgent: sum((g) => Number(g.without_agent)),
    oneSource: sum((g) => (g.source_count === 1 ? Number(g.assets) : 0)),
    sources: heard.map((h) => ({
      source: h.source,
      assets: sum((g) => (g.sources.split(', ').includes(h.source) ? Number(g.assets) : 0)),
      held: Number(h.held),
      lastReceivedAt: h.last_received_at,
    })),
  };
}
