import type { IdentityKey } from '@muster/core/identity';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface ObservationRow {
  id: string;
  source: string;
  native_id: string;
  asset_id: string | null;
  keys: IdentityKey[];
  last_received_at: Date;
  /** A person said which asset it is. */
  pinned: boolean;
  /** Section name -> hash in hex. */
  hashes: Record<string, string> | null;
  /** Reports under its native id that are held because they may be of a copy, the latest first. */
  doubts: { heldId: string; keys: IdentityKey[]; refuted: boolean }[] | null;
  /** Observations of the same source on the same asset that are older than this one and were reported after its latest report. */
  rivals: Rival[] | null;
}

export interface Rival {
  id: string;
  keys: IdentityKey[];
  /** A person was asked already whether this observation is of another machine. */
  asked: boolean;
}

/** The observations of these native ids, with the hashes of their sections. */
export async function findObservations(db: Db, wanted: readonly { source: string; nativeId: string }[]): Promise<ObservationRow[]> {
  if (wanted.length === 0) return [];
  return (
    await sql<ObservationRow>`select o.id, o.source, o.native_id, o.asset_id, o.keys, o.last_received_at,
        exists (select 1 from identity_pins p where p.observation_id = o.id) as pinned,
        (select jsonb_object_agg(s.section, encode(s.hash, 'hex')) from observation_sections s where s.asset_id = coalesce(o.asset_id, o.id) and s.observation_id = o.id) as hashes,
        (select jsonb_agg(jsonb_build_object('heldId', d.held_id, 'keys', h.keys, 'refuted', d.refuted) order by d.at desc, d.held_id)
          from observation_doubts d join observations h on h.id = d.held_id where d.observation_id = o.id) as doubts,
        (select jsonb_agg(jsonb_build_object('id', r.id, 'keys', r.keys, 'asked',
            exists (select 1 from identity_conflicts c where c.asset_a = o.asset_id and c.asset_b = o.asset_id and c.observation_id = o.id)) order by r.id)
          from observations r where r.asset_id = o.asset_id and r.source = o.source and (r.first_received_at, r.id) < (o.first_received_at, o.id)
            and r.last_received_at > o.last_received_at and not exists (select 1 from identity_pins p where p.observation_id = r.id)) as rivals
      from unnest(${wanted.map((w) => w.source)}::text[], ${wanted.map((w) => w.nativeId)}::text[]) as w (source, native_id)
      join observations o on o.source = w.source and o.native_id = w.native_id`.execute(db)
  ).rows;
}

/**
 * Takes a lock for each key until the transaction ends, always in the same order, so that two workers that meet the same machine for the
 * first time come one after the other and make one asset.
 */
export async function lockKeys(tx: Tx, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`select pg_advisory_xact_lock(h) from (select distinct hashtextextended(k, 7) as h from unnest(${[...new Set(keys)]}::text[]) as k order by h) locks`.execute(
    tx,
  );
}

export interface KeyHit {
  /** What was asked for. */
  asked_kind: string;
  asked: string;
  kind: string;
  value: string;
  asset_id: string;
  observation_id: string;
  quality: string;
}

/** How many rows one value may lead to: a value on more of them decides nothing. */
const mostPerValue = 8;

/** Which assets have these values, asked for by `lookupOf`: a few per value are enough to decide. */
export async function findByKeys(db: Db, lookups: readonly { kind: string; value: string }[]): Promise<KeyHit[]> {
  if (lookups.length === 0) return [];
  const columns = sql`i.kind, i.value, i.asset_id, i.observation_id, i.quality`;
  const order = sql`order by (i.quality = 'shared') desc, i.asset_id limit ${sql.lit(mostPerValue)}`;
  return (
    await sql<KeyHit>`select w.kind as asked_kind, w.value as asked, k.* from unnest(${lookups.map((k) => k.kind)}::text[], ${lookups.map((k) => k.value)}::text[]) as w (kind, value)
      cross join lateral (
        (select ${columns} from identity_keys i where w.kind <> 'serial' and i.kind = w.kind and i.value = w.value ${order})
        union all
        (select ${columns} from identity_keys i where w.kind = 'serial' and i.kind in ('serial', 'enclosure_serial', 'board_serial', 'member_serial')
          and substr(i.value, strpos(i.value, '|') + 1) = w.value ${order})) k`.execute(db)
  ).rows;
}

/** Which of these assets a person told apart from which other of them. */
export async function toldApart(db: Db, assetIds: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (assetIds.length < 2) return found;
  const { rows } = await sql<{ asset_a: string; asset_b: string }>`select asset_a, asset_b from identity_not_same
    where asset_a = any(${assetIds}::uuid[]) and asset_b = any(${assetIds}::uuid[])`.execute(db);
  for (const { asset_a: a, asset_b: b } of rows) {
    found.set(a, [...(found.get(a) ?? []), b]);
    found.set(b, [...(found.get(b) ?? []), a]);
  }
  return found;
}

export interface HandEntered {
  id: string;
  tag: string | null;
  serial: string | null;
  manufacturer: string | null;
  model: string | null;
  name: string | null;
}

/** Assets that nothing reports yet, with one of these tags (lower case) or serial numbers. */
export async function findHandEntered(db: Db, tags: readonly string[], serials: readonly string[]): Promise<HandEntered[]> {
  if (tags.length === 0 && serials.length === 0) return [];
  return (
    await sql<HandEntered>`select a.id, a.tag, a.serial, a.manufacturer, a.model, a.name
      from (select id from assets where lower(tag) = any(${tags}::text[]) and tag is not null and redirected_to is null
        union select id from assets where serial = any(${serials}::text[]) and redirected_to is null) hit
      join assets a on a.id = hit.id where not exists (select 1 from observations o where o.asset_id = a.id)`.execute(db)
  ).rows;
}

/** What is known of an asset when it is a candidate. */
export interface KnownAsset {
  /** Every key of its observations, with `shared` where a value was demoted. */
  keys: IdentityKey[];
  sources: Set<string>;
  lastReceivedAt: Date;
}

export async function knownAssets(db: Db, assetIds: readonly string[]): Promise<Map<string, KnownAsset>> {
  if (assetIds.length === 0) return new Map();
  const { rows } = await sql<{
    asset_id: string;
    source: string;
    keys: IdentityKey[];
    last_received_at: Date;
    shared: string[] | null;
  }>`select o.asset_id, o.source, o.keys, o.last_received_at,
      (select array_agg(k.kind || ' ' || k.value) from identity_keys k where k.observation_id = o.id and k.quality = 'shared') as shared
    from observations o where o.asset_id = any(${assetIds}::uuid[])`.execute(db);
  const byAsset = new Map<string, KnownAsset>();
  for (const row of rows) {
    const shared = new Set(row.shared);
    const keys = row.keys.map((k): IdentityKey =>
      shared.has(`${k.kind} ${k.value}`) ? { ...k, quality: 'shared', reason: 'seen on several machines' } : k,
    );
    const asset = byAsset.get(row.asset_id) ?? { keys: [], sources: new Set(), lastReceivedAt: row.last_received_at };
    asset.keys.push(...keys);
    asset.sources.add(row.source);
    if (row.last_received_at > asset.lastReceivedAt) asset.lastReceivedAt = row.last_received_at;
    byAsset.set(row.asset_id, asset);
  }
  return byAsset;
}

export interface KeyRow {
  kind: string;
  value: string;
  assetId: string;
  observationId: string;
  quality: string;
  seenAt: Date;
}

/** Replaces the keys of the observations by these rows. */
export async function replaceKeys(tx: Tx, existing: readonly string[], rows: readonly KeyRow[]): Promise<void> {
  if (existing.length > 0) await sql`delete from identity_keys where observation_id = any(${existing}::uuid[])`.execute(tx);
  if (rows.length === 0) return;
  await sql`insert into identity_keys (kind, value, asset_id, observation_id, quality, seen_at)
    select * from unnest(${rows.map((r) => r.kind)}::text[], ${rows.map((r) => r.value)}::text[], ${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[],
      ${rows.map((r) => r.quality)}::text[], ${rows.map((r) => r.seenAt)}::timestamptz[])`.execute(tx);
}

/** These values were proven to be on two machines: wherever they stand, they stop to identify. */
export async function demoteKeys(tx: Tx, keys: readonly { kind: string; value: string }[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`update identity_keys i set quality = 'shared' from unnest(${keys.map((k) => k.kind)}::text[], ${keys.map((k) => k.value)}::text[]) as w (kind, value)
    where i.kind = w.kind and i.value = w.value and i.quality <> 'shared'`.execute(tx);
}

export interface DecisionRow {
  id: string;
  observationId: string;
  assetId: string | null;
  at: Date;
  outcome: string;
  rule: string;
  reasons: { sentences: string[]; candidates: { assetId: string; agrees: string[]; contradicts: string[] }[] };
}

/** Stores the decisions that differ from the last one of their observation. */
export async function insertDecisions(tx: Tx, rows: readonly DecisionRow[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({
    i: r.id,
    o: r.observationId,
    a: r.assetId,
    t: r.at.toISOString(),
    u: r.outcome,
    l: r.rule,
    s: r.reasons,
  }));
  await sql`insert into identity_decisions (id, observation_id, asset_id, at, outcome, rule, reasons)
    select r.i, r.o, r.a, r.t, r.u, r.l, r.s from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (i uuid, o uuid, a uuid, t timestamptz, u text, l text, s jsonb)
    where not exists (select 1 from (select d.outcome, d.rule, d.asset_id from identity_decisions d where d.observation_id = r.o order by d.at desc, d.id desc limit 1) last
      where last.outcome = r.u and last.rule = r.l and last.asset_id is not distinct from r.a)`.execute(tx);
}
