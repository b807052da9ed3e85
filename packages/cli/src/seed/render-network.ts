import { deflateSync } from 'node:zlib';
import type { SeedNetworkDevice, SeedPort } from './network.ts';
import { section, type RenderedReport } from './render.ts';

/** What a scanning FusionInventory agent sends of a device that it read over SNMP: one answer to SNMPQUERY. */
export function renderNetworkReport(device: SeedNetworkDevice): RenderedReport {
  const info = section('INFO', {
    ID: 0,
    TYPE: device.kind,
    NAME: device.name,
    MANUFACTURER: device.manufacturer,
    MODEL: device.model,
    SERIAL: device.serial,
    MAC: device.mac,
    COMMENTS: device.description,
    LOCATION: device.office.name,
  }).replace('</INFO>', `<IPS><IP>${device.ip}</IP></IPS></INFO>`);
  const parts = device.parts.map((p) =>
    section('COMPONENT', { INDEX: p.index, CONTAINEDININDEX: p.within ?? 0, TYPE: p.kind, MODEL: p.model, SERIAL: p.serial }),
  );
  const inner = [
    info,
    device.printer ? section('CARTRIDGES', device.printer.toner) + section('PAGECOUNTERS', { TOTAL: device.printer.pages }) : '',
    `<PORTS>${device.ports.map(port).join('')}</PORTS>`,
    parts.length > 0 ? `<COMPONENTS>${parts.join('')}</COMPONENTS>` : '',
  ].join('');
  const xml = `<?xml version="1.0" encoding="UTF-8" ?>\n<REQUEST><CONTENT><DEVICE>${inner}</DEVICE><MODULEVERSION>6.0</MODULEVERSION><PROCESSNUMBER>1</PROCESSNUMBER></CONTENT><DEVICEID>${device.office.code}-scanner-2026-01-12-08-00-00</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>\n`;
  return {
    path: '',
    body: deflateSync(xml, { level: 6 }),
    headers: { 'content-type': 'application/x-compress-zlib', 'user-agent': 'FusionInventory-Agent_v2.6-3' },
  };
}

function port(p: SeedPort): string {
  const up = p.speed === null ? 2 : 1;
  const values = section('PORT', {
    IFNUMBER: p.index,
    IFNAME: p.name,
    IFDESCR: p.name,
    IFTYPE: 6,
    IFMTU: 1500,
    IFSPEED: (p.speed ?? 0) * 1_000_000,
    IFSTATUS: up,
    IFINTERNALSTATUS: 1,
    MAC: p.mac,
  });
  const vlan = `<VLANS>${section('VLAN', { NUMBER: p.vlan, NAME: p.vlan === 20 ? 'desks' : p.vlan === 30 ? 'printers' : 'servers', TAGGED: 0 })}</VLANS>`;
  return values.replace('</PORT>', `${vlan}${connections(p)}</PORT>`);
}

/** A neighbour that told its name hides the addresses learned behind it, as the agent leaves them out too. */
function connections(p: SeedPort): string {
  if (p.neighbour)
    return `<CONNECTIONS><CDP>1</CDP>${section('CONNECTION', { SYSMAC: p.neighbour.mac, SYSNAME: p.neighbour.name, IFDESCR: p.neighbour.port })}</CONNECTIONS>`;
  if (p.learned.length === 0) return '';
  return `<CONNECTIONS><CONNECTION>${p.learned.map((mac) => `<MAC>${mac}</MAC>`).join('')}</CONNECTION></CONNECTIONS>`;
}
