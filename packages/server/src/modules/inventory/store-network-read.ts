import type { NetworkComponent, NetworkNeighbour, PortFact } from '@muster/protocols';
import { sql } from 'kysely';
import type { Db } from '../../platform/db/types.ts';

/** Rows of one kind that are answered for an asset. */
const MOST = 5000;

export interface PortRow {
  source: string;
  seen_at: Date;
  name: string;
  mac: string | null;
  ips: string[];
  speed_mbps: number | null;
  up: boolean | null;
  port: PortFact;
}
export async function portsOfAsset(db: Db, assetId: string): Promise<PortRow[]> {
  return (
    await sql<PortRow>`select o.source, o.last_received_at as seen_at, n.name, n.mac, n.ips, n.speed_mbps, n.up, n.port
      from interfaces n join observations o on o.id = n.observation_id where n.asset_id = ${assetId} and n.port is not null
      order by o.last_received_at desc, n.ordinal limit ${MOST}`.execute(db)
  ).rows;
}

export interface ComponentRow {
  source: string;
  seen_at: Date;
  index: number;
  contained_in: number | null;
  kind: string;
  name: string | null;
  serial: string | null;
  data: Pick<NetworkComponent, 'description' | 'manufacturer' | 'model' | 'hardware' | 'firmware' | 'software'> &
    Partial<Pick<NetworkComponent, 'mac' | 'ip' | 'location' | 'state'>>;
}
export async function componentsOfAsset(db: Db, assetId: string): Promise<ComponentRow[]> {
  return (
    await sql<ComponentRow>`select o.source, o.last_received_at as seen_at, c.index, c.contained_in, c.kind, c.name, c.serial, c.data
      from network_components c join observations o on o.id = c.observation_id where c.asset_id = ${assetId}
      order by o.last_received_at desc, c.index limit ${MOST}`.execute(db)
  ).rows;
}

interface Seen {
  source: string;
  protocol: NetworkNeighbour['protocol'];
  first_seen_at: Date;
  last_seen_at: Date;
  current: boolean;
}
export interface NeighbourRow extends Seen {
  local_port: number | null;
  local_port_name: string | null;
  chassis_id: string | null;
  port_id: string | null;
  system_name: string | null;
  data: Pick<NetworkNeighbour, 'portDescription' | 'systemDescription' | 'model' | 'ips'>;
  asset_id: string | null;
  asset_label: string | null;
}

const seen = sql`o.source, n.protocol, n.first_seen_at, coalesce(n.gone_at, o.last_received_at) as last_seen_at, n.gone_at is null as current`;
const label = sql`coalesce(a.name, a.tag, a.serial, a.id::text)`;

/** Links of an asset, those that are there first. The asset at the other end is the one with the MAC address of its chassis. */
export async function neighboursOfAsset(db: Db, assetId: string): Promise<NeighbourRow[]> {
  return (
    await sql<NeighbourRow>`select ${seen}, n.local_port, n.local_port_name, n.chassis_id, n.port_id, n.system_name, n.data, a.id as asset_id, ${label} as asset_label
      from network_neighbours n join observations o on o.id = n.observation_id
      left join lateral (select k.asset_id from identity_keys k where k.kind = 'mac' and k.value = n.chassis_mac and k.quality = 'good' and k.asset_id <> n.asset_id
        order by k.asset_id limit 1) k on true
      left join assets a on a.id = k.asset_id
      where n.asset_id = ${assetId} order by n.gone_at is not null, n.local_port nulls last, n.protocol, n.chassis_id limit ${MOST}`.execute(
      db,
    )
  ).rows;
}

export interface SeenOnRow extends Seen {
  asset_id: string;
  asset_label: string;
  port: string | null;
}
/** Ports of other devices on which an address of the asset was seen. */
export async function portsSeenOn(db: Db, assetId: string): Promise<SeenOnRow[]> {
  return (
    await sql<SeenOnRow>`select ${seen}, a.id as asset_id, ${label} as asset_label, coalesce(n.local_port_name, n.local_port::text) as port
      from (select distinct value from identity_keys where asset_id = ${assetId} and kind = 'mac' and quality = 'good') k
      join network_neighbours n on n.chassis_mac = k.value and n.asset_id <> ${assetId}
      join observations o on o.id = n.observation_id join assets a on a.id = n.asset_id
      order by n.gone_at is not null, n.first_seen_at desc limit 500`.execute(db)
  ).rows;
}
