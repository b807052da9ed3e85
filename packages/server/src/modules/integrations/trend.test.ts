import { getCoverage, getCoverageTrend } from '@muster/api/connectors';
import { ignoreUnmanagedHost, unmanagedListRoutes } from '@muster/api/unmanaged';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { noteSightings, type Sighting } from '../inventory/index.ts';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeIntune, fakeIntune, intuneSettings } from './test-intune.ts';
import { fault } from './test-vendor.ts';
import { countCoverage } from './trend.ts';

let h: Harness;
let vendor: FakeIntune;
beforeAll(async () => {
  h = await connectorHarness();
});
afterAll(() => h.t.close());
beforeEach(async () => {
  vendor = await fakeIntune();
});
afterEach(async () => {
  h.t.setNow(null);
  await vendor.close();
});

// A session ends long before these days do.
const reader = async () => (await h.t.as('auditor')).call;
const trend = async (days = 90) => (await (await reader())(getCoverageTrend, { query: { days: String(days) } })).data;

describe('the trend of coverage', () => {
  test('each day keeps its last count: figures, sources, and the listings with what became of them', async () => {
    expect(await trend()).toEqual({ countedAt: null, days: [], sources: [], cells: [] });
    const connector = await h.add(intuneSettings(vendor));
    h.t.setNow(new Date('2026-11-20T09:00:00Z'));
    await countCoverage(h.t.platform);
    await h.run(connector);
    await countCoverage(h.t.platform);
    h.t.setNow(new Date('2026-11-21T00:30:00Z'));
    vendor.faults.push(fault((r) => r.path === '/v1.0/users', { status: 403, json: {} }));
    await h.run(connector);
    await countCoverage(h.t.platform);
    const seen = await trend();
    expect(seen.countedAt).toBe('2026-11-21T00:30:00.000Z');
    expect(seen.days).toEqual([
      { day: '2026-11-20', assets: 3, managedWithoutAgent: 3, oneSource: 2, onlyInNetwork: 0 },
      { day: '2026-11-21', assets: 3, managedWithoutAgent: 3, oneSource: 2, onlyInNetwork: 0 },
    ]);
    expect(seen.sources.find((s) => s.source === 'intune')?.days).toEqual([
      { day: '2026-11-20', assets: 3, held: 0, reports: 3, failures: 0 },
      { day: '2026-11-21', assets: 3, held: 0, reports: 3, failures: 0 },
    ]);
    expect(seen.sources.find((s) => s.source === 'entra')?.days[0]).toMatchObject({ assets: 1, held: 1 });
    const users = seen.cells.find((c) => c.connectorId === connector.id && c.scope === 'entra_users');
    expect(users?.days).toEqual([
      { day: '2026-11-20', state: 'ok', rows: 2, missing: 0 },
      { day: '2026-11-21', state: 'denied', rows: 0, missing: 0 },
    ]);
    // Without a run for two of its turns, a week for one without a schedule, a listing turns stale.
    h.t.setNow(new Date('2026-12-05T09:00:00Z'));
    await countCoverage(h.t.platform);
    const devices = (await trend()).cells.find((c) => c.connectorId === connector.id && c.scope === 'managed_devices');
    expect(devices?.days.map((d) => d.state)).toEqual(['ok', 'ok', 'stale']);
    expect((await trend(1)).days.map((d) => d.day)).toEqual(['2026-12-05']);
  });

  test('days that are too old go', async () => {
    h.t.setNow(new Date('2028-06-01T09:00:00Z'));
    await countCoverage(h.t.platform);
    expect((await trend(400)).days.map((d) => d.day)).toEqual(['2028-06-01']);
    const left = await sql<{
      n: string;
    }>`select (select count(*) from coverage_days) + (select count(*) from coverage_cell_days where day < '2028-01-01') as n`.execute(
      h.t.db,
    );
    expect(left.rows[0]?.n).toBe('1');
  });

  test('what only the network sees is counted as its list has it, random addresses apart', async () => {
    h.t.setNow(new Date('2028-06-02T09:00:00Z'));
    const by = { name: null, scope: 'range:Lab', scopeLabel: 'Lab', deviceId: null, port: null };
    const known = '001b54aa0002';
    await sql`insert into identity_keys (kind, value, asset_id, observation_id, quality, seen_at) values ('mac', ${known}, gen_random_uuid(), gen_random_uuid(), 'good', now())`.execute(
      h.t.db,
    );
    // On two switches; by a router; by a sweep; known; made up by phones; a group address; ignored below.
    const seen: Record<Sighting['by'], string[]> = {
      fdb: ['001b54aa0001', '001b54aa0001', known, 'da1119000001', '01005e000001', '001b54aa0005'],
      arp: ['001b54aa0003', 'da1119000002'],
      sweep: ['001b54aa0004'],
    };
    const sightings = (Object.keys(seen) as Sighting['by'][]).flatMap((how) =>
      seen[how].map((mac): Sighting => ({ ...by, mac, ip: null, by: how })),
    );
    await h.t.db.transaction().execute((tx) => noteSightings(tx, sightings, h.t.platform.now()));
    const { call } = await h.t.as('administrator');
    const rows = async (filter: string) => (await call(unmanagedListRoutes.list, { query: { filter, fields: 'id,count' } })).data.items;
    const [lift] = await rows('mac:"00:1b:54:aa:00:05"');
    await call(ignoreUnmanagedHost, { params: { id: lift?.id ?? '' }, body: { reason: 'The lift' } });
    await countCoverage(h.t.platform);
    const { unmanaged } = (await (await reader())(getCoverage, {})).data;
    expect(unmanaged).toEqual({ hosts: 3, random: 2 });
    expect(await rows('state:open random:false')).toHaveLength(unmanaged.hosts);
    expect((await rows('state:open random:true')).map((r) => r.count)).toEqual([unmanaged.random]);
    expect((await trend(1)).days).toMatchObject([{ onlyInNetwork: 3 }]);
  });
});
