import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';
import { agentRecent, coveredAssets } from './store-listing.ts';

export interface CoverageCounts {
  assets: string;
  managed_without_agent: string;
  one_source: string;
}

/** Where sources disagree, over all assets that anything reports. */
export async function coverageCounts(db: Db): Promise<CoverageCounts> {
  const { rows } =
    await sql<CoverageCounts>`select count(*) as assets, count(*) filter (where v.managed and not ${agentRecent}) as managed_without_agent,
      count(*) filter (where v.source_count = 1) as one_source
    from ${coveredAssets} v join assets a on a.id = v.asset_id where a.redirected_to is null`.execute(db);
  return rows[0] ?? { assets: '0', managed_without_agent: '0', one_source: '0' };
}

/** What each source sees: assets, and things without one. */
export async function sourceCounts(db: Db): Promise<{ source: string; assets: string; held: string; last_received_at: Date }[]> {
  const { rows } = await sql<{
    source: string;
    assets: string;
    held: string;
    last_received_at: Date;
  }>`select source, count(distinct asset_id) as assets,
    count(*) filter (where asset_id is null) as held, max(last_received_at) as last_received_at from observations group by source order by source`.execute(
    db,
  );
  return rows;
}
