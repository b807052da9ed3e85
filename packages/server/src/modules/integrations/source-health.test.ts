import { readSnmpWalk } from '@muster/api/network';
import { type SourceHealth, listSourceHealth } from '@muster/api/source-health';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FamilyRow, NetworkRow } from './store-source-health.ts';
import { judgeAgents, judgeNetwork } from './source-health.ts';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeIntune, fakeIntune, intuneSettings } from './test-intune.ts';
import { fault } from './test-vendor.ts';
import { countCoverage } from './trend.ts';

const now = new Date('2026-11-24T12:00:00Z');
const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);

describe('how a source is judged', () => {
  const family: FamilyRow = {
    family: 'glpi',
    machines: 50,
    silent: 0,
    last_report_at: hoursAgo(1),
    reports: 48,
    failures: 0,
    last_error_at: null,
    last_error: null,
  };
  test.each<[string, Partial<FamilyRow>, string, string]>([
    ['reports came', {}, 'ok', 'as_expected'],
    ['some could not be processed', { failures: 24 }, 'ok', 'as_expected'],
    ['most could not be processed', { failures: 25 }, 'failing', 'reports_fail'],
    ['none came for a day', { reports: 0, last_report_at: hoursAgo(25) }, 'late', 'no_report'],
    ['none came yet today', { reports: 0, last_report_at: hoursAgo(23) }, 'ok', 'as_expected'],
    ['a tenth of the agents is silent', { silent: 5 }, 'late', 'agents_silent'],
    ['fewer are silent', { silent: 4 }, 'ok', 'as_expected'],
    ['nothing ever came', { last_report_at: null, reports: 0 }, 'never', 'not_begun'],
  ])('agents: %s', (_, more, state, reason) => {
    expect(judgeAgents({ ...family, ...more }, now)).toMatchObject({ state, reason });
  });

  const network: NetworkRow = {
    id: '',
    name: 'Vienna',
    collector: 'vie-1',
    enabled: true,
    every_hours: 24,
    next_run_at: hoursAgo(-3),
    last_state: 'done',
    last_requested_at: hoursAgo(21),
    last_heard_at: hoursAgo(20),
    last_up: 12,
    last_ok_at: hoursAgo(20),
    last_error_at: null,
    last_error: null,
  };
  test.each<[string, Partial<NetworkRow>, string, string]>([
    ['done in time', {}, 'ok', 'as_expected'],
    ['switched off', { enabled: false, last_state: 'failed' }, 'paused', 'switched_off'],
    ['the last run failed', { last_state: 'failed' }, 'failing', 'run_failed'],
    ['nobody took the run', { last_state: 'queued', last_requested_at: hoursAgo(1) }, 'late', 'run_waits'],
    ['the run was asked for just now', { last_state: 'queued', last_requested_at: hoursAgo(0.1) }, 'ok', 'as_expected'],
    ['its time went by', { next_run_at: hoursAgo(1) }, 'late', 'run_overdue'],
    ['no run yet', { last_state: null, next_run_at: null }, 'never', 'not_begun'],
  ])('a network: %s', (_, more, state, reason) => {
    expect(judgeNetwork({ ...network, ...more }, now)).toMatchObject({ state, reason });
  });
});

describe('the health of sources', () => {
  let h: Harness;
  let vendor: FakeIntune;
  beforeAll(async () => {
    h = await connectorHarness();
    h.t.setNow(now);
  });
  afterAll(() => h.t.close());
  beforeEach(async () => {
    vendor = await fakeIntune();
  });
  afterEach(() => vendor.close());

  const list = async (): Promise<SourceHealth[]> => (await h.admin.call(listSourceHealth, {})).data.items;
  const one = async (id: string): Promise<SourceHealth | undefined> => (await list()).find((item) => item.id === id);
  const report = async (deviceid: string, content: object): Promise<void> => {
    const payload = JSON.stringify({ action: 'inventory', deviceid, itemtype: 'Computer', content });
    const answer = await h.t.app.inject({
      method: 'POST',
      url: `/agent/${h.t.enrolmentKey}`,
      headers: { 'content-type': 'application/json', 'user-agent': 'GLPI-Agent_v1.11' },
      payload,
    });
    expect(answer.statusCode).toBe(200);
  };

  test('nothing there: an empty list', async () => {
    expect(await list()).toEqual([]);
  });

  test('agents: when they last reported and how much came each day', async () => {
    h.t.setNow(hoursAgo(24));
    await report('pc-1', { hardware: { name: 'pc-1' }, bios: { ssn: 'PC1SERIAL' } });
    await countCoverage(h.t.platform);
    h.t.setNow(now);
    await report('pc-1', { hardware: { name: 'pc-1' }, bios: { ssn: 'PC1SERIAL' } });
    await report('pc-2', { hardware: { name: 'pc-2' }, bios: { ssn: 'PC2SERIAL' } });
    const seen = await one('agents:glpi');
    expect(seen).toMatchObject({ kind: 'agents', state: 'ok', things: 2, lastOkAt: now.toISOString(), nextAt: null, recordId: null });
    expect(seen?.volume.map((v) => v.count)).toEqual([0, 0, 0, 0, 0, 1, 2]);
    expect(seen?.volume.at(-1)?.day).toBe('2026-11-24');
    await sql`update inbox set state = 'failed', error = 'It is broken.' where device_id = 'pc-2'`.execute(h.t.db);
    await sql`update inbox set state = 'failed', error = 'It is broken.', received_at = received_at - interval '1 hour' where device_id = 'pc-1' and received_at > ${hoursAgo(2)}`.execute(
      h.t.db,
    );
    expect(await one('agents:glpi')).toMatchObject({
      state: 'failing',
      reason: 'reports_fail',
      detail: '2 / 3',
      lastError: 'It is broken.',
      lastErrorAt: now.toISOString(),
    });
  });

  test('a connector: never run, complete, denied with its permission, failing, overdue, switched off; the worst source first', async () => {
    const connector = await h.add(intuneSettings(vendor));
    const id = `connector:${connector.id}`;
    expect(await one(id)).toMatchObject({ kind: 'connector', state: 'never', lastOkAt: null, recordId: connector.id });
    await h.run(connector);
    const complete = await one(id);
    expect(complete).toMatchObject({ state: 'ok', reason: 'as_expected', lastOkAt: now.toISOString(), lastErrorAt: null, things: 5 });
    expect(complete?.volume.at(-1)).toEqual({ day: '2026-11-24', count: 7 });
    const refused = fault((r) => r.path === '/v1.0/devices', { status: 403, json: { error: { code: 'Forbidden' } } });
    vendor.faults.push(refused);
    await h.run(connector);
    expect(await one(id)).toMatchObject({
      state: 'denied',
      reason: 'listing_denied',
      detail: 'Entra ID devices: Device.Read.All',
      lastErrorAt: now.toISOString(),
      lastError: expect.stringContaining('403'),
    });
    expect((await list())[0]?.id).toBe(id);
    vendor.faults.splice(
      0,
      1,
      fault((r) => r.path === '/v1.0/devices', { status: 400, json: {} }),
    );
    await h.run(connector);
    expect(await one(id)).toMatchObject({ state: 'failing', reason: 'listing_failed' });
    vendor.faults.length = 0;
    await h.run(connector);
    await sql`update connectors set every_minutes = 60, next_run_at = ${hoursAgo(1)} where id = ${connector.id}`.execute(h.t.db);
    expect(await one(id)).toMatchObject({ state: 'late', reason: 'run_overdue', nextAt: hoursAgo(1).toISOString() });
    await sql`update connectors set enabled = false where id = ${connector.id}`.execute(h.t.db);
    expect(await one(id)).toMatchObject({ state: 'paused', nextAt: null });
  });

  test('walks that people keep', async () => {
    const walk = [
      '.1.3.6.1.2.1.1.1.0 = STRING: Cisco IOS Software',
      '.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.9.1.1',
      '.1.3.6.1.2.1.1.5.0 = STRING: access-1',
    ];
    // A kept walk is counted by its audit row, which the database dates.
    h.t.setNow(new Date());
    await h.admin.call(readSnmpWalk, { body: { content: Buffer.from(walk.join('\n')).toString('base64'), keep: true } });
    const seen = await one('upload:snmp');
    expect(seen).toMatchObject({ kind: 'upload', state: 'ok', nextAt: null });
    expect(seen?.volume.reduce((sum, v) => sum + v.count, 0)).toBe(1);
    h.t.setNow(now);
  });

  test('a network: its collector, its last good and its last failed run, results by day', async () => {
    await sql`with k as (insert into enrolment_keys (id, name, kind, key_hash, prefix) select gen_random_uuid(), 'vie-1', 'collector', sha256('k'), 'mk_1' returning id)
      insert into scan_ranges (id, name, collector_id, ranges, excluded, addresses, credential_ids, every_hours, enabled, limits, next_run_at, created_at, updated_at)
      select '01930000-0000-7000-8000-000000000001', 'Vienna', k.id, '{10.0.0.0/24}', '{}', 256, '{}', 24, true, '{}', ${hoursAgo(-3)}, now(), now() from k`.execute(
      h.t.db,
    );
    const run = (state: string, hours: number, results: number, message: string | null) =>
      sql`insert into scan_runs (id, range_id, state, requested_at, requested_by, finished_at, up, results, message)
        values (gen_random_uuid(), '01930000-0000-7000-8000-000000000001', ${state}, ${hoursAgo(hours)}, 'the clock', ${hoursAgo(hours)}, 12, ${results}, ${message})`.execute(
        h.t.db,
      );
    await run('failed', 50, 3, 'The collector went silent.');
    await run('done', 24, 12, null);
    expect(await one('network:01930000-0000-7000-8000-000000000001')).toMatchObject({
      kind: 'network',
      label: 'Vienna',
      by: 'vie-1',
      state: 'ok',
      things: 12,
      lastOkAt: hoursAgo(24).toISOString(),
      lastErrorAt: hoursAgo(50).toISOString(),
      lastError: 'The collector went silent.',
      nextAt: hoursAgo(-3).toISOString(),
      volume: expect.arrayContaining([
        { day: '2026-11-22', count: 3 },
        { day: '2026-11-23', count: 12 },
      ]),
    });
  });
});
