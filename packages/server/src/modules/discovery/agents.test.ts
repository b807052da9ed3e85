import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { getInboxSettings, getReport, listSources, putInboxSettings, reportResource, retryReport } from '@muster/api/discovery';
import { listRoutesOf } from '@muster/api/resource';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { fixtureRoot, haveFixtures, inventory, post } from './test-agent.ts';

const reports = listRoutesOf(reportResource, '/api/v1/reports', 'discovery:read');
let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(async () => t.close());
beforeEach(async () => settled());

const count = async (table: 'inbox' | 'inbox_bodies'): Promise<number> =>
  Number((await sql<{ n: string }>`select count(*) as n from ${sql.table(table)}`.execute(t.db)).rows[0]?.n);
const settled = (): Promise<void> => t.reportsDone();
const latest = async () => (await admin.call(reports.list, { query: { limit: 1 } })).data.items[0];
const small = (id: string): Buffer => inventory(id, { bios: { ssn: `S-${id}` }, hardware: { name: id } });

describe('the enrolment key', () => {
  const basic = (password: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`agent:${password}`).toString('base64')}`,
  });
  const send = async (url: string, headers: Record<string, string> = {}) =>
    t.app.inject({ method: 'POST', url, headers: { 'content-type': 'application/x-compress-zlib', ...headers }, payload: small('k') });

  test.each(['/agent/wrong', '/agent', '/agent/', '/ocsinventory', '/ocsinventory/wrong', '/agent/wrong/front/inventory.php'])(
    '%s without a known key: 401 with a challenge, nothing stored',
    async (url) => {
      const before = await count('inbox_bodies');
      const answer = await send(url);
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Basic realm="Muster"');
      expect((await send(url, basic('wrong'))).statusCode).toBe(401);
      expect(await count('inbox_bodies')).toBe(before);
    },
  );

  test('is taken from the path, also before more path, and from HTTP Basic', async () => {
    for (const url of [
      `/agent/${t.enrolmentKey}`,
      `/agent/${t.enrolmentKey}/`,
      `/agent/${t.enrolmentKey}/front/inventory.php`,
      `/ocsinventory/${t.enrolmentKey}`,
    ])
      expect((await send(url)).statusCode, url).toBe(200);
    for (const url of ['/agent', '/agent/', '/ocsinventory', '/agent/front/inventory.php'])
      expect((await send(url, basic(t.enrolmentKey))).statusCode, url).toBe(200);
  });

  test('is asked for by GET too', async () => {
    expect((await t.app.inject({ method: 'GET', url: '/agent/wrong?action=getConfig' })).statusCode).toBe(401);
    expect((await t.app.inject({ method: 'GET', url: `/agent/${t.enrolmentKey}?action=getConfig` })).body).toBe('{}');
    expect(
      (await t.app.inject({ method: 'GET', url: `/agent/${t.enrolmentKey}`, headers: { 'glpi-request-id': 'A1B2C3D4' } })).statusCode,
    ).toBe(404);
  });

  test('a body without a content type is read as well', async () => {
    expect((await t.app.inject({ method: 'POST', url: `/agent/${t.enrolmentKey}`, payload: small('no-type') })).statusCode).toBe(200);
  });
});

describe('refused: 4xx, nothing stored, an audit entry', () => {
  test.each([
    ['a bomb', deflateSync(Buffer.alloc(70 * 1024 * 1024, 0x20)), 413, 'too_large'],
    ['a ratio over 200 to 1', gzipSync(Buffer.alloc(30 * 1024 * 1024, 0x20)), 413, 'ratio'],
    ['a plain body over the limit', Buffer.alloc(65 * 1024 * 1024, 0x20), 413, 'too_large'],
    ['XML too deep', deflateSync(`<REQUEST>${'<A>'.repeat(80)}${'</A>'.repeat(80)}</REQUEST>`), 422, 'too_deep'],
    ['JSON too deep', `{"content":${'['.repeat(80)}${']'.repeat(80)}}`, 422, 'too_deep'],
    ['a document type', '<!DOCTYPE x><REQUEST/>', 422, 'doctype'],
    [
      'an entity',
      '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><REQUEST><DEVICEID>&a;</DEVICEID></REQUEST>',
      422,
      'doctype',
    ],
  ])('%s', async (_name, body, status, code) => {
    const before = [await count('inbox'), await count('inbox_bodies')];
    const answer = await post(t, Buffer.from(body));
    expect(answer.status).toBe(status);
    expect([await count('inbox'), await count('inbox_bodies')]).toEqual(before);
    const { rows } = await sql<{
      action: string;
      actor_kind: string;
      after: { code: string };
    }>`select action, actor_kind, after from audit_log order by at desc, id desc limit 1`.execute(t.db);
    expect(rows[0]).toMatchObject({ action: 'report.refused', actor_kind: 'agent', after: { code } });
  });

  test('an empty body is answered 400', async () => {
    expect((await post(t, '')).status).toBe(400);
  });
});

describe('not refused: stored, and what can be read is kept', () => {
  test('garbage is stored and answered 400 in the agent’s words', async () => {
    const answer = await post(t, Buffer.from('complete garbage \u0000\u0001'));
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.text).toContain('<ERROR>');
    expect(await latest()).toMatchObject({ state: 'failed', error: 'unreadable', warnings: 1 });
  });

  test('a kind of request that is not known is kept and answered', async () => {
    expect(
      (await post(t, deflateSync('<REQUEST><DEVICEID>pc-2026-01-01-00-00-00</DEVICEID><QUERY>DOWNLOAD</QUERY></REQUEST>'))).status,
    ).toBe(200);
    expect(await latest()).toMatchObject({ state: 'ignored', kind: 'unknown', warnings: 1 });
  });

  test('truncated zlib, wrong encoding, NUL, negative dates and wrong types become warnings', async () => {
    const body = deflateSync(
      JSON.stringify({
        deviceid: 'odd\u0000-2026-01-01-00-00-00',
        content: {
          bios: { ssn: 'ODD1' },
          hardware: { name: 'od\u0000d', memory: 'much' },
          softwares: [{ name: 'a\u0000', install_date: '-2023-01-01' }, 7],
        },
      }),
    );
    expect((await post(t, body)).status).toBe(200);
    await settled();
    const report = await latest();
    expect(report).toMatchObject({ state: 'done', outcome: 'created', deviceId: 'odd-2026-01-01-00-00-00' });
    const { data } = await admin.call(getReport, { params: { id: report?.id ?? '' } });
    expect([...new Set(data.warnings.map((w) => w.code))].sort()).toEqual(['bad_date', 'bad_number', 'nul_removed', 'row_dropped']);
    expect(data.decision).toMatchObject({ outcome: expect.any(String), rule: expect.any(String) });
    expect(data.observation).toMatchObject({ source: 'glpi' });
  });

  test('100,000 titles, and a 20 MB report of a switch', { timeout: 180_000 }, async () => {
    const titles = Array.from({ length: 100_000 }, (_, i) => ({ name: `Title ${i % 3000}`, version: `${i}`, from: 'deb' }));
    expect(
      (await post(t, inventory('many-2026-01-01-00-00-00', { bios: { ssn: 'MANY1' }, hardware: { name: 'many' }, softwares: titles })))
        .status,
    ).toBe(200);
    const ports = Array.from(
      { length: 90_000 },
      (_, i) => `<PORT><IFNUMBER>${i}</IFNUMBER><IFDESCR>GigabitEthernet ${i} ${Math.sin(i)} ${'x'.repeat(i % 300)}</IFDESCR></PORT>`,
    ).join('');
    const big = `<REQUEST><CONTENT><DEVICE><INFO><TYPE>NETWORKING</TYPE><MANUFACTURER>Huawei</MANUFACTURER><SERIAL>2102359562SW1</SERIAL></INFO><PORTS>${ports}</PORTS></DEVICE></CONTENT><DEVICEID>scan-2026-01-01-00-00-00</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`;
    expect(big.length).toBeGreaterThan(20_000_000);
    expect((await post(t, deflateSync(big))).status).toBe(200);
    await settled();
    const { data } = await admin.call(reports.list, { query: { limit: 2 } });
    expect(data.items.map((r) => r.state)).toEqual(['done', 'done']);
    const { rows } = await sql<{
      n: string;
    }>`select count(*) as n from installations i join assets a on a.id = i.asset_id where a.serial = 'MANY1'`.execute(t.db);
    expect(Number(rows[0]?.n)).toBe(100_000);
  });
});

test('200 agents at once are all acknowledged and all placed', async () => {
  const before = await count('inbox');
  const answers = await Promise.all(Array.from({ length: 200 }, async (_, i) => post(t, small(`crowd${i}-2026-01-01-00-00-00`))));
  expect(answers.every((a) => a.status === 200)).toBe(true);
  expect(await count('inbox')).toBe(before + 200);
  await settled();
  const { rows } = await sql<{ n: string }>`select count(*) as n from assets where name like 'crowd%'`.execute(t.db);
  expect(rows[0]?.n).toBe('200');
});

describe('the API of the inbox', () => {
  test('the original comes back, inflated or as received', async () => {
    const body = small('body-2026-01-01-00-00-00');
    await post(t, body);
    const id = (await latest())?.id ?? '';
    const inflated = await admin.inject({ method: 'GET', url: `/api/v1/reports/${id}/body` });
    expect(inflated.headers['content-disposition']).toBe(`attachment; filename="report-${id}.json"`);
    expect(inflated.json()).toMatchObject({ deviceid: 'body-2026-01-01-00-00-00' });
    expect((await admin.inject({ method: 'GET', url: `/api/v1/reports/${id}/body?as=received` })).rawPayload.equals(body)).toBe(true);
  });

  test('a report is processed again on request, and the audit log says by whom', async () => {
    await post(t, small('again-2026-01-01-00-00-00'));
    await settled();
    const id = (await latest())?.id ?? '';
    expect((await admin.call(retryReport, { params: { id } })).data.report).toMatchObject({ state: 'pending' });
    await settled();
    expect((await admin.call(getReport, { params: { id } })).data.report).toMatchObject({ state: 'done', outcome: 'linked' });
    const { rows } = await sql<{
      actor_label: string;
    }>`select actor_label from audit_log where action = 'report.retried' and resource_id = ${id}`.execute(t.db);
    expect(rows).toHaveLength(1);
    await sql`delete from inbox_bodies where hash = (select body_hash from inbox where report_id = ${id})`.execute(t.db);
    await expect(admin.call(retryReport, { params: { id } })).rejects.toMatchObject({ code: 'conflict' });
    await expect(admin.call(getReport, { params: { id: '018f0000-0000-7000-8000-000000000000' } })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('sources count machines, reports and failures by agent and key', async () => {
    const { data } = await admin.call(listSources, {});
    expect(data.inbox).toMatchObject({ pending: 0, oldestPendingAt: null });
    const glpi = data.items.find((s) => s.family === 'glpi');
    expect(glpi?.machines).toBeGreaterThanOrEqual(200);
    expect(glpi?.reports24h).toBeGreaterThanOrEqual(200);
    expect(glpi?.enrolmentKey?.label).toEqual(expect.any(String));
  });

  test('how long originals are kept can be set', async () => {
    expect((await admin.call(getInboxSettings, {})).data).toEqual({ keepBodiesDays: 30 });
    expect((await admin.call(putInboxSettings, { body: { keepBodiesDays: 90 } })).data).toEqual({ keepBodiesDays: 90 });
    expect((await admin.call(getInboxSettings, {})).data).toEqual({ keepBodiesDays: 90 });
    await expect(admin.call(putInboxSettings, { body: { keepBodiesDays: 0 } })).rejects.toMatchObject({ code: 'validation_failed' });
  });

  test('a technician may read reports and not process them again; an employee may do neither', async () => {
    const technician = await t.as('technician');
    const id = (await latest())?.id ?? '';
    expect((await technician.call(getReport, { params: { id } })).data.report.id).toBe(id);
    await expect(technician.call(retryReport, { params: { id } })).rejects.toMatchObject({ code: 'forbidden' });
    await expect((await t.as('employee')).call(listSources, {})).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe.skipIf(!haveFixtures)('the inventory format corpus through the agent endpoint', () => {
  const folder = join(fixtureRoot, 'inventory_format');
  const files = haveFixtures ? readdirSync(folder).filter((f) => !f.includes('schema')) : [];
  test.each(files)('%s: each section is stored or warned about', async (file) => {
    expect(
      (await post(t, readFileSync(join(folder, file)), { 'content-type': 'application/xml', 'user-agent': 'FusionInventory-Agent_v2.6' }))
        .status,
    ).toBe(200);
    await settled();
    const report = await latest();
    expect(['done', 'held']).toContain(report?.state);
    const detail = (await admin.call(getReport, { params: { id: report?.id ?? '' } })).data;
    expect(detail.observation).not.toBeNull();
    if (!file.endsWith('.json') || report?.state !== 'done') return;
    const { rows } = await sql<{
      section: string;
    }>`select section from observation_sections where observation_id = ${detail.observation?.id}`.execute(t.db);
    const known = new Set([...rows.map((r) => r.section), ...detail.warnings.map((w) => w.path.split(/[.[]/)[0])]);
    const content = (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { content: object }).content;
    for (const section of Object.keys(content)) expect(known, section).toContain(section);
  });
});
