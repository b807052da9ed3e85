import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createEnrolmentKey } from '@muster/api/access';
import type { HostResult } from '@muster/api/collector';
import { getReport, reportListRoutes, retryReport } from '@muster/api/discovery';
import { getAsset } from '@muster/api/assets';
import { getAssetNetwork, readSnmpWalk } from '@muster/api/network';
import * as api from '@muster/api/scans';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { planScansJob } from './scan-schedule.ts';

const secret = { kind: 'snmp_v2c', community: 'the-secret-community' } as const;

async function collectorKey(t: TestApp, name = 'Site'): Promise<{ id: string; key: string }> {
  return (await (await t.as('administrator')).call(createEnrolmentKey, { body: { name, kind: 'collector' } })).data;
}

const rangeBody = (collectorId: string, more: object = {}) => ({ name: 'Lab', collectorId, ranges: ['10.0.0.0/29'], ...more });

async function seedRanges(t: TestApp): Promise<void> {
  const admin = await t.as('administrator');
  const { id } = await collectorKey(t);
  for (let i = 0; i < 9; i++) {
    const name = `${'ABCDDEFGH'[i]} lab`;
    const made = await admin.call(api.createScanRange, {
      body: rangeBody(id, { name, ranges: [`10.0.${i}.0/28`], enabled: i !== 3, everyHours: i % 2 === 0 ? 24 + i : null }),
    });
    if (i === 5) continue;
    const { data } = await admin.call(api.runScan, { params: { id: made.data.id } });
    if (i < 3) await admin.call(api.cancelScanRun, { params: { id: data.runId } });
  }
}

resourceSuite({ routes: api.scanRangeListRoutes, seed: seedRanges });
resourceSuite({ routes: api.scanRunListRoutes, seed: seedRanges });
resourceSuite({
  routes: api.credentialSetListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (const name of ['One', 'Two', 'Three', 'Four', '+plus', 'Six', 'Seven'])
      await admin.call(api.createCredentialSet, { body: { name, secret } });
    for (const name of ['User', 'User too'])
      await admin.call(api.createCredentialSet, {
        body: { name, secret: { kind: 'snmp_v3', userName: 'u', authProtocol: 'sha', authPassword: 'authpassword' } },
      });
  },
});

let t: TestApp;
let admin: TestActor;
let collector: { id: string; key: string };
let credential: api.CredentialSet;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
  collector = await collectorKey(t);
  credential = (await admin.call(api.createCredentialSet, { body: { name: 'Switches', secret } })).data;
});
afterAll(() => t.close());

async function post(path: string, body: unknown, key = collector.key): Promise<{ status: number; body: Record<string, unknown> }> {
  const payload = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const answer = await t.app.inject({ method: 'POST', url: `/collector${path}`, headers: { authorization: `Bearer ${key}` }, payload });
  return { status: answer.statusCode, body: answer.json() as Record<string, unknown> };
}
const recording = fileURLToPath(new URL('../../../../../../shared/fixtures/snmp/cisco-c3560.snmprec.bz2', import.meta.url));
const drain = (): Promise<void> => t.reportsDone();
const hello = { version: '0.1.0', host: 'here' };
const fetchWork = async (key?: string) =>
  (await post('/work', hello, key)).body['runs'] as { runId: string; rangeId: string; credentials: object[] }[];

const hostResult = (runId: string, rangeId: string, address: string): HostResult => ({
  format: 'muster-host-1',
  runId,
  rangeId,
  address,
  seenAt: '2026-11-24T12:00:00Z',
  probe: { by: ['icmp', 'snmp'], openPorts: [], mac: null, name: 'sw1.example.org' },
  snmp: {
    credentialId: credential.id,
    version: '2c',
    port: 161,
    startedAt: '2026-11-24T12:00:00Z',
    finishedAt: '2026-11-24T12:00:01Z',
    requests: 3,
    subtrees: [{ name: 'system', oid: '1.3.6.1.2.1.1', values: 1, ended: 'loop' }],
    missing: ['system: it went round'],
    rows: '1.3.6.1.2.1.1.1.0|4|A switch',
  },
  collector: hello,
});

async function startRun(more: object = {}): Promise<{ runId: string; rangeId: string }> {
  const { data: range } = await admin.call(api.createScanRange, {
    body: rangeBody(collector.id, { name: `Net ${newId()}`, credentialIds: [credential.id], ...more }),
  });
  const { data } = await admin.call(api.runScan, { params: { id: range.id } });
  return { runId: data.runId, rangeId: range.id };
}

describe('networks', () => {
  test('are refused with every fault at once: public, unreadable, unknown references', async () => {
    const body = rangeBody(newId(), { ranges: ['8.8.8.0/24', 'x'], credentialIds: [newId()] });
    await expect(admin.call(api.createScanRange, { body })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [
        { field: 'body.ranges[1]' },
        { field: 'body.ranges[0]', code: 'public' },
        { field: 'body.collectorId' },
        { field: 'body.credentialIds[0]' },
      ],
    });
    const { rows } = await sql<{ id: string }>`select id from enrolment_keys where kind = 'agent' limit 1`.execute(t.db);
    await expect(admin.call(api.createScanRange, { body: rangeBody(rows[0]?.id ?? '') })).rejects.toMatchObject({
      errors: [{ field: 'body.collectorId', code: 'unknown' }],
    });
  });

  test('change under their version, run once at a time, and are removed with their runs', async () => {
    const { runId, rangeId } = await startRun();
    await expect(admin.call(api.runScan, { params: { id: rangeId } })).rejects.toMatchObject({ code: 'conflict' });
    const changed = await admin.call(api.updateScanRange, {
      params: { id: rangeId },
      ifMatch: '"1"',
      body: rangeBody(collector.id, { ranges: ['10.1.0.0/24'], excluded: ['10.1.0.1'] }),
    });
    expect(changed.data).toMatchObject({ addresses: 253, version: 2, openRunId: runId });
    await expect(
      admin.call(api.updateScanRange, { params: { id: rangeId }, ifMatch: '"1"', body: rangeBody(collector.id) }),
    ).rejects.toMatchObject({ code: 'stale' });
    await admin.call(api.deleteScanRange, { params: { id: rangeId } });
    await expect(admin.call(api.getScanRun, { params: { id: runId } })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('with a schedule get a run when it is due, and none while one is open', async () => {
    const { data: range } = await admin.call(api.createScanRange, { body: rangeBody(collector.id, { name: 'Daily', everyHours: 24 }) });
    const plan = async () => planScansJob.handler({ platform: t.platform } as never);
    await plan();
    await plan();
    const runs = async () =>
      (await admin.call(api.scanRunListRoutes.list, { query: { filter: 'range:Daily' } })).data.items.map((run) => run.state);
    expect(await runs()).toEqual(['queued']);
    const { data } = await admin.call(api.getScanRange, { params: { id: range.id } });
    await admin.call(api.cancelScanRun, { params: { id: data.openRunId ?? '' } });
    await plan();
    expect(await runs()).toEqual(['cancelled']);
    t.setNow(new Date(Date.now() + 25 * 3_600_000));
    await plan();
    t.setNow(null);
    expect(new Set(await runs())).toEqual(new Set(['cancelled', 'queued']));
  });
});

describe('credential sets', () => {
  test('never show their secret: not in answers, lists, exports, the audit log, nor in the clear in the database', async () => {
    const set = await admin.call(api.createCredentialSet, {
      body: {
        name: 'Users',
        secret: {
          kind: 'snmp_v3',
          userName: 'reader',
          authProtocol: 'sha256',
          authPassword: 'very-secret-one',
          privProtocol: 'aes',
          privPassword: 'very-secret-two',
        },
      },
    });
    expect(set.data).toMatchObject({ userName: 'reader', protection: 'sha256 + aes' });
    await admin.call(api.updateCredentialSet, {
      params: { id: set.data.id },
      ifMatch: '"1"',
      body: { secret: { ...secret, community: 'very-secret-three' } },
    });
    const urls = ['/api/v1/credential-sets', '/api/v1/credential-sets/export', '/api/v1/audit-log', '/api/v1/scan-ranges'];
    const texts = await Promise.all(
      urls.map(async (url) => (await admin.inject({ url: `${url}${url.includes('audit') ? '?limit=200' : ''}` })).body),
    );
    const { rows } = await sql<{
      text: string;
    }>`select string_agg(c::text, '') || (select string_agg(a::text, '') from audit_log a) as text from credential_sets c`.execute(t.db);
    for (const text of [...texts, rows[0]?.text ?? '', JSON.stringify(set.data)])
      expect(text).not.toMatch(/very-secret|the-secret-community/);
  });

  test('need what USM needs, have names of their own, and stay while a network uses them', async () => {
    await expect(
      admin.call(api.createCredentialSet, {
        body: { name: 'Bad', secret: { kind: 'snmp_v3', userName: 'x', authProtocol: 'sha', authPassword: 'short', privProtocol: 'aes' } },
      }),
    ).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(admin.call(api.createCredentialSet, { body: { name: 'switches', secret } })).rejects.toMatchObject({ code: 'conflict' });
    await startRun();
    await expect(admin.call(api.deleteCredentialSet, { params: { id: credential.id } })).rejects.toMatchObject({ code: 'conflict' });
    const { data: spare } = await admin.call(api.createCredentialSet, { body: { name: 'Spare', secret } });
    await admin.call(api.deleteCredentialSet, { params: { id: spare.id } });
  });
});

describe('a collector', () => {
  test('gets in with a key of its kind only, and such a key opens nothing for agents', async () => {
    expect((await post('/work', hello, t.enrolmentKey)).status).toBe(401);
    expect((await post('/work', hello, 'nothing')).status).toBe(401);
    const agent = await t.app.inject({
      method: 'POST',
      url: `/agent/${collector.key}`,
      payload: '<REQUEST><QUERY>PROLOG</QUERY></REQUEST>',
    });
    expect(agent.statusCode).toBe(401);
  });

  test('gets its own runs with their credentials, and those of others neither to see nor to write', async () => {
    const { runId, rangeId } = await startRun();
    const other = await collectorKey(t, 'Elsewhere');
    expect(await fetchWork(other.key)).toEqual([]);
    for (const [part, body] of [
      ['hosts', hostResult(runId, rangeId, '10.0.0.1')],
      ['progress', { total: 1, probed: 1, up: 1, walked: 1, log: [] }],
    ] as const)
      expect((await post(`/runs/${runId}/${part}`, body, other.key)).status).toBe(404);
    const work = (await fetchWork()).find((run) => run.runId === runId);
    expect(work).toMatchObject({ rangeId, credentials: [{ id: credential.id, secret }] });
    // It crashed and asks again: the run is still its own.
    expect((await fetchWork()).map((run) => run.runId)).toContain(runId);
  });

  test('delivers a host once, however often it is sent, as a report with the walk as it came, held when it tells too little', async () => {
    const { runId, rangeId } = await startRun();
    await fetchWork();
    const body = gzipSync(JSON.stringify(hostResult(runId, rangeId, '10.0.0.2')));
    const first = await post(`/runs/${runId}/hosts`, body);
    const reportId = String(first.body['reportId']);
    const again = await post(`/runs/${runId}/hosts`, body);
    expect(first).toMatchObject({ status: 200, body: { stored: true, state: 'running' } });
    expect(again).toMatchObject({ status: 200, body: { stored: false, reportId } });
    await drain();
    const { data } = await admin.call(reportListRoutes.list, { query: { filter: `device_id:"10.0.0.2" kind:netscan` } });
    expect(data.items).toMatchObject([{ id: reportId, family: 'collector', state: 'held', warnings: 1 }]);
    const detail = await admin.call(getReport, { params: { id: reportId } });
    expect(detail.data.warnings).toMatchObject([{ code: 'walk_incomplete', message: 'system: it went round' }]);
    const original = await admin.inject({ url: `/api/v1/reports/${reportId}/body` });
    expect(original.json()).toEqual(hostResult(runId, rangeId, '10.0.0.2'));
    expect((await admin.call(retryReport, { params: { id: reportId } })).data.report.state).toBe('pending');
    await drain();
    expect((await admin.call(getReport, { params: { id: reportId } })).data.report).toMatchObject({ state: 'held', partial: true });
  });

  test('delivers a host without SNMP as a held report, also when it is processed again', async () => {
    const { runId, rangeId } = await startRun();
    await fetchWork();
    const { body } = await post(`/runs/${runId}/hosts`, { ...hostResult(runId, rangeId, '10.0.0.5'), snmp: null });
    const id = String(body['reportId']);
    const read = async () => (await admin.call(getReport, { params: { id } })).data.report;
    expect(await read()).toMatchObject({ state: 'held', asset: null });
    await admin.call(retryReport, { params: { id } });
    await drain();
    expect(await read()).toMatchObject({ state: 'held', asset: null, error: null });
  });

  test.skipIf(!existsSync(recording))(
    'delivers a switch that becomes an asset; a scan that is cut takes nothing away, an upload joins it',
    async () => {
      const { runId, rangeId } = await startRun();
      await fetchWork();
      const rows = execFileSync('bzip2', ['-dc', recording], { maxBuffer: 64 * 1024 * 1024 });
      const sent = async (address: string, walk: Partial<NonNullable<HostResult['snmp']>>) => {
        const host = hostResult(runId, rangeId, address);
        const snmp = host.snmp && { ...host.snmp, subtrees: [], missing: [], rows: rows.toString('latin1'), ...walk };
        const { body } = await post(`/runs/${runId}/hosts`, gzipSync(JSON.stringify({ ...host, snmp })));
        await drain();
        return (await admin.call(getReport, { params: { id: String(body['reportId']) } })).data.report;
      };
      const report = await sent('10.0.0.1', {});
      expect(report).toMatchObject({ state: 'done', outcome: 'created', partial: false });
      const id = report.asset?.id ?? '';
      const { data: asset } = await admin.call(getAsset, { params: { id } });
      expect(asset).toMatchObject({ class: { key: 'switch' }, serial: expect.stringMatching(/./) as string });
      const ports = async () => (await admin.call(getAssetNetwork, { params: { id } })).data.ports.length;
      const before = await ports();
      expect(before).toBeGreaterThan(10);
      const cut = await sent('10.0.0.6', {
        subtrees: [{ name: 'interfaces', oid: '1.3.6.1.2.1.2.2.1', values: 9, ended: 'too_slow' }],
        missing: ['interfaces: too slow'],
        rows: rows
          .toString('latin1')
          .split('\n')
          .filter((row) => !row.startsWith('1.3.6.1.2.1.2.2.1.'))
          .join('\n'),
      });
      expect(cut).toMatchObject({ outcome: 'linked', partial: true, asset: { id } });
      expect(await ports()).toBe(before);
      const upload = await admin.call(readSnmpWalk, { body: { content: rows.toString('base64'), keep: true } });
      expect(upload.data.kept).toMatchObject({ outcome: 'linked', asset: { id } });
    },
  );

  test('delivers a wireless controller; a scan that misses a column of its access points takes none away', async () => {
    const { runId, rangeId } = await startRun();
    await fetchWork();
    const rows = readFileSync(new URL('../../../../protocols/src/snmp/fixtures/cisco-wlc.snmprec', import.meta.url), 'latin1');
    const sent = async (address: string, walk: Partial<NonNullable<HostResult['snmp']>>) => {
      const host = hostResult(runId, rangeId, address);
      const snmp = host.snmp && { ...host.snmp, subtrees: [], missing: [], rows, ...walk };
      const { body } = await post(`/runs/${runId}/hosts`, { ...host, snmp });
      await drain();
      return (await admin.call(getReport, { params: { id: String(body['reportId']) } })).data.report;
    };
    const report = await sent('10.0.0.1', {});
    const id = report.asset?.id ?? '';
    const serials = async () =>
      (await admin.call(getAssetNetwork, { params: { id } })).data.components.filter((c) => c.kind === 'access_point').map((c) => c.serial);
    const all = ['FGL0000TST1', 'FGL0000TST2', 'FGL0000TST3', 'FGL0000TST4'];
    expect(report).toMatchObject({ outcome: 'created', partial: false });
    expect(await serials()).toEqual(all);
    const cut = await sent('10.0.0.6', {
      subtrees: [{ name: 'access points, serial', oid: '1.3.6.1.4.1.14179.2.2.1.1.17', values: 0, ended: 'too_slow' }],
      missing: ['access points, serial: too slow'],
      rows: rows.replaceAll(/^1\.3\.6\.1\.4\.1\.14179\.2\.2\.1\.1\.17\..*\n/gm, ''),
    });
    expect(cut).toMatchObject({ outcome: 'linked', partial: true, asset: { id } });
    expect(await serials()).toEqual(all);
  });

  test('tells progress and the end; lines that come twice are there once, and nothing goes backwards', async () => {
    const { runId } = await startRun();
    await fetchWork();
    const line = { seq: 0, at: '2026-11-24T12:00:00Z', level: 'info', message: 'Starts\0' };
    const figures = { total: 6, probed: 4, up: 1, walked: 1, log: [line] };
    expect((await post(`/runs/${runId}/progress`, figures)).body).toEqual({ state: 'running' });
    await post(`/runs/${runId}/progress`, { ...figures, probed: 2 });
    expect((await admin.call(api.getScanRun, { params: { id: runId } })).data).toMatchObject({ probed: 4, log: [{ message: 'Starts' }] });
    const end = { ...figures, probed: 6, outcome: 'done', message: null };
    expect((await post(`/runs/${runId}/end`, end)).body).toEqual({ state: 'done' });
    expect((await post(`/runs/${runId}/end`, { ...end, outcome: 'failed' })).body).toEqual({ state: 'done' });
  });

  test('hears that its run was stopped', async () => {
    const { runId, rangeId } = await startRun();
    await fetchWork();
    await admin.call(api.cancelScanRun, { params: { id: runId } });
    expect((await post(`/runs/${runId}/hosts`, hostResult(runId, rangeId, '10.0.0.3'))).body).toMatchObject({
      stored: true,
      state: 'cancelled',
    });
    expect((await fetchWork()).map((run) => run.runId)).not.toContain(runId);
    await expect(admin.call(api.cancelScanRun, { params: { id: runId } })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is answered with what is wrong when it sends nonsense', async () => {
    const { runId, rangeId } = await startRun();
    await fetchWork();
    expect((await post(`/runs/${runId}/hosts`, Buffer.from('nonsense'))).body).toMatchObject({ code: 'body_not_readable' });
    expect((await post(`/runs/${runId}/hosts`, Buffer.alloc(0))).status).toBe(400);
    expect((await post(`/runs/${runId}/hosts`, {})).body).toMatchObject({ code: 'validation_failed' });
    expect((await post(`/runs/${runId}/hosts`, { ...hostResult(runId, rangeId, 'x') })).body).toMatchObject({ code: 'validation_failed' });
    expect((await post(`/runs/${runId}/hosts`, gzipSync(Buffer.alloc(200_000_000)))).body).toMatchObject({ code: 'too_large' });
    expect((await post('/runs/nonsense/hosts', hostResult(runId, rangeId, '10.0.0.1'))).status).toBe(404);
    const odd = hostResult(runId, rangeId, '10.0.0.4');
    expect((await post(`/runs/${runId}/hosts`, { ...odd, probe: { ...odd.probe, name: 'a\0b\uD800' } })).status).toBe(200);
  });
});
