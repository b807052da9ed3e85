import type { Warning } from '@muster/protocols';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** One delivery as it is stored before it is acknowledged. */
export interface Delivery {
  readonly reportId: string;
  readonly receivedAt: Date;
  /** Null: it came from a connector. */
  readonly enrolmentKeyId: string | null;
  readonly family: string;
  readonly kind: string;
  readonly deviceKey: string;
  readonly deviceId: string | null;
  readonly bodyHash: Buffer;
  readonly body: Uint8Array;
  readonly inflatedBytes: number;
  readonly contentType: string | null;
  readonly userAgent: string | null;
  readonly agentId: string | null;
  readonly agentVersion: string | null;
  readonly ip: string | null;
  /** `pending` for the worker; `failed` and `ignored` when no worker can do anything with it; `held` when it is kept for later. */
  readonly state: 'pending' | 'held' | 'failed' | 'ignored';
  readonly warnings: readonly Warning[];
  readonly error: string | null;
}

/** Wakes the workers at commit. */
export const inboxChannel = 'muster_inbox';

/** Stores deliveries and their bodies. The same content is stored once; storing it again saves it from a concurrent retention run. */
export async function insertDeliveries(tx: Tx, deliveries: readonly Delivery[]): Promise<void> {
  const bodies = new Map(deliveries.map((d) => [d.bodyHash.toString('latin1'), d]));
  // Sorted, so that two groups that hold the same content cannot wait for each other.
  const sorted = [...bodies.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, d]) => d);
  await sql`insert into inbox_bodies (hash, body, inflated_bytes, stored_at) values
      ${sql.join(sorted.map((d) => sql`(${d.bodyHash}, ${asBuffer(d.body)}, ${d.inflatedBytes}, ${d.receivedAt})`))}
    on conflict (hash) do update set stored_at = excluded.stored_at`.execute(tx);
  await sql`insert into inbox (report_id, received_at, enrolment_key_id, family, kind, device_key, device_id, body_hash, content_type, user_agent, agent_id, agent_version, ip,
      bytes, inflated_bytes, state, warnings, warning_count, error, processed_at)
    values ${sql.join(
      deliveries.map(
        (
          d,
        ) => sql`(${d.reportId}::uuid, ${d.receivedAt}, ${d.enrolmentKeyId}::uuid, ${d.family}, ${d.kind}, ${d.deviceKey}, ${d.deviceId}, ${d.bodyHash}, ${d.contentType}, ${d.userAgent},
          ${d.agentId}, ${d.agentVersion}, ${d.ip}, ${d.body.length}, ${d.inflatedBytes}, ${d.state}, ${JSON.stringify(d.warnings)}::jsonb, ${d.warnings.length}, ${d.error},
          ${d.state === 'pending' ? null : d.receivedAt}::timestamptz)`,
      ),
    )}`.execute(tx);
  await noteReports(tx, deliveries);
  if (deliveries.some((d) => d.state === 'pending')) await wakeWorkers(tx);
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export async function wakeWorkers(tx: Tx): Promise<void> {
  await sql`select pg_notify(${inboxChannel}, '')`.execute(tx);
}

async function noteReports(tx: Tx, deliveries: readonly Delivery[]): Promise<void> {
  const latest = new Map(deliveries.filter((d) => d.deviceId !== null).map((d) => [d.deviceKey, d]));
  if (latest.size === 0) return;
  const sorted = [...latest.values()].sort((a, b) => (a.deviceKey < b.deviceKey ? -1 : 1));
  await sql`insert into agent_states (device_key, family, enrolment_key_id, agent_id, agent_version, last_contact_at, last_report_at) values
      ${sql.join(sorted.map((d) => sql`(${d.deviceKey}, ${d.family}, ${d.enrolmentKeyId}::uuid, ${d.agentId}, ${d.agentVersion}, ${d.receivedAt}, ${d.receivedAt})`))}
    on conflict (device_key) do update set enrolment_key_id = excluded.enrolment_key_id, agent_id = coalesce(excluded.agent_id, agent_states.agent_id),
      agent_version = coalesce(excluded.agent_version, agent_states.agent_version), last_contact_at = excluded.last_contact_at, last_report_at = excluded.last_report_at`.execute(
    tx,
  );
}

/** Whether the agent must be told to send everything. */
export async function mustSendAll(db: Db, deviceKey: string): Promise<boolean> {
  const { rows } = await sql<{ force_full: boolean }>`select force_full from agent_states where device_key = ${deviceKey}`.execute(db);
  return rows[0]?.force_full ?? false;
}

/** Asks for everything at the next contact, or no longer. Writes only what changes. Call it last in a transaction: it holds the agent's row. */
export async function setForceFull(tx: Tx, deviceKeys: readonly string[], forceFull: boolean): Promise<void> {
  if (deviceKeys.length === 0) return;
  await sql`update agent_states set force_full = ${forceFull} where device_key in (
      select device_key from agent_states where device_key = any(${[...new Set(deviceKeys)]}::text[]) and force_full is distinct from ${forceFull} order by device_key for update)`.execute(
    tx,
  );
}

export interface PendingRow {
  readonly id: string;
  readonly device_key: string;
  readonly inflated_bytes: number;
}

/** The next pending deliveries behind `afterId`, oldest first; what waits for another attempt is left out. */
export async function pendingRows(db: Db, afterId: string, limit: number, now: Date): Promise<PendingRow[]> {
  const { rows } = await sql<PendingRow>`select id, device_key, inflated_bytes from inbox
    where state = 'pending' and id > ${afterId}::bigint and (not_before is null or not_before <= ${now}) order by id limit ${limit}`.execute(
    db,
  );
  return rows;
}

/**
 * Takes machines for this transaction, of those that no other worker has. The lock comes before the rows are read, so whoever gets it
 * sees what the one before has committed: reports of one machine are processed in order.
 */
export async function lockDevices(tx: Tx, deviceKeys: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ device_key: string }>`select k as device_key from unnest(${deviceKeys}::text[]) as k
    where pg_try_advisory_xact_lock(hashtextextended(k, 7021944))`.execute(tx);
  return new Set(rows.map((row) => row.device_key));
}

export interface ClaimedRow {
  readonly id: string;
  readonly report_id: string;
  readonly received_at: Date;
  readonly family: string;
  readonly kind: string;
  readonly device_key: string;
  readonly content_type: string | null;
  readonly user_agent: string | null;
  readonly agent_id: string | null;
  readonly inflated_bytes: number;
  readonly attempts: number;
  readonly waits: boolean;
  readonly body: Buffer | null;
}

/** The pending rows of locked machines up to `untilId`, in order, with their bodies. */
export async function claimedRows(tx: Tx, deviceKeys: readonly string[], untilId: string, limit: number, now: Date): Promise<ClaimedRow[]> {
  const { rows } =
    await sql<ClaimedRow>`select i.id, i.report_id, i.received_at, i.family, i.kind, i.device_key, i.content_type, i.user_agent, i.agent_id, i.inflated_bytes, i.attempts,
      coalesce(i.not_before > ${now}, false) as waits, b.body
    from inbox i left join inbox_bodies b on b.hash = i.body_hash
    where i.state = 'pending' and i.device_key = any(${deviceKeys}::text[]) and i.id <= ${untilId}::bigint
    order by i.id limit ${limit}`.execute(tx);
  return rows;
}

/** What became of one delivery. */
export interface Result {
  readonly id: string;
  readonly state: 'done' | 'held' | 'failed' | 'ignored' | 'pending';
  readonly outcome: string | null;
  readonly observationId: string | null;
  readonly assetId: string | null;
  readonly partial: boolean | null;
  readonly warnings: readonly Warning[];
  readonly attempts: number;
  readonly notBefore: Date | null;
  readonly error: string | null;
}

export async function writeResults(tx: Tx, results: readonly Result[], now: Date): Promise<void> {
  if (results.length === 0) return;
  const shaped = results.map((r) => ({
    id: r.id,
    state: r.state,
    outcome: r.outcome,
    observation_id: r.observationId,
    asset_id: r.assetId,
    partial: r.partial,
    warnings: r.warnings,
    warning_count: r.warnings.length,
    attempts: r.attempts,
    not_before: r.notBefore?.toISOString() ?? null,
    error: r.error,
    processed_at: r.state === 'pending' ? null : now.toISOString(),
  }));
  await sql`update inbox i set state = r.state, outcome = r.outcome, observation_id = r.observation_id, asset_id = r.asset_id, partial = r.partial, warnings = r.warnings,
      warning_count = r.warning_count, attempts = r.attempts, not_before = r.not_before, error = r.error, processed_at = r.processed_at
    from jsonb_to_recordset(${JSON.stringify(shaped)}::jsonb) as r (id bigint, state text, outcome text, observation_id uuid, asset_id uuid, partial boolean, warnings jsonb,
      warning_count integer, attempts integer, not_before timestamptz, error text, processed_at timestamptz)
    where i.id = r.id`.execute(tx);
}

/** A full report arrived: what was held for it belongs to its asset now. */
export async function releaseHeld(
  tx: Tx,
  full: readonly { deviceKey: string; id: string; observationId: string | null; assetId: string | null }[],
): Promise<void> {
  if (full.length === 0) return;
  await sql`update inbox i set state = 'done', outcome = 'linked', asset_id = r.asset_id, observation_id = coalesce(r.observation_id, i.observation_id)
    from unnest(${full.map((f) => f.deviceKey)}::text[], ${full.map((f) => f.id)}::bigint[], ${full.map((f) => f.assetId)}::uuid[], ${full.map((f) => f.observationId)}::uuid[])
      as r (device_key, id, asset_id, observation_id)
    where i.state = 'held' and i.kind = 'inventory' and i.device_key = r.device_key and i.id < r.id`.execute(tx);
}

/** Counts an attempt before it starts: a report that ends the process must not be tried for ever. */
export async function countAttempt(tx: Tx, id: string): Promise<void> {
  await sql`update inbox set attempts = attempts + 1 where id = ${id}::bigint`.execute(tx);
}

export async function pendingCount(db: Db): Promise<number> {
  const { rows } = await sql<{ n: string }>`select count(*) as n from inbox where state = 'pending'`.execute(db);
  return Number(rows[0]?.n ?? 0);
}

/** A point in the transaction to which a failed part of it can be rolled back. */
export async function savepoint(tx: Tx): Promise<{ release: () => Promise<void>; rollBack: () => Promise<void> }> {
  await sql`savepoint report`.execute(tx);
  return {
    release: async () => void (await sql`release savepoint report`.execute(tx)),
    rollBack: async () => void (await sql`rollback to savepoint report`.execute(tx)),
  };
}

/**
 * A batch touches few rows of large tables, each by its key. Until the first ANALYZE of a new installation the planner does not know
 * that and reads whole tables instead, the slower the more there is; so it may only join by index here.
 */
export async function joinByIndex(tx: Tx): Promise<void> {
  await sql`select set_config('enable_mergejoin', 'off', true), set_config('enable_hashjoin', 'off', true)`.execute(tx);
}
