import { identityConflictResource } from '@muster/api/identity';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

const label = (alias: string) => sql.raw(`coalesce(${alias}.name, ${alias}.tag, ${alias}.serial, ${alias}.id::text)`);

const conflicts = sql`identity_conflicts c join assets a on a.id = c.asset_a join assets b on b.id = c.asset_b`;
const columns = {
  id: { sql: sql`c.id` },
  kind: { sql: sql`c.kind` },
  state: { sql: sql`c.state` },
  assetA: { sql: label('a'), ref: sql`c.asset_a` },
  assetB: { sql: label('b'), ref: sql`c.asset_b` },
  reason: { sql: sql`c.reason` },
  openedAt: { sql: sql`c.opened_at` },
  resolvedAt: { sql: sql`c.resolved_at` },
  resolvedBy: { sql: sql`c.resolved_by` },
  note: { sql: sql`c.note` },
};

export const conflictListing = defineListing(identityConflictResource, {
  from: conflicts,
  id: sql`c.id`,
  columns,
  // A scope must cover both assets: where it covers one only, neither side gives the row away.
  scope: {
    org_unit: sql`(case when a.org_unit_id = b.org_unit_id then a.org_unit_id end)`,
    place: sql`(case when a.place_id = b.place_id then a.place_id end)`,
    asset_class: sql`(case when a.class_key = b.class_key then a.class_key end)`,
    own: sql`(case when a.person_id = b.person_id then a.person_id end)`,
  },
});

export interface ConflictRow {
  id: string;
  kind: 'contradiction' | 'duplicate' | 'board_swap' | 'same_name' | 'told_apart' | 'fork';
  asset_a: string;
  asset_b: string;
  /** Of a fork, which has one asset on both sides: what may be of another machine. */
  observation_id: string;
  reason: string;
  opened_at: Date;
  state: 'open' | 'later' | 'same' | 'different';
  resolved_at: Date | null;
  resolved_by: string | null;
  note: string | null;
  operation_id: string | null;
}

export async function findConflict(db: Db, id: string): Promise<ConflictRow | undefined> {
  return (await sql<ConflictRow>`select * from identity_conflicts where id = ${id}`.execute(db)).rows[0];
}

export interface NewConflict {
  kind: Exclude<ConflictRow['kind'], 'duplicate' | 'fork'>;
  assetA: string;
  assetB: string;
  observationId: string;
  reason: string;
  at: Date;
}

/** Asks whether the assets of a pair are one; a pair that was asked about, or decided, is not asked about again. */
export async function openConflicts(tx: Tx, rows: readonly NewConflict[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`insert into identity_conflicts (id, kind, asset_a, asset_b, observation_id, reason, opened_at)
    select gen_random_uuid(), r.k, least(r.a, r.b), greatest(r.a, r.b), r.o, r.w, r.t
    from unnest(${rows.map((r) => r.kind)}::text[], ${rows.map((r) => r.assetA)}::uuid[], ${rows.map((r) => r.assetB)}::uuid[], ${rows.map((r) => r.observationId)}::uuid[], ${rows.map((r) => r.reason)}::text[], ${rows.map((r) => r.at)}::timestamptz[]) as r (k, a, b, o, w, t)
    where r.a <> r.b and not exists (select 1 from identity_not_same n where n.asset_a = least(r.a, r.b) and n.asset_b = greatest(r.a, r.b))
    on conflict (asset_a, asset_b) do nothing`.execute(tx);
}

/** Asks about living assets that share one of these values, which should be on one machine only, with the observation. */
export async function openDuplicates(
  tx: Tx,
  keys: readonly { observationId: string; kind: string; value: string }[],
  at: Date,
): Promise<void> {
  if (keys.length === 0) return;
  await sql`insert into identity_conflicts (id, kind, asset_a, asset_b, observation_id, reason, opened_at)
    select gen_random_uuid(), 'duplicate', pair.a, pair.b, pair.o, pair.w, ${at} from (
      select distinct on (least(k.asset_id, other.asset_id), greatest(k.asset_id, other.asset_id)) least(k.asset_id, other.asset_id) as a,
        greatest(k.asset_id, other.asset_id) as b, k.observation_id as o, 'Both have the ' || replace(k.kind, '_', ' ') || ' ' || k.value || '.' as w
      from unnest(${keys.map((k) => k.observationId)}::uuid[], ${keys.map((k) => k.kind)}::text[], ${keys.map((k) => k.value)}::text[]) as r (o, kind, value)
      join identity_keys k on k.kind = r.kind and k.value = r.value and k.observation_id = r.o and k.quality = 'good'
      join identity_keys other on other.kind = k.kind and other.value = k.value and other.asset_id <> k.asset_id and other.quality = 'good'
      order by 1, 2, k.kind, k.value) pair
    where not exists (select 1 from identity_not_same n where n.asset_a = pair.a and n.asset_b = pair.b)
    on conflict (asset_a, asset_b) do nothing`.execute(tx);
}

/** Closes, or with `later` postpones, the question about a pair. */
export async function settleConflict(
  tx: Tx,
  pair: readonly [string, string],
  state: ConflictRow['state'],
  by: { actor: string; note: string; now: Date; operationId: string | null },
): Promise<void> {
  await sql`update identity_conflicts set state = ${state}, resolved_at = ${by.now}, resolved_by = ${by.actor}, note = ${by.note}, operation_id = ${by.operationId}
    where asset_a = least(${pair[0]}::uuid, ${pair[1]}::uuid) and asset_b = greatest(${pair[0]}::uuid, ${pair[1]}::uuid)`.execute(tx);
}

/** What an operation closed is open again, and what it said of the pair is forgotten. */
export async function forgetOperation(tx: Tx, operationId: string): Promise<void> {
  await sql`update identity_conflicts set state = 'open', resolved_at = null, resolved_by = null, note = null, operation_id = null where operation_id = ${operationId}`.execute(
    tx,
  );
  await sql`delete from identity_not_same where operation_id = ${operationId}`.execute(tx);
}

export async function rememberNotSame(
  tx: Tx,
  pair: readonly [string, string],
  by: { actor: string; note: string; now: Date; operationId: string | null },
): Promise<void> {
  await sql`insert into identity_not_same (asset_a, asset_b, at, actor, reason, operation_id)
    values (least(${pair[0]}::uuid, ${pair[1]}::uuid), greatest(${pair[0]}::uuid, ${pair[1]}::uuid), ${by.now}, ${by.actor}, ${by.note}, ${by.operationId})
    on conflict do nothing`.execute(tx);
}

/** Who said that the two are two; undefined when nobody did. */
export async function notSame(db: Db, a: string, b: string): Promise<{ actor: string; reason: string } | undefined> {
  return (
    await sql<{ actor: string; reason: string }>`select actor, reason from identity_not_same
      where asset_a = least(${a}::uuid, ${b}::uuid) and asset_b = greatest(${a}::uuid, ${b}::uuid)`.execute(db)
  ).rows[0];
}
