import type { IdentityKey } from '@muster/core/identity';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { AssetDump } from '../assets/index.ts';
import type { CustodyDump } from '../custody/index.ts';
import type { Carried } from './carried.ts';
import type { MergedFacts } from './facts.ts';
import { sumUpSources } from './store-asset-sources.ts';
import type { MovedRelations } from './store-relations.ts';

/** Ingest shares it, a merge or a split holds it alone: what a report was decided on stays true until it is applied. */
export async function lockIdentity(tx: Tx, how: 'shared' | 'alone'): Promise<void> {
  if (how === 'shared') await sql`select pg_advisory_xact_lock_shared(7305, 1)`.execute(tx);
  else await sql`select pg_advisory_xact_lock(7305, 1)`.execute(tx);
}

export interface PlacedObservation {
  id: string;
  source: string;
  item_type: string;
  keys: IdentityKey[];
  last_received_at: Date;
  facts: MergedFacts | null;
}

/** The observations of an asset with their facts, oldest report first. */
export async function observationsOf(db: Db, assetId: string): Promise<PlacedObservation[]> {
  return (
    await sql<PlacedObservation>`select o.id, o.source, o.item_type, o.keys, o.last_received_at, f.facts from observations o
      left join device_facts f on f.asset_id = o.asset_id and f.observation_id = o.id where o.asset_id = ${assetId} order by o.last_received_at, o.id`.execute(
      db,
    )
  ).rows;
}

const perObservation = [
  'observation_sections',
  'identity_keys',
  'device_facts',
  'interfaces',
  'storage_devices',
  'installations',
  'components',
  'network_components',
  'network_neighbours',
  'device_supplies',
  'device_page_readings',
  'device_power',
] as const;

/** Moves observations, with everything that is kept of them, from one asset to another. */
export async function moveObservations(tx: Tx, ids: readonly string[], from: string, to: string): Promise<void> {
  if (ids.length === 0) return;
  await sql`update observations set asset_id = ${to} where id = any(${ids}::uuid[]) and asset_id = ${from}`.execute(tx);
  for (const table of perObservation)
    await sql`update ${sql.table(table)} set asset_id = ${to} where asset_id = ${from} and observation_id = any(${ids}::uuid[])`.execute(
      tx,
    );
  await sumUpSources(tx, [from, to]);
}

export interface TakenAlong {
  goes: number;
  stays: number;
  titles: number;
  interfaces: number;
  disks: number;
  components: number;
  users: string[];
}

/** What observations that moved to `other` took along, and how many stayed at `from`. */
export async function takenAlong(db: Db, ids: readonly string[], other: string, from: string): Promise<TakenAlong> {
  const of = sql`asset_id = ${other} and observation_id = any(${ids}::uuid[])`;
  const { rows } = await sql<TakenAlong>`select ${ids.length}::int as goes,
    (select count(*)::int from observations where asset_id = ${from}) as stays,
    (select count(distinct evidence_id)::int from installations where ${of} and removed_at is null) as titles,
    (select count(*)::int from interfaces where ${of}) as interfaces,
    (select count(*)::int from storage_devices where ${of} and kind = 'disk') as disks,
    (select count(*)::int from components where ${of}) + (select count(*)::int from network_components where ${of}) as components,
    (select coalesce(array_agg(distinct login order by login), '{}') from asset_users where asset_id = ${other}) as users`.execute(db);
  return rows[0] as TakenAlong;
}

/** The evidence that these observations have installed now. */
export async function evidenceOf(db: Db, ids: readonly string[], assetId: string): Promise<number[]> {
  const { rows } = await sql<{ evidence_id: number }>`select distinct evidence_id from installations where asset_id = ${assetId}
    and observation_id = any(${ids}::uuid[]) and removed_at is null`.execute(db);
  return rows.map((r) => r.evidence_id);
}

export interface DumpedUser {
  login: string;
  domain: string;
  first_seen_at: string;
  last_seen_at: string;
}

export async function dumpUsers(db: Db, assetId: string): Promise<DumpedUser[]> {
  return (
    await sql<DumpedUser>`select login, domain, first_seen_at::text as first_seen_at, last_seen_at::text as last_seen_at
      from asset_users where asset_id = ${assetId} order by login, domain`.execute(db)
  ).rows;
}

/** Adds the users of one asset to another; `logins` limits it to some. */
export async function copyUsers(tx: Tx, from: string, to: string, logins: readonly string[] | null): Promise<void> {
  await sql`insert into asset_users (asset_id, login, domain, first_seen_at, last_seen_at)
    select ${to}, login, domain, first_seen_at, last_seen_at from asset_users where asset_id = ${from} ${logins ? sql`and login = any(${logins}::text[])` : sql``}
    on conflict (asset_id, login, domain) do update set first_seen_at = least(asset_users.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(asset_users.last_seen_at, excluded.last_seen_at)`.execute(tx);
}

/** Puts the users of a dump back; who was seen first after `since` stays. */
export async function restoreUsers(tx: Tx, assetId: string, users: readonly DumpedUser[], since: Date): Promise<void> {
  await sql`delete from asset_users where asset_id = ${assetId} and first_seen_at <= ${since}`.execute(tx);
  await sql`insert into asset_users (asset_id, login, domain, first_seen_at, last_seen_at)
    select ${assetId}, login, domain, first_seen_at, last_seen_at from jsonb_to_recordset(${JSON.stringify(users)}::jsonb)
      as r (login text, domain text, first_seen_at timestamptz, last_seen_at timestamptz) on conflict do nothing`.execute(tx);
}

export interface Moved {
  observations: { id: string; from: string; to: string }[];
  events: string[];
  /** Of a merge: the relations that went with it, by the end that was rewritten. */
  relations?: MovedRelations;
  /** Of a merge: custom values, codes and stock that went with it. Absent in operations from before that was kept. */
  carried?: Carried;
  /** Of a split that no person made: the rule that did. */
  rule?: string;
}
export interface Before {
  assets: AssetDump[];
  users: Record<string, DumpedUser[]>;
  /** Absent in operations from before there was custody. */
  custody?: Record<string, CustodyDump>;
  /** Pins that the operation replaced. */
  pins: { observation_id: string; asset_id: string; operation_id: string }[];
}
export interface OperationRow {
  id: string;
  kind: 'merge' | 'split';
  asset_id: string;
  other_id: string;
  at: Date;
  actor: string;
  reason: string;
  moved: Moved;
  before: Before;
  undone_at: Date | null;
  undone_by: string | null;
  undo_reason: string | null;
}

export async function insertOperation(tx: Tx, row: Omit<OperationRow, 'undone_at' | 'undone_by' | 'undo_reason'>): Promise<void> {
  await sql`insert into identity_operations (id, kind, asset_id, other_id, at, actor, reason, moved, before)
    values (${row.id}, ${row.kind}, ${row.asset_id}, ${row.other_id}, ${row.at}, ${row.actor}, ${row.reason}, ${JSON.stringify(row.moved)}::jsonb, ${JSON.stringify(row.before)}::jsonb)`.execute(
    tx,
  );
}

export async function findOperation(db: Db, id: string): Promise<OperationRow | undefined> {
  return (await sql<OperationRow>`select * from identity_operations where id = ${id}`.execute(db)).rows[0];
}

/** What the latest merge of one asset into another that stands took along. */
export async function carriedInto(db: Db, survivor: string, merged: string): Promise<Carried | undefined> {
  const { rows } = await sql<{ moved: Moved }>`select moved from identity_operations where kind = 'merge' and asset_id = ${survivor}
    and other_id = ${merged} and undone_at is null order by at desc, id desc limit 1`.execute(db);
  return rows[0]?.moved.carried;
}

export type OperationSummary = Omit<OperationRow, 'moved' | 'before'> & { observations: number; asset_name: string; other_name: string };

/** Newest first, of one asset or the one with this id. */
export async function operationsOf(db: Db, by: { asset: string } | { id: string }): Promise<OperationSummary[]> {
  const which = 'id' in by ? sql`p.id = ${by.id}` : sql`(p.asset_id = ${by.asset} or p.other_id = ${by.asset})`;
  return (
    await sql<OperationSummary>`select p.id, p.kind, p.asset_id, p.other_id, p.at, p.actor, p.reason, p.undone_at, p.undone_by, p.undo_reason,
      jsonb_array_length(p.moved -> 'observations') as observations, coalesce(a.name, a.tag, a.serial, a.id::text) as asset_name, coalesce(b.name, b.tag, b.serial, b.id::text) as other_name
      from identity_operations p join assets a on a.id = p.asset_id join assets b on b.id = p.other_id where ${which} order by p.at desc, p.id desc limit 200`.execute(
      db,
    )
  ).rows;
}

/** An operation on one of these assets that came later and stands. */
export async function laterOperation(db: Db, row: OperationRow): Promise<string | null> {
  const pair = [row.asset_id, row.other_id];
  const { rows } = await sql<{
    id: string;
  }>`select id from identity_operations where undone_at is null and id <> ${row.id} and (at, id) > (${row.at}, ${row.id})
    and (asset_id = any(${pair}::uuid[]) or other_id = any(${pair}::uuid[])) limit 1`.execute(db);
  return rows[0]?.id ?? null;
}

export async function markUndone(tx: Tx, id: string, actor: string, reason: string, now: Date): Promise<void> {
  await sql`update identity_operations set undone_at = ${now}, undone_by = ${actor}, undo_reason = ${reason} where id = ${id}`.execute(tx);
}

export async function pin(tx: Tx, observations: readonly string[], assetId: string, operationId: string): Promise<Before['pins']> {
  const before = await sql<Before['pins'][number]>`select * from identity_pins where observation_id = any(${observations}::uuid[])`.execute(
    tx,
  );
  await sql`insert into identity_pins (observation_id, asset_id, operation_id) select o, ${assetId}, ${operationId} from unnest(${observations}::uuid[]) as o
    on conflict (observation_id) do update set asset_id = excluded.asset_id, operation_id = excluded.operation_id`.execute(tx);
  return before.rows;
}

export async function unpin(tx: Tx, operationId: string, before: Before['pins']): Promise<void> {
  await sql`delete from identity_pins where operation_id = ${operationId}`.execute(tx);
  await sql`insert into identity_pins (observation_id, asset_id, operation_id)
    select * from jsonb_to_recordset(${JSON.stringify(before)}::jsonb) as r (observation_id uuid, asset_id uuid, operation_id uuid) on conflict do nothing`.execute(
    tx,
  );
}
