import type { IdentityKey } from '@muster/core/identity';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import type { HandEntered } from './store-identify.ts';

export interface DryRunRow {
  id: string;
  job_id: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | null;
  draft: unknown;
  base: unknown;
  asked_at: Date;
  asked_by: string;
  finished_at: Date | null;
  published_at: Date | null;
  counts: DryRunCounts | null;
}

export interface DryRunCounts {
  observations: number;
  replayed: number;
  byHand: number;
  joined: number;
  split: number;
  regrouped: number;
}

/** How many dry runs are kept. */
const keptRuns = 20;

export async function insertDryRun(
  tx: Tx,
  run: { id: string; jobId: string; draft: unknown; base: unknown; at: Date; actor: string },
): Promise<void> {
  await sql`insert into identity_dry_runs (id, job_id, draft, base, asked_at, asked_by)
    values (${run.id}, ${run.jobId}, ${JSON.stringify(run.draft)}::jsonb, ${JSON.stringify(run.base)}::jsonb, ${run.at}, ${run.actor})`.execute(
    tx,
  );
  await sql`delete from identity_dry_runs where id in (select id from identity_dry_runs order by asked_at desc, id desc offset ${keptRuns})`.execute(
    tx,
  );
}

const runs = sql`select r.id, r.job_id, j.state, r.draft, r.base, r.asked_at, r.asked_by, r.finished_at, r.published_at, r.counts
  from identity_dry_runs r left join jobs j on j.id = r.job_id`;

export async function dryRuns(db: Db): Promise<DryRunRow[]> {
  return (await sql<DryRunRow>`${runs} order by r.asked_at desc, r.id desc limit ${keptRuns}`.execute(db)).rows;
}

export async function findDryRun(db: Db, id: string): Promise<DryRunRow | undefined> {
  return (await sql<DryRunRow>`${runs} where r.id = ${id}`.execute(db)).rows[0];
}

/** An earlier attempt of the job may have written some. */
export async function clearChanges(tx: Tx, id: string): Promise<void> {
  await sql`delete from identity_dry_run_changes where dry_run_id = ${id}`.execute(tx);
}

export async function finishDryRun(tx: Tx, id: string, counts: DryRunCounts, at: Date): Promise<void> {
  await sql`update identity_dry_runs set counts = ${JSON.stringify(counts)}::jsonb, finished_at = ${at} where id = ${id}`.execute(tx);
}

export async function markPublished(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update identity_dry_runs set published_at = ${at} where id = ${id}`.execute(tx);
}

export interface ChangeMember {
  observationId: string | null;
  /** Of an asset entered by hand. */
  assetId: string | null;
  source: string;
  nativeId: string;
  inForce: { group: number | null; rule: string; reasons: string[] };
  draft: { group: number | null; rule: string; reasons: string[] };
  keys: { kind: string; value: string; inForce: string; draft: string }[];
}

export interface ChangeRow {
  no: number;
  kind: 'joined' | 'split' | 'regrouped';
  clusters_before: number;
  clusters_after: number;
  members: number;
  detail: ChangeMember[];
}

export async function insertChanges(tx: Tx, dryRunId: string, rows: readonly ChangeRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into identity_dry_run_changes (dry_run_id, no, kind, clusters_before, clusters_after, members, detail)
    select ${dryRunId}, no, kind, clusters_before, clusters_after, members, detail from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as r (no integer, kind text, clusters_before integer, clusters_after integer, members integer, detail jsonb)`.execute(tx);
}

export async function changesOf(
  db: Db,
  dryRunId: string,
  page: { kind: string | null; after: number; limit: number },
): Promise<ChangeRow[]> {
  const kind = page.kind === null ? sql`` : sql`and kind = ${page.kind}`;
  return (
    await sql<ChangeRow>`select no, kind, clusters_before, clusters_after, members, detail from identity_dry_run_changes
      where dry_run_id = ${dryRunId} and no > ${page.after} ${kind} order by no limit ${page.limit}`.execute(db)
  ).rows;
}

/** The assets that these observations are of now, and those named themselves, with what they are called. */
export async function assetsBehind(
  db: Db,
  observationIds: readonly string[],
  assetIds: readonly string[],
): Promise<Map<string, { id: string; label: string }>> {
  const { rows } = await sql<{
    key: string;
    id: string;
    label: string;
  }>`select w.key, a.id, coalesce(a.name, a.tag, a.serial, a.id::text) as label
    from (select o.id as key, o.asset_id from observations o where o.id = any(${observationIds}::uuid[])
      union all select x.id, x.id from unnest(${assetIds}::uuid[]) as x (id)) w join assets a on a.id = w.asset_id`.execute(db);
  return new Map(rows.map((r) => [r.key, { id: r.id, label: r.label }]));
}

/** The ids of all observations in ascending order, page by page. */
export async function pageOfObservations(db: Db, after: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id from observations where id > ${after}::uuid order by id limit ${limit}`.execute(db);
  return rows.map((r) => r.id);
}

/** Goes through pairs of observations and what they may meet by, those with the same beside each other. Ends with the transaction. */
export async function openMeetings(tx: Tx): Promise<(limit: number) => Promise<{ place: string; observation_id: string }[]>> {
  const serial = sql.lit('serial');
  await sql`declare identity_meetings no scroll cursor for
    select case when kind like '%serial' then ${serial} || ' ' || substr(value, strpos(value, '|') + 1) else kind || ' ' || value end as place, observation_id
      from identity_keys where quality in ('good', 'shared') or (quality = 'weak' and kind in ('serial', 'fqdn'))
    union all select 'person ' || o.asset_id, o.id from observations o where exists (select 1 from identity_pins p where p.asset_id = o.asset_id)
    union all select 'apart ' || n.asset_a || n.asset_b, o.id from identity_not_same n join observations o on o.asset_id in (n.asset_a, n.asset_b)
    union all select 'fork ' || o.id, x.id from observations f
      join observations o on o.source = f.source and o.native_id = substring(f.native_id from '^(.*)#[^#]*$')
      cross join lateral (values (o.id), (f.id)) x (id) where f.native_id like '%#%'
    order by 1`.execute(tx);
  return async (limit) =>
    (await sql<{ place: string; observation_id: string }>`fetch forward ${sql.lit(limit)} from identity_meetings`.execute(tx)).rows;
}

/** Held observations with their keys: nothing leads to them, but they may join. */
export async function heldObservations(db: Db, after: string, limit: number): Promise<{ id: string; keys: IdentityKey[] }[]> {
  return (
    await sql<{
      id: string;
      keys: IdentityKey[];
    }>`select id, keys from observations where asset_id is null and keys <> '[]' and id > ${after}::uuid
      order by id limit ${limit}`.execute(db)
  ).rows;
}

export type Unreported = HandEntered & { created_at: Date };

/** Assets that nothing reports, with a tag or a serial number. */
export async function unreportedAssets(db: Db, after: string, limit: number): Promise<Unreported[]> {
  return (
    await sql<Unreported>`select a.id, a.tag, a.serial, a.manufacturer, a.model, a.name, a.created_at from assets a
      where a.id > ${after}::uuid and a.redirected_to is null and (a.tag is not null or a.serial is not null)
        and not exists (select 1 from observations o where o.asset_id = a.id) order by a.id limit ${limit}`.execute(db)
  ).rows;
}

export interface ReplayRow {
  id: string;
  source: string;
  native_id: string;
  asset_id: string | null;
  keys: IdentityKey[];
  first_received_at: Date;
  last_received_at: Date;
  /** It sent everything at least once. */
  full: boolean;
}

export async function replayRows(db: Db, ids: readonly string[]): Promise<ReplayRow[]> {
  return (
    await sql<ReplayRow>`select id, source, native_id, asset_id, keys, first_received_at, last_received_at, last_full_at is not null as full
      from observations where id = any(${ids}::uuid[])`.execute(db)
  ).rows;
}

/** What people decided: assets that they merged or split, and pairs that they told apart. */
export async function peoplesDecisions(db: Db): Promise<{ decided: Set<string>; apart: Map<string, string[]> }> {
  const pins = await sql<{ asset_id: string }>`select distinct asset_id from identity_pins`.execute(db);
  const pairs = await sql<{ a: string; b: string }>`select asset_a as a, asset_b as b from identity_not_same
    union all select asset_b, asset_a from identity_not_same`.execute(db);
  const apart = new Map<string, string[]>();
  for (const { a, b } of pairs.rows) apart.set(a, [...(apart.get(a) ?? []), b]);
  return { decided: new Set(pins.rows.map((r) => r.asset_id)), apart };
}
