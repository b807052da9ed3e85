import type { Component } from '@muster/core/components';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';

/** One kind of components of one observation. */
export interface ComponentPlace {
  readonly assetId: string;
  readonly observationId: string;
  readonly section: string;
  readonly kind: string;
}
export interface PresentComponent {
  asset_id: string;
  id: string;
  observation_id: string;
  kind: string;
  key: string;
  name: string;
  manufacturer: string | null;
  model: string | null;
  serial: string | null;
  data: Record<string, unknown>;
}

/** What is present of these kinds, in one statement. */
export async function presentComponents(db: Db, places: readonly ComponentPlace[]): Promise<PresentComponent[]> {
  if (places.length === 0) return [];
  const { rows } =
    await sql<PresentComponent>`select c.asset_id, c.id, c.observation_id, c.kind, c.key, c.name, c.manufacturer, c.model, c.serial, c.data
    from (select distinct * from unnest(${places.map((p) => p.assetId)}::uuid[], ${places.map((p) => p.observationId)}::uuid[], ${places.map((p) => p.kind)}::text[]) as w (asset_id, observation_id, kind)) w
    join components c on c.asset_id = w.asset_id and c.observation_id = w.observation_id and c.kind = w.kind and c.removed_at is null`.execute(
      db,
    );
  return rows;
}

export interface ComponentHolder {
  kind: string;
  serial: string;
  asset_id: string;
  asset_label: string;
  observation_id: string;
  /** Null: it is there now. */
  removed_at: Date | null;
}

/** Who has components of these serial numbers, or had them last: at most three of each, those that have it now first. */
export async function holdersOf(db: Db, sought: readonly { kind: string; serial: string }[]): Promise<ComponentHolder[]> {
  if (sought.length === 0) return [];
  const { rows } =
    await sql<ComponentHolder>`select c.kind, c.serial, c.asset_id, coalesce(a.name, a.tag, a.serial, a.id::text) as asset_label, c.observation_id, c.removed_at
    from (select distinct * from unnest(${sought.map((s) => s.kind)}::text[], ${sought.map((s) => s.serial.toLowerCase())}::text[]) as w (kind, serial)) w
    cross join lateral (select * from components c where c.kind = w.kind and lower(c.serial) = w.serial order by c.removed_at desc nulls first limit 3) c
    join assets a on a.id = c.asset_id`.execute(db);
  return rows;
}

export type ComponentWrite = Pick<ComponentPlace, 'assetId' | 'observationId'> & { component: Component; at: Date };

/** Adds components; of those that are present their details follow. */
export async function upsertComponents(tx: Tx, rows: readonly ComponentWrite[]): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map(({ assetId, observationId, component: c, at }) => ({
    a: assetId,
    i: newId(),
    o: observationId,
    k: c.kind,
    y: c.key,
    n: c.name,
    m: c.manufacturer,
    l: c.model,
    s: c.serial,
    d: c.data,
    t: at.toISOString(),
  }));
  await sql`insert into components (asset_id, id, observation_id, kind, key, name, manufacturer, model, serial, data, first_seen_at)
    select a, i, o, k, y, n, m, l, s, d, t from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, i uuid, o uuid, k text, y text, n text, m text, l text, s text, d jsonb, t timestamptz)
    on conflict (asset_id, observation_id, kind, key) where removed_at is null
    do update set name = excluded.name, manufacturer = excluded.manufacturer, model = excluded.model, serial = excluded.serial, data = excluded.data`.execute(
    tx,
  );
}

export async function removeComponents(tx: Tx, rows: readonly { assetId: string; id: string; at: Date }[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`update components c set removed_at = r.at from unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.at)}::timestamptz[]) as r (asset_id, id, at)
    where c.asset_id = r.asset_id and c.id = r.id`.execute(tx);
}

/**
 * Virtual machines run on the host that tells of them: by the UUID, which is canonical on both sides whatever the byte order. Looks at what
 * these assets host and at what they are. What a host no longer tells is no longer so.
 */
export async function linkVirtualMachines(tx: Tx, assetIds: readonly string[], at: Date): Promise<void> {
  if (assetIds.length === 0) return;
  await sql`with told as (
      select c.asset_id as host, c.observation_id, c.serial, c.name from components c where c.kind = 'virtual_machine' and c.removed_at is null and c.asset_id = any(${assetIds}::uuid[])
      union select c.asset_id, c.observation_id, c.serial, c.name from identity_keys k join components c on lower(c.serial) = k.value and c.kind = 'virtual_machine' and c.removed_at is null
        where k.kind = 'uuid' and k.asset_id = any(${assetIds}::uuid[])),
    pairs as (select distinct on (k.asset_id, t.host, o.source) k.asset_id as guest, t.host, o.source, t.name from told t join observations o on o.id = t.observation_id
      join identity_keys k on k.kind = 'uuid' and k.value = lower(t.serial) and k.quality in ('good', 'weak') where k.asset_id <> t.host order by 1, 2, 3)
    insert into relations (asset_id, id, kind, other_id, source, data, first_seen_at, last_seen_at)
    select guest, gen_random_uuid(), 'runs_on', host, source, jsonb_build_object('name', name), ${at}, ${at} from pairs order by guest, host, source
    on conflict (asset_id, kind, other_id, source) do update set last_seen_at = excluded.last_seen_at, removed_at = null, data = excluded.data`.execute(
    tx,
  );
  await sql`update relations r set removed_at = ${at} where r.other_id = any(${assetIds}::uuid[]) and r.kind = 'runs_on' and r.source <> 'manual' and r.removed_at is null
    and not exists (select 1 from components c join observations o on o.id = c.observation_id and o.source = r.source
      join identity_keys k on k.kind = 'uuid' and k.value = lower(c.serial) and k.asset_id = r.asset_id
      where c.asset_id = r.other_id and c.kind = 'virtual_machine' and c.removed_at is null)`.execute(tx);
}

/** Whether sections were stored and no component was ever read out of them. */
export async function lacksComponents(db: Db, sections: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ lacks: boolean }>`select not exists (select 1 from components)
    and exists (select 1 from observation_sections s join observations o on o.id = s.observation_id and o.asset_id = s.asset_id where s.section = any(${sections}::text[])) as lacks`.execute(
    db,
  );
  return rows[0]?.lacks ?? false;
}

/** The next stored sections that components are read from, of assets, in the order of their key. */
export async function sectionsOfComponents(
  db: Db,
  options: { sections: readonly string[]; after: { assetId: string; observationId: string; section: string }; limit: number },
): Promise<{ asset_id: string; observation_id: string; section: string; content: Buffer; changed_at: Date }[]> {
  const { after, limit, sections } = options;
  const { rows } = await sql<{
    asset_id: string;
    observation_id: string;
    section: string;
    content: Buffer;
    changed_at: Date;
  }>`select s.asset_id, s.observation_id, s.section, s.content, s.changed_at from observation_sections s join observations o on o.id = s.observation_id and o.asset_id = s.asset_id
    where (s.asset_id, s.observation_id, s.section) > (${after.assetId}::uuid, ${after.observationId}::uuid, ${after.section}) and s.section = any(${sections}::text[])
    order by s.asset_id, s.observation_id, s.section limit ${limit}`.execute(db);
  return rows;
}
