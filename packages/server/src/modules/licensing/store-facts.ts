import { inflateSync } from 'node:zlib';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** A product whose licences are to be reconciled. */
export interface ProductRow {
  id: string;
  key: string;
  name: string;
  licensable: boolean;
}
export interface EntitlementFactRow {
  id: string;
  product_id: string;
  metric: string;
  quantity: string | null;
  edition: string | null;
  starts_on: string | null;
  ends_on: string | null;
  pool: string;
  unit_price: string | null;
  currency: string | null;
  purchase_reference: string | null;
  purchased_on: string | null;
}
/** The titles of one product on one asset that share edition and kind. */
export interface InstallationRow {
  product_id: string;
  asset_id: string;
  edition: string | null;
  kind: string;
  count: number;
  /** Logins of titles installed for one user only, lower case. */
  users: string[] | null;
}
export interface AssetRow {
  id: string;
  name: string;
  state: string | null;
  org_unit_id: string | null;
  person_id: string | null;
  person_name: string | null;
  /** As told, with or without domain. */
  last_user: string | null;
}
export interface HardwareRow {
  asset_id: string;
  sockets: number | null;
  cores: number | null;
  threads: number | null;
  virtual: boolean | null;
}

/** One reconciliation of a product at a time: held until the transaction ends. Facts must be read after it. Ids sorted, so that two callers never wait for each other. */
export async function lockProducts(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('licence-position:' || p.id, 0)) from unnest(${ids.toSorted()}::text[]) as p (id)`.execute(
    tx,
  );
}

export async function productRows(db: Db, ids: readonly string[]): Promise<ProductRow[]> {
  return (await sql<ProductRow>`select id, key, name, licensable from products where id = any(${ids}::uuid[])`.execute(db)).rows;
}

/** The entitlements of these products that nobody retired. */
export async function entitlementFacts(db: Db, ids: readonly string[]): Promise<EntitlementFactRow[]> {
  return (
    await sql<EntitlementFactRow>`select id, product_id, metric, trim_scale(quantity)::text as quantity, edition, starts_on, ends_on, pool, trim_scale(unit_price)::text as unit_price, currency, purchase_reference, purchased_on
    from entitlements where product_id = any(${ids}::uuid[]) and retired_at is null`.execute(db)
  ).rows;
}

/** What is installed of these products now, in one query over all assets. The same title told by two sources counts once. */
export async function installationFacts(db: Db, ids: readonly string[]): Promise<InstallationRow[]> {
  return (
    await sql<InstallationRow>`select r.product_id, i.asset_id, r.edition, r.kind, count(distinct i.evidence_id)::integer as count,
      array_agg(distinct lower(i.user_login)) filter (where i.user_login is not null) as users
    from evidence_recognition r join installations i on i.evidence_id = r.evidence_id and i.removed_at is null
    where r.product_id = any(${ids}::uuid[]) group by r.product_id, i.asset_id, r.edition, r.kind`.execute(db)
  ).rows;
}

/** Assets by id; without those merged into another. */
export async function assetFacts(db: Db, ids: readonly string[]): Promise<AssetRow[]> {
  return (
    await sql<AssetRow>`select a.id, coalesce(a.name, a.tag, a.serial, a.id::text) as name, a.state, a.org_unit_id, a.person_id, p.name as person_name,
      nullif(a.last_user, '') as last_user
    from assets a left join people p on p.id = a.person_id where a.id = any(${ids}::uuid[]) and a.redirected_to is null`.execute(db)
  ).rows;
}

/** Who has these logins. */
export async function peopleByLogin(db: Db, logins: readonly string[]): Promise<Map<string, { id: string; name: string }>> {
  if (logins.length === 0) return new Map();
  const { rows } = await sql<{
    id: string;
    name: string;
    login: string;
  }>`select id, name, lower(login) as login from people where lower(login) = any(${logins}::text[])`.execute(db);
  return new Map(rows.map((r) => [r.login, r]));
}

/** Names of each org unit and those above it, the nearest first. */
export async function orgUnitNames(db: Db): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ id: string; names: string[] }>`select u.id, array_agg(a.name order by cardinality(a.path) desc) as names
    from org_units u join org_units a on a.id = any(u.path) group by u.id`.execute(db);
  return new Map(rows.map((r) => [r.id, r.names]));
}

/** Processor facts of assets: of the observation that knows most, the freshest of equals. `virtual` null where nobody said. */
export async function hardwareFacts(db: Db, ids: readonly string[]): Promise<HardwareRow[]> {
  return (
    await sql<HardwareRow>`select w.id as asset_id, c.sockets, c.cores, c.threads, (select lower(f.vm_system) <> 'physical' from device_facts f where f.asset_id = w.id and f.vm_system is not null order by f.seen_at desc limit 1) as virtual
    from unnest(${ids}::uuid[]) as w (id) left join lateral (
      select f.sockets, f.cores, f.threads from device_facts f where f.asset_id = w.id
      order by (f.sockets is not null)::integer + (f.cores is not null)::integer desc, (f.threads is not null) desc, f.seen_at desc limit 1) c on true`.execute(
      db,
    )
  ).rows;
}

/** The virtual machines that hosts report: their UUIDs as reported, null where one has none. */
export async function guestsOf(db: Db, ids: readonly string[]): Promise<Map<string, (string | null)[]>> {
  const { rows } = await sql<{
    asset_id: string;
    content: Buffer;
  }>`select distinct on (s.asset_id) s.asset_id, s.content from observation_sections s
    where s.asset_id = any(${ids}::uuid[]) and s.section = 'virtualmachines' order by s.asset_id, s.changed_at desc`.execute(db);
  return new Map(rows.map((r) => [r.asset_id, uuidsIn(r.content)]));
}

/** Assets by the UUIDs (canonical) that identify them. */
export async function assetsByUuid(db: Db, uuids: readonly string[]): Promise<Map<string, string>> {
  if (uuids.length === 0) return new Map();
  const { rows } = await sql<{ value: string; asset_id: string }>`select value, min(asset_id::text) as asset_id from identity_keys
    where kind = 'uuid' and value = any(${uuids}::text[]) and quality = 'good' group by value having count(distinct asset_id) = 1`.execute(
    db,
  );
  return new Map(rows.map((r) => [r.value, r.asset_id]));
}

function uuidsIn(content: Buffer): (string | null)[] {
  const bytes = content[0] === 0x78 ? inflateSync(content) : content;
  const machines: unknown = JSON.parse(bytes.toString('utf8'));
  if (!Array.isArray(machines)) return [];
  return machines.map((m: unknown) => {
    const uuid = typeof m === 'object' && m !== null && 'uuid' in m ? m.uuid : null;
    return typeof uuid === 'string' ? uuid : null;
  });
}
