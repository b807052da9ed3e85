import { sql } from 'kysely';
import type { Tx } from '../../platform/db/types.ts';

/** Neighbours that told who they are; an address that was only learned on a port may be far behind it. */
const announced = sql`n.protocol in ('lldp', 'cdp', 'scan') and n.gone_at is null and n.chassis_mac is not null`;

/**
 * Devices that tell of each other by LLDP or CDP are connected, where the chassis of the neighbour is a known asset's MAC address. One relation for a pair
 * and source, whichever end told, with the ports as seen from its subject. Looks at what these assets tell and at what others tell of them; what no
 * one tells any more is no longer so.
 */
export async function linkNeighbours(tx: Tx, assetIds: readonly string[], at: Date): Promise<void> {
  if (assetIds.length === 0) return;
  const pairs = sql`select least(t.asset_id, t.other) as subject, greatest(t.asset_id, t.other) as object, t.source, min(t.first_seen_at) as first_seen_at,
      jsonb_agg(distinct case when t.asset_id < t.other then jsonb_build_object('port', t.local, 'otherPort', t.far) else jsonb_build_object('port', t.far, 'otherPort', t.local) end) as ports
    from (select n.asset_id, k.asset_id as other, o.source, n.first_seen_at, coalesce(n.local_port_name, n.local_port::text) as local, coalesce(n.port_id, n.data ->> 'portDescription') as far
      from (select * from network_neighbours where asset_id = any(${assetIds}::uuid[])
          union select * from network_neighbours where chassis_mac in (
            select m.value from identity_keys m where m.kind = 'mac' and m.quality = 'good' and m.asset_id = any(${assetIds}::uuid[]))) n
      join observations o on o.id = n.observation_id
      join identity_keys k on k.kind = 'mac' and k.value = n.chassis_mac and k.quality = 'good' and k.asset_id <> n.asset_id
      where ${announced}) t
    group by 1, 2, 3`;
  await sql`with pairs as (${pairs})
    insert into relations (asset_id, id, kind, other_id, source, data, first_seen_at, last_seen_at)
    select subject, gen_random_uuid(), 'connected_to', object, source, jsonb_build_object('ports', ports), first_seen_at, ${at} from pairs order by subject, object, source
    on conflict (asset_id, kind, other_id, source) do update set last_seen_at = greatest(relations.last_seen_at, excluded.last_seen_at), removed_at = null, data = excluded.data`.execute(
    tx,
  );
  await sql`update relations r set removed_at = ${at}
    where r.kind = 'connected_to' and r.source <> 'manual' and r.removed_at is null and (r.asset_id = any(${assetIds}::uuid[]) or r.other_id = any(${assetIds}::uuid[]))
      and not exists (select 1 from network_neighbours n join observations o on o.id = n.observation_id and o.source = r.source
        join identity_keys k on k.kind = 'mac' and k.value = n.chassis_mac and k.quality = 'good'
        where ${announced} and ((n.asset_id = r.asset_id and k.asset_id = r.other_id) or (n.asset_id = r.other_id and k.asset_id = r.asset_id)))`.execute(
    tx,
  );
}
