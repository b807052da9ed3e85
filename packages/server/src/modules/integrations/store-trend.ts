import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface DayRow {
  day: string;
  counted_at: Date;
  assets: number;
  managed_without_agent: number;
  one_source: number;
  only_in_network: number;
  only_in_network_random: number;
}

export async function saveDay(tx: Tx, day: string, now: Date, d: Omit<DayRow, 'day' | 'counted_at'>): Promise<void> {
  await sql`insert into coverage_days (day, counted_at, assets, managed_without_agent, one_source, only_in_network, only_in_network_random)
    values (${day}::date, ${now}, ${d.assets}, ${d.managed_without_agent}, ${d.one_source}, ${d.only_in_network}, ${d.only_in_network_random})
    on conflict (day) do update set counted_at = excluded.counted_at, assets = excluded.assets, managed_without_agent = excluded.managed_without_agent,
      one_source = excluded.one_source, only_in_network = excluded.only_in_network, only_in_network_random = excluded.only_in_network_random`.execute(
    tx,
  );
}

export interface SourceDay {
  source: string;
  assets: number;
  held: number;
}

/** What each source sees on the day, with the deliveries that came on it so far. */
export async function saveSourceDays(tx: Tx, day: string, sources: readonly SourceDay[]): Promise<void> {
  await sql`with seen as (select * from jsonb_to_recordset(${JSON.stringify(sources)}::jsonb) as r (source text, assets integer, held integer)),
      came as (${deliveriesOf(day)})
    insert into coverage_source_days (day, source, assets, held, reports, failures)
    select ${day}::date, coalesce(s.source, c.family), coalesce(s.assets, 0), coalesce(s.held, 0), coalesce(c.reports, 0), coalesce(c.failures, 0)
    from seen s full join came c on c.family = s.source
    on conflict (day, source) do update set assets = excluded.assets, held = excluded.held, reports = excluded.reports, failures = excluded.failures`.execute(
    tx,
  );
}

/** The day is over: its deliveries are counted for the last time. */
export async function closeSourceDay(tx: Tx, day: string): Promise<void> {
  await sql`update coverage_source_days d set reports = c.reports, failures = c.failures from (${deliveriesOf(day)}) c
    where d.day = ${day}::date and d.source = c.family`.execute(tx);
}

const deliveriesOf = (
  day: string,
) => sql`select family, count(*)::integer as reports, count(*) filter (where state = 'failed')::integer as failures
  from inbox where received_at >= ${`${day}T00:00:00Z`}::timestamptz and received_at < ${`${day}T00:00:00Z`}::timestamptz + interval '1 day' group by family`;

export interface CellDay {
  connector_id: string;
  scope: string;
  state: string;
  rows: number;
  missing: number;
}

export async function saveCellDays(tx: Tx, day: string, cells: readonly CellDay[]): Promise<void> {
  if (cells.length === 0) return;
  await sql`insert into coverage_cell_days (day, connector_id, scope, state, rows, missing)
    select ${day}::date, r.* from jsonb_to_recordset(${JSON.stringify(cells)}::jsonb) as r (connector_id uuid, scope text, state text, rows integer, missing integer)
    on conflict (day, connector_id, scope) do update set state = excluded.state, rows = excluded.rows, missing = excluded.missing`.execute(
    tx,
  );
}

export async function removeDaysBefore(tx: Tx, day: string): Promise<void> {
  for (const table of ['coverage_days', 'coverage_source_days', 'coverage_cell_days'])
    await sql`delete from ${sql.table(table)} where day < ${day}::date`.execute(tx);
}

export async function daysSince(db: Db, day: string): Promise<DayRow[]> {
  return (
    await sql<DayRow>`select *, day::text as day from coverage_days where coverage_days.day >= ${day}::date order by coverage_days.day`.execute(
      db,
    )
  ).rows;
}

export async function sourceDaysSince(db: Db, day: string): Promise<(SourceDay & { day: string; reports: number; failures: number })[]> {
  const { rows } = await sql<
    SourceDay & { day: string; reports: number; failures: number }
  >`select day::text as day, source, assets, held, reports, failures from coverage_source_days where coverage_source_days.day >= ${day}::date order by source, coverage_source_days.day`.execute(
    db,
  );
  return rows;
}

/** Of connectors that are there. */
export async function cellDaysSince(db: Db, day: string): Promise<(CellDay & { day: string })[]> {
  const { rows } = await sql<
    CellDay & { day: string }
  >`select d.day::text as day, d.connector_id, d.scope, d.state, d.rows, d.missing from coverage_cell_days d
    where d.day >= ${day}::date and exists (select 1 from connectors c where c.id = d.connector_id) order by d.connector_id, d.scope, d.day`.execute(
    db,
  );
  return rows;
}
