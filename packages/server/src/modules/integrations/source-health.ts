import type { ConnectorCell } from '@muster/api/connectors';
import { agentFamilies } from '@muster/api/discovery';
import { type SourceHealth, type SourceReason, type SourceState, sourceStates } from '@muster/api/source-health';
import type { Db } from '../../platform/db/types.ts';
import { presentCells } from './connectors.ts';
import {
  connectorFailures,
  connectorVolumes,
  type FamilyRow,
  familyRows,
  familyVolumes,
  type NetworkRow,
  networkRows,
  networkVolumes,
  type Volume,
  walkVolumes,
} from './store-source-health.ts';
import { allConnectors, type ConnectorRow, latestCells } from './store.ts';
import { dayBefore } from './trend.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** As for the health of an agent. */
const SILENT_DAYS = 3;
/** The scheduler looks every minute, a collector too. */
const OVERDUE_MS = 15 * 60_000;
const VOLUME_DAYS = 7;

export interface Judgement {
  readonly state: SourceState;
  readonly reason: SourceReason;
  readonly detail: string | null;
}
const judged = (state: SourceState, reason: SourceReason, detail: string | null = null): Judgement => ({ state, reason, detail });
const fine = judged('ok', 'as_expected');

/**
 * Agents report daily: a family is failing when most reports of the last 24 hours cannot be processed, late when none came in them or a
 * tenth of its agents is silent for three days.
 */
export function judgeAgents(row: FamilyRow, now: Date): Judgement {
  if (row.failures > 0 && row.failures * 2 > row.reports) return judged('failing', 'reports_fail', `${row.failures} / ${row.reports}`);
  if (row.last_report_at === null) return judged('never', 'not_begun');
  if (row.reports === 0 && now.getTime() - row.last_report_at.getTime() > DAY_MS) return judged('late', 'no_report');
  if (row.silent > 0 && row.silent * 10 >= row.machines) return judged('late', 'agents_silent', `${row.silent} / ${row.machines}`);
  return fine;
}

/** The worst of a connector's listings, its last run and its schedule. */
export function judgeConnector(row: ConnectorRow, cells: readonly ConnectorCell[], now: Date): Judgement {
  if (!row.enabled) return judged('paused', 'switched_off');
  const named = (wanted: (cell: ConnectorCell) => boolean, say: (cell: ConnectorCell) => string): string | null => {
    const found = cells.filter(wanted).map(say);
    return found.length === 0 ? null : found.join('; ');
  };
  const denied = named(
    (c) => c.state === 'denied',
    (c) => `${c.label}: ${c.missingPermission ?? c.message ?? ''}`,
  );
  if (denied !== null) return judged('denied', 'listing_denied', denied);
  const failed = named(
    (c) => c.state === 'failed' || c.state === 'timed_out' || c.state === 'throttled',
    (c) => `${c.label}: ${c.message ?? c.state}`,
  );
  if (failed !== null) return judged('failing', 'listing_failed', failed);
  if (row.last_state === 'failed') return judged('failing', 'run_failed');
  if (row.next_run_at !== null && now.getTime() - row.next_run_at.getTime() > OVERDUE_MS) return judged('late', 'run_overdue');
  if (row.last_run_at === null) return judged('never', 'not_begun');
  const stale = named(
    (c) => c.state === 'stale',
    (c) => c.label,
  );
  return stale === null ? fine : judged('late', 'listing_stale', stale);
}

/** A network is late when its run is overdue or waits for a collector that does not come. */
export function judgeNetwork(row: NetworkRow, now: Date): Judgement {
  const since = (at: Date | null): number => (at === null ? 0 : now.getTime() - at.getTime());
  if (!row.enabled) return judged('paused', 'switched_off');
  if (row.last_state === 'failed') return judged('failing', 'run_failed');
  if (row.last_state === 'queued' && since(row.last_requested_at) > OVERDUE_MS) return judged('late', 'run_waits', row.collector);
  if (row.last_state !== 'running' && row.last_state !== 'queued' && since(row.next_run_at) > OVERDUE_MS)
    return judged('late', 'run_overdue', row.collector);
  return row.last_state === null ? judged('never', 'not_begun') : fine;
}

/** Every source of observations, the worst first. */
export async function readSourceHealth(db: Db, now: Date): Promise<{ items: SourceHealth[] }> {
  const items = [...(await agents(db, now)), ...(await connectors(db, now)), ...(await networks(db, now)), ...(await uploads(db, now))];
  const rank = (item: SourceHealth): number => sourceStates.indexOf(item.state);
  return { items: items.toSorted((a, b) => rank(a) - rank(b) || (a.label < b.label ? -1 : 1)) };
}

/** Seven days with nothing left out. */
function week(volumes: readonly Volume[], key: string, now: Date): SourceHealth['volume'] {
  const mine = new Map(volumes.filter((v) => v.key === key).map((v) => [v.day, v.count]));
  return Array.from({ length: VOLUME_DAYS }, (_, i) => dayBefore(now, VOLUME_DAYS - 1 - i)).map((day) => ({
    day,
    count: mine.get(day) ?? 0,
  }));
}
const from = (now: Date): string => dayBefore(now, VOLUME_DAYS - 1);
const instant = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;

async function agents(db: Db, now: Date): Promise<SourceHealth[]> {
  // A collector's scans are told by network.
  const families = agentFamilies.filter((family) => family !== 'collector');
  const rows = await familyRows(db, families, new Date(now.getTime() - SILENT_DAYS * DAY_MS), new Date(now.getTime() - DAY_MS));
  const volumes = await familyVolumes(db, families, from(now), dayBefore(now, 0));
  return rows.map((row) => ({
    id: `agents:${row.family}`,
    kind: 'agents',
    source: row.family,
    label: row.family,
    by: null,
    ...judgeAgents(row, now),
    things: row.machines,
    lastOkAt: instant(row.last_report_at),
    lastErrorAt: instant(row.last_error_at),
    lastError: row.last_error,
    nextAt: null,
    volume: week(volumes, row.family, now),
    recordId: null,
  }));
}

async function connectors(db: Db, now: Date): Promise<SourceHealth[]> {
  const rows = await allConnectors(db);
  const cells = await latestCells(
    db,
    rows.map((row) => row.id),
  );
  const failures = new Map((await connectorFailures(db)).map((f) => [f.connector_id, f]));
  const volumes = await connectorVolumes(db, from(now));
  return rows.map((row) => ({
    id: `connector:${row.id}`,
    kind: 'connector',
    source: row.kind,
    label: row.name,
    by: null,
    ...judgeConnector(row, presentCells(row, cells, now), now),
    things: row.last_devices,
    lastOkAt: instant(row.last_ok_at),
    lastErrorAt: instant(failures.get(row.id)?.finished_at),
    lastError: failures.get(row.id)?.message ?? null,
    nextAt: row.enabled ? instant(row.next_run_at) : null,
    volume: week(volumes, row.id, now),
    recordId: row.id,
  }));
}

async function networks(db: Db, now: Date): Promise<SourceHealth[]> {
  const rows = await networkRows(db);
  const volumes = rows.length === 0 ? [] : await networkVolumes(db, from(now));
  return rows.map((row) => ({
    id: `network:${row.id}`,
    kind: 'network',
    source: null,
    label: row.name,
    by: row.collector,
    ...judgeNetwork(row, now),
    things: row.last_up,
    lastOkAt: instant(row.last_ok_at),
    lastErrorAt: instant(row.last_error_at),
    lastError: row.last_error,
    nextAt: row.enabled ? instant(row.next_run_at) : null,
    volume: week(volumes, row.id, now),
    recordId: row.id,
  }));
}

/** Uploads have no schedule: nobody waits for the next one. */
async function uploads(db: Db, now: Date): Promise<SourceHealth[]> {
  const volumes = await walkVolumes(db, from(now));
  if (volumes.length === 0) return [];
  const last = volumes.map((v) => v.last_at.getTime()).toSorted((a, b) => b - a)[0] ?? 0;
  return [
    {
      id: 'upload:snmp',
      kind: 'upload',
      source: 'snmp',
      label: 'snmp',
      by: null,
      ...fine,
      things: null,
      lastOkAt: new Date(last).toISOString(),
      lastErrorAt: null,
      lastError: null,
      nextAt: null,
      volume: week(volumes, 'snmp', now),
      recordId: null,
    },
  ];
}
