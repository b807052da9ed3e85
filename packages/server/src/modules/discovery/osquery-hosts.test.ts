import { agentLineListRoutes } from '@muster/api/agent-lines';
import { agentListRoutes } from '@muster/api/agents';
import { assetListRoutes } from '@muster/api/assets';
import { auditListRoutes } from '@muster/api/audit';
import { getReport } from '@muster/api/discovery';
import { getAssetSoftware } from '@muster/api/inventory';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { pruneLinesJob } from './jobs.ts';

interface Answer {
  node_key?: string;
  node_invalid?: boolean;
  queries?: Record<string, string>;
  schedule?: Record<string, { query: string; interval: number }>;
  options?: Record<string, unknown>;
}

const MINUTE = 60_000;
const send = async (t: TestApp, path: string, body: unknown): Promise<Answer> =>
  (
    await t.app.inject({
      method: 'POST',
      url: `/api/osquery/${path}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    })
  ).json<Answer>();

interface Host {
  name: string;
  uuid: string;
  serial?: string;
  mac?: string;
  instance?: string;
}
const system = (h: Host) => ({
  uuid: h.uuid,
  hardware_vendor: 'QEMU',
  hardware_serial: h.serial ?? '',
  computer_name: h.name,
  physical_memory: '1073741824',
});
const os = { name: 'Debian GNU/Linux', version: '12 (bookworm)', platform: 'debian', arch: 'x86_64' };
const enroll = async (t: TestApp, h: Host): Promise<string> =>
  (
    await send(t, 'enroll', {
      enroll_secret: t.enrolmentKey,
      host_identifier: h.uuid,
      platform_type: '9',
      host_details: { system_info: system(h), os_version: os, osquery_info: { version: '5.20.0', instance_id: h.instance ?? h.name } },
    })
  ).node_key ?? '';
const deb = (...titles: string[]) => titles.map((title) => ({ name: title, version: '1', arch: 'amd64', status: 'install ok installed' }));
const answers = (h: Host, ...titles: string[]) => ({
  muster_detail_system: [system(h)],
  muster_detail_os: [os],
  muster_detail_interfaces: h.mac ? [{ name: 'eth0', mac: h.mac, type: '6', flags: '4163' }] : [],
  muster_detail_deb: deb(...titles),
});
const status = (message: string, severity = 2) => ({ severity, filename: 'scheduler.cpp', line: 128, message });

resourceSuite({
  routes: agentLineListRoutes,
  seed: async (t) => {
    const host = { name: 'lines', uuid: '11112222-3333-4444-8555-666677778888' };
    const node_key = await enroll(t, host);
    await send(t, 'distributed/write', { node_key, queries: answers(host, 'bash'), statuses: {} });
    await t.reportsDone();
    for (let i = 0; i < 6; i++)
      await send(t, 'log', { node_key, log_type: 'status', data: [status(`m${i}`, i % 3), status(`m${i}`, i % 3)] });
    const results = ['a', 'b', 'c'].map((name) => ({ name, action: 'added', counter: 1, columns: { x: '1' } }));
    await send(t, 'log', { node_key, log_type: 'result', data: results });
  },
});

describe('hosts of osquery', () => {
  let t: TestApp;
  let manager: TestActor;
  // Health is judged by the database's clock.
  const started = new Date();
  const after = (minutes: number): void => t.setNow(new Date(started.getTime() + minutes * MINUTE));
  beforeAll(async () => {
    t = await testApp({ now: started });
    manager = await t.as('administrator');
  });
  afterAll(() => t.close());

  const assets = async (q: string) => (await manager.call(assetListRoutes.list, { query: { q } })).data.items;
  const agents = async (q: string) => (await manager.call(agentListRoutes.list, { query: { q } })).data.items;
  const lines = async (h: Host) => {
    const { rows } = await sql<{ device_id: string }>`select device_id from osquery_nodes where uuid = ${h.uuid}`.execute(t.db);
    const filter = `agent:"osquery:${rows[0]?.device_id ?? ''}"`;
    return (await manager.call(agentLineListRoutes.list, { query: { filter, sort: 'lastAt', total: 'exact', limit: 1000 } })).data;
  };
  const titles = async (id: string) =>
    (await manager.call(getAssetSoftware, { params: { id }, query: { show: 'current', filter: 'channel:deb' } })).data.items.map(
      (i) => i.title,
    );
  const lastReports = async (h: Host) =>
    (
      await sql<{
        report_id: string;
        state: string;
        outcome: string;
        partial: boolean;
      }>`select i.report_id, i.state, i.outcome, i.partial from inbox i
        where i.device_id like ${`${h.uuid}%`} order by i.id`.execute(t.db)
    ).rows;

  test('one that enrols and answers nothing is an asset after ten minutes, by what its enrolment told, and says what is missing', async () => {
    after(0);
    const host = { name: 'silent-vm', uuid: 'a0a0a0a0-1111-4222-8333-0123456789a0', serial: 'SILENT01' };
    const node_key = await enroll(t, host);
    expect(Object.keys((await send(t, 'distributed/read', { node_key })).queries ?? {})).toContain('muster_detail_deb');
    await send(t, 'config', { node_key });
    expect(await lastReports(host)).toEqual([]);
    after(11);
    await send(t, 'config', { node_key });
    await send(t, 'config', { node_key });
    await t.reportsDone();
    const [report, ...more] = await lastReports(host);
    expect([report, more]).toMatchObject([{ state: 'done', outcome: 'created' }, []]);
    expect((await assets('silent-vm'))[0]).toMatchObject({ name: 'silent-vm', serial: 'SILENT01', osName: 'Debian GNU/Linux' });
    expect((await agents(host.uuid))[0]).toMatchObject({ health: 'incomplete', missing: expect.stringContaining('softwares') });
    const { data } = await manager.call(getReport, { params: { id: report?.report_id ?? '' } });
    expect(data.warnings.map((w) => w.code)).toContain('from_enrolment');
  });

  test('one whose questions fail is an asset at once, and the reasons are told', async () => {
    after(20);
    const host = { name: 'failing-vm', uuid: 'a0a0a0a0-1111-4222-8333-0123456789a1' };
    const node_key = await enroll(t, host);
    const failed = { muster_detail_system: [], muster_detail_deb: [] };
    const write = {
      node_key,
      queries: failed,
      statuses: { muster_detail_system: 1, muster_detail_deb: 9 },
      messages: { muster_detail_deb: 'database is locked' },
    };
    await send(t, 'distributed/write', write);
    await t.reportsDone();
    const reports = await lastReports(host);
    expect(reports).toMatchObject([
      { state: 'done', outcome: 'created', partial: false },
      { state: 'done', outcome: 'linked', partial: true },
    ]);
    expect(await assets('failing-vm')).toHaveLength(1);
    const { data } = await manager.call(getReport, { params: { id: reports[1]?.report_id ?? '' } });
    expect(data.warnings.find((w) => w.code === 'query_failed' && w.path === 'muster_detail_deb')?.message).toContain('database is locked');
    // It is known by now: enrolling again and failing again removes nothing of what it told in between.
    after(60);
    await send(t, 'distributed/write', { node_key, queries: answers(host, 'curl'), statuses: {} });
    await send(t, 'distributed/write', { ...write, node_key: await enroll(t, host) });
    await t.reportsDone();
    expect(await titles((await assets('failing-vm'))[0]?.id ?? '')).toEqual(['curl']);
  });

  test('two copies of one machine, alike in UUID and serial number, have to enrol again and have a device id each', async () => {
    after(100);
    const uuid = 'a0a0a0a0-1111-4222-8333-0123456789a2';
    const one: Host = { name: 'copy-1', uuid, serial: 'SAME0001', mac: '52:54:00:00:00:01' };
    const two: Host = { name: 'copy-2', uuid, serial: 'SAME0001', mac: '52:54:00:00:00:02' };
    const [keyOne, keyTwo] = [await enroll(t, one), await enroll(t, two)];
    expect(await send(t, 'distributed/write', { node_key: keyOne, queries: answers(one, 'bash'), statuses: {} })).toEqual({
      node_invalid: false,
    });
    // Each with its own node key, and the same key copied along with the disk: both are told apart.
    expect(await send(t, 'distributed/write', { node_key: keyTwo, queries: answers(two, 'bash'), statuses: {} })).toMatchObject({
      node_invalid: true,
    });
    for (const node_key of [keyOne, keyTwo]) expect(await send(t, 'config', { node_key })).toMatchObject({ node_invalid: true });
    for (const host of [one, two]) {
      const node_key = await enroll(t, host);
      expect(await send(t, 'distributed/write', { node_key, queries: answers(host, 'bash'), statuses: {} })).toEqual({
        node_invalid: false,
      });
      expect(await send(t, 'config', { node_key })).toMatchObject({ node_invalid: false });
    }
    const ids = (await sql<{ device_id: string }>`select device_id from osquery_nodes where uuid = ${uuid}`.execute(t.db)).rows;
    expect(new Set(ids.map((r) => r.device_id)).size).toBe(2);
    const log = (await manager.call(auditListRoutes.list, { query: { filter: 'action:osquery.forked' } })).data.items;
    expect(log).toHaveLength(1);
    const renamed = { ...one, name: 'renamed' };
    expect(await send(t, 'distributed/write', { node_key: await enroll(t, one), queries: answers(renamed, 'bash'), statuses: {} })).toEqual(
      { node_invalid: false },
    );
    await t.reportsDone();
  });

  test('is asked again when it says that its titles changed, and not for its first state', async () => {
    after(200);
    const host = { name: 'changing', uuid: 'a0a0a0a0-1111-4222-8333-0123456789a3', serial: 'CHANGE01' };
    const node_key = await enroll(t, host);
    const { schedule, options } = await send(t, 'config', { node_key });
    expect(schedule?.['muster_changes_deb']).toMatchObject({ interval: 3600, query: expect.stringContaining('deb_packages') });
    // osquery takes it from its flags only and warns each time.
    expect(options).not.toHaveProperty('config_refresh');
    await send(t, 'distributed/read', { node_key });
    await send(t, 'distributed/write', { node_key, queries: answers(host, 'bash'), statuses: {} });
    const ring = (counter: number) =>
      send(t, 'log', {
        node_key,
        log_type: 'result',
        data: [{ name: 'muster_changes_deb', action: 'added', counter, columns: { titles: `h${counter}` } }],
      });
    const asked = async (): Promise<number> => Object.keys((await send(t, 'distributed/read', { node_key })).queries ?? {}).length;
    after(260);
    await ring(0);
    expect(await asked()).toBe(0);
    await ring(1);
    expect(await asked()).toBeGreaterThan(5);
    expect(await asked()).toBe(0);
    await send(t, 'distributed/write', { node_key, queries: answers(host, 'bash', 'curl'), statuses: {} });
    after(320);
    expect(await asked()).toBe(0);
    await t.reportsDone();
    expect(new Set(await titles((await assets('changing'))[0]?.id ?? ''))).toEqual(new Set(['bash', 'curl']));
    expect((await lines(host)).items).toEqual([]);
  });

  test('log lines are counted, bounded per host and go when they were not heard for two weeks', async () => {
    after(400);
    const host = { name: 'talking', uuid: 'a0a0a0a0-1111-4222-8333-0123456789a4' };
    const node_key = await enroll(t, host);
    const log = (...data: object[]) => send(t, 'log', { node_key, log_type: 'status', data });
    await log(status('old', 1));
    after(401);
    await log(status('often'), status('often'));
    after(402);
    await log(status('often'));
    expect((await lines(host)).items).toMatchObject([
      { message: 'old', severity: 'warning', times: 1 },
      { message: 'often', severity: 'error', times: 3, name: 'scheduler.cpp:128', kind: 'status' },
    ]);
    for (let page = 0; page < 3; page++) {
      after(403 + page);
      await log(...Array.from({ length: 100 }, (_, i) => status(`line ${page} ${i}`)));
    }
    const kept = await lines(host);
    expect(kept.total).toBe(200);
    expect(kept.items.map((l) => l.message)).not.toContain('old');
    after(405 + 15 * 24 * 60);
    const context = { platform: t.platform, progress: async () => undefined, signal: new AbortController().signal };
    expect(await pruneLinesJob.handler(context as unknown as Parameters<typeof pruneLinesJob.handler>[0])).toMatchObject({ removed: 200 });
    // The session is of that day.
    after(406);
    expect((await lines(host)).items).toEqual([]);
  });

  test('a node key is noted to be alive when it only asks', async () => {
    after(500);
    const host = { name: 'idle', uuid: 'a0a0a0a0-1111-4222-8333-0123456789a5', serial: 'IDLE0001' };
    const node_key = await enroll(t, host);
    await send(t, 'distributed/write', { node_key, queries: answers(host, 'bash'), statuses: {} });
    await t.reportsDone();
    after(500 + 7 * 60);
    expect((await send(t, 'distributed/read', { node_key })).queries).toEqual({});
    expect((await agents(host.uuid))[0]?.lastContactAt).toBe(new Date(started.getTime() + (500 + 7 * 60) * MINUTE).toISOString());
  });
});
