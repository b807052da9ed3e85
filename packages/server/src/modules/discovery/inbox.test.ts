import { createHash, randomUUID } from 'node:crypto';
import { defaultLimits, inspect } from '@muster/protocols';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openDb } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { newId } from '../../platform/ids.ts';
import { testDb, type TestDb } from '../../testing/index.ts';
import { seedAssetClasses } from '../assets/index.ts';
import { processBatch } from './process.ts';
import { type Delivery, insertDeliveries } from './store-inbox.ts';
import { pruneBodies } from './store-reports.ts';
import { inventory } from './test-agent.ts';
import { startInboxWorker } from './worker.ts';
import { pino } from 'pino';

let t: TestDb;
let db: Db;
let clock: Date;
beforeAll(async () => {
  t = await testDb();
  db = t.db;
  await db.transaction().execute(seedAssetClasses);
});
afterAll(() => t.close());
beforeEach(async () => {
  clock = new Date('2026-05-01T08:00:00Z');
  await sql`truncate inbox, inbox_bodies, agent_states, assets, asset_field_values, asset_events, observations, observation_sections, identity_keys, identity_decisions, device_facts, interfaces, storage_devices, asset_users, installations`.execute(
    db,
  );
  await sql`drop trigger if exists poison on observations`.execute(db);
});

const options = (careful = false) => ({ limits: defaultLimits, now: () => clock, careful });
const key = randomUUID();

function delivery(body: Buffer): Delivery {
  const seen = inspect(body, {}, defaultLimits);
  if (!seen.ok) throw new Error(seen.message);
  const bodyHash = createHash('sha256').update(body).digest();
  clock = new Date(clock.getTime() + 1000);
  return {
    reportId: newId(),
    receivedAt: clock,
    enrolmentKeyId: key,
    family: seen.family,
    kind: seen.kind,
    deviceKey: seen.deviceKey ?? `unknown:${bodyHash.toString('hex')}`,
    deviceId: seen.deviceId,
    bodyHash,
    body,
    inflatedBytes: seen.inflatedBytes,
    contentType: null,
    userAgent: null,
    agentId: null,
    agentVersion: null,
    ip: '127.0.0.1',
    state: 'pending',
    warnings: [],
    error: null,
  };
}
const store = async (...bodies: Buffer[]): Promise<void> => {
  const deliveries = bodies.map(delivery);
  await db.transaction().execute((tx) => insertDeliveries(tx, deliveries));
};
const machine = (id: string, titles: string[], more: object = {}): Buffer =>
  inventory(
    id,
    {
      bios: { ssn: `SERIAL-${id}`, smanufacturer: 'Dell Inc.' },
      hardware: { name: id },
      softwares: titles.map((name) => ({ name, from: 'deb' })),
    },
    { ...more },
  );
const states = async (): Promise<{ device_key: string; state: string; outcome: string | null; attempts: number; error: string | null }[]> =>
  (
    await sql<{
      device_key: string;
      state: string;
      outcome: string | null;
      attempts: number;
      error: string | null;
    }>`select device_key, state, outcome, attempts, error from inbox order by id`.execute(db)
  ).rows;
const installed = async (name: string): Promise<string[]> =>
  (
    await sql<{
      name: string;
    }>`select e.name from assets a join installations i on i.asset_id = a.id and i.removed_at is null join evidence e on e.id = i.evidence_id where a.name = ${name} order by 1`.execute(
      db,
    )
  ).rows.map((r) => r.name);
/** Makes the database refuse observations of this machine. */
const poison = async (nativeId: string): Promise<void> => {
  await sql
    .raw(
      `create or replace function poison() returns trigger language plpgsql as $$ begin if new.native_id = '${nativeId}' then raise exception 'poisoned'; end if; return new; end $$`,
    )
    .execute(db);
  await sql`create trigger poison before insert or update on observations for each row execute function poison()`.execute(db);
};
const drain = async (): Promise<void> => {
  while ((await processBatch(db, options())) > 0);
};

test('a batch is placed in one go, and several reports of one machine end with the last', async () => {
  await store(machine('a', ['One']), machine('b', ['One']), machine('a', ['One', 'Two']), machine('a', ['Three']));
  expect(await processBatch(db, options())).toBe(4);
  expect((await states()).map((s) => [s.device_key, s.state, s.outcome])).toEqual([
    ['glpi:a', 'done', 'created'],
    ['glpi:b', 'done', 'created'],
    ['glpi:a', 'done', 'linked'],
    ['glpi:a', 'done', 'linked'],
  ]);
  expect(await installed('a')).toEqual(['Three']);
  expect(await processBatch(db, options())).toBe(0);
});

test('the same content is stored once, however often it is delivered', async () => {
  const body = machine('a', ['One']);
  await store(body, body);
  await store(body);
  const { rows } = await sql<{ n: string }>`select count(*) as n from inbox_bodies`.execute(db);
  expect(rows[0]?.n).toBe('1');
  await drain();
  expect((await states()).map((s) => s.state)).toEqual(['done', 'done', 'done']);
  const { rows: observations } = await sql<{ n: string }>`select count(*) as n from observations`.execute(db);
  expect(observations[0]?.n).toBe('1');
});

describe('a poisoned report', () => {
  test('blocks no other machine, waits between attempts, and fails after three', async () => {
    await poison('bad');
    await store(machine('good-1', ['One']), machine('bad', ['One']), machine('good-2', ['One']));
    await drain();
    expect(await states()).toEqual([
      expect.objectContaining({ device_key: 'glpi:good-1', state: 'done' }),
      expect.objectContaining({ device_key: 'glpi:bad', state: 'pending', attempts: 1, error: 'poisoned' }),
      expect.objectContaining({ device_key: 'glpi:good-2', state: 'done' }),
    ]);
    for (const _ of [1, 2, 3]) {
      clock = new Date(clock.getTime() + 60_000);
      await drain();
    }
    expect((await states())[1]).toMatchObject({ state: 'failed', attempts: 3, error: 'poisoned' });
  });

  test('holds back later reports of its own machine until it is done, so nothing old overwrites something new', async () => {
    await poison('bad');
    await store(machine('bad', ['Old']), machine('bad', ['New']));
    await drain();
    expect((await states()).map((s) => [s.state, s.attempts])).toEqual([
      ['pending', 1],
      ['pending', 0],
    ]);
    await sql`drop trigger poison on observations`.execute(db);
    await drain();
    expect(
      (await states()).map((s) => s.state),
      'the wait is not over',
    ).toEqual(['pending', 'pending']);
    clock = new Date(clock.getTime() + 60_000);
    await drain();
    expect((await states()).map((s) => s.state)).toEqual(['done', 'done']);
    expect(await installed('bad')).toEqual(['New']);
  });

  test('that ends the whole process is given up after three attempts', async () => {
    await store(machine('a', ['One']), machine('b', ['One']));
    // Three processes died while they held it.
    await sql`update inbox set attempts = 3 where device_key = 'glpi:a'`.execute(db);
    expect(await processBatch(db, options(true))).toBe(1);
    expect((await states())[0]).toMatchObject({ state: 'failed', error: 'The worker ended each time it processed this report.' });
    expect(await processBatch(db, options(true))).toBe(1);
    expect((await states())[1]).toMatchObject({ state: 'done', attempts: 1 });
  });

  test('an attempt is counted before it starts when the one before ended the process', async () => {
    await poison('a');
    await store(machine('a', ['One']));
    await processBatch(db, options(true));
    expect((await states())[0]).toMatchObject({ state: 'pending', attempts: 2 });
  });
});

test('what nothing can be read of fails with its warnings, and a missing body says so', async () => {
  await store(Buffer.from('{"deviceid":"x","content":{}}'), Buffer.from('{"deviceid":"y","content":{"bios":7}}'), machine('gone', []));
  await sql`delete from inbox_bodies where hash = (select body_hash from inbox where device_key = 'glpi:gone')`.execute(db);
  await drain();
  expect((await states()).map((s) => [s.state, s.error])).toEqual([
    ['failed', 'unreadable'],
    ['failed', 'Nothing in it could be read.'],
    ['failed', 'The body is no longer there.'],
  ]);
});

test('a partial report of an unknown machine is held, asks for everything, and belongs to its asset after the full one', async () => {
  await store(machine('p', ['One'], { partial: true }));
  await drain();
  expect((await states())[0]).toMatchObject({ state: 'held', outcome: 'held' });
  const forced = async (): Promise<boolean | undefined> =>
    (await sql<{ force_full: boolean }>`select force_full from agent_states where device_key = 'glpi:p'`.execute(db)).rows[0]?.force_full;
  expect(await forced()).toBe(true);
  await store(machine('p', ['One', 'Two']));
  await drain();
  expect((await states()).map((s) => [s.state, s.outcome])).toEqual([
    ['done', 'linked'],
    ['done', 'created'],
  ]);
  expect(await forced()).toBe(false);
});

test('a full report that broke off counts as partial, removes nothing and asks for everything', async () => {
  await store(machine('t', ['One', 'Two']));
  await drain();
  const broken = machine(
    't',
    Array.from({ length: 3000 }, (_, i) => `Title ${i}`),
  );
  await store(broken.subarray(0, broken.length - 2000));
  await drain();
  expect((await states())[1]).toMatchObject({ state: 'done', outcome: 'linked' });
  expect(await installed('t')).toEqual(['One', 'Two']);
  const { rows } = await sql<{ force_full: boolean }>`select force_full from agent_states`.execute(db);
  expect(rows).toEqual([{ force_full: true }]);
});

test('several workers share the inbox: each report once, each machine in order', async () => {
  const machines = 25;
  const revisions = 6;
  for (let r = 0; r < revisions; r++) await store(...Array.from({ length: machines }, (_, m) => machine(`m${m}`, [`Revision ${r}`])));
  const others = [openDb(t.url, { max: 2 }), openDb(t.url, { max: 2 }), openDb(t.url, { max: 2 })];
  const work = async (own: Db): Promise<void> => {
    for (let idle = 0; idle < 5;) {
      const n = await processBatch(own, options()).catch((error: { code?: string }) =>
        error.code === '40P01' ? 1 : Promise.reject(error),
      );
      if (n === 0) {
        idle++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      } else idle = 0;
    }
  };
  await Promise.all(others.map(work));
  for (const own of others) await own.destroy();
  expect((await states()).every((s) => s.state === 'done')).toBe(true);
  for (let m = 0; m < machines; m++) expect(await installed(`m${m}`)).toEqual([`Revision ${revisions - 1}`]);
  const { rows } = await sql<{ reports: number }>`select reports from observations`.execute(db);
  expect(rows.map((r) => r.reports)).toEqual(Array.from({ length: machines }, () => revisions));
});

test('a worker is woken by the commit and stops cleanly', async () => {
  const worker = await startInboxWorker({ databaseUrl: t.url, log: pino({ level: 'silent' }), maxReportMib: 64, careful: false });
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const start = performance.now();
    await store(machine('w', ['One']));
    while ((await states())[0]?.state === 'pending' && performance.now() - start < 120_000)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await states())[0]?.state).toBe('done');
  } finally {
    await worker.stop();
  }
});

test('retention keeps what waits, what is held and the latest full report of each machine', async () => {
  await store(
    machine('a', ['Old']),
    machine('a', ['Full']),
    machine('a', ['Later'], { partial: true }),
    machine('held', ['x'], { partial: true }),
  );
  await drain();
  await store(machine('waiting', ['x']));
  const before = new Date('2026-06-30T00:00:00Z');
  const prune = (at: Date): Promise<number> => db.transaction().execute((tx) => pruneBodies(tx, at, 100));
  expect(await prune(new Date('2026-04-30T00:00:00Z')), 'nothing is old enough').toBe(0);
  expect(await prune(before)).toBe(2);
  const { rows } = await sql<{
    device_key: string;
    n: string;
  }>`select i.device_key, count(b.hash) as n from inbox i left join inbox_bodies b on b.hash = i.body_hash group by 1 order by 1`.execute(
    db,
  );
  expect(rows).toEqual([
    { device_key: 'glpi:a', n: '1' },
    { device_key: 'glpi:held', n: '1' },
    { device_key: 'glpi:waiting', n: '1' },
  ]);
  expect(await prune(before)).toBe(0);
});

test('a body that is delivered again while retention runs is not lost', async () => {
  const body = machine('a', ['Old']);
  await store(body, machine('a', ['New']));
  await drain();
  clock = new Date('2026-06-30T00:00:00Z');
  const again = delivery(body);
  const before = new Date('2026-06-01T00:00:00Z');
  // The delivery is stored but not committed while the retention run looks.
  const uncommitted = Promise.withResolvers<void>();
  const stored = Promise.withResolvers<void>();
  const inserting = db.transaction().execute(async (tx) => {
    await insertDeliveries(tx, [again]);
    stored.resolve();
    await uncommitted.promise;
  });
  await stored.promise;
  const pruning = db.transaction().execute((tx) => pruneBodies(tx, before, 100));
  setTimeout(() => uncommitted.resolve(), 100);
  await Promise.all([inserting, pruning]);
  const { rows } = await sql<{
    n: string;
  }>`select count(*) as n from inbox i join inbox_bodies b on b.hash = i.body_hash where i.state = 'pending'`.execute(db);
  expect(rows[0]?.n).toBe('1');
});
