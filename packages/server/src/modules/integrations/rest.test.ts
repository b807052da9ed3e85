import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeVendor, fakeVendor, fault } from './test-vendor.ts';

const csv = `Inventory No;Host;Serial;Maker;Model;MAC;Seen
1001;kiosk-01;PF0ABC12;LENOVO;ThinkCentre M70q;00:23:24:11:22:33;2026-11-20T08:00:00Z
1002;kiosk-02;PF0ABC13;LENOVO;ThinkCentre M70q;00:23:24:11:22:34;
;no id;;;;;
`;
const csvMapping = 'id = Inventory No\nname = Host\nserial = Serial\nmanufacturer = Maker\nmodel = Model\nmac = MAC\nseenAt = Seen\n';
const jsonMapping =
  '# comment\nid = hardware.id\nname = name\nserial = hardware.serial\nmanufacturer = hardware.vendor\nmodel = hardware.model\nos = system.name\nosVersion = system.release\nuser = owner.0.login';

let h: Harness;
let vendor: FakeVendor;
beforeAll(async () => {
  h = await connectorHarness();
});
afterAll(() => h.t.close());
beforeEach(async () => {
  vendor = await fakeVendor(({ path, headers, query }) => {
    if (path === '/export.csv') return { text: csv, headers: { 'content-type': 'text/csv' } };
    if (path !== '/v2/hosts' || headers['x-auth'] !== 'rest secret') return { status: 403, json: {} };
    const page = Number(query.get('page') ?? 1);
    const host = {
      name: `host-${page}`,
      hardware: { id: page, serial: `SN-77${page}A`, vendor: 'HP', model: 'EliteDesk' },
      system: { name: 'Ubuntu 24.04', release: '24.04' },
      owner: [{ login: 'ada' }],
    };
    return { json: { data: { items: [host, null, 'odd'] }, paging: { next: page < 3 ? `/v2/hosts?page=${page + 1}&site=1` : null } } };
  });
});
afterEach(() => vendor.close());

const json = (name: string, more: object = {}) =>
  h.add({
    kind: 'rest',
    name,
    settings: {
      url: `${vendor.url}/v2/hosts`,
      query: 'site=1',
      rows: 'data.items',
      next: 'paging.next',
      signIn: 'header',
      signInName: 'x-auth',
      mapping: jsonMapping,
      ...more,
    },
    secrets: { credential: 'rest secret' },
  });

describe('a mapped source', () => {
  test('JSON over several pages', async () => {
    const connector = await json('Hosts');
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 3, cells: { devices: 'ok' } });
    expect(await h.asset('rest', `${connector.id}:2`)).toMatchObject({
      name: 'host-2',
      serial: 'SN-772A',
      manufacturer: 'HP',
      os_family: 'linux',
      last_user: 'ada',
    });
  });

  test('CSV, with rows that have no id left out and told', async () => {
    const connector = await h.add({
      kind: 'rest',
      name: 'File',
      settings: { url: `${vendor.url}/export.csv`, format: 'csv', mapping: csvMapping },
      secrets: {},
    });
    const run = await h.run(connector);
    expect(run).toMatchObject({ state: 'ok', devices: 2 });
    expect(run.messages).toContain('1 rows without an id');
    expect(await h.asset('rest', `${connector.id}:1001`)).toMatchObject({ name: 'kiosk-01', serial: 'PF0ABC12' });
  });

  test('what only adds makes no asset', async () => {
    const connector = await json('Observed', { creates: false });
    vendor.faults.push(({ path }) =>
      path === '/v2/hosts' ? { json: { data: { items: [{ hardware: { id: 'x1' }, name: 'unknown-host' }] } } } : undefined,
    );
    await h.run(connector);
    expect(await h.asset('rest', `${connector.id}:x1`)).toBeUndefined();
  });

  test('a list that is not where it was said, a file that is none, and a refusal', async () => {
    expect(await h.run(await json('Wrong path', { rows: 'nothing.here' }))).toMatchObject({
      state: 'failed',
      cells: { devices: 'failed' },
    });
    vendor.faults.push(fault((r) => r.path === '/export.csv', { text: 'a,b\n"never closed' }));
    const broken = await h.add({
      kind: 'rest',
      name: 'Broken file',
      settings: { url: `${vendor.url}/export.csv`, format: 'csv', mapping: 'id = a' },
      secrets: {},
    });
    expect(await h.run(broken)).toMatchObject({ state: 'failed', cells: { devices: 'failed' } });
    expect(await h.run(await json('No key', { signIn: 'none' }))).toMatchObject({ state: 'failed', cells: { devices: 'denied' } });
  });

  test('a mapping that cannot be read is refused with each bad line', async () => {
    const answer = await h.admin.inject({
      method: 'POST',
      url: '/api/v1/connectors',
      payload: { kind: 'rest', name: 'Bad', settings: { url: vendor.url, mapping: 'nonsense\ncolour = red\nname = host' }, secrets: {} },
    });
    expect(answer.statusCode).toBe(400);
    const messages = answer
      .json<{ errors: { field: string; message: string }[] }>()
      .errors.filter((e) => e.field === 'settings.mapping')
      .map((e) => e.message);
    expect(messages.join(' ')).toMatch(/line 1.*line 2.*id/s);
  });
});
