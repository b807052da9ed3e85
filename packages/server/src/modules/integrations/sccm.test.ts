import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeVendor, fakeVendor, fault, type VendorAnswer, type VendorRequestSeen } from './test-vendor.ts';

type Row = Record<string, unknown>;
type Recorded = Record<string, Row[]>;
const recorded = (): Recorded => JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'sccm.json'), 'utf8')) as Recorded;

let h: Harness;
let vendor: FakeVendor;
let data: Recorded;
let signIn: string;
/** How the service pages: by its own links of one row, or by what is asked for. */
let links: boolean;

beforeAll(async () => {
  h = await connectorHarness();
});
afterAll(() => h.t.close());
beforeEach(async () => {
  data = recorded();
  links = true;
  signIn = `Basic ${Buffer.from('CORP\\muster:sccm secret').toString('base64')}`;
  vendor = await fakeVendor(answer);
});
afterEach(() => vendor.close());

function answer(request: VendorRequestSeen): VendorAnswer | undefined {
  if (request.headers.authorization !== signIn) return { status: 401, text: '' };
  const rows = data[/^\/AdminService\/wmi\/(\w+)$/.exec(request.path)?.[1] ?? ''];
  if (!rows) return undefined;
  const ids = [...(request.query.get('$filter') ?? '').matchAll(/ResourceID eq (\d+)/g)].map((m) => Number(m[1]));
  if (ids.length > 0) return { json: { value: rows.filter((row) => ids.includes(row['ResourceID'] as number)) } };
  if (!links) {
    const [skip, top] = [Number(request.query.get('$skip') ?? 0), Number(request.query.get('$top'))];
    return { json: { value: rows.slice(skip, skip + top) } };
  }
  const from = Number(request.query.get('$skiptoken') ?? 0);
  // Inside the domain the service goes by another name than for those who ask through a proxy.
  const next = `https://cm1.corp.example${request.path}?$select=all&$skiptoken=${from + 1}`;
  return { json: { value: rows.slice(from, from + 1), ...(from + 1 < rows.length ? { '@odata.nextLink': next } : {}) } };
}

const add = () =>
  h.add({
    kind: 'sccm',
    name: `SCCM ${vendor.url}`,
    settings: { url: vendor.url, user: 'CORP\\muster' },
    secrets: { password: 'sccm secret' },
  });
const allOk = { software: 'ok', devices: 'ok' };

describe('Microsoft Configuration Manager', () => {
  test('devices with hardware, ids of the directory and software; what has no client makes no asset', async () => {
    const connector = await add();
    const run = await h.run(connector);
    expect(run).toMatchObject({ state: 'ok', devices: 3, cells: allOk });
    expect(run.messages).toContain('1 obsolete, decommissioned or unknown records were left out.');
    const id = `${connector.id}:16777220`;
    expect(await h.asset('sccm', id)).toMatchObject({
      name: 'WKS-0417',
      serial: '7XK21M3',
      manufacturer: 'Dell Inc.',
      model: 'Latitude 7440',
      class_key: 'laptop',
      os_family: 'windows',
      memory_mb: 16256,
      last_user: 'ada',
    });
    expect(await h.titles('sccm', id)).toEqual(['7-Zip 24.08 (x64)', 'Microsoft Visio Professional 2021']);
    expect(await h.asset('sccm', `${connector.id}:16777223`)).toBeUndefined();
    const keys = await sql<{ value: string }>`select k.value from identity_keys k join observations o on o.id = k.observation_id
      where o.native_id like ${`${connector.id}:%`} and k.kind = 'udid' order by k.value`.execute(h.t.db);
    expect(keys.rows).toHaveLength(2);
    data['SMS_G_System_INSTALLED_SOFTWARE']?.splice(1, 1);
    await h.run(connector);
    expect(await h.titles('sccm', id)).toEqual(['7-Zip 24.08 (x64)']);
  });

  test('without links it goes on by what was skipped, over many pages, and stops when the service does not skip', async () => {
    links = false;
    data['SMS_R_System'] = Array.from({ length: 120 }, (_, i) => ({ ResourceID: 1000 + i, Name: `PC-${i}`, Client: 0 }));
    const connector = await add();
    expect(await h.run(connector)).toMatchObject({ state: 'ok', devices: 120, cells: allOk });
    vendor.faults.push((r) => (r.path.endsWith('/SMS_R_System') ? { json: { value: data['SMS_R_System']?.slice(0, 50) } } : undefined));
    expect(await h.run(connector)).toMatchObject({ cells: { software: 'ok', devices: 'failed' } });
    const missing = await sql<{
      n: string;
    }>`select count(*) as n from connector_items where connector_id = ${connector.id} and missing_since is not null`.execute(h.t.db);
    expect(missing.rows[0]?.n).toBe('0');
  });

  test('a class that is switched off is said; one denied class denies its listing by name, and removes no title', async () => {
    const connector = await add();
    delete data['SMS_G_System_X86_PC_MEMORY'];
    const run = await h.run(connector);
    expect(run).toMatchObject({ state: 'ok' });
    expect(run.messages).toContain('SMS_G_System_X86_PC_MEMORY is not there');
    vendor.faults.push(fault((r) => r.path.endsWith('/SMS_G_System_INSTALLED_SOFTWARE'), { status: 403, text: 'Forbidden' }));
    expect(await h.run(connector)).toMatchObject({
      state: 'partly',
      cells: { software: 'denied', devices: 'ok' },
      missing: { software: 'Collection: Read Resource' },
    });
    expect(await h.titles('sccm', `${connector.id}:16777221`)).toEqual(['7-Zip 24.08 (x64)']);
  });

  test('throttling and a broken page are waited out; a page that comes twice counts once; an interrupted listing goes on', async () => {
    const connector = await add();
    data['SMS_R_System']?.push(data['SMS_R_System'][0] as Row);
    vendor.faults.push(
      fault((r) => r.path.endsWith('/SMS_R_System'), { status: 503, headers: { 'retry-after': '0' }, text: 'busy' }, 1),
      fault((r) => r.path.endsWith('/SMS_G_System_PC_BIOS'), 'hang up', 1),
    );
    expect(await h.run(connector)).toMatchObject({ state: 'ok', rows: { devices: 3 } });
    const asked = vendor.seen.length;
    const page = '/AdminService/wmi/SMS_R_System?$select=all&$skiptoken=3';
    expect(await h.resume(connector, 'devices', page)).toMatchObject({ state: 'ok' });
    const pages = vendor.seen.slice(asked).filter((r) => r.path.endsWith('/SMS_R_System'));
    expect(pages.map((r) => r.query.get('$skiptoken'))).toEqual(['3', '4']);
  });

  test('credentials that stop to count in the middle are a refused sign-in, and nothing goes', async () => {
    const connector = await add();
    await h.run(connector);
    const assets = await sql<{ n: string }>`select count(*) as n from assets`.execute(h.t.db);
    vendor.faults.push((r) => {
      if (r.query.get('$skiptoken') === '2' && r.path.endsWith('/SMS_R_System')) signIn = 'Basic of another password';
      return undefined;
    });
    expect(await h.run(connector)).toMatchObject({ cells: { software: 'ok', devices: 'denied' }, missing: { devices: null } });
    expect((await sql<{ n: string }>`select count(*) as n from assets`.execute(h.t.db)).rows).toEqual(assets.rows);
  });
});
