import { createAsset, getAsset, getAssetTimeline, transitionAsset, updateAsset } from '@muster/api/assets';
import * as api from '@muster/api/bulk-changes';
import { ApiProblem } from '@muster/api/client';
import { createCustomField } from '@muster/api/custom-fields';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { applyJob } from './jobs.ts';
import { bulkOperation } from './operations.ts';

const ada = '00000000-0000-7000-8000-0000000000c1';
const paris = '00000000-0000-7000-8000-0000000000a1';
const berlin = '00000000-0000-7000-8000-0000000000b1';

async function places(t: TestApp): Promise<void> {
  await sql`insert into places (id, name, kind, parent_id, path) values (${paris}, 'Paris', 'site', null, array[${paris}]::uuid[]),
    (${berlin}, 'Berlin', 'site', null, array[${berlin}]::uuid[])`.execute(t.db);
  await sql`insert into people (id, name, login) values (${ada}, 'Ada Lovelace', 'ada')`.execute(t.db);
}

resourceSuite({
  routes: api.bulkChangeListRoutes,
  seed: async (t) => {
    const manager = await t.as('asset_manager');
    const { id } = (await manager.call(createAsset, { body: { class: 'laptop', name: 'only' } })).data;
    for (let i = 0; i < 8; i++) {
      const operation = i % 2 ? 'set_fields' : 'transition';
      const parameters = i % 2 ? { values: { notes: `n${i}` } } : { to: 'lost', reason: 'r' };
      const made = await manager.call(api.createBulkChange, { body: { selection: { ids: [id] }, operation, parameters } });
      if (i === 3) await manager.call(api.applyBulkChange, { params: { id: made.data.id } });
    }
    await t.jobsDone();
  },
});

describe('a bulk change', () => {
  let t: TestApp;
  let manager: TestActor;
  beforeAll(async () => {
    t = await testApp();
    manager = await t.as('asset_manager');
    await places(t);
  });
  afterAll(() => t.close());

  let made = 0;
  const make = async (body: Record<string, unknown> = {}): Promise<string> =>
    (await manager.call(createAsset, { body: { class: 'laptop', name: `bulk-${++made}`, ...body } })).data.id;
  const preview = async (body: api.BulkChangeCreate, who = manager) => (await who.call(api.createBulkChange, { body })).data;
  const read = async (id: string) => (await manager.call(api.getBulkChange, { params: { id } })).data;
  const apply = async (id: string, who = manager) => {
    await who.call(api.applyBulkChange, { params: { id } });
    await t.jobsDone(120_000);
    return read(id);
  };
  const undo = async (id: string) => {
    await manager.call(api.undoBulkChange, { params: { id } });
    await t.jobsDone(120_000);
    return read(id);
  };
  const record = async (id: string) => (await manager.call(getAsset, { params: { id } })).data;
  const refusal = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
    const error = await promise.then(
      () => null,
      (e: unknown) => e,
    );
    if (!(error instanceof ApiProblem)) throw new Error('It was not refused', { cause: error });
    return error.document;
  };
  /** Everything of assets that a change may touch, without the times and versions of the row itself. */
  const dump = async (ids: readonly string[]) => ({
    assets: (
      await sql`select to_jsonb(a) - 'updated_at' - 'version' - 'version_since' - 'search_text' as a from assets a where id = any(${ids}::uuid[]) order by id`.execute(
        t.db,
      )
    ).rows,
    values: (
      await sql`select * from asset_field_values where asset_id = any(${ids}::uuid[]) order by asset_id, field, source`.execute(t.db)
    ).rows,
  });

  test('of fields is previewed, applied and undone, with one audit row a step and events per asset', async () => {
    const ids = [await make({ place: paris }), await make(), await make({ place: berlin })];
    const before = await dump(ids);
    const plan = await preview({
      selection: { ids },
      operation: 'set_fields',
      parameters: { values: { place: berlin, manufacturer: 'Dell' } },
    });
    expect(plan).toMatchObject({ state: 'ready', assets: 3, counts: { will_change: 3 }, mayApply: true, mayUndo: false });
    expect(plan.samples[0]).toMatchObject({
      asset: { id: ids[0] },
      changes: [
        { field: 'manufacturer', from: null, to: 'Dell' },
        { field: 'place', from: 'Paris', to: 'Berlin' },
      ],
    });
    expect(await dump(ids)).toEqual(before);
    const done = await apply(plan.id);
    expect(done).toMatchObject({ state: 'applied', counts: { changed: 3 }, mayUndo: true, mayApply: false });
    expect(await record(ids[0] ?? '')).toMatchObject({
      place: { label: 'Berlin' },
      manufacturer: 'Dell',
      fields: { place: { manual: true } },
    });
    expect(await refusal(manager.call(api.applyBulkChange, { params: { id: plan.id } }))).toMatchObject({ code: 'conflict' });
    const undone = await undo(plan.id);
    expect(undone).toMatchObject({ state: 'undone', counts: { undone: 3 } });
    expect(await dump(ids)).toEqual(before);
    const events = (await manager.call(getAssetTimeline, { params: { id: ids[0] ?? '' } })).data.items.map((e) => e.summary);
    expect(events).toContain('Manufacturer changed from Dell to nothing. Undone.');
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${plan.id} order by at, id`.execute(
      t.db,
    );
    expect(rows.map((r) => r.action)).toEqual(['bulk_change.previewed', 'bulk_change.applied', 'bulk_change.undone']);
  });

  test('sets custom values of every kind, blocks where the class has no such field, and undoes exactly', async () => {
    const admin = await t.as('administrator');
    const define = (key: string, type: 'money' | 'date' | 'number' | 'text', more = {}) =>
      admin.call(createCustomField, { body: { resource: 'assets', key, label: `Field ${key}`, type, ...more } });
    await define('cost', 'money');
    await define('ends', 'date');
    await define('slots', 'number', { class: 'printer' });
    await define('badge', 'text', { unique: true });
    const ids = [
      await make({ class: 'printer', custom: { ends: '2026-01-31', badge: 'B-1' } }),
      await make({ class: 'printer' }),
      await make(),
    ];
    const before = { rows: await dump(ids), claims: (await sql`select * from custom_unique_values`.execute(t.db)).rows };
    const custom = { cost: { amount: '12.50', currency: 'EUR' }, ends: '2027-02-28', slots: 8, badge: null };
    const plan = await preview({ selection: { ids }, operation: 'set_fields', parameters: { values: { notes: 'n', custom } } });
    expect(plan).toMatchObject({
      counts: { will_change: 2, blocked: 1 },
      reasons: [{ code: 'not_applicable', reason: '“Field slots” is not a field of this class.' }],
    });
    expect(plan.samples.find((s) => s.asset.id === ids[0])?.changes).toContainEqual({
      field: 'custom.ends',
      from: '2026-01-31',
      to: '2027-02-28',
    });
    expect(await apply(plan.id)).toMatchObject({ counts: { changed: 2, blocked: 1 } });
    expect((await record(ids[0] ?? '')).custom).toEqual({ cost: custom.cost, ends: '2027-02-28', slots: 8 });
    expect(await record(ids[2] ?? '')).toMatchObject({ custom: {}, notes: null });
    expect((await sql`select 1 from custom_unique_values`.execute(t.db)).rows).toEqual([]);
    expect(await undo(plan.id)).toMatchObject({ counts: { undone: 2 } });
    expect({ rows: await dump(ids), claims: (await sql`select * from custom_unique_values`.execute(t.db)).rows }).toEqual(before);

    const same = await preview({
      selection: { ids },
      operation: 'set_fields',
      parameters: { values: { custom: { badge: 'one for all' } } },
    });
    expect(same).toMatchObject({ counts: { blocked: 3 }, reasons: [{ code: 'taken' }] });
    const wrong = { cost: 5, nothing: 'x' };
    expect(
      await refusal(preview({ selection: { ids }, operation: 'set_fields', parameters: { values: { custom: wrong } } })),
    ).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'parameters.values.custom.cost' }, { field: 'parameters.values.custom.nothing', code: 'unknown' }],
    });
  });

  test('leaves what someone changed since, and says so', async () => {
    const ids = [await make(), await make()];
    const plan = await preview({ selection: { ids }, operation: 'set_fields', parameters: { values: { notes: 'from bulk' } } });
    await apply(plan.id);
    const touched = await record(ids[1] ?? '');
    await manager.call(updateAsset, { params: { id: touched.id }, ifMatch: `"${touched.version}"`, body: { notes: 'mine' } });
    const undone = await undo(plan.id);
    expect(undone).toMatchObject({
      counts: { undone: 1, not_undone: 1 },
      reasons: [{ outcome: 'not_undone', code: 'changed_since', reason: 'Changed since: notes.', count: 1 }],
    });
    expect((await record(ids[0] ?? '')).notes).toBeNull();
    expect((await record(ids[1] ?? '')).notes).toBe('mine');
  });

  test('of states says which are blocked and why, moves the others, and moves them back', async () => {
    const free = [await make(), await make({ state: 'in_use' })];
    const held: string[] = [];
    for (let i = 0; i < 3; i++) {
      const id = await make();
      await manager.call(transitionAsset, { params: { id }, body: { transition: 'hold', reason: 'Case 7' } });
      held.push(id);
    }
    const before = await dump([...free, ...held]);
    const plan = await preview({
      selection: { ids: [...free, ...held] },
      operation: 'transition',
      parameters: { to: 'retired', reason: 'Too old' },
    });
    expect(plan).toMatchObject({
      counts: { will_change: 2, blocked: 3 },
      reasons: [{ outcome: 'blocked', code: 'held_by_substate', reason: 'Not while it is in stock (legal hold).', count: 3 }],
    });
    const blocked = (await manager.call(api.listBulkItems, { params: { id: plan.id }, query: { outcome: 'blocked', limit: 2 } })).data;
    expect(blocked.items).toHaveLength(2);
    const rest = await manager.call(api.listBulkItems, {
      params: { id: plan.id },
      query: { outcome: 'blocked', ...(blocked.nextCursor ? { cursor: blocked.nextCursor } : {}) },
    });
    expect([...blocked.items, ...rest.data.items].map((i) => i.asset.id).sort()).toEqual(held.toSorted());
    expect(await apply(plan.id)).toMatchObject({ counts: { changed: 2, blocked: 3 } });
    expect((await record(free[1] ?? '')).state).toBe('retired');
    expect(await undo(plan.id)).toMatchObject({ counts: { undone: 2, blocked: 3 } });
    expect(await dump([...free, ...held])).toEqual(before);
    expect((await manager.call(getAssetTimeline, { params: { id: free[1] ?? '' } })).data.items[0]).toMatchObject({
      kind: 'transitioned',
      data: { from: 'retired', to: 'in_use', transition: 'undo' },
    });
  });

  test('of states takes back the person that the move gave', async () => {
    const ids = [await make(), await make()];
    const before = await dump(ids);
    const plan = await preview({ selection: { ids }, operation: 'transition', parameters: { to: 'assigned', inputs: { person: ada } } });
    await apply(plan.id);
    expect(await record(ids[0] ?? '')).toMatchObject({ state: 'assigned', person: { id: ada } });
    expect(await undo(plan.id)).toMatchObject({ counts: { undone: 2 } });
    expect(await dump(ids)).toEqual(before);
  });

  test('is judged again when applied: what became impossible fails alone, with its reason', async () => {
    const ids = [await make(), await make()];
    const plan = await preview({ selection: { ids }, operation: 'transition', parameters: { to: 'retired', reason: 'Old' } });
    await manager.call(transitionAsset, { params: { id: ids[0] ?? '' }, body: { transition: 'hold', reason: 'Case 8' } });
    expect(await apply(plan.id)).toMatchObject({
      counts: { changed: 1, failed: 1 },
      reasons: [{ outcome: 'failed', code: 'held_by_substate', count: 1 }],
    });
  });

  test('selects by filter within the scope of whoever asks, and acts with the rights they have then', async () => {
    const here = await make({ place: paris, notes: 'scoped' });
    const there = await make({ place: berlin, notes: 'scoped' });
    const local = await t.as('technician', { kind: 'place', id: paris });
    const all = { all: true as const, filter: 'name:bulk-*' };
    const body = { selection: all, operation: 'set_fields', parameters: { values: { domain: 'corp' } } };
    const plan = await preview(body, local);
    const items = (await local.call(api.listBulkItems, { params: { id: plan.id } })).data.items.map((i) => i.asset.id);
    expect(items).toContain(here);
    expect(items).not.toContain(there);
    const explicit = await preview({ ...body, selection: { ids: [here, there] } }, local);
    expect(explicit.assets).toBe(1);
    const elsewhere = await t.as('technician', { kind: 'place', id: berlin });
    expect(await refusal(elsewhere.call(api.getBulkChange, { params: { id: plan.id } }))).toMatchObject({ code: 'not_found' });
    // Between preview and apply the asset leaves what they may change.
    const moved = await record(here);
    await manager.call(updateAsset, { params: { id: here }, ifMatch: `"${moved.version}"`, body: { place: berlin } });
    expect(await apply(explicit.id, local)).toMatchObject({ counts: { failed: 1 }, reasons: [{ code: 'not_found' }] });
    expect((await record(here)).domain).toBeNull();
    const auditor = await t.as('auditor');
    expect(await refusal(auditor.call(api.createBulkChange, { body }))).toMatchObject({ code: 'forbidden' });
  });

  test('refuses what it cannot mean, with every field', async () => {
    const selection = { ids: [await make()] };
    const wrong = (operation: string, parameters: Record<string, unknown>) =>
      refusal(manager.call(api.createBulkChange, { body: { selection, operation, parameters } }));
    expect(await wrong('explode', {})).toMatchObject({ code: 'validation_failed', errors: [{ field: 'operation' }] });
    expect(await wrong('set_fields', { values: {} })).toMatchObject({ errors: [{ field: 'parameters.values' }] });
    expect(await wrong('set_fields', { values: { tag: 'A1' } })).toMatchObject({ code: 'validation_failed' });
    expect(await wrong('set_fields', { values: { class: 'nosuch', person: newId() } })).toMatchObject({
      errors: [{ field: 'parameters.values.class' }, { field: 'parameters.values.person' }],
    });
    expect(await wrong('transition', {})).toMatchObject({ errors: [{ field: 'parameters.transition' }] });
    expect(await wrong('transition', { to: 'assigned', inputs: { person: newId() } })).toMatchObject({ code: 'validation_failed' });
    const body = {
      selection: { all: true as const, filter: 'clas:laptop' },
      operation: 'set_fields',
      parameters: { values: { notes: 'x' } },
    };
    expect(await refusal(manager.call(api.createBulkChange, { body }))).toMatchObject({ code: 'bad_filter' });
  });

  test('keeps the person of an assigned asset', async () => {
    const ids = [await make({ state: 'assigned', person: ada }), await make({ person: ada })];
    const plan = await preview({ selection: { ids }, operation: 'set_fields', parameters: { values: { person: null } } });
    expect(plan).toMatchObject({ counts: { will_change: 1, blocked: 1 }, reasons: [{ code: 'needs_person' }] });
  });

  test('of many is previewed by a job, and goes on where a run broke off without changing an asset twice', async () => {
    await sql`insert into assets (id, class_key, name, state) select gen_random_uuid(), 'server', 'many-' || n, 'in_stock' from generate_series(1, 1300) n`.execute(
      t.db,
    );
    await sql`insert into asset_field_values (asset_id, field, source, value, observed_at)
      select id, 'name', 'manual', to_jsonb(name), now() from assets where class_key = 'server'`.execute(t.db);
    const started = await preview({
      selection: { all: true, filter: 'class:server', q: 'many' },
      operation: 'set_fields',
      parameters: { values: { manufacturer: 'HPE' } },
    });
    expect(started).toMatchObject({ state: 'previewing', assets: 1300 });
    await t.jobsDone(120_000);
    const ready = await read(started.id);
    expect(ready).toMatchObject({ state: 'ready', counts: { will_change: 1300 } });
    expect(ready.samples).toHaveLength(20);
    // The run ends after its first batch as if its process had been killed: what is committed stays, nothing says that it ended.
    const lost = newId();
    await sql`update bulk_changes set phase = 'apply', job_id = ${lost} where id = ${started.id}`.execute(t.db);
    const killed = new AbortController();
    const progress = async (done: number): Promise<void> => {
      if (done > 0) killed.abort(new Error('killed'));
    };
    const run = { id: lost, data: { id: started.id }, platform: t.platform, progress, signal: killed.signal };
    await expect(applyJob.handler(run)).rejects.toThrow('killed');
    expect(await read(started.id)).toMatchObject({
      state: 'stopped',
      counts: { changed: 500, will_change: 800 },
      mayApply: true,
      mayUndo: true,
    });
    expect(await apply(started.id)).toMatchObject({ state: 'applied', counts: { changed: 1300 } });
    const { rows } = await sql<{
      version: number;
      n: number;
    }>`select version, count(*)::int as n from assets where class_key = 'server' group by 1`.execute(t.db);
    expect(rows).toEqual([{ version: 2, n: 1300 }]);
    const events = await sql<{ n: number }>`select count(*)::int as n from asset_events e join assets a on a.id = e.asset_id
      where a.class_key = 'server' and e.kind = 'field_changed'`.execute(t.db);
    expect(events.rows[0]?.n).toBe(1300);
    expect(await undo(started.id)).toMatchObject({ state: 'undone', counts: { undone: 1300 } });
  });

  test('undo restores the exact earlier state, whatever was set by hand and reported before', async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, () => make()));
    const field = fc.constantFrom('manufacturer', 'model', 'notes', 'domain', 'osName');
    const text = fc.constantFrom('A', 'B', 'C');
    const stored = fc.record({
      asset: fc.constantFrom(...ids),
      field,
      source: fc.constantFrom('manual', 'glpi', 'intune'),
      value: text,
      days: fc.integer({ min: 0, max: 30 }),
    });
    const values = fc.dictionary(field, fc.option(text), { minKeys: 1, maxKeys: 4, noNullPrototype: true });
    const setFields = bulkOperation('set_fields');
    if (!setFields) throw new Error('It is not registered');
    await fc.assert(
      fc.asyncProperty(fc.array(stored, { maxLength: 12 }), values, async (facts, wanted) => {
        await sql`delete from asset_field_values where asset_id = any(${ids}::uuid[]) and field <> 'class' and field <> 'name'`.execute(
          t.db,
        );
        for (const f of facts)
          await sql`insert into asset_field_values (asset_id, field, source, value, observed_at, actor)
            values (${f.asset}, ${f.field}, ${f.source}, ${JSON.stringify(f.value)}::jsonb, date_trunc('day', now()) - make_interval(days => ${f.days}), ${f.source === 'manual' ? 'someone' : null})
            on conflict do nothing`.execute(t.db);
        const now = new Date();
        // The record as these values make it.
        await inTx(t.db, (tx) => setFields.apply(tx, systemActor, ids, { values: { cpu: 'x' } }, now));
        await inTx(t.db, (tx) => setFields.apply(tx, systemActor, ids, { values: { cpu: null } }, now));
        const before = await dump(ids);
        const done = await inTx(t.db, (tx) => setFields.apply(tx, systemActor, ids, { values: wanted }, now));
        const changed = done
          .filter((v) => v.verdict === 'change')
          .map((v) => ({ id: v.id, undo: JSON.parse(JSON.stringify(v.undo)) as unknown }));
        const undone = await inTx(t.db, (tx) => setFields.undo(tx, systemActor, changed, new Date(now.getTime() + 5)));
        expect(undone.every((v) => v.verdict === 'change')).toBe(true);
        expect(await dump(ids)).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });
});
