import { setImmediate as turn } from 'node:timers/promises';
import { connectorSources } from '@muster/api/connector-kinds';
import { decodeReport, type Limits, type Report, scanMessageOf } from '@muster/protocols';
import type { Db, Tx } from '../../platform/db/types.ts';
import { type Fork, type IngestItem, type IngestResult, ingestReports, tellFork } from '../inventory/index.ts';
import { noteScanWords, type ScanWord } from './agent-scans.ts';
import { clockSkew, missingSections } from './health.ts';
import { decodeHost } from './scanned-host.ts';
import { type AgentHealth, noteHealth } from './store-agents.ts';
import {
  type ClaimedRow,
  claimedRows,
  countAttempt,
  joinByIndex,
  lockDevices,
  type PendingRow,
  pendingRows,
  releaseHeld,
  savepoint,
  type Result,
  setForceFull,
  writeResults,
} from './store-inbox.ts';

export interface ProcessOptions {
  readonly limits: Limits;
  readonly now: () => Date;
  /** After the process died over a report: one at a time, each attempt counted before it starts. */
  readonly careful?: boolean;
}

const MOST_ROWS = 60;
/** Inflated bytes decoded at once; a larger report is processed alone. */
const MOST_BYTES = 3 * 1024 * 1024;
const MOST_ATTEMPTS = 3;
const PAGES = 5;

interface Decoded {
  readonly row: ClaimedRow;
  readonly report: Report | null;
}

/**
 * Processes the next batch of the inbox in one transaction: reports, results and what the agents are told next commit together, so a
 * crash at any moment leaves them either pending or done. Returns how many were looked at; 0 when nothing can be done now.
 */
export async function processBatch(db: Db, options: ProcessOptions): Promise<number> {
  if (options.careful && !(await countNext(db, options))) return 1;
  const { count, forks } = await db.transaction().execute(async (tx) => {
    const rows = await claim(tx, options);
    if (rows.length > 0) await joinByIndex(tx);
    return { count: rows.length, forks: await settle(tx, rows, options) };
  });
  // Rare, and alone with identity: nothing of the batch is held meanwhile.
  for (const fork of forks) await tellFork(db, fork, options.now());
  return count;
}

/** Counts the attempt of the next report before it starts. False when it had its attempts: it is given up instead. */
async function countNext(db: Db, options: ProcessOptions): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const row = (await claim(tx, options))[0];
    if (!row) return true;
    if (row.attempts >= MOST_ATTEMPTS)
      await writeResults(tx, [failed(row, 'The worker ended each time it processed this report.', [], null)], options.now());
    else await countAttempt(tx, row.id);
    return row.attempts < MOST_ATTEMPTS;
  });
}

/** Locks machines that have pending reports and reads theirs, within the limits of a batch. */
async function claim(tx: Tx, options: ProcessOptions): Promise<ClaimedRow[]> {
  const most = options.careful ? 1 : MOST_ROWS;
  let after = '0';
  for (let page = 0; page < PAGES; page++) {
    const candidates = withinBytes(await pendingRows(tx, after, most, options.now()));
    const last = candidates.at(-1);
    if (!last) return [];
    const locked = await lockDevices(tx, [...new Set(candidates.map((c) => c.device_key))]);
    if (locked.size > 0) {
      const rows = await claimedRows(tx, [...locked], last.id, most, options.now());
      const ready = inOrder(rows);
      if (ready.length > 0) return ready;
    }
    after = last.id;
  }
  return [];
}

function withinBytes(candidates: PendingRow[]): PendingRow[] {
  let bytes = 0;
  const kept: PendingRow[] = [];
  for (const candidate of candidates) {
    bytes += candidate.inflated_bytes;
    if (kept.length > 0 && bytes > MOST_BYTES) break;
    kept.push(candidate);
  }
  return kept;
}

/** Leaves out what comes after a report of the same machine that waits for its next attempt, and what exceeds the batch's bytes. */
function inOrder(rows: ClaimedRow[]): ClaimedRow[] {
  const waiting = new Set<string>();
  const kept: ClaimedRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += row.inflated_bytes;
    if (kept.length > 0 && bytes > MOST_BYTES) break;
    if (row.waits) waiting.add(row.device_key);
    if (!waiting.has(row.device_key)) kept.push(row);
  }
  return kept;
}

/** Answers which observations may be of a clone. */
async function settle(tx: Tx, rows: readonly ClaimedRow[], options: ProcessOptions): Promise<Fork[]> {
  const decoded: Decoded[] = [];
  for (const row of rows) {
    decoded.push({ row, report: row.body === null ? null : decode(row, row.body, options.limits) });
    // Another batch of this thread may wait for nothing but its turn to send the next statement.
    await turn();
  }
  const results = new Map<string, Result>();
  const wanted: Decoded[] = [];
  for (const one of decoded) {
    const ready = withoutIngest(one);
    if (ready) results.set(one.row.id, ready);
    else wanted.push(one);
  }
  const forks = await ingest(tx, wanted, results, options);
  await writeResults(tx, [...results.values()], options.now());
  await tellAgents(tx, decoded, results);
  await noteScanWords(tx, scanWords(decoded, results), options.now());
  return forks;
}

/** What the processed reports say about the scans that the server asked for. */
function scanWords(decoded: readonly Decoded[], results: ReadonlyMap<string, Result>): ScanWord[] {
  return decoded.flatMap(({ row, report }) => {
    const message = report === null || results.get(row.id)?.state === 'pending' ? null : scanMessageOf(report);
    return message === null ? [] : [{ agentKey: row.device_key, reportId: row.report_id, message }];
  });
}

const decode = (row: ClaimedRow, body: Buffer, limits: Limits): Report =>
  row.kind === 'netscan' ? decodeHost(body, limits) : decodeReport(body, headersOf(row), limits);

const headersOf = (row: ClaimedRow) => ({ contentType: row.content_type, userAgent: row.user_agent, agentId: row.agent_id });

const ingested: ReadonlySet<string> = new Set(['inventory', 'netdiscovery', 'netinventory']);

/** What nothing could be read of: kept in the inbox, with the reason. */
function withoutIngest({ row, report }: Decoded): Result | null {
  if (report === null) return failed(row, 'The body is no longer there.', [], null);
  if (!ingested.has(report.kind)) return failed(row, 'unreadable', report.warnings, report.partial);
  const empty = Object.keys(report.sections).length === 0;
  // Seen, and nothing could be asked of it: kept, and no asset.
  if (empty && row.kind === 'netscan')
    return { ...blank, id: row.id, state: 'held', warnings: report.warnings, partial: report.partial, attempts: row.attempts };
  if (empty) return failed(row, 'Nothing in it could be read.', report.warnings, report.partial);
  if (report.kind !== 'inventory' && Object.keys(report.sections).every((name) => ofTheScan.has(name)))
    return { ...blank, id: row.id, state: 'done', warnings: report.warnings, partial: report.partial, attempts: row.attempts };
  return null;
}

/** An agent's message that its scan started, goes on or ended has these sections only: there is nothing to place, and it is done. */
const ofTheScan: ReadonlySet<string> = new Set(['agent', 'processnumber', 'moduleversion']);

const blank = { outcome: null, observationId: null, assetId: null, notBefore: null, error: null } as const;

function failed(row: ClaimedRow, error: string, warnings: Report['warnings'], partial: boolean | null): Result {
  return { ...blank, id: row.id, state: 'failed', error, warnings, partial, attempts: row.attempts + 1 };
}

/** All together; when that fails, one by one, so that a poisoned report blocks nobody else. */
async function ingest(tx: Tx, wanted: readonly Decoded[], results: Map<string, Result>, options: ProcessOptions): Promise<Fork[]> {
  if (wanted.length === 0) return [];
  const together = await attempt(tx, () => ingestReports(tx, wanted.map(itemOf)));
  if (together.ok) {
    take(wanted, together.value, results);
    return together.value.flatMap((answer) => answer.fork ?? []);
  }
  const forks: Fork[] = [];
  const stuck = new Set<string>();
  for (const one of wanted) {
    if (stuck.has(one.row.device_key)) continue;
    const alone = await attempt(tx, () => ingestReports(tx, [itemOf(one)]));
    if (alone.ok) {
      take([one], alone.value, results);
      forks.push(...alone.value.flatMap((answer) => answer.fork ?? []));
      continue;
    }
    // Later reports of this machine wait until this one is done or given up, so that nothing old overwrites something new.
    const result = retryOrFail(one, alone.error, options.now());
    if (result.state === 'pending') stuck.add(one.row.device_key);
    results.set(one.row.id, result);
  }
  return forks;
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** Conditions that pass by themselves: the whole batch is tried again, and no report is blamed. */
const passing = new Set(['40001', '40P01', '55P03', '57014', '57P01', '57P02', '57P03', '53300']);

async function attempt<T>(tx: Tx, work: () => Promise<T>): Promise<Attempt<T>> {
  const point = await savepoint(tx);
  try {
    const value = await work();
    await point.release();
    return { ok: true, value };
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== undefined && (passing.has(code) || code.startsWith('08') || code.startsWith('ECONN'))) throw error;
    await point.rollBack();
    return { ok: false, error };
  }
}

function itemOf({ row, report }: Decoded): IngestItem {
  const known = report as Report;
  return {
    reportId: row.report_id,
    receivedAt: row.received_at,
    report: known,
    source: row.family === 'collector' ? collectorSource(known) : (sourceOf(row.family) ?? sourceOf(known.family) ?? 'fusioninventory'),
    deviceKey: row.device_key,
  };
}

/** The source is the family that the inbox noted, which orders the machine's reports; a damaged body shows its family only when it is read. */
const sourceOf = (family: string): IngestItem['source'] | null =>
  ['glpi', 'fusioninventory', 'ocs', 'osquery', ...connectorSources].includes(family) ? family : null;

/** A collector says how it read the machine. */
const collectorSource = ({ family }: Report): IngestItem['source'] => (family === 'ssh' || family === 'winrm' ? family : 'snmp');

function take(wanted: readonly Decoded[], answers: readonly IngestResult[], results: Map<string, Result>): void {
  const byReport = new Map(answers.map((a) => [a.reportId, a]));
  for (const { row, report } of wanted) {
    const answer = byReport.get(row.report_id);
    if (!answer) throw new Error(`Ingest answered nothing for report ${row.report_id}`);
    const state = answer.outcome === 'held' ? 'held' : answer.outcome === 'ignored' ? 'ignored' : 'done';
    const warnings = [...(report?.warnings ?? []), ...answer.warnings];
    results.set(row.id, {
      ...blank,
      id: row.id,
      state,
      outcome: answer.outcome,
      observationId: answer.observationId,
      assetId: answer.assetId,
      partial: report?.partial ?? null,
      warnings,
      attempts: row.attempts,
    });
  }
}

function retryOrFail({ row, report }: Decoded, error: unknown, now: Date): Result {
  const attempts = row.attempts + 1;
  const message = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '').slice(0, 1000);
  const base = { ...blank, id: row.id, partial: report?.partial ?? null, warnings: report?.warnings ?? [], attempts, error: message };
  if (attempts >= MOST_ATTEMPTS) return { ...base, state: 'failed' };
  return { ...base, state: 'pending', notBefore: new Date(now.getTime() + 1000 * 5 ** (attempts - 1)) };
}

/** The agent believes to have sent what was lost or cannot be placed: it is asked for everything at its next contact. */
const lost = new Set(['truncated_body', 'damaged_body', 'section_incomplete']);

async function tellAgents(tx: Tx, decoded: readonly Decoded[], results: ReadonlyMap<string, Result>): Promise<void> {
  const sendAll = new Map<string, boolean>();
  const health: AgentHealth[] = [];
  const full: { deviceKey: string; id: string; observationId: string | null; assetId: string | null }[] = [];
  for (const { row, report } of decoded) {
    const result = results.get(row.id);
    if (!result || result.state === 'pending' || report === null || report.kind !== 'inventory') continue;
    if (result.state === 'done' && result.observationId !== null)
      health.push({
        deviceKey: row.device_key,
        observationId: result.observationId,
        missing: report.partial ? null : missingSections(report),
        clockSkew: clockSkew(report, row.received_at),
      });
    if (result.state === 'held' || result.state === 'failed' || report.warnings.some((w) => lost.has(w.code)))
      sendAll.set(row.device_key, true);
    else if (!report.partial && result.state === 'done') {
      sendAll.set(row.device_key, false);
      full.push({ deviceKey: row.device_key, id: row.id, observationId: result.observationId, assetId: result.assetId });
    }
  }
  await releaseHeld(tx, full);
  // Of several reports of one machine the last full one says what is missing.
  await noteHealth(tx, merged(health));
  await setForceFull(
    tx,
    [...sendAll].filter(([, all]) => all).map(([key]) => key),
    true,
  );
  await setForceFull(
    tx,
    [...sendAll].filter(([, all]) => !all).map(([key]) => key),
    false,
  );
}

function merged(health: readonly AgentHealth[]): AgentHealth[] {
  const byKey = new Map<string, AgentHealth>();
  for (const h of health) {
    const before = byKey.get(h.deviceKey);
    byKey.set(h.deviceKey, { ...h, missing: h.missing ?? before?.missing ?? null, clockSkew: h.clockSkew ?? before?.clockSkew ?? null });
  }
  return [...byKey.values()];
}
