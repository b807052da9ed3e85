import { createAsset, getAsset, updateAsset } from '@muster/api/assets';
import * as codes from '@muster/api/codes';
import * as custom from '@muster/api/custom-fields';
import * as identity from '@muster/api/identity';
import { createPlace } from '@muster/api/places';
import * as stock from '@muster/api/stock';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
  for (const [key, type, unique] of [
    ['colour', 'text', false],
    ['badge', 'text', true],
    ['pin', 'encrypted', false],
  ] as const)
    await admin.call(custom.createCustomField, { body: { resource: 'assets', key, label: key, type, ...(unique ? { unique } : {}) } });
});
afterAll(() => t.close());

/** What no copy is made of, and what is copied only where the survivor has none. */
async function snapshot(ids: readonly string[]): Promise<unknown> {
  const of = async (query: ReturnType<typeof sql<{ v: unknown }>>) => (await query.execute(t.db)).rows.map((r) => r.v);
  return {
    custom: await of(sql<{ v: unknown }>`select custom as v from assets where id = any(${ids}::uuid[]) order by id`),
    claims: await of(
      sql<{ v: unknown }>`select to_jsonb(c) as v from custom_unique_values c where record_id = any(${ids}::uuid[]) order by 1`,
    ),
    secrets: await of(sql<{ v: unknown }>`select to_jsonb(c) as v from custom_secrets c where record_id = any(${ids}::uuid[]) order by 1`),
    codes: await of(sql<{ v: unknown }>`select to_jsonb(c) as v from codes c where asset_id = any(${ids}::uuid[]) order by 1`),
    holdings: await of(sql<{ v: unknown }>`select to_jsonb(c) as v from stock_holdings c where holder_id = any(${ids}::uuid[]) order by 1`),
  };
}

let count = 0;
async function asset(values: Record<string, unknown>): Promise<string> {
  return (await admin.call(createAsset, { body: { class: 'laptop', name: `carried-${++count}`, custom: values as never } })).data.id;
}
const addCode = (id: string, value: string) => admin.call(codes.addAssetCode, { params: { id }, body: { value, kind: 'external' } });
const setPin = (recordId: string, value: string) =>
  admin.call(custom.setCustomSecret, { body: { resource: 'assets', recordId, key: 'pin', value } });

async function giveStock(id: string): Promise<void> {
  const place = (await admin.call(createPlace, { body: { name: `Shelf ${count}`, kind: 'room' } })).data.id;
  const item = (await admin.call(stock.createStockItem, { body: { name: `Dock ${count}`, category: 'accessory', mode: 'two_way' } })).data
    .id;
  await admin.call(stock.receiveStock, { params: { id: item }, body: { placeId: place, quantity: 3 } });
  await admin.call(stock.issueStock, { params: { id: item }, body: { placeId: place, quantity: 2, holder: { kind: 'asset', id } } });
}

/** The one lacks what the other has, and has some of it of its own. */
async function twins(): Promise<{ a: string; b: string; badge: string }> {
  const a = await asset({ colour: 'red' });
  const badge = `B-${count}`;
  const b = await asset({ colour: 'blue', badge });
  await setPin(b, '1234');
  await addCode(a, `CODE-A-${count}`);
  await addCode(b, `CODE-B-${count}`);
  await giveStock(b);
  return { a, b, badge };
}
const merge = async (a: string, b: string) =>
  (await admin.call(identity.mergeAsset, { params: { id: a }, body: { merged: b, reason: 'the same desk' } })).data.id;
const undo = (id: string) => admin.call(identity.undoIdentityOperation, { params: { id }, body: { reason: 'a mistake' } });
const read = async (id: string) => (await admin.call(getAsset, { params: { id } })).data;
const codesOf = async (id: string) => (await admin.call(codes.listAssetCodes, { params: { id } })).data.items.map((c) => c.value).sort();

test('custom values, unique claims, encrypted values, codes and stock go to the survivor, and undoing restores all of them exactly', async () => {
  const { a, b, badge } = await twins();
  const before = await snapshot([a, b]);
  const id = await merge(a, b);
  expect((await read(a)).custom).toMatchObject({ colour: 'red', badge, pin: { setBy: expect.any(String) as string } });
  expect(await codesOf(a)).toEqual([`CODE-A-${count}`, `CODE-B-${count}`]);
  const holder = await sql<{ n: number }>`select count(*)::int as n from stock_holdings where holder_id = ${a} and quantity = 2`.execute(
    t.db,
  );
  expect(holder.rows[0]?.n).toBe(1);
  // The claim went along: nobody else can take the value, and the survivor may say it again.
  const version = (await read(a)).version;
  await admin.call(updateAsset, { params: { id: a }, body: { custom: { badge } }, ifMatch: `"${version}"` });
  await expect(asset({ badge })).rejects.toMatchObject({ errors: [{ field: 'custom.badge', code: 'taken' }] });
  await undo(id);
  expect(await snapshot([a, b])).toEqual(before);
});

test('what was changed on the survivor since stays there, and a unique value that was given away holds the undo back', async () => {
  const { a, b, badge } = await twins();
  const id = await merge(a, b);
  const change = async (of: string, value: string | null) =>
    admin.call(updateAsset, { params: { id: of }, body: { custom: { badge: value } }, ifMatch: `"${(await read(of)).version}"` });
  await change(a, 'another badge');
  const third = await asset({ badge });
  await expect(undo(id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(badge.toLowerCase()) as string });
  await change(third, null);
  await undo(id);
  expect((await read(a)).custom).toMatchObject({ colour: 'red', badge: 'another badge' });
  expect((await read(b)).custom).toMatchObject({ colour: 'blue', badge });
});

test('a chain of merges is undone from its end, each step exactly', async () => {
  const { a, b } = await twins();
  const c = await asset({});
  const start = await snapshot([a, b, c]);
  const first = await merge(a, b);
  const between = await snapshot([a, b, c]);
  const second = await merge(c, a);
  expect(await codesOf(c)).toHaveLength(2);
  expect((await read(c)).custom).toMatchObject({ colour: 'red', badge: expect.any(String) as string });
  await undo(second);
  expect(await snapshot([a, b, c])).toEqual(between);
  await undo(first);
  expect(await snapshot([a, b, c])).toEqual(start);
});
