import { type ConnectorCell, type CoverageTrend, mostTrendDays } from '@muster/api/connectors';
import type { Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { countUnmanaged } from '../inventory/index.ts';
import { presentCells } from './connectors.ts';
import { coverageCounts } from './store-coverage.ts';
import {
  cellDaysSince,
  closeSourceDay,
  daysSince,
  removeDaysBefore,
  saveCellDays,
  saveDay,
  saveSourceDays,
  sourceDaysSince,
} from './store-trend.ts';
import { allConnectors, latestCells } from './store.ts';

const DAY_MS = 86_400_000;
/** The day of UTC that lies so many days before. */
export const dayBefore = (now: Date, days: number): string => new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);

/** Counts coverage now and keeps it as that of the day: figures, sources, listings. Twice on a day, the later count stays. */
export async function countCoverage(platform: Platform): Promise<void> {
  const { db } = platform;
  const now = platform.now();
  const [today, yesterday] = [dayBefore(now, 0), dayBefore(now, 1)];
  const [counts, network] = [await coverageCounts(db), await countUnmanaged(db)];
  const connectors = await allConnectors(db);
  const latest = await latestCells(
    db,
    connectors.map((c) => c.id),
  );
  const cells = connectors.flatMap((c) =>
    presentCells(c, latest, now).map(({ scope, state, rows, missing }) => ({ connector_id: c.id, scope, state, rows, missing })),
  );
  await inTx(db, async (tx) => {
    await saveDay(tx, today, now, {
      assets: counts.assets,
      managed_without_agent: counts.managedWithoutAgent,
      one_source: counts.oneSource,
      only_in_network: network.hosts,
      only_in_network_random: network.random,
    });
    await saveSourceDays(
      tx,
      today,
      counts.sources.map(({ source, assets, held }) => ({ source, assets, held })),
    );
    if (now.getUTCHours() === 0) await closeSourceDay(tx, yesterday);
    await saveCellDays(tx, today, cells);
    await removeDaysBefore(tx, dayBefore(now, mostTrendDays));
  });
}

export const coverageJob: JobKind<unknown> = {
  kind: 'integrations.coverage',
  cron: '7 * * * *',
  quiet: true,
  handler: async ({ platform }) => {
    await countCoverage(platform);
  },
};

/** Coverage of the last days, the running one included. */
export async function readTrend(db: Db, now: Date, days: number): Promise<CoverageTrend> {
  const since = dayBefore(now, days - 1);
  const figures = await daysSince(db, since);
  const sources = Map.groupBy(await sourceDaysSince(db, since), (row) => row.source);
  const cells = Map.groupBy(await cellDaysSince(db, since), (row) => `${row.connector_id} ${row.scope}`);
  return {
    countedAt: figures.at(-1)?.counted_at.toISOString() ?? null,
    days: figures.map((d) => ({
      day: d.day,
      assets: d.assets,
      managedWithoutAgent: d.managed_without_agent,
      oneSource: d.one_source,
      onlyInNetwork: d.only_in_network,
    })),
    sources: [...sources].map(([source, rows]) => ({
      source,
      days: rows.map(({ day, assets, held, reports, failures }) => ({ day, assets, held, reports, failures })),
    })),
    cells: [...cells.values()].map((rows) => ({
      connectorId: rows[0]?.connector_id ?? '',
      scope: rows[0]?.scope ?? '',
      days: rows.map(({ day, state, rows: listed, missing }) => ({ day, state: state as ConnectorCell['state'], rows: listed, missing })),
    })),
  };
}
