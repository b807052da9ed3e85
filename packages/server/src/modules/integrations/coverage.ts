import type { Coverage } from '@muster/api/connectors';
import type { Db } from '../../platform/db/types.ts';
import { countUnmanaged } from '../inventory/index.ts';
import { presentCells } from './connectors.ts';
import { coverageCounts } from './store-coverage.ts';
import { allConnectors, latestCells } from './store.ts';

/** The matrix of source and scope, and the figures behind which the rows stand. */
export async function readCoverage(db: Db, now: Date): Promise<Coverage> {
  const connectors = await allConnectors(db);
  const cells = await latestCells(
    db,
    connectors.map((c) => c.id),
  );
  const counts = await coverageCounts(db);
  return {
    connectors: connectors.map((c) => ({
      connector: { id: c.id, label: c.name },
      kind: c.kind,
      enabled: c.enabled,
      everyMinutes: c.every_minutes,
      cells: presentCells(c, cells, now),
    })),
    sources: counts.sources.map((s) => ({ ...s, lastReceivedAt: s.lastReceivedAt.toISOString() })),
    managedWithoutAgent: counts.managedWithoutAgent,
    oneSource: counts.oneSource,
    assets: counts.assets,
    unmanaged: await countUnmanaged(db),
  };
}
