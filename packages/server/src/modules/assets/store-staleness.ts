import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface LimitsRow {
  class_key: string;
  stale_days: number;
  missing_days: number;
  retire_days: number;
  from_class: string;
  own: boolean;
  changed_at: Date | null;
  changed_by: string | null;
}

export async function limitsRows(db: Db): Promise<LimitsRow[]> {
  return (await sql<LimitsRow>`select * from staleness_limits order by class_key`.execute(db)).rows;
}

/** Makes the table hold exactly these rows; one that is as it was is not written. */
export async function putLimits(tx: Tx, rows: readonly LimitsRow[]): Promise<void> {
  const data = JSON.stringify(rows);
  const type = sql.raw(
    '(class_key text, stale_days integer, missing_days integer, retire_days integer, from_class text, own boolean, changed_at timestamptz, changed_by text)',
  );
  await sql`insert into staleness_limits (class_key, stale_days, missing_days, retire_days, from_class, own, changed_at, changed_by)
    select * from jsonb_to_recordset(${data}::jsonb) as r ${type}
    on conflict (class_key) do update set stale_days = excluded.stale_days, missing_days = excluded.missing_days, retire_days = excluded.retire_days,
      from_class = excluded.from_class, own = excluded.own, changed_at = excluded.changed_at, changed_by = excluded.changed_by
    where staleness_limits is distinct from excluded`.execute(tx);
  await sql`delete from staleness_limits where not class_key = any(${rows.map((r) => r.class_key)}::text[])`.execute(tx);
}
