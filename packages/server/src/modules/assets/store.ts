import type { AssetCondition, LifecycleState } from '@muster/api/assets';
import type { StalenessLimits } from '@muster/core/freshness';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { AssetColumn, FieldValue } from './fields.ts';
import type { ClassRow } from './store-classes.ts';

/** An asset as it is stored; the columns of `fieldColumns` cache the winning values. */
export interface AssetRow extends Record<AssetColumn, FieldValue | null> {
  id: string;
  class_key: string;
  state: LifecycleState;
  substate: string | null;
  first_seen_at: Date | null;
  last_seen_at: Date | null;
  created_at: Date;
  updated_at: Date;
  redirected_to: string | null;
  version: number;
}

export interface FieldValueRow {
  asset_id: string;
  field: string;
  source: string;
  value: FieldValue | null;
  observed_at: Date;
  actor: string | null;
}

export interface EventRow {
  id: string;
  at: Date;
  kind: string;
  source: string;
  actor: string | null;
  data: Record<string, unknown>;
}

const columns = sql.raw(
  'a.id, a.tag, a.name, a.class_key, a.state, a.substate, a.manufacturer, a.model, a.serial, a.os_name, a.os_version, a.os_family, a.cpu, a.cores, a.memory_mb, a.last_user, a.person_id, a.place_id, a.org_unit_id, a.warranty_starts_on, a.warranty_ends_on, a.domain, a.notes, a.first_seen_at, a.last_seen_at, a.created_at, a.updated_at, a.redirected_to, a.version',
);

export async function findAsset(db: Db, id: string): Promise<AssetRow | undefined> {
  return (await sql<AssetRow>`select ${columns} from assets a where a.id = ${id}`.execute(db)).rows[0];
}

/** Locks the row until the transaction ends, so that two edits of one asset come one after the other. */
export async function lockAsset(tx: Tx, id: string): Promise<AssetRow | undefined> {
  return (await sql<AssetRow>`select ${columns} from assets a where a.id = ${id} for update`.execute(tx)).rows[0];
}

/** Locks many rows in the order of their ids, which every batch does, so that two batches never wait for each other. */
export async function lockAssets(tx: Tx, ids: readonly string[]): Promise<AssetRow[]> {
  return (await sql<AssetRow>`select ${columns} from assets a where a.id = any(${ids}::uuid[]) order by a.id for no key update`.execute(tx))
    .rows;
}

/** Many rows as they are, without a lock. */
export async function assetRows(db: Db, ids: readonly string[]): Promise<AssetRow[]> {
  return (await sql<AssetRow>`select ${columns} from assets a where a.id = any(${ids}::uuid[]) order by a.id`.execute(db)).rows;
}

export async function fieldValuesOf(db: Db, ids: readonly string[]): Promise<FieldValueRow[]> {
  return (
    await sql<FieldValueRow>`select asset_id, field, source, value, observed_at, actor from asset_field_values where asset_id = any(${ids}::uuid[])`.execute(
      db,
    )
  ).rows;
}

/** When each source of each asset last reported at all. */
export async function sourceTimesOf(
  db: Db,
  ids: readonly string[],
): Promise<{ asset_id: string; source: string; last_received_at: Date }[]> {
  return (
    await sql<{
      asset_id: string;
      source: string;
      last_received_at: Date;
    }>`select asset_id, source, max(last_received_at) as last_received_at
      from observations where asset_id = any(${ids}::uuid[]) group by asset_id, source`.execute(db)
  ).rows;
}

export async function insertAsset(
  tx: Tx,
  row: { id: string; state: LifecycleState; now: Date; values: Partial<Record<AssetColumn, FieldValue>> },
): Promise<void> {
  const names = Object.keys(row.values) as AssetColumn[];
  await sql`insert into assets (id, state, created_at, updated_at, ${sql.join(names.map((n) => sql.ref(n)))})
    values (${row.id}, ${row.state}, ${row.now}, ${row.now}, ${sql.join(names.map((n) => row.values[n] ?? null))})`.execute(tx);
}

export async function setColumns(
  tx: Tx,
  id: string,
  values: Partial<Record<AssetColumn, FieldValue | null>> & { state?: LifecycleState; condition?: AssetCondition },
  now: Date,
): Promise<void> {
  const sets = Object.entries(values).map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
  await sql`update assets set ${sql.join([...sets, sql`updated_at = ${now}`, sql`version = version + 1`])} where id = ${id}`.execute(tx);
}

export async function putManualValue(tx: Tx, assetId: string, field: string, value: FieldValue, now: Date, actor: string): Promise<void> {
  await sql`insert into asset_field_values (asset_id, field, source, value, observed_at, actor) values (${assetId}, ${field}, 'manual', ${JSON.stringify(value)}::jsonb, ${now}, ${actor})
    on conflict (asset_id, field, source) do update set value = excluded.value, observed_at = excluded.observed_at, actor = excluded.actor`.execute(
    tx,
  );
}

export async function dropManualValue(tx: Tx, assetId: string, field: string): Promise<void> {
  await sql`delete from asset_field_values where asset_id = ${assetId} and field = ${field} and source = 'manual'`.execute(tx);
}

/** Which of the given references exist, and which asset has the tag. One statement for all checks of a form. */
export async function checkReferences(
  db: Db,
  wanted: {
    classKey: string | null;
    person: string | null;
    place: string | null;
    orgUnit: string | null;
    tag: string | null;
    except: string | null;
  },
): Promise<{ class_ok: boolean; person_ok: boolean; place_ok: boolean; org_unit_ok: boolean; tag_of: string | null }> {
  const { rows } = await sql<{
    class_ok: boolean;
    person_ok: boolean;
    place_ok: boolean;
    org_unit_ok: boolean;
    tag_of: string | null;
  }>`select
    exists (select 1 from asset_classes where key = ${wanted.classKey} and retired_at is null) as class_ok,
    exists (select 1 from people where id = ${wanted.person}) as person_ok,
    exists (select 1 from places where id = ${wanted.place}) as place_ok,
    exists (select 1 from org_units where id = ${wanted.orgUnit}) as org_unit_ok,
    (select id from assets where lower(tag) = lower(${wanted.tag}::text) and redirected_to is null and id is distinct from ${wanted.except}::uuid) as tag_of`.execute(
    db,
  );
  return rows[0] as (typeof rows)[number];
}

/** The names of what an asset points at, its class, its sources and how many titles are on it: what the record shows besides its own row. */
export async function surroundingsOf(db: Db, asset: AssetRow, referenceIds: readonly string[]): Promise<Surroundings> {
  const { rows } = await sql<Surroundings>`select
    (select jsonb_build_object('key', c.key, 'label', c.label, 'capabilities', c.capabilities) from asset_classes c where c.key = ${asset.class_key}) as class,
    (select coalesce(jsonb_object_agg(n.id, n.name), '{}') from (
      select id, name from people where id = any(${referenceIds}::uuid[]) union all select id, name from places where id = any(${referenceIds}::uuid[])
      union all select id, name from org_units where id = any(${referenceIds}::uuid[])) n) as names,
    (select coalesce(jsonb_agg(jsonb_build_object('observationId', o.id, 'source', o.source, 'nativeId', o.native_id, 'agentVersion', o.agent_version,
      'firstReceivedAt', o.first_received_at, 'lastReceivedAt', o.last_received_at, 'reports', o.reports) order by o.last_received_at desc), '[]') from observations o where o.asset_id = ${asset.id}) as sources,
    (select jsonb_build_object('staleDays', l.stale_days, 'missingDays', l.missing_days, 'retireDays', l.retire_days) from staleness_limits l where l.class_key = ${asset.class_key}) as limits,
    (select coalesce(jsonb_agg(jsonb_build_object('section', s.section, 'source', o.source, 'observationId', s.observation_id, 'changedAt', s.changed_at,
      'seenAt', greatest(s.changed_at, o.last_full_at)) order by s.section, o.last_received_at desc), '[]')
      from observation_sections s join observations o on o.id = s.observation_id where s.asset_id = ${asset.id}) as sections,
    (select count(*)::int from installations i where i.asset_id = ${asset.id} and i.removed_at is null) as installed_titles`.execute(db);
  return rows[0] as Surroundings;
}
export interface Surroundings {
  class: { key: string; label: string; capabilities: string[] };
  names: Record<string, string>;
  sources: {
    observationId: string;
    source: string;
    nativeId: string;
    agentVersion: string | null;
    firstReceivedAt: string;
    lastReceivedAt: string;
    reports: number;
  }[];
  installed_titles: number;
  limits: StalenessLimits | null;
  sections: { section: string; source: string; observationId: string; changedAt: string; seenAt: string }[];
}

/** Newest first, after the event `before` when given. */
export async function eventsOf(
  db: Db,
  assetId: string,
  options: { limit: number; before: { at: Date; id: string } | null; kind: string | null },
): Promise<EventRow[]> {
  const { before, kind } = options;
  return (
    await sql<EventRow>`select id, at, kind, source, actor, data from asset_events where asset_id = ${assetId}
      ${before ? sql`and (at, id) < (${before.at}, ${before.id})` : sql``} ${kind ? sql`and kind = ${kind}` : sql``}
      order by at desc, id desc limit ${options.limit}`.execute(db)
  ).rows;
}

/** The raw titles of evidence, for events that name it by id. */
export async function titlesOf(db: Db, evidenceIds: readonly number[]): Promise<Map<number, { name: string; version: string | null }>> {
  if (evidenceIds.length === 0) return new Map();
  const { rows } = await sql<{
    id: number;
    name: string;
    version: string | null;
  }>`select id, name, version from evidence where id = any(${evidenceIds}::int[])`.execute(db);
  return new Map(rows.map((r) => [r.id, r]));
}

export async function classesWithCounts(db: Db): Promise<ClassRow[]> {
  return (
    await sql<ClassRow>`select c.key, c.label, c.parent_key, c.capabilities, c.own, c.retired_at is not null as retired, c.version, coalesce(n.n, 0)::int as assets
      from asset_classes c left join (select class_key, count(*) as n from assets where redirected_to is null group by class_key) n on n.class_key = c.key order by c.label`.execute(
      db,
    )
  ).rows;
}

/** Makes the classes of content known, parents first; labels and capabilities follow the content. */
export async function putClasses(
  tx: Tx,
  classes: readonly { key: string; label: string; parent: string | null; capabilities: string[] }[],
): Promise<void> {
  await sql`insert into asset_classes (key, label, capabilities) select c.key, c.label, c.capabilities
    from jsonb_to_recordset(${JSON.stringify(classes)}::jsonb) as c (key text, label text, capabilities text[])
    on conflict (key) do update set label = excluded.label, own = false,
      capabilities = coalesce(asset_classes.changed_capabilities, excluded.capabilities)
    where asset_classes.own or (asset_classes.label, asset_classes.capabilities) is distinct from
      (excluded.label, coalesce(asset_classes.changed_capabilities, excluded.capabilities))`.execute(tx);
  await sql`update asset_classes a set parent_key = c.parent from jsonb_to_recordset(${JSON.stringify(classes)}::jsonb) as c (key text, parent text)
    where a.key = c.key and a.parent_key is distinct from c.parent`.execute(tx);
}

export async function assetExists(db: Db, id: string): Promise<boolean> {
  return (
    (await sql<{ there: boolean }>`select exists (select 1 from assets where id = ${id}) as there`.execute(db)).rows[0]?.there ?? false
  );
}

/** Those of these assets that meet a condition on `a`. */
export async function assetsWithin(db: Db, ids: readonly string[], condition: ReturnType<typeof sql>): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select a.id from assets a where a.id = any(${ids}::uuid[]) and ${condition}`.execute(db);
  return rows.map((r) => r.id);
}
