import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface StoredRule {
  class_key: string;
  field: string;
  sources: { source: string; ttlDays: number }[];
  other_ttl_days: number;
  changed_at: Date;
  changed_by: string;
}

/** The changed rules and the class above each class, in one small statement: every batch of reports reads it. */
export async function authorityRows(db: Db): Promise<{ rules: StoredRule[]; parents: Record<string, string | null> }> {
  const { rows } = await sql<{ rules: StoredRule[]; parents: Record<string, string | null> }>`select
    (select coalesce(jsonb_agg(to_jsonb(r)), '[]') from authority_rules r) as rules,
    (select coalesce(jsonb_object_agg(c.key, c.parent_key), '{}') from asset_classes c) as parents`.execute(db);
  const found = rows[0] ?? { rules: [], parents: {} };
  return { ...found, rules: found.rules.map((r) => ({ ...r, changed_at: new Date(r.changed_at) })) };
}

export async function classLabels(db: Db): Promise<Map<string, string>> {
  const { rows } = await sql<{ key: string; label: string }>`select key, label from asset_classes`.execute(db);
  return new Map(rows.map((r) => [r.key, r.label]));
}

export async function putRule(tx: Tx, rule: StoredRule): Promise<void> {
  await sql`insert into authority_rules (class_key, field, sources, other_ttl_days, changed_at, changed_by)
    values (${rule.class_key}, ${rule.field}, ${JSON.stringify(rule.sources)}::jsonb, ${rule.other_ttl_days}, ${rule.changed_at}, ${rule.changed_by})
    on conflict (class_key, field) do update set sources = excluded.sources, other_ttl_days = excluded.other_ttl_days, changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(
    tx,
  );
}

export async function dropRule(tx: Tx, classKey: string, field: string): Promise<boolean> {
  const { numAffectedRows } = await sql`delete from authority_rules where class_key = ${classKey} and field = ${field}`.execute(tx);
  return Number(numAffectedRows ?? 0) > 0;
}

/** Every source that has reported, by hopping from one to the next in the index instead of reading all observations. */
export async function reportingSources(db: Db): Promise<string[]> {
  const { rows } = await sql<{ source: string }>`with recursive s as (
      (select source from observations order by source limit 1)
      union all select (select o.source from observations o where o.source > s.source order by o.source limit 1) from s where s.source is not null)
    select source from s where source is not null`.execute(db);
  return rows.map((r) => r.source);
}

/** The next assets, by id, that several sources besides people give values: of all others there is nothing to choose. */
export async function assetsToResolve(
  db: Db,
  options: { after: string; limit: number; classKeys: readonly string[] | null },
): Promise<string[]> {
  const { after, limit, classKeys } = options;
  const ofClass = classKeys
    ? sql`and exists (select 1 from assets a where a.id = v.asset_id and a.class_key = any(${classKeys}::text[]))`
    : sql``;
  const { rows } = await sql<{ asset_id: string }>`select v.asset_id from asset_field_values v
    where v.asset_id > ${after}::uuid and v.source <> 'manual' ${ofClass}
    group by v.asset_id having min(v.source) <> max(v.source) order by v.asset_id limit ${limit}`.execute(db);
  return rows.map((r) => r.asset_id);
}
