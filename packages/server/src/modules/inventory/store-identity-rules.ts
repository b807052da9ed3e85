import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface RuleChangeRow {
  setting: string;
  value: unknown;
  changed_at: Date;
  changed_by: string;
}

/** What was changed of the shipped rules: a few rows, read by every batch of reports. */
export async function ruleChanges(db: Db): Promise<RuleChangeRow[]> {
  return (await sql<RuleChangeRow>`select setting, value, changed_at, changed_by from identity_rule_changes order by setting`.execute(db))
    .rows;
}

/** Keeps a changed setting, or with undefined goes back to what is shipped. */
export async function putRuleChange(tx: Tx, setting: string, value: unknown, by: { at: Date; actor: string }): Promise<void> {
  if (value === undefined) {
    await sql`delete from identity_rule_changes where setting = ${setting}`.execute(tx);
    return;
  }
  await sql`insert into identity_rule_changes (setting, value, changed_at, changed_by) values (${setting}, ${JSON.stringify(value)}::jsonb, ${by.at}, ${by.actor})
    on conflict (setting) do update set value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(
    tx,
  );
}
