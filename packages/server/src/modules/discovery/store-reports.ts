import { reportResource } from '@muster/api/discovery';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const reportListing = defineListing(reportResource, {
  from: sql`inbox r`,
  id: sql`r.report_id`,
  joins: {
    asset: sql`left join assets a on a.id = r.asset_id`,
    key: sql`left join enrolment_keys k on k.id = r.enrolment_key_id`,
  },
  columns: {
    id: { sql: sql`r.report_id` },
    receivedAt: { sql: sql`r.received_at` },
    family: { sql: sql`r.family` },
    kind: { sql: sql`r.kind` },
    deviceId: { sql: sql`r.device_id` },
    deviceKey: { sql: sql`r.device_key` },
    state: { sql: sql`r.state` },
    outcome: { sql: sql`r.outcome` },
    asset: { sql: sql`a.name`, ref: sql`r.asset_id`, join: 'asset' },
    warnings: { sql: sql`r.warning_count` },
    partial: { sql: sql`r.partial` },
    bytes: { sql: sql`r.bytes` },
    inflatedBytes: { sql: sql`r.inflated_bytes` },
    userAgent: { sql: sql`r.user_agent` },
    agentVersion: { sql: sql`r.agent_version` },
    agentId: { sql: sql`r.agent_id` },
    enrolmentKey: { sql: sql`k.name`, ref: sql`r.enrolment_key_id`, join: 'key' },
    ip: { sql: sql`r.ip` },
    attempts: { sql: sql`r.attempts` },
    processedAt: { sql: sql`r.processed_at` },
    error: { sql: sql`r.error` },
  },
  search: sql`lower(r.device_key)`,
});

export interface ReportRecord {
  id: string;
  report_id: string;
  received_at: Date;
  family: string;
  kind: string;
  device_id: string | null;
  device_key: string;
  state: string;
  outcome: string | null;
  asset_id: string | null;
  asset_name: string | null;
  warnings: { code: string; path: string; message: string }[];
  warning_count: number;
  partial: boolean | null;
  bytes: number;
  inflated_bytes: number;
  user_agent: string | null;
  agent_version: string | null;
  agent_id: string | null;
  enrolment_key_id: string | null;
  enrolment_key_name: string | null;
  ip: string | null;
  attempts: number;
  processed_at: Date | null;
  error: string | null;
  content_type: string | null;
  body_available: boolean;
  observation_id: string | null;
  source: string | null;
  native_id: string | null;
  decision: { id: string; at: string; outcome: string; rule: string; reasons: unknown } | null;
}

export async function reportById(db: Db, id: string): Promise<ReportRecord | null> {
  const { rows } = await sql<ReportRecord>`select r.*, a.name as asset_name, k.name as enrolment_key_name, o.source, o.native_id,
      exists (select 1 from inbox_bodies b where b.hash = r.body_hash) as body_available,
      (select jsonb_build_object('id', d.id, 'at', d.at, 'outcome', d.outcome, 'rule', d.rule, 'reasons', d.reasons)
        from identity_decisions d where d.observation_id = r.observation_id order by d.at <= coalesce(r.processed_at, now()) desc, d.at desc limit 1) as decision
    from inbox r left join assets a on a.id = r.asset_id left join enrolment_keys k on k.id = r.enrolment_key_id left join observations o on o.id = r.observation_id
    where r.report_id = ${id}::uuid`.execute(db);
  return rows[0] ?? null;
}

export async function bodyOf(db: Db, id: string): Promise<Buffer | null> {
  const { rows } = await sql<{
    body: Buffer;
  }>`select b.body from inbox r join inbox_bodies b on b.hash = r.body_hash where r.report_id = ${id}::uuid`.execute(db);
  return rows[0]?.body ?? null;
}

export async function requeue(tx: Tx, id: string): Promise<void> {
  await sql`update inbox set state = 'pending', attempts = 0, not_before = null, error = null, processed_at = null where report_id = ${id}::uuid`.execute(
    tx,
  );
}

export interface SourceRecord {
  family: string;
  enrolment_key_id: string | null;
  enrolment_key_name: string | null;
  machines: string;
  last_report_at: Date | null;
  reports_24h: string;
  failures_24h: string;
  held: string;
}

/** Agent families by key: machines from the agents' states, traffic from the last day of the inbox. */
export async function sourceRows(db: Db, since: Date): Promise<SourceRecord[]> {
  const { rows } = await sql<SourceRecord>`with machines as (
      select family, enrolment_key_id, count(*) filter (where last_report_at is not null) as machines, max(last_report_at) as last_report_at from agent_states group by 1, 2),
    day as (select family, enrolment_key_id, count(*) as reports, count(*) filter (where state = 'failed') as failures, max(received_at) as last_report_at
      from inbox where received_at >= ${since} group by 1, 2),
    held as (select family, enrolment_key_id, count(distinct device_key) as held from inbox where state = 'held' group by 1, 2),
    named as (select family, enrolment_key_id from machines union select family, enrolment_key_id from day)
    select n.family, n.enrolment_key_id, k.name as enrolment_key_name, coalesce(m.machines, 0) as machines, greatest(m.last_report_at, d.last_report_at) as last_report_at,
      coalesce(d.reports, 0) as reports_24h, coalesce(d.failures, 0) as failures_24h, coalesce(h.held, 0) as held
    from named n
    left join machines m on m.family = n.family and m.enrolment_key_id is not distinct from n.enrolment_key_id
    left join day d on d.family = n.family and d.enrolment_key_id is not distinct from n.enrolment_key_id
    left join held h on h.family = n.family and h.enrolment_key_id is not distinct from n.enrolment_key_id
    left join enrolment_keys k on k.id = n.enrolment_key_id
    order by machines desc, n.family, k.name`.execute(db);
  return rows;
}

export interface InboxRecord {
  pending: string;
  oldest_pending_at: Date | null;
  processed_24h: string;
  failed_24h: string;
}

export async function inboxStatus(db: Db, since: Date): Promise<InboxRecord> {
  const { rows } = await sql<InboxRecord>`select (select count(*) from inbox where state = 'pending') as pending,
    (select received_at from inbox where state = 'pending' order by id limit 1) as oldest_pending_at,
    count(*) filter (where state in ('done', 'held', 'ignored')) as processed_24h, count(*) filter (where state = 'failed') as failed_24h
    from inbox where received_at >= ${since}`.execute(db);
  return rows[0] as InboxRecord;
}

const DEFAULT_KEEP_DAYS = 30;

export async function keepBodiesDays(db: Db): Promise<number> {
  const { rows } = await sql<{ keep_bodies_days: number }>`select keep_bodies_days from inbox_settings`.execute(db);
  return rows[0]?.keep_bodies_days ?? DEFAULT_KEEP_DAYS;
}

export async function saveKeepBodiesDays(tx: Tx, days: number): Promise<void> {
  await sql`insert into inbox_settings (only_row, keep_bodies_days) values (true, ${days}) on conflict (only_row) do update set keep_bodies_days = excluded.keep_bodies_days`.execute(
    tx,
  );
}

/**
 * Removes up to `limit` old bodies that nothing needs: not those of waiting reports, of held inventories, of the latest scan of an address,
 * nor of the latest full report of a machine. Returns how many went.
 */
export async function pruneBodies(tx: Tx, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`delete from inbox_bodies where hash in (
    select b.hash from inbox_bodies b where b.stored_at < ${before} and not exists (
      select 1 from inbox i where i.body_hash = b.hash and (i.state = 'pending' or (i.state = 'held' and i.kind = 'inventory')
        or (i.kind = 'netscan' and not exists (select 1 from inbox n where n.device_key = i.device_key and n.id > i.id and n.kind = 'netscan')) or (i.state = 'done' and i.partial is false
        and not exists (select 1 from inbox n where n.device_key = i.device_key and n.id > i.id and n.state = 'done' and n.partial is false))))
    order by b.stored_at limit ${limit} for update skip locked)
    and stored_at < ${before}`.execute(tx);
  return Number(numAffectedRows ?? 0);
}
