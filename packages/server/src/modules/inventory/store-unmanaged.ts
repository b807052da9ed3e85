import { unmanagedResource } from '@muster/api/unmanaged';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

/** A source tells of it: it is managed, and listed there. */
const inASource = sql`exists (select 1 from identity_keys k where k.kind = 'mac' and k.value = h.mac)`;
const printed = sql`nullif(regexp_replace(coalesce(h.mac, ''), '(..)(?=.)', '\\1:', 'g'), '')`;
const title = sql`coalesce(h.name, ${printed}, 'Random addresses')`;
const label = sql`coalesce(d.name, d.tag, d.serial, d.id::text)`;

export const unmanagedListing = defineListing(unmanagedResource, {
  // Role scopes look at the device behind whose port it is, so it is always there.
  from: sql`unmanaged_hosts h left join assets d on d.id = h.device_id`,
  id: sql`h.id`,
  where: sql`not ${inASource}`,
  columns: {
    id: { sql: sql`h.id` },
    title: { sql: title },
    mac: { sql: printed },
    ip: { sql: sql`h.ip` },
    vendor: { sql: sql`h.vendor` },
    random: { sql: sql`(h.mac is null)` },
    count: { sql: sql`greatest(1, cardinality(h.macs))` },
    device: { sql: label, ref: sql`d.id` },
    port: { sql: sql`h.port` },
    range: { sql: sql`h.scope_label` },
    seenBy: { sql: sql`array_to_string(h.seen_by, ', ')` },
    state: { sql: sql`(case when h.ignored_at is null then 'open' else 'ignored' end)` },
    reason: { sql: sql`h.ignored_reason` },
    firstSeen: { sql: sql`h.first_seen_at` },
    lastSeen: { sql: sql`h.last_seen_at` },
  },
  search: sql`lower(${title} || ' ' || coalesce(h.mac, '') || ' ' || coalesce(${printed}, '') || ' ' || coalesce(h.ip, '') || ' ' || coalesce(h.vendor, ''))`,
  scope: { org_unit: sql`d.org_unit_id`, place: sql`d.place_id`, asset_class: sql`d.class_key`, own: sql`d.person_id` },
});

export interface HostRow {
  id: string;
  title: string;
  mac: string | null;
  ip: string | null;
  name: string | null;
  vendor: string | null;
  count: number;
  device_id: string | null;
  device_label: string | null;
  port: string | null;
  scope_label: string;
  seen_by: string[];
  ignored_at: Date | null;
  ignored_by: string | null;
  ignored_reason: string | null;
  first_seen_at: Date;
  last_seen_at: Date;
}

/** An unmanaged host, not of those that a source tells of by now. */
export async function hostById(db: Db, id: string): Promise<HostRow | undefined> {
  const { rows } =
    await sql<HostRow>`select h.id, ${title} as title, ${printed} as mac, h.ip, h.name, h.vendor, greatest(1, cardinality(h.macs)) as count, d.id as device_id,
      ${label} as device_label, h.port, h.scope_label, h.seen_by, h.ignored_at, h.ignored_by, h.ignored_reason, h.first_seen_at, h.last_seen_at
    from unmanaged_hosts h left join assets d on d.id = h.device_id where h.id = ${id}::uuid and not ${inASource}`.execute(db);
  return rows[0];
}

/** The host, held until the transaction ends. */
export async function lockHost(tx: Tx, id: string): Promise<HostRow | undefined> {
  await sql`select 1 from unmanaged_hosts where id = ${id}::uuid for update`.execute(tx);
  return hostById(tx, id);
}

export async function setIgnored(tx: Tx, id: string, ignored: { at: Date; by: string; reason: string } | null): Promise<void> {
  await sql`update unmanaged_hosts set ignored_at = ${ignored?.at ?? null}, ignored_by = ${ignored?.by ?? null}, ignored_reason = ${ignored?.reason ?? null}
    where id = ${id}::uuid`.execute(tx);
}

export interface UnmanagedCount {
  hosts: number;
  /** Addresses behind the rows of random ones. */
  random: number;
}

export async function openHosts(db: Db): Promise<UnmanagedCount> {
  const { rows } = await sql<UnmanagedCount>`select count(*) filter (where h.mac is not null)::integer as hosts,
      coalesce(sum(greatest(1, cardinality(h.macs))) filter (where h.mac is null), 0)::integer as random
    from unmanaged_hosts h where h.ignored_at is null and not ${inASource}`.execute(db);
  return rows[0] ?? { hosts: 0, random: 0 };
}

export async function notKept(db: Db, since: Date): Promise<{ day: string; range: string; count: number }[]> {
  const { rows } = await sql<{ day: string; range: string; count: number }>`select day::text as day, scope_label as range, not_kept as count
    from unmanaged_quotas where not_kept > 0 and day >= ${since}::date order by day desc, not_kept desc limit 100`.execute(db);
  return rows;
}

/** Forgets what was not seen since; rows that became assets or whose address a source tells go the same way. Answers how many. */
export async function forgetHosts(tx: Tx, before: { any: Date; random: Date; ignored: Date; quotas: Date }): Promise<number> {
  const { numAffectedRows } =
    await sql`delete from unmanaged_hosts where last_seen_at < case when ignored_at is not null then ${before.ignored}::timestamptz
      when mac is null then ${before.random}::timestamptz else ${before.any}::timestamptz end`.execute(tx);
  await sql`delete from unmanaged_quotas where day < ${before.quotas}::date`.execute(tx);
  return Number(numAffectedRows ?? 0);
}
