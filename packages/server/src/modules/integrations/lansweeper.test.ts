import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeVendor, fakeVendor, fault, type VendorAnswer, type VendorRequestSeen } from './test-vendor.ts';

type Row = Record<string, unknown>;
interface Recorded {
  site: string;
  items: Row[];
}
const recorded = (): Recorded => JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'lansweeper.json'), 'utf8')) as Recorded;

interface Variables {
  site: string;
  fields: string[];
  pagination: { limit: number; page: string; cursor?: string };
}
const variablesOf = (request: VendorRequestSeen): Variables => (JSON.parse(request.body) as { variables: Variables }).variables;
const asksSoftware = (request: VendorRequestSeen): boolean => variablesOf(request).fields.includes('softwares.name');

let h: Harness;
let vendor: FakeVendor;
let data: Recorded;
let token: string;

beforeAll(async () => {
  h = await connectorHarness();
});
afterAll(() => h.t.close());
beforeEach(async () => {
  data = recorded();
  token = 'Token lsp_a-personal-token';
  vendor = await fakeVendor(answer);
});
afterEach(() => vendor.close());

/** The Data API in pages of two; it gives what the paths of the fields name and no more. */
function answer(request: VendorRequestSeen): VendorAnswer | undefined {
  if (request.path !== '/api/v2/graphql' || request.method !== 'POST') return undefined;
  if (request.headers.authorization !== token)
    return { status: 400, json: { errors: [{ message: 'Invalid token', extensions: { code: 'UNAUTHENTICATED' } }] } };
  const { site, fields, pagination } = variablesOf(request);
  if (fields.length > 30) return { status: 400, json: { errors: [{ message: 'too many paths' }] } };
  if (site !== data.site) return { json: { data: { site: null } } };
  const groups = new Set(fields.map((f) => f.split('.')[0] ?? ''));
  const rows = data.items.map((item) => Object.fromEntries(Object.entries(item).filter(([k]) => k === '_id' || groups.has(k))));
  const from = pagination.page === 'NEXT' ? Number(pagination.cursor) : 0;
  const next = from + 2 < rows.length ? String(from + 2) : null;
  const page = { limit: pagination.limit, current: String(from), next, page: pagination.page };
  return { json: { data: { site: { assetResources: { total: rows.length, pagination: page, items: rows.slice(from, from + 2) } } } } };
}

const add = (siteId = data.site) =>
  h.add({
    kind: 'lansweeper',
    name: `Lansweeper ${siteId} ${vendor.url}`,
    settings: { url: vendor.url, siteId },
    secrets: { token: 'lsp_a-personal-token' },
  });
const allOk = { software: 'ok', assets: 'ok' };
const laptop = 'NTZkNGVkNGYtMQ==';

describe('Lansweeper', () => {
  test('assets of every kind with their software; what only answered makes no asset', async () => {
    const connector = await add();
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 4, cells: allOk });
    expect(await h.asset('lansweeper', laptop)).toMatchObject({
      name: 'LAP-2201',
      serial: 'PF3AB12C',
      os_family: 'windows',
      last_user: 'ada',
    });
    expect(await h.titles('lansweeper', laptop)).toEqual(['Mozilla Firefox (x64 en-US)', 'Notepad++ (64-bit x64)']);
    expect(await h.asset('lansweeper', 'NTZkNGVkNGYtMg==')).toMatchObject({ class_key: 'network_device', serial: 'FOC1932X0AB' });
    expect(await h.asset('lansweeper', 'NTZkNGVkNGYtMw==')).toMatchObject({ class_key: 'printer', serial: 'PHBVK12345' });
    expect(await h.asset('lansweeper', 'NTZkNGVkNGYtNA==')).toBeUndefined();
    (data.items[0] as { softwares: object[] }).softwares.pop();
    await h.run(connector);
    expect(await h.titles('lansweeper', laptop)).toEqual(['Mozilla Firefox (x64 en-US)']);
  });

  test('throttled by status or in the body, a broken page, and a page that comes twice', async () => {
    const connector = await add();
    data.items.push(data.items[0] as Row);
    const limited = { status: 200, headers: { 'retry-after': '0' }, json: { errors: [{ message: 'Rate limit exceeded' }], data: null } };
    vendor.faults.push(
      fault((r) => !asksSoftware(r), limited, 1),
      fault((r) => !asksSoftware(r), { status: 429, headers: { 'retry-after': '0' }, json: {} }, 1),
      fault((r) => asksSoftware(r), 'hang up', 1),
    );
    const run = await h.run(connector);
    expect(run).toMatchObject({ state: 'ok', rows: { assets: 4 } });
    expect(run.messages).toContain('asks for fewer requests (200)');
  });

  test('one denied listing names what it needs and removes no title', async () => {
    const connector = await add();
    await h.run(connector);
    vendor.faults.push(
      fault((r) => asksSoftware(r), { json: { errors: [{ message: 'not allowed', extensions: { code: 'FORBIDDEN' } }], data: null } }),
    );
    expect(await h.run(connector)).toMatchObject({
      state: 'partly',
      cells: { software: 'denied', assets: 'ok' },
      missing: { software: 'Access to the site: View assets' },
    });
    expect(await h.titles('lansweeper', laptop)).toHaveLength(2);
  });

  test('a token that is revoked in the middle ends the run without a loss; an unknown site is denied', async () => {
    const connector = await add();
    await h.run(connector);
    vendor.faults.push((r) => {
      if (!asksSoftware(r) && variablesOf(r).pagination.page === 'NEXT') token = 'Token of another';
      return undefined;
    });
    expect(await h.run(connector)).toMatchObject({ cells: { software: 'ok', assets: 'denied' } });
    const missing = await sql<{ n: string }>`select count(*) as n from connector_items where missing_since is not null`.execute(h.t.db);
    expect(missing.rows[0]?.n).toBe('0');
    token = 'Token lsp_a-personal-token';
    vendor.faults.length = 0;
    expect(await h.run(await add('nowhere'))).toMatchObject({ state: 'failed', cells: { assets: 'denied' } });
  });

  test('an interrupted listing goes on at its cursor', async () => {
    const connector = await add();
    await h.run(connector);
    const asked = vendor.seen.length;
    expect(await h.resume(connector, 'assets', '2')).toMatchObject({ state: 'ok', cells: allOk });
    expect(vendor.seen.slice(asked).map((r) => variablesOf(r).pagination)).toEqual([{ limit: 200, page: 'NEXT', cursor: '2' }]);
  });
});
