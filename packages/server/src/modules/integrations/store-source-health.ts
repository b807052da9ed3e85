import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';

export interface FamilyRow {
  family: string;
  machines: number;
  silent: number;
  last_report_at: Date | null;
  /** Of the last 24 hours. */
  reports: number;
  failures: number;
  last_error_at: Date | null;
  last_error: string | null;
}

/** Families of agents that ever reported, with what came of the last day. */
export async function familyRows(db: Db, families: readonly string[], silentSince: Date, since: Date): Promise<FamilyRow[]> {
  const { rows } = await sql<FamilyRow>`
    with states as (select family, count(*)::integer as machines, count(*) filter (where last_contact_at < ${silentSince})::integer as silent, max(last_report_at) as last_report_at
      from agent_states where family = any(${families}::text[]) group by family),
    day as (select family, count(*)::integer as reports, count(*) filter (where state = 'failed')::integer as failures from inbox
      where received_at >= ${since} and family = any(${families}::text[]) group by family),
    named as (select family from states union select family from day)
    select n.family, coalesce(s.machines, 0) as machines, coalesce(s.silent, 0) as silent, s.last_report_at, coalesce(d.reports, 0) as reports, coalesce(d.failures, 0) as failures,
      e.received_at as last_error_at, e.error as last_error
    from named n left join states s using (family) left join day d using (family)
    left join lateral (select i.received_at, i.error from inbox i where i.family = n.family and i.state = 'failed' order by i.received_at desc limit 1) e on true
    order by n.family`.execute(db);
  return rows;
}

export interface Volume {
  key: string;
  day: string;
  count: number;
}

/** Deliveries a day: past days as they were counted, the running one as it is. */
export async function familyVolumes(db: Db, families: readonly string[], from: string, today: string): Promise<Volume[]> {
  const { rows } = await sql<Volume>`select source as key, day::text as day, reports as count from coverage_source_days
      where coverage_source_days.day >= ${from}::date and coverage_source_days.day < ${today}::date and source = any(${families}::text[])
    union all select family, ${today}, count(*)::integer from inbox where received_at >= ${`${today}T00:00:00Z`}::timestamptz and family = any(${families}::text[]) group by family`.execute(
    db,
  );
  return rows;
}

export interface ConnectorFailure {
  connector_id: string;
  finished_at: Date;
  message: string | null;
}

/** The last run of each connector in which a listing was not complete. */
export async function connectorFailures(db: Db): Promise<ConnectorFailure[]> {
  const { rows } =
    await sql<ConnectorFailure>`select c.id as connector_id, f.finished_at, coalesce(f.cell_message, f.message) as message from connectors c
    join lateral (select r.finished_at, r.message, (select x.message from connector_cells x where x.run_id = r.id and x.result <> 'ok' and x.message is not null order by x.ordinal limit 1) as cell_message
      from connector_runs r where r.connector_id = c.id and r.state in ('partly', 'failed') order by r.created_at desc limit 1) f on true`.execute(
      db,
    );
  return rows;
}

/** What runs of connectors listed on each day. */
export async function connectorVolumes(db: Db, from: string): Promise<Volume[]> {
  const { rows } =
    await sql<Volume>`select connector_id::text as key, (created_at at time zone 'UTC')::date::text as day, sum(devices + people)::integer as count from connector_runs
    where created_at >= ${`${from}T00:00:00Z`}::timestamptz group by 1, 2`.execute(db);
  return rows;
}

export interface NetworkRow {
  id: string;
  name: string;
  collector: string | null;
  enabled: boolean;
  every_hours: number | null;
  next_run_at: Date | null;
  last_state: string | null;
  last_requested_at: Date | null;
  last_heard_at: Date | null;
  last_up: number | null;
  last_ok_at: Date | null;
  last_error_at: Date | null;
  last_error: string | null;
}

/** Networks with their latest run, their latest good one and their latest failed one. */
export async function networkRows(db: Db): Promise<NetworkRow[]> {
  const { rows } =
    await sql<NetworkRow>`select s.id, s.name, k.name as collector, s.enabled, s.every_hours, s.next_run_at, l.state as last_state, l.requested_at as last_requested_at,
      l.last_heard_at, l.up as last_up, o.finished_at as last_ok_at, e.finished_at as last_error_at, e.message as last_error
    from scan_ranges s left join enrolment_keys k on k.id = s.collector_id
    left join lateral (select * from scan_runs r where r.range_id = s.id order by r.requested_at desc limit 1) l on true
    left join lateral (select finished_at from scan_runs r where r.range_id = s.id and r.state = 'done' order by r.requested_at desc limit 1) o on true
    left join lateral (select finished_at, message from scan_runs r where r.range_id = s.id and r.state = 'failed' order by r.requested_at desc limit 1) e on true
    order by s.name, s.id`.execute(db);
  return rows;
}

/** Addresses that gave something, by network and day. */
export async function networkVolumes(db: Db, from: string): Promise<Volume[]> {
  const { rows } =
    await sql<Volume>`select range_id::text as key, (requested_at at time zone 'UTC')::date::text as day, sum(results)::integer as count from scan_runs
    where requested_at >= ${`${from}T00:00:00Z`}::timestamptz group by 1, 2`.execute(db);
  return rows;
}

/** SNMP walks that people kept, by day. */
export async function walkVolumes(db: Db, from: string): Promise<(Volume & { last_at: Date })[]> {
  const { rows } = await sql<
    Volume & { last_at: Date }
  >`select 'snmp' as key, (at at time zone 'UTC')::date::text as day, count(*)::integer as count, max(at) as last_at
    from audit_log where at >= ${`${from}T00:00:00Z`}::timestamptz and action = 'snmp_walk.kept' group by 2`.execute(db);
  return rows;
}
