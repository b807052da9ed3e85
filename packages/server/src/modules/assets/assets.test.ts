import {
  assetListRoutes,
  type AssetRecord,
  createAsset,
  getAsset,
  getAssetTimeline,
  releaseAssetField,
  transitionAsset,
  updateAsset,
} from '@muster/api/assets';
import { listAssetClasses } from '@muster/api/asset-classes';
import { ApiProblem } from '@muster/api/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { accessModule } from '../access/module.ts';
import { builtInClasses } from './classes.ts';
import { assetsModule } from './module.ts';

let t: TestApp;
let manager: TestActor;
const paris = '00000000-0000-7000-8000-0000000000a1';
const room = '00000000-0000-7000-8000-0000000000a2';
const berlin = '00000000-0000-7000-8000-0000000000b1';
const ada = '00000000-0000-7000-8000-0000000000c1';
const nobody = '00000000-0000-7000-8000-0000000000ff';

beforeAll(async () => {
  t = await testApp({ modules: [accessModule, assetsModule] });
  manager = await t.as('asset_manager');
  await sql`insert into places (id, name, kind, parent_id, path) values (${paris}, 'Paris', 'site', null, array[${paris}]::uuid[]), (${room}, 'Room 1', 'room', ${paris}, array[${paris}, ${room}]::uuid[]),
    (${berlin}, 'Berlin', 'site', null, array[${berlin}]::uuid[])`.execute(t.db);
  await sql`insert into people (id, name, login) values (${ada}, 'Ada Lovelace', 'ada')`.execute(t.db);
});
afterAll(() => t.close());

const make = async (body: Record<string, unknown>, who = manager): Promise<AssetRecord> =>
  (await who.call(createAsset, { body: { class: 'laptop', ...body } })).data;
const refusal = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiProblem) return error.document;
    throw error;
  }
  throw new Error('It was not refused');
};

test('the classes of content are there, with how many assets each has', async () => {
  const { data } = await manager.call(listAssetClasses, {});
  expect(data.items.map((c) => c.key).toSorted((a, b) => a.localeCompare(b))).toEqual(
    builtInClasses.map((c) => c.key).toSorted((a, b) => a.localeCompare(b)),
  );
  for (const c of builtInClasses)
    expect(data.items.find((i) => i.key === c.key)).toMatchObject({ parent: c.parent, capabilities: c.capabilities });
});

describe('an asset entered by hand', () => {
  test('has every value marked as set by hand, an audit row and an event', async () => {
    const made = await make({ name: 'pc-hand', tag: 'T-1', serial: 'ABC12345', place: room, person: ada, state: 'in_use' });
    expect(made).toMatchObject({
      name: 'pc-hand',
      state: 'in_use',
      place: { id: room, label: 'Room 1' },
      person: { label: 'Ada Lovelace' },
      version: 1,
      lastSeenAt: null,
      sources: [],
      installedTitles: 0,
    });
    expect(made.fields['place']).toMatchObject({ value: room, label: 'Room 1', manual: true, source: 'manual', reason: 'Set by hand.' });
    expect(made.fields['cpu']).toMatchObject({ value: null, source: null });
    const { rows } = await sql<{
      action: string;
      actor_kind: string;
    }>`select action, actor_kind from audit_log where resource_id = ${made.id}`.execute(t.db);
    expect(rows).toEqual([{ action: 'asset.created', actor_kind: 'user' }]);
    const { data } = await manager.call(getAssetTimeline, { params: { id: made.id } });
    expect(data.items.map((e) => e.summary)).toEqual(['Entered by hand as in use.']);
  });

  test('names every bad field at once', async () => {
    const problem = await refusal(make({ class: 'spaceship', place: nobody, person: nobody, orgUnit: nobody }));
    expect(problem).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(problem.errors?.map((e) => e.field).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'class',
      'name',
      'orgUnit',
      'person',
      'place',
    ]);
    expect((await refusal(make({ name: '', cores: -1 }))).errors?.map((e) => e.field)).toEqual(expect.arrayContaining(['name', 'cores']));
  });

  test('cannot take a tag that another one has, whatever its case', async () => {
    await make({ tag: 'T-900' });
    expect(await refusal(make({ tag: 't-900' }))).toMatchObject({ status: 409, errors: [{ field: 'tag', code: 'taken' }] });
    const both = await Promise.allSettled([make({ tag: 'T-901' }), make({ tag: 'T-901' }), make({ tag: 'T-901' })]);
    expect(both.map((r) => r.status).toSorted((a, b) => a.localeCompare(b))).toEqual(['fulfilled', 'rejected', 'rejected']);
  });
});

describe('an edit', () => {
  test('needs the version, and of two at once only one wins', async () => {
    const made = await make({ name: 'edit-me' });
    expect((await manager.inject({ method: 'PATCH', url: `/api/v1/assets/${made.id}`, payload: { name: 'x' } })).statusCode).toBe(428);
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map((name) => manager.call(updateAsset, { params: { id: made.id }, ifMatch: '"1"', body: { name } })),
    );
    expect(results.filter((r) => r.status === 'fulfilled').length).toBe(1);
    for (const r of results)
      if (r.status === 'rejected') expect((r.reason as ApiProblem).document).toMatchObject({ status: 412, code: 'stale' });
    const read = await manager.call(getAsset, { params: { id: made.id } });
    expect(read).toMatchObject({ etag: '"2"', data: { version: 2 } });
  });

  test('with null releases the value; release says so when there is none', async () => {
    const made = await make({ name: 'with notes', notes: 'old' });
    const { data } = await manager.call(updateAsset, { params: { id: made.id }, ifMatch: '"1"', body: { notes: null, memoryMb: 2048 } });
    expect(data).toMatchObject({ notes: null, memoryMb: 2048, fields: { notes: { source: null, manual: false } } });
    expect(await refusal(manager.call(releaseAssetField, { params: { id: made.id, field: 'notes' } }))).toMatchObject({ status: 409 });
    const released = await manager.call(releaseAssetField, { params: { id: made.id, field: 'memoryMb' } });
    expect(released.data.memoryMb).toBeNull();
    const { data: timeline } = await manager.call(getAssetTimeline, { params: { id: made.id } });
    expect(timeline.items.map((e) => e.summary)).toEqual(
      expect.arrayContaining(['Notes changed from old to nothing.', 'Memory set by hand (2048) was released.']),
    );
  });

  test('of an unknown asset is not found', async () => {
    for (const call of [
      () => manager.call(getAsset, { params: { id: nobody } }),
      () => manager.call(updateAsset, { params: { id: nobody }, ifMatch: '"1"', body: { name: 'x' } }),
      () => manager.call(transitionAsset, { params: { id: nobody }, body: { to: 'retired' } }),
      () => manager.call(getAssetTimeline, { params: { id: nobody } }),
    ]) {
      expect(await refusal(call())).toMatchObject({ status: 404, code: 'not_found' });
    }
  });
});

test('a transition is made or refused with the reason and what is possible', async () => {
  const made = await make({ name: 'moves' });
  const refused = await refusal(manager.call(transitionAsset, { params: { id: made.id }, body: { to: 'disposed' } }));
  expect(refused).toMatchObject({ status: 409, errors: [{ field: 'to', code: 'not_possible' }] });
  expect(refused.errors?.[0]?.suggestions).toContain('retired');
  expect(await refusal(manager.call(transitionAsset, { params: { id: made.id }, body: { to: 'assigned' } }))).toMatchObject({
    errors: [{ code: 'needs_person' }],
  });
  const { data } = await manager.call(transitionAsset, { params: { id: made.id }, body: { to: 'retired', reason: 'broken' } });
  expect(data).toMatchObject({
    state: 'retired',
    transitions: expect.arrayContaining([expect.objectContaining({ to: 'disposed', label: 'Dispose', blocked: [] })]),
  });
  const { data: timeline } = await manager.call(getAssetTimeline, { params: { id: made.id } });
  expect(timeline.items[0]).toMatchObject({ kind: 'transitioned', summary: 'Moved from in stock to retired.', data: { reason: 'broken' } });
});

test('the timeline is paged, newest first, without a gap', async () => {
  const made = await make({ name: 'n0' });
  for (let i = 1; i <= 7; i++) await manager.call(updateAsset, { params: { id: made.id }, ifMatch: `"${i}"`, body: { name: `n${i}` } });
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await manager.call(getAssetTimeline, { params: { id: made.id }, query: { limit: 3, ...(cursor ? { cursor } : {}) } });
    seen.push(...data.items.map((e) => (typeof e.data['to'] === 'string' ? e.data['to'] : e.kind)));
    cursor = data.nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual(['n7', 'n6', 'n5', 'n4', 'n3', 'n2', 'n1', 'created']);
  expect(await refusal(manager.call(getAssetTimeline, { params: { id: made.id }, query: { cursor: 'nonsense' } }))).toMatchObject({
    code: 'bad_cursor',
  });
});

describe('who may do what', () => {
  test('reading and writing need their permissions', async () => {
    const made = await make({ name: 'guarded' });
    const auditor = await t.as('auditor');
    const employee = await t.as('employee');
    expect((await auditor.call(getAsset, { params: { id: made.id } })).data.id).toBe(made.id);
    expect(await refusal(make({ name: 'x' }, auditor))).toMatchObject({ status: 403 });
    expect(await refusal(employee.call(getAsset, { params: { id: made.id } }))).toMatchObject({ status: 403 });
    expect(await refusal(t.anonymous.call(getAsset, { params: { id: made.id } }))).toMatchObject({ status: 401 });
  });

  test('a scope holds for the list, the record, its timeline and every write', async () => {
    const inside = await make({ name: 'scoped-in', place: room });
    const outside = await make({ name: 'scoped-out', place: berlin });
    const local = await t.as('asset_manager', { kind: 'place', id: paris });
    const { data } = await local.call(assetListRoutes.list, { query: { q: 'scoped' } });
    expect(data.items.map((i) => i.name)).toEqual(['scoped-in']);
    expect((await local.call(getAsset, { params: { id: inside.id } })).data.name).toBe('scoped-in');
    for (const call of [
      () => local.call(getAsset, { params: { id: outside.id } }),
      () => local.call(getAssetTimeline, { params: { id: outside.id } }),
      () => local.call(updateAsset, { params: { id: outside.id }, ifMatch: '"1"', body: { name: 'mine' } }),
      () => local.call(transitionAsset, { params: { id: outside.id }, body: { to: 'retired' } }),
      () => local.call(releaseAssetField, { params: { id: outside.id, field: 'name' } }),
    ]) {
      expect(await refusal(call())).toMatchObject({ status: 404 });
    }
    expect(await refusal(make({ name: 'scoped-new', place: berlin }, local))).toMatchObject({ status: 404 });
    expect((await manager.call(assetListRoutes.list, { query: { q: 'scoped-new' } })).data.items).toEqual([]);
  });
});

test('the list filters, searches, sorts and counts by the fields of the record', async () => {
  await make({ name: 'list-a', tag: 'L-1', manufacturer: 'Dell Inc.', memoryMb: 8192, person: ada });
  await make({ name: 'list-b', tag: 'L-2', manufacturer: 'HP', memoryMb: 16384, class: 'server' });
  const names = async (query: Record<string, string>): Promise<unknown[]> =>
    (await manager.call(assetListRoutes.list, { query: { q: 'list-', sort: 'name', ...query } })).data.items.map((i) => i.name);
  expect(await names({})).toEqual(['list-a', 'list-b']);
  expect(await names({ filter: 'class:server' })).toEqual(['list-b']);
  expect(await names({ filter: 'memory_mb>10000' })).toEqual(['list-b']);
  expect(await names({ filter: 'person:"Ada Lovelace"' })).toEqual(['list-a']);
  expect(await names({ filter: 'manufacturer:Dell*', sort: '-name' })).toEqual(['list-a']);
  expect(await refusal(manager.call(assetListRoutes.list, { query: { filter: 'manufactorer:x' } }))).toMatchObject({ code: 'bad_filter' });
  const { data } = await manager.call(assetListRoutes.facets, { query: { q: 'list-' } });
  expect(data.facets.find((f) => f.field === 'class')?.values).toEqual(
    expect.arrayContaining([expect.objectContaining({ value: 'server', count: 1 })]),
  );
});
