import * as api from '@muster/api/keywords';
import { addNote, editNote, getAttached } from '@muster/api/attachments';
import * as bulk from '@muster/api/bulk-changes';
import { assetListRoutes, createAsset, getAssetTimeline } from '@muster/api/assets';
import * as identity from '@muster/api/identity';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { pdf, upload } from './test-files.ts';

resourceSuite({
  routes: api.keywordListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    const id = (await admin.call(createAsset, { body: { class: 'laptop', name: 'one' } })).data.id;
    await admin.call(api.addKeywords, {
      body: { assets: [id], keywords: ['loan pool', 'fair', 'audit 2026', 'spare', 'VIP', 'leased', 'lab', '+plus'] },
    });
  },
});

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());

let count = 0;
const asset = async (cls = 'laptop') => (await admin.call(createAsset, { body: { class: cls, name: `asset-${++count}` } })).data.id;
const attached = async (id: string) => (await admin.call(getAttached, { params: { id } })).data;
const words = async (id: string) => (await attached(id)).keywords.map((one) => one.name);
const add = async (assets: string[], keywords: string[], who = admin) =>
  (await who.call(api.addKeywords, { body: { assets, keywords } })).data;
const found = async (filter: string) =>
  (await admin.call(assetListRoutes.list, { query: { filter } })).data.items.map((item) => String(item.id)).sort();
const idOf = async (name: string) =>
  (await admin.call(api.keywordListRoutes.list, { query: { filter: `name:"${name}"` } })).data.items[0]?.id ?? '';

describe('keywords', () => {
  test('are given to a selection, found by the filter, and taken off; case and spaces make no difference', async () => {
    const [a, b, c] = [await asset(), await asset(), await asset()];
    expect(await add([a, b], ['Loan  Pool ', 'fair'])).toEqual({ changed: 2, refused: [] });
    expect(await add([a], ['LOAN POOL'])).toEqual({ changed: 0, refused: [] });
    expect(await words(a)).toEqual(['fair', 'Loan Pool']);
    expect(await found('keyword:"loan pool"')).toEqual([a, b].sort());
    expect(await found(`-keyword:fair id:${c}`)).toEqual([c]);
    expect(await found(`keyword:null id:${c}`)).toEqual([c]);
    expect((await admin.call(api.takeKeywords, { body: { assets: [a, b, c], keywords: ['FAIR'] } })).data).toEqual({
      changed: 2,
      refused: [],
    });
    expect(await words(b)).toEqual(['Loan Pool']);
    const said = (await admin.call(getAssetTimeline, { params: { id: b }, query: {} })).data.items.map((e) => e.summary);
    expect(said.slice(0, 2)).toEqual(['Keywords taken off: fair.', expect.stringMatching(/^Keywords added: /)]);
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from audit_log where resource_id = ${b} and action like 'keyword.%'`.execute(t.db);
    expect(rows[0]?.n).toBe(2);
  });

  test('are refused for what is out of reach, one by one, and for words that are none', async () => {
    const [laptop, printer] = [await asset(), await asset('printer')];
    const limited = await t.as('technician', { kind: 'asset_class', key: 'printer' });
    const nowhere = newId();
    expect(await add([laptop, printer, nowhere], ['mine'], limited)).toMatchObject({
      changed: 1,
      refused: [
        { asset: laptop, code: 'not_found' },
        { asset: nowhere, code: 'not_found' },
      ],
    });
    expect(await words(laptop)).toEqual([]);
    for (const bad of ['', '  ', 'a,b', 'x'.repeat(61), 'a\u0000b'])
      await expect(add([laptop], [bad]), JSON.stringify(bad)).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(add([laptop], ['x'], await t.as('finance'))).rejects.toMatchObject({ code: 'forbidden' });
    const id = await idOf('mine');
    await expect(limited.call(api.renameKeyword, { params: { id }, body: { name: 'ours' } })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('are renamed, merged and deleted on all assets', async () => {
    const [a, b] = [await asset(), await asset()];
    await add([a], ['notebok', 'both']);
    await add([b], ['notebook', 'both']);
    const [wrong, right, both] = [await idOf('notebok'), await idOf('notebook'), await idOf('both')];
    await expect(admin.call(api.renameKeyword, { params: { id: wrong }, body: { name: 'NoteBook' } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await admin.call(api.mergeKeyword, { params: { id: wrong }, body: { into: right } });
    await admin.call(api.renameKeyword, { params: { id: right }, body: { name: 'Notebook' } });
    expect([await words(a), await words(b)]).toEqual([
      ['both', 'Notebook'],
      ['both', 'Notebook'],
    ]);
    await admin.call(api.deleteKeyword, { params: { id: both } });
    expect(await words(a)).toEqual(['Notebook']);
    await expect(admin.call(api.mergeKeyword, { params: { id: right }, body: { into: right } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(admin.call(api.deleteKeyword, { params: { id: both } })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('that two make at once are one', async () => {
    const ids = await Promise.all([asset(), asset(), asset(), asset()]);
    await Promise.all(ids.map((id) => add([id], ['at once', 'other'])));
    expect(await found('keyword:"at once"')).toEqual(ids.toSorted());
    expect((await admin.call(api.keywordListRoutes.list, { query: { filter: 'name:"at once"' } })).data.items).toMatchObject([
      { assets: 4 },
    ]);
  });
});

test('a merge takes files, notes and keywords along, and its undo gives them back; what was edited since stays', async () => {
  const [survivor, merged] = [await asset(), await asset()];
  expect((await upload(admin, merged, 'bill.pdf', pdf('merge'))).statusCode).toBe(201);
  const [first, second] = [
    (await admin.call(addNote, { params: { id: merged }, body: { text: 'first' } })).data,
    (await admin.call(addNote, { params: { id: merged }, body: { text: 'second' } })).data,
  ];
  await add([merged], ['moved', 'shared']);
  await add([survivor], ['shared']);
  const { data } = await admin.call(identity.mergeAsset, { params: { id: survivor }, body: { merged, reason: 'one machine' } });
  expect(await words(survivor)).toEqual(['moved', 'shared']);
  expect(await attached(survivor)).toMatchObject({ attachments: [{ name: 'bill.pdf' }], notes: [{ text: 'second' }, { text: 'first' }] });
  expect((await upload(admin, merged, 'late.pdf', pdf('late'))).statusCode).toBe(409);
  await admin.call(editNote, { params: { id: survivor, noteId: first.id }, body: { text: 'first, edited' }, ifMatch: '"1"' });
  await admin.call(identity.undoIdentityOperation, { params: { id: data.id }, body: { reason: 'they are two' } });
  expect(await words(survivor)).toEqual(['shared']);
  expect(await words(merged)).toEqual(['moved', 'shared']);
  expect(await attached(survivor)).toMatchObject({ attachments: [], notes: [{ text: 'first, edited' }] });
  expect(await attached(merged)).toMatchObject({
    attachments: [{ name: 'bill.pdf' }],
    notes: [
      { id: second.id, text: 'second' },
      { id: first.id, text: 'first' },
    ],
  });
});

describe('keywords of many assets at once', () => {
  test('are previewed, given and taken by a job, and taken back exactly', async () => {
    const [a, b, c] = [await asset(), await asset(), await asset()];
    await add([a], ['Bulk new', 'bulk old']);
    await add([b], ['bulk old']);
    const { data: made } = await admin.call(bulk.createBulkChange, {
      body: { selection: { ids: [a, b, c] }, operation: 'keywords', parameters: { add: ['bulk  NEW'], take: ['bulk old', 'unheard of'] } },
    });
    expect(made).toMatchObject({ state: 'ready', counts: { will_change: 3 } });
    expect(made.samples.find((s) => s.asset.id === a)?.changes).toEqual([{ field: 'keyword', from: 'Bulk new, bulk old', to: 'Bulk new' }]);
    expect(await words(c)).toEqual([]);
    await admin.call(bulk.applyBulkChange, { params: { id: made.id } });
    await t.jobsDone();
    expect([await words(a), await words(b), await words(c)]).toEqual([['Bulk new'], ['Bulk new'], ['Bulk new']]);
    await admin.call(bulk.undoBulkChange, { params: { id: made.id } });
    await t.jobsDone();
    expect([await words(a), await words(b), await words(c)]).toEqual([['Bulk new', 'bulk old'], ['bulk old'], []]);
  });

  test('cannot be added and taken off at once', async () => {
    const body = { selection: { ids: [await asset()] }, operation: 'keywords', parameters: { add: ['one'], take: ['ONE'] } };
    await expect(admin.call(bulk.createBulkChange, { body })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'parameters.take' }],
    });
  });
});

test('the list shows the keywords of an asset in a column', async () => {
  const id = await asset();
  await add([id], ['zeal', 'Alpha']);
  const { data } = await admin.call(assetListRoutes.list, { query: { filter: `id:${id}`, fields: 'id,keyword' } });
  expect(data.items).toEqual([{ id, keyword: 'Alpha, zeal' }]);
});
