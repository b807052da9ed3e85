import type { IdentityKey } from '@muster/core/identity';
import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

export interface NewObservation {
  id: string;
  source: string;
  nativeId: string;
  agentId: string | null;
  agentVersion: string | null;
  assetId: string | null;
  itemType: string;
  tag: string | null;
  keys: readonly IdentityKey[];
  receivedAt: Date;
  full: boolean;
}

const shape = (r: NewObservation): Record<string, unknown> => ({
  id: r.id,
  source: r.source,
  native_id: r.nativeId,
  agent_id: r.agentId,
  agent_version: r.agentVersion,
  asset_id: r.assetId,
  item_type: r.itemType,
  tag: r.tag,
  keys: r.keys,
  at: r.receivedAt.toISOString(),
  full_at: r.full ? r.receivedAt.toISOString() : null,
});
const record = sql.raw(
  '(id uuid, source text, native_id text, agent_id text, agent_version text, asset_id uuid, item_type text, tag text, keys jsonb, at timestamptz, full_at timestamptz)',
);

export async function insertObservations(tx: Tx, rows: readonly NewObservation[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into observations (id, source, native_id, agent_id, agent_version, asset_id, item_type, tag, keys, first_received_at, last_received_at, last_full_at)
    select id, source, native_id, agent_id, agent_version, asset_id, item_type, tag, keys, at, at, full_at from jsonb_to_recordset(${JSON.stringify(rows.map(shape))}::jsonb) as r ${record}`.execute(
    tx,
  );
}

/** Observations whose keys, asset or agent changed. */
export async function updateObservations(tx: Tx, rows: readonly NewObservation[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`update observations o set agent_id = coalesce(r.agent_id, o.agent_id), agent_version = coalesce(r.agent_version, o.agent_version), asset_id = r.asset_id, item_type = r.item_type,
      tag = coalesce(r.tag, o.tag), keys = r.keys, last_received_at = greatest(o.last_received_at, r.at), last_full_at = coalesce(r.full_at, o.last_full_at), reports = o.reports + 1
    from jsonb_to_recordset(${JSON.stringify(rows.map(shape))}::jsonb) as r ${record} where o.id = r.id`.execute(tx);
}

/** Only notes that a report came. */
export async function touchObservations(
  tx: Tx,
  rows: readonly { id: string; receivedAt: Date; full: boolean; agentVersion: string | null }[],
): Promise<void> {
  if (rows.length === 0) return;
  await sql`update observations o set last_received_at = greatest(o.last_received_at, r.at), last_full_at = case when r.is_full then r.at else o.last_full_at end, reports = o.reports + 1,
      agent_version = coalesce(r.agent_version, o.agent_version)
    from unnest(${rows.map((r) => r.id)}::uuid[], ${rows.map((r) => r.receivedAt)}::timestamptz[], ${rows.map((r) => r.full)}::boolean[], ${rows.map((r) => r.agentVersion)}::text[]) as r (id, at, is_full, agent_version)
    where o.id = r.id`.execute(tx);
}

/** What was kept while an observation was held goes to its asset. */
export async function adoptHeldSections(tx: Tx, rows: readonly { observationId: string; assetId: string }[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`update observation_sections s set asset_id = r.asset from unnest(${rows.map((r) => r.observationId)}::uuid[], ${rows.map((r) => r.assetId)}::uuid[]) as r (observation, asset)
    where s.asset_id = r.observation and s.observation_id = r.observation`.execute(tx);
}

export interface SectionWrite {
  /** The asset; while the observation is held, the observation itself. */
  assetId: string;
  observationId: string;
  section: string;
  /** In hex. */
  hash: string;
  content: Buffer;
  changedAt: Date;
}

export async function upsertSections(tx: Tx, rows: readonly SectionWrite[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into observation_sections (asset_id, observation_id, section, hash, content, changed_at)
    select * from unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[], ${rows.map((r) => r.section)}::text[],
      ${byteaArray(rows.map((r) => r.hash))}::bytea[], ${byteaArray(rows.map((r) => r.content.toString('hex')))}::bytea[], ${rows.map((r) => r.changedAt)}::timestamptz[])
    on conflict (asset_id, observation_id, section) do update set hash = excluded.hash, content = excluded.content, changed_at = excluded.changed_at`.execute(
    tx,
  );
}

export async function deleteSections(tx: Tx, rows: readonly { assetId: string; observationId: string; section: string }[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`delete from observation_sections s using unnest(${rows.map((r) => r.assetId)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[], ${rows.map((r) => r.section)}::text[]) as r (a, o, n)
    where s.asset_id = r.a and s.observation_id = r.o and s.section = r.n`.execute(tx);
}

/** An array of bytea as PostgreSQL reads it, out of hex digits: faster than escaping buffers one by one. */
const byteaArray = (hex: readonly string[]): string => `{${hex.map((h) => `"\\\\x${h}"`).join(',')}}`;
