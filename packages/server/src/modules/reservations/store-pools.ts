import { loanPoolResource, type PoolKind } from '@muster/api/reservations';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';
import { defineListing } from '../../platform/listing/index.ts';

export interface PoolRow {
  id: string;
  name: string;
  kind: PoolKind;
  class_key: string | null;
  model: string | null;
  place_id: string | null;
  no_show_days: number;
  note: string | null;
  version: number;
}
export type PoolValues = Omit<PoolRow, 'id' | 'version'> & { assets: string[] };

const count = (state: string): ReturnType<typeof sql> =>
  sql`(select count(*) from reservations r where r.pool_id = lp.id and r.state = ${state})::integer`;

/** A pool is reached by its place and its class; one that has neither only by a role that holds everywhere. */
export const poolListing = defineListing(loanPoolResource, {
  from: sql`loan_pools lp`,
  id: sql`lp.id`,
  joins: { place: sql`left join places pl on pl.id = lp.place_id` },
  columns: {
    id: { sql: sql`lp.id` },
    name: { sql: sql`lp.name` },
    kind: { sql: sql`lp.kind` },
    class: { sql: sql`lp.class_key` },
    model: { sql: sql`lp.model` },
    place: { sql: sql`pl.name`, ref: sql`lp.place_id`, join: 'place' },
    noShowDays: { sql: sql`lp.no_show_days` },
    reserved: { sql: count('reserved') },
    waiting: { sql: count('waiting') },
    note: { sql: sql`lp.note` },
    updatedAt: { sql: sql`lp.updated_at` },
  },
  scope: { place: sql`lp.place_id`, asset_class: sql`lp.class_key` },
});

export async function poolById(db: Db, id: string): Promise<(PoolRow & { place: string | null }) | undefined> {
  const { rows } = await sql<
    PoolRow & { place: string | null }
  >`select lp.id, lp.name, lp.kind, lp.class_key, lp.model, lp.place_id, lp.no_show_days,
    lp.note, lp.version, pl.name as place from loan_pools lp left join places pl on pl.id = lp.place_id where lp.id = ${id}`.execute(db);
  return rows[0];
}

/** Which of what a pool names does not exist. */
export async function unknownOf(
  db: Db,
  named: { class: string | null; place: string | null; assets: readonly string[] },
): Promise<{ class: boolean; place: boolean; assets: string[] }> {
  const { rows } = await sql<{ class: boolean; place: boolean; assets: string[] }>`select
    ${named.class}::text is not null and not exists (select 1 from asset_classes where key = ${named.class}) as class,
    ${named.place}::uuid is not null and not exists (select 1 from places where id = ${named.place}) as place,
    array(select w.id::text from unnest(${named.assets}::uuid[]) w (id) where not exists (select 1 from assets a where a.id = w.id and a.redirected_to is null)) as assets`.execute(
    db,
  );
  return rows[0] ?? { class: false, place: false, assets: [] };
}

export async function insertPool(tx: Tx, id: string, pool: PoolValues, now: Date): Promise<void> {
  await sql`insert into loan_pools (id, name, kind, class_key, model, place_id, no_show_days, note, created_at, updated_at)
    values (${id}, ${pool.name}, ${pool.kind}, ${pool.class_key}, ${pool.model}, ${pool.place_id}, ${pool.no_show_days}, ${pool.note}, ${now}, ${now})`.execute(
    tx,
  );
  await putMembers(tx, id, pool.assets);
}

/** False when it has another version by now. */
export async function updatePoolRow(tx: Tx, id: string, version: number, pool: PoolValues, now: Date): Promise<boolean> {
  const { rows } =
    await sql`update loan_pools set name = ${pool.name}, class_key = ${pool.class_key}, model = ${pool.model}, place_id = ${pool.place_id},
    no_show_days = ${pool.no_show_days}, note = ${pool.note}, updated_at = ${now}, version = version + 1
    where id = ${id} and version = ${version} returning 1`.execute(tx);
  if (rows.length === 0) return false;
  await putMembers(tx, id, pool.assets);
  return true;
}

async function putMembers(tx: Tx, id: string, assets: readonly string[]): Promise<void> {
  await sql`delete from loan_pool_assets where pool_id = ${id} and not (asset_id = any(${assets}::uuid[]))`.execute(tx);
  await sql`insert into loan_pool_assets (asset_id, pool_id) select distinct w.id, ${id}::uuid from unnest(${assets}::uuid[]) w (id) on conflict do nothing`.execute(
    tx,
  );
}

export async function namedMembers(db: Db, id: string): Promise<string[]> {
  const { rows } = await sql<{ asset_id: string }>`select asset_id from loan_pool_assets where pool_id = ${id} order by asset_id`.execute(
    db,
  );
  return rows.map((row) => row.asset_id);
}

/** False when something was reserved of it. */
export async function removePool(tx: Tx, id: string): Promise<boolean> {
  const { rows } =
    await sql`delete from loan_pools where id = ${id} and not exists (select 1 from reservations where pool_id = ${id}) returning 1`.execute(
      tx,
    );
  return rows.length > 0;
}
