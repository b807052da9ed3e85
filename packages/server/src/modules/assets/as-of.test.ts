import { getAssetFieldHistory, restoreAssetField } from '@muster/api/asset-history';
import {
  type AssetRecord,
  assetListRoutes,
  createAsset,
  getAsset,
  getAssetTimeline,
  releaseAssetField,
  transitionAsset,
  updateAsset,
} from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import { mergeAsset, undoIdentityOperation } from '@muster/api/identity';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { applyObservedValues, createDiscovered } from './observed-values.ts';

let t: TestApp;
let manager: TestActor;
const hour = 3_600_000;
const start = Date.now() - 300 * 24 * hour;
const ada = '00000000-0000-7000-8000-0000000000c1';
const bob = '00000000-0000-7000-8000-0000000000c2';
const paris = '00000000-0000-7000-8000-0000000000a1';
const berlin = '00000000-0000-7000-8000-0000000000b1';
let clock = start;
const pass = (hours: number): string => {
  clock += hours * hour;
  t.setNow(new Date(clock));
  return new Date(clock).toISOString();
};

/** A time at which nothing happens, with the clock past it. */
const moment = (): string => {
  const at = pass(1);
  pass(1);
  return at;
};

beforeAll(async () => {
  t = await testApp();
  manager = await t.as('asset_manager');
  await sql`insert into places (id, name, kind, path) values (${paris}, 'Paris', 'site', array[${paris}]::uuid[]), (${berlin}, 'Berlin', 'site', array[${berlin}]::uuid[])`.execute(
    t.db,
  );
  await sql`insert into people (id, name, login) values (${ada}, 'Ada Lovelace', 'ada'), (${bob}, 'Bob Byte', 'bob')`.execute(t.db);
  // The past is kept from before the tests' clock begins.
  await sql`update asset_history_start set at = ${new Date(start - hour)}`.execute(t.db);
  pass(1);
});
afterAll(() => t.close());

const make = async (body: Record<string, unknown>): Promise<AssetRecord> =>
  (await manager.call(createAsset, { body: { class: 'laptop', ...body } })).data;
const read = async (id: string, as_of?: string, who = manager): Promise<AssetRecord> =>
  (await who.call(getAsset, { params: { id }, query: as_of === undefined ? {} : { as_of } })).data;
const edit = async (id: string, body: Record<string, unknown>): Promise<AssetRecord> =>
  (await manager.call(updateAsset, { params: { id }, ifMatch: `"${(await read(id)).version}"`, body })).data;
const restore = async (id: string, field: 'tag' | 'person' | 'notes' | 'name', at: string): Promise<AssetRecord> =>
  (await manager.call(restoreAssetField, { params: { id, field }, body: { at } })).data;
const refusal = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiProblem) return error.document;
    throw error;
  }
  throw new Error('It was not refused');
};
const report = async (id: string, source: string, values: Record<string, string | number | null>): Promise<void> =>
  inTx(t.db, (tx) => applyObservedValues(tx, [{ assetId: id, source, seenAt: new Date(clock), values }]));

describe('a list as of a time', () => {
  test('filters, sorts, searches, counts and exports what was true then', async () => {
    const a = await make({ name: 'then-a', person: ada, place: paris });
    await make({ name: 'then-b', place: berlin });
    const before = moment();
    pass(1);
    await edit(a.id, { name: 'now-a', person: bob, place: berlin });
    await manager.call(transitionAsset, { params: { id: a.id }, body: { to: 'retired' } });
    await make({ name: 'then-c' });
    pass(1);
    const list = async (query: Record<string, string>): Promise<unknown[]> =>
      (await manager.call(assetListRoutes.list, { query: { total: 'exact', ...query } })).data.items.map((i) => i.name);
    expect(await list({ as_of: before, filter: 'name:then-*' })).toEqual(['then-a', 'then-b']);
    expect(await list({ filter: 'name:then-*', sort: 'name' })).toEqual(['then-b', 'then-c']);
    expect(await list({ as_of: before, q: 'then', sort: '-name' })).toEqual(['then-b', 'then-a']);
    expect(await list({ as_of: before, filter: 'person:"Ada Lovelace"' })).toEqual(['then-a']);
    expect(await list({ as_of: before, filter: 'state:retired' })).toEqual([]);
    const { facets } = (await manager.call(assetListRoutes.facets, { query: { as_of: before, filter: 'name:then-*' } })).data;
    expect(facets.find((f) => f.field === 'place')?.values.map((v) => [v.label, v.count])).toEqual([
      ['Paris', 1],
      ['Berlin', 1],
    ]);
    expect(facets.map((f) => f.field)).not.toContain('freshness');
    const file = await manager.inject({
      method: 'GET',
      url: '/api/v1/assets/export',
      query: { as_of: before, filter: 'name:then-*', fields: 'name,state', sort: 'name' },
    });
    expect(
      file.body
        .trim()
        .split('\r\n')
        .map((line) => line.split(',').slice(-2).join(',')),
    ).toEqual(['name,state', 'then-a,in_stock', 'then-b,in_stock']);
    const page = (await manager.call(assetListRoutes.list, { query: { as_of: before, filter: 'name:then-*', limit: 1 } })).data;
    expect(page).toMatchObject({ total: 2 });
    const second = await manager.call(assetListRoutes.list, {
      query: { as_of: before, filter: 'name:then-*', limit: 1, cursor: String(page.nextCursor) },
    });
    expect(second.data.items.map((i) => i.name)).toEqual(['then-b']);
  });

  test('a day means its end in UTC', async () => {
    const day = new Date(clock).toISOString().slice(0, 10);
    clock = Date.parse(`${day}T23:59:59.999Z`);
    pass(0);
    await make({ name: 'end-of-day' });
    const rows = await manager.call(assetListRoutes.list, { query: { as_of: day, filter: 'name:end-of-day' } });
    expect(rows.data.items.length).toBe(1);
    const previous = new Date(Date.parse(day) - 24 * hour).toISOString().slice(0, 10);
    expect((await manager.call(assetListRoutes.list, { query: { as_of: previous, filter: 'name:end-of-day' } })).data.items).toEqual([]);
    pass(1);
  });

  test('names every field without a past, where it was used', async () => {
    const problem = await refusal(
      manager.call(assetListRoutes.list, {
        query: { as_of: '2026-01-01', filter: 'product:x name:y -freshness:seen', sort: '-lastSeenAt', fields: 'name,lastSeenAt' },
      }),
    );
    expect(problem.code).toBe('validation_failed');
    expect(problem.errors?.map((e) => [e.field, e.code, /“(\w+)”/.exec(e.message)?.[1]])).toEqual([
      ['filter', 'no_history', 'product'],
      ['filter', 'no_history', 'freshness'],
      ['sort', 'no_history', 'last_seen_at'],
      ['fields', 'no_history', 'last_seen_at'],
    ]);
    expect(
      (await refusal(manager.call(assetListRoutes.facets, { query: { as_of: '2026-01-01', filter: 'mac:aa' } }))).errors?.[0]?.code,
    ).toBe('no_history');
    for (const as_of of ['2026-02-30', 'yesterday', '0000-01-01'])
      expect((await refusal(manager.call(assetListRoutes.list, { query: { as_of } }))).errors?.[0]?.field).toBe('as_of');
  });

  test('shows a scope what was in it then', async () => {
    const inParis = await t.as('asset_manager', { kind: 'place', id: paris });
    const a = await make({ name: 'moved-away', place: paris });
    const before = moment();
    await edit(a.id, { place: berlin });
    pass(1);
    const names = async (query: Record<string, string>): Promise<unknown[]> =>
      (await inParis.call(assetListRoutes.list, { query: { filter: 'name:moved-away', ...query } })).data.items.map((i) => i.name);
    expect(await names({ as_of: before })).toEqual(['moved-away']);
    expect(await names({ as_of: new Date(clock).toISOString() })).toEqual([]);
    expect((await read(a.id, before, inParis)).place).toMatchObject({ label: 'Paris' });
    expect((await refusal(read(a.id, new Date(clock).toISOString(), inParis))).status).toBe(404);
    expect((await refusal(inParis.call(getAssetFieldHistory, { params: { id: a.id, field: 'place' } }))).status).toBe(404);
  });
});

describe('a record as of a time', () => {
  test('has the values of then, who brought them, and says what is not known', async () => {
    const made = await make({ name: 'rec-1', notes: 'first' });
    const before = moment();
    await report(made.id, 'glpi', { cpu: 'Ryzen 7' });
    const between = moment();
    await edit(made.id, { notes: 'second', person: ada });
    pass(1);
    const first = await read(made.id, before);
    expect(first).toMatchObject({
      notes: 'first',
      cpu: null,
      person: null,
      version: 0,
      freshness: null,
      transitions: [],
      asOf: { exact: true },
    });
    expect(first.asOf?.notKnown).toContain('lastSeenAt');
    expect(first.fields['notes']).toMatchObject({ value: 'first', source: 'manual', manual: true });
    expect((await read(made.id, between)).fields['cpu']).toMatchObject({ value: 'Ryzen 7', source: 'glpi', manual: false, losing: [] });
    const last = await read(made.id, new Date(clock).toISOString());
    expect(last).toMatchObject({ notes: 'second', person: { label: 'Ada Lovelace' }, asOf: { until: null } });
  });

  test('of a time before it was entered says when that was; one before the past was kept is not exact', async () => {
    const made = await make({ name: 'rec-2' });
    const problem = await refusal(read(made.id, new Date(clock - hour).toISOString()));
    expect(problem).toMatchObject({ status: 404, detail: expect.stringContaining(made.createdAt.slice(0, 10)) as unknown });
    await sql`update assets set created_at = ${new Date(start - 50 * hour)} where id = ${made.id}`.execute(t.db);
    expect((await read(made.id, new Date(start - 2 * hour).toISOString())).asOf).toMatchObject({ exact: false });
  });

  test('a merged asset was itself before, and is listed as of then', async () => {
    const [a, b] = [await make({ name: 'merge-a' }), await make({ name: 'merge-b' })];
    const before = moment();
    const { data: operation } = await manager.call(mergeAsset, { params: { id: a.id }, body: { merged: b.id, reason: 'the same' } });
    const after = moment();
    await manager.call(undoIdentityOperation, { params: { id: operation.id }, body: { reason: 'not the same' } });
    pass(1);
    expect((await read(b.id, before)).redirectedTo).toBeNull();
    expect((await read(b.id, after)).redirectedTo).toBe(a.id);
    expect((await read(b.id, new Date(clock).toISOString())).redirectedTo).toBeNull();
    const listed = async (as_of: string): Promise<number> =>
      (await manager.call(assetListRoutes.list, { query: { as_of, filter: 'name:merge-b' } })).data.items.length;
    expect([await listed(before), await listed(after)]).toEqual([1, 0]);
  });
});

describe('the history of a field', () => {
  test('has each value once, with its time, source and actor, in pages', async () => {
    const made = await make({ name: 'hist', notes: 'one' });
    const entered = new Date(clock).toISOString();
    pass(1);
    await report(made.id, 'glpi', { cpu: 'A' });
    pass(1);
    await edit(made.id, { notes: 'two' });
    const changed = new Date(clock).toISOString();
    pass(1);
    const all = await manager.call(getAssetFieldHistory, { params: { id: made.id, field: 'notes' } });
    expect(all.data.items.map((i) => [i.value, Date.parse(i.from), i.until === null ? null : Date.parse(i.until), i.source])).toEqual([
      ['two', Date.parse(changed), null, 'manual'],
      ['one', Date.parse(entered), Date.parse(changed), 'manual'],
    ]);
    expect(all.data.items[0]?.actor).not.toBeNull();
    const page = await manager.call(getAssetFieldHistory, { params: { id: made.id, field: 'notes' }, query: { limit: 1 } });
    const next = await manager.call(getAssetFieldHistory, {
      params: { id: made.id, field: 'notes' },
      query: { limit: 1, cursor: String(page.data.nextCursor) },
    });
    expect([...page.data.items, ...next.data.items]).toEqual(all.data.items);
    expect(next.data.nextCursor).toBeNull();
    const cpu = await manager.call(getAssetFieldHistory, { params: { id: made.id, field: 'cpu' } });
    expect(cpu.data.items.map((i) => [i.value, i.source])).toEqual([
      ['A', 'glpi'],
      [null, 'manual'],
    ]);
    expect(
      (await refusal(manager.call(getAssetFieldHistory, { params: { id: made.id, field: 'notes' }, query: { cursor: 'x' } }))).code,
    ).toBe('bad_cursor');
  });

  test('a value is restored as a manual one, with an event and an audit row', async () => {
    const made = await make({ name: 'rest', person: ada });
    const before = moment();
    await edit(made.id, { person: bob });
    pass(1);
    const restored = await restore(made.id, 'person', before);
    expect(restored).toMatchObject({ person: { label: 'Ada Lovelace' }, fields: { person: { manual: true } } });
    const { data } = await manager.call(getAssetTimeline, { params: { id: made.id } });
    expect(data.items.map((e) => e.kind)).toEqual(expect.arrayContaining(['value_restored', 'field_changed']));
    const { rows } = await sql`select 1 from audit_log where resource_id = ${made.id} and action = 'asset.field_restored'`.execute(t.db);
    expect(rows.length).toBe(1);
    expect((await refusal(restore(made.id, 'person', before))).errors?.[0]).toMatchObject({ code: 'same' });
  });

  test('what cannot be restored is refused with the reason', async () => {
    const made = await make({ name: 'refuse', tag: 'R-1', person: bob });
    const before = moment();
    await edit(made.id, { tag: 'R-2', person: ada, notes: 'later' });
    pass(1);
    await make({ name: 'taker', tag: 'R-1' });
    await sql`delete from people where id = ${bob}`.execute(t.db);
    expect(await refusal(restore(made.id, 'tag', before))).toMatchObject({ status: 409, errors: [{ field: 'tag', code: 'taken' }] });
    expect(await refusal(restore(made.id, 'person', before))).toMatchObject({ status: 409, errors: [{ code: 'gone' }] });
    expect(await refusal(restore(made.id, 'notes', before))).toMatchObject({ status: 409, errors: [{ code: 'was_empty' }] });
    expect(await refusal(restore(made.id, 'name', '2001-01-01T00:00:00Z'))).toMatchObject({ status: 409, errors: [{ code: 'not_there' }] });
    const reader = await t.as('auditor');
    expect((await refusal(reader.call(restoreAssetField, { params: { id: made.id, field: 'tag' }, body: { at: before } }))).status).toBe(
      403,
    );
    await sql`insert into people (id, name, login) values (${bob}, 'Bob Byte', 'bob')`.execute(t.db);
  });
});

/** One step of a random history; `which` picks an asset, `value` what is written. */
const step = fc.record({
  op: fc.constantFrom('create', 'discover', 'update', 'update', 'release', 'transition', 'merge', 'undo', 'ingest', 'ingest', 'restore'),
  which: fc.nat(1000),
  other: fc.nat(1000),
  value: fc.nat(5),
  hours: fc.constantFrom(0, 0, 1, 2),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

test('property: as of a time equals what the list and the records said at that time, for random histories', async () => {
  const fields =
    'id,tag,name,class,state,manufacturer,model,serial,osName,cpu,cores,memoryMb,lastUser,person,place,orgUnit,domain,createdAt';
  const list = async (as_of?: string): Promise<unknown> =>
    (await manager.call(assetListRoutes.list, { query: { fields, sort: 'name', limit: 1000, ...(as_of ? { as_of } : {}) } })).data.items;
  const values = async (id: string, as_of?: string): Promise<unknown> => {
    const { name, tag, notes, state, person, place, class: kind, redirectedTo, cpu, memoryMb } = await read(id, as_of);
    return { name, tag, notes, state, person, place, kind, redirectedTo, cpu, memoryMb };
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
      const ids: string[] = [];
      const merges: string[] = [];
      const said = new Map<string, { list: unknown; records: Map<string, unknown> }>();
      pass(1);
      for (const s of [{ op: 'create', which: 0, other: 0, value: 0, hours: 0 } as Step, ...steps]) {
        const at = pass(s.hours);
        await apply(s, ids, merges);
        const records = new Map<string, unknown>();
        for (const id of ids) records.set(id, await values(id));
        said.set(at, { list: await list(), records });
      }
      pass(1);
      for (const [at, then] of said) {
        expect(await list(at)).toEqual(then.list);
        for (const [id, record] of then.records) expect(await values(id, at)).toEqual(record);
      }
    }),
    { numRuns: 5 },
  );
}, 600_000);

/** Makes one step; a step that the domain refuses changes nothing. */
async function apply(s: Step, ids: string[], merges: string[]): Promise<void> {
  const id = ids[s.which % Math.max(1, ids.length)];
  const other = ids[s.other % Math.max(1, ids.length)];
  const body = {
    name: `n${s.value}`,
    notes: `note ${s.value}`,
    person: s.value % 2 ? ada : bob,
    place: s.value % 3 ? paris : berlin,
    memoryMb: 1024 * (1 + s.value),
  };
  const one = Object.fromEntries(Object.entries(body).filter((_, i) => i % 3 === s.other % 3));
  try {
    if (s.op === 'create' || id === undefined || other === undefined) ids.push((await make({ ...body, tag: `P-${newId()}` })).id);
    else if (s.op === 'discover') {
      const made = newId();
      await inTx(t.db, (tx) =>
        createDiscovered(tx, [{ id: made, source: 'glpi', seenAt: new Date(clock), values: { class: 'desktop', name: `d${s.value}` } }]),
      );
      ids.push(made);
    } else if (s.op === 'update') await edit(id, one);
    else if (s.op === 'release') await manager.call(releaseAssetField, { params: { id, field: 'name' } });
    else if (s.op === 'transition')
      await manager.call(transitionAsset, {
        params: { id },
        body: { to: (['retired', 'in_use', 'in_stock', 'lost'] as const)[s.value % 4] ?? 'lost' },
      });
    else if (s.op === 'merge')
      merges.push((await manager.call(mergeAsset, { params: { id }, body: { merged: other, reason: 'a try' } })).data.id);
    else if (s.op === 'undo' && merges.length > 0)
      await manager.call(undoIdentityOperation, { params: { id: String(merges.pop()) }, body: { reason: 'a try' } });
    else if (s.op === 'restore') await restore(id, 'name', new Date(clock - hour).toISOString());
    else await report(id, s.other % 2 ? 'glpi' : 'ocs', { name: `r${s.value}`, cpu: s.value === 0 ? null : `cpu ${s.value}` });
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.document.status >= 500) throw error;
  }
}
