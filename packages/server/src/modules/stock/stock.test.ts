import { createAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import { createPerson, updatePerson } from '@muster/api/people';
import { createPlace, deletePlace } from '@muster/api/places';
import * as api from '@muster/api/stock';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countQueries, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { systemActor } from '../../platform/context.ts';
import { listQuery } from '../../platform/listing/index.ts';
import { holdingsOfPerson, lowStock } from './index.ts';
import { levelListing } from './store-listing.ts';

let t: TestApp;
let admin: TestActor;
let berlin: string;
let paris: string;
let grace: string;
let mouse: string;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
  berlin = await place('Berlin');
  paris = await place('Paris');
  grace = (await admin.call(createPerson, { body: { name: 'Grace Hopper' } })).data.id;
});
afterAll(() => t.close());
beforeEach(async () => {
  mouse = await item('two_way');
});

const place = async (name: string, parentId: string | null = null) => (await admin.call(createPlace, { body: { name, parentId } })).data.id;
const item = async (mode: api.StockMode, more: Partial<api.StockItemCreate> = {}) =>
  (await admin.call(api.createStockItem, { body: { name: 'Mouse', mode, ...more } })).data.id;
const receive = async (id: string, placeId: string, quantity: number) =>
  (await admin.call(api.receiveStock, { params: { id }, body: { placeId, quantity } })).data;
const give = async (id: string, placeId: string, quantity: number, more: object = {}) =>
  (await admin.call(api.issueStock, { params: { id }, body: { placeId, quantity, holder: { kind: 'person', id: grace }, ...more } })).data;
const levels = async (id: string, query: object = {}) =>
  Object.fromEntries(
    (await admin.call(api.stockLevelListRoutes.list, { query: { filter: `item:${id}`, ...query } })).data.items.map((row) => [
      row.place?.label,
      [row.onHand, row.out],
    ]),
  );
const holdings = async (id: string) => (await admin.call(api.stockHoldingListRoutes.list, { query: { filter: `item:${id}` } })).data.items;
const problem = async (run: Promise<unknown>): Promise<ApiProblem> => {
  const error: unknown = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiProblem)) throw new Error('It was not refused', { cause: error });
  return error;
};

describe('stock', () => {
  test('is received, checked out, returned in parts, and everything is a movement and an audit row', async () => {
    await receive(mouse, berlin, 10);
    const out = await give(mouse, berlin, 4, { dueOn: '2020-01-31', note: 'For the course' });
    expect(out.item).toMatchObject({ onHand: 6, out: 4, modeIsOpen: false });
    expect(await holdings(mouse)).toMatchObject([
      { quantity: 4, holder: 'Grace Hopper', dueOn: '2020-01-31', state: 'overdue', place: { label: 'Berlin' } },
    ]);
    expect(await holdingsOfPerson(t.db, grace, '2026-01-01')).toMatchObject([{ quantity: 4, overdue: true }]);
    const holding = out.movements[0] ?? '';
    const back = await admin.call(api.returnStock, {
      params: { id: holding },
      body: { returned: 1, lost: 1, damaged: 1, placeId: paris },
    });
    expect(back.data.item).toMatchObject({ onHand: 7, out: 1 });
    expect(await levels(mouse)).toEqual({ Berlin: [6, 1], Paris: [1, 0] });
    expect(await problem(admin.call(api.returnStock, { params: { id: holding }, body: { returned: 2 } }))).toMatchObject({
      code: 'conflict',
      message: 'Grace Hopper has 1 of “Mouse” from this check-out, and 2 were to be taken back.',
    });
    await admin.call(api.returnStock, { params: { id: holding }, body: { returned: 1 } });
    expect(await holdings(mouse)).toMatchObject([{ quantity: 0, state: 'returned' }]);
    const moved = await admin.call(api.stockMovementListRoutes.list, { query: { filter: `item:${mouse}`, sort: 'at' } });
    expect(moved.data.items.map((row) => [row.kind, row.quantity, row.change].join(' ')).sort()).toEqual(
      [
        'receipt 10 10',
        'check_out 4 -4',
        'return 1 1',
        'loss 1 0',
        'damage 1 0',
        'transfer_out 1 -1',
        'transfer_in 1 1',
        'return 1 1',
      ].sort(),
    );
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${mouse} order by at, id`.execute(t.db);
    expect(rows.map((row) => row.action)).toEqual([
      'stock_item.created',
      'stock.received',
      'stock.checked_out',
      'stock.returned',
      'stock.returned',
    ]);
  });

  test('20 ask at once for the last 5: 5 get one, 15 are told how many are left and where', async () => {
    await receive(mouse, berlin, 5);
    await receive(mouse, paris, 2);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, async () => give(mouse, berlin, 1)));
    expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(5);
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as ApiProblem] : []));
    expect(refused).toHaveLength(15);
    for (const one of refused)
      expect(one).toMatchObject({
        code: 'conflict',
        message: 'None is left of “Mouse” in Berlin, and 1 was asked for. There are 2 in Paris.',
        errors: [{ field: 'quantity', code: 'not_enough' }],
      });
    expect(await levels(mouse)).toEqual({ Berlin: [0, 5], Paris: [2, 0] });
  });

  test('a repeat with the same idempotency key gives out nothing twice', async () => {
    await receive(mouse, berlin, 3);
    const body = { placeId: berlin, quantity: 1, holder: { kind: 'person' as const, id: grace } };
    const twice = await Promise.all(
      [1, 2].map(async () => admin.call(api.issueStock, { params: { id: mouse }, body, idempotencyKey: `once-${mouse}` })),
    );
    expect(twice[0]?.data).toEqual(twice[1]?.data);
    expect(await levels(mouse)).toEqual({ Berlin: [2, 1] });
  });

  test('one-way items are used up, with or without a holder, and never due', async () => {
    const toner = await item('one_way', { name: 'Toner', category: 'consumable' });
    await receive(toner, berlin, 4);
    await give(toner, berlin, 1);
    await give(toner, berlin, 2, { holder: null });
    expect(await levels(toner)).toEqual({ Berlin: [1, 0] });
    expect(await holdings(toner)).toEqual([]);
    expect((await problem(give(toner, berlin, 1, { dueOn: '2030-01-01' }))).errors).toMatchObject([{ field: 'dueOn', code: 'one_way' }]);
    expect((await problem(give(mouse, berlin, 1, { holder: null }))).errors).toMatchObject([{ field: 'holder', code: 'required' }]);
    const person = (await admin.call(api.getPersonStock, { params: { id: grace } })).data;
    expect(person.issued.filter((row) => row.item.id === toner)).toMatchObject([{ quantity: 1, unit: 'piece' }]);
  });

  test('is moved, counted and written off', async () => {
    await receive(mouse, berlin, 5);
    await admin.call(api.transferStock, { params: { id: mouse }, body: { fromPlaceId: berlin, toPlaceId: paris, quantity: 3 } });
    await admin.call(api.countStock, { params: { id: mouse }, body: { placeId: berlin, counted: 7, reason: 'Found a box' } });
    await admin.call(api.writeOffStock, { params: { id: mouse }, body: { placeId: paris, quantity: 1, kind: 'damage' } });
    expect(await levels(mouse)).toEqual({ Berlin: [7, 0], Paris: [2, 0] });
    const same = await admin.call(api.countStock, { params: { id: mouse }, body: { placeId: berlin, counted: 7, reason: 'Year end' } });
    expect(same.data.movements).toEqual([]);
    expect(
      await problem(admin.call(api.transferStock, { params: { id: mouse }, body: { fromPlaceId: paris, toPlaceId: berlin, quantity: 3 } })),
    ).toMatchObject({ message: 'Only 2 are left of “Mouse” in Paris, and 3 were asked for. There are 7 in Berlin.' });
    expect(
      (await problem(admin.call(api.transferStock, { params: { id: mouse }, body: { fromPlaceId: paris, toPlaceId: paris, quantity: 1 } })))
        .errors,
    ).toMatchObject([{ code: 'same' }]);
  });

  test('a movement is undone once, by a counter-movement, while what it brought is still there', async () => {
    const undo = async (id: string | undefined) =>
      admin.call(api.reverseMovement, { params: { id: id ?? '' }, body: { note: 'Wrong item' } });
    const first = (await receive(mouse, berlin, 5)).movements[0];
    const out = (await give(mouse, berlin, 3)).movements[0];
    expect(await problem(undo(first))).toMatchObject({
      code: 'conflict',
      message: 'Only 2 are left of “Mouse” in Berlin, and 5 were asked for. There is none elsewhere.',
    });
    const back = (await admin.call(api.returnStock, { params: { id: out ?? '' }, body: { lost: 1 } })).data.movements[0];
    expect((await problem(undo(out))).message).toBe('Only 2 of 3 are still out: the rest was taken back. Undo that first.');
    await undo(back);
    const undone = (await undo(out)).data.movements[0];
    expect(await levels(mouse)).toEqual({ Berlin: [5, 0] });
    expect((await problem(undo(out))).message).toBe('This movement has been undone already.');
    expect((await problem(undo(undone))).message).toBe('This movement undoes another one. Record what happened instead.');
    const moved = await admin.call(api.transferStock, {
      params: { id: mouse },
      body: { fromPlaceId: berlin, toPlaceId: paris, quantity: 2 },
    });
    expect((await undo(moved.data.movements[1])).data.movements).toHaveLength(2);
    await undo(first);
    expect(await levels(mouse)).toEqual({ Berlin: [0, 0], Paris: [0, 0] });
  });

  test('a holder must be there', async () => {
    await receive(mouse, berlin, 5);
    const left = (await admin.call(createPerson, { body: { name: 'Gone' } })).data;
    await admin.call(updatePerson, { params: { id: left.id }, ifMatch: `"${left.version}"`, body: { active: false } });
    const refusal = async (kind: api.StockHolderKind, id: string) =>
      (await problem(give(mouse, berlin, 1, { holder: { kind, id } }))).errors?.[0]?.code;
    expect(await refusal('person', left.id)).toBe('left');
    for (const kind of api.stockHolderKinds) expect(await refusal(kind, mouse)).toBe('unknown');
    const asset = (await admin.call(createAsset, { body: { class: 'laptop', name: 'lap-1' } })).data.id;
    await give(mouse, berlin, 1, { holder: { kind: 'asset', id: asset } });
    await give(mouse, berlin, 1, { holder: { kind: 'place', id: paris } });
    expect((await holdings(mouse)).map((row) => String(row.holder)).sort()).toEqual(['Paris', 'lap-1']);
  });

  test('the past is as it was recorded: nothing is entered before the last movement or in the future', async () => {
    const at = async (when: string, quantity: number) =>
      admin.call(api.receiveStock, { params: { id: mouse }, body: { placeId: berlin, quantity, at: when } });
    await at('2025-03-31T22:00:00Z', 4);
    await at('2025-04-01T00:00:00Z', 3);
    expect((await problem(at('2025-03-31T23:00:00Z', 1))).errors).toMatchObject([{ field: 'at', code: 'before_last' }]);
    expect((await problem(at('2999-01-01T00:00:00Z', 1))).errors).toMatchObject([{ field: 'at', code: 'future' }]);
    expect(await levels(mouse, { as_of: '2025-03-30' })).toEqual({});
    expect(await levels(mouse, { as_of: '2025-03-31' })).toEqual({ Berlin: [4, 0] });
    expect(await levels(mouse, { as_of: '2025-04-01' })).toEqual({ Berlin: [7, 0] });
  });

  test('below its minimum an item is low, by the whole or by one place', async () => {
    const cable = await item('one_way', { name: 'Cable', minimum: 5 });
    const status = async () => (await admin.call(api.getStockItem, { params: { id: cable } })).data.status;
    const low = async () => (await lowStock(t.db)).filter((row) => row.itemId === cable).map((row) => [row.place, row.onHand, row.minimum]);
    expect(await status()).toBe('low_stock');
    await receive(cable, berlin, 5);
    expect(await status()).toBe('enough');
    expect(await low()).toEqual([]);
    await admin.call(api.setStockMinimum, { params: { id: cable }, body: { placeId: paris, minimum: 2 } });
    expect(await low()).toEqual([['Paris', 0, 2]]);
    await admin.call(api.issueStock, { params: { id: cable }, body: { placeId: berlin, quantity: 1 } });
    expect(await low()).toEqual([
      [null, 4, 5],
      ['Paris', 0, 2],
    ]);
    const listed = await admin.call(api.stockItemListRoutes.list, { query: { filter: `status:low_stock id:${cable}` } });
    expect(listed.data.items).toMatchObject([{ name: 'Cable', onHand: 4 }]);
  });

  test('an item is changed, its way only before the first movement, and archived when it is empty', async () => {
    const change = async (version: number, body: api.StockItemUpdate) =>
      (await admin.call(api.updateStockItem, { params: { id: mouse }, ifMatch: `"${version}"`, body })).data;
    expect(await change(1, { mode: 'one_way', minimum: 2, notes: 'x' })).toMatchObject({ mode: 'one_way', minimum: 2, version: 2 });
    await receive(mouse, berlin, 1);
    expect((await problem(change(2, { mode: 'two_way' }))).errors).toMatchObject([{ field: 'mode', code: 'immutable' }]);
    expect((await problem(change(2, { archived: true }))).message).toContain('still has 1 on hand');
    expect((await problem(change(1, { name: 'y' }))).code).toBe('stale');
    await admin.call(api.issueStock, { params: { id: mouse }, body: { placeId: berlin, quantity: 1 } });
    expect(await change(2, { archived: true })).toMatchObject({ status: 'archived' });
    expect((await problem(receive(mouse, berlin, 1))).message).toContain('is archived');
    expect(await change(3, { archived: false })).toMatchObject({ status: 'low_stock', archivedAt: null });
  });

  test('a role within a place moves and sees the stock of that place alone', async () => {
    const room = await place('Store room', berlin);
    await receive(mouse, room, 3);
    await receive(mouse, paris, 9);
    const elsewhere = await item('one_way', { name: 'Elsewhere' });
    await receive(elsewhere, paris, 1);
    const scoped = await t.as('technician', { kind: 'place', id: berlin });
    const mine = await scoped.call(api.stockLevelListRoutes.list, { query: { filter: `item:${mouse}` } });
    expect(mine.data.items.map((row) => row.place?.label)).toEqual(['Store room']);
    await scoped.call(api.receiveStock, { params: { id: mouse }, body: { placeId: room, quantity: 1 } });
    const call = async (placeId: string, quantity: number) =>
      scoped.call(api.issueStock, { params: { id: mouse }, body: { placeId, quantity, holder: { kind: 'place', id: room } } });
    expect((await problem(call(paris, 1))).errors).toMatchObject([{ field: 'placeId', code: 'unknown' }]);
    expect((await problem(call(room, 5))).message).toBe(
      'Only 4 are left of “Mouse” in Store room, and 5 were asked for. There is none elsewhere.',
    );
    expect((await problem(scoped.call(api.getStockItem, { params: { id: elsewhere } }))).code).toBe('not_found');
    const there = (await give(mouse, paris, 1)).movements[0] ?? '';
    expect((await problem(scoped.call(api.returnStock, { params: { id: there }, body: { returned: 1 } }))).code).toBe('not_found');
    expect((await problem(scoped.call(api.reverseMovement, { params: { id: there }, body: {} }))).code).toBe('not_found');
    expect((await problem(admin.call(deletePlace, { params: { id: room } }))).message).toContain('still has stock in it');
  });

  test('movements cannot be altered, and a list is one query', async () => {
    await receive(mouse, berlin, 1);
    await expect(sql`update stock_movements set quantity = 2`.execute(t.db)).rejects.toThrow('append-only');
    await expect(sql`delete from stock_movements`.execute(t.db)).rejects.toThrow('append-only');
    await expect(sql`truncate stock_movements cascade`.execute(t.db)).rejects.toThrow('append-only');
    const counted = countQueries(t.db);
    await listQuery(counted.db, levelListing, { filter: `item:${mouse}` }, systemActor, new Date());
    expect(counted.count()).toBe(1);
  });

  test('all mistakes of a call come at once', async () => {
    const answer = await problem(
      admin.call(api.issueStock, { params: { id: mouse }, body: { placeId: 'x', quantity: 0, dueOn: 'soon', holder: null } }),
    );
    expect(answer.code).toBe('validation_failed');
    expect(answer.errors?.map((error) => error.field).sort()).toEqual(['dueOn', 'placeId', 'quantity']);
  });
});
