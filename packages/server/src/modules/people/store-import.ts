import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

/** People whose e-mail, login or name is one of these (lower case), with all three in lower case. */
export async function peopleNamed(
  db: Db,
  values: readonly string[],
): Promise<{ id: string; email: string | null; login: string | null; name: string }[]> {
  if (values.length === 0) return [];
  return (
    await sql<{ id: string; email: string | null; login: string | null; name: string }>`
      select id, lower(email) as email, lower(login) as login, lower(name) as name from people
      where lower(email) = any(${values}::text[]) or lower(login) = any(${values}::text[]) or lower(name) = any(${values}::text[])`.execute(
      db,
    )
  ).rows;
}

/** Deletes those of these people that nothing points at and nobody changed; answers which. */
export async function deleteUnusedPeople(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`delete from people p where p.id = any(${ids}::uuid[]) and p.version = 1
    and not exists (select 1 from assets a where a.person_id = p.id)
    and not exists (select 1 from asset_field_values v where v.field = 'person' and v.value = to_jsonb(p.id::text))
    and not exists (select 1 from users u where u.person_id = p.id)
    and not exists (select 1 from team_members m where m.person_id = p.id)
    and not exists (select 1 from handover_documents h where h.person_id = p.id)
    and not exists (select 1 from stock_holdings s where s.holder_id = p.id)
    and not exists (select 1 from custom_secrets s where s.record_id = p.id)
    and not exists (select 1 from person_directory_ids d where d.person_id = p.id) returning p.id`.execute(tx);
  return new Set(rows.map((r) => r.id));
}
