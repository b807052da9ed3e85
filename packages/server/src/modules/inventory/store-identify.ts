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
}

/** The observations of these native ids, with the hashes of their sections. */
export async function findObservations(db: Db, wanted: readonly { source: string; nativeId: string }[]): Promise<ObservationRow[]> {
  if (wanted.length === 0) return [];
  return (
    await sql<ObservationRow>`select o.id, o.source, o.native_id, o.asset_id, o.keys, o.last_received_at,
        exists (select 1 from identity_pins p where p.observation_id = o.id) as pinned,
        (select jsonb_object_agg(s.section, encode(s.hash, 'hex')) from observation_sections s where s.asset_id = coalesce(o.asset_id, o.id) and s.observation_id = o.id) as hashes
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
  kind: string;
  value: string;
  asset_id: string;
  quality: string;
}

/** Which assets have these key values: a few per value are enough to decide. */
export async function findByKeys(db: Db, keys: readonly { kind: string; value: string }[]): Promise<KeyHit[]> {
  if (keys.length === 0) return [];
  return (
    await sql<KeyHit>`select w.kind, w.value, k.asset_id, k.quality from unnest(${keys.map((k) => k.kind)}::text[], ${keys.map((k) => k.value)}::text[]) as w (kind, value)
      cross join lateral (select asset_id, quality from identity_keys i where i.kind = w.kind and i.value = w.value order by (quality = 'shared') desc, asset_id limit 8) k`.execute(
      db,
    )
  ).rows;
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

/** Every key of the assets' observations, with `shared` where a value was demoted. */
export async function keysOfAssets(db: Db, assetIds: readonly string[]): Promise<Map<string, IdentityKey[]>> {
  if (assetIds.length === 0) return new Map();
  const { rows } = await sql<{ asset_id: string; keys: IdentityKey[]; shared: string[] | null }>`select o.asset_id, o.keys,
      (select array_agg(k.kind || ' ' || k.value) from identity_keys k where k.observation_id = o.id and k.quality = 'shared') as shared
    from observations o where o.asset_id = any(${assetIds}::uuid[])`.execute(db);
  const byAsset = new Map<string, IdentityKey[]>();
  for (const row of rows) {
    const shared = new Set(row.shared);
    const keys = row.keys.map((k): IdentityKey =>
      shared.has(`${k.kind} ${k.value}`) ? { ...k, quality: 'shared', reason: 'seen on several machines' } : k,
    );
    byAsset.set(row.asset_id, [...(byAsset.get(row.asset_id) ?? []), ...keys]);
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
