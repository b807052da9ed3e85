import type { InterfaceFact, StorageFact, UserFact, VolumeFact } from '@muster/protocols';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { int4, type MergedFacts } from './facts.ts';

export interface Place {
  assetId: string;
  observationId: string;
}

export const places = (rows: readonly Place[]) =>
  sql`unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[]) as w (asset_id, observation_id)`;

/** What is stored of these observations before the report is applied: facts, interfaces and disks, in one statement. */
export async function storedHardware(db: Db, rows: readonly Place[]): Promise<Map<string, StoredHardware>> {
  if (rows.length === 0) return new Map();
  const { rows: found } = await sql<StoredHardware & { observation_id: string }>`select w.observation_id,
      (select f.facts from device_facts f where f.asset_id = w.asset_id and f.observation_id = w.observation_id) as facts,
      (select jsonb_agg(jsonb_build_object('name', n.name, 'mac', n.mac, 'ips', n.ips) order by n.ordinal) from interfaces n where n.asset_id = w.asset_id and n.observation_id = w.observation_id) as interfaces,
      (select jsonb_agg(jsonb_build_object('name', s.name, 'serial', s.data ->> 'serial') order by s.ordinal) from storage_devices s
        where s.asset_id = w.asset_id and s.observation_id = w.observation_id and s.kind = 'disk') as disks
    from ${places(rows)}`.execute(db);
  return new Map(found.map((r) => [r.observation_id, r]));
}
export interface StoredHardware {
  facts: MergedFacts | null;
  interfaces: { name: string; mac: string | null; ips: string[] }[] | null;
  disks: { name: string; serial: string | null }[] | null;
}

export async function upsertFacts(tx: Tx, rows: readonly (Place & { facts: MergedFacts; seenAt: Date })[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map(({ assetId, observationId, facts, seenAt }) => ({
    a: assetId,
    o: observationId,
    f: facts,
    s: int4(facts.cpu?.sockets),
    c: int4(facts.cpu?.cores),
    h: int4(facts.cpu?.threads),
    m: int4(facts.memoryMb),
    v: facts.vmSystem,
    n: facts.os?.name ?? null,
    y: facts.os?.family ?? null,
    t: seenAt.toISOString(),
  }));
  await sql`insert into device_facts (asset_id, observation_id, facts, sockets, cores, threads, memory_mb, vm_system, os_name, os_family, seen_at)
    select a, o, f, s, c, h, m, v, n, y, t from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, o uuid, f jsonb, s int, c int, h int, m int, v text, n text, y text, t timestamptz)
    on conflict (asset_id, observation_id) do update set facts = excluded.facts, sockets = excluded.sockets, cores = excluded.cores, threads = excluded.threads, memory_mb = excluded.memory_mb,
      vm_system = excluded.vm_system, os_name = excluded.os_name, os_family = excluded.os_family, seen_at = excluded.seen_at`.execute(tx);
}

/** `replaces`: the observation had interfaces before. */
export async function replaceInterfaces(
  tx: Tx,
  rows: readonly (Place & { replaces: boolean; interfaces: readonly InterfaceFact[] })[],
): Promise<void> {
  const before = rows.filter((r) => r.replaces);
  if (before.length > 0)
    await sql`delete from interfaces n using ${places(before)} where n.asset_id = w.asset_id and n.observation_id = w.observation_id`.execute(
      tx,
    );
  const data = rows.flatMap((r) =>
    r.interfaces.map((n, i) => ({
      a: r.assetId,
      o: r.observationId,
      n: n.name,
      i,
      m: n.mac === null ? null : (macDigits(n.mac) ?? n.mac.slice(0, 100)),
      p: n.ips,
      t: n.type,
      v: n.virtual,
      s: int4(n.speedMbps),
      u: n.up,
      x: n.port ?? null,
    })),
  );
  if (data.length === 0) return;
  await sql`insert into interfaces (asset_id, observation_id, name, ordinal, mac, ips, type, virtual, speed_mbps, up, port)
    select a, o, n, i, m, p, t, v, s, u, x from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, o uuid, n text, i int, m text, p text[], t text, v boolean, s int, u boolean, x jsonb)`.execute(
    tx,
  );
}

const macDigits = (mac: string): string | null => {
  const hex = mac.replaceAll(/[^0-9a-fA-F]/g, '').toLowerCase();
  return hex.length === 12 ? hex : null;
};

export async function replaceStorage(
  tx: Tx,
  kind: 'disk' | 'volume',
  rows: readonly (Place & { replaces: boolean; items: readonly (StorageFact | VolumeFact)[] })[],
): Promise<void> {
  const before = rows.filter((r) => r.replaces);
  if (before.length > 0)
    await sql`delete from storage_devices s using ${places(before)} where s.asset_id = w.asset_id and s.observation_id = w.observation_id and s.kind = ${kind}`.execute(
      tx,
    );
  const data = rows.flatMap((r) => r.items.map((d, i) => ({ a: r.assetId, o: r.observationId, i, n: 'mount' in d ? d.mount : d.name, d })));
  if (data.length === 0) return;
  await sql`insert into storage_devices (asset_id, observation_id, ordinal, kind, name, data)
    select a, o, i, ${kind}, coalesce(n, ''), d from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, o uuid, i int, n text, d jsonb)`.execute(
    tx,
  );
}

/** Notes who was seen; answers the ones that were never seen on the asset before. */
export async function upsertUsers(
  tx: Tx,
  rows: readonly { assetId: string; users: readonly UserFact[]; seenAt: Date }[],
): Promise<{ asset_id: string; login: string; domain: string }[]> {
  const distinct = new Map<string, { a: string; l: string; d: string; t: string }>();
  for (const r of rows) {
    for (const u of r.users) {
      const entry = {
        a: r.assetId,
        l: u.login.toLowerCase().slice(0, 200),
        d: (u.domain ?? '').toLowerCase().slice(0, 200),
        t: r.seenAt.toISOString(),
      };
      if (entry.l !== '') distinct.set(`${entry.a} ${entry.l} ${entry.d}`, entry);
    }
  }
  if (distinct.size === 0) return [];
  const sorted = [...distinct.entries()].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, e]) => e);
  const { rows: made } = await sql<{
    asset_id: string;
    login: string;
    domain: string;
    fresh: boolean;
  }>`insert into asset_users (asset_id, login, domain, first_seen_at, last_seen_at)
    select a, l, d, t, t from jsonb_to_recordset(${JSON.stringify(sorted)}::jsonb) as r (a uuid, l text, d text, t timestamptz)
    on conflict (asset_id, login, domain) do update set last_seen_at = greatest(asset_users.last_seen_at, excluded.last_seen_at)
    returning asset_id, login, domain, (xmax = 0) as fresh`.execute(tx);
  return made.filter((r) => r.fresh);
}

/** The people with these logins (lower case): who a machine's user is. */
export async function peopleByLogin(db: Db, logins: readonly string[]): Promise<Map<string, string>> {
  if (logins.length === 0) return new Map();
  const { rows } = await sql<{
    id: string;
    login: string;
  }>`select id, lower(login) as login from people where lower(login) = any(${logins}::text[]) and active`.execute(db);
  return new Map(rows.map((r) => [r.login, r.id]));
}
