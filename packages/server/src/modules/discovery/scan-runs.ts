import { createHash } from 'node:crypto';
import type { HostResult, ScanEnd, ScanProgress, ScanWork } from '@muster/api/collector';
import { Problem } from '@muster/api/errors';
import { parseIp } from '@muster/api/ip-ranges';
import type { ScanRun, ScanRunState } from '@muster/api/scans';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import type { UsableKey } from '../access/index.ts';
import { noteSightings } from '../inventory/index.ts';
import { openSecret } from './credential-sets.ts';
import { mustFindRange } from './scan-ranges.ts';
import { plain, readWarnings } from './scanned-host.ts';
import { credentialsByIds } from './store-credentials.ts';
import { hostKeysOf, noteHostKey } from './store-host-keys.ts';
import { insertDeliveries } from './store-inbox.ts';
import {
  appendLog,
  endRun,
  insertResult,
  insertRun,
  lockRun,
  logOf,
  noteProgress,
  resultOf,
  resultsOf,
  runById,
  type RunRow,
  takeRuns,
} from './store-scan-runs.ts';

/** A run with its log and the hosts it found. Problem `not_found`. */
export async function readScanRun(db: Db, id: string): Promise<ScanRun> {
  const row = await runById(db, id);
  if (!row) throw new Problem('not_found', 'There is no such scan.');
  const [log, hosts] = await Promise.all([logOf(db, id), resultsOf(db, id)]);
  return {
    id: row.id,
    range: { id: row.range_id, label: row.range_name },
    state: row.state,
    requestedAt: row.requested_at.toISOString(),
    requestedBy: row.requested_by,
    startedAt: row.started_at?.toISOString() ?? null,
    lastHeardAt: row.last_heard_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    total: row.total,
    probed: row.probed,
    up: row.up,
    walked: row.walked,
    results: row.results,
    message: row.message,
    log: log.map((line) => ({ ...line, at: line.at.toISOString() })),
    hosts: hosts.map((h) => ({ address: h.address, reportId: h.report_id, name: h.name, values: h.value_count, missing: h.missing_count })),
  };
}

/** Asks for a run of the network; it waits for the collector. Problems `not_found`, and `conflict` while another one is open. */
export async function requestScan(platform: Platform, actor: Actor, rangeId: string): Promise<string> {
  return inTx(platform.db, async (tx) => {
    const range = await mustFindRange(tx, rangeId);
    if (range.open_run_id !== null) throw new Problem('conflict', `“${range.name}” is being scanned already, or waits for its collector.`);
    const id = newId();
    await insertRun(tx, id, rangeId, actor.label, platform.now());
    await audit(tx, actor, {
      action: 'scan_run.requested',
      resource: 'scan-runs',
      resourceId: id,
      summary: `Asked for a scan of “${range.name}”`,
      after: { rangeId },
    });
    return id;
  });
}

/** Stops an open run; the collector hears of it at its next message. */
export async function cancelRun(platform: Platform, actor: Actor, id: string): Promise<ScanRun> {
  return inTx(platform.db, async (tx) => {
    const run = await lockRun(tx, id);
    if (!run) throw new Problem('not_found', 'There is no such scan.');
    if (!(await endRun(tx, id, 'cancelled', `Stopped by ${actor.label}.`, platform.now())))
      throw new Problem('conflict', 'The scan has ended already.');
    await audit(tx, actor, {
      action: 'scan_run.cancelled',
      resource: 'scan-runs',
      resourceId: id,
      summary: `Stopped a scan of “${run.range_name}”`,
      before: { state: run.state },
      after: { state: 'cancelled' },
    });
    return readScanRun(tx, id);
  });
}

export const collectorActor = (key: UsableKey): Actor => ({
  kind: 'agent',
  id: key.id,
  label: key.name,
  userId: null,
  personId: null,
  grants: [],
});

/** The collector's open runs with what is needed to do them. Giving out credentials is in the audit log. */
export async function workFor(platform: Platform, key: UsableKey, ip: string): Promise<ScanWork[]> {
  return inTx(platform.db, async (tx) => {
    const works: ScanWork[] = [];
    for (const { id, range_id } of await takeRuns(tx, key.id, platform.now())) {
      const range = await mustFindRange(tx, range_id);
      const credentials = await credentialsByIds(tx, range.credential_ids);
      works.push({
        runId: id,
        rangeId: range_id,
        name: range.name,
        ranges: range.ranges,
        excluded: range.excluded,
        ...range.limits,
        credentials: credentials.map((row) => ({ id: row.id, name: row.name, secret: openSecret(platform, row) })),
        hostKeys: await hostKeysOf(tx, range_id),
      });
      await audit(
        tx,
        { ...collectorActor(key), ip },
        {
          action: 'scan_run.taken',
          resource: 'scan-runs',
          resourceId: id,
          summary: `The collector ${key.name} took a scan of “${range.name}”`,
          after: { credentialSets: credentials.map((row) => row.name) },
        },
      );
    }
    return works;
  });
}

/** A run of another collector is answered like one that is not there. */
async function ownRun(tx: Tx, key: UsableKey, id: string): Promise<RunRow> {
  const run = await lockRun(tx, id);
  if (!run || run.collector_id !== key.id) throw new Problem('not_found', 'There is no such scan for this collector.');
  return run;
}

export interface HostDelivery {
  readonly result: HostResult;
  /** As it came, and its inflated length. */
  readonly body: Buffer;
  readonly inflatedBytes: number;
  readonly contentType: string | null;
  readonly userAgent: string | null;
  readonly ip: string;
}

/**
 * Keeps what was found at one address as a report, once per run and address: delivered again it answers with the report that is there.
 * A result that comes after the end is kept too, because the buffer of a collector may be late.
 */
export async function storeHost(
  platform: Platform,
  key: UsableKey,
  runId: string,
  delivery: HostDelivery,
): Promise<{ reportId: string; stored: boolean; state: ScanRunState }> {
  const { result } = delivery;
  if (parseIp(result.address) === null || result.runId !== runId)
    throw new Problem('validation_failed', undefined, {
      errors: [{ field: 'body.address', code: 'mismatch', message: 'The result names no address, or another run.' }],
    });
  return inTx(platform.db, async (tx) => {
    const run = await ownRun(tx, key, runId);
    const known = await resultOf(tx, runId, result.address);
    if (known !== null) return { reportId: known, stored: false, state: run.state };
    const reportId = newId();
    const now = platform.now();
    await insertDeliveries(tx, [
      {
        reportId,
        receivedAt: now,
        enrolmentKeyId: key.id,
        family: 'collector',
        kind: 'netscan',
        deviceKey: `collector:${run.range_id}:${result.address}`,
        deviceId: result.address,
        bodyHash: createHash('sha256').update(delivery.body).digest(),
        body: delivery.body,
        inflatedBytes: delivery.inflatedBytes,
        contentType: delivery.contentType,
        userAgent: delivery.userAgent,
        agentId: null,
        agentVersion: result.collector.version,
        ip: delivery.ip,
        // An address alone makes no asset.
        state: result.snmp === null && !result.login ? 'held' : 'pending',
        warnings: readWarnings(result),
        error: null,
      },
    ]);
    for (const shown of result.hostKeys ?? []) await noteHostKey(tx, run.range_id, result.address, shown, now);
    const values = result.login?.outputs.length ?? result.snmp?.subtrees.reduce((sum, tree) => sum + tree.values, 0) ?? 0;
    const name = result.probe.name === null ? null : plain(result.probe.name);
    await insertResult(
      tx,
      runId,
      { address: result.address, report_id: reportId, name, value_count: values, missing_count: readWarnings(result).length },
      now,
    );
    // What told nothing by SNMP is still a machine that somebody may miss in the sources.
    if (result.snmp === null && result.probe.mac !== null)
      await noteSightings(
        tx,
        [
          {
            mac: result.probe.mac,
            ip: result.address,
            name,
            by: 'sweep',
            scope: `range:${run.range_id}`,
            scopeLabel: run.range_name,
            deviceId: null,
            port: null,
          },
        ],
        now,
      );
    return { reportId, stored: true, state: run.state };
  });
}

/** Notes how far the run is. Answers its state, so that the collector hears when it is to stop. */
export async function takeProgress(platform: Platform, key: UsableKey, id: string, progress: ScanProgress): Promise<ScanRunState> {
  return inTx(platform.db, async (tx) => {
    const run = await ownRun(tx, key, id);
    await noteProgress(tx, id, progress, platform.now());
    await appendLog(
      tx,
      id,
      progress.log.map((line) => ({ ...line, message: plain(line.message) })),
    );
    return run.state;
  });
}

/** The end of a run as the collector tells it; said again, or after it was stopped here, it changes nothing but the figures. */
export async function takeEnd(platform: Platform, key: UsableKey, id: string, end: ScanEnd): Promise<ScanRunState> {
  await takeProgress(platform, key, id, end);
  return inTx(platform.db, async (tx) => {
    await ownRun(tx, key, id);
    await endRun(tx, id, end.outcome, end.message === null ? null : plain(end.message), platform.now());
    return (await runById(tx, id))?.state ?? end.outcome;
  });
}
