import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnector } from '@muster/api/connectors';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connectorHarness, type Harness } from './test-harness.ts';
import { type FakeVendor, fakeVendor, fault, type VendorAnswer, type VendorRequestSeen } from './test-vendor.ts';

type Row = Record<string, unknown>;
interface Recorded {
  chromeosdevices: Row[];
  mobiledevices: Row[];
  users: Row[];
}
const recorded = (): Recorded => JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'google.json'), 'utf8')) as Recorded;

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const keyFile = JSON.stringify({
  type: 'service_account',
  private_key_id: 'key-1',
  private_key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  client_email: 'muster@contoso-it.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
});
const scopeOf = (name: string): string => `https://www.googleapis.com/auth/admin.directory.${name}.readonly`;

let h: Harness;
let vendor: FakeVendor;
let data: Recorded;
/** Token -> the OAuth scope it is for; taking one out is its expiry. */
let tokens: Map<string, string>;
/** What the administrator delegated to the service account. */
let delegated: Set<string>;

beforeAll(async () => {
  h = await connectorHarness();
});
afterAll(() => h.t.close());
beforeEach(async () => {
  data = recorded();
  tokens = new Map();
  delegated = new Set(['device.chromeos', 'device.mobile', 'user'].map(scopeOf));
  vendor = await fakeVendor(answer);
});
afterEach(() => vendor.close());

function token(request: VendorRequestSeen): VendorAnswer {
  const assertion = new URLSearchParams(request.body).get('assertion') ?? '';
  const [head = '', claims = '', signature = ''] = assertion.split('.');
  const read = (part: string): Row => JSON.parse(Buffer.from(part, 'base64url').toString()) as Row;
  const { iss, sub, scope, aud, iat, exp } = read(claims) as {
    iss?: string;
    sub?: string;
    scope?: string;
    aud?: string;
    iat?: number;
    exp?: number;
  };
  const genuine = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    createPublicKey(keys.privateKey),
    Buffer.from(signature, 'base64url'),
  );
  if (!genuine || read(head)['alg'] !== 'RS256' || aud !== `${vendor.url}/token` || (exp ?? 0) - (iat ?? 0) !== 3600)
    return { status: 400, json: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' } };
  if (sub !== 'admin@contoso.example' || !iss?.endsWith('.iam.gserviceaccount.com'))
    return { status: 400, json: { error: 'invalid_grant', error_description: 'Invalid email or User ID' } };
  if (!delegated.has(scope ?? ''))
    return {
      status: 401,
      json: { error: 'unauthorized_client', error_description: 'Client is not authorized for any of the scopes requested.' },
    };
  const made = `ya29.${tokens.size + 1}-${vendor.seen.length}`;
  tokens.set(made, scope ?? '');
  return { json: { access_token: made, token_type: 'Bearer', expires_in: 3599 } };
}

/** The Directory API in pages of one. */
function answer(request: VendorRequestSeen): VendorAnswer | undefined {
  if (request.path === '/token') return token(request);
  const scope = tokens.get(request.headers.authorization?.replace('Bearer ', '') ?? '');
  if (scope === undefined) return { status: 401, json: { error: { code: 401, status: 'UNAUTHENTICATED' } } };
  const base = '/admin/directory/v1';
  const listing = (
    {
      [`${base}/customer/my_customer/devices/chromeos`]: ['chromeosdevices', 'device.chromeos'],
      [`${base}/customer/my_customer/devices/mobile`]: ['mobiledevices', 'device.mobile'],
      [`${base}/users`]: ['users', 'user'],
    } as const
  )[request.path];
  if (!listing) return undefined;
  const [name, right] = listing;
  if (scope !== scopeOf(right)) return { status: 403, json: { error: { code: 403, status: 'PERMISSION_DENIED' } } };
  const given = request.query.get('pageToken');
  if (given !== null && !given.startsWith('after-'))
    return { status: 400, json: { error: { code: 400, message: 'Invalid Input: pageToken', status: 'INVALID_ARGUMENT' } } };
  const from = given === null ? 0 : Number(given.slice(6));
  return {
    json: {
      kind: `admin#directory#${name}`,
      [name]: data[name].slice(from, from + 1),
      ...(from + 1 < data[name].length ? { nextPageToken: `after-${from + 1}` } : {}),
    },
  };
}

const body = (more: object = {}) => ({
  kind: 'google' as const,
  name: `Google ${vendor.url}`,
  settings: { adminEmail: 'admin@contoso.example', apiUrl: vendor.url, tokenUrl: vendor.url, ...more },
  secrets: { key: keyFile },
});
const allOk = { chrome_devices: 'ok', mobile_devices: 'ok', users: 'ok' };
const chromebook = '5b1c7a52-8f0d-4e3b-9d21-0c6fd1a2b301';
const phone = (): string => String(recorded().mobiledevices[0]?.['resourceId']);

describe('Google Workspace', () => {
  test('ChromeOS devices, mobile devices with their apps and ids, and people', async () => {
    const connector = await h.add(body());
    const run = await h.run(connector);
    expect(run).toMatchObject({ state: 'ok', devices: 4, people: 2, cells: allOk });
    expect(run.messages).toContain('1 deprovisioned devices were left out.');
    expect(await h.asset('google', chromebook)).toMatchObject({
      serial: '5CD0123XYZ',
      manufacturer: 'HP',
      class_key: 'laptop',
      memory_mb: 8192,
      last_user: 'grace@contoso.example',
    });
    expect(await h.asset('google', phone())).toMatchObject({ serial: '38111FDJH00ABC', class_key: 'phone' });
    expect(await h.titles('google', phone())).toEqual(['Gmail', 'Slack']);
    // Its synchronisation alone makes no asset of a device.
    expect(await h.asset('google', 'AFiQxQ8second')).toBeUndefined();
    const ids = await sql<{ value: string }>`select value from identity_keys k join observations o on o.id = k.observation_id
      where o.source = 'google' and k.kind = 'imei' order by value`.execute(h.t.db);
    expect(ids.rows.map((r) => r.value)).toEqual(['35693803564380', 'A0000049F59E20']);
    const people =
      await sql`select name, login, employee_number, job_title, active from people where source = 'google' order by name`.execute(h.t.db);
    expect(people.rows).toEqual([
      { name: 'Ada Lovelace', login: 'ada@contoso.example', employee_number: '1815', job_title: 'Analyst', active: true },
      { name: 'Grace Hopper', login: 'grace@contoso.example', employee_number: null, job_title: null, active: false },
    ]);
    const before = await sql`select id, version from assets order by id`.execute(h.t.db);
    expect(await h.run(connector)).toMatchObject({ state: 'ok', cells: allOk });
    expect((await sql`select id, version from assets order by id`.execute(h.t.db)).rows).toEqual(before.rows);
  });

  test('a scope that was not delegated, or is refused, is denied by its name; the others arrive and nothing is removed', async () => {
    const connector = await h.add(body());
    await h.run(connector);
    delegated.delete(scopeOf('device.mobile'));
    expect(await h.run(connector)).toMatchObject({
      state: 'partly',
      cells: { ...allOk, mobile_devices: 'denied' },
      missing: { chrome_devices: null, mobile_devices: scopeOf('device.mobile'), users: null },
    });
    expect(await h.titles('google', phone())).toEqual(['Gmail', 'Slack']);
    delegated.add(scopeOf('device.mobile'));
    vendor.faults.push(
      fault((r) => r.path.endsWith('/users'), {
        status: 403,
        json: { error: { code: 403, message: 'Request had insufficient authentication scopes.', status: 'PERMISSION_DENIED' } },
      }),
    );
    expect(await h.run(connector)).toMatchObject({ cells: { ...allOk, users: 'denied' }, missing: { users: scopeOf('user') } });
  });

  test('a used-up quota is waited out, whether by 403 or 429, and written down when it stays', async () => {
    const connector = await h.add(body());
    const used = { status: 403, headers: { 'retry-after': '0' }, json: { error: { code: 403, errors: [{ reason: 'quotaExceeded' }] } } };
    vendor.faults.push(
      fault((r) => r.path.endsWith('/chromeos'), used, 2),
      fault((r) => r.path.endsWith('/mobile'), { status: 429, headers: { 'retry-after': '0' }, json: {} }, 1),
    );
    const run = await h.run(connector);
    expect(run.cells).toEqual(allOk);
    expect(run.messages).toContain('asks for fewer requests (403)');
    vendor.faults.push(fault((r) => r.path.endsWith('/users'), { ...used, headers: { 'retry-after': '7200' } }));
    expect((await h.run(connector)).cells).toEqual({ ...allOk, users: 'throttled' });
  });

  test('a token that expires between two pages is asked for again; a page that comes twice counts once', async () => {
    const connector = await h.add(body());
    let expired = false;
    vendor.faults.push((r) => {
      if (!expired && r.path.endsWith('/mobile') && r.query.get('pageToken') === 'after-1') {
        tokens.clear();
        expired = true;
      }
      return undefined;
    });
    data.chromeosdevices.push(data.chromeosdevices[0] as Row);
    const run = await h.run(connector);
    expect(run).toMatchObject({ state: 'ok', rows: { chrome_devices: 2, mobile_devices: 2 } });
    expect(expired).toBe(true);
  });

  test('an interrupted listing goes on at its page, and begins again when that page is not known any more', async () => {
    const connector = await h.add(body());
    await h.run(connector);
    const asked = vendor.seen.length;
    expect(await h.resume(connector, 'mobile_devices', 'after-1')).toMatchObject({ state: 'ok', cells: allOk });
    const pages = () => vendor.seen.slice(asked).flatMap((r) => (r.path.endsWith('/mobile') ? [r.query.get('pageToken')] : []));
    expect(pages()).toEqual(['after-1']);
    expect(await h.resume(connector, 'mobile_devices', 'of last week')).toMatchObject({ state: 'ok', cells: allOk });
    expect(pages()).toEqual(['after-1', 'of last week', null, 'after-1']);
  });

  test('an administrator that is not there is a refused sign-in; a file that is no key is refused at once', async () => {
    const run = await h.run(await h.add(body({ adminEmail: 'nobody@contoso.example' })));
    expect(run).toMatchObject({ state: 'failed', missing: { chrome_devices: null } });
    expect(new Set(Object.values(run.cells))).toEqual(new Set(['denied']));
    await expect(h.admin.call(createConnector, { body: { ...body(), name: 'No key', secrets: { key: '{"a":1}' } } })).rejects.toThrow();
    const kept = await sql<{
      all: string;
    }>`select (select string_agg(l::text, ' ') from connector_log l) || (select string_agg(x::text, ' ') from connector_cells x)
      || (select string_agg(u::text, ' ') from audit_log u) as all`.execute(h.t.db);
    expect(kept.rows[0]?.all).not.toContain('PRIVATE KEY');
  });
});
