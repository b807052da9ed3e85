import { createEnrolmentKey } from '@muster/api/access';
import { getAsset } from '@muster/api/assets';
import type { HostResult, Login, ShownHostKey } from '@muster/api/collector';
import { getReport } from '@muster/api/discovery';
import * as api from '@muster/api/scans';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

const key = (letter: string): string => `SHA256:${letter.repeat(43)}`;

/** A collector with a network of its own and a run that it has taken. */
class Desk {
  readonly t: TestApp;
  readonly admin: TestActor;
  readonly secret: string;
  readonly rangeId: string;
  runId = '';

  private constructor(t: TestApp, admin: TestActor, secret: string, rangeId: string) {
    this.t = t;
    this.admin = admin;
    this.secret = secret;
    this.rangeId = rangeId;
  }

  static async open(t: TestApp, name: string): Promise<Desk> {
    const admin = await t.as('administrator');
    const { data: made } = await admin.call(createEnrolmentKey, { body: { name, kind: 'collector' } });
    const body = { name, collectorId: made.id, ranges: ['10.0.0.0/24'] };
    return new Desk(t, admin, made.key, (await admin.call(api.createScanRange, { body })).data.id);
  }

  async post(path: string, body: unknown) {
    const headers = { authorization: `Bearer ${this.secret}` };
    const answer = await this.t.app.inject({
      method: 'POST',
      url: `/collector${path}`,
      headers,
      payload: Buffer.from(JSON.stringify(body)),
    });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json<Record<string, unknown>>();
  }

  /** Asks for a run and takes it; the work that the collector gets. */
  async take() {
    this.runId = (await this.admin.call(api.runScan, { params: { id: this.rangeId } })).data.runId;
    const { runs } = (await this.post('/work', { version: '0.1.0', host: 'here' })) as { runs: { hostKeys: object[] }[] };
    return runs[0];
  }

  async end(): Promise<void> {
    await this.post(`/runs/${this.runId}/end`, { total: 1, probed: 1, up: 1, walked: 1, log: [], outcome: 'done', message: null });
  }

  async host(address: string, more: Partial<HostResult>) {
    const result: HostResult = {
      format: 'muster-host-1',
      runId: this.runId,
      rangeId: this.rangeId,
      address,
      seenAt: '2026-11-24T12:00:00Z',
      probe: { by: ['tcp/22'], openPorts: [22], mac: null, name: null },
      snmp: null,
      collector: { version: '0.1.0', host: 'here' },
      ...more,
    };
    return String((await this.post(`/runs/${this.runId}/hosts`, result))['reportId']);
  }

  async shows(address: string, ...keys: ShownHostKey[]): Promise<void> {
    await this.host(address, { hostKeys: keys });
  }
}

resourceSuite({
  routes: api.hostKeyListRoutes,
  seed: async (t) => {
    const one = await Desk.open(t, 'North');
    await one.take();
    for (let i = 1; i <= 9; i++) {
      const method = i % 2 === 0 ? 'winrm' : 'ssh';
      await one.shows(`10.0.0.${i}`, { method, fingerprint: key('ABCDEFGHI'[i - 1] ?? 'X'), refused: false });
    }
    await one.end();
    await one.take();
    for (const address of ['10.0.0.1', '10.0.0.2']) await one.shows(address, { method: 'ssh', fingerprint: key('Z'), refused: true });
    const two = await Desk.open(t, 'South');
    await two.take();
    await two.shows('10.0.0.1', { method: 'ssh', fingerprint: key('A'), refused: false });
  },
});

describe('logins of a collector', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());
  const drain = (): Promise<void> => t.reportsDone();

  test('the first key of a host is given out with the next run, a later one never takes its place, and it is forgotten on demand', async () => {
    const desk = await Desk.open(t, 'Keys');
    expect(await desk.take()).toMatchObject({ hostKeys: [] });
    await desk.shows('10.0.0.5', { method: 'ssh', fingerprint: key('A'), refused: false });
    await desk.end();
    const pinned = { address: '10.0.0.5', method: 'ssh', fingerprint: key('A') };
    expect(await desk.take()).toMatchObject({ hostKeys: [pinned] });
    // A collector that did not look.
    await desk.shows('10.0.0.5', { method: 'ssh', fingerprint: key('B'), refused: false });
    await desk.end();
    expect(await desk.take()).toMatchObject({ hostKeys: [pinned] });
    const { data } = await admin.call(api.hostKeyListRoutes.list, { query: { filter: `range:${desk.rangeId}` } });
    expect(data.items).toMatchObject([{ ...pinned, refused: key('B') }]);
    const id = data.items[0]?.id ?? '';
    await admin.call(api.forgetHostKey, { params: { id } });
    await expect(admin.call(api.forgetHostKey, { params: { id } })).rejects.toMatchObject({ code: 'not_found' });
    await desk.end();
    expect(await desk.take()).toMatchObject({ hostKeys: [] });
    const { rows } = await sql<{ summary: string }>`select summary from audit_log where action = 'host_key.forgotten'`.execute(t.db);
    expect(rows).toEqual([{ summary: 'Forgot the ssh key of 10.0.0.5 in “Keys”' }]);
  });

  test('a login that did not come to its end is partial: it makes no asset, and takes nothing from one', async () => {
    const desk = await Desk.open(t, 'Partial');
    const output = (name: string, text: string, ended: 'end' | 'too_slow' = 'end') => ({
      name,
      text,
      ended,
      code: ended === 'end' ? 0 : null,
    });
    const outputs = [
      output('uname', 'Linux lab 6.1.0 x86_64\n'),
      output('machine_id', '0123456789abcdef0123456789abcdef\n'),
      output('dmi', 'sys_vendor=Dell Inc.\nproduct_name=R640\nproduct_serial=7XK9QW2\n'),
      output('deb', 'ii \tbash\t5.2\tamd64\t7000\tSomebody\nrc \told\t1\tamd64\t1\tSomebody\n'),
    ];
    const login: Login = {
      method: 'ssh',
      credentialId: '01a20d87-0000-7000-8000-000000000001',
      port: 22,
      system: 'linux',
      startedAt: '2026-11-24T12:00:00Z',
      finishedAt: '2026-11-24T12:00:01Z',
      outputs,
      missing: [],
    };
    const reportOf = async (more: Partial<Login>, address = '10.0.0.8') => {
      await desk.take();
      const id = await desk.host(address, { login: { ...login, ...more } });
      await desk.end();
      await drain();
      return (await admin.call(getReport, { params: { id } })).data;
    };
    const titles = async (assetId: string) => {
      const { rows } = await sql<{
        n: number;
      }>`select count(*)::integer as n from installations where asset_id = ${assetId} and removed_at is null`.execute(t.db);
      return rows[0]?.n;
    };
    const full = await reportOf({});
    expect(full).toMatchObject({
      report: { state: 'done', outcome: 'created', partial: false },
      observation: { source: 'ssh', nativeId: 'linux:0123456789abcdef0123456789abcdef' },
    });
    const assetId = full.report.asset?.id ?? '';
    expect((await admin.call(getAsset, { params: { id: assetId } })).data).toMatchObject({
      name: 'lab',
      serial: '7XK9QW2',
      model: expect.anything() as unknown,
    });
    const before = await titles(assetId);
    expect(before).toBe(2);
    const cut = await reportOf({ outputs: outputs.with(3, output('deb', '', 'too_slow')), missing: ['deb: too slow'] });
    expect(cut).toMatchObject({
      report: { outcome: 'linked', partial: true, asset: { id: assetId } },
      warnings: [{ code: 'read_incomplete' }],
    });
    expect(await titles(assetId)).toBe(before);
    // It took another address, and is the same machine.
    expect((await reportOf({}, '10.0.0.9')).report).toMatchObject({ outcome: 'linked', asset: { id: assetId } });
  });
});

describe('a Windows that a collector read by WinRM', () => {
  let t: TestApp;
  beforeAll(async () => {
    t = await testApp();
  });
  afterAll(() => t.close());

  test('is an asset with what PowerShell printed, known by its UUID and serial number', async () => {
    const desk = await Desk.open(t, 'Windows');
    await desk.take();
    const output = (name: string, value: object) => ({ name, text: JSON.stringify(value), ended: 'end' as const, code: 0 });
    const id = await desk.host('10.0.0.42', {
      login: {
        method: 'winrm',
        credentialId: '01a20d87-0000-7000-8000-000000000001',
        port: 5986,
        system: 'windows',
        startedAt: '2026-11-24T12:00:00Z',
        finishedAt: '2026-11-24T12:00:09Z',
        outputs: [
          output('system', { Name: 'PC-0042', Manufacturer: 'LENOVO', Model: '20XW0026GE', PartOfDomain: false, Workgroup: 'WORKGROUP' }),
          output('product', { UUID: '4C4C4544-0042-3510-8052-B4C04F4D3232' }),
          output('bios', { SerialNumber: 'PF2ABCDE' }),
          output('os', { Caption: 'Microsoft Windows 11 Pro', Version: '10.0.22631' }),
          output('software', [{ PSChildName: '7-Zip', DisplayName: '7-Zip 23.01 (x64)', DisplayVersion: '23.01' }]),
        ],
        missing: [],
      },
    });
    const admin = await t.as('administrator');
    const read = async () => (await admin.call(getReport, { params: { id } })).data;
    await t.reportsDone();
    const { report, observation } = await read();
    expect(report).toMatchObject({ state: 'done', outcome: 'created', warnings: 0 });
    expect(observation).toMatchObject({ source: 'winrm', nativeId: 'windows:4c4c4544-0042-3510-8052-b4c04f4d3232' });
    const { data: asset } = await admin.call(getAsset, { params: { id: report.asset?.id ?? '' } });
    expect(asset).toMatchObject({ name: 'PC-0042', serial: 'PF2ABCDE', osFamily: 'windows' });
  });
});

describe('a credential set', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());
  const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nthe-secret-key\n-----END OPENSSH PRIVATE KEY-----\n';

  test('is shown without its secrets, and changed without giving them again', async () => {
    const { data: made } = await admin.call(api.createCredentialSet, {
      body: { name: 'Unix', secret: { kind: 'ssh', userName: 'scan', password: 'the-secret-password', privateKey } },
    });
    const seen: unknown[] = [made];
    const read = async () => {
      const { data } = await admin.call(api.getCredentialSet, { params: { id: made.id } });
      seen.push(data);
      return data;
    };
    const change = async (version: number, body: { name?: string; secret?: api.SecretChange }) =>
      admin.call(api.updateCredentialSet, { params: { id: made.id }, ifMatch: `"${version}"`, body });
    expect(await read()).toMatchObject({
      userName: 'scan',
      protection: 'password + key',
      settings: { port: 22, holds: ['password', 'privateKey'] },
    });
    await change(1, { name: 'Unix servers', secret: { kind: 'ssh', port: 2222 } });
    expect(await read()).toMatchObject({
      name: 'Unix servers',
      userName: 'scan',
      settings: { port: 2222, holds: ['password', 'privateKey'] },
    });
    await change(2, { secret: { kind: 'ssh', password: null } });
    expect(await read()).toMatchObject({ protection: 'key', settings: { holds: ['privateKey'] } });
    await expect(change(3, { secret: { kind: 'ssh', privateKey: null } })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'body.secret.password' }],
    });
    // Another kind needs everything, with all faults at once.
    await expect(change(3, { secret: { kind: 'winrm' } })).rejects.toMatchObject({
      errors: [{ field: 'body.secret.userName' }, { field: 'body.secret.password' }],
    });
    await change(3, { secret: { kind: 'winrm', userName: 'CORP\\scan', password: 'the-secret-other' } });
    expect(await read()).toMatchObject({ kind: 'winrm', protection: 'https', settings: { https: true, port: null, holds: ['password'] } });
    await expect(change(3, { name: 'Late' })).rejects.toMatchObject({ code: 'stale' });
    const { rows } = await sql<{ after: { secretReplaced: string[] }; text: string }>`select after, a::text as text from audit_log a
      where action = 'credential_set.changed' order by at`.execute(t.db);
    expect(rows.map((row) => row.after.secretReplaced)).toEqual([[], ['password'], ['password']]);
    expect(JSON.stringify([seen, rows])).not.toMatch(/the-secret/);
    await expect(admin.call(api.getCredentialSet, { params: { id: made.id.replace(/.{4}$/, '0000') } })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('of SSH needs a password or a key that is one', async () => {
    const make = async (secret: api.ScanSecretInput) => admin.call(api.createCredentialSet, { body: { name: 'Bad', secret } });
    await expect(make({ kind: 'ssh', userName: 'scan' })).rejects.toMatchObject({ errors: [{ field: 'secret.password' }] });
    await expect(make({ kind: 'ssh', userName: '', privateKey: 'ssh-ed25519 AAAA' })).rejects.toMatchObject({
      errors: [{ field: 'secret.userName' }, { field: 'secret.privateKey' }],
    });
  });
});
