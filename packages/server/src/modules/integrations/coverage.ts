import type { Coverage } from '@muster/api/connectors';
import type { Db } from '../../platform/db/types.ts';
import { presentCells } from './connectors.ts';
import { coverageCounts, sourceCounts } from './store-coverage.ts';
import { lastCount } from './store-trend.ts';
import { allConnectors, latestCells } from './store.ts';

/** The matrix of source and scope, and the figures behind which the rows stand. */
export async function readCoverage(db: Db, now: Date): Promise<Coverage> {
  const connectors = await allConnectors(db);
  const cells = await latestCells(
    db,
    connectors.map((c) => c.id),
  );
  const counts = await coverageCounts(db);
  const sources = await sourceCounts(db);
  const counted = await lastCount(db);
  return {
    connectors: connectors.map((c) => ({
      connector: { id: c.id, label: c.name },
      kind: c.kind,
      enabled: c.enabled,
      everyMinutes: c.every_minutes,
      cells: presentCells(c, cells, now),
    })),
    sources: sources.map((s) => ({
      source: s.source,
      assets: Number(s.assets),
      held: Number(s.held),
      lastReceivedAt: s.last_received_at.toISOString(),
    })),
    managedWithoutAgent: Number(counts.managed_without_agent),
    oneSource: Number(counts.one_source),
    assets: Number(counts.assets),
    network: counted && {
      onlyInNetwork: counted.only_in_network,
      randomised: counted.only_in_network_random,
      countedAt: counted.counted_at.toISOString(),
    },
  };
}
