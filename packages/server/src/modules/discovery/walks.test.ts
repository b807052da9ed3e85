import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { getAsset } from '@muster/api/assets';
import { getAssetNetwork, readSnmpWalk } from '@muster/api/network';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestActor, testApp, type TestApp } from '../../testing/index.ts';

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const walk = [
  '.1.3.6.1.2.1.1.1.0 = STRING: "Cisco IOS Software, C3560 Software (C3560-IPSERVICESK9-M), Version 12.2(55)SE3"',
  '.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.9.1.617',
  '.1.3.6.1.2.1.1.5.0 = STRING: "access-1"',
  '.1.3.6.1.2.1.2.2.1.2.1 = STRING: "Gi0/1"',
  '.1.3.6.1.2.1.2.2.1.3.1 = INTEGER: 6',
  '.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 00 1B 54 AA BB 01 ',
  '.1.3.6.1.2.1.47.1.1.1.1.5.1 = INTEGER: 3',
  '.1.3.6.1.2.1.47.1.1.1.1.11.1 = STRING: "FOC1408Z61U"',
  '.1.0.8802.1.1.2.1.4.1.1.4.0.1.7 = INTEGER: 4',
  '.1.0.8802.1.1.2.1.4.1.1.5.0.1.7 = Hex-STRING: 00 26 CB AA 00 01 ',
  '.1.0.8802.1.1.2.1.4.1.1.7.0.1.7 = STRING: "Te1/1"',
].join('\n');
const neighbour = [
  '.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.9.1.516',
  '.1.3.6.1.2.1.1.5.0 = STRING: "core-1"',
  '.1.3.6.1.2.1.2.2.1.3.1 = INTEGER: 6',
  '.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 00 26 CB AA 00 01 ',
  '.1.3.6.1.2.1.47.1.1.1.1.5.1 = INTEGER: 3',
  '.1.3.6.1.2.1.47.1.1.1.1.11.1 = STRING: "FDO1111A111"',
].join('\n');
const rows = async (table: string): Promise<number> =>
  Number((await sql<{ n: string }>`select count(*) as n from ${sql.table(table)}`.execute(t.db)).rows[0]?.n);

test('a walk is read, plain or packed, and nothing is kept unless it is asked for', async () => {
  for (const content of [base64(walk), base64(gzipSync(walk))]) {
    const { data } = await admin.call(readSnmpWalk, { body: { content } });
    expect(data).toMatchObject({
      format: 'snmpwalk',
      rows: 11,
      device: { type: 'switch', vendor: 'Cisco', serial: 'FOC1408Z61U', ports: [{ mac: '00:1b:54:aa:bb:01' }] },
      kept: null,
    });
  }
  expect(await rows('observations')).toBe(0);
});

test('kept, it becomes an asset with an audit row; the link leads to the other end once that is known', async () => {
  const { data } = await admin.call(readSnmpWalk, { body: { content: base64(walk), keep: true } });
  expect(data.kept).toMatchObject({ outcome: 'created', asset: { label: 'access-1' } });
  const id = data.kept?.asset?.id ?? '';
  expect((await admin.call(getAssetNetwork, { params: { id } })).data).toMatchObject({
    ports: [{ index: 1, source: 'snmp' }],
    components: [{ kind: 'chassis', serial: 'FOC1408Z61U' }],
    neighbours: [{ protocol: 'lldp', localPort: 1, portId: 'Te1/1', current: true, asset: null }],
  });
  const other = await admin.call(readSnmpWalk, { body: { content: base64(neighbour), keep: true } });
  expect((await admin.call(getAssetNetwork, { params: { id } })).data.neighbours).toMatchObject([{ asset: { label: 'core-1' } }]);
  expect((await admin.call(getAssetNetwork, { params: { id: other.data.kept?.asset?.id ?? '' } })).data.seenOn).toMatchObject([
    { asset: { id, label: 'access-1' }, port: 'Gi0/1', protocol: 'lldp', current: true },
  ]);
  const again = await admin.call(readSnmpWalk, { body: { content: base64(walk), keep: true } });
  expect(again.data.kept).toMatchObject({ outcome: 'linked', observationId: data.kept?.observationId });
  const { rows: log } = await sql`select summary from audit_log where action = 'snmp_walk.kept'`.execute(t.db);
  expect(log).toHaveLength(3);
});

const controllers = new URL('../../../../protocols/src/snmp/fixtures/', import.meta.url);
test('a wireless controller is kept with its access points, which make no assets of their own', async () => {
  const text = readFileSync(new URL('cisco-wlc.snmprec', controllers), 'latin1');
  const before = await rows('assets');
  const { data } = await admin.call(readSnmpWalk, { body: { content: base64(text), keep: true } });
  expect(data.device).toMatchObject({ type: 'wireless_controller', serial: 'FCW0000TST1' });
  expect(data.device.components.filter((c) => c.kind === 'access_point')).toHaveLength(4);
  const id = data.kept?.asset?.id ?? '';
  const kept = async () => (await admin.call(getAssetNetwork, { params: { id } })).data.components.filter((c) => c.kind === 'access_point');
  expect(await kept()).toMatchObject([
    { name: 'ap-floor-1', serial: 'FGL0000TST1', mac: '00:00:5e:00:53:a1', ip: '192.0.2.11', location: null, state: 'up', source: 'snmp' },
    { name: 'ap-floor-2', model: 'AIR-AP3802I-E-K9', software: '8.5.182.0', location: 'Floor 2', state: 'downloading' },
    { name: 'ap-floor-10', serial: 'FGL0000TST3' },
    { name: 'ap-store', ip: null, state: 'disassociating' },
  ]);
  expect(await rows('assets')).toBe(before + 1);
  const { data: asset } = await admin.call(getAsset, { params: { id } });
  expect(asset).toMatchObject({ class: { key: 'wireless_controller' }, serial: 'FCW0000TST1' });
  // The same again tells nothing new; one that comes up and one that is taken away are one entry in the timeline of the same asset.
  const events = async () =>
    (await sql`select kind, data from asset_events where asset_id = ${id} and kind <> 'created'`.execute(t.db)).rows;
  const again = async (walked: string) => (await admin.call(readSnmpWalk, { body: { content: base64(walked), keep: true } })).data.kept;
  expect(await again(text)).toMatchObject({ outcome: 'linked', asset: { id } });
  expect(await events()).toEqual([]);
  const later = text.replace('.1.6.0.0.94.0.83.16|2|3', '.1.6.0.0.94.0.83.16|2|1').replaceAll(/^.*\.0\.0\.94\.0\.83\.64\|.*\n/gm, '');
  expect(await again(later)).toMatchObject({ asset: { id } });
  expect(await kept()).toMatchObject([{ name: 'ap-floor-1' }, { name: 'ap-floor-2', state: 'up' }, { name: 'ap-floor-10' }]);
  expect(await kept()).toHaveLength(3);
  expect(await events()).toEqual([{ kind: 'section_changed', data: { sections: ['network_components'] } }]);

  const aruba = readFileSync(new URL('aruba-controller.snmprec', controllers));
  const other = await admin.call(readSnmpWalk, { body: { content: base64(aruba), keep: true } });
  const { data: network } = await admin.call(getAssetNetwork, { params: { id: other.data.kept?.asset?.id ?? '' } });
  expect(network.components).toMatchObject([
    { serial: 'CNTESTAP01', state: 'up' },
    { serial: 'CNTESTAP02', state: 'down' },
  ]);
});

test('what is no walk is refused with its reason', async () => {
  for (const content of [base64('<html>'), base64(Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from('rubbish')]))])
    await expect(admin.call(readSnmpWalk, { body: { content } })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'body.content' }],
    });
  await expect(admin.call(readSnmpWalk, { body: { content: base64(gzipSync(Buffer.alloc(40_000_000))) } })).rejects.toMatchObject({
    code: 'too_large',
  });
  await expect((await t.as('auditor')).call(readSnmpWalk, { body: { content: base64(walk) } })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

const recording = fileURLToPath(new URL('../../../../../../shared/fixtures/snmp/apc-7902b.snmprec', import.meta.url));
test.skipIf(!existsSync(recording))('a recording of a real device', async () => {
  const { data } = await admin.call(readSnmpWalk, { body: { content: base64(gzipSync(readFileSync(recording))), keep: true } });
  expect(data).toMatchObject({ format: 'snmprec', device: { type: 'pdu', vendor: 'APC', serial: '5A1551F39430' } });
});
