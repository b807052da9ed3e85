import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

/** A unique value that a merge took from one record to another. */
export interface MovedClaim {
  fieldId: string;
  value: string;
}

/** The unique values of one record for these fields are the other's from now on, where that has none of its own. Answers which. */
export async function moveClaims(tx: Tx, keys: readonly string[], from: string, to: string): Promise<MovedClaim[]> {
  return (
    await sql<MovedClaim>`update custom_unique_values v set record_id = ${to} from custom_fields f
      where f.id = v.field_id and f.resource = 'assets' and f.key = any(${keys}::text[]) and v.record_id = ${from}
        and not exists (select 1 from custom_unique_values o where o.field_id = v.field_id and o.record_id = ${to})
      returning v.field_id as "fieldId", v.value`.execute(tx)
  ).rows;
}

/** Gives moved values back, also those that were let go since. Answers the values that another record has taken by now. */
export async function returnClaims(tx: Tx, claims: readonly MovedClaim[], from: string, to: string): Promise<string[]> {
  const { rows } = await sql<{ value: string }>`with wanted as (
      select * from jsonb_to_recordset(${JSON.stringify(claims)}::jsonb) as w ("fieldId" uuid, value text)),
    back as (insert into custom_unique_values (field_id, value, record_id) select w."fieldId", w.value, ${to}::uuid from wanted w
      where exists (select 1 from custom_fields f where f.id = w."fieldId")
      on conflict (field_id, value) do update set record_id = excluded.record_id where custom_unique_values.record_id = ${from}
      returning field_id, value)
    select w.value from wanted w join custom_fields f on f.id = w."fieldId"
      where not exists (select 1 from back b where b.field_id = w."fieldId" and b.value = w.value)`.execute(tx);
  return rows.map((row) => row.value);
}

/** Copies the encrypted values that the other record has not; answers their fields. */
export async function copySecrets(tx: Tx, from: string, to: string): Promise<string[]> {
  const { rows } = await sql<{ field_id: string }>`insert into custom_secrets (record_id, field_id, sealed, set_at, set_by)
    select ${to}, s.field_id, s.sealed, s.set_at, s.set_by from custom_secrets s join custom_fields f on f.id = s.field_id
    where s.record_id = ${from} and f.resource = 'assets' on conflict do nothing returning field_id`.execute(tx);
  return rows.map((row) => row.field_id);
}

/** Takes copied encrypted values away again; one that was set anew since stays. */
export async function dropSecretCopies(tx: Tx, fields: readonly string[], copy: string, original: string): Promise<void> {
  await sql`delete from custom_secrets s using custom_secrets o where s.record_id = ${copy} and s.field_id = any(${fields}::uuid[])
    and o.record_id = ${original} and o.field_id = s.field_id and o.sealed = s.sealed`.execute(tx);
}
