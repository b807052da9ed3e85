import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeVendor, fakeVendor, fault } from './test-vendor.ts';

interface Recorded {
  computers: { udid: string; applications?: object[] }[];
  mobileDevices: object[];
}
const recorded = (): Recorded => JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'jamf.json'), 'utf8')) as Recorded;

let h: Harness;
let vendor: FakeVendor;
let data: Recorded;
const tokens = new Set<string>();

beforeAll(async () => {
  h = await connectorHarness();
});
afterAll(() => h.t.close());
beforeEach(async () => {
  data = recorded();
  let made = 0;
  vendor = await fakeVendor((request) => {
    if (request.path === '/api/oauth/token') {
      const token = `jamf-${++made}`;
      tokens.add(token);
      return { json: { access_token: token, scope: 'api-role:2', token_type: 'Bearer', expires_in: 1199 } };
    }
    if (!tokens.has(request.headers.authorization?.replace('Bearer ', '') ?? ''))
      return { status: 401, json: { httpStatus: 401, errors: [] } };
    const rows =
      request.path === '/api/v1/computers-inventory'
        ? data.computers
        : request.path === '/api/v2/mobile-devices'
          ? data.mobileDevices
          : null;
    if (rows === null) return undefined;
    const [page, size] = [Number(request.query.get('page')), Number(request.query.get('page-size'))];
    return { json: { totalCount: rows.length, results: rows.slice(page * size, (page + 1) * size) } };
  });
});
afterEach(() => vendor.close());

const add = () =>
  h.add({
    kind: 'jamf',
    name: `Jamf ${vendor.url}`,
    settings: { url: vendor.url, clientId: 'id' },
    secrets: { clientSecret: 'jamf secret' },
  });

describe('Jamf Pro', () => {
  test('computers with their applications, and mobile devices', async () => {
    const connector = await add();
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 3, cells: { computers: 'ok', mobile_devices: 'ok' } });
    const udid = '5A2C7F3E-90B1-4D6E-8C44-1F0B7A9D3E21';
    expect(await h.asset('jamf', udid)).toMatchObject({
      name: 'mac-design-07',
      serial: 'C02ZK1ABMD6T',
      os_family: 'macos',
      cores: 12,
      memory_mb: 32768,
      last_user: 'ada',
    });
    expect(await h.titles('jamf', udid)).toEqual(['Pages', 'Slack']);
    data.computers[0]?.applications?.pop();
    await h.run(connector);
    expect(await h.titles('jamf', udid)).toEqual(['Slack']);
  });

  test('an expired token in the middle, throttling, and a broken page are survived', async () => {
    const connector = await add();
    vendor.faults.push(
      (r) => {
        if (r.path === '/api/v2/mobile-devices' && vendor.seen.filter((s) => s.path === '/api/oauth/token').length === 1) tokens.clear();
        return undefined;
      },
      fault((r) => r.path === '/api/v1/computers-inventory', { status: 503, headers: { 'retry-after': '0' }, text: 'busy' }, 1),
      fault((r) => r.path === '/api/v1/computers-inventory', 'hang up', 1),
    );
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 3 });
    expect(vendor.seen.filter((s) => s.path === '/api/oauth/token')).toHaveLength(2);
  });

  test('one denied listing names its privilege; the other arrives', async () => {
    vendor.faults.push(fault((r) => r.path === '/api/v2/mobile-devices', { status: 403, json: { httpStatus: 403, errors: [] } }));
    expect(await h.run(await add())).toMatchObject({
      state: 'partly',
      cells: { computers: 'ok', mobile_devices: 'denied' },
      missing: { computers: null, mobile_devices: 'Read Mobile Devices' },
    });
  });

  test('a listing that ends before its own count is not complete', async () => {
    vendor.faults.push((r) =>
      r.path === '/api/v2/mobile-devices'
        ? { json: { totalCount: 250, results: r.query.get('page') === '0' ? data.mobileDevices : [] } }
        : undefined,
    );
    expect(await h.run(await add())).toMatchObject({ state: 'partly', cells: { mobile_devices: 'failed' } });
  });
});
