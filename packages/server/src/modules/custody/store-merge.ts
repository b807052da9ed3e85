import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** Rows with their times in full, as text. */
export type DumpedPeriod = Record<string, unknown> & { id: string };

const tables = { custody: 'custody_periods', conditions: 'condition_periods' } as const;
export type CopiedFact = keyof typeof tables;

export async function dumpPeriods(db: Db, fact: CopiedFact | 'placements', assetId: string): Promise<DumpedPeriod[]> {
  const table = fact === 'placements' ? 'placement_periods' : tables[fact];
  const { rows } = await sql<{
    v: DumpedPeriod;
  }>`select to_jsonb(p) as v from ${sql.table(table)} p where asset_id = ${assetId} order by from_at, id`.execute(db);
  return rows.map((r) => r.v);
}

const free = (table: string, to: string, from: ReturnType<typeof sql>): ReturnType<typeof sql> =>
  sql`not exists (select 1 from ${sql.table(table)} s where s.asset_id = ${to} and tstzrange(s.from_at, s.to_at) && tstzrange(${from}, m.to_at))`;

/**
 * The survivor takes over the periods of the merged asset for times in which it has none of its own; one that is open begins where the
 * survivor's own end. Both keep what they had.
 */
export async function copyPeriods(tx: Tx, fact: CopiedFact, from: string, to: string): Promise<void> {
  const table = tables[fact];
  const begins = sql`case when m.to_at is null then greatest(m.from_at, (select max(s.to_at) from ${sql.table(table)} s where s.asset_id = ${to})) else m.from_at end`;
  const where = sql`m.asset_id = ${from} and ${free(table, to, begins)} and not exists (select 1 from ${sql.table(table)} s where s.asset_id = ${to} and s.id = m.id)`;
  if (fact === 'custody')
    await sql`insert into custody_periods (asset_id, id, holder_kind, holder_id, holder_label, from_at, to_at, due_on, note, in_note, condition_out, condition_in, out_by, in_by, recorded_at, merged_from)
      select ${to}, m.id, m.holder_kind, m.holder_id, m.holder_label, ${begins}, m.to_at, m.due_on, m.note, m.in_note, m.condition_out, m.condition_in, m.out_by, m.in_by, m.recorded_at, ${from}
      from custody_periods m where ${where} and not (m.holder_kind = 'asset' and m.holder_id = ${to})`.execute(tx);
  else
    await sql`insert into condition_periods (asset_id, id, condition, from_at, to_at, actor, note, recorded_at, merged_from)
      select ${to}, m.id, m.condition, ${begins}, m.to_at, m.actor, m.note, m.recorded_at, ${from} from condition_periods m where ${where}`.execute(
      tx,
    );
}

/** Takes back what a merge copied: all of one asset, or what is not in a dump. */
export async function dropCopies(
  tx: Tx,
  fact: CopiedFact,
  assetId: string,
  which: { from: string } | { keep: readonly string[] },
): Promise<void> {
  const table = tables[fact];
  const condition =
    'from' in which ? sql`merged_from = ${which.from}` : sql`merged_from is not null and not (id = any(${which.keep}::uuid[]))`;
  await sql`delete from ${sql.table(table)} where asset_id = ${assetId} and ${condition}`.execute(tx);
}

/** Puts rows of a dump back that are gone; one whose time is taken by something newer stays away. */
export async function putBack(tx: Tx, fact: CopiedFact, assetId: string, rows: readonly DumpedPeriod[]): Promise<void> {
  const table = tables[fact];
  await sql`insert into ${sql.table(table)} select m.* from jsonb_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::jsonb) m
    where not exists (select 1 from ${sql.table(table)} s where s.asset_id = ${assetId} and s.id = m.id) and ${free(table, assetId, sql`m.from_at`)}`.execute(
    tx,
  );
}

/** The placements of a dump in place of the present ones, unless someone said since where the asset is. */
export async function putPlacementsBack(tx: Tx, assetId: string, rows: readonly DumpedPeriod[], since: Date): Promise<void> {
  const known = rows.map((r) => r.id);
  const { rows: newer } =
    await sql`select 1 from placement_periods where asset_id = ${assetId} and source = 'manual' and recorded_at > ${since}
    and not (id = any(${known}::uuid[]))`.execute(tx);
  if (newer.length > 0) return;
  await sql`delete from placement_periods where asset_id = ${assetId}`.execute(tx);
  await sql`insert into placement_periods select m.* from jsonb_populate_recordset(null::placement_periods, ${JSON.stringify(rows)}::jsonb) m`.execute(
    tx,
  );
}
