import type { InterfaceFact, Json, PortFact } from '../report.ts';
import { isObject, textOf, wholeNumber, yesNo } from './values.ts';

type Obj = { [key: string]: Json };

/** Network interfaces of a machine, or the ports of network equipment. Null when the report has neither section. */
export function interfaceFacts(sections: Record<string, Json>): InterfaceFact[] | null {
  const networks = sections['networks'];
  if (Array.isArray(networks)) return merged(networks.filter(isObject).map(ofNetwork));
  const ports = sections['network_ports'];
  if (Array.isArray(ports)) return merged(ports.filter(isObject).map(ofPort));
  return null;
}

/** Agents write one row for each address: rows of one name and MAC are one interface. */
function merged(rows: InterfaceFact[]): InterfaceFact[] {
  const byName = new Map<string, InterfaceFact>();
  for (const row of rows) {
    const key = `${row.name}\0${row.mac ?? ''}`;
    const there = byName.get(key);
    if (!there) byName.set(key, row);
    else {
      for (const ip of row.ips) if (!there.ips.includes(ip)) there.ips.push(ip);
      there.up ??= row.up;
      there.speedMbps ??= row.speedMbps;
    }
  }
  return [...byName.values()];
}

function ofNetwork(row: Obj): InterfaceFact {
  const name = clip(textOf(row['description'])) ?? '';
  const type = clip(textOf(row['type']));
  const status = textOf(row['status']);
  return {
    name,
    mac: macOf(textOf(row['mac'])),
    ips: [textOf(row['ipaddress']), textOf(row['ipaddress6'])].map(ipOf).filter((ip) => ip !== null),
    type: type === 'ether' ? 'ethernet' : type,
    virtual: row['virtualdev'] === true || type === 'loopback' || softwareMade.test(name),
    speedMbps: mbps(row['speed']),
    up: status === null ? null : status === 'up',
    driver: clip(textOf(row['driver'])),
  };
}

/** Names that Linux, BSD and macOS give to interfaces made by software; agents do not always say so. */
const softwareMade =
  /^(lo\d*|docker\d+|br-|virbr|veth|vnet|tun\d|tap\d|ifb\d|bond\d|dummy|vmnet|utun|awdl|llw|bridge\d|gif\d|stf\d|wg\d|cni|flannel|cali|tailscale|sit\d|ip6tnl|teredo|isatap)/i;

function ofPort(row: Obj): InterfaceFact {
  const ips = Array.isArray(row['ips']) ? row['ips'].map((ip) => ipOf(textOf(ip))).filter((ip) => ip !== null) : [];
  const bits = typeof row['ifspeed'] === 'number' ? row['ifspeed'] : 0;
  return {
    name: clip(textOf(row['ifname']) ?? textOf(row['ifdescr'])) ?? `port ${textOf(row['ifnumber']) ?? '?'}`,
    mac: macOf(textOf(row['mac'])),
    ips,
    type: portTypes[textOf(row['iftype']) ?? ''] ?? null,
    // 24 software loopback, 131 tunnel, 53 virtual, 135/136 VLAN, 161 aggregate (IANA ifType).
    virtual: ['24', '131', '53', '135', '136', '161'].includes(textOf(row['iftype']) ?? ''),
    speedMbps: bits > 0 ? Math.min(Math.round(bits / 1e6), 2_147_483_647) : null,
    up: row['ifstatus'] === 1 ? true : row['ifstatus'] === 2 ? false : null,
    driver: null,
    port: portFact(row),
  };
}

function portFact(row: Obj): PortFact | null {
  const index = wholeNumber(row['ifnumber'] ?? null, 'none');
  if (index === null || index > 2_147_483_647) return null;
  const state = textOf(row['ifinternalstatus']);
  const vlans = Array.isArray(row['vlans']) ? row['vlans'].filter(isObject) : [];
  const members = Array.isArray(row['aggregate']) ? row['aggregate'] : [];
  return {
    index,
    description: clip(textOf(row['ifdescr'])),
    alias: clip(textOf(row['ifalias'])),
    enabled: state === '1' ? true : state === '2' ? false : null,
    trunk: row['trunk'] === undefined ? null : yesNo(row['trunk']),
    vlans: vlans.slice(0, 4094).flatMap((v) => {
      const id = wholeNumber(v['number'] ?? null, 'none');
      return id === null || id > 4095
        ? []
        : [{ id, name: clip(textOf(v['name'])), tagged: v['tagged'] !== undefined && yesNo(v['tagged']) === true }];
    }),
    members: members.slice(0, 1000).flatMap((m) => wholeNumber(m, 'none') ?? []),
  };
}

const portTypes: Record<string, string> = {
  '6': 'ethernet',
  '117': 'ethernet',
  '71': 'wifi',
  '24': 'loopback',
  '161': 'aggregate',
  '131': 'tunnel',
};

const clip = (text: string | null): string | null => text?.slice(0, 255).toWellFormed() ?? null;

/** `aa:bb:cc:dd:ee:ff` in lower case; null for anything else and for all zeros. */
export function macOf(text: string | null): string | null {
  const hex = (text ?? '').replaceAll(/[\s:.-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{12}$/.test(hex) || /^0+$/.test(hex)) return null;
  return (hex.match(/../g) ?? []).join(':');
}

function ipOf(text: string | null): string | null {
  const ip =
    text
      ?.replace(/\/\d{1,3}$/, '')
      .trim()
      .toLowerCase() ?? '';
  if (ip === '0.0.0.0' || ip === '::') return null;
  return /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-f:.]{2,45}(%\S{1,20})?)$/.test(ip) ? ip : null;
}

/** `100`, `100 Mbps`, `1 Gb/s`. Windows reports nonsense for idle adapters: over a terabit is not believed. */
function mbps(value: Json | undefined): number | null {
  const m = /^(\d{1,15}(?:\.\d+)?)\s*(gb?|mb?)?/i.exec(textOf(value) ?? '');
  if (!m) return null;
  const speed = Math.round(Number(m[1]) * (/^g/i.test(m[2] ?? '') ? 1000 : 1));
  return speed > 0 && speed <= 1_000_000 ? speed : null;
}
