import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';
import type { AssetRow } from './store.ts';

type Sql = RawBuilder<unknown>;

/** What an asset has at any time, in `assets` and `asset_history` alike. */
const versioned = sql.raw(
  'tag, name, class_key, state, substate, condition, manufacturer, model, model_id, serial, os_name, os_version, os_family, cpu, cores, memory_mb, last_user, person_id, place_id, org_unit_id, warranty_starts_on, warranty_ends_on, domain, notes, redirected_to, custom, created_at, search_text',
);

/**
 * Every asset as it was at an instant, as a source of rows: the present version where it is that old, else the kept one. A plain UNION ALL, so
 * that PostgreSQL takes conditions, ids and sort orders into both halves and merges two indexes.
 */
export function assetsAt(at: string, sample: Sql = sql``): Sql {
  return sql`(select id, ${versioned}, version_since as since, null::timestamptz as until from assets ${sample}
      where version_since <= ${at}::timestamptz and created_at <= ${at}::timestamptz
    union all select asset_id, ${versioned}, valid_from, valid_to from asset_history ${sample}
      where valid_from <= ${at}::timestamptz and valid_to > ${at}::timestamptz)`;
}

export interface PastRow extends AssetRow {
  custom: Record<string, unknown>;
  since: Date;
  until: Date | null;
  kept_since: Date;
}

/** One asset as it was at an instant; undefined when it was not there. When it was seen is not kept. */
export async function findAssetAt(db: Db, id: string, at: string): Promise<PastRow | undefined> {
  const { rows } = await sql<PastRow>`select a.id, ${versioned}, null::timestamptz as first_seen_at, null::timestamptz as last_seen_at,
      greatest(a.since, a.created_at) as since, a.until, greatest(a.since, a.created_at) as updated_at, 0 as version, s.at as kept_since
    from ${assetsAt(at)} a cross join asset_history_start s where a.id = ${id}`.execute(db);
  return rows[0];
}

export interface ChangeRow {
  field: string | null;
  to: unknown;
  at: Date;
  source: string;
  actor: string | null;
}

/** For each field the last change that the timeline has until then, and (with the field null) how the asset was entered. */
export async function changesUntil(db: Db, id: string, at: string): Promise<ChangeRow[]> {
  const { rows } =
    await sql<ChangeRow>`select distinct on (data ->> 'field') data ->> 'field' as field, data -> 'to' as "to", at, source, actor
    from asset_events where asset_id = ${id} and kind in ('field_changed', 'created') and at <= ${at}::timestamptz
    order by data ->> 'field', at desc, id desc`.execute(db);
  return rows;
}

/** The class, the names of today of what is pointed at, and how many titles were installed then. */
export async function surroundingsAt(
  db: Db,
  row: AssetRow,
  at: string,
): Promise<{ class: { key: string; label: string; capabilities: string[] }; names: Record<string, string>; installed_titles: number }> {
  const ids = [row.person_id, row.place_id, row.org_unit_id].filter((id) => id !== null);
  const { rows } = await sql<{
    class: { key: string; label: string; capabilities: string[] } | null;
    names: Record<string, string>;
    installed_titles: number;
  }>`select
    (select jsonb_build_object('key', c.key, 'label', c.label, 'capabilities', c.capabilities) from asset_classes c where c.key = ${row.class_key}) as class,
    (${namesOf(ids)}) as names,
    (select count(*)::int from installations i where i.asset_id = ${row.id} and i.first_seen_at <= ${at}::timestamptz
      and (i.removed_at is null or i.removed_at > ${at}::timestamptz)) as installed_titles`.execute(db);
  const found = rows[0];
  return {
    class: found?.class ?? { key: row.class_key, label: row.class_key, capabilities: [] },
    names: found?.names ?? {},
    installed_titles: found?.installed_titles ?? 0,
  };
}

const namesOf = (ids: readonly unknown[]): Sql => sql`select coalesce(jsonb_object_agg(n.id, n.name), '{}') from (
  select id, name from people where id = any(${ids}::uuid[]) union all select id, name from places where id = any(${ids}::uuid[])
  union all select id, name from org_units where id = any(${ids}::uuid[])) n`;

export async function namesOfReferences(db: Db, ids: readonly string[]): Promise<Record<string, string>> {
  if (ids.length === 0) return {};
  return (await sql<{ names: Record<string, string> }>`select (${namesOf(ids)}) as names`.execute(db)).rows[0]?.names ?? {};
}

export interface ValueRunRow {
  value: string | number | null;
  /** In full: a JavaScript date would lose the microseconds. */
  since: string;
  until: string | null;
  source: string | null;
  actor: string | null;
  kept_since: Date;
}

const full = (time: Sql): Sql => sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The values a column had one after the other, newest first, with the event of the same time that tells who changed it. */
export async function valueRuns(
  db: Db,
  id: string,
  of: { column: string; field: string },
  page: { limit: number; before: string | null },
): Promise<ValueRunRow[]> {
  const column = sql.ref(of.column);
  const { rows } = await sql<ValueRunRow>`with versions as (
      select valid_from as since, ${column} as value from asset_history where asset_id = ${id}
      union all select greatest(version_since, created_at), ${column} from assets where id = ${id}),
    marked as (select since, value, row_number() over w = 1 or value is distinct from lag(value) over w as starts from versions window w as (order by since)),
    runs as (select since, value, lead(since) over (order by since) as until from marked where starts)
    select r.value, ${full(sql`r.since`)} as since, ${full(sql`r.until`)} as until, e.source, e.actor, s.at as kept_since
    from runs r cross join asset_history_start s left join lateral (
      select source, actor from asset_events e where e.asset_id = ${id} and e.at = r.since
        and (e.kind = 'created' or (e.kind = 'field_changed' and e.data ->> 'field' = ${of.field}) or (e.kind = 'transitioned' and ${of.field} = 'state'))
      order by e.id desc limit 1) e on true
    where ${page.before === null ? sql`true` : sql`r.since < ${page.before}::timestamptz`} order by r.since desc limit ${page.limit}`.execute(
    db,
  );
  return rows;
}
