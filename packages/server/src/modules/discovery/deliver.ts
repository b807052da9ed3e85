import { createHash } from 'node:crypto';
import type { Json } from '@muster/protocols';
import type { Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { type Delivery, insertDeliveries } from './store-inbox.ts';

/** What a connector read of one machine, under the section names of the canonical report. */
export interface ConnectorReport {
  readonly source: string;
  /** What the source calls the machine for ever. */
  readonly nativeId: string;
  readonly itemType: string;
  /** True: an absent section is unchanged, and no asset is made of it. */
  readonly partial: boolean;
  readonly content: Readonly<Record<string, Json>>;
}

const AT_ONCE = 64;

/**
 * Puts reports of a connector into the inbox, in the caller's transaction: from there they go the way of every agent's report. The body
 * is the inventory format in JSON, so the original can be looked at and processed again.
 */
export async function deliverReports(tx: Tx, reports: readonly ConnectorReport[], now: Date): Promise<void> {
  for (let i = 0; i < reports.length; i += AT_ONCE)
    await insertDeliveries(
      tx,
      reports.slice(i, i + AT_ONCE).map((r) => deliveryOf(r, now)),
    );
}

function deliveryOf(report: ConnectorReport, now: Date): Delivery {
  const { source, nativeId, itemType, partial, content } = report;
  const body = Buffer.from(
    JSON.stringify({ action: 'inventory', deviceid: nativeId, itemtype: itemType, partial, content }).toWellFormed(),
    'utf8',
  );
  return {
    reportId: newId(),
    receivedAt: now,
    enrolmentKeyId: null,
    family: source,
    kind: 'inventory',
    deviceKey: `${source}:${nativeId}`.slice(0, 400),
    deviceId: nativeId,
    bodyHash: createHash('sha256').update(body).digest(),
    body,
    inflatedBytes: body.length,
    contentType: 'application/json',
    userAgent: null,
    agentId: null,
    agentVersion: null,
    ip: null,
    state: 'pending',
    warnings: [],
    error: null,
  };
}
