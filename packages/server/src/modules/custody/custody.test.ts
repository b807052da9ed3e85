import { createAsset, getAsset, getAssetTimeline, releaseAssetField, transitionAsset, updateAsset } from '@muster/api/assets';
import * as api from '@muster/api/custody';
import { createPerson, deletePerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import { createTeam } from '@muster/api/teams';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

resourceSuite({
  routes: api.custodyListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    const ann = (await admin.call(createPerson, { body: { name: 'Ann Example' } })).data.id;
    const room = (await admin.call(createPlace, { body: { name: 'Room 1' } })).data.id;
    const make = async (name: string, tag?: string) =>
      (await admin.call(createAsset, { body: { class: 'laptop', name, ...(tag ? { tag } : {}) } })).data.id;
    for (let i = 1; i <= 8; i++) {
      const id = await make(`laptop-${i}`, i % 2 ? `T-${i}` : undefined);
      const holder = i % 3 === 0 ? { kind: 'place' as const, id: room } : { kind: 'person' as const, id: ann };
      const dueOn = i === 2 ? '2025-02-01' : i === 4 ? '2999-01-01' : null;
      await admin.call(api.checkOut, {
        body: {
          assets: [id],
          holder,
          dueOn,
          at: `2025-01-0${i}T08:00:00Z`,
          ...(i < 3 ? { note: `note ${i}`, condition: 'good' as const } : {}),
        },
      });
      if (i % 4 === 1) await admin.call(api.checkIn, { body: { assets: [id], condition: 'worn', at: `2025-03-0${i}T08:00:00Z` } });
    }
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
const person = async (name = `Person ${++count}`) => (await admin.call(createPerson, { body: { name } })).data.id;
const place = async (name = `Place ${++count}`) => (await admin.call(createPlace, { body: { name } })).data.id;
const asset = async (extra: Record<string, unknown> = {}) =>
  (await admin.call(createAsset, { body: { class: 'laptop', name: `asset-${++count}`, ...extra } })).data.id;
const record = async (id: string) => (await admin.call(getAsset, { params: { id } })).data;
const facts = async (id: string, as_of?: string) =>
  (await admin.call(api.getAssetCustody, { params: { id }, query: as_of ? { as_of } : {} })).data;
const toPerson = (id: string) => ({ kind: 'person' as const, id });
const out = async (assets: string[], holder: api.Holder, more: Record<string, unknown> = {}) =>
  (await admin.call(api.checkOut, { body: { assets, holder, ...more } })).data;

describe('check-out and check-in', () => {
  test('“Return to stock” by hand ends the custody of a person and of a team', async () => {
    const team = (await admin.call(createTeam, { body: { name: `Team ${++count}` } })).data.id;
    for (const holder of [toPerson(await person()), { kind: 'team' as const, id: team }]) {
      const id = await asset();
      await out([id], holder);
      await admin.call(transitionAsset, { params: { id }, body: { transition: 'return_to_stock' } });
      expect(await record(id)).toMatchObject({ state: 'in_stock', person: null });
      const after = await facts(id);
      expect(after.custody).toBeNull();
      expect(after.history.custody).toHaveLength(1);
      await out([id], toPerson(await person()));
    }
  });

  test('give an asset to a person and take it back: custody, record, lifecycle, place, condition, events and audit agree', async () => {
    const [ann, room, id] = [await person('Ann'), await place('Stockroom Berlin'), await asset()];
    await out([id], toPerson(ann), { dueOn: '2999-05-01', condition: 'good', note: 'for the fair' });
    expect(await record(id)).toMatchObject({ state: 'assigned', person: { id: ann, label: 'Ann' }, fields: { person: { manual: true } } });
    expect(await facts(id)).toMatchObject({
      custody: {
        holder: { kind: 'person', id: ann, label: 'Ann' },
        dueOn: '2999-05-01',
        overdue: false,
        to: null,
        note: 'for the fair',
        conditionOut: 'good',
      },
      condition: { condition: 'good' },
    });
    await admin.call(api.checkIn, { body: { assets: [id], place: room, condition: 'worn', note: 'scratched' } });
    expect(await record(id)).toMatchObject({ state: 'in_stock', person: null, place: { label: 'Stockroom Berlin' } });
    const after = await facts(id);
    expect(after).toMatchObject({ custody: null, placement: { place: { id: room }, source: 'manual' }, condition: { condition: 'worn' } });
    expect(after.history.custody).toMatchObject([{ conditionIn: 'worn', inNote: 'scratched', inBy: expect.stringMatching(/./) }]);
    const kinds = (await admin.call(getAssetTimeline, { params: { id }, query: {} })).data.items;
    expect(kinds.map((e) => e.kind)).toEqual(expect.arrayContaining(['checked_out', 'checked_in']));
    expect(kinds.find((e) => e.kind === 'checked_in')?.summary).toBe('Checked in from Ann to Stockroom Berlin, worn. scratched');
    const { rows } = await sql<{
      action: string;
    }>`select action from audit_log where resource_id = ${id} and action like 'custody.%' order by at`.execute(t.db);
    expect(rows.map((r) => r.action)).toEqual(['custody.checked_out', 'custody.checked_in']);
  });

  test('what is impossible is refused with its reason', async () => {
    const [ann, bob, id, lost] = [await person('Ann Two'), await person('Bob'), await asset(), await asset()];
    await out([id], toPerson(ann), { at: '2026-01-05T08:00:00Z' });
    const refusedWith = async (call: Promise<unknown>, code: string, message: RegExp) =>
      expect(call).rejects.toMatchObject({ code: 'conflict', errors: [{ code, message: expect.stringMatching(message) as unknown }] });
    await refusedWith(out([id], toPerson(bob)), 'already_out', /is with Ann Two since 2026-01-05 08:00 UTC/);
    await admin.call(transitionAsset, { params: { id: lost }, body: { to: 'lost' } });
    await refusedWith(out([lost], toPerson(bob)), 'not_possible', /lost/);
    await refusedWith(admin.call(api.checkIn, { body: { assets: [lost] } }), 'not_out', /Nobody has/);
    await refusedWith(admin.call(api.checkIn, { body: { assets: [id], at: '2026-01-04T08:00:00Z' } }), 'before_last', /until 2026-01-05/);
    await admin.call(deletePerson, { params: { id: bob } });
    await expect(out([await asset()], toPerson(bob))).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'body.holder', code: 'left' }],
    });
    await expect(out([await asset()], toPerson(newId()))).rejects.toMatchObject({ errors: [{ field: 'body.holder', code: 'unknown' }] });
    await expect(out([await asset()], toPerson(ann), { at: '2999-01-01T00:00:00Z' })).rejects.toMatchObject({
      errors: [{ code: 'future' }],
    });
    await expect(out([await asset()], toPerson(ann), { dueOn: '2020-01-01' })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('to a team, a place and an asset; never round in a circle', async () => {
    const team = (await admin.call(createTeam, { body: { name: 'Crew' } })).data.id;
    const room = await place('Meeting room');
    const [a, b, c, d] = [await asset(), await asset(), await asset(), await asset()];
    await out([d], { kind: 'team', id: team });
    expect(await record(d)).toMatchObject({ state: 'in_use', person: null });
    await out([a], { kind: 'place', id: room });
    expect(await record(a)).toMatchObject({ state: 'in_use', place: { label: 'Meeting room' } });
    await out([b], { kind: 'asset', id: a });
    await out([c], { kind: 'asset', id: b });
    await admin.call(api.checkIn, { body: { assets: [a] } });
    await expect(out([a], { kind: 'asset', id: c })).rejects.toMatchObject({ errors: [{ code: 'cycle' }] });
    await expect(out([a], { kind: 'asset', id: a })).rejects.toMatchObject({ errors: [{ code: 'cycle' }] });
  });

  test('hand over directly: one custody ends as the next begins', async () => {
    const [ann, bob, id] = [await person('Ann H'), await person('Bob H'), await asset()];
    await out([id], toPerson(ann), { at: '2026-01-05T08:00:00Z' });
    await admin.call(api.handOver, { body: { assets: [id], holder: toPerson(bob), at: '2026-02-05T08:00:00Z' } });
    const { history } = await facts(id);
    expect(history.custody.map((p) => [p.holder.label, p.from, p.to])).toEqual([
      ['Bob H', '2026-02-05T08:00:00.000Z', null],
      ['Ann H', '2026-01-05T08:00:00.000Z', '2026-02-05T08:00:00.000Z'],
    ]);
    expect((await facts(id, '2026-01-20')).custody?.holder.label).toBe('Ann H');
    expect((await facts(id, '2026-01-04')).custody).toBeNull();
    expect((await record(id)).person?.label).toBe('Bob H');
    await expect(admin.call(api.handOver, { body: { assets: [id], holder: toPerson(bob) } })).rejects.toMatchObject({
      errors: [{ code: 'same_holder' }],
    });
  });

  test('two technicians want it at once: one gets it, the other is told who has it', async () => {
    for (let round = 0; round < 5; round++) {
      const [ann, bob, id] = [await person(), await person(), await asset()];
      const technicians = [await t.as('technician'), await t.as('technician')];
      const answers = await Promise.allSettled(
        technicians.map((who, i) => who.call(api.checkOut, { body: { assets: [id], holder: toPerson(i === 0 ? ann : bob) } })),
      );
      expect(answers.map((a) => a.status).sort()).toEqual(['fulfilled', 'rejected']);
      const refused = answers.find((a): a is PromiseRejectedResult => a.status === 'rejected');
      expect(refused?.reason).toMatchObject({ code: 'conflict', errors: [{ code: 'already_out' }] });
      expect((await facts(id)).history.custody).toHaveLength(1);
    }
  });

  test('two who would put two assets into each other at once cannot', async () => {
    const [a, b] = [await asset(), await asset()];
    const answers = await Promise.allSettled([out([a], { kind: 'asset', id: b }), out([b], { kind: 'asset', id: a })]);
    expect(answers.map((x) => x.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('many at once', () => {
  test('all or nothing, or those that can; a preview says the same and changes nothing', async () => {
    const [ann, bob] = [await person(), await person()];
    const [a, b, c] = [await asset(), await asset(), await asset()];
    await out([b], toPerson(bob));
    await expect(out([a, b, c], toPerson(ann))).rejects.toMatchObject({
      code: 'conflict',
      errors: [{ field: 'body.assets.1', code: 'already_out' }],
    });
    expect((await facts(a)).custody).toBeNull();
    const stranger = newId();
    const previewed = await out([a, b, c, stranger], toPerson(ann), { mode: 'possible', preview: true });
    expect((await facts(a)).custody).toBeNull();
    const done = await out([a, b, c, stranger], toPerson(ann), { mode: 'possible' });
    expect({ ...previewed, preview: false }).toEqual(done);
    expect(done.done.map((d) => d.asset.id)).toEqual([a, c]);
    expect(done.refused.map((r) => r.code)).toEqual(['already_out', 'not_found']);
    const held = (await admin.call(api.getPersonCustody, { params: { id: ann } })).data;
    expect(held.holds.map((h) => h.asset.id).sort()).toEqual([a, c].sort());
  });

  test('an asset outside the caller’s scope is not found, and not shown', async () => {
    const [ann, phone, laptop] = [await person(), await asset({ class: 'phone' }), await asset()];
    const scoped = await t.as('technician', { kind: 'asset_class', key: 'phone' });
    const answer = await scoped.call(api.checkOut, { body: { assets: [phone, laptop], holder: toPerson(ann), mode: 'possible' } });
    expect(answer.data).toMatchObject({
      done: [{ asset: { id: phone } }],
      refused: [{ asset: { id: laptop, label: laptop }, code: 'not_found' }],
    });
    await out([laptop], toPerson(ann));
    await expect(scoped.call(api.getAssetCustody, { params: { id: laptop }, query: {} })).rejects.toMatchObject({ code: 'not_found' });
    const list = await scoped.call(api.custodyListRoutes.list, { query: { filter: `person:${ann}` } });
    expect(list.data.items.map((p) => p.asset?.id)).toEqual([phone]);
    await expect((await t.as('auditor')).call(api.checkIn, { body: { assets: [phone] } })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('due days', () => {
  test('what is late is overdue, until it is extended or comes back', async () => {
    const [ann, id] = [await person(), await asset()];
    await out([id], toPerson(ann), { at: '2026-01-05T08:00:00Z', dueOn: '2026-01-10' });
    const overdue = async () =>
      (await admin.call(api.custodyListRoutes.list, { query: { filter: `state:overdue person:${ann}` } })).data.items.length;
    expect(await overdue()).toBe(1);
    expect((await admin.call(api.getPersonCustody, { params: { id: ann } })).data).toMatchObject({ overdue: 1 });
    await expect(admin.call(api.extendCustody, { body: { assets: [id], dueOn: '2026-01-01' } })).rejects.toMatchObject({
      code: 'conflict',
    });
    await admin.call(api.extendCustody, { body: { assets: [id], dueOn: '2999-01-01' } });
    expect(await overdue()).toBe(0);
    const events = (await admin.call(getAssetTimeline, { params: { id }, query: { kind: 'due_changed' } })).data.items;
    expect(events[0]?.summary).toBe('Due on 2999-01-01 instead of 2026-01-10.');
    await admin.call(api.checkIn, { body: { assets: [id] } });
    const then = await admin.call(api.custodyListRoutes.list, { query: { filter: `person:${ann}`, as_of: '2026-01-06' } });
    expect(then.data.items).toMatchObject([{ state: 'out', current: true, to: null }]);
    // An instant is itself, not the day it is in: a second before it was given, nobody had it.
    const at = async (as_of: string) =>
      (await admin.call(api.custodyListRoutes.list, { query: { filter: `person:${ann}`, as_of } })).data.items.length;
    const from = Date.parse(then.data.items[0]?.from ?? '');
    expect([await at(new Date(from - 1000).toISOString()), await at(new Date(from).toISOString())]).toEqual([0, 1]);
    const now = await admin.call(api.custodyListRoutes.list, { query: { filter: `person:${ann}` } });
    expect(now.data.items).toMatchObject([{ state: 'returned', current: false }]);
  });
});

describe('placement and condition', () => {
  test('are facts since a moment; the record shows the current one', async () => {
    const [north, south, id] = [await place('North'), await place('South'), await asset()];
    await admin.call(api.placeAssets, { body: { assets: [id], place: north, at: '2026-01-05T08:00:00Z' } });
    await admin.call(api.placeAssets, { body: { assets: [id], place: south, at: '2026-02-05T08:00:00Z', note: 'moved house' } });
    await admin.call(api.setCondition, { body: { assets: [id], condition: 'new', at: '2026-01-05T08:00:00Z' } });
    await admin.call(api.setCondition, { body: { assets: [id], condition: 'damaged', note: 'fell' } });
    expect(await facts(id, '2026-01-20T00:00:00Z')).toMatchObject({
      placement: { place: { label: 'North' } },
      condition: { condition: 'new' },
    });
    expect(await facts(id)).toMatchObject({
      placement: { place: { label: 'South' }, note: 'moved house' },
      condition: { condition: 'damaged', note: 'fell' },
    });
    expect((await record(id)).place?.label).toBe('South');
    await expect(admin.call(api.placeAssets, { body: { assets: [id], place: south } })).rejects.toMatchObject({
      errors: [{ code: 'already_there' }],
    });
    await expect(admin.call(api.placeAssets, { body: { assets: [id], place: newId() } })).rejects.toMatchObject({
      errors: [{ field: 'body.place' }],
    });
  });

  test('a place set on the record, or reported, is a placement too', async () => {
    const [north, south] = [await place('N2'), await place('S2')];
    const id = await asset({ place: north });
    const { version } = await record(id);
    await admin.call(updateAsset, { params: { id }, ifMatch: `"${version}"`, body: { place: south } });
    expect((await facts(id)).history.placements.map((p) => [p.place.label, p.source])).toEqual([
      ['S2', 'manual'],
      ['N2', 'manual'],
    ]);
  });
});

describe('the person on the record', () => {
  test('set, changed and released by hand keeps custody in step', async () => {
    const [ann, bob] = [await person('Ann R'), await person('Bob R')];
    const id = await asset({ person: ann, state: 'assigned' });
    expect((await facts(id)).custody?.holder.label).toBe('Ann R');
    const patch = async (body: { person: string | null }) =>
      admin.call(updateAsset, { params: { id }, ifMatch: `"${(await record(id)).version}"`, body });
    await patch({ person: bob });
    await patch({ person: bob });
    expect((await facts(id)).history.custody.map((p) => p.holder.label)).toEqual(['Bob R', 'Ann R']);
    await expect(admin.call(releaseAssetField, { params: { id, field: 'person' } })).rejects.toMatchObject({
      errors: [{ field: 'person', code: 'needs_person' }],
    });
    await admin.call(transitionAsset, { params: { id }, body: { to: 'in_use' } });
    await admin.call(releaseAssetField, { params: { id, field: 'person' } });
    expect((await facts(id)).custody).toBeNull();
    expect((await record(id)).person).toBeNull();
  });
});

test('a transition that assigns an asset opens its custody', async () => {
  const [ann, id] = [await person('Ann T'), await asset()];
  await admin.call(transitionAsset, { params: { id }, body: { transition: 'assign', inputs: { person: ann } } });
  expect((await facts(id)).custody?.holder.label).toBe('Ann T');
});

test('a period that has ended cannot be changed or removed, even around the application', async () => {
  const [ann, id] = [await person(), await asset()];
  await out([id], toPerson(ann));
  await admin.call(api.checkIn, { body: { assets: [id] } });
  await expect(sql`update custody_periods set note = 'x' where asset_id = ${id}`.execute(t.db)).rejects.toThrow(/append-only/);
  await expect(sql`delete from custody_periods where asset_id = ${id}`.execute(t.db)).rejects.toThrow(/append-only/);
});
