import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeVendor, fakeVendor, fault } from './test-vendor.ts';

interface Recorded {
  proxmox: { nodes: object[]; resources: object[]; configs: Record<string, object> };
  kandji: { devices: object[]; apps: Record<string, object[]> };
  vmware: { hosts: object[]; machines: object[]; details: Record<string, object> };
}
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'virtual.json'), 'utf8')) as Recorded;

let h: Harness;
let vendor: FakeVendor;
beforeAll(async () => {
  h = await connectorHarness();
});
afterAll(() => h.t.close());
afterEach(() => vendor.close());

describe('Proxmox VE', () => {
  const start = async () => {
    vendor = await fakeVendor(({ path, headers }) => {
      if (headers.authorization !== 'PVEAPIToken=muster@pve!inventory=11112222-token')
        return { status: 401, text: 'authentication failure' };
      if (path === '/api2/json/nodes') return { json: { data: recorded.proxmox.nodes } };
      if (path === '/api2/json/cluster/resources') return { json: { data: recorded.proxmox.resources } };
      const guest = /^\/api2\/json\/nodes\/pve1\/(qemu\/\d+|lxc\/\d+)\/config$/.exec(path)?.[1] ?? '';
      const config = recorded.proxmox.configs[guest];
      return config && { json: { data: config } };
    });
    return h.add({
      kind: 'proxmox',
      name: `Proxmox ${vendor.url}`,
      settings: { url: vendor.url, tokenId: 'muster@pve!inventory' },
      secrets: { tokenSecret: '11112222-token' },
    });
  };

  test('guests by their UUID, templates left out, nodes as observations', async () => {
    const connector = await start();
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 3, cells: { nodes: 'ok', guests: 'ok' } });
    expect(await h.asset('proxmox', `${connector.id}:101`)).toMatchObject({ name: 'db-01', cores: 4, memory_mb: 8192, os_family: 'linux' });
    expect(await h.asset('proxmox', `${connector.id}:900`)).toBeUndefined();
    const key =
      await sql`select quality from identity_keys where kind = 'uuid' and value like '%6d1d2c61%' or value like '%612c1d6d%'`.execute(
        h.t.db,
      );
    expect(key.rows).toEqual([{ quality: 'good' }]);
  });

  test('guests that may not be read are denied, by name of the privilege', async () => {
    const connector = await start();
    vendor.faults.push(fault((r) => r.path.endsWith('/config'), { status: 403, json: { data: null } }));
    expect(await h.run(connector)).toMatchObject({
      state: 'partly',
      cells: { nodes: 'ok', guests: 'denied' },
      missing: { guests: 'VM.Audit' },
    });
  });
});

describe('Kandji', () => {
  const start = async () => {
    vendor = await fakeVendor(({ path, query, headers }) => {
      if (headers.authorization !== 'Bearer kandji token') return { status: 401, json: { detail: 'Invalid token.' } };
      const [limit, offset] = [Number(query.get('limit')), Number(query.get('offset'))];
      if (path === '/api/v1/devices') return { json: recorded.kandji.devices.slice(offset, offset + limit) };
      const id = /^\/api\/v1\/devices\/([^/]+)\/apps$/.exec(path)?.[1] ?? '';
      const apps = recorded.kandji.apps[id];
      return apps && { json: { device_id: id, apps } };
    });
    return h.add({ kind: 'kandji', name: `Kandji ${vendor.url}`, settings: { url: vendor.url }, secrets: { token: 'kandji token' } });
  };
  const mac = '8e8e3a0e-6b1c-4a3b-a0e8-50e9d8a9a111';

  test('devices with their apps; apps that cannot be read stay', async () => {
    const connector = await start();
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 2, cells: { apps: 'ok', devices: 'ok' } });
    expect(await h.asset('kandji', mac)).toMatchObject({ name: 'grace-mbp', serial: 'FVHHJ0W1Q6LR', os_family: 'macos' });
    expect(await h.titles('kandji', mac)).toEqual(['Figma', 'Slack']);
    vendor.faults.push(fault((r) => r.path.endsWith('/apps'), { status: 403, json: {} }));
    expect(await h.run(connector)).toMatchObject({ state: 'partly', missing: { apps: 'Application list', devices: null } });
    expect(await h.titles('kandji', mac)).toEqual(['Figma', 'Slack']);
  });
});

describe('VMware vCenter', () => {
  test('machines by their BIOS UUID; a session that ended is opened again', async () => {
    let session = 0;
    vendor = await fakeVendor(({ path, method, headers }) => {
      if (path === '/api/session' && method === 'POST')
        return headers.authorization === `Basic ${Buffer.from('reader:vmware secret').toString('base64')}`
          ? { status: 201, json: `session-${++session}` }
          : { status: 401, json: { error_type: 'UNAUTHENTICATED' } };
      if (headers['vmware-api-session-id'] !== `session-${session}` || session === 0)
        return { status: 401, json: { error_type: 'UNAUTHENTICATED' } };
      if (path === '/api/vcenter/host') return { json: recorded.vmware.hosts };
      if (path === '/api/vcenter/vm') return { json: recorded.vmware.machines };
      const detail = recorded.vmware.details[path.split('/').at(-1) ?? ''];
      return detail && { json: detail };
    });
    vendor.faults.push(fault((r) => r.path === '/api/vcenter/vm/vm-1042', { status: 401, json: {} }, 1));
    const connector = await h.add({
      kind: 'vmware',
      name: 'vCenter',
      settings: { url: vendor.url, user: 'reader' },
      secrets: { password: 'vmware secret' },
    });
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 2, cells: { machines: 'ok', hosts: 'ok' } });
    expect(session).toBe(2);
    expect(await h.asset('vmware', '500c3f77-2f57-9e02-1d23-6d1b6b7f1c11')).toMatchObject({
      name: 'app-01',
      cores: 4,
      memory_mb: 16384,
      os_family: 'windows',
    });
    const wrong = await h.add({
      kind: 'vmware',
      name: 'vCenter, wrong',
      settings: { url: vendor.url, user: 'reader' },
      secrets: { password: 'nope nope' },
    });
    expect(await h.run(wrong)).toMatchObject({ state: 'failed', cells: { machines: 'denied', hosts: 'denied' } });
  });
});
