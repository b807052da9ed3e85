import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createPerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import * as api from '@muster/api/stock';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ApiProblem } from '@muster/api/client';

let t: TestApp;
let admin: TestActor;
const places: string[] = [];
const people: string[] = [];
beforeAll(async () => {
  t = await testApp({ now: new Date('2026-01-01T12:00:00Z'), requestsPerMinute: 1_000_000 });
  admin = await t.as('administrator');
  for (const name of ['Store A', 'Store B', 'Store C']) places.push((await admin.call(createPlace, { body: { name } })).data.id);
  for (const name of ['Ada', 'Grace']) people.push((await admin.call(createPerson, { body: { name } })).data.id);
});
afterAll(() => t.close());

const command = fc.record({
  verb: fc.constantFrom('receive', 'issue', 'issue', 'return', 'transfer', 'count', 'write-off', 'reverse', 'reverse'),
  place: fc.nat(2),
  to: fc.nat(2),
  person: fc.nat(1),
  quantity: fc.integer({ min: 1, max: 6 }),
  part: fc.nat(3),
  /** Which of the holdings or movements there are. */
  pick: fc.nat(1000),
});
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

const idsOf = async (table: 'stock_holdings' | 'stock_movements', item: string): Promise<string[]> =>
  (await sql<{ id: string }>`select id from ${sql.table(table)} where item_id = ${item} order by id`.execute(t.db)).rows.map(
    (row) => row.id,
  );

/** Carries a command out; what the rules refuse is refused, anything else is a failure. */
async function run(item: string, c: Command): Promise<void> {
  const params = { id: item };
  const placeId = places[c.place] ?? '';
  const { quantity } = c;
  const pick = async (table: 'stock_holdings' | 'stock_movements') => {
    const ids = await idsOf(table, item);
    return { id: ids[c.pick % Math.max(ids.length, 1)] ?? item };
  };
  try {
    if (c.verb === 'receive') await admin.call(api.receiveStock, { params, body: { placeId, quantity } });
    if (c.verb === 'issue')
      await admin.call(api.issueStock, { params, body: { placeId, quantity, holder: { kind: 'person', id: people[c.person] ?? '' } } });
    if (c.verb === 'transfer')
      await admin.call(api.transferStock, { params, body: { fromPlaceId: placeId, toPlaceId: places[c.to] ?? '', quantity } });
    if (c.verb === 'count') await admin.call(api.countStock, { params, body: { placeId, counted: quantity - 1, reason: 'Counted' } });
    if (c.verb === 'write-off') await admin.call(api.writeOffStock, { params, body: { placeId, quantity, kind: 'loss' } });
    if (c.verb === 'return')
      await admin.call(api.returnStock, {
        params: await pick('stock_holdings'),
        body: { returned: quantity, lost: c.part % 2, damaged: c.part > 1 ? 1 : 0, placeId: places[c.to] ?? '' },
      });
    if (c.verb === 'reverse') await admin.call(api.reverseMovement, { params: await pick('stock_movements'), body: {} });
  } catch (error) {
    if (!(error instanceof ApiProblem) || !['conflict', 'validation_failed', 'not_found'].includes(error.code)) throw error;
  }
}

/** Where a level or a holding is not the sum of its movements, or less than nothing. */
async function discrepancies(item: string): Promise<unknown[]> {
  const { rows } = await sql`
    select 'level' as what, place_id as id, on_hand, out, coalesce(m.h, 0) as sum_on_hand, coalesce(m.o, 0) as sum_out from stock_levels l
      full join (select item_id, place_id, sum(on_hand_change) as h, sum(out_change) as o from stock_movements group by 1, 2) m using (item_id, place_id)
      where item_id = ${item} and ((on_hand, out) is distinct from (coalesce(m.h, 0), coalesce(m.o, 0)) or on_hand < 0 or out < 0)
    union all
    select 'holding', h.id, h.quantity, 0, coalesce(sum(m.out_change), 0), 0 from stock_holdings h left join stock_movements m on m.holding_id = h.id
      where h.item_id = ${item} group by h.id having h.quantity <> coalesce(sum(m.out_change), 0) or h.quantity < 0
    union all
    select 'place', l.place_id, l.out, 0, coalesce(sum(h.quantity), 0), 0 from stock_levels l
      left join stock_holdings h on (h.item_id, h.place_id) = (l.item_id, l.place_id)
      where l.item_id = ${item} group by l.place_id, l.out having l.out <> coalesce(sum(h.quantity), 0)`.execute(t.db);
  return rows;
}

const stockOn = async (item: string, day?: string) =>
  (
    await admin.call(api.stockLevelListRoutes.list, { query: { filter: `item:${item}`, sort: 'place', ...(day ? { as_of: day } : {}) } })
  ).data.items
    .filter((row) => row.movedAt !== null)
    .map((row) => [row.place?.label, row.onHand, row.out]);

test('whatever is called, also at once: movements sum to levels and holdings, nothing is below zero, and each day is as it was', async () => {
  let day = Date.parse('2026-01-01T12:00:00Z');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<api.StockMode>('one_way', 'two_way', 'two_way'),
      fc.array(fc.array(command, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 6 }),
      async (mode, rounds) => {
        const item = (await admin.call(api.createStockItem, { body: { name: 'Anything', mode } })).data.id;
        await admin.call(api.receiveStock, { params: { id: item }, body: { placeId: places[0] ?? '', quantity: 8 } });
        const days: [string, unknown][] = [];
        for (const round of rounds) {
          // The commands of a round run at once.
          await Promise.all(round.map(async (one) => run(item, one)));
          expect(await discrepancies(item)).toEqual([]);
          days.push([new Date(day).toISOString().slice(0, 10), await stockOn(item)]);
          day += 24 * 3600_000;
          t.setNow(new Date(day));
          // A session ends within a day.
          admin = await t.as('administrator');
        }
        for (const [was, levels] of days) expect(await stockOn(item, was)).toEqual(levels);
      },
    ),
    { numRuns: 25 },
  );
}, 600_000);

test('a server that is killed in the middle of its work leaves sums that are right', async () => {
  const item = (await admin.call(api.createStockItem, { body: { name: 'Killed', mode: 'two_way' } })).data.id;
  const program = join(import.meta.dirname, 'test-clerk.ts');
  const clerk = spawn(process.execPath, [program, t.url, item, people[0] ?? '', places[0] ?? '', places[1] ?? ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(clerk, 'exit');
  let rounds = 0;
  for await (const chunk of clerk.stdout) {
    rounds += String(chunk).split('\n').length - 1;
    if (rounds >= 20) break;
  }
  clerk.kill('SIGKILL');
  expect((await ended)[1]).toBe('SIGKILL');
  const connected = async () =>
    (await sql`select 1 from pg_stat_activity where application_name = 'muster-test-clerk' and datname = current_database()`.execute(t.db))
      .rows.length;
  await expect.poll(connected, { timeout: 120_000 }).toBe(0);
  expect((await idsOf('stock_movements', item)).length).toBeGreaterThanOrEqual(20);
  expect(await discrepancies(item)).toEqual([]);
});

test('a level that does not add up is noticed', async () => {
  const item = (await admin.call(api.createStockItem, { body: { name: 'Planted', mode: 'two_way' } })).data.id;
  await admin.call(api.receiveStock, { params: { id: item }, body: { placeId: places[0] ?? '', quantity: 3 } });
  await sql`update stock_levels set on_hand = 2 where item_id = ${item}`.execute(t.db);
  expect(await discrepancies(item)).toHaveLength(1);
});
