import type { AssetCondition, LifecycleState } from '@muster/api/assets';
import type { HolderKind } from '@muster/api/custody';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** What custody asks of an asset. */
export interface HeldAsset {
  id: string;
  label: string;
  state: LifecycleState;
  redirected_to: string | null;
}

const label = sql`coalesce(a.name, a.tag, a.serial, a.id::text)`;

/** Locks the asset until the transaction ends: of two who want it at once, one waits and then sees what the other did. */
export async function lockHeldAsset(tx: Tx, id: string): Promise<HeldAsset | undefined> {
  const { rows } =
    await sql<HeldAsset>`select a.id, ${label} as label, a.state, a.redirected_to from assets a where a.id = ${id} for no key update`.execute(
      tx,
    );
  return rows[0];
}

/** Names of assets for an answer; one that does not exist is left out. */
export async function assetLabels(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{
    id: string;
    label: string;
  }>`select a.id, ${label} as label from assets a where a.id = any(${ids}::uuid[])`.execute(db);
  return new Map(rows.map((r) => [r.id, r.label]));
}

export interface PeriodRow {
  id: string;
  asset_id: string;
  asset_label: string;
  holder_kind: HolderKind;
  holder_id: string;
  holder_label: string;
  from_at: Date;
  to_at: Date | null;
  due_on: string | null;
  note: string | null;
  in_note: string | null;
  condition_out: AssetCondition | null;
  condition_in: AssetCondition | null;
  out_by: string;
  in_by: string | null;
}

const holderJoins = sql`left join people hp on c.holder_kind = 'person' and hp.id = c.holder_id
  left join teams ht on c.holder_kind = 'team' and ht.id = c.holder_id
  left join places hl on c.holder_kind = 'place' and hl.id = c.holder_id
  left join assets ha on c.holder_kind = 'asset' and ha.id = c.holder_id`;
const periodColumns = sql`c.id, c.asset_id, ${label} as asset_label, c.holder_kind, c.holder_id,
  coalesce(hp.name, ht.name, hl.name, ha.name, ha.tag, ha.serial, c.holder_label) as holder_label, c.from_at, c.to_at, c.due_on, c.note, c.in_note,
  c.condition_out, c.condition_in, c.out_by, c.in_by`;
const periods = sql`custody_periods c join assets a on a.id = c.asset_id ${holderJoins}`;

/** The current custody of an asset. */
export async function openPeriod(db: Db, assetId: string): Promise<PeriodRow | undefined> {
  return (await sql<PeriodRow>`select ${periodColumns} from ${periods} where c.asset_id = ${assetId} and c.to_at is null`.execute(db))
    .rows[0];
}

/** The custody of an asset at a moment. */
export async function periodAt(db: Db, assetId: string, at: string): Promise<PeriodRow | undefined> {
  const { rows } = await sql<PeriodRow>`select ${periodColumns} from ${periods}
    where c.asset_id = ${assetId} and c.from_at <= ${at}::timestamptz and (c.to_at is null or c.to_at > ${at}::timestamptz)`.execute(db);
  return rows[0];
}

export async function periodsOfAsset(db: Db, assetId: string, limit: number): Promise<PeriodRow[]> {
  return (
    await sql<PeriodRow>`select ${periodColumns} from ${periods} where c.asset_id = ${assetId} order by c.from_at desc, c.to_at desc nulls first, c.id desc limit ${limit}`.execute(
      db,
    )
  ).rows;
}

/** What a person has or had; `scope` is a condition on the assets `a`. */
export async function periodsOfPerson(
  db: Db,
  personId: string,
  which: { open: boolean; limit: number; scope: ReturnType<typeof sql> | null },
): Promise<PeriodRow[]> {
  return (
    await sql<PeriodRow>`select ${periodColumns} from ${periods} where c.holder_id = ${personId} and c.holder_kind = 'person' and a.redirected_to is null
      and ${which.open ? sql`c.to_at is null` : sql`c.to_at is not null`} ${which.scope ? sql`and ${which.scope}` : sql``}
      order by ${which.open ? sql`c.due_on nulls last, c.from_at, c.id` : sql`c.to_at desc, c.id`} limit ${which.limit}`.execute(db)
  ).rows;
}

const tables = { custody: 'custody_periods', placement: 'placement_periods', condition: 'condition_periods' } as const;
export type Fact = keyof typeof tables;

/** The last moment that is recorded of a fact: the start of the open period, or the end of the last one; null when there is none. */
export async function lastMoment(db: Db, fact: Fact, assetId: string): Promise<Date | null> {
  const { rows } = await sql<{
    at: Date | null;
  }>`select max(coalesce(to_at, from_at)) as at from ${sql.table(tables[fact])} where asset_id = ${assetId}`.execute(db);
  return rows[0]?.at ?? null;
}

export async function insertPeriod(
  tx: Tx,
  row: Pick<
    PeriodRow,
    'id' | 'asset_id' | 'holder_kind' | 'holder_id' | 'holder_label' | 'from_at' | 'due_on' | 'note' | 'condition_out' | 'out_by'
  >,
  now: Date,
): Promise<void> {
  await sql`insert into custody_periods (asset_id, id, holder_kind, holder_id, holder_label, from_at, due_on, note, condition_out, out_by, recorded_at)
    values (${row.asset_id}, ${row.id}, ${row.holder_kind}, ${row.holder_id}, ${row.holder_label}, ${row.from_at}, ${row.due_on}, ${row.note}, ${row.condition_out}, ${row.out_by}, ${now})`.execute(
    tx,
  );
}

export async function closePeriod(
  tx: Tx,
  assetId: string,
  end: { at: Date; by: string; note: string | null; condition: AssetCondition | null },
): Promise<void> {
  await sql`update custody_periods set to_at = ${end.at}, in_by = ${end.by}, in_note = ${end.note}, condition_in = ${end.condition}
    where asset_id = ${assetId} and to_at is null`.execute(tx);
}

export async function setDue(tx: Tx, assetId: string, dueOn: string | null): Promise<void> {
  await sql`update custody_periods set due_on = ${dueOn} where asset_id = ${assetId} and to_at is null`.execute(tx);
}

/** A holder's name, whether it may take anything, and for a merged asset where it went; undefined when there is none. */
export async function findHolder(
  db: Db,
  kind: HolderKind,
  id: string,
): Promise<{ label: string; active: boolean; redirected_to: string | null; state: LifecycleState | null } | undefined> {
  const from = {
    person: sql`select name as label, active, null::uuid as redirected_to, null as state from people where id = ${id}`,
    team: sql`select name as label, true as active, null::uuid as redirected_to, null as state from teams where id = ${id}`,
    place: sql`select name as label, true as active, null::uuid as redirected_to, null as state from places where id = ${id}`,
    asset: sql`select ${label} as label, true as active, a.redirected_to, a.state from assets a where a.id = ${id}`,
  }[kind];
  return (await sql<{ label: string; active: boolean; redirected_to: string | null; state: LifecycleState | null }>`${from}`.execute(db))
    .rows[0];
}

/** One at a time changes what is inside what: otherwise two could close a circle at the same moment. */
export async function lockNesting(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(7305, 2)`.execute(tx);
}

/** Whether `holder` is inside `asset` (or is it), over any number of steps. */
export async function isInside(db: Db, holder: string, asset: string): Promise<boolean> {
  const { rows } = await sql<{ inside: boolean }>`with recursive up as (
      select ${holder}::uuid as id
      union select coalesce(h.redirected_to, h.id) from up join custody_periods c on c.asset_id = up.id and c.to_at is null and c.holder_kind = 'asset'
        join assets h on h.id = c.holder_id)
    select exists (select 1 from up where id = ${asset}) as inside`.execute(db);
  return rows[0]?.inside ?? false;
}

/** The person set by hand on the record. */
export async function manualPerson(db: Db, assetId: string): Promise<string | null> {
  const { rows } = await sql<{
    value: string;
  }>`select value #>> '{}' as value from asset_field_values where asset_id = ${assetId} and field = 'person' and source = 'manual'`.execute(
    db,
  );
  return rows[0]?.value ?? null;
}
