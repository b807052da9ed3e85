import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDb, type TestDb } from '../../testing/index.ts';
import { migrate, MigrationError, migrationFiles, type MigrationFile } from './migrate.ts';
import { inTx } from './pool.ts';

let t: TestDb;
beforeAll(async () => {
  t = await testDb();
});
afterAll(async () => t.close());

const file = (name: string, text: string, sha256 = name): MigrationFile => ({ name, owner: 'test', text, sha256 });

test('a migrated database has nothing left to do', async () => {
  expect(await migrate(t.db)).toEqual([]);
});

test('files of all modules run in the order of their names', async () => {
  const names = (await migrationFiles()).map((f) => f.name);
  expect(names).toEqual([...names].sort());
  expect(names[0]).toMatch(/-platform$/);
  expect(names.length).toBeGreaterThan(5);
});

test('a new file is applied once, also when two processes start together, and an earlier name may arrive later', async () => {
  const files = [...(await migrationFiles()), file('20990101T000000-a', 'create table mt_a (x int); insert into mt_a values (1);')];
  const results = await Promise.all([migrate(t.db, files), migrate(t.db, files)]);
  expect(results.flat()).toEqual(['20990101T000000-a']);
  const earlier = [...files, file('20000101T000000-b', 'create table mt_b (x int)')];
  expect(await migrate(t.db, earlier)).toEqual(['20000101T000000-b']);
  await sql`drop table mt_a, mt_b`.execute(t.db);
  await sql`delete from schema_migrations where name like '%-a' or name like '%-b'`.execute(t.db);
  await sql`delete from schema_checksums where name like '%-a' or name like '%-b'`.execute(t.db);
});

test('a failing file leaves nothing behind and is named', async () => {
  const files = [...(await migrationFiles()), file('20990102T000000-bad', 'create table mt_half (x int); select no_such_function();')];
  await expect(migrate(t.db, files)).rejects.toThrow(/20990102T000000-bad failed: .*no_such_function/);
  const { rows } = await sql<{ n: string | null }>`select to_regclass('mt_half')::text n`.execute(t.db);
  expect(rows[0]?.n).toBeNull();
});

test('a file changed after it ran, and a database of a newer program, are refused', async () => {
  const files = await migrationFiles();
  const changed = files.map((f, i) => (i === 0 ? { ...f, sha256: 'other' } : f));
  await expect(migrate(t.db, changed)).rejects.toThrow(MigrationError);
  await expect(migrate(t.db, changed)).rejects.toThrow(/have changed since they ran.*-platform/);
  await expect(migrate(t.db, files.slice(1))).rejects.toThrow(/does not know \(.*-platform\).*newer version/);
});

test('types arrive as agreed: dates, big integers and numerics as text, instants as Date', async () => {
  const { rows } =
    await sql`select date '2026-03-29' d, array[date '2026-03-29', null] da, 9007199254740993::int8 i, 1.50::numeric n, timestamptz '2026-03-29 02:30:00+00' at`.execute(
      t.db,
    );
  expect(rows[0]).toEqual({
    d: '2026-03-29',
    da: ['2026-03-29', null],
    i: '9007199254740993',
    n: '1.50',
    at: new Date('2026-03-29T02:30:00Z'),
  });
});

test('inTx rolls back everything on an error, and joins the transaction at hand', async () => {
  await sql`create table mt_tx (x int)`.execute(t.db);
  await expect(
    inTx(t.db, async (tx) => {
      await inTx(tx, async (inner) => sql`insert into mt_tx values (1)`.execute(inner));
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  const { rows } = await sql<{ n: number }>`select count(*)::int n from mt_tx`.execute(t.db);
  expect(rows[0]?.n).toBe(0);
  await sql`drop table mt_tx`.execute(t.db);
});

test('Temporal is there: the tests run on the pinned Node', () => {
  expect(Temporal.PlainDate.from('2026-02-28').add({ days: 1 }).toString()).toBe('2026-03-01');
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(26);
});
