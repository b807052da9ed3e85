import type { IdentityKey } from '@muster/core/identity';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface Reporter {
  id: string;
  asset_id: string;
  source: string;
  /** As extracted, with `shared` where a value was demoted. */
  keys: IdentityKey[];
  pinned: boolean;
}

/** Everything that reports the asset of this observation, itself included. */
export async function reportersBeside(db: Db, observationId: string): Promise<Reporter[]> {
  const { rows } = await sql<Reporter & { shared: string[] | null }>`select o.id, o.asset_id, o.source, o.keys,
      exists (select 1 from identity_pins p where p.observation_id = o.id) as pinned,
      (select array_agg(k.kind || ' ' || k.value) from identity_keys k where k.observation_id = o.id and k.quality = 'shared') as shared
    from observations o where o.asset_id = (select asset_id from observations where id = ${observationId}) order by o.id`.execute(db);
  return rows.map(({ shared, ...row }) => ({
    ...row,
    keys: row.keys.map((k): IdentityKey =>
      shared?.includes(`${k.kind} ${k.value}`) ? { ...k, quality: 'shared', reason: 'seen on several machines' } : k,
    ),
  }));
}

/**
 * Asks whether this observation of the asset is of another machine. The question has the asset on both sides; an asset has one such question
 * at a time, and an observation that was asked about is not asked about again.
 */
export async function askAboutFork(tx: Tx, assetId: string, observationId: string, reason: string, at: Date): Promise<void> {
  await sql`insert into identity_conflicts (id, kind, asset_a, asset_b, observation_id, reason, opened_at)
    values (gen_random_uuid(), 'fork', ${assetId}, ${assetId}, ${observationId}, ${reason}, ${at})
    on conflict (asset_a, asset_b) do update set observation_id = excluded.observation_id, reason = excluded.reason, opened_at = excluded.opened_at,
      state = 'open', resolved_at = null, resolved_by = null, note = null, operation_id = null
    where identity_conflicts.state in ('same', 'different') and identity_conflicts.observation_id <> excluded.observation_id`.execute(tx);
}
