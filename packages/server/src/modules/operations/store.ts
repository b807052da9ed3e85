import { auditResource } from '@muster/api/audit';
import { jobResource } from '@muster/api/jobs';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export const jobListing = defineListing(jobResource, {
  from: sql`jobs j`,
  id: sql`j.id`,
  where: sql`(not j.quiet or j.state = 'failed')`,
  columns: {
    id: { sql: sql`j.id` },
    title: { sql: sql`j.title` },
    kind: { sql: sql`j.kind` },
    state: { sql: sql`j.state` },
    done: { sql: sql`j.done` },
    total: { sql: sql`j.total` },
    message: { sql: sql`j.message` },
    error: { sql: sql`j.error` },
    createdBy: { sql: sql`j.created_by` },
    createdAt: { sql: sql`j.created_at` },
    startedAt: { sql: sql`j.started_at` },
    finishedAt: { sql: sql`j.finished_at` },
  },
  search: sql`lower(j.title)`,
});

export const auditListing = defineListing(auditResource, {
  from: sql`audit_log l`,
  id: sql`l.id`,
  columns: {
    id: { sql: sql`l.id` },
    at: { sql: sql`l.at` },
    actorKind: { sql: sql`l.actor_kind` },
    actor: { sql: sql`l.actor_label` },
    action: { sql: sql`l.action` },
    resource: { sql: sql`l.resource` },
    resourceId: { sql: sql`l.resource_id` },
    summary: { sql: sql`l.summary` },
    ip: { sql: sql`l.ip` },
    requestId: { sql: sql`l.request_id` },
  },
  search: sql`lower(l.summary)`,
});

export interface JobRow {
  id: string;
  kind: string;
  title: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  done: number;
  total: number | null;
  message: string | null;
  result: unknown;
  error: string | null;
  cancel_requested: boolean;
  created_by: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}
export async function jobById(db: Db, id: string): Promise<JobRow | undefined> {
  return (await sql<JobRow>`select * from jobs where id = ${id}`.execute(db)).rows[0];
}

export interface AuditRow {
  id: string;
  at: Date;
  actor_kind: 'user' | 'token' | 'agent' | 'system';
  actor_id: string | null;
  actor_label: string;
  action: string;
  resource: string;
  resource_id: string | null;
  summary: string;
  before: unknown;
  after: unknown;
  request_id: string | null;
  ip: string | null;
}
export async function auditById(db: Db, id: string): Promise<AuditRow | undefined> {
  return (await sql<AuditRow>`select * from audit_log where id = ${id}`.execute(db)).rows[0];
}

export async function settingRows(db: Db): Promise<Record<string, unknown>> {
  const { rows } = await sql<{ key: string; value: unknown }>`select key, value from settings`.execute(db);
  return Object.fromEntries(rows.map((row) => [row.key, row.value]));
}
export async function saveSetting(tx: Tx, key: string, value: unknown): Promise<void> {
  await sql`insert into settings (key, value) values (${key}, ${JSON.stringify(value)}::jsonb)
    on conflict (key) do update set value = excluded.value, updated_at = now()`.execute(tx);
}

export async function databaseFacts(db: Db): Promise<{ version: string; bytes: number }> {
  const { rows } = await sql<{ version: string; bytes: string }>`
    select current_setting('server_version') as version, pg_database_size(current_database()) as bytes`.execute(db);
  return { version: rows[0]?.version ?? '', bytes: Number(rows[0]?.bytes ?? 0) };
}
