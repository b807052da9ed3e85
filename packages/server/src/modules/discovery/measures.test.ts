import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { getAssetNetwork, readSnmpWalk } from '@muster/api/network';
import { getAssetTimeline } from '@muster/api/assets';
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

/** An answer to SNMPQUERY as an agent posts it. */
async function report(serial: string, sections: string): Promise<string> {
  const xml = `<?xml version="1.0" encoding="UTF-8" ?><REQUEST><CONTENT><DEVICE><INFO><TYPE>PRINTER</TYPE><MANUFACTURER>HP</MANUFACTURER>
    <SERIAL>${serial}</SERIAL><NAME>prn-${serial}</NAME></INFO>${sections}</DEVICE></CONTENT><DEVICEID>scanner-2026-01-01-00-00-00</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
  const answer = await t.app.inject({
    method: 'POST',
    url: `/agent/${t.enrolmentKey}`,
    headers: { 'content-type': 'application/xml', 'user-agent': 'FusionInventory-Agent_v2.6-3' },
    payload: xml,
  });
  expect(answer.statusCode).toBe(200);
  await t.reportsDone();
  const { rows } = await sql<{ id: string }>`select id from assets where serial = ${serial}`.execute(t.db);
  return rows[0]?.id ?? '';
}
const network = async (id: string) => (await admin.call(getAssetNetwork, { params: { id } })).data;
const keep = async (content: string | Buffer) =>
  (await admin.call(readSnmpWalk, { body: { content: Buffer.from(content).toString('base64'), keep: true } })).data.kept?.asset?.id ?? '';
const fixtures = fileURLToPath(new URL('../../../../../../shared/fixtures/snmp/', import.meta.url));

test('supplies and pages of a printer come with a report and stand as the last one says', async () => {
  const id = await report(
    'VNB0000001',
    '<CARTRIDGES><TONERBLACK>60</TONERBLACK><TONERCYAN>8</TONERCYAN><WASTETONER>OK</WASTETONER></CARTRIDGES><PAGECOUNTERS><TOTAL>1000</TOTAL><COLOR>300</COLOR></PAGECOUNTERS>',
  );
  const first = await network(id);
  expect(first.supplies).toMatchObject([
    { name: 'Toner black', kind: 'toner', colour: 'black', percent: 60, source: 'netinventory' },
    { name: 'Toner cyan', percent: 8 },
    { name: 'Waste toner', percent: null, state: 'ok' },
  ]);
  expect(first.pages).toMatchObject([{ total: 1000, inColour: 300, black: null, source: 'netinventory' }]);

  await report('VNB0000001', '<CARTRIDGES><TONERBLACK>59</TONERBLACK></CARTRIDGES><PAGECOUNTERS><TOTAL>1040</TOTAL></PAGECOUNTERS>');
  const second = await network(id);
  expect(second.supplies).toMatchObject([{ name: 'Toner black', percent: 59 }]);
  // The same day: the last reading stands.
  expect(second.pages).toMatchObject([{ total: 1040, inColour: null }]);
  const { data } = await admin.call(getAssetTimeline, { params: { id }, query: {} });
  expect(data.items.filter((e) => e.kind === 'section_changed')).toEqual([]);

  await report('VNB0000001', '');
  expect(await network(id)).toMatchObject({ supplies: [], pages: [{ total: 1040 }], power: null });
});

test('readings of pages are one a day, newest first, and no older than 400 days', async () => {
  const counters = (total: number) => `<PAGECOUNTERS><TOTAL>${total}</TOTAL></PAGECOUNTERS>`;
  const id = await report('VNB0000002', counters(500));
  await sql`insert into device_page_readings (asset_id, observation_id, day, read_at, total)
    select asset_id, observation_id, day - back, read_at - back * interval '1 day', 500 - back from device_page_readings, unnest(array[1, 400, 401, 900]) as back
    where asset_id = ${id}`.execute(t.db);
  // The same figure again: no section changes, and the old readings still go.
  await report('VNB0000002', counters(500));
  expect((await network(id)).pages.map((p) => p.total)).toEqual([500, 499, 100]);
});

test('a walk of a printer tells capacity and unit', async () => {
  const id = await keep(
    [
      '1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.367.1.1',
      '1.3.6.1.2.1.43.5.1.1.17.1|4|V2505900777',
      '1.3.6.1.2.1.43.10.2.1.4.1.1|65|12345',
      '1.3.6.1.2.1.43.11.1.1.5.1.1|2|3',
      '1.3.6.1.2.1.43.11.1.1.6.1.1|4|Black Toner',
      '1.3.6.1.2.1.43.11.1.1.7.1.1|2|13',
      '1.3.6.1.2.1.43.11.1.1.8.1.1|2|5000',
      '1.3.6.1.2.1.43.11.1.1.9.1.1|2|1250',
    ].join('\n'),
  );
  expect(await network(id)).toMatchObject({
    supplies: [
      { name: 'Black Toner', kind: 'toner', colour: 'black', percent: 25, capacity: 5000, level: 1250, unit: '0.1 g', source: 'snmp' },
    ],
    pages: [{ total: 12345 }],
  });
});

const recordings: [string, object][] = [
  [
    'phoenixtec-power',
    { batteryStatus: 'normal', chargePercent: 100, runtimeMinutes: null, loadPercent: 0, inputVolts: 238, outputVolts: 231 },
  ],
  ['huawei-gse200m', { batteryStatus: 'normal', chargePercent: null, loadPercent: 8, inputVolts: 236.9, outputVolts: 219.9 }],
  ['eaton-9px-partial', { chargePercent: 100, runtimeMinutes: 286, loadPercent: 9, inputVolts: 243, outputVolts: 231 }],
];
test.skipIf(!existsSync(fixtures)).each(recordings)('battery and lines of a UPS: recording %s', async (name, expected) => {
  const walk = execFileSync('bunzip2', ['-c'], { input: readFileSync(`${fixtures}${name}.snmprec.bz2`), maxBuffer: 64 * 1024 * 1024 });
  const id = await keep(walk);
  expect(id).not.toBe('');
  expect((await network(id)).power).toMatchObject({ onBattery: false, source: 'snmp', ...expected });
});
