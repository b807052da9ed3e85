import { createAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import * as custody from '@muster/api/custody';
import { createPerson } from '@muster/api/people';
import * as api from '@muster/api/reservations';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { expireUncollected } from './expire.ts';
import { boardOf, tryGrant } from './grant.ts';
import { addDays, dayOf } from './plan.ts';
import { lockBookings, waitingRows } from './store.ts';

let t: TestApp;
let admin: TestActor;
const people: string[] = [];
let clock = new Date('2026-01-01T12:00:00Z');
beforeAll(async () => {
  t = await testApp({ now: clock, requestsPerMinute: 1_000_000 });
  admin = await t.as('administrator');
  for (const name of ['Ada', 'Grace', 'Mary']) people.push((await admin.call(createPerson, { body: { name } })).data.id);
});
afterAll(() => t.close());

const command = fc.record({
  verb: fc.constantFrom('reserve', 'reserve', 'reserve', 'cancel', 'collect', 'collect', 'return', 'check-out', 'expire'),
  /** 3: the pool; else an asset of it. */
  target: fc.nat(5),
  from: fc.nat(4),
  length: fc.nat(3),
  quantity: fc.integer({ min: 1, max: 2 }),
  waitlist: fc.boolean(),
  person: fc.nat(2),
  pick: fc.nat(1000),
});
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

interface World {
  pool: string;
  assets: string[];
}

const idsOf = async ({ pool, assets }: World): Promise<string[]> =>
  (
    await sql<{
      id: string;
    }>`select id from reservations where pool_id = ${pool} or wanted_asset_id = any(${assets}::uuid[]) order by id`.execute(t.db)
  ).rows.map((row) => row.id);

async function run(world: World, c: Command): Promise<void> {
  const ids = await idsOf(world);
  const id = ids[c.pick % Math.max(ids.length, 1)] ?? world.pool;
  const asset = world.assets[c.target % 3] ?? '';
  const today = dayOf(clock);
  const holder = { kind: 'person' as const, id: people[c.person] ?? '' };
  const days = { from: addDays(today, c.from), to: addDays(today, c.from + c.length) };
  try {
    if (c.verb === 'reserve') {
      const target = c.target >= 3 ? { kind: 'pool' as const, id: world.pool } : { kind: 'asset' as const, id: asset };
      const quantity = target.kind === 'pool' ? c.quantity : 1;
      await admin.call(api.createReservation, { body: { target, quantity, holder, ...days, waitlist: c.waitlist } });
    }
    if (c.verb === 'cancel') await admin.call(api.cancelReservation, { params: { id }, body: {} });
    if (c.verb === 'collect') await admin.call(api.collectReservation, { params: { id }, body: c.waitlist ? {} : { assets: [asset] } });
    if (c.verb === 'return') await admin.call(custody.checkIn, { body: { assets: [asset] } });
    if (c.verb === 'check-out') await admin.call(custody.checkOut, { body: { assets: [asset], holder, dueOn: days.to } });
    if (c.verb === 'expire') await inTx(t.db, async (tx) => expireUncollected(tx, clock));
  } catch (error) {
    if (!(error instanceof ApiProblem) || !['conflict', 'validation_failed', 'not_found'].includes(error.code)) throw error;
  }
}

/** Days that an asset is promised twice, reservations without what they were promised, and what is set aside for what is over. */
async function discrepancies({ pool, assets }: World): Promise<unknown[]> {
  const { rows } = await sql`
    select 'twice' as what, h.asset_id as id from reservation_assets h join reservation_assets o on o.asset_id = h.asset_id and o.held
      and o.reservation_id > h.reservation_id and o.from_on <= h.to_on and h.from_on <= o.to_on where h.held and h.asset_id = any(${assets}::uuid[])
    union all
    select 'number', r.id from reservations r left join reservation_assets h on h.reservation_id = r.id
      where (r.pool_id = ${pool} or r.wanted_asset_id = any(${assets}::uuid[])) and r.state in ('reserved', 'collected', 'returned')
      group by r.id having count(h.asset_id) <> r.quantity
    union all
    select 'left over', r.id from reservations r join reservation_assets h on h.reservation_id = r.id and h.held
      where r.state in ('waiting', 'cancelled', 'expired', 'returned') and (r.pool_id = ${pool} or r.wanted_asset_id = any(${assets}::uuid[]))
    union all
    select 'not out', h.asset_id from reservation_assets h where h.held and h.collected_at is not null and h.asset_id = any(${assets}::uuid[])
      and not exists (select 1 from custody_periods c where c.asset_id = h.asset_id and c.to_at is null)
    union all
    select 'not of it', h.asset_id from reservation_assets h join reservations r on r.id = h.reservation_id
      where h.asset_id = any(${assets}::uuid[]) and r.wanted_asset_id is not null and r.wanted_asset_id <> h.asset_id`.execute(t.db);
  return rows;
}

/** Those who wait although there is enough for them: nobody may be left behind once everything that moves up has run. */
async function passedOver(): Promise<string[]> {
  const today = dayOf(clock);
  class Undo extends Error {}
  const left: string[] = [];
  for (const row of await waitingRows(t.db, today))
    await inTx(t.db, async (tx) => {
      await lockBookings(tx);
      if (await tryGrant(tx, row, await boardOf(tx, row, today), today)) left.push(row.id);
      throw new Undo('only looked');
    }).catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  return left;
}

test('whatever is called, also at once: nothing is promised twice, each has what it was promised, and nobody waits for what is free', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(command, { minLength: 1, maxLength: 5 }), { minLength: 3, maxLength: 7 }), async (rounds) => {
      const assets: string[] = [];
      for (let n = 0; n < 3; n++) assets.push((await admin.call(createAsset, { body: { class: 'laptop', name: `p-${n}` } })).data.id);
      const name = `Pool ${assets[0]}`;
      const pool = (await admin.call(api.createLoanPool, { body: { name, kind: 'named', assets } })).data.id;
      const world = { pool, assets };
      for (const round of rounds) {
        await Promise.all(round.map(async (one) => run(world, one)));
        await t.jobsDone(120_000);
        expect(await discrepancies(world)).toEqual([]);
        expect(await passedOver()).toEqual([]);
        clock = new Date(clock.getTime() + 86_400_000);
        t.setNow(clock);
        admin = await t.as('administrator');
        // A day brings what is free from today on to those who wait.
        await inTx(t.db, async (tx) => expireUncollected(tx, clock));
      }
    }),
    { numRuns: 15 },
  );
}, 900_000);

test('those who wait for the same move up in the order they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), async (cancelled) => {
      const asset = (await admin.call(createAsset, { body: { class: 'laptop', name: 'one' } })).data.id;
      const today = dayOf(clock);
      const make = async () =>
        (
          await admin.call(api.createReservation, {
            body: {
              target: { kind: 'asset', id: asset },
              holder: { kind: 'person', id: people[0] ?? '' },
              from: today,
              to: addDays(today, 3),
              waitlist: true,
            },
          })
        ).data.id;
      const order: string[] = [];
      for (let n = 0; n < 6; n++) order.push(await make());
      const gone = new Set<number>();
      for (const step of cancelled) {
        // The one that has it, or one further down the line.
        const open = order.flatMap((_, index) => (gone.has(index) ? [] : [index]));
        const index = open[step % open.length] ?? 0;
        gone.add(index);
        await admin.call(api.cancelReservation, { params: { id: order[index] ?? '' }, body: {} });
        const states = await Promise.all(order.map(async (id) => (await admin.call(api.getReservation, { params: { id } })).data.state));
        const first = order.findIndex((_, at) => !gone.has(at));
        expect(states).toEqual(order.map((_, at) => (gone.has(at) ? 'cancelled' : at === first ? 'reserved' : 'waiting')));
      }
    }),
    { numRuns: 10 },
  );
}, 600_000);

test('what is set aside twice cannot be stored', async () => {
  const asset = (await admin.call(createAsset, { body: { class: 'laptop', name: 'constrained' } })).data.id;
  const body = { target: { kind: 'asset' as const, id: asset }, holder: { kind: 'person' as const, id: people[0] ?? '' } };
  const today = dayOf(clock);
  await admin.call(api.createReservation, { body: { ...body, from: today, to: today } });
  const other = (await admin.call(api.createReservation, { body: { ...body, from: addDays(today, 1), to: addDays(today, 1) } })).data.id;
  await expect(sql`update reservation_assets set from_on = ${today} where reservation_id = ${other}`.execute(t.db)).rejects.toMatchObject({
    constraint: 'reservation_no_overlap',
  });
});
