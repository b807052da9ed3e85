import { type Connector, createConnector, getConnector, getConnectorRun, getCoverage, runConnector } from '@muster/api/connectors';
import { cancelJob } from '@muster/api/jobs';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { type FakeIntune, fakeIntune, intuneSettings } from './test-intune.ts';
import { fault } from './test-vendor.ts';

let t: TestApp;
let admin: TestActor;
let vendor: FakeIntune;
let connector: Connector;

beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());
beforeEach(async () => {
  vendor = await fakeIntune();
  connector = (await admin.call(createConnector, { body: intuneSettings(vendor) })).data;
});
afterEach(() => vendor.close());

const settled = (): Promise<void> => t.reportsDone();
const run = async () => {
  const { runId } = (await admin.call(runConnector, { params: { id: connector.id } })).data;
  await t.jobsDone();
  await settled();
  return (await admin.call(getConnectorRun, { params: { id: connector.id, runId } })).data;
};
const states = (detail: Awaited<ReturnType<typeof run>>) => Object.fromEntries(detail.cells.map((c) => [c.scope, c.state]));
const titles = async (name: string): Promise<string[]> =>
  (
    await sql<{
      name: string;
    }>`select e.name from installations i join evidence e on e.id = i.evidence_id join observations o on o.id = i.observation_id
      where o.source = 'intune' and o.native_id = ${name} and i.removed_at is null and e.channel <> 'os' order by e.name`.execute(t.db)
  ).rows.map((row) => row.name);
const windows = '705c034c-034c-705c-4c03-5c704c035c70';
const allOk = { detected_apps: 'ok', managed_devices: 'ok', entra_devices: 'ok', entra_users: 'ok' };

describe('Intune and Entra ID', () => {
  test('devices, their titles and people arrive; a second run changes nothing', async () => {
    const first = await run();
    expect(states(first)).toEqual(allOk);
    expect(first).toMatchObject({ state: 'ok', devices: 5, people: 2 });
    const assets = await sql<{
      name: string;
      serial: string;
      class_key: string;
      os_family: string;
    }>`select a.name, a.serial, a.class_key, a.os_family from assets a
      join observations o on o.asset_id = a.id and o.source = 'intune' order by a.name`.execute(t.db);
    expect(assets.rows).toMatchObject([
      { name: "Alan's iPhone", serial: 'F4GXK2ABCD' },
      { name: 'MAC-0032', serial: 'C02FK1XJQ05D', os_family: 'macos' },
      { name: 'WKS-0417', serial: '7XK21M3', os_family: 'windows' },
    ]);
    expect(await titles(windows)).toEqual(['7-Zip 24.08 (x64)', 'Google Chrome']);
    const people = await sql`select name, login, email, employee_number, active, source from people order by name`.execute(t.db);
    expect(people.rows).toEqual([
      { name: 'Ada Lovelace', login: 'ada', email: 'ada@contoso.example', employee_number: '1815', active: true, source: 'entra' },
      {
        name: 'Grace Hopper',
        login: 'grace@contoso.example',
        email: 'grace@contoso.example',
        employee_number: null,
        active: false,
        source: 'entra',
      },
    ]);
    const before = await sql`select id, version from assets order by id`.execute(t.db);
    expect(states(await run())).toEqual(allOk);
    expect((await sql`select id, version from assets order by id`.execute(t.db)).rows).toEqual(before.rows);
    // A registration in Entra ID belongs to the device that is managed under its id; alone it makes no asset.
    const registered = await sql<{ name: string | null }>`select a.name from observations o left join assets a on a.id = o.asset_id
      where o.source = 'entra' order by a.name`.execute(t.db);
    expect(registered.rows).toEqual([{ name: 'WKS-0417' }, { name: null }]);
    const imei =
      await sql`select k.value, k.quality from identity_keys k join assets a on a.id = k.asset_id where k.kind = 'imei' and a.serial = 'F4GXK2ABCD'`.execute(
        t.db,
      );
    expect(imei.rows).toEqual([{ value: '35693803564380', quality: 'good' }]);
  });

  test('a person renamed in the directory stays one person', async () => {
    await run();
    vendor.data.entraUsers[0]!.displayName = 'Ada King';
    await run();
    const people = await sql<{ name: string }>`select name from people where login = 'ada'`.execute(t.db);
    expect(people.rows).toEqual([{ name: 'Ada King' }]);
  });

  test('one denied scope names its permission, and removes nothing', async () => {
    await run();
    vendor.faults.push(
      fault((r) => r.path.includes('/detectedApps'), {
        status: 403,
        json: { error: { code: 'Forbidden', message: 'Application is not authorized' } },
      }),
    );
    const second = await run();
    expect(second.state).toBe('partly');
    expect(states(second)).toEqual({ ...allOk, detected_apps: 'denied' });
    expect(second.cells[0]).toMatchObject({ missingPermission: 'DeviceManagementManagedDevices.Read.All' });
    expect(await titles(windows)).toEqual(['7-Zip 24.08 (x64)', 'Google Chrome']);
    const now = (await admin.call(getConnector, { params: { id: connector.id } })).data;
    expect(now.health).toBe('partly');
    expect(now.cells[0]).toMatchObject({ state: 'denied', trend: ['ok', 'denied'] });
    expect(now.cells[0]?.lastOkAt).not.toBeNull();
  });

  test('titles that could never be read are unknown, not removed', async () => {
    vendor.faults.push(fault((r) => r.path.includes('/detectedApps'), { status: 403, json: {} }));
    await run();
    const sections = await sql<{ n: string }>`select count(*) as n from inbox i join inbox_bodies b on b.hash = i.body_hash
      where i.family = 'intune' and i.received_at > (select max(created_at) from connector_runs) and convert_from(b.body, 'UTF8') like '%softwares%'`.execute(
      t.db,
    );
    expect(sections.rows[0]?.n).toBe('0');
  });

  test('a failed listing marks nothing missing, a complete one does', async () => {
    await run();
    vendor.data.managedDevices.splice(2, 1);
    const broken = fault((r) => r.path.endsWith('/managedDevices') && !r.query.has('$skiptoken') && !r.path.includes('detectedApps'), {
      status: 400,
      json: {},
    });
    vendor.faults.push(broken);
    expect(states(await run())).toEqual({ ...allOk, managed_devices: 'failed' });
    const missing = async () => (await admin.call(getConnector, { params: { id: connector.id } })).data.cells[1]?.missing;
    expect(await missing()).toBe(0);
    vendor.faults.length = 0;
    await run();
    expect(await missing()).toBe(1);
    const kept = await sql`select state from assets where serial = 'F4GXK2ABCD'`.execute(t.db);
    expect(kept.rows).toEqual([{ state: 'discovered' }]);
  });

  test('throttled, an expired token and a connection that breaks are waited out', async () => {
    vendor.faults.push(
      fault((r) => r.path.endsWith('/deviceManagement/managedDevices'), { status: 429, headers: { 'retry-after': '0' }, json: {} }, 2),
      fault((r) => r.path === '/v1.0/devices', 'hang up', 1),
      (r) => {
        if (r.path === '/v1.0/users' && vendor.tokens.has('token-1')) vendor.tokens.delete('token-1');
        return undefined;
      },
    );
    const detail = await run();
    expect(states(detail)).toEqual(allOk);
    expect(vendor.seen.filter((r) => r.path.endsWith('/token'))).toHaveLength(2);
    expect(detail.log.filter((line) => line.level === 'warning').map((line) => line.message)).toEqual(
      expect.arrayContaining([expect.stringContaining('asks for fewer requests (429)'), expect.stringContaining('broke')]),
    );
  });

  test('a pause longer than we wait is written down as throttled', async () => {
    vendor.faults.push(fault((r) => r.path === '/v1.0/users', { status: 429, headers: { 'retry-after': '7200' }, json: {} }));
    expect(states(await run())).toEqual({ ...allOk, entra_users: 'throttled' });
  });

  test('a page that comes twice counts once; a page that names itself, or another server, ends the listing', async () => {
    const [first] = vendor.data.managedDevices;
    vendor.data.managedDevices.push(first!, first!);
    const detail = await run();
    expect(detail.cells.find((c) => c.scope === 'managed_devices')).toMatchObject({ state: 'ok', rows: 3 });
    vendor.faults.push((r) =>
      r.path === '/v1.0/devices'
        ? { json: { value: [], '@odata.nextLink': `${vendor.url}/v1.0/devices?again` } }
        : r.path === '/v1.0/users'
          ? { json: { value: [], '@odata.nextLink': 'http://127.0.0.2:9/v1.0/users' } }
          : undefined,
    );
    const second = await run();
    expect(states(second)).toEqual({ ...allOk, entra_devices: 'failed', entra_users: 'failed' });
    expect(second.log.map((l) => l.message).join('\n')).toMatch(/same page as the next[\s\S]*another server/);
  });

  test('answers of any shape crash nothing', async () => {
    const odd = [
      [],
      7,
      'text',
      { value: 'no list' },
      { value: [null, 3, { id: 5 }, { id: { a: 1 } }, { id: 'x', deviceName: { a: [] }, isEncrypted: 'yes' }] },
    ];
    vendor.faults.push((r) => (r.path.endsWith('/token') ? undefined : { json: odd[vendor.seen.length % odd.length] }));
    const detail = await run();
    for (const cell of detail.cells) expect(['ok', 'failed']).toContain(cell.state);
  });

  test('a refused sign-in is denied everywhere, and the secret is nowhere', async () => {
    const body = { ...intuneSettings(vendor), name: `Wrong ${vendor.url}`, secrets: { clientSecret: 'hunter2-hunter2' } };
    connector = (await admin.call(createConnector, { body })).data;
    expect(JSON.stringify(connector)).not.toContain('hunter2');
    const detail = await run();
    expect(detail.state).toBe('failed');
    expect(new Set(detail.cells.map((c) => c.state))).toEqual(new Set(['denied']));
    expect(detail.cells[0]).toMatchObject({ missingPermission: null, message: expect.stringContaining('•••') });
    const everything = await sql<{
      all: string;
    }>`select (select string_agg(c::text, ' ') from connectors c) || (select string_agg(l::text, ' ') from connector_log l)
      || (select string_agg(x::text, ' ') from connector_cells x) || (select string_agg(j::text, ' ') from jobs j) || (select string_agg(u::text, ' ') from audit_log u) as all`.execute(
      t.db,
    );
    expect(everything.rows[0]?.all).not.toContain('hunter2');
    expect(everything.rows[0]?.all).not.toContain('a very secret value');
  });

  test('an interrupted run goes on at its checkpoint', async () => {
    await run();
    const { runId, jobId } = (await admin.call(runConnector, { params: { id: connector.id } })).data;
    await t.jobsDone();
    // As a crash leaves it: the job delivered again, the devices' listing half done.
    const link = `${vendor.url}/v1.0/deviceManagement/managedDevices?$skiptoken=2`;
    await sql`update connector_runs set state = 'running', finished_at = null where id = ${runId}`.execute(t.db);
    await sql`update connector_cells set result = null, finished_at = null, cursor = ${link}, pages = 1 where run_id = ${runId} and scope = 'managed_devices'`.execute(
      t.db,
    );
    const asked = vendor.seen.length;
    await t.platform.db
      .transaction()
      .execute((tx) =>
        t.platform.jobs.enqueue(
          tx,
          'integrations.run',
          { runId },
          { title: 'again', actor: { kind: 'system', id: null, label: 'test', userId: null, personId: null, grants: [] } },
        ),
      );
    await t.jobsDone();
    const paths = vendor.seen.slice(asked).filter((r) => !r.path.endsWith('/token'));
    expect(paths.map((r) => `${r.path}?${r.query.get('$skiptoken')}`)).toEqual(['/v1.0/deviceManagement/managedDevices?2']);
    const detail = (await admin.call(getConnectorRun, { params: { id: connector.id, runId } })).data;
    expect(detail).toMatchObject({ jobId, state: 'ok' });
  });

  test('a run that is cancelled while it waits ends there, and another may start', async () => {
    vendor.faults.push(fault((r) => r.path === '/v1.0/devices', { status: 429, headers: { 'retry-after': '60' }, json: {} }, 1));
    const { runId, jobId } = (await admin.call(runConnector, { params: { id: connector.id } })).data;
    const read = async () => (await admin.call(getConnectorRun, { params: { id: connector.id, runId } })).data;
    const end = performance.now() + 120_000;
    while (!(await read()).log.some((line) => line.message.includes('Waiting 60.0 s'))) {
      if (performance.now() > end) throw new Error('the run does not wait');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await admin.call(cancelJob, { params: { id: jobId } });
    await t.jobsDone();
    expect(await read()).toMatchObject({
      state: 'cancelled',
      cells: [{ state: 'ok' }, { state: 'ok' }, { state: 'cancelled' }, { state: 'cancelled' }],
    });
    expect(states(await run())).toEqual(allOk);
  });

  test('coverage shows who is in management without an agent', async () => {
    await run();
    const coverage = (await admin.call(getCoverage, {})).data;
    const mine = coverage.connectors.find((c) => c.connector.id === connector.id);
    expect(mine?.cells.map((c) => c.state)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(coverage.managedWithoutAgent).toBeGreaterThanOrEqual(3);
    expect(coverage.sources.find((s) => s.source === 'entra')).toMatchObject({ assets: 1 });
  });
});
