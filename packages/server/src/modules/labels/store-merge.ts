import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

/** The codes of one asset are another's from now on; of the code of its own an asset has one, so a second stays. Answers their ids. */
export async function carryCodes(tx: Tx, from: string, to: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`update codes c set asset_id = ${to} where c.asset_id = ${from}
    and (c.kind <> 'own' or not exists (select 1 from codes o where o.asset_id = ${to} and o.kind = 'own')) returning c.id`.execute(tx);
  return rows.map((row) => row.id);
}

/** Gives carried codes back; one that was taken off since, or stuck elsewhere, stays as it is. */
export async function returnCodes(tx: Tx, ids: readonly string[], from: string, to: string): Promise<void> {
  await sql`update codes c set asset_id = ${to} where c.id = any(${ids}::uuid[]) and c.asset_id = ${from}
    and (c.kind <> 'own' or not exists (select 1 from codes o where o.asset_id = ${to} and o.kind = 'own'))`.execute(tx);
}
