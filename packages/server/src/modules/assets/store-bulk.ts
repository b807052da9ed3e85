import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';
import type { FieldValue } from './fields.ts';

/** Sets manual values of many assets in one statement. */
export async function putManualValues(
  tx: Tx,
  rows: readonly { assetId: string; field: string; value: FieldValue; at: string; actor: string | null }[],
): Promise<void> {
  if (rows.length === 0) return;
  const data = rows.map((r) => ({ a: r.assetId, f: r.field, v: r.value, o: r.at, w: r.actor }));
  await sql`insert into asset_field_values (asset_id, field, source, value, observed_at, actor)
    select a, f, 'manual', v, o, w from jsonb_to_recordset(${JSON.stringify(data)}::jsonb) as r (a uuid, f text, v jsonb, o timestamptz, w text)
    on conflict (asset_id, field, source) do update set value = excluded.value, observed_at = excluded.observed_at, actor = excluded.actor`.execute(
    tx,
  );
}
