import {
  addRole,
  createEnrolmentKey,
  createToken,
  createUser,
  getUser,
  listRoles,
  removeRole,
  revokeEnrolmentKey,
  revokeToken,
  tokenListRoutes,
  updateUser,
  userListRoutes,
} from '@muster/api/access';
import { roleNames, rolePermissions } from '@muster/api/permissions';
import { getSettings, updateSettings } from '@muster/api/settings';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { findEnrolmentKey } from './index.ts';

const password = 'correct horse battery';

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(async () => t.close());

const status = async (token: string, url = '/api/v1/settings'): Promise<number> =>
  (await t.app.inject({ url, headers: { authorization: `Bearer ${token}` } })).statusCode;

describe('users', () => {
  test('are made, listed, read, changed with If-Match, and each step is audited with before and after', async () => {
    const made = await admin.call(createUser, { body: { email: 'Lin@Example.org', name: 'Lin', roles: [{ role: 'auditor' }] } });
    expect(made.data).toMatchObject({ email: 'Lin@Example.org', hasPassword: false, disabled: false, version: 1 });
    expect(made.etag).toBe('"1"');
    const { id } = made.data;
    const list = await admin.call(userListRoutes.list, { query: { q: 'lin', fields: 'id,name,roles,state' } });
    expect(list.data.items).toContainEqual({ id, name: 'Lin', roles: 'auditor', state: 'active' });
    await expect(admin.call(updateUser, { params: { id }, body: { name: 'Lin Wu' } })).rejects.toMatchObject({ code: 'if_match_required' });
    await expect(admin.call(updateUser, { params: { id }, body: { name: 'Lin Wu' }, ifMatch: '"7"' })).rejects.toMatchObject({
      code: 'stale',
    });
    const changed = await admin.call(updateUser, { params: { id }, body: { name: 'Lin Wu' }, ifMatch: made.etag ?? '' });
    expect(changed.etag).toBe('"2"');
    expect((await admin.call(getUser, { params: { id } })).data.name).toBe('Lin Wu');
    const { rows } = await sql<{
      action: string;
      before: { name: string } | null;
      after: { name: string };
    }>`select action, before, after from audit_log where resource_id = ${id} order by id`.execute(t.db);
    expect(rows.map((row) => [row.action, row.before?.name, row.after.name])).toEqual([
      ['user.created', undefined, 'Lin'],
      ['user.changed', 'Lin', 'Lin Wu'],
    ]);
  });

  test('of two changes to one version, one wins', async () => {
    const { data } = await admin.call(createUser, { body: { email: 'race@example.org', name: 'Race' } });
    const results = await Promise.allSettled(
      ['A', 'B', 'C'].map((name) => admin.call(updateUser, { params: { id: data.id }, body: { name }, ifMatch: '"1"' })),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'stale' });
  });

  test('name every bad field at once, an e-mail that is taken, and references to nothing', async () => {
    await expect(
      admin.call(createUser, { body: { email: 'not-an-address', name: ' ', password: 'aaaa', roles: [{ role: 'king' as never }] } }),
    ).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [
        { field: 'email', code: 'wrong_format' },
        { field: 'name', code: 'too_short' },
        { field: 'password', code: 'too_short' },
        { field: 'password', code: 'too_simple' },
        { field: 'roles[0].role', code: 'not_allowed' },
      ],
    });
    await admin.call(createUser, { body: { email: 'taken@example.org', name: 'Taken' } });
    await expect(admin.call(createUser, { body: { email: 'TAKEN@example.org', name: 'Other' } })).rejects.toMatchObject({
      code: 'conflict',
      errors: [{ field: 'email' }],
    });
    const nowhere = { kind: 'org_unit' as const, id: newId() };
    await expect(
      admin.call(createUser, {
        body: { email: 'ref@example.org', name: 'Ref', personId: newId(), roles: [{ role: 'auditor', scope: nowhere }] },
      }),
    ).rejects.toMatchObject({
      errors: [
        { field: 'personId', code: 'unknown_reference' },
        { field: 'roles[0].scope', code: 'unknown_reference' },
      ],
    });
    await expect(admin.call(getUser, { params: { id: newId() } })).rejects.toMatchObject({ code: 'not_found' });
    await expect(admin.call(getUser, { params: { id: 'x' } })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'id' }],
    });
  });

  test('the last administrator can neither be disabled nor demoted, not even by two at once', async () => {
    const fresh = await testApp({ env: { MUSTER_ADMIN_EMAIL: 'a@example.org', MUSTER_ADMIN_PASSWORD: password } });
    try {
      const root = await fresh.as('administrator');
      const list = await root.call(userListRoutes.list, { query: { filter: 'email:a@example.org' } });
      const a = (await root.call(getUser, { params: { id: list.data.items[0]?.id ?? '' } })).data;
      const removal = { params: { id: a.id, assignmentId: a.roles[0]?.id ?? '' } };
      await expect(root.call(removeRole, removal)).rejects.toMatchObject({ code: 'conflict' });
      await expect(root.call(updateUser, { params: { id: a.id }, body: { disabled: true }, ifMatch: '"1"' })).rejects.toMatchObject({
        code: 'conflict',
      });
      const b = (await root.call(createUser, { body: { email: 'b@example.org', name: 'B', password, roles: [{ role: 'administrator' }] } }))
        .data;
      const results = await Promise.allSettled([
        root.call(removeRole, removal),
        root.call(updateUser, { params: { id: b.id }, body: { disabled: true }, ifMatch: '"1"' }),
      ]);
      expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    } finally {
      await fresh.close();
    }
  });

  test('nobody gives a role beyond their own, or touches someone above', async () => {
    const { data: token } = await admin.call(createToken, {
      body: { name: 'User desk', permissions: ['users:read', 'users:write', 'self'] },
    });
    const desk = async (method: 'POST' | 'PATCH', url: string, payload: object): Promise<string> => {
      const answer = await t.app.inject({ method, url, payload, headers: { authorization: `Bearer ${token.secret}`, 'if-match': '"1"' } });
      return answer.statusCode < 300 ? 'done' : answer.json().code;
    };
    const body = { name: 'Someone', password };
    expect(await desk('POST', '/api/v1/users', { ...body, email: 'desk@example.org', roles: [{ role: 'employee' }] })).toBe('done');
    expect(await desk('POST', '/api/v1/users', { ...body, email: 'more@example.org', roles: [{ role: 'technician' }] })).toBe('forbidden');
    const above = (await admin.call(createUser, { body: { ...body, email: 'above@example.org', roles: [{ role: 'technician' }] } })).data;
    expect(await desk('PATCH', `/api/v1/users/${above.id}`, { password: 'a password of mine' })).toBe('forbidden');
    expect(await desk('POST', `/api/v1/users/${above.id}/roles`, { role: 'administrator' })).toBe('forbidden');
  });

  test('a role that holds for a part of the organisation does not open what belongs to all of it', async () => {
    const unit = newId();
    await sql`insert into org_units (id, name, path) values (${unit}, 'Branch', ${[unit]}::uuid[])`.execute(t.db);
    const local = await t.as('administrator', { kind: 'org_unit', id: unit });
    await expect(local.call(userListRoutes.list, {})).rejects.toMatchObject({ code: 'forbidden' });
    await expect(local.call(createEnrolmentKey, { body: { name: 'Mine' } })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(local.call(updateSettings, { body: { currency: 'CHF' } })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await local.call(getSettings, {})).data.currency).toBe('EUR');
  });

  test('a role given or taken counts from the next request on', async () => {
    const person = await t.as('employee');
    await expect(person.call(userListRoutes.list, {})).rejects.toMatchObject({ code: 'forbidden' });
    const given = await admin.call(addRole, { params: { id: person.userId }, body: { role: 'auditor' } });
    expect((await person.call(userListRoutes.list, {})).data.items.length).toBeGreaterThan(0);
    await expect(admin.call(addRole, { params: { id: person.userId }, body: { role: 'auditor' } })).rejects.toMatchObject({
      code: 'conflict',
    });
    const assignmentId = given.data.roles.find((role) => role.role === 'auditor')?.id ?? '';
    await admin.call(removeRole, { params: { id: person.userId, assignmentId } });
    await expect(person.call(userListRoutes.list, {})).rejects.toMatchObject({ code: 'forbidden' });
    await admin.call(updateUser, { params: { id: person.userId }, body: { disabled: true }, ifMatch: '"3"' });
    await expect(person.call(getSettings, {})).rejects.toMatchObject({ code: 'not_signed_in' });
  });

  test('the roles are those of the shared language', async () => {
    const { items } = (await admin.call(listRoles, {})).data;
    expect(items.map((role) => role.name)).toEqual([...roleNames]);
    for (const role of items) expect(role.permissions).toEqual([...rolePermissions[role.name]]);
  });
});

describe('tokens', () => {
  test('work until revoked, show their secret once, and are audited', async () => {
    const { data } = await admin.call(createToken, { body: { name: 'CI', permissions: ['self', 'assets:read'] } });
    expect(data.secret).toMatch(/^mst_[\w-]{43}$/);
    expect(await status(data.secret)).toBe(200);
    expect(await status(data.secret, '/api/v1/users')).toBe(403);
    const list = await admin.call(tokenListRoutes.list, { query: { filter: 'name:CI' } });
    expect(JSON.stringify(list.data)).not.toContain(data.secret);
    expect(list.data.items[0]).toMatchObject({ state: 'active', user: { id: admin.userId } });
    expect(list.data.items[0]?.lastUsedAt).not.toBeNull();
    const { rows } = await sql<{
      text: string;
    }>`select row_to_json(x)::text as text from api_tokens x union all select row_to_json(a)::text from audit_log a union all select row_to_json(i)::text from idempotency_keys i`.execute(
      t.db,
    );
    for (const row of rows) expect(row.text).not.toContain(data.secret);
    expect((await admin.call(revokeToken, { params: { id: data.id } })).data.state).toBe('revoked');
    expect(await status(data.secret)).toBe(401);
  });

  test('expire', async () => {
    const expiresAt = new Date(Date.now() + 3600_000).toISOString();
    const { data } = await admin.call(createToken, { body: { name: 'Short', permissions: ['self'], expiresAt } });
    expect(await status(data.secret)).toBe(200);
    t.setNow(new Date(Date.now() + 3601_000));
    expect(await status(data.secret)).toBe(401);
    t.setNow(null);
    await expect(
      admin.call(createToken, { body: { name: 'Past', permissions: ['self'], expiresAt: '2020-01-01T00:00:00Z' } }),
    ).rejects.toMatchObject({ errors: [{ field: 'expiresAt', code: 'in_the_past' }] });
  });

  test('never do more than their maker may, at any time', async () => {
    const maker = await t.as('employee');
    const given = await admin.call(addRole, { params: { id: maker.userId }, body: { role: 'administrator' } });
    const { data } = await maker.call(createToken, { body: { name: 'Made by a maker', permissions: ['users:read', 'self'] } });
    expect(await status(data.secret, '/api/v1/users')).toBe(200);
    await admin.call(removeRole, {
      params: { id: maker.userId, assignmentId: given.data.roles.find((role) => role.role === 'administrator')?.id ?? '' },
    });
    expect(await status(data.secret, '/api/v1/users')).toBe(403);
    expect(await status(data.secret)).toBe(200);
    await admin.call(updateUser, { params: { id: maker.userId }, body: { disabled: true }, ifMatch: '"3"' });
    expect(await status(data.secret)).toBe(401);
  });

  test('hold only permissions their maker holds; every other is named', async () => {
    const auditor = await t.as('auditor');
    await expect(auditor.call(createToken, { body: { name: 'No', permissions: ['assets:read'] } })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const { data } = await admin.call(createToken, { body: { name: 'Narrow', permissions: ['users:write', 'self'] } });
    const answer = await t.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: { authorization: `Bearer ${data.secret}` },
      payload: { name: 'Wider', permissions: ['self', 'assets:read', 'users:write', 'audit:read'], scope: { kind: 'place', id: newId() } },
    });
    expect(answer.json()).toMatchObject({
      errors: [
        { field: 'permissions[1]', code: 'not_held' },
        { field: 'permissions[3]', code: 'not_held' },
        { field: 'scope', code: 'unknown_reference' },
      ],
    });
  });

  test('for a part of the organisation are limited to it', async () => {
    const unit = newId();
    await sql`insert into org_units (id, name, path) values (${unit}, 'Part', ${[unit]}::uuid[])`.execute(t.db);
    const { data } = await admin.call(createToken, {
      body: { name: 'Part', permissions: ['users:read'], scope: { kind: 'org_unit', id: unit } },
    });
    expect(await status(data.secret, '/api/v1/users')).toBe(403);
  });

  test.each(['', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer mst_unknown', `Bearer ${'x'.repeat(5000)}`])(
    'nonsense is 401: %s',
    async (authorization) => {
      expect((await t.app.inject({ url: '/api/v1/settings', headers: { authorization } })).statusCode).toBe(401);
    },
  );
});

describe('enrolment keys', () => {
  test('are found until revoked or expired, with their tag', async () => {
    const { data } = await admin.call(createEnrolmentKey, { body: { name: 'Berlin', tag: 'berlin' } });
    expect(data.key).toMatch(/^mek_/);
    expect(await findEnrolmentKey(t.platform, data.key)).toEqual({ id: data.id, name: 'Berlin', tag: 'berlin', kind: 'agent' });
    await admin.call(revokeEnrolmentKey, { params: { id: data.id } });
    expect(await findEnrolmentKey(t.platform, data.key)).toBeNull();
    expect(await findEnrolmentKey(t.platform, t.enrolmentKey)).toMatchObject({ name: 'MUSTER_ENROLMENT_KEY' });
    for (const wrong of ['', 'x', `${data.key}x`, '0'.repeat(300)]) expect(await findEnrolmentKey(t.platform, wrong)).toBeNull();
  });

  test('revoked by another process are refused within seconds, expired ones at once', async () => {
    const start = Date.now();
    t.setNow(new Date(start));
    const { data } = await admin.call(createEnrolmentKey, {
      body: { name: 'Elsewhere', expiresAt: new Date(start + 60_000).toISOString() },
    });
    expect(await findEnrolmentKey(t.platform, data.key)).not.toBeNull();
    t.setNow(new Date(start + 60_001));
    expect(await findEnrolmentKey(t.platform, data.key)).toBeNull();
    const { data: second } = await admin.call(createEnrolmentKey, { body: { name: 'Second' } });
    expect(await findEnrolmentKey(t.platform, second.key)).not.toBeNull();
    await sql`update enrolment_keys set revoked_at = now() where id = ${second.id}`.execute(t.db);
    t.setNow(new Date(start + 65_000));
    expect(await findEnrolmentKey(t.platform, second.key)).toBeNull();
    t.setNow(null);
  });
});
