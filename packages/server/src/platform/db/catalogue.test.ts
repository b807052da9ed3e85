import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distributionViolations } from '../../testing/catalogue-rules.ts';
import { testDb, type TestDb } from '../../testing/index.ts';

let t: TestDb;
beforeAll(async () => {
  t = await testDb();
});
afterAll(async () => t.close());

test('per-asset tables can be distributed by asset', async () => {
  expect(await distributionViolations(t.db)).toEqual([]);
});

test('a planted violation is noticed', async () => {
  await sql`create table planted_a (id uuid primary key, asset_id uuid not null, serial text unique)`.execute(t.db);
  await sql`create table planted_b (asset_id uuid, x int)`.execute(t.db);
  await sql`create table planted_c (asset_id uuid, x int, primary key (asset_id, x))`.execute(t.db);
  await sql`create unique index planted_d on planted_c (lower(x::text))`.execute(t.db);
  const found = await distributionViolations(t.db);
  expect(found).toHaveLength(4);
  expect(found.join('\n')).toMatch(/planted_b has an asset_id and no primary key/);
  expect(found.join('\n')).toMatch(/planted_a: the key planted_a_pkey begins with id/);
  expect(found.join('\n')).toMatch(/planted_a: the key planted_a_serial_key begins with serial/);
  expect(found.join('\n')).toMatch(/planted_c: the key planted_d begins with \(expression\)/);
});

test('the audit log cannot be altered, whatever the application does', async () => {
  await sql`insert into audit_log (id, actor_kind, actor_label, action, resource, summary) values (gen_random_uuid(), 'system', 'Muster', 'test', 'test', 'a line')`.execute(
    t.db,
  );
  await expect(sql`update audit_log set summary = 'other'`.execute(t.db)).rejects.toThrow('append-only');
  await expect(sql`delete from audit_log`.execute(t.db)).rejects.toThrow('append-only');
  await expect(sql`truncate audit_log`.execute(t.db)).rejects.toThrow('append-only');
});
