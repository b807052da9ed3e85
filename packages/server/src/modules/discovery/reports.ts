import type { ReportDetail, SourcesAnswer } from '@muster/api/discovery';
import { Problem } from '@muster/api/errors';
import { defaultLimits, openBody } from '@muster/protocols';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor, Platform } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { wakeWorkers } from './store-inbox.ts';
import {
  bodyOf,
  inboxStatus,
  keepBodiesDays,
  reportById,
  type ReportRecord,
  requeue,
  saveKeepBodiesDays,
  sourceRows,
} from './store-reports.ts';

const DAY_MS = 86_400_000;

/** A report with its warnings and the identity decision. Throws Problem('not_found'). */
export async function readReport(db: Db, id: string): Promise<ReportDetail> {
  const record = await reportById(db, id);
  if (!record) throw new Problem('not_found', 'There is no such report.');
  return present(record);
}

function present(r: ReportRecord): ReportDetail {
  return {
    report: presentRow(r),
    warnings: r.warnings,
    observation:
      r.observation_id && r.source !== null && r.native_id !== null
        ? { id: r.observation_id, source: r.source, nativeId: r.native_id }
        : null,
    decision: r.decision ? { ...r.decision, at: new Date(r.decision.at).toISOString() } : null,
    contentType: r.content_type,
    bodyAvailable: r.body_available,
  };
}

function presentRow(r: ReportRecord): ReportDetail['report'] {
  return {
    id: r.report_id,
    receivedAt: r.received_at.toISOString(),
    family: r.family,
    kind: r.kind,
    deviceId: r.device_id,
    deviceKey: r.device_key,
    state: r.state,
    outcome: r.outcome,
    asset: r.asset_id ? { id: r.asset_id, label: r.asset_name ?? '' } : null,
    warnings: r.warning_count,
    partial: r.partial,
    bytes: r.bytes,
    inflatedBytes: r.inflated_bytes,
    userAgent: r.user_agent,
    agentVersion: r.agent_version,
    agentId: r.agent_id,
    enrolmentKey: r.enrolment_key_id ? { id: r.enrolment_key_id, label: r.enrolment_key_name ?? '' } : null,
    ip: r.ip,
    attempts: r.attempts,
    processedAt: r.processed_at?.toISOString() ?? null,
    error: r.error,
  };
}

/** Puts a report back in the queue. Throws Problem('not_found'), and Problem('conflict') when it waits already or its body is gone. */
export async function retryReport(platform: Platform, actor: Actor, id: string): Promise<ReportDetail> {
  return inTx(platform.db, async (tx) => {
    const record = await reportById(tx, id);
    if (!record) throw new Problem('not_found', 'There is no such report.');
    if (record.state === 'pending') throw new Problem('conflict', 'The report waits to be processed already.');
    if (!record.body_available) throw new Problem('conflict', 'The original body is no longer kept, so it cannot be processed again.');
    await requeue(tx, id);
    await audit(tx, actor, {
      action: 'report.retried',
      resource: 'reports',
      resourceId: id,
      summary: `The report of ${record.device_key} is processed again`,
      before: { state: record.state, error: record.error },
    });
    await wakeWorkers(tx);
    return readReport(tx, id);
  });
}

/** The original of a report, as received or inflated, with a file name. Throws Problem('not_found'). */
export async function readBody(db: Db, id: string, as: 'inflated' | 'received'): Promise<{ body: Buffer; fileName: string }> {
  const received = await bodyOf(db, id);
  if (!received) throw new Problem('not_found', 'The original body is not kept.');
  if (as === 'received') return { body: received, fileName: `report-${id}.bin` };
  const open = openBody(received, defaultLimits, { salvage: true });
  const bytes = open.ok ? open.bytes : received;
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = body.subarray(0, 64).toString('latin1').trimStart()[0];
  return { body, fileName: `report-${id}.${first === '{' ? 'json' : first === '<' ? 'xml' : 'bin'}` };
}

/** What reports, and how the inbox stands. */
export async function readSources(platform: Platform): Promise<SourcesAnswer> {
  const since = new Date(platform.now().getTime() - DAY_MS);
  const [rows, status] = await Promise.all([sourceRows(platform.db, since), inboxStatus(platform.db, since)]);
  return {
    items: rows.map((r) => ({
      family: r.family,
      enrolmentKey: r.enrolment_key_id ? { id: r.enrolment_key_id, label: r.enrolment_key_name ?? '' } : null,
      machines: Number(r.machines),
      lastReportAt: r.last_report_at?.toISOString() ?? null,
      reports24h: Number(r.reports_24h),
      failures24h: Number(r.failures_24h),
      held: Number(r.held),
    })),
    inbox: {
      pending: Number(status.pending),
      oldestPendingAt: status.oldest_pending_at?.toISOString() ?? null,
      processed24h: Number(status.processed_24h),
      failed24h: Number(status.failed_24h),
    },
  };
}

export async function changeKeepBodiesDays(platform: Platform, actor: Actor, days: number): Promise<{ keepBodiesDays: number }> {
  return inTx(platform.db, async (tx) => {
    const before = await keepBodiesDays(tx);
    await saveKeepBodiesDays(tx, days);
    await audit(tx, actor, {
      action: 'inbox_settings.changed',
      resource: 'settings',
      summary: `Original reports are kept ${days} days`,
      before: { keepBodiesDays: before },
      after: { keepBodiesDays: days },
    });
    return { keepBodiesDays: days };
  });
}
