import type { Ref } from '@muster/api/fields';
import { type ScanRangeCreate, scanRangeResource, type ScanWindow } from '@muster/api/scans';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const scanRangeListing = defineListing(scanRangeResource, {
  from: sql`scan_ranges s`,
  id: sql`s.id`,
  joins: {
    collector: sql`left join enrolment_keys k on k.id = s.collector_id`,
    last: sql`left join lateral (select sr.state, sr.requested_at, sr.up from scan_runs sr where sr.range_id = s.id order by sr.requested_at desc limit 1) l on true`,
  },
  columns: {
    id: { sql: sql`s.id` },
    name: { sql: sql`s.name` },
    ranges: { sql: sql`array_to_string(s.ranges, ', ')` },
    addresses: { sql: sql`s.addresses` },
    collector: { sql: sql`k.name`, ref: sql`s.collector_id`, join: 'collector' },
    agent: { sql: sql`substr(s.agent_key, position(':' in s.agent_key) + 1)` },
    enabled: { sql: sql`s.enabled` },
    everyHours: { sql: sql`s.every_hours` },
    lastState: { sql: sql`l.state`, join: 'last' },
    lastRunAt: { sql: sql`l.requested_at`, join: 'last' },
    lastUp: { sql: sql`l.up`, join: 'last' },
    nextRunAt: { sql: sql`s.next_run_at` },
    createdAt: { sql: sql`s.created_at` },
    updatedAt: { sql: sql`s.updated_at` },
  },
});

/** The limits as they are stored together. */
export interface ScanLimits {
  allowPublic: boolean;
  hostBudget: number;
  ratePerSecond: number;
  concurrency: number;
  timeoutMs: number;
  hostSeconds: number;
  maxRows: number;
  tcpPorts: number[];
  snmpPort: number;
  ping: boolean;
  resolveNames: boolean;
  window: ScanWindow | null;
}

export interface RangeRow {
  id: string;
  name: string;
  collector_id: string | null;
  collector_name: string | null;
  /** Set instead of a collector. */
  agent_key: string | null;
  agent_enrolment_key_id: string | null;
  ranges: string[];
  excluded: string[];
  addresses: number;
  credential_ids: string[];
  credentials: Ref[];
  every_hours: number | null;
  enabled: boolean;
  limits: ScanLimits;
  next_run_at: Date | null;
  open_run_id: string | null;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export async function rangeById(db: Db, id: string): Promise<RangeRow | undefined> {
  const { rows } = await sql<RangeRow>`select s.*, k.name as collector_name,
      (select r.id from scan_runs r where r.range_id = s.id and r.state in ('queued', 'running')) as open_run_id,
      coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'label', c.name) order by w.n)
        from unnest(s.credential_ids) with ordinality as w (id, n) join credential_sets c on c.id = w.id), '[]') as credentials
    from scan_ranges s left join enrolment_keys k on k.id = s.collector_id where s.id = ${id}::uuid`.execute(db);
  return rows[0];
}

/** Which of the ids are no usable collector key, and no credential set. */
export async function unknownReferences(
  db: Db,
  collectorId: string | null,
  credentialIds: readonly string[],
): Promise<{ collector: boolean; credentials: string[] }> {
  const { rows } = await sql<{ collector: boolean; credentials: string[] }>`select
    ${collectorId}::uuid is not null and not exists (select 1 from enrolment_keys where id = ${collectorId}::uuid and kind = 'collector' and revoked_at is null) as collector,
    array(select w from unnest(${[...credentialIds]}::uuid[]) as w where not exists (select 1 from credential_sets c where c.id = w)) as credentials`.execute(
    db,
  );
  return rows[0] as { collector: boolean; credentials: string[] };
}

const limitsOf = (input: ScanRangeCreate): ScanLimits => ({
  allowPublic: input.allowPublic,
  hostBudget: input.hostBudget,
  ratePerSecond: input.ratePerSecond,
  concurrency: input.concurrency,
  timeoutMs: input.timeoutMs,
  hostSeconds: input.hostSeconds,
  maxRows: input.maxRows,
  tcpPorts: input.tcpPorts,
  snmpPort: input.snmpPort,
  ping: input.ping,
  resolveNames: input.resolveNames,
  window: input.window,
});

/** What the check of a network found out. */
export interface CheckedRange {
  readonly addresses: number;
  readonly agentEnrolmentKeyId: string | null;
}

export async function insertRange(
  tx: Tx,
  id: string,
  input: ScanRangeCreate,
  found: CheckedRange,
  nextRunAt: Date | null,
  now: Date,
): Promise<void> {
  await sql`insert into scan_ranges (id, name, collector_id, agent_key, agent_enrolment_key_id, ranges, excluded, addresses, credential_ids, every_hours, enabled, limits, next_run_at, created_at, updated_at)
    values (${id}, ${input.name}, ${input.collectorId}, ${input.agentId}, ${found.agentEnrolmentKeyId}, ${input.ranges}::text[], ${input.excluded}::text[], ${found.addresses}, ${input.credentialIds}::uuid[],
      ${input.everyHours}, ${input.enabled}, ${JSON.stringify(limitsOf(input))}::jsonb, ${nextRunAt}, ${now}, ${now})`.execute(tx);
}

/** False when the network has another version by now. */
export async function updateRange(
  tx: Tx,
  id: string,
  version: number,
  input: ScanRangeCreate,
  found: CheckedRange,
  nextRunAt: Date | null,
  now: Date,
): Promise<boolean> {
  const { rows } =
    await sql`update scan_ranges set name = ${input.name}, collector_id = ${input.collectorId}, agent_key = ${input.agentId}, agent_enrolment_key_id = ${found.agentEnrolmentKeyId}, ranges = ${input.ranges}::text[],
      excluded = ${input.excluded}::text[], addresses = ${found.addresses}, credential_ids = ${input.credentialIds}::uuid[], every_hours = ${input.everyHours},
      enabled = ${input.enabled}, limits = ${JSON.stringify(limitsOf(input))}::jsonb, next_run_at = ${nextRunAt}, updated_at = ${now}, version = version + 1
    where id = ${id}::uuid and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

export async function removeRange(tx: Tx, id: string): Promise<void> {
  await sql`delete from scan_ranges where id = ${id}::uuid`.execute(tx);
}

/** Scheduled networks whose time has come and that have no open run, locked. */
export async function dueRanges(tx: Tx, now: Date): Promise<{ id: string; name: string; every_hours: number }[]> {
  const { rows } = await sql<{ id: string; name: string; every_hours: number }>`select s.id, s.name, s.every_hours from scan_ranges s
    where s.enabled and s.every_hours is not null and s.next_run_at <= ${now}
      and not exists (select 1 from scan_runs r where r.range_id = s.id and r.state in ('queued', 'running'))
    order by s.next_run_at limit 200 for update skip locked`.execute(tx);
  return rows;
}

export async function setNextRun(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update scan_ranges set next_run_at = ${at} where id = ${id}::uuid`.execute(tx);
}
