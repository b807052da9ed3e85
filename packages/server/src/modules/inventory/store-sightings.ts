import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';

export interface HostWrite {
  readonly key: string;
  readonly mac: string | null;
  readonly macs: readonly string[];
  readonly ip: string | null;
  readonly name: string | null;
  readonly vendor: string | null;
  readonly scope: string;
  readonly scopeLabel: string;
  readonly deviceId: string | null;
  readonly port: string | null;
  readonly seenBy: readonly string[];
}

/** Addresses that a source tells of, in twelve digits. */
export async function knownMacs(db: Db, macs: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{
    value: string;
  }>`select distinct value from identity_keys where kind = 'mac' and value = any(${[...macs]}::text[])`.execute(db);
  return new Set(rows.map((row) => row.value));
}

const shaped = (rows: readonly HostWrite[]): string =>
  JSON.stringify(
    rows.map((r) => ({
      i: newId(),
      k: r.key,
      m: r.mac,
      ms: r.macs,
      p: r.ip,
      n: r.name,
      v: r.vendor,
      s: r.scope,
      sl: r.scopeLabel,
      d: r.deviceId,
      o: r.port,
      b: r.seenBy,
    })),
  );
const columns = sql`(i uuid, k text, m text, ms text[], p text, n text, v text, s text, sl text, d uuid, o text, b text[])`;

/** Hosts that are known already were seen again; answers their keys. A port replaces what was known, a table without one does not. */
export async function touchHosts(tx: Tx, rows: readonly HostWrite[], at: Date): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const found = await sql<{ key: string }>`with r as (select * from jsonb_to_recordset(${shaped(rows)}::jsonb) as r ${columns}),
      due as (select h.key from unmanaged_hosts h join r on r.k = h.key order by h.key for update of h)
    update unmanaged_hosts h set last_seen_at = greatest(h.last_seen_at, ${at}), ip = coalesce(r.p, h.ip), name = coalesce(r.n, h.name),
      port = coalesce(r.o, h.port), device_id = case when r.o is not null or h.device_id is null then coalesce(r.d, h.device_id) else h.device_id end,
      scope = case when r.o is not null then r.s else h.scope end, scope_label = case when r.o is not null then r.sl else h.scope_label end,
      seen_by = array(select distinct b from unnest(h.seen_by || r.b) as b order by b),
      macs = array(select distinct x from unnest(h.macs || r.ms) as x limit 256)
    from r where r.k = h.key and h.key in (select key from due) returning h.key`.execute(tx);
  return new Set(found.rows.map((row) => row.key));
}

export async function upsertHosts(tx: Tx, rows: readonly HostWrite[], at: Date): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into unmanaged_hosts (id, key, mac, macs, ip, name, vendor, scope, scope_label, device_id, port, seen_by, first_seen_at, last_seen_at)
    select i, k, m, ms, p, n, v, s, sl, d, o, b, ${at}, ${at} from jsonb_to_recordset(${shaped(rows)}::jsonb) as r ${columns} order by k
    on conflict (key) do update set last_seen_at = greatest(unmanaged_hosts.last_seen_at, excluded.last_seen_at)`.execute(tx);
}

/** How many of the wanted rows may be new today; the rest is counted as not kept. Holds the row of the range until the transaction ends. */
export async function takeQuota(tx: Tx, q: { scope: string; label: string; at: Date; wanted: number; most: number }): Promise<number> {
  const day = q.at.toISOString().slice(0, 10);
  await sql`insert into unmanaged_quotas (scope, day, scope_label) values (${q.scope}, ${day}::date, ${q.label}) on conflict do nothing`.execute(
    tx,
  );
  const { rows } = await sql<{
    kept: number;
  }>`select kept from unmanaged_quotas where scope = ${q.scope} and day = ${day}::date for update`.execute(tx);
  const room = Math.max(0, Math.min(q.wanted, q.most - (rows[0]?.kept ?? 0)));
  // The same hosts come again with every report of the day: the most at once is what was not kept.
  await sql`update unmanaged_quotas set kept = kept + ${room}, not_kept = greatest(not_kept, ${q.wanted - room}::integer)
    where scope = ${q.scope} and day = ${day}::date`.execute(tx);
  return room;
}
