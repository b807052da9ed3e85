import { createEnrolmentKey, getSession, listRoles } from '@muster/api/access';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, testDb, type TestApp } from './index.ts';

let t: TestApp;
beforeAll(async () => {
  t = await testApp();
});
afterAll(async () => t.close());

test('a role signs in with its permissions and scope, through the real door', async () => {
  const manager = await t.as('asset_manager', { kind: 'asset_class', key: 'laptop' });
  const { data } = await manager.call(getSession, {});
  expect(data.user.id).toBe(manager.userId);
  expect(data.roles).toEqual([{ role: 'asset_manager', scope: { kind: 'asset_class', key: 'laptop' } }]);
  expect(data.permissions).toContain('assets:write');
});

test('a problem is thrown with its code; a change passes the forgery guard and is audited', async () => {
  const employee = await t.as('employee');
  await expect(employee.call(listRoles, {})).rejects.toMatchObject({ name: 'ApiProblem', code: 'forbidden' });
  await expect(t.anonymous.call(listRoles, {})).rejects.toMatchObject({ code: 'not_signed_in' });
  const admin = await t.as('administrator');
  await admin.call(createEnrolmentKey, { body: { name: 'Office' } });
  const { rows } = await sql<{ n: number }>`select count(*)::int n from audit_log where actor_id = ${admin.userId}`.execute(t.db);
  expect(rows[0]?.n).toBe(1);
});

test('the bootstrap token and raw requests work', async () => {
  const answer = await t.anonymous.inject({ url: '/api/v1/roles', headers: { authorization: `Bearer ${t.token}` } });
  expect(answer.statusCode).toBe(200);
});

test('the clock can be set', async () => {
  const late = new Date('2030-05-06T07:08:09Z');
  t.setNow(late);
  expect(t.platform.now()).toEqual(late);
  const user = await t.as('auditor');
  t.setNow(new Date(late.getTime() + 13 * 3600_000));
  await expect(user.call(getSession, {})).rejects.toMatchObject({ code: 'not_signed_in' });
  t.setNow(null);
  expect(Math.abs(t.platform.now().getTime() - Date.now())).toBeLessThan(1000);
});

test('databases are apart, and gone after close', async () => {
  const other = await testDb();
  const { rows } = await sql<{ n: number }>`select count(*)::int n from users`.execute(other.db);
  expect(rows[0]?.n).toBe(0);
  const name = new URL(other.url).pathname.slice(1);
  await other.close();
  const { rows: left } = await sql<{ n: number }>`select count(*)::int n from pg_database where datname = ${name}`.execute(t.db);
  expect(left[0]?.n).toBe(0);
});

test('no job is left running', async () => {
  await t.jobsDone();
});
