import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';

export interface PersonHistoryRow {
  id: string;
  at: Date;
  before: Record<string, unknown> | null;
  after: Record<string, unknown>;
  actor: string | null;
  /** The directory that wrote it. */
  source: string | null;
}

/** What changed of a person, newest first, with who did it: the audit row of the same transaction has the same time. */
export async function personHistory(db: Db, personId: string, before: string | null, limit: number): Promise<PersonHistoryRow[]> {
  const { rows } = await sql<PersonHistoryRow>`select h.id::text, h.at, h.before, h.after, a.actor_label as actor, a.source
    from person_history h left join lateral (select l.actor_label, l.after ->> 'source' as source from audit_log l
      where l.at = h.at and l.resource = 'people' and (l.resource_id is null or l.resource_id = h.person_id::text) order by l.id limit 1) a on true
    where h.person_id = ${personId} and (${before}::bigint is null or h.id < ${before}::bigint) order by h.id desc limit ${limit}`.execute(
    db,
  );
  return rows;
}

/** By which ids directories know a person. */
export async function directoryIdsOf(db: Db, personId: string): Promise<{ source: string; directory_id: string; seen_at: Date }[]> {
  const { rows } = await sql<{ source: string; directory_id: string; seen_at: Date }>`select source, directory_id, seen_at
    from person_directory_ids where person_id = ${personId} order by source, directory_id`.execute(db);
  return rows;
}

/** Names of org units and places by id; one that was removed has none. */
export async function namesOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`select id, name from org_units where id = any(${ids}::uuid[])
    union all select id, name from places where id = any(${ids}::uuid[])`.execute(db);
  return new Map(rows.map((row) => [row.id, row.name]));
}
