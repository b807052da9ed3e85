import {
  changeOwnPassword,
  completeSetup,
  createUser,
  getSession,
  getSetup,
  listMySessions,
  revokeMySession,
  updateUser,
} from '@muster/api/access';
import { getAuditEntry } from '@muster/api/audit';
import type { LightMyRequestResponse } from 'fastify';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { bootstrapAccess } from './bootstrap.ts';

const password = 'correct horse battery';

let t: TestApp;
let admin: TestActor;
let address = 0;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(async () => t.close());

/** Every test signs in from an address of its own, so that one's failures do not lock out another. */
const nextAddress = (): string => `10.9.${Math.floor(++address / 250)}.${address % 250}`;

async function makeUser(name: string): Promise<{ id: string; email: string }> {
  const email = `${name}@example.org`;
  const { data } = await admin.call(createUser, { body: { email, name, password, roles: [{ role: 'technician' }] } });
  return { id: data.id, email };
}

async function signIn(email: string, secret: string, from = nextAddress()): Promise<LightMyRequestResponse> {
  return t.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { email, password: secret },
    remoteAddress: from,
    headers: { 'user-agent': 'Test browser' },
  });
}

function cookieOf(answer: LightMyRequestResponse): string {
  const found = answer.cookies.find((cookie) => cookie.name === 'muster_session');
  if (!found) throw new Error(`no cookie: ${answer.body}`);
  return `muster_session=${found.value}`;
}

const whoami = async (cookie: string): Promise<LightMyRequestResponse> => t.app.inject({ url: '/api/v1/session', headers: { cookie } });

async function auditActions(resourceId: string): Promise<string[]> {
  const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${resourceId} order by id`.execute(t.db);
  return rows.map((row) => row.action);
}

describe('sign-in', () => {
  test('sets a protected cookie, answers the session, and both outcomes are audited', async () => {
    const { id, email } = await makeUser('ada');
    expect((await signIn(email, 'wrong password 1')).json()).toMatchObject({ status: 401, code: 'wrong_credentials' });
    const answer = await signIn(email.toUpperCase(), password);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ user: { id, email }, roles: [{ role: 'technician', scope: { kind: 'all' } }] });
    expect(answer.json().permissions).toContain('assets:write');
    expect(answer.headers['set-cookie']).toMatch(/HttpOnly/);
    expect(answer.headers['set-cookie']).toMatch(/SameSite=Lax/);
    expect(answer.headers['set-cookie']).not.toMatch(/Secure/);
    expect((await whoami(cookieOf(answer))).json().user.id).toBe(id);
    expect(await auditActions(id)).toEqual(['user.created', 'session.refused', 'session.opened']);
  });

  test('keeps only a hash of the session, and of the password a salted argon2id', async () => {
    const { id, email } = await makeUser('hash');
    const secret = cookieOf(await signIn(email, password)).split('=')[1] ?? '';
    const { rows } = await sql<{
      text: string;
    }>`select row_to_json(s)::text || row_to_json(u)::text as text from sessions s join users u on u.id = s.user_id where u.id = ${id}`.execute(
      t.db,
    );
    expect(rows[0]?.text).not.toContain(secret);
    expect(rows[0]?.text).not.toContain(password);
    expect(rows[0]?.text).toContain('$argon2id$');
  });

  test('answers the same for an unknown e-mail, a wrong password and a disabled user', async () => {
    const { id, email } = await makeUser('gone');
    const user = await admin.call(updateUser, { params: { id }, body: { disabled: true }, ifMatch: '"1"' });
    expect(user.data.disabled).toBe(true);
    const answers = await Promise.all([signIn('nobody@example.org', password), signIn(email, 'wrong password 1'), signIn(email, password)]);
    const bodies = answers.map((answer) => ({ ...answer.json(), requestId: '' }));
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
  });

  test('is refused after five failures from one address, also with the right password, and open again after the window', async () => {
    const { email } = await makeUser('limited');
    const from = nextAddress();
    t.setNow(new Date());
    try {
      for (let i = 0; i < 5; i++) expect((await signIn(email, `wrong password ${i}`, from)).statusCode).toBe(401);
      const refused = await signIn(email, password, from);
      expect(refused.json()).toMatchObject({ status: 429, code: 'too_many_requests' });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(200);
      expect((await signIn(email, password)).statusCode).toBe(200);
      t.setNow(new Date(Date.now() + 6 * 60_000));
      expect((await signIn(email, password, from)).statusCode).toBe(200);
    } finally {
      t.setNow(null);
    }
  });

  test('is refused from an address that fails with many accounts', async () => {
    const from = nextAddress();
    for (let i = 0; i < 50; i++) await signIn(`guess-${i}@example.org`, 'wrong password 1', from);
    expect((await signIn('guess-51@example.org', 'wrong password 1', from)).statusCode).toBe(429);
  }, 60_000);
});

describe('a session', () => {
  test('ends by signing out, and the cookie is taken back', async () => {
    const { id, email } = await makeUser('leaver');
    const cookie = cookieOf(await signIn(email, password));
    const out = await t.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie, 'x-muster-request': '1' } });
    expect(out.statusCode).toBe(204);
    expect(out.headers['set-cookie']).toMatch(/muster_session=;/);
    expect((await whoami(cookie)).statusCode).toBe(401);
    expect(await auditActions(id)).toContain('session.ended');
  });

  test('slides by use, ends after 12 idle hours, and after 7 days in any case', async () => {
    const { email } = await makeUser('slider');
    const start = Date.now();
    const hours = (n: number): void => t.setNow(new Date(start + n * 3600_000));
    try {
      hours(0);
      const idle = cookieOf(await signIn(email, password));
      const used = cookieOf(await signIn(email, password));
      for (let hour = 10; hour < 168; hour += 10) {
        hours(hour);
        expect((await whoami(used)).statusCode).toBe(200);
        if (hour === 20) expect((await whoami(idle)).statusCode).toBe(401);
      }
      hours(168.1);
      expect((await whoami(used)).statusCode).toBe(401);
    } finally {
      t.setNow(null);
    }
  });

  test('can be seen and ended by its owner only', async () => {
    const { email } = await makeUser('owner');
    const other = await t.as('employee');
    const first = cookieOf(await signIn(email, password));
    const second = cookieOf(await signIn(email, password));
    const list = await t.app.inject({ url: listMySessions.path, headers: { cookie: first } });
    const items = list.json().items as { id: string; current: boolean; userAgent: string }[];
    expect(items.filter((item) => item.current)).toHaveLength(1);
    expect(items).toHaveLength(2);
    expect(items[0]?.userAgent).toBe('Test browser');
    const id = items.find((item) => !item.current)?.id ?? '';
    await expect(other.call(revokeMySession, { params: { id } })).rejects.toMatchObject({ code: 'not_found' });
    const ended = await t.app.inject({
      method: 'DELETE',
      url: `/api/v1/account/sessions/${id}`,
      headers: { cookie: first, 'x-muster-request': '1' },
    });
    expect(ended.statusCode).toBe(204);
    expect((await whoami(second)).statusCode).toBe(401);
    expect((await whoami(first)).statusCode).toBe(200);
  });

  test('changes its password with the current one, which ends the other sessions', async () => {
    const { email } = await makeUser('changer');
    const here = cookieOf(await signIn(email, password));
    const there = cookieOf(await signIn(email, password));
    const change = async (body: object): Promise<LightMyRequestResponse> =>
      t.app.inject({ method: 'POST', url: changeOwnPassword.path, headers: { cookie: here, 'x-muster-request': '1' }, payload: body });
    expect((await change({ currentPassword: 'wrong password 1', newPassword: 'another long password' })).json().code).toBe(
      'wrong_credentials',
    );
    const weak = await change({ currentPassword: '', newPassword: 'aaa' });
    expect(weak.json()).toMatchObject({ code: 'validation_failed' });
    expect(weak.json().errors.map((error: { field: string; code: string }) => `${error.field} ${error.code}`)).toEqual([
      'currentPassword too_short',
      'newPassword too_short',
      'newPassword too_simple',
    ]);
    expect((await change({ currentPassword: password, newPassword: 'another long password' })).statusCode).toBe(204);
    expect((await whoami(here)).statusCode).toBe(200);
    expect((await whoami(there)).statusCode).toBe(401);
    expect((await signIn(email, password)).statusCode).toBe(401);
    expect((await signIn(email, 'another long password')).statusCode).toBe(200);
  });
});

describe('cross-site request forgery', () => {
  const send = async (headers: Record<string, string>): Promise<LightMyRequestResponse> => {
    const { headers: own } = await t.app.inject({ url: '/healthz' });
    expect(own).toBeDefined();
    return t.app.inject({ method: 'PATCH', url: '/api/v1/settings', payload: { currency: 'CHF' }, headers: { cookie, ...headers } });
  };
  let cookie = '';
  beforeAll(async () => {
    const email = 'csrf@example.org';
    await admin.call(createUser, { body: { email, name: 'Csrf', password, roles: [{ role: 'administrator' }] } });
    cookie = cookieOf(await signIn(email, password));
  });

  test.each([
    ['without the header', {}, 403],
    ['with the header', { 'x-muster-request': '1' }, 200],
    ['from another site', { 'x-muster-request': '1', 'sec-fetch-site': 'cross-site' }, 403],
    ['from a sister subdomain', { 'x-muster-request': '1', 'sec-fetch-site': 'same-site' }, 403],
    ['from the application', { 'x-muster-request': '1', 'sec-fetch-site': 'same-origin' }, 200],
    ['with a foreign origin', { 'x-muster-request': '1', origin: 'https://evil.example' }, 403],
    ['with a null origin', { 'x-muster-request': '1', origin: 'null' }, 403],
    ['with the host’s own origin', { 'x-muster-request': '1', origin: 'http://muster.example:8080', host: 'muster.example:8080' }, 200],
  ])('a change %s', async (_, headers, status) => {
    const answer = await send(headers);
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json().code).toBe('csrf');
  });

  test('reading needs no header, a bearer token neither', async () => {
    expect((await t.app.inject({ url: '/api/v1/settings', headers: { cookie } })).statusCode).toBe(200);
    const answer = await t.app.inject({
      method: 'PATCH',
      url: '/api/v1/settings',
      payload: { currency: 'EUR' },
      headers: { authorization: `Bearer ${t.token}` },
    });
    expect(answer.statusCode).toBe(200);
  });
});

describe('set-up', () => {
  test('the one-time link makes exactly one administrator, however many use it at once', async () => {
    const fresh = await testApp();
    try {
      const anyone = fresh.anonymous;
      expect((await anyone.call(getSetup, {})).data).toEqual({ needed: true });
      const stale = (await bootstrapAccess(fresh.platform)).setupPath?.split('token=')[1] ?? '';
      const token = (await bootstrapAccess(fresh.platform)).setupPath?.split('token=')[1] ?? '';
      const body = (n: number): { token: string; email: string; name: string; password: string } => ({
        token,
        email: `first-${n}@example.org`,
        name: `First ${n}`,
        password,
      });
      await expect(anyone.call(completeSetup, { body: { ...body(0), token: stale } })).rejects.toMatchObject({ code: 'link_expired' });
      await expect(anyone.call(completeSetup, { body: { token: '', email: 'no', name: '', password: 'aaaaa' } })).rejects.toMatchObject({
        code: 'validation_failed',
        errors: [{ field: 'token' }, { field: 'email' }, { field: 'name' }, { field: 'password' }, { field: 'password' }],
      });
      const results = await Promise.allSettled([0, 1, 2, 3].map((n) => anyone.call(completeSetup, { body: body(n) })));
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'already_set_up' });
      expect((await anyone.call(getSetup, {})).data).toEqual({ needed: false });
      expect((await bootstrapAccess(fresh.platform)).setupPath).toBeNull();
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from users`.execute(fresh.db);
      expect(rows[0]?.n).toBe(1);
    } finally {
      await fresh.close();
    }
  });

  test('the link ends after 24 hours', async () => {
    const fresh = await testApp();
    try {
      const token = (await bootstrapAccess(fresh.platform)).setupPath?.split('token=')[1] ?? '';
      fresh.setNow(new Date(Date.now() + 24.1 * 3600_000));
      await expect(
        fresh.anonymous.call(completeSetup, { body: { token, email: 'late@example.org', name: 'Late', password } }),
      ).rejects.toMatchObject({ code: 'link_expired' });
    } finally {
      await fresh.close();
    }
  });

  test('the environment makes the first administrator, token and key, and replaces the latter two when they change', async () => {
    const fresh = await testApp({ env: { MUSTER_ADMIN_EMAIL: 'grace.hopper@example.org', MUSTER_ADMIN_PASSWORD: password } });
    try {
      const answer = await fresh.app.inject({
        method: 'POST',
        url: '/api/v1/session',
        payload: { email: 'grace.hopper@example.org', password },
      });
      expect(answer.json().user.name).toBe('Grace Hopper');
      const asToken = async (token: string): Promise<number> =>
        (await fresh.app.inject({ url: '/api/v1/users', headers: { authorization: `Bearer ${token}` } })).statusCode;
      expect(await asToken(fresh.token)).toBe(200);
      await bootstrapAccess({ ...fresh.platform, config: { ...fresh.platform.config, apiToken: 'mst_another_token_of_the_environment' } });
      expect(await asToken(fresh.token)).toBe(401);
      expect(await asToken('mst_another_token_of_the_environment')).toBe(200);
      const { rows } = await sql<{ action: string }>`select action from audit_log where actor_kind = 'system' order by id`.execute(
        fresh.db,
      );
      expect(rows.map((row) => row.action)).toEqual([
        'token.created',
        'enrolment_key.created',
        'user.created',
        'token.revoked',
        'token.created',
      ]);
    } finally {
      await fresh.close();
    }
  });
});

test('an audit entry of a sign-in carries address and request id', async () => {
  const { id, email } = await makeUser('traced');
  const from = nextAddress();
  await t.app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { email, password },
    remoteAddress: from,
    headers: { 'x-request-id': 'trace-me-1' },
  });
  const { rows } = await sql<{ id: string }>`select id from audit_log where resource_id = ${id} and action = 'session.opened'`.execute(
    t.db,
  );
  const { data } = await admin.call(getAuditEntry, { params: { id: rows[0]?.id ?? '' } });
  expect(data).toMatchObject({ ip: from, requestId: 'trace-me-1', actorKind: 'user', actorId: id });
});

test('a session without credentials is 401', async () => {
  await expect(t.anonymous.call(getSession, {})).rejects.toMatchObject({ code: 'not_signed_in' });
});
