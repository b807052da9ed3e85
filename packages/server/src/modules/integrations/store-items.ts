import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** Notes that a listing named these; returns those that this run had not named before, so a page that comes twice counts once. */
export async function noteItems(
  tx: Tx,
  cell: { connectorId: string; scope: string; runId: string },
  nativeIds: readonly string[],
  now: Date,
): Promise<Set<string>> {
  if (nativeIds.length === 0) return new Set();
  const { rows } = await sql<{ native_id: string }>`
    insert into connector_items as i (connector_id, scope, native_id, run_id, first_seen_at, last_seen_at)
    select ${cell.connectorId}::uuid, ${cell.scope}, n, ${cell.runId}::uuid, ${now}, ${now} from unnest(${[...new Set(nativeIds)].toSorted()}::text[]) as n
    on conflict (connector_id, scope, native_id) do update set run_id = excluded.run_id, last_seen_at = excluded.last_seen_at, missing_since = null
      where i.run_id <> excluded.run_id
    returning native_id`.execute(tx);
  return new Set(rows.map((row) => row.native_id));
}

/** The listing was complete: what it did not name is missing from now on. Returns how many went missing now. */
export async function markMissing(tx: Tx, cell: { connectorId: string; scope: string; runId: string }, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`update connector_items set missing_since = ${now}
    where connector_id = ${cell.connectorId}::uuid and scope = ${cell.scope} and run_id <> ${cell.runId}::uuid and missing_since is null`.execute(
    tx,
  );
  return Number(numAffectedRows ?? 0);
}

export async function addDetails(
  tx: Tx,
  cell: { connectorId: string; scope: string; runId: string },
  details: readonly { nativeId: string; key: string; data: unknown }[],
): Promise<void> {
  if (details.length === 0) return;
  const once = new Map(details.map((d) => [`${d.nativeId}\0${d.key}`, d]));
  const rows = [...once.values()].map((d) => ({ native_id: d.nativeId, item_key: d.key, data: d.data }));
  await sql`insert into connector_details (connector_id, scope, run_id, native_id, item_key, data)
    select ${cell.connectorId}::uuid, ${cell.scope}, ${cell.runId}::uuid, native_id, item_key, data
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (native_id text, item_key text, data jsonb)
    on conflict (connector_id, scope, run_id, native_id, item_key) do update set data = excluded.data`.execute(tx);
}

/** Keeps only the details of this run: it listed them completely. */
export async function keepOnlyDetails(tx: Tx, cell: { connectorId: string; scope: string; runId: string }): Promise<void> {
  await sql`delete from connector_details where connector_id = ${cell.connectorId}::uuid and scope = ${cell.scope} and run_id <> ${cell.runId}::uuid`.execute(
    tx,
  );
}

/** What an incomplete listing gathered is of no use to anyone. */
export async function dropDetails(tx: Tx, cell: { connectorId: string; scope: string; runId: string }): Promise<void> {
  await sql`delete from connector_details where connector_id = ${cell.connectorId}::uuid and scope = ${cell.scope} and run_id = ${cell.runId}::uuid`.execute(
    tx,
  );
}

/** Whether the listing was ever complete, in this run or before. */
export async function everComplete(db: Db, connectorId: string, scope: string): Promise<boolean> {
  const { rows } =
    await sql`select 1 from connector_cells where connector_id = ${connectorId}::uuid and scope = ${scope} and result = 'ok' limit 1`.execute(
      db,
    );
  return rows.length > 0;
}

/** The titles of these devices by the last complete listing, in a stable order. */
export async function titlesOf(db: Db, connectorId: string, scope: string, nativeIds: readonly string[]): Promise<Map<string, unknown[]>> {
  const { rows } = await sql<{
    native_id: string;
    titles: unknown[];
  }>`select d.native_id, jsonb_agg(d.data order by d.item_key) as titles from connector_details d
    where d.connector_id = ${connectorId}::uuid and d.scope = ${scope} and d.native_id = any(${nativeIds}::text[])
      and d.run_id = (select c.run_id from connector_cells c where c.connector_id = ${connectorId}::uuid and c.scope = ${scope} and c.result = 'ok' order by c.finished_at desc limit 1)
    group by d.native_id`.execute(db);
  return new Map(rows.map((row) => [row.native_id, row.titles]));
}
