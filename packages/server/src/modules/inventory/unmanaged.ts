import { Problem } from '@muster/api/errors';
import type { UnmanagedHost, unmanagedKinds } from '@muster/api/unmanaged';
import type { Json, Report } from '@muster/protocols';
import { audit } from '../../platform/audit/audit.ts';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import type { JobKind } from '../../platform/jobs/jobs.ts';
import { canReach } from '../../platform/listing/index.ts';
import type { Permission } from '@muster/api/permissions';
import { ingestReports } from './ingest.ts';
import { unmanagedPolicy } from './sightings.ts';
import {
  forgetHosts,
  hostById,
  type HostRow,
  lockHost,
  notKept,
  openHosts,
  setIgnored,
  type UnmanagedCount,
  unmanagedListing,
} from './store-unmanaged.ts';

const DAY_MS = 86_400_000;
const ago = (now: Date, days: number): Date => new Date(now.getTime() - days * DAY_MS);

/**
 * What switches, routers and sweeps show, no source tells of and nobody ignores: hosts, as many as the list has rows of them, and random
 * addresses apart, as many as its folded rows count. Of the whole organisation.
 */
export const countUnmanaged = async (db: Db): Promise<UnmanagedCount> => openHosts(db);

const missing = (): Problem => new Problem('not_found', 'There is no such unmanaged host; a source may tell of it by now.');

/** One host. Problem `not_found`, also outside the caller's scope. */
export async function readHost(db: Db, id: string, actor: Actor, permission: Permission): Promise<UnmanagedHost> {
  const row = await hostById(db, id);
  if (!row || !(await canReach(db, unmanagedListing, id, actor, permission))) throw missing();
  return present(row);
}

function present(row: HostRow): UnmanagedHost {
  return {
    id: row.id,
    title: row.title,
    mac: row.mac,
    ip: row.ip,
    vendor: row.vendor,
    random: row.mac === null,
    count: row.count,
    device: row.device_id === null ? null : { id: row.device_id, label: row.device_label ?? row.device_id },
    port: row.port,
    range: row.scope_label,
    seenBy: row.seen_by,
    state: row.ignored_at === null ? 'open' : 'ignored',
    reason: row.ignored_reason,
    ignoredBy: row.ignored_by,
    firstSeen: row.first_seen_at.toISOString(),
    lastSeen: row.last_seen_at.toISOString(),
  };
}

async function mustLock(tx: Tx, id: string, actor: Actor): Promise<HostRow> {
  const row = await lockHost(tx, id);
  if (!row || !(await canReach(tx, unmanagedListing, id, actor, 'assets:write'))) throw missing();
  return row;
}

/** Ignores a host, or no longer; it goes on being seen. Problems `not_found`, and `conflict` when it is so already. */
export async function ignoreHost(
  tx: Tx,
  actor: Actor,
  id: string,
  body: { ignored: boolean; reason: string },
  now: Date,
): Promise<UnmanagedHost> {
  const row = await mustLock(tx, id, actor);
  if ((row.ignored_at !== null) === body.ignored)
    throw new Problem('conflict', body.ignored ? 'It is ignored already.' : 'It is not ignored.');
  await setIgnored(tx, id, body.ignored ? { at: now, by: actor.label, reason: body.reason } : null);
  await audit(tx, actor, {
    action: body.ignored ? 'unmanaged_host.ignored' : 'unmanaged_host.noticed',
    resource: 'unmanaged-hosts',
    resourceId: id,
    summary: `${body.ignored ? 'Ignored' : 'No longer ignores'} the host ${row.title}: ${body.reason}`,
    before: { reason: row.ignored_reason },
    after: { ignored: body.ignored, reason: body.reason },
  });
  return present((await hostById(tx, id)) as HostRow);
}

/**
 * Makes an asset of a host, as if a scan had told enough of it, so that its MAC address knows it again.
 * Problems `not_found`, and `conflict` for a row of random addresses or when its address belongs to something that was decided otherwise.
 */
export async function makeAsset(
  tx: Tx,
  actor: Actor,
  id: string,
  body: { kind: (typeof unmanagedKinds)[number]; name: string | null },
  now: Date,
): Promise<{ id: string; label: string }> {
  const row = await mustLock(tx, id, actor);
  if (row.mac === null) throw new Problem('conflict', 'Random addresses change: nothing would know the machine again.');
  const name = body.name ?? row.name;
  const device: { [key: string]: Json } = { mac: row.mac, type: body.kind };
  if (row.ip !== null) device['ip'] = row.ip;
  if (name !== null) device['snmphostname'] = name;
  if (row.vendor !== null) device['manufacturer'] = row.vendor;
  const report: Report = {
    family: 'unknown',
    kind: 'netdiscovery',
    deviceId: null,
    agentId: null,
    agentVersion: null,
    itemType: 'Unmanaged',
    partial: false,
    tag: null,
    sections: { devices: [device] },
    device: null,
    software: null,
    warnings: [],
  };
  const item = { reportId: newId(), receivedAt: now, report, source: 'netdiscovery', deviceKey: `unmanaged:${id}` };
  const [result] = await ingestReports(tx, [{ ...item, decided: true }]);
  if (!result?.assetId) throw new Problem('conflict', 'Its address is part of an identity conflict; answer that first.');
  await audit(tx, actor, {
    action: 'unmanaged_host.made_asset',
    resource: 'unmanaged-hosts',
    resourceId: id,
    summary: `Made an asset of the host ${row.title}`,
    after: { assetId: result.assetId, kind: body.kind, name, mac: row.mac },
  });
  return { id: result.assetId, label: name ?? row.title };
}

/** The limits of content/network/unmanaged.json, and what they kept out in the last seven days. */
export async function readLimits(db: Db, now: Date) {
  const { edgeMostMacs, newPerRangeAndDay, ageOutDays, randomAgeOutDays, ignoredAgeOutDays } = unmanagedPolicy;
  return { edgeMostMacs, newPerRangeAndDay, ageOutDays, randomAgeOutDays, ignoredAgeOutDays, notKept: await notKept(db, ago(now, 7)) };
}

/** Each night: what the network has not shown for long is forgotten. */
export const forgetHostsJob: JobKind<unknown> = {
  kind: 'inventory.forget-unmanaged',
  cron: '37 3 * * *',
  quiet: true,
  handler: async ({ platform }) => {
    const now = platform.now();
    const { ageOutDays, randomAgeOutDays, ignoredAgeOutDays } = unmanagedPolicy;
    const before = {
      any: ago(now, ageOutDays),
      random: ago(now, randomAgeOutDays),
      ignored: ago(now, ignoredAgeOutDays),
      quotas: ago(now, 30),
    };
    return { forgotten: await platform.db.transaction().execute((tx) => forgetHosts(tx, before)) };
  },
};
