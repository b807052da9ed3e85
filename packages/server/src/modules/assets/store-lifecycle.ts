import type { LifecycleMachine } from '@muster/api/lifecycle';
import type { LifecycleState } from '@muster/api/lifecycle-states';
import type { Standing } from '@muster/core/lifecycle';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface VersionRow {
  version: number;
  /** null: as shipped. */
  machine: LifecycleMachine | null;
  changed_at: Date;
  changed_by: string;
}

/** The newest version, if the machine was ever changed. */
export async function newestVersion(db: Db): Promise<VersionRow | undefined> {
  return (await sql<VersionRow>`select * from lifecycle_versions order by version desc limit 1`.execute(db)).rows[0];
}

export async function insertVersion(tx: Tx, row: VersionRow): Promise<void> {
  await sql`insert into lifecycle_versions (version, machine, changed_at, changed_by)
    values (${row.version}, ${row.machine === null ? null : JSON.stringify(row.machine)}::jsonb, ${row.changed_at}, ${row.changed_by})`.execute(
    tx,
  );
}

/** Moves hold the machine as it is until they commit; a change of the machine waits for them and they for it. */
export async function lockLifecycle(tx: Tx, how: 'shared' | 'alone'): Promise<void> {
  if (how === 'shared') await sql`select pg_advisory_xact_lock_shared(7305, 2)`.execute(tx);
  else await sql`select pg_advisory_xact_lock(7305, 2)`.execute(tx);
}

/** How many assets stand where. */
export async function standingCounts(db: Db): Promise<(Standing & { assets: number })[]> {
  return (
    await sql<Standing & { assets: number }>`select state, substate, count(*)::int as assets from assets where redirected_to is null
      group by state, substate order by state, substate`.execute(db)
  ).rows;
}

/** Puts assets where they move to; the triggers on assets keep the periods. */
export async function putStanding(tx: Tx, ids: readonly string[], to: Standing, now: Date): Promise<void> {
  await sql`update assets set state = ${to.state}, substate = ${to.substate}, updated_at = ${now}, version = version + 1
    where id = any(${ids}::uuid[])`.execute(tx);
}

/** Says of the open periods what began them. */
export async function notePeriods(
  tx: Tx,
  ids: readonly string[],
  by: { transition: string | null; actor: string; reason: string | null },
): Promise<void> {
  await sql`update asset_state_periods set transition = ${by.transition}, actor = ${by.actor}, reason = ${by.reason}
    where asset_id = any(${ids}::uuid[]) and to_at is null`.execute(tx);
}

export interface PeriodRow {
  id: string;
  from_at: Date;
  to_at: Date | null;
  state: LifecycleState;
  substate: string | null;
  transition: string | null;
  actor: string | null;
  reason: string | null;
}

/** Newest first; with `asOf` the one that held at that moment. */
export async function periodsOf(
  db: Db,
  assetId: string,
  options: { limit: number; before: { at: Date; id: string } | null; asOf: string | null },
): Promise<PeriodRow[]> {
  const { before, asOf } = options;
  return (
    await sql<PeriodRow>`select id, from_at, to_at, state, substate, transition, actor, reason from asset_state_periods where asset_id = ${assetId}
      ${before ? sql`and (from_at, id) < (${before.at}, ${before.id})` : sql``}
      ${asOf ? sql`and from_at <= ${asOf}::timestamptz and (to_at is null or to_at > ${asOf}::timestamptz)` : sql``}
      order by from_at desc, id desc limit ${options.limit}`.execute(db)
  ).rows;
}

/** Per asset how many relations are open, and how many assets are in it or run on it. */
export async function relationCounts(db: Db, ids: readonly string[]): Promise<Map<string, { open: number; children: number }>> {
  const { rows } = await sql<{ id: string; open: number; children: number }>`select x.id,
      ((select count(*) from relations r where r.asset_id = x.id and r.removed_at is null)
        + (select count(*) from relations r where r.other_id = x.id and r.removed_at is null))::int as open,
      (select count(*) from relations r where r.other_id = x.id and r.removed_at is null and r.kind in ('part_of', 'runs_on'))::int as children
    from unnest(${ids}::uuid[]) as x (id)`.execute(db);
  return new Map(rows.map((r) => [r.id, r]));
}
