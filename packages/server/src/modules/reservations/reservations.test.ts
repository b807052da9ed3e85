import { createAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import * as custody from '@muster/api/custody';
import { createPerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import * as api from '@muster/api/reservations';
import { createTeam } from '@muster/api/teams';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import type { Db } from '../../platform/db/types.ts';
import { countQueries, resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { readCalendar, readMine } from './read.ts';
import { expireUncollected } from './expire.ts';

const later = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Two pools and ten reservations: of a pool and of an asset, waiting, collected, cancelled. */
async function seed(t: TestApp): Promise<void> {
  const { call } = await t.as('administrator');
  const person = (await call(createPerson, { body: { name: 'Grace Hopper' } })).data.id;
  const team = (await call(createTeam, { body: { name: 'Night shift' } })).data.id;
  const place = (await call(createPlace, { body: { name: 'Loan desk' } })).data.id;
  const assets: string[] = [];
  for (let n = 0; n < 6; n++)
    assets.push((await call(createAsset, { body: { class: 'laptop', name: `loan-${n}`, model: 'ThinkPad X1', place } })).data.id);
  for (let n = 0; n < 8; n++)
    await call(api.createLoanPool, {
      body:
        n % 2
          ? {
              name: `Pool ${n}`,
              kind: 'named',
              assets: assets.slice(0, 3),
              placeId: n === 1 ? place : null,
              note: n === 3 ? 'Old ones' : null,
            }
          : { name: `Pool ${n}`, kind: 'matching', class: n === 4 ? null : 'laptop', model: n < 4 ? null : 'ThinkPad X1', noShowDays: n },
    });
  const pools = (await call(api.loanPoolListRoutes.list, { query: { sort: 'name' } })).data.items;
  const made: string[] = [];
  for (let n = 0; n < 10; n++) {
    const asset = n % 3 === 0;
    made.push(
      (
        await call(api.createReservation, {
          body: {
            target: asset ? { kind: 'asset', id: assets[4] ?? '' } : { kind: 'pool', id: pools[1]?.id ?? '' },
            quantity: n === 4 ? 2 : 1,
            holder: n % 4 ? { kind: 'person', id: person } : { kind: 'team', id: team },
            from: later(n),
            to: later(n + 2),
            ...(n === 5 ? { note: 'For the fair' } : {}),
            waitlist: true,
          },
        })
      ).data.id,
    );
  }
  await call(api.collectReservation, { params: { id: made[0] ?? '' }, body: {} });
  await call(api.cancelReservation, { params: { id: made[7] ?? '' }, body: { reason: 'No need' } });
}
resourceSuite({ routes: api.loanPoolListRoutes, seed });
resourceSuite({ routes: api.reservationListRoutes, seed });

const start = new Date('2026-03-02T09:00:00Z');
let t: TestApp;
let admin: TestActor;
let ann: string;
let bob: string;
let pool: string;
let loans: string[];
beforeAll(async () => {
  t = await testApp({ now: start, requestsPerMinute: 1_000_000 });
  admin = await t.as('administrator');
  ann = (await admin.call(createPerson, { body: { name: 'Ann' } })).data.id;
  bob = (await admin.call(createPerson, { body: { name: 'Bob' } })).data.id;
});
afterAll(() => t.close());
let count = 0;
beforeEach(async () => {
  t.setNow(start);
  admin = await t.as('administrator');
  loans = [];
  count += 1;
  for (const n of [1, 2]) loans.push((await admin.call(createAsset, { body: { class: 'laptop', name: `loan-${count}-${n}` } })).data.id);
  pool = (await admin.call(api.createLoanPool, { body: { name: `Pool ${count}`, kind: 'named', assets: loans } })).data.id;
});

const on = (n: number): string => `2026-03-${String(n).padStart(2, '0')}`;
const today = async (n: number): Promise<void> => {
  t.setNow(new Date(`${on(n)}T09:00:00Z`));
  // A session ends within a day.
  admin = await t.as('administrator');
};
const reserve = async (from: number, to: number, more: Partial<api.Reserve> = {}) =>
  (
    await admin.call(api.createReservation, {
      body: { target: { kind: 'pool', id: pool }, holder: { kind: 'person', id: ann }, from: on(from), to: on(to), ...more },
    })
  ).data;
const read = async (id: string) => (await admin.call(api.getReservation, { params: { id } })).data;
const collect = async (id: string, body: object = {}) => (await admin.call(api.collectReservation, { params: { id }, body })).data;
const asset = (n: number): api.ReservationTarget => ({ kind: 'asset', id: loans[n] ?? '' });
const forBob = { holder: { kind: 'person' as const, id: '' } };
const problem = async (run: Promise<unknown>): Promise<ApiProblem> => {
  const error: unknown = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiProblem)) throw new Error('It was not refused', { cause: error });
  return error;
};
const actions = async (id: string): Promise<string[]> =>
  (await sql<{ action: string }>`select action from audit_log where resource_id = ${id} order by at, id`.execute(t.db)).rows.map(
    (row) => row.action,
  );
beforeEach(() => {
  forBob.holder.id = bob;
});

describe('a reservation', () => {
  test('of an asset is refused on a day that is taken, with who and when', async () => {
    await reserve(10, 12, { target: asset(0) });
    const refused = await problem(reserve(12, 14, { target: asset(0), ...forBob }));
    expect(refused).toMatchObject({ code: 'conflict', message: `It is taken. loan-${count}-1: Ann, 2026-03-10 to 2026-03-12.` });
    expect(refused.errors).toMatchObject([{ code: 'taken' }]);
    expect(await reserve(13, 14, { target: asset(0), ...forBob })).toMatchObject({ state: 'reserved' });
  });

  test('of a pool counts, and those who reserved before are moved to other assets when that makes room', async () => {
    await reserve(10, 11);
    await reserve(12, 13, forBob);
    // Free on 11 and 12 only when both of the others are on one asset.
    expect(await reserve(11, 12)).toMatchObject({ state: 'reserved' });
    await reserve(20, 21, { target: asset(1) });
    expect(await reserve(20, 22)).toMatchObject({ assets: [{ asset: { id: loans[0] } }] });
    const refused = await problem(reserve(21, 21, { quantity: 2 }));
    expect(refused.message).toContain(`Only 0 of 2 of Pool ${count} are free on all these days.`);
    expect((await problem(reserve(25, 25, { quantity: 3 }))).errors).toMatchObject([{ code: 'too_many' }]);
  });

  test('names every day that is wrong at once', async () => {
    expect((await problem(reserve(1, 1))).errors).toMatchObject([{ field: 'body.from', code: 'past' }]);
    expect((await problem(reserve(12, 10))).errors).toMatchObject([{ field: 'body.to', code: 'before_start' }]);
  });

  test('becomes a check-out that is due on its last day; coming back early lets the next move up, in order', async () => {
    const mine = await reserve(2, 6, { quantity: 2 });
    const first = await reserve(4, 5, { ...forBob, quantity: 2, waitlist: true });
    const second = await reserve(5, 6, { ...forBob, waitlist: true });
    expect([first.state, first.waitingPosition, second.waitingPosition]).toEqual(['waiting', 1, 2]);
    expect(await collect(mine.id)).toMatchObject({ state: 'collected' });
    const held = (await admin.call(custody.getAssetCustody, { params: { id: loans[0] ?? '' }, query: {} })).data.custody;
    expect(held).toMatchObject({ holder: { id: ann }, dueOn: on(6) });
    await today(3);
    await admin.call(custody.checkIn, { body: { assets: [loans[1] ?? ''] } });
    await t.jobsDone(120_000);
    // The first wants two and keeps the place; the second can be served.
    expect([(await read(first.id)).state, (await read(second.id)).state]).toEqual(['waiting', 'reserved']);
    await admin.call(custody.checkIn, { body: { assets: [loans[0] ?? ''] } });
    await t.jobsDone(120_000);
    expect((await read(mine.id)).state).toBe('returned');
    expect((await read(first.id)).state).toBe('waiting');
    await admin.call(api.cancelReservation, { params: { id: second.id }, body: {} });
    expect(await read(first.id)).toMatchObject({ state: 'reserved', waitingPosition: null });
    expect(await actions(first.id)).toEqual(['reservation.waiting', 'reservation.moved_up']);
    expect(await actions(mine.id)).toEqual(['reservation.made', 'reservation.collected', 'reservation.returned']);
  });

  test('is collected with other assets of the pool, or with fewer', async () => {
    const third = (await admin.call(createAsset, { body: { class: 'laptop', name: `loan-${count}-3` } })).data.id;
    await admin.call(api.updateLoanPool, { params: { id: pool }, ifMatch: '"1"', body: { assets: [...loans, third] } });
    const mine = await reserve(2, 3);
    const other = await reserve(2, 3, { ...forBob, quantity: 2 });
    const wanted = other.assets[0]?.asset.id ?? '';
    expect((await collect(mine.id, { assets: [wanted] })).assets).toMatchObject([{ asset: { id: wanted } }]);
    const left = (await read(other.id)).assets.map((one) => one.asset.id);
    expect(left).toHaveLength(2);
    expect(left).not.toContain(wanted);
    expect(await collect(other.id, { assets: [left[0]] })).toMatchObject({
      quantity: 1,
      state: 'collected',
      assets: [{ asset: { id: left[0] } }],
    });
    const outsider = (await admin.call(createAsset, { body: { class: 'laptop', name: 'outsider' } })).data.id;
    const next = await reserve(2, 2);
    expect((await problem(collect(next.id, { assets: [outsider] }))).errors).toMatchObject([{ code: 'not_in_pool' }]);
  });

  test('keeps what it has when that is no member of the pool any more', async () => {
    const mine = await reserve(2, 3, { quantity: 2 });
    await admin.call(api.updateLoanPool, { params: { id: pool }, ifMatch: '"1"', body: { assets: [loans[0] ?? ''] } });
    expect((await collect(mine.id)).assets).toHaveLength(2);
    expect((await problem(reserve(4, 5, { quantity: 2 }))).errors).toMatchObject([{ code: 'too_many' }]);
  });

  test('cannot be collected early, nor while the one before is late: that is shown with who has it', async () => {
    const mine = await reserve(2, 4, { target: asset(0) });
    const next = await reserve(5, 8, { target: asset(0), ...forBob });
    expect((await problem(collect(next.id))).errors).toMatchObject([{ code: 'too_early' }]);
    await collect(mine.id);
    expect((await read(next.id)).assets).toMatchObject([{ blockedBy: null }]);
    await today(5);
    expect(await read(mine.id)).toMatchObject({ state: 'overdue' });
    expect((await read(next.id)).assets).toMatchObject([{ blockedBy: { holder: 'Ann', dueOn: on(4) } }]);
    expect((await problem(collect(next.id))).message).toContain('is with Ann since');
    await admin.call(custody.checkIn, { body: { assets: [loans[0] ?? ''] } });
    expect(await collect(next.id)).toMatchObject({ state: 'collected' });
  });

  test('that nobody collects ends, and who waits gets it', async () => {
    const mine = await reserve(2, 6, { quantity: 2 });
    const waits = await reserve(4, 6, { ...forBob, waitlist: true });
    const run = async () => inTx(t.db, async (tx) => expireUncollected(tx, t.platform.now()));
    await today(3);
    await run();
    expect((await read(mine.id)).state).toBe('reserved');
    await today(4);
    await run();
    expect([(await read(mine.id)).state, (await read(waits.id)).state]).toEqual(['expired', 'reserved']);
    expect(await actions(mine.id)).toEqual(['reservation.made', 'reservation.expired']);
  });

  test('keeps its asset from a check-out for somebody else, unless that one may and says so', async () => {
    await reserve(5, 6, { target: asset(0) });
    const out = (who: TestActor, more: object = {}) =>
      who.call(custody.checkOut, { body: { assets: [loans[0] ?? ''], holder: { kind: 'person', id: bob }, dueOn: on(5), ...more } });
    const technician = await t.as('technician');
    expect((await problem(out(technician))).errors).toMatchObject([{ code: 'reserved' }]);
    expect((await problem(out(technician, { despiteReservation: true }))).message).toContain('You may not give it to somebody else.');
    expect((await out(technician, { dueOn: on(4) })).data.done).toHaveLength(1);
    await admin.call(custody.checkIn, { body: { assets: [loans[0] ?? ''] } });
    expect((await out(admin, { despiteReservation: true })).data.done).toHaveLength(1);
  });

  test('is collected by an ordinary check-out to whom it is for', async () => {
    const mine = await reserve(2, 4, { target: asset(0) });
    await admin.call(custody.checkOut, { body: { assets: [loans[0] ?? ''], holder: { kind: 'person', id: ann }, dueOn: on(4) } });
    expect(await read(mine.id)).toMatchObject({ state: 'collected' });
  });

  test('of what is out for good is refused', async () => {
    await admin.call(custody.checkOut, { body: { assets: [loans[0] ?? ''], holder: { kind: 'person', id: bob } } });
    expect((await problem(reserve(20, 21, { target: asset(0) }))).message).toContain('with Bob, to stay');
    expect(await reserve(20, 21)).toMatchObject({ assets: [{ asset: { id: loans[1] } }] });
  });
});

describe('of two at once', () => {
  test('20 ask for a pool of 2: 2 get it, 18 are told; on the waitlist nobody is lost', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 20 }, async () => reserve(10, 12)));
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(2);
    for (const one of answers) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' });
    const waiting = await Promise.all(Array.from({ length: 5 }, async () => reserve(10, 12, { waitlist: true })));
    expect(waiting.map((one) => one.state)).toEqual(Array.from({ length: 5 }, () => 'waiting'));
  });

  test('one asset wanted by itself and by its pool is given once', async () => {
    await reserve(10, 12, { target: asset(1) });
    const answers = await Promise.allSettled([
      ...Array.from({ length: 5 }, async () => reserve(11, 11, { target: asset(0) })),
      ...Array.from({ length: 5 }, async () => reserve(11, 11)),
    ]);
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
  });
});

describe('what it shows', () => {
  test('the calendar counts what is free per day, and who waits', async () => {
    await reserve(10, 11);
    await reserve(11, 12, { target: asset(1), ...forBob });
    await reserve(11, 11, { waitlist: true });
    await admin.call(custody.checkOut, { body: { assets: [loans[0] ?? ''], holder: { kind: 'person', id: bob }, dueOn: on(3) } });
    const query = { kind: 'pool' as const, id: pool, from: on(2), to: on(12) };
    const calendar = (await admin.call(api.getReservationCalendar, { query })).data;
    expect(calendar.days.map((one) => one.free)).toEqual([1, 1, 2, 2, 2, 2, 2, 2, 1, 0, 1]);
    expect(calendar.waiting).toMatchObject([{ holder: 'Ann', position: 1 }]);
    expect((await problem(admin.call(api.getReservationCalendar, { query: { ...query, to: '2026-09-01' } }))).errors).toMatchObject([
      { field: 'query.to', code: 'range' },
    ]);
  });

  test('to an account what is for its person and teams; it may cancel its own', async () => {
    const mine = await reserve(10, 11);
    const team = (await admin.call(createTeam, { body: { name: `Crew ${count}`, memberIds: [ann] } })).data.id;
    await reserve(12, 13, { holder: { kind: 'team', id: team } });
    const employee = await t.as('employee', { kind: 'all' }, { personId: ann });
    const open = (await employee.call(api.getMyReservations, {})).data.items;
    expect(open.map((one) => one.id)).toContain(mine.id);
    const answer = await employee.call(api.cancelMyReservation, { params: { id: mine.id }, body: {} });
    expect(answer.data.state).toBe('cancelled');
    const stranger = await t.as('employee', { kind: 'all' }, { personId: bob });
    expect(await problem(stranger.call(api.cancelMyReservation, { params: { id: mine.id }, body: {} }))).toMatchObject({
      code: 'not_found',
    });
    expect(await problem(stranger.call(api.getReservation, { params: { id: mine.id } }))).toMatchObject({ code: 'forbidden' });
  });

  test('in a fixed number of statements, however many there are', async () => {
    const statements = async (run: (db: Db) => Promise<unknown>): Promise<number> => {
      const counted = countQueries(t.db);
      await run(counted.db);
      return counted.count();
    };
    const now = t.platform.now();
    const mine = async (db: Db) => readMine(db, { ...systemActor, personId: ann }, now);
    const calendar = async (db: Db) => readCalendar(db, systemActor, { kind: 'pool', id: pool }, { from: on(2), to: on(28) }, now);
    await reserve(10, 11);
    const few = [await statements(mine), await statements(calendar)];
    for (let n = 12; n < 20; n++) await reserve(n, n, { quantity: 2 });
    expect([await statements(mine), await statements(calendar)]).toEqual(few);
  });

  test('beyond a role’s scope nothing', async () => {
    const place = (await admin.call(createPlace, { body: { name: `Elsewhere ${count}` } })).data.id;
    const mine = await reserve(10, 11);
    const scoped = await t.as('technician', { kind: 'place', id: place });
    for (const run of [
      () => scoped.call(api.getReservation, { params: { id: mine.id } }),
      () => scoped.call(api.cancelReservation, { params: { id: mine.id }, body: {} }),
      () => scoped.call(api.collectReservation, { params: { id: mine.id }, body: {} }),
      () => scoped.call(api.getLoanPool, { params: { id: pool } }),
      () => scoped.call(api.getReservationCalendar, { query: { kind: 'pool', id: pool, from: on(10), to: on(11) } }),
      () =>
        scoped.call(api.createReservation, {
          body: { target: { kind: 'pool', id: pool }, holder: { kind: 'person', id: ann }, from: on(10), to: on(11) },
        }),
    ])
      expect(await problem(run())).toMatchObject({ code: 'not_found' });
    expect((await scoped.call(api.reservationListRoutes.list, { query: {} })).data.items).toEqual([]);
    expect(await problem(scoped.call(api.createLoanPool, { body: { name: 'Mine', kind: 'named' } }))).toMatchObject({ code: 'forbidden' });
  });

  test('a pool with reservations stays; an empty one goes; a name is taken once', async () => {
    const body = { name: `Pool ${count}`, kind: 'matching' as const, class: 'laptop' };
    expect(await problem(admin.call(api.createLoanPool, { body }))).toMatchObject({ code: 'conflict' });
    expect((await problem(admin.call(api.createLoanPool, { body: { name: 'X', kind: 'matching' } }))).errors).toMatchObject([
      { field: 'body.class', code: 'required' },
    ]);
    await reserve(10, 11);
    expect(await problem(admin.call(api.deleteLoanPool, { params: { id: pool } }))).toMatchObject({ code: 'conflict' });
    const empty = (await admin.call(api.createLoanPool, { body: { name: `Empty ${count}`, kind: 'named' } })).data.id;
    await admin.call(api.deleteLoanPool, { params: { id: empty } });
  });
});
