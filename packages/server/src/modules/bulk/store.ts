import { type BulkOutcome, type BulkSample, bulkChangeResource } from '@muster/api/bulk-changes';
import { sql } from 'kysely';
import type { Actor } from '../../platform/context.ts';
import type { Db, Tx } from '../../platform/db/types.ts';
import { holdsEverywhere } from '../../platform/http/routes.ts';
import { defineListing, type Listing, matching, planQuery, type Sql, withCustomFields } from '../../platform/listing/index.ts';
import { assetListing } from '../assets/index.ts';

export type Phase = 'preview' | 'ready' | 'apply' | 'applied' | 'undo' | 'undone';

export interface BulkRow {
  id: string;
  operation: string;
  parameters: Record<string, unknown>;
  selection: { ids: number } | { q: string | null; filter: string | null };
  phase: Phase;
  job_id: string | null;
  job_state: string | null;
  samples: BulkSample[];
  created_by: string;
  actor_kind: Actor['kind'];
  actor_id: string | null;
  acting_kind: Actor['kind'] | null;
  acting_id: string | null;
  created_at: Date;
  applied_at: Date | null;
  undone_at: Date | null;
}

/** Whoever holds assets:read for a part of the organisation only sees the changes they started: the items name assets. */
const visibleTo = (actor: Actor): Sql => (holdsEverywhere(actor, 'assets:read') ? sql`true` : sql`b.created_by = ${actor.label}`);

const job = sql`left join jobs j on j.id = b.job_id`;
/** What the phase is called while its job runs, and that it stopped when the job did not end well. */
const stateSql = sql`case when b.phase in ('preview', 'apply', 'undo') and (b.job_id is not null and (j.state is null or j.state in ('failed', 'cancelled'))) then 'stopped'
  when b.phase = 'preview' then 'previewing' when b.phase = 'apply' then 'applying' when b.phase = 'undo' then 'undoing' else b.phase end`;

export function bulkListing(actor: Actor): Listing<typeof bulkChangeResource> {
  return defineListing(bulkChangeResource, {
    from: sql`bulk_changes b`,
    id: sql`b.id`,
    where: visibleTo(actor),
    joins: { job },
    columns: {
      id: { sql: sql`b.id` },
      operation: { sql: sql`b.operation` },
      state: { sql: stateSql, join: 'job' },
      assets: { sql: sql`(select count(*) from bulk_items i where i.bulk_id = b.id)` },
      createdBy: { sql: sql`b.created_by` },
      createdAt: { sql: sql`b.created_at` },
      appliedAt: { sql: sql`b.applied_at` },
      undoneAt: { sql: sql`b.undone_at` },
    },
  });
}

export async function findBulk(db: Db, actor: Actor, id: string): Promise<BulkRow | undefined> {
  return (
    await sql<BulkRow>`select b.*, j.state as job_state from bulk_changes b ${job} where b.id = ${id} and ${visibleTo(actor)}`.execute(db)
  ).rows[0];
}

/** Locks it, so that two who press a button at once come one after the other. */
export async function lockBulk(tx: Tx, id: string): Promise<void> {
  await sql`select 1 from bulk_changes where id = ${id} for update`.execute(tx);
}

export async function insertBulk(
  tx: Tx,
  row: Pick<BulkRow, 'id' | 'operation' | 'parameters' | 'selection'>,
  actor: Actor,
  now: Date,
): Promise<void> {
  await sql`insert into bulk_changes (id, operation, parameters, selection, phase, created_by, actor_kind, actor_id, created_at)
    values (${row.id}, ${row.operation}, ${JSON.stringify(row.parameters)}::jsonb, ${JSON.stringify(row.selection)}::jsonb, 'preview',
      ${actor.label}, ${actor.kind}, ${actor.id}, ${now})`.execute(tx);
}

/**
 * Keeps which assets are meant, at this moment and within the actor's scope for changing them, in one statement. Answers how many.
 * @throws Problem bad_filter
 */
export async function selectItems(
  tx: Tx,
  bulkId: string,
  what: { ids: readonly string[] } | { q?: string | undefined; filter?: string | undefined },
  actor: Actor,
  now: Date,
): Promise<number> {
  const query: { q?: string | undefined; filter?: string | undefined } = 'ids' in what ? {} : what;
  const listing = await withCustomFields(tx, assetListing, query.filter);
  const plan = planQuery(listing, query, { actor, permission: 'assets:write', now });
  const chosen = 'ids' in what ? sql`and a.id = any(${what.ids}::uuid[])` : sql``;
  const { numAffectedRows } = await sql`insert into bulk_items (asset_id, bulk_id, no)
    select id, ${bulkId}::uuid, row_number() over (order by id) from (select a.id ${matching(plan)} ${chosen}) s`.execute(tx);
  return Number(numAffectedRows ?? 0);
}

/**
 * The next items with this outcome, in their order, behind a place: what a run has done leaves dead entries in the index that it need not
 * walk over again.
 */
export async function nextItems(
  db: Db,
  bulkId: string,
  outcome: BulkOutcome,
  { after, limit }: { after: number; limit: number },
): Promise<{ id: string; no: number }[]> {
  return (
    await sql<{ id: string; no: number }>`select asset_id as id, no from bulk_items
      where bulk_id = ${bulkId} and outcome = ${outcome} and no > ${after} order by no limit ${limit}`.execute(db)
  ).rows;
}

/** Locks those of the items that still have this outcome: what another run has done already is left out. */
export async function lockItems(
  tx: Tx,
  bulkId: string,
  ids: readonly string[],
  outcome: BulkOutcome,
): Promise<{ id: string; undo: unknown }[]> {
  return (
    await sql<{ id: string; undo: unknown }>`select asset_id as id, undo from bulk_items
      where bulk_id = ${bulkId} and asset_id = any(${ids}::uuid[]) and outcome = ${outcome} order by no for update`.execute(tx)
  ).rows;
}

export interface ItemResult {
  id: string;
  outcome: BulkOutcome;
  code: string | null;
  reason: string | null;
  /** Absent: stays as it is. */
  undo?: unknown;
}

export async function putResults(tx: Tx, bulkId: string, results: readonly ItemResult[]): Promise<void> {
  if (results.length === 0) return;
  const data = results.map((r) => ({ a: r.id, o: r.outcome, c: r.code, r: r.reason, u: r.undo ?? null }));
  await sql`update bulk_items i set outcome = r.o, code = r.c, reason = r.r, undo = coalesce(r.u, i.undo)
    from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, o text, c text, r text, u jsonb)
    where i.asset_id = r.a and i.bulk_id = ${bulkId}`.execute(tx);
}

export async function setPhase(
  tx: Tx,
  id: string,
  phase: Phase,
  set: { jobId?: string | null; acting?: Actor; samples?: BulkSample[]; appliedAt?: Date; undoneAt?: Date } = {},
): Promise<void> {
  const { jobId, acting, samples, appliedAt, undoneAt } = set;
  await sql`update bulk_changes set phase = ${phase}
    ${jobId === undefined ? sql`` : sql`, job_id = ${jobId}`}
    ${acting ? sql`, acting_kind = ${acting.kind}, acting_id = ${acting.id}` : sql``}
    ${samples ? sql`, samples = ${JSON.stringify(samples)}::jsonb` : sql``}
    ${appliedAt ? sql`, applied_at = ${appliedAt}` : sql``}
    ${undoneAt ? sql`, undone_at = ${undoneAt}` : sql``} where id = ${id}`.execute(tx);
}

export interface ReasonCount {
  outcome: BulkOutcome;
  code: string | null;
  reason: string | null;
  count: number;
}

/** Assets by outcome and reason. */
export async function countsOf(db: Db, id: string): Promise<ReasonCount[]> {
  return (
    await sql<ReasonCount>`select outcome, code, reason, count(*)::int as count from bulk_items where bulk_id = ${id}
      group by outcome, code, reason order by count(*) desc, reason`.execute(db)
  ).rows;
}

export interface ItemRow {
  no: number;
  id: string;
  label: string;
  outcome: BulkOutcome;
  code: string | null;
  reason: string | null;
}

export async function itemsOf(
  db: Db,
  id: string,
  page: { outcome: BulkOutcome | null; code: string | null; after: number; limit: number },
): Promise<ItemRow[]> {
  return (
    await sql<ItemRow>`select i.no, i.asset_id as id, coalesce(a.name, a.tag, a.serial, i.asset_id::text) as label, i.outcome, i.code, i.reason
      from bulk_items i left join assets a on a.id = i.asset_id
      where i.bulk_id = ${id} and i.no > ${page.after} ${page.outcome === null ? sql`` : sql`and i.outcome = ${page.outcome}`}
        ${page.code === null ? sql`` : sql`and i.code = ${page.code}`} order by i.no limit ${page.limit}`.execute(db)
  ).rows;
}

/** Names of assets and of what values point at, for samples. */
export async function namesOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{
    id: string;
    name: string;
  }>`select id, coalesce(name, tag, serial, id::text) as name from assets where id = any(${ids}::uuid[])
    union all select id, name from people where id = any(${ids}::uuid[]) union all select id, name from places where id = any(${ids}::uuid[])
    union all select id, name from org_units where id = any(${ids}::uuid[])`.execute(db);
  return new Map(rows.map((r) => [r.id, r.name]));
}

/** Bulk changes that were never applied go after a week, the others after 90 days. */
export async function forgetBulk(tx: Tx, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`delete from bulk_changes where created_at < ${now}::timestamptz - interval '90 days'
    or (phase in ('preview', 'ready') and created_at < ${now}::timestamptz - interval '7 days')`.execute(tx);
  return Number(numAffectedRows ?? 0);
}
