import type { RackSide } from '@muster/api/racks';
import { sql } from 'kysely';
import type { Db, Tx } from '../../platform/db/types.ts';

export interface MountRow {
  asset_id: string;
  label: string;
  class: string;
  unit: number;
  height: number;
  side: RackSide;
}

const label = sql`coalesce(a.name, a.tag, a.serial, a.id::text)`;

/** What hangs in a rack now, from the top down: mounts of assets that are placed there. */
export async function mountsOf(db: Db, rackId: string): Promise<MountRow[]> {
  const { rows } = await sql<MountRow>`select a.id as asset_id, ${label} as label, c.label as class, m.unit, m.height, m.side
    from rack_mounts m join assets a on a.id = m.asset_id join asset_classes c on c.key = a.class_key
    where m.rack_id = ${rackId} and a.place_id = ${rackId} and a.redirected_to is null order by m.unit desc, m.side, a.id`.execute(db);
  return rows;
}

/** Assets placed in a rack without a position, by name. */
export async function unmountedIn(db: Db, rackId: string, most: number): Promise<{ id: string; label: string }[]> {
  const { rows } = await sql<{ id: string; label: string }>`select a.id, ${label} as label from assets a
    where a.place_id = ${rackId} and a.redirected_to is null
      and not exists (select 1 from rack_mounts m where m.asset_id = a.id and m.rack_id = ${rackId})
    order by 2, 1 limit ${most}`.execute(db);
  return rows;
}

/** Holds the rack until the transaction ends, so that two mounts at once are judged one after the other. */
export async function lockRack(tx: Tx, rackId: string): Promise<{ kind: string; name: string; rack_units: number | null } | undefined> {
  const { rows } = await sql<{ kind: string; name: string; rack_units: number | null }>`select kind, name, rack_units from places
    where id = ${rackId} for update`.execute(tx);
  return rows[0];
}

/** Whether its class can be mounted, its version, and how people call it. */
export async function mountableAsset(tx: Tx, id: string): Promise<{ rackable: boolean; class: string; label: string; version: number }> {
  const { rows } = await sql<{
    rackable: boolean;
    class: string;
    label: string;
    version: number;
  }>`select 'rackable' = any(c.capabilities) as rackable,
      c.label as class, ${label} as label, a.version
    from assets a join asset_classes c on c.key = a.class_key where a.id = ${id} for no key update of a`.execute(tx);
  return rows[0]!;
}

/** Forgets positions of assets that were in the rack once and are not now, where they would be in the way. */
export async function forgetFormer(tx: Tx, rackId: string, from: number, to: number): Promise<void> {
  await sql`delete from rack_mounts m where m.rack_id = ${rackId} and m.unit <= ${to} and m.unit + m.height - 1 >= ${from}
    and not exists (select 1 from assets a where a.id = m.asset_id and a.place_id = ${rackId} and a.redirected_to is null)`.execute(tx);
}

export async function putMount(
  tx: Tx,
  mount: { assetId: string; rackId: string; unit: number; height: number; side: RackSide; at: Date; by: string },
): Promise<void> {
  await sql`insert into rack_mounts (asset_id, rack_id, unit, height, side, mounted_at, mounted_by)
    values (${mount.assetId}, ${mount.rackId}, ${mount.unit}, ${mount.height}, ${mount.side}, ${mount.at}, ${mount.by})
    on conflict (asset_id) do update set rack_id = excluded.rack_id, unit = excluded.unit, height = excluded.height, side = excluded.side,
      mounted_at = excluded.mounted_at, mounted_by = excluded.mounted_by`.execute(tx);
}

/** The position that was taken away; undefined when there was none that holds. */
export async function dropMount(tx: Tx, assetId: string): Promise<{ rack_id: string; rack: string; unit: number } | undefined> {
  const { rows } = await sql<{ rack_id: string; rack: string; unit: number }>`delete from rack_mounts m using places p, assets a
    where m.asset_id = ${assetId} and p.id = m.rack_id and a.id = m.asset_id and a.place_id = m.rack_id
    returning m.rack_id, p.name as rack, m.unit`.execute(tx);
  return rows[0];
}

/** The highest unit that is taken in a rack now; 0 when it is empty. */
export async function highestTaken(tx: Tx, rackId: string): Promise<number> {
  const { rows } = await sql<{
    top: number | null;
  }>`select max(m.unit + m.height - 1) as top from rack_mounts m join assets a on a.id = m.asset_id
    where m.rack_id = ${rackId} and a.place_id = ${rackId} and a.redirected_to is null`.execute(tx);
  return rows[0]?.top ?? 0;
}
