import { sql } from 'kysely';
import { compileKnowledge, decodeReport, defaultLimits, deviceFromWalk, readWalk, reportOfDevice } from '@muster/protocols';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import type { Db } from '../../platform/db/types.ts';
import { testDb, type TestDb } from '../../testing/index.ts';
import { readAsset, seedAssetClasses } from '../assets/index.ts';
import { ingestReports, type IngestResult } from './ingest.ts';
import { readImpact, readRelations } from './relations.ts';
import { item, report } from './test-reports.ts';

let t: TestDb;
let db: Db;
beforeAll(async () => {
  t = await testDb();
  db = t.db;
  await db.transaction().execute(seedAssetClasses);
});
afterAll(() => t.close());
beforeEach(async () => {
  await sql`truncate assets, asset_field_values, asset_events, observations, observation_sections, identity_keys, identity_decisions, device_facts, interfaces, network_components, network_neighbours, relations`.execute(
    db,
  );
});

const at = (day: number): string => `2026-03-${String(day).padStart(2, '0')}T08:00:00Z`;
const asset = async (id: string | null) => readAsset(db, id as string, new Date(at(28)));
const scanned = async (query: 'NETDISCOVERY' | 'SNMPQUERY', content: string, when: string): Promise<IngestResult> => {
  const xml = `<?xml version="1.0" encoding="UTF-8" ?><REQUEST><CONTENT>${content}</CONTENT><DEVICEID>scanner-2026-01-01-00-00-00</DEVICEID><QUERY>${query}</QUERY></REQUEST>`;
  const read = decodeReport(Buffer.from(xml), { userAgent: 'FusionInventory-Agent_v2.6-3' }, defaultLimits);
  const [result] = await db.transaction().execute((tx) => ingestReports(tx, [item(read, when)]));
  return result as IngestResult;
};
const count = async (table: string): Promise<number> =>
  (await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(db)).rows[0]?.n ?? -1;

const connection = (sysMac: string, port: string): string =>
  `<CONNECTIONS><CDP>1</CDP><CONNECTION><SYSMAC>${sysMac}</SYSMAC><SYSNAME>core</SYSNAME><IFDESCR>${port}</IFDESCR></CONNECTION></CONNECTIONS>`;
const switchXml = (connections: string, extra = ''): string => `<DEVICE>
  <INFO><ID>1</ID><TYPE>NETWORKING</TYPE><MANUFACTURER>Cisco</MANUFACTURER><MODEL>WS-C3560G-48TS</MODEL><SERIAL>FOC1408Z61U</SERIAL>
    <NAME>access-1</NAME><MAC>00:1b:54:aa:bb:00</MAC><COMMENTS>Cisco IOS Software, C3560 Software (C3560-IPSERVICESK9-M), Version 12.2(55)SE3</COMMENTS>${extra}</INFO>
  <PORTS>
    <PORT><IFNUMBER>10101</IFNUMBER><IFDESCR>GigabitEthernet0/1</IFDESCR><IFNAME>Gi0/1</IFNAME><IFTYPE>6</IFTYPE><IFSPEED>1000000000</IFSPEED><IFSTATUS>1</IFSTATUS>
      <MAC>00:1b:54:aa:bb:01</MAC><TRUNK>1</TRUNK><IFALIAS>uplink</IFALIAS><VLANS><VLAN><NUMBER>20</NUMBER><NAME>voice</NAME><TAGGED>1</TAGGED></VLAN></VLANS>${connections}</PORT>
    <PORT><IFNUMBER>10102</IFNUMBER><IFDESCR>GigabitEthernet0/2</IFDESCR><IFTYPE>6</IFTYPE><CONNECTIONS><CONNECTION><MAC>00:50:56:01:02:03</MAC><MAC>00:50:56:01:02:04</MAC></CONNECTION></CONNECTIONS></PORT>
  </PORTS>
  <COMPONENTS>
    <COMPONENT><INDEX>1001</INDEX><TYPE>chassis</TYPE><SERIAL>FOC1408Z61U</SERIAL></COMPONENT>
    <COMPONENT><INDEX>1003</INDEX><CONTAINEDININDEX>1001</CONTAINEDININDEX><TYPE>powerSupply</TYPE><SERIAL>AZS142215C3</SERIAL></COMPONENT>
  </COMPONENTS>
</DEVICE>`;

test('an answer over SNMP becomes a switch with ports, components and neighbours', async () => {
  const result = await scanned('SNMPQUERY', switchXml(connection('00:26:cb:aa:00:00', 'Te1/1')), at(1));
  expect(result).toMatchObject({ outcome: 'created' });
  expect(await asset(result.assetId)).toMatchObject({
    class: { key: 'switch' },
    name: 'access-1',
    manufacturer: 'Cisco',
    serial: 'FOC1408Z61U',
    fields: { serial: { source: 'netinventory' } },
  });
  const { rows: ports } = await sql`select name, port from interfaces where asset_id = ${result.assetId} order by ordinal`.execute(db);
  expect(ports).toMatchObject([
    { name: 'Gi0/1', port: { index: 10101, alias: 'uplink', trunk: true, vlans: [{ id: 20, name: 'voice', tagged: true }] } },
    { port: { index: 10102 } },
  ]);
  const { rows: parts } = await sql`select index, contained_in, kind, serial from network_components order by index`.execute(db);
  expect(parts).toEqual([
    { index: 1001, contained_in: null, kind: 'chassis', serial: 'FOC1408Z61U' },
    { index: 1003, contained_in: 1001, kind: 'power_supply', serial: 'AZS142215C3' },
  ]);
  const { rows: links } =
    await sql`select local_port, protocol, chassis_mac, port_id from network_neighbours order by local_port, chassis_mac`.execute(db);
  expect(links).toEqual([
    { local_port: 10101, protocol: 'scan', chassis_mac: '0026cbaa0000', port_id: 'Te1/1' },
    { local_port: 10102, protocol: 'learned', chassis_mac: '005056010203', port_id: null },
    { local_port: 10102, protocol: 'learned', chassis_mac: '005056010204', port_id: null },
  ]);
});

test('a link that is gone keeps when it was last seen, and comes back as the same one', async () => {
  const { assetId } = await scanned('SNMPQUERY', switchXml(connection('00:26:cb:aa:00:00', 'Te1/1')), at(1));
  await scanned('SNMPQUERY', switchXml(connection('00:26:cb:bb:00:00', 'Te1/2')), at(2));
  const links = async () =>
    (
      await sql<{
        port_id: string;
        gone_at: Date | null;
      }>`select port_id, gone_at from network_neighbours where asset_id = ${assetId} and protocol = 'scan' order by port_id`.execute(db)
    ).rows;
  expect(await links()).toEqual([
    { port_id: 'Te1/1', gone_at: new Date(at(1)) },
    { port_id: 'Te1/2', gone_at: null },
  ]);
  await scanned('SNMPQUERY', switchXml(connection('00:26:cb:aa:00:00', 'Te1/1')), at(3));
  expect(await links()).toMatchObject([{ gone_at: null }, { gone_at: new Date(at(2)) }]);
  expect(await count('assets')).toBe(1);
});

test('counters and uptime that change by themselves make no events', async () => {
  const { assetId } = await scanned('SNMPQUERY', switchXml('', '<UPTIME>1</UPTIME>'), at(1));
  await scanned('SNMPQUERY', switchXml('', '<UPTIME>2</UPTIME>'), at(2));
  const { rows } = await sql<{ kind: string }>`select kind from asset_events where asset_id = ${assetId}`.execute(db);
  expect(rows.map((r) => r.kind)).toEqual(['created']);
});

test('discovery and SNMP inventory of one device are one asset', async () => {
  const found = await scanned(
    'NETDISCOVERY',
    '<DEVICE><IP>10.0.0.2</IP><MAC>00:1b:54:aa:bb:01</MAC><SNMPHOSTNAME>access-1</SNMPHOSTNAME><TYPE>NETWORKING</TYPE><MODEL>WS-C3560G-48TS</MODEL></DEVICE>',
    at(1),
  );
  expect(found.outcome).toBe('created');
  const asked = await scanned('SNMPQUERY', switchXml(''), at(2));
  expect(asked.assetId).toBe(found.assetId);
  expect(await asset(found.assetId)).toMatchObject({ class: { key: 'switch' }, serial: 'FOC1408Z61U' });
});

test('a scan never takes the values of an agent, nor its class, however long the agent is silent', async () => {
  const [pc] = await db
    .transaction()
    .execute((tx) => ingestReports(tx, [item(report({ name: 'pc1', mac: '00:1b:21:3c:4d:5e' }), '2025-01-01T08:00:00Z')]));
  const seen = await scanned(
    'NETDISCOVERY',
    '<DEVICE><IP>10.0.0.5</IP><MAC>00:1b:21:3c:4d:5e</MAC><DNSHOSTNAME>pc1</DNSHOSTNAME><TYPE>NETWORKING</TYPE><MANUFACTURER>Other</MANUFACTURER></DEVICE>',
    at(20),
  );
  expect(seen).toMatchObject({ outcome: 'linked', assetId: pc?.assetId });
  expect(await asset(pc?.assetId as string)).toMatchObject({ class: { key: 'laptop' }, manufacturer: 'Dell Inc.', state: 'discovered' });
});

test('hosts that only answered ping make no assets and have no name; random addresses are told by where they are', async () => {
  const ping = (ip: string, mac: string) => `<DEVICE><DNSHOSTNAME>${ip}</DNSHOSTNAME><IP>${ip}</IP><MAC>${mac}</MAC></DEVICE>`;
  for (const [day, mac] of ['02:00:00:00:00:01', '06:00:00:00:00:02', '0a:00:00:00:00:03'].entries())
    expect(await scanned('NETDISCOVERY', ping('10.0.0.9', mac), at(day + 1))).toMatchObject({ outcome: 'held', assetId: null });
  expect(await scanned('NETDISCOVERY', ping('10.0.0.8', '00:1b:21:3c:4d:99'), at(4))).toMatchObject({ outcome: 'held' });
  expect(await count('assets')).toBe(0);
  const { rows } = await sql<{
    native_id: string;
    named: boolean;
  }>`select native_id, keys @> '[{"kind": "hostname"}]' as named from observations order by 1`.execute(db);
  expect(rows).toEqual([
    { native_id: '001b213c4d99', named: false },
    { native_id: '10.0.0.9', named: false },
  ]);
});

test('the end of a scan that comes twice, and a device that did not answer, are kept and change nothing', async () => {
  for (const day of [1, 2])
    expect(await scanned('NETDISCOVERY', '<AGENT><END>1</END></AGENT><PROCESSNUMBER>1</PROCESSNUMBER>', at(day))).toMatchObject({
      outcome: 'held',
    });
  expect(await count('observations')).toBe(1);
  expect(await count('identity_decisions')).toBe(1);
  expect(
    await scanned('SNMPQUERY', '<DEVICE><ERROR><ID>7</ID><MESSAGE>No response from remote host</MESSAGE></ERROR></DEVICE>', at(3)),
  ).toMatchObject({ outcome: 'held' });
  expect(await count('assets')).toBe(0);
});

test('several devices in one answer are several assets', async () => {
  const printer = (serial: string) =>
    `<DEVICE><INFO><TYPE>PRINTER</TYPE><MANUFACTURER>Ricoh</MANUFACTURER><SERIAL>${serial}</SERIAL></INFO></DEVICE>`;
  await scanned('SNMPQUERY', printer('V2505900123') + printer('V2505900456'), at(1));
  const { rows } = await sql`select class_key, serial from assets order by serial`.execute(db);
  expect(rows).toEqual([
    { class_key: 'printer', serial: 'V2505900123' },
    { class_key: 'printer', serial: 'V2505900456' },
  ]);
});

test('a walk becomes the same asset as the scan of the same device', async () => {
  const { assetId } = await scanned('SNMPQUERY', switchXml(''), at(1));
  const walk = [
    '1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.617',
    '1.3.6.1.2.1.47.1.1.1.1.5.1001|2|3',
    '1.3.6.1.2.1.47.1.1.1.1.11.1001|4|FOC1408Z61U',
  ];
  const knowledge = compileKnowledge({ enterprises: [{ number: 9, vendor: 'Cisco' }], devices: [], descriptions: [], objects: [] });
  const read = reportOfDevice(deviceFromWalk(readWalk(Buffer.from(walk.join('\n'))).oids, knowledge));
  const [result] = await db.transaction().execute((tx) => ingestReports(tx, [{ ...item(read, at(2)), source: 'snmp' }]));
  expect(result).toMatchObject({ outcome: 'linked', assetId });
});

test('devices that tell of each other are connected once, with their ports, until no one tells it', async () => {
  const first = await scanned('SNMPQUERY', switchXml(connection('00:26:cb:aa:00:00', 'Te1/1')), at(1));
  const relations = async () =>
    (
      await sql`select asset_id, other_id, source, data, removed_at is null as current from relations where kind = 'connected_to'`.execute(
        db,
      )
    ).rows;
  expect(await relations()).toEqual([]);
  const core = (
    connections: string,
  ): string => `<DEVICE><INFO><ID>2</ID><TYPE>NETWORKING</TYPE><MANUFACTURER>Cisco</MANUFACTURER><SERIAL>FOX0001CORE</SERIAL>
    <NAME>core</NAME><MAC>00:26:cb:aa:00:00</MAC></INFO><PORTS><PORT><IFNUMBER>1</IFNUMBER><IFNAME>Te1/1</IFNAME><IFTYPE>6</IFTYPE>${connections}</PORT></PORTS></DEVICE>`;
  // The neighbour becomes known later than the link; then its own end tells the same.
  const second = await scanned('SNMPQUERY', core(''), at(2));
  const ids = [first.assetId as string, second.assetId as string].toSorted();
  const mine = ids[0] === first.assetId;
  const ports = [mine ? { port: 'Gi0/1', otherPort: 'Te1/1' } : { port: 'Te1/1', otherPort: 'Gi0/1' }];
  const link = { asset_id: ids[0], other_id: ids[1], source: 'netinventory', data: { ports }, current: true };
  expect(await relations()).toEqual([link]);
  await scanned('SNMPQUERY', core(connection('00:1b:54:aa:bb:00', 'Gi0/1')), at(3));
  expect(await relations()).toEqual([link]);
  await scanned('SNMPQUERY', switchXml(''), at(4));
  expect(await relations()).toEqual([link]);
  await scanned('SNMPQUERY', core(''), at(5));
  expect(await relations()).toMatchObject([{ current: false }]);
  await scanned('SNMPQUERY', core(connection('00:1b:54:aa:bb:00', 'Gi0/1')), at(6));
  expect(await relations()).toEqual([link]);

  // A computer on the switch is affected when it fails; the core switch has other ways.
  const computer =
    '<DEVICE><INFO><ID>3</ID><TYPE>COMPUTER</TYPE><SERIAL>SRV0001</SERIAL><NAME>srv</NAME><MAC>00:1b:21:00:00:77</MAC></INFO></DEVICE>';
  const server = await scanned('SNMPQUERY', computer, at(7));
  await scanned('SNMPQUERY', switchXml(connection('00:1b:21:00:00:77', 'eth0')), at(8));
  const impact = await readImpact(db, first.assetId as string, systemActor);
  expect(impact.items.map((i) => [i.asset.id, i.kind, i.depth])).toEqual([[server.assetId, 'connected_to', 1]]);
  const { items } = await readRelations(db, server.assetId as string, systemActor);
  expect(items).toMatchObject([{ kind: 'connected_to', other: { id: first.assetId }, ports: [{ port: 'eth0', otherPort: 'Gi0/1' }] }]);
});
