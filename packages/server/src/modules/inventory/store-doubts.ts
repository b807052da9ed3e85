import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';
import type { DoubtChange } from './identified.ts';

/** How many copies of one machine are told from a new adapter at a time. */
const mostDoubts = 4;

/**
 * Keeps, settles and forgets reports that may be of a copy. A held report that turned out to be of the machine itself is in its
 * observation now: what was kept of it goes, its decisions stay with the observation. `held` is the observation of this report.
 */
export async function settleDoubts(tx: Tx, changes: readonly (DoubtChange & { held: string; at: Date })[]): Promise<void> {
  if (changes.length === 0) return;
  const holding = changes.filter((c) => c.holds);
  if (holding.length > 0)
    await sql`insert into observation_doubts (observation_id, held_id, at)
      select * from unnest(${holding.map((c) => c.of)}::uuid[], ${holding.map((c) => c.held)}::uuid[], ${holding.map((c) => c.at)}::timestamptz[])`.execute(
      tx,
    );
  const refuted = changes.flatMap((c) => c.refuted);
  if (refuted.length > 0) await sql`update observation_doubts set refuted = true where held_id = any(${refuted}::uuid[])`.execute(tx);
  const taken = changes.flatMap((c) => c.taken ?? []);
  if (taken.length > 0) await sql`delete from observation_doubts where held_id = any(${taken}::uuid[])`.execute(tx);
  const { rows: surplus } = await sql<{ held_id: string }>`select held_id from (
      select held_id, row_number() over (partition by observation_id order by at desc, held_id) as place
      from observation_doubts where observation_id = any(${holding.map((c) => c.of)}::uuid[])) d where place > ${mostDoubts}`.execute(tx);
  await forgetHeld(tx, [...changes.flatMap((c) => c.confirmed), ...surplus.map((r) => r.held_id)]);
}

async function forgetHeld(tx: Tx, held: readonly string[]): Promise<void> {
  if (held.length === 0) return;
  await sql`update identity_decisions i set observation_id = d.observation_id from observation_doubts d
    where d.held_id = any(${held}::uuid[]) and i.observation_id = d.held_id`.execute(tx);
  await sql`delete from observation_doubts where held_id = any(${held}::uuid[])`.execute(tx);
  await sql`delete from observation_sections where asset_id = any(${held}::uuid[]) and observation_id = any(${held}::uuid[])`.execute(tx);
  await sql`delete from observations where id = any(${held}::uuid[]) and asset_id is null`.execute(tx);
}
