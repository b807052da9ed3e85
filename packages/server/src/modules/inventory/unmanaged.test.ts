import { getAsset } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import * as api from '@muster/api/unmanaged';
import { decodeReport, defaultLimits, deviceFromWalk, readWalk, reportOfDevice } from '@muster/protocols';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ingestReports } from './ingest.ts';
import { networkKnowledge } from './network-knowledge.ts';
import { isMachineMac, noteSightings, placed, type Sighting, unmanagedPolicy } from './sightings.ts';
import { item, report } from './test-reports.ts';
import { countUnmanaged, forgetHostsJob } from './unmanaged.ts';

const sighting = (mac: string, more: Partial<Sighting> = {}): Sighting => ({
  mac,
  ip: null,
  name: null,
  by: 'sweep',
  scope: 'range:Lab',
  scopeLabel: 'Lab',
  deviceId: null,
  port: null,
  ...more,
});
const note = async (t: TestApp, sightings: readonly Sighting[], at = '2026-11-20T10:00:00Z') =>
  t.db.transaction().execute((tx) => noteSightings(tx, sightings, new Date(at)));

/** A switch with these addresses learned, by port. */
async function scanSwitch(t: TestApp, ports: Record<string, readonly string[]>, when = '2026-11-20T09:00:00Z', more = ''): Promise<string> {
  const rows = Object.entries(ports).map(
    ([name, macs], i) =>
      `<PORT><IFNUMBER>${i + 1}</IFNUMBER><IFNAME>${name}</IFNAME><IFTYPE>6</IFTYPE><CONNECTIONS><CONNECTION>${macs.map((m) => `<MAC>${m}</MAC>`).join('')}</CONNECTION></CONNECTIONS></PORT>`,
  );
  const xml = `<?xml version="1.0"?><REQUEST><CONTENT><DEVICE><INFO><ID>1</ID><TYPE>NETWORKING</TYPE><MANUFACTURER>Cisco</MANUFACTURER><SERIAL>FOC0001A</SERIAL><NAME>sw1</NAME><MAC>00:1b:54:aa:bb:00</MAC></INFO>
    <PORTS>${rows.join('')}${more}</PORTS></DEVICE></CONTENT><DEVICEID>scanner-2026-01-01-00-00-00</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
  const read = decodeReport(Buffer.from(xml), { userAgent: 'FusionInventory-Agent_v2.6-3' }, defaultLimits);
  const [result] = await t.db.transaction().execute((tx) => ingestReports(tx, [item(read, when)]));
  return result?.assetId ?? '';
}

resourceSuite({
  routes: api.unmanagedListRoutes,
  seed: async (t) => {
    await scanSwitch(t, { 'Gi0/1': ['00:1b:21:00:00:01'], 'Gi0/2': ['00:50:56:00:00:02', '02:11:22:33:44:55'] });
    await note(t, [sighting('00:00:00:00:00:03', { ip: '10.0.0.3', name: '+plus' }), sighting('3c:07:54:00:00:04', { ip: '10.0.0.4' })]);
    await note(
      t,
      [sighting('00:1b:21:00:00:05'), sighting('00:1b:21:00:00:06', { name: 'six' }), sighting('00:1b:21:00:00:07')],
      '2026-11-21T10:00:00Z',
    );
    const admin = await t.as('administrator');
    const { data } = await admin.call(api.unmanagedListRoutes.list, { query: { filter: 'title:six' } });
    await admin.call(api.ignoreUnmanagedHost, { params: { id: data.items[0]?.id ?? '' }, body: { reason: 'The lift' } });
  },
});

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());
beforeEach(async () => {
  await sql`truncate unmanaged_hosts, unmanaged_quotas`.execute(t.db);
});
const list = async (filter = 'state:open') =>
  (await admin.call(api.unmanagedListRoutes.list, { query: { filter, sort: 'firstSeen', limit: 1000 } })).data.items;

describe('what the network shows and no source tells of', () => {
  test('is behind a port only where few addresses and no other device are', async () => {
    const many = [1, 2, 3, 4, 5].map((n) => `00:1b:21:00:01:0${n}`);
    const uplink = `<PORT><IFNUMBER>9</IFNUMBER><IFNAME>Te1/1</IFNAME><CONNECTIONS><CDP>1</CDP><CONNECTION><SYSMAC>00:26:cb:aa:00:00</SYSMAC><SYSNAME>core</SYSNAME></CONNECTION></CONNECTIONS></PORT>`;
    const id = await scanSwitch(t, { 'Gi0/1': ['00:1b:21:00:00:01'], 'Gi0/2': many }, undefined, uplink);
    const rows = await list();
    expect(rows).toHaveLength(6);
    expect(rows.find((r) => r.mac === '00:1b:21:00:00:01')).toMatchObject({
      device: { id, label: 'sw1' },
      port: 'Gi0/1',
      vendor: expect.stringMatching(/intel/i) as string,
      seenBy: 'fdb',
    });
    expect(rows.filter((r) => r.port === null)).toHaveLength(5);
    // Plugged in elsewhere, it moves; a table that only passes it on does not move it.
    await scanSwitch(t, { 'Gi0/7': ['00:1b:21:00:00:01'], 'Gi0/2': many }, '2026-11-20T11:00:00Z');
    await note(t, [sighting('00:1b:21:00:00:01', { ip: '10.0.0.1', by: 'arp' })], '2026-11-20T12:00:00Z');
    expect(await list('mac:"00:1b:21:00:00:01"')).toMatchObject([{ port: 'Gi0/7', ip: '10.0.0.1', seenBy: 'arp, fdb', device: { id } }]);
  });

  test('a walk of a router tells addresses with their IP; what an agent reports is not listed, before or after', async () => {
    const walk = readWalk(
      Buffer.from(
        '1.3.6.1.2.1.1.1.0|4|A router\n1.3.6.1.2.1.1.5.0|4|r1\n1.3.6.1.2.1.17.1.1.0|4x|001b54cc0000\n1.3.6.1.2.1.4.22.1.2.1.10.0.0.9|4x|001b21000009\n1.3.6.1.2.1.4.22.1.2.1.10.0.0.8|4x|001b21000008\n',
      ),
    );
    const read = reportOfDevice(deviceFromWalk(walk.oids, networkKnowledge));
    const machine = item(report({ deviceId: 'pc-8', serial: 'SN8', mac: '00:1b:21:00:00:08' }), '2026-11-20T08:00:00Z');
    await t.db.transaction().execute((tx) => ingestReports(tx, [machine]));
    await t.db.transaction().execute((tx) => ingestReports(tx, [{ ...item(read, '2026-11-20T09:00:00Z'), source: 'snmp' }]));
    expect(await list()).toMatchObject([{ mac: '00:1b:21:00:00:09', ip: '10.0.0.9', seenBy: 'arp', device: { label: 'r1' } }]);
    expect(await countUnmanaged(t.db)).toEqual({ hosts: 1, random: 0 });
    const late = item(report({ deviceId: 'pc-9', serial: 'SN9', mac: '00:1b:21:00:00:09' }), '2026-11-20T10:00:00Z');
    await t.db.transaction().execute((tx) => ingestReports(tx, [late]));
    expect(await list()).toEqual([]);
    expect(await countUnmanaged(t.db)).toEqual({ hosts: 0, random: 0 });
  });

  test('random addresses are one counted row, shared and group addresses are none', async () => {
    const at = { scope: 'device:x', scopeLabel: 'sw', port: 'Gi0/1' };
    await note(t, [sighting('02:00:00:00:00:01', at), sighting('06:00:00:00:00:02', at), sighting('0a:00:00:00:00:03')]);
    await note(t, [sighting('06:00:00:00:00:02', at), sighting('0e:00:00:00:00:04', at)]);
    await note(t, [sighting('00:00:5e:00:01:0a'), sighting('01:00:5e:00:00:fb'), sighting('ff:ff:ff:ff:ff:ff')]);
    const rows = await list();
    expect(rows.map((r) => [r.random, r.count, r.mac, r.range]).toSorted((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      [true, 1, null, 'Lab'],
      [true, 3, null, 'sw'],
    ]);
    expect(await countUnmanaged(t.db)).toEqual({ hosts: 0, random: 4 });
    await expect(admin.call(api.makeAssetOfHost, { params: { id: rows[0]?.id ?? '' }, body: { kind: 'printer' } })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('no more than the quota is new per range and day, and what was not kept is told', async () => {
    const most = unmanagedPolicy.newPerRangeAndDay;
    const flood = Array.from({ length: most + 7 }, (_, n) => sighting(`001b21${(0x100000 + n).toString(16)}`));
    await note(t, flood);
    await note(t, flood);
    await note(t, [sighting('00:1b:21:ff:ff:ff', { scope: 'range:Other', scopeLabel: 'Other' })]);
    expect(await countUnmanaged(t.db)).toEqual({ hosts: most + 1, random: 0 });
    const { rows } = await sql`select scope_label, kept, not_kept from unmanaged_quotas order by 1`.execute(t.db);
    expect(rows).toEqual([
      { scope_label: 'Lab', kept: most, not_kept: 7 },
      { scope_label: 'Other', kept: 1, not_kept: 0 },
    ]);
    // The next day the seven that are left are kept, and others take their place outside.
    await note(t, flood, '2026-11-21T10:00:00Z');
    await note(
      t,
      Array.from({ length: most }, (_, n) => sighting(`001b22${(0x100000 + n).toString(16)}`)),
      '2026-11-21T11:00:00Z',
    );
    const { rows: next } = await sql`select kept, not_kept from unmanaged_quotas where day = '2026-11-21'`.execute(t.db);
    expect(next).toEqual([{ kept: most, not_kept: 7 }]);
    await sql`update unmanaged_quotas set day = ${t.platform.now().toISOString().slice(0, 10)}::date where day = '2026-11-21'`.execute(
      t.db,
    );
    await sql`update unmanaged_quotas set day = '2026-01-01' where day = '2026-11-20'`.execute(t.db);
    const { data } = await admin.call(api.getUnmanagedLimits, {});
    expect(data.notKept).toMatchObject([{ range: 'Lab', count: 7 }]);
  });

  test('is forgotten when it is not seen for long, random addresses sooner, ignored ones later', async () => {
    const ago = (days: number) => new Date(t.platform.now().getTime() - days * 86_400_000).toISOString();
    await note(t, [sighting('02:00:00:00:00:01'), sighting('00:1b:21:00:00:01')], ago(unmanagedPolicy.randomAgeOutDays + 1));
    await note(t, [sighting('00:1b:21:00:00:02'), sighting('00:1b:21:00:00:03')], ago(unmanagedPolicy.ageOutDays + 1));
    const three = (await list('mac:"00:1b:21:00:00:03"'))[0]?.id ?? '';
    await admin.call(api.ignoreUnmanagedHost, { params: { id: three }, body: { reason: 'A lift' } });
    expect(await forgetHostsJob.handler({ platform: t.platform } as never)).toEqual({ forgotten: 2 });
    expect((await list('state:open,ignored')).map((r) => String(r.mac)).toSorted()).toEqual(['00:1b:21:00:00:01', '00:1b:21:00:00:03']);
  });

  test('is ignored with a reason, noticed again, and made an asset that its agent later joins', async () => {
    await note(t, [sighting('00:1b:21:00:00:44', { ip: '10.0.0.44' })]);
    const id = (await list())[0]?.id ?? '';
    const ignore = async (ignored: boolean) => admin.call(api.ignoreUnmanagedHost, { params: { id }, body: { ignored, reason: 'Guest' } });
    expect((await ignore(true)).data).toMatchObject({ state: 'ignored', reason: 'Guest' });
    await expect(ignore(true)).rejects.toMatchObject({ code: 'conflict' });
    expect(await countUnmanaged(t.db)).toEqual({ hosts: 0, random: 0 });
    expect((await ignore(false)).data).toMatchObject({ state: 'open', reason: null });
    const { data } = await admin.call(api.makeAssetOfHost, { params: { id }, body: { kind: 'printer', name: 'front-desk' } });
    expect((await admin.call(getAsset, { params: { id: data.asset.id } })).data).toMatchObject({
      name: 'front-desk',
      class: { key: 'printer' },
    });
    await expect(admin.call(api.getUnmanagedHost, { params: { id } })).rejects.toMatchObject({ code: 'not_found' });
    expect(await list()).toEqual([]);
    const agent = item(
      report({ deviceId: 'pc-44', name: 'front-desk', serial: 'SN44', uuid: null, mac: '00:1b:21:00:00:44' }),
      '2026-11-21T10:00:00Z',
    );
    const [joined] = await t.db.transaction().execute((tx) => ingestReports(tx, [agent]));
    expect(joined?.assetId).toBe(data.asset.id);
    const { data: log } = await admin.call(auditListRoutes.list, { query: { filter: `resource_id:${id}` } });
    expect(log.items.map((entry) => String(entry.action)).toSorted()).toEqual([
      'unmanaged_host.ignored',
      'unmanaged_host.made_asset',
      'unmanaged_host.noticed',
    ]);
  });
});

test.each([
  ['00:1b:21:00:00:01', true],
  ['02:1b:21:00:00:01', true],
  ['01:1b:21:00:00:01', false],
  ['00:00:5e:00:01:ff', false],
  ['00:00:0c:07:ac:01', false],
  ['00:00:00:00:00:00', false],
  ['nonsense', false],
])('%s may be one machine’s: %s', (mac, expected) => {
  expect(isMachineMac(mac)).toBe(expected);
});

test('placing 250,000 addresses of a hostile table takes no more than looking at each', () => {
  const base = {
    portId: null,
    portDescription: null,
    systemName: null,
    systemDescription: null,
    model: null,
    ips: [],
    localPortName: null,
  };
  const rows = Array.from({ length: 250_000 }, (_, n) => ({
    ...base,
    protocol: 'learned' as const,
    localPort: n % 10_000,
    chassisId: (n + 0x1b2100000000).toString(16).padStart(12, '0'),
  }));
  expect(placed(rows).every((p) => p.port === null)).toBe(true);
});
