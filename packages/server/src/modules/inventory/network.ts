import type { AssetNetwork } from '@muster/api/network';
import type { Db } from '../../platform/db/types.ts';
import { pagesOfAsset, powerOfAsset, type PowerRow, suppliesOfAsset } from './store-measures.ts';
import { componentsOfAsset, neighboursOfAsset, portsOfAsset, portsSeenOn } from './store-network-read.ts';

/** Ports, components, links and what the device measures of itself. Other assets are only named to whoever may see all of them. */
export async function readNetwork(db: Db, assetId: string, seesAll: boolean): Promise<AssetNetwork> {
  const ports = await portsOfAsset(db, assetId);
  const components = await componentsOfAsset(db, assetId);
  const neighbours = await neighboursOfAsset(db, assetId);
  const seenOn = seesAll ? await portsSeenOn(db, assetId) : [];
  const supplies = await suppliesOfAsset(db, assetId);
  const pages = await pagesOfAsset(db, assetId);
  const power = await powerOfAsset(db, assetId);
  return {
    ports: ports.map(({ source, seen_at, name, mac, ips, speed_mbps, up, port }) => ({
      source,
      seenAt: seen_at.toISOString(),
      ...port,
      name,
      mac,
      ips,
      speedMbps: speed_mbps,
      up,
    })),
    components: components.map(({ source, seen_at, index, contained_in, kind, name, serial, data }) => ({
      source,
      seenAt: seen_at.toISOString(),
      index,
      containedIn: contained_in,
      kind,
      name,
      serial,
      description: data.description,
      manufacturer: data.manufacturer,
      model: data.model,
      hardware: data.hardware,
      firmware: data.firmware,
      software: data.software,
      // Rows that were written before controllers were read have none of these.
      mac: data.mac ?? null,
      ip: data.ip ?? null,
      location: data.location ?? null,
      state: data.state ?? null,
    })),
    neighbours: neighbours.map((n) => ({
      ...seenOf(n),
      localPort: n.local_port,
      localPortName: n.local_port_name,
      chassisId: n.chassis_id,
      portId: n.port_id,
      portDescription: n.data.portDescription,
      systemName: n.system_name,
      systemDescription: n.data.systemDescription,
      model: n.data.model,
      ips: [...n.data.ips],
      asset: seesAll && n.asset_id !== null ? { id: n.asset_id, label: n.asset_label ?? n.asset_id } : null,
    })),
    seenOn: seenOn.map((s) => ({ ...seenOf(s), asset: { id: s.asset_id, label: s.asset_label }, port: s.port })),
    supplies: supplies.map(({ seen_at, ...s }) => ({ ...s, seenAt: seen_at.toISOString() })),
    pages: pages.map(({ read_at, colour, ...p }) => ({ ...p, inColour: colour, readAt: read_at.toISOString() })),
    power: power ? powerAnswer(power) : null,
  };
}

const seenOf = (
  row: Pick<Awaited<ReturnType<typeof portsSeenOn>>[number], 'source' | 'protocol' | 'first_seen_at' | 'last_seen_at' | 'current'>,
) => ({
  source: row.source,
  protocol: row.protocol,
  firstSeenAt: row.first_seen_at.toISOString(),
  lastSeenAt: row.last_seen_at.toISOString(),
  current: row.current,
});

const powerAnswer = (p: PowerRow): NonNullable<AssetNetwork['power']> => ({
  source: p.source,
  seenAt: p.seen_at.toISOString(),
  batteryStatus: p.battery_status,
  onBattery: p.on_battery,
  chargePercent: p.charge_percent,
  runtimeMinutes: p.runtime_minutes,
  loadPercent: p.load_percent,
  inputVolts: p.input_volts,
  outputVolts: p.output_volts,
});
