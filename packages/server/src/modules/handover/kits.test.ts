import { createAsset, getAsset } from '@muster/api/assets';
import { checkIn, checkOut, getPersonCustody } from '@muster/api/custody';
import * as handover from '@muster/api/handover';
import * as api from '@muster/api/kits';
import { createPerson } from '@muster/api/people';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { assignLines } from './give-kit.ts';

resourceSuite({
  routes: api.kitListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (let i = 1; i <= 8; i++)
      await admin.call(api.createKit, {
        body: {
          name: `Kit ${i}`,
          note: i % 2 ? `note ${i}` : null,
          lines: [{ class: 'laptop', count: i }, ...(i > 4 ? [{ class: 'phone' }] : [])],
        },
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
const person = async () => (await admin.call(createPerson, { body: { name: `Person ${++count}` } })).data.id;
const asset = async (extra: Record<string, unknown> = {}) =>
  (await admin.call(createAsset, { body: { class: 'laptop', name: `kit-asset-${++count}`, state: 'in_stock', ...extra } })).data.id;
const line = (more: Partial<api.KitLine>): api.KitLine => ({ class: null, model: null, count: 1, optional: false, ...more });

test('a kit is checked as a whole, named once and changed only at its version', async () => {
  await expect(
    admin.call(api.createKit, { body: { name: 'Bad', lines: [{ class: 'no-such-class' }, { count: 2 }] } }),
  ).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [
      { field: 'lines.0.class', code: 'unknown' },
      { field: 'lines.1.class', code: 'required' },
    ],
  });
  const { data: kit } = await admin.call(api.createKit, { body: { name: 'Starter', lines: [{ class: 'laptop' }] } });
  await expect(admin.call(api.createKit, { body: { name: 'STARTER', lines: [{ class: 'laptop' }] } })).rejects.toMatchObject({
    code: 'conflict',
    errors: [{ field: 'name', code: 'taken' }],
  });
  const change = { params: { id: kit.id }, body: { note: 'For the first day' }, ifMatch: `"${kit.version}"` };
  expect((await admin.call(api.updateKit, change)).data).toMatchObject({
    name: 'Starter',
    note: 'For the first day',
    version: kit.version + 1,
  });
  await expect(admin.call(api.updateKit, change)).rejects.toMatchObject({ code: 'stale' });
  await admin.call(api.deleteKit, { params: { id: kit.id } });
  await expect(admin.call(api.getKit, { params: { id: kit.id } })).rejects.toMatchObject({ code: 'not_found' });
  const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${kit.id} order by at`.execute(t.db);
  expect(rows.map((row) => row.action)).toEqual(['kit.created', 'kit.changed', 'kit.removed']);
});

test('stock proposes each asset once and says what is missing', async () => {
  const special = await asset({ model: 'Special 15', tag: 'AAA-1' });
  const any = await asset({ model: 'Plain', tag: 'AAA-2' });
  const { data: kit } = await admin.call(api.createKit, {
    body: {
      name: 'Proposal',
      lines: [{ class: 'laptop' }, { model: 'special 15' }, { model: 'None of it', count: 2 }, { class: 'phone', optional: true }],
    },
  });
  const { data } = await admin.call(api.proposeKit, { params: { id: kit.id } });
  expect(data.complete).toBe(false);
  expect(data.lines.map((one) => [one.proposed.map((a) => a.id), one.missing])).toEqual([
    [[any], 0],
    [[special], 0],
    [[], 2],
    [[], 1],
  ]);
  // A scanned asset comes before the others, wherever it fits.
  const scanned = (await admin.call(api.proposeKit, { params: { id: kit.id }, query: { prefer: special } })).data;
  expect(scanned.lines.map((one) => one.proposed.map((a) => a.id))).toEqual([[any], [special], [], []]);
  const last = await asset({ model: 'Plain', tag: 'ZZZ-9' });
  const preferred = (await admin.call(api.proposeKit, { params: { id: kit.id }, query: { prefer: last } })).data;
  expect(preferred.lines[0]?.proposed.map((a) => a.id)).toEqual([last]);
  await admin.call(checkOut, { body: { assets: [special], holder: { kind: 'person', id: await person() } } });
  const again = (await admin.call(api.proposeKit, { params: { id: kit.id } })).data;
  expect(again.lines[1]).toMatchObject({ proposed: [], missing: 1 });
});

test('a kit is given in one transaction with its document; what does not fit or lacks is refused; a part may come back', async () => {
  const [ann, laptop, phone, other] = [await person(), await asset(), await asset({ class: 'phone' }), await asset({ class: 'printer' })];
  const { data: kit } = await admin.call(api.createKit, { body: { name: 'Give', lines: [{ class: 'laptop' }, { class: 'phone' }] } });
  const give = async (assets: string[], more: Record<string, unknown> = {}) =>
    (await admin.call(api.giveKit, { params: { id: kit.id }, body: { personId: ann, assets, ...more } })).data;
  await expect(give([laptop, other])).rejects.toMatchObject({
    code: 'validation_failed',
    errors: [{ field: 'body.assets.1', code: 'does_not_fit' }],
  });
  await expect(give([laptop])).rejects.toMatchObject({ code: 'conflict', errors: [{ code: 'incomplete' }] });
  expect(await give([laptop, phone], { preview: true })).toMatchObject({ preview: true, document: null, refused: [] });
  const holds = async () => (await admin.call(getPersonCustody, { params: { id: ann } })).data.holds.map((one) => one.asset.id).sort();
  expect(await holds()).toEqual([]);
  const given = await give([laptop, phone], { document: 'de', dueOn: '2999-01-01' });
  expect(given.done).toHaveLength(2);
  expect(await holds()).toEqual([laptop, phone].sort());
  const document = (await admin.call(handover.getHandoverDocument, { params: { id: given.document?.id ?? '' } })).data;
  expect(document).toMatchObject({ state: 'pending', language: 'de', person: { id: ann } });
  expect(document.assets.map((one) => one.id).sort()).toEqual([laptop, phone].sort());
  await admin.call(checkIn, { body: { assets: [phone] } });
  expect(await holds()).toEqual([laptop]);
  expect((await admin.call(getAsset, { params: { id: phone } })).data.state).toBe('in_stock');
  await expect(give([laptop, phone])).rejects.toMatchObject({ code: 'conflict', errors: [{ code: 'already_out' }] });
  expect(await holds()).toEqual([laptop]);
  expect(await give([laptop, phone], { mode: 'possible' })).toMatchObject({
    done: [{ asset: { id: phone } }],
    refused: [{ code: 'already_out' }],
  });
});

test('a technician of one place is proposed and may give only what the role reaches', async () => {
  const laptop = await asset({ tag: 'AAA-0' });
  const { data: kit } = await admin.call(api.createKit, { body: { name: 'Scoped', lines: [{ class: 'laptop' }] } });
  const technician = await t.as('technician', { kind: 'asset_class', key: 'phone' });
  expect((await technician.call(api.proposeKit, { params: { id: kit.id } })).data.lines[0]).toMatchObject({ proposed: [], missing: 1 });
  const body = { personId: await person(), assets: [laptop] };
  await expect(technician.call(api.giveKit, { params: { id: kit.id }, body })).rejects.toMatchObject({ code: 'not_found' });
  expect((await admin.call(getAsset, { params: { id: laptop } })).data.state).toBe('in_stock');
});

test('assets are assigned to lines so that as many places as possible are filled, the needed ones first', () => {
  const fitting = [
    { line: 0, id: 'a' },
    { line: 0, id: 'b' },
    { line: 1, id: 'a' },
  ];
  expect(assignLines([line({}), line({})], ['a', 'b'], fitting)).toEqual(
    new Map([
      ['a', 1],
      ['b', 0],
    ]),
  );
  expect(assignLines([line({ optional: true }), line({})], ['a'], fitting)).toEqual(new Map([['a', 1]]));
  expect(assignLines([line({})], ['a', 'b', 'c'], fitting).size).toBe(1);
});
