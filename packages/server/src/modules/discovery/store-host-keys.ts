import type { KnownHostKey, ShownHostKey } from '@muster/api/collector';
import { hostKeyResource } from '@muster/api/scans';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const hostKeyListing = defineListing(hostKeyResource, {
  from: sql`scan_host_keys h join scan_ranges s on s.id = h.range_id`,
  id: sql`h.id`,
  columns: {
    id: { sql: sql`h.id` },
    address: { sql: sql`h.address` },
    range: { sql: sql`s.name`, ref: sql`h.range_id` },
    method: { sql: sql`h.method` },
    fingerprint: { sql: sql`h.fingerprint` },
    refused: { sql: sql`h.refused` },
    refusedAt: { sql: sql`h.refused_at` },
    firstSeenAt: { sql: sql`h.first_seen_at` },
    lastSeenAt: { sql: sql`h.last_seen_at` },
  },
  search: sql`lower(h.address)`,
});

/** The keys that hosts of a network showed at first use. */
export async function hostKeysOf(db: Db, rangeId: string): Promise<KnownHostKey[]> {
  return (
    await sql<KnownHostKey>`select address, method, fingerprint from scan_host_keys where range_id = ${rangeId}::uuid order by address, method`.execute(
      db,
    )
  ).rows;
}

/** Keeps the first key of a host. A later one never takes its place, also when a collector did not refuse it: it is noted as refused. */
export async function noteHostKey(tx: Tx, rangeId: string, address: string, key: ShownHostKey, now: Date): Promise<void> {
  await sql`insert into scan_host_keys as h (id, range_id, address, method, fingerprint, first_seen_at, last_seen_at)
    values (${newId()}, ${rangeId}, ${address}, ${key.method}, ${key.fingerprint}, ${now}, ${now})
    on conflict (range_id, address, method) do update set
      last_seen_at = case when h.fingerprint = excluded.fingerprint then excluded.last_seen_at else h.last_seen_at end,
      refused = case when h.fingerprint = excluded.fingerprint then h.refused else excluded.fingerprint end,
      refused_at = case when h.fingerprint = excluded.fingerprint then h.refused_at else excluded.last_seen_at end`.execute(tx);
}

export interface HostKeyRow {
  id: string;
  range_id: string;
  range_name: string;
  address: string;
  method: ShownHostKey['method'];
  fingerprint: string;
}

/** Takes a key out and answers what it was; undefined when there is none. */
export async function removeHostKey(tx: Tx, id: string): Promise<HostKeyRow | undefined> {
  return (
    await sql<HostKeyRow>`delete from scan_host_keys h using scan_ranges s where h.id = ${id}::uuid and s.id = h.range_id
      returning h.id, h.range_id, s.name as range_name, h.address, h.method, h.fingerprint`.execute(tx)
  ).rows[0];
}
