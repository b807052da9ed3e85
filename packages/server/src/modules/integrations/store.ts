import { type ConnectorKindKey, connectorKind } from '@muster/api/connector-kinds';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface ConnectorRow {
  id: string;
  name: string;
  kind: ConnectorKindKey;
  enabled: boolean;
  every_minutes: number | null;
  settings: Record<string, string | number | boolean>;
  sealed: string;
  secret_names: string[];
  next_run_at: Date | null;
  last_state: 'ok' | 'partly' | 'failed' | null;
  last_run_at: Date | null;
  last_ok_at: Date | null;
  last_devices: number | null;
  created_at: Date;
  updated_at: Date;
  version: number;
}

export async function connectorById(db: Db, id: string): Promise<ConnectorRow | undefined> {
  return (await sql<ConnectorRow>`select * from connectors where id = ${id}::uuid`.execute(db)).rows[0];
}

export async function allConnectors(db: Db): Promise<ConnectorRow[]> {
  return (await sql<ConnectorRow>`select * from connectors order by name, id`.execute(db)).rows;
}

export async function nameTaken(db: Db, name: string, exceptId: string | null): Promise<boolean> {
  const { rows } = await sql`select 1 from connectors where lower(name) = lower(${name}) and id is distinct from ${exceptId}::uuid`.execute(
    db,
  );
  return rows.length > 0;
}

export type ConnectorValues = Pick<
  ConnectorRow,
  'name' | 'enabled' | 'every_minutes' | 'settings' | 'sealed' | 'secret_names' | 'next_run_at'
>;

export async function insertConnector(tx: Tx, id: string, kind: string, v: ConnectorValues, now: Date): Promise<void> {
  await sql`insert into connectors (id, name, kind, enabled, every_minutes, settings, sealed, secret_names, next_run_at, created_at, updated_at)
    values (${id}, ${v.name}, ${kind}, ${v.enabled}, ${v.every_minutes}, ${JSON.stringify(v.settings)}::jsonb, ${v.sealed}, ${v.secret_names}::text[], ${v.next_run_at}, ${now}, ${now})`.execute(
    tx,
  );
}

/** False when the connector has another version by now. */
export async function updateConnectorRow(tx: Tx, id: string, version: number, v: ConnectorValues, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update connectors set name = ${v.name}, enabled = ${v.enabled}, every_minutes = ${v.every_minutes}, settings = ${JSON.stringify(v.settings)}::jsonb,
      sealed = ${v.sealed}, secret_names = ${v.secret_names}::text[], next_run_at = ${v.next_run_at}, updated_at = ${now}, version = version + 1
    where id = ${id}::uuid and version = ${version} returning 1`.execute(tx);
  return rows.length > 0;
}

/** Connectors whose time has come, locked until the transaction ends. */
export async function dueConnectors(tx: Tx, now: Date, limit: number): Promise<ConnectorRow[]> {
  const { rows } =
    await sql<ConnectorRow>`select * from connectors where enabled and next_run_at <= ${now} order by next_run_at limit ${limit} for update skip locked`.execute(
      tx,
    );
  return rows;
}

export async function setNextRun(tx: Tx, id: string, at: Date | null): Promise<void> {
  await sql`update connectors set next_run_at = ${at} where id = ${id}::uuid`.execute(tx);
}

export async function noteOutcome(
  tx: Tx,
  id: string,
  outcome: { state: 'ok' | 'partly' | 'failed'; at: Date; devices: number },
): Promise<void> {
  await sql`update connectors set last_state = ${outcome.state}, last_run_at = ${outcome.at}, last_devices = ${outcome.devices},
    last_ok_at = case when ${outcome.state} = 'ok' then ${outcome.at} else last_ok_at end where id = ${id}::uuid`.execute(tx);
}

export interface CellRow {
  connector_id: string;
  scope: string;
  result: 'ok' | 'denied' | 'throttled' | 'timed_out' | 'failed' | 'cancelled' | null;
  missing_permission: string | null;
  message: string | null;
  rows: number;
  pages: number;
  last_at: Date | null;
  last_ok_at: Date | null;
  trend: string[];
  missing: string;
}

const MOST_TREND = 14;

/** The latest finished attempt of each listing, when it was last complete, and what the latest attempts came to. */
export async function latestCells(db: Db, connectorIds: readonly string[]): Promise<CellRow[]> {
  const { rows } = await sql<CellRow>`
    with ranked as (
      select c.*, row_number() over (partition by c.connector_id, c.scope order by c.finished_at desc, c.run_id desc) as n
      from connector_cells c where c.connector_id = any(${connectorIds}::uuid[]) and c.result is not null),
    trends as (select connector_id, scope, array_agg(result order by n desc) filter (where n <= ${MOST_TREND}) as trend, max(finished_at) filter (where result = 'ok') as last_ok_at
      from ranked group by 1, 2),
    gone as (select connector_id, scope, count(*) as missing from connector_items where connector_id = any(${connectorIds}::uuid[]) and missing_since is not null group by 1, 2)
    select r.connector_id, r.scope, r.result, r.missing_permission, r.message, r.rows, r.pages, r.finished_at as last_at, t.last_ok_at, t.trend, coalesce(g.missing, 0) as missing
    from ranked r join trends t using (connector_id, scope) left join gone g using (connector_id, scope) where r.n = 1`.execute(db);
  return rows;
}

/** Which source a scope's observations have. */
export function sourceOf(kind: ConnectorKindKey, scope: string): string {
  return connectorKind(kind).scopes.find((s) => s.key === scope)?.source ?? kind;
}
