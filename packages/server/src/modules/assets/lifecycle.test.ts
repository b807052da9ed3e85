import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AssetRecord,
  assetListRoutes,
  createAsset,
  getAsset,
  getAssetTimeline,
  transitionAsset,
  updateAsset,
} from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import {
  checkLifecycle,
  getLifecycle,
  lifecycleFileSchema,
  type LifecycleMachine,
  lifecycleMachineSchema,
  listAssetStates,
  putLifecycle,
  resetLifecycle,
} from '@muster/api/lifecycle';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { accessModule } from '../access/module.ts';
import { registerTransitionAction, registerTransitionFact } from './lifecycle-actions.ts';
import { shippedMachine } from './lifecycle-machine.ts';
import { judgeTransitions, transitionMany, undoTransitions } from './lifecycle-move.ts';
import { assetsModule } from './module.ts';

let t: TestApp;
let admin: TestActor;
let manager: TestActor;
const ada = '00000000-0000-7000-8000-0000000000c1';
const paris = '00000000-0000-7000-8000-0000000000a1';
const berlin = '00000000-0000-7000-8000-0000000000b1';
const nobody = '00000000-0000-7000-8000-0000000000ff';

beforeAll(async () => {
  registerTransitionAction({ key: 'test_refuse', label: 'Refuse', needs: [], gives: [], takes: [] }, async () => {
    const { Problem } = await import('@muster/api/errors');
    throw new Problem('conflict', 'The action says no.');
  });
  registerTransitionFact('condition', async (db, ids) => {
    const { rows } = await sql<{
      id: string;
      c: string;
    }>`select id, custom ->> 'test_condition' as c from assets where id = any(${ids}::uuid[]) and custom ? 'test_condition'`.execute(db);
    return new Map(rows.map((r) => [r.id, r.c]));
  });
  t = await testApp({ modules: [accessModule, assetsModule] });
  admin = await t.as('administrator');
  manager = await t.as('asset_manager');
  await sql`insert into places (id, name, kind, parent_id, path) values (${paris}, 'Paris', 'site', null, array[${paris}]::uuid[]),
    (${berlin}, 'Berlin', 'site', null, array[${berlin}]::uuid[])`.execute(t.db);
  await sql`insert into people (id, name, login) values (${ada}, 'Ada Lovelace', 'ada')`.execute(t.db);
});
afterAll(() => t.close());

let made = 0;
const make = async (body: Record<string, unknown> = {}, who = manager): Promise<AssetRecord> =>
  (await who.call(createAsset, { body: { class: 'laptop', name: `life-${++made}`, ...body } })).data;
const move = async (id: string, body: Record<string, unknown>, who = manager): Promise<AssetRecord> =>
  (await who.call(transitionAsset, { params: { id }, body })).data;
const refusal = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiProblem) return error.document;
    throw error;
  }
  throw new Error('It was not refused');
};
const put = async (change: (m: LifecycleMachine) => unknown) => {
  const { data } = await admin.call(getLifecycle, {});
  const machine = structuredClone(data.machine);
  change(machine);
  return (await admin.call(putLifecycle, { ifMatch: `"${data.version}"`, body: machine })).data;
};
const transition = (one: object): LifecycleMachine['transitions'] =>
  lifecycleMachineSchema.parse({ substates: [], transitions: [one] }).transitions;
const asShipped = async (): Promise<void> => {
  if ((await admin.call(getLifecycle, {})).data.origin === 'changed') await admin.call(resetLifecycle, {});
};
const offer = (asset: AssetRecord, key: string) => asset.transitions.find((one) => one.key === key);

test('the schema of the content is the one that the program reads it with', () => {
  const file = join(import.meta.dirname, '..', '..', '..', '..', '..', 'content', 'lifecycle.schema.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(lifecycleFileSchema, { io: 'input' }))));
});

describe('a move', () => {
  test('into a sub-state asks for its reason, is shown, told and kept', async () => {
    const asset = await make();
    expect(offer(asset, 'hold')).toMatchObject({
      to: 'in_stock',
      toSubstate: 'legal_hold',
      inputs: [{ key: 'reason', required: true }],
      blocked: [],
    });
    expect(await refusal(move(asset.id, { transition: 'hold' }))).toMatchObject({
      status: 400,
      errors: [{ field: 'reason', code: 'required' }],
    });
    const held = await move(asset.id, { transition: 'hold', reason: 'Case 7' });
    expect(held).toMatchObject({ state: 'in_stock', substate: { key: 'legal_hold', label: 'Legal hold' } });
    expect(offer(held, 'retire')).toMatchObject({
      blocked: [{ code: 'held_by_substate', reason: 'Not while it is in stock (legal hold).' }],
    });
    expect(await refusal(move(asset.id, { to: 'retired' }))).toMatchObject({ status: 409, errors: [{ code: 'held_by_substate' }] });
    const { data: timeline } = await manager.call(getAssetTimeline, { params: { id: asset.id } });
    expect(timeline.items[0]).toMatchObject({
      summary: 'Moved from in stock to in stock (legal hold).',
      data: { reason: 'Case 7', transition: 'hold' },
    });
    const { rows } = await sql<{
      before: unknown;
      after: unknown;
    }>`select before, after from audit_log where action = 'asset.transitioned' and resource_id = ${asset.id}`.execute(t.db);
    expect(rows).toEqual([
      {
        before: { state: 'in_stock', substate: null },
        after: { state: 'in_stock', substate: 'legal_hold', transition: 'hold', reason: 'Case 7' },
      },
    ]);
    const { data: list } = await manager.call(assetListRoutes.list, { query: { filter: 'substate:legal_hold', fields: 'name,substate' } });
    expect(list.items).toEqual([{ id: asset.id, name: held.name, substate: 'legal_hold' }]);
    expect(await move(asset.id, { to: 'in_stock', substate: 'available' })).toMatchObject({ substate: { key: 'available' } });
  });

  test('that is asked for in a wrong way is refused with everything that is wrong', async () => {
    const asset = await make();
    expect(await refusal(move(asset.id, {}))).toMatchObject({ status: 400, errors: [{ field: 'transition' }] });
    expect(await refusal(move(asset.id, { transition: 'retire', to: 'retired', substate: 'x' }))).toMatchObject({ status: 400 });
    expect(await refusal(move(asset.id, { transition: 'fly' }))).toMatchObject({ status: 409, errors: [{ code: 'unknown_transition' }] });
    expect(await refusal(move(asset.id, { transition: 'order' }))).toMatchObject({ errors: [{ code: 'not_possible' }] });
    expect(await refusal(move(asset.id, { transition: 'assign', inputs: { person: nobody, place: nobody } }))).toMatchObject({
      status: 400,
      errors: [{ field: 'inputs.person' }, { field: 'inputs.place' }],
    });
    expect(await refusal(move(asset.id, { transition: 'retire', inputs: { dueOn: '2027-01-01' } }))).toMatchObject({
      status: 400,
      errors: [{ field: 'inputs.dueOn', code: 'not_asked' }],
    });
    expect(await refusal(move(asset.id, { transition: 'retire', inputs: { date: '31.12.2026' } }))).toMatchObject({ status: 400 });
  });

  test('with a person gives the asset to them, and they are not taken from an assigned asset by an edit', async () => {
    const asset = await make();
    expect(offer(asset, 'assign')).toMatchObject({ inputs: [{ key: 'person', required: true }], blocked: [] });
    const assigned = await move(asset.id, { transition: 'assign', inputs: { person: ada } });
    expect(assigned).toMatchObject({ state: 'assigned', person: { id: ada, label: 'Ada Lovelace' }, fields: { person: { manual: true } } });
    const edit = manager.call(updateAsset, { params: { id: asset.id }, ifMatch: `"${assigned.version}"`, body: { person: null } });
    expect(await refusal(edit)).toMatchObject({ status: 409, errors: [{ field: 'person', code: 'needs_person' }] });
    expect((await manager.call(getAsset, { params: { id: asset.id } })).data.person?.id).toBe(ada);
  });
});

describe('a changed machine', () => {
  afterAll(asShipped);

  test('holds at once: roles, fields, guards and actions', async () => {
    await put((m) => {
      m.substates.push({ state: 'in_maintenance', key: 'at_vendor', label: 'At the vendor', retired: false });
      m.transitions.push(
        ...transition({
          key: 'send_to_vendor',
          label: 'Send to the vendor',
          from: ['in_use', 'in_stock'],
          to: 'in_maintenance/at_vendor',
          roles: ['asset_manager'],
          requires: ['serial'],
          inputs: [{ key: 'place', required: true }, { key: 'date' }, { key: 'reference', required: true }],
          guards: [{ kind: 'class_in', values: ['computer'] }, { kind: 'condition_in', values: ['broken'] }, { kind: 'no_children' }],
          actions: [{ key: 'set_place' }, { key: 'start_warranty', parameters: { months: '24' } }, { key: 'unassign' }],
        }),
      );
    });
    const bare = await make({ state: 'in_use' });
    const technician = await t.as('technician');
    const seen = (await technician.call(getAsset, { params: { id: bare.id } })).data;
    expect(offer(seen, 'send_to_vendor')?.blocked.map((b) => b.code)).toEqual(['role_needed', 'needs_serial', 'wrong_condition']);
    const ready = await make({ state: 'in_use', serial: 'S-1', person: ada });
    await sql`update assets set custom = '{"test_condition": "broken"}' where id = ${ready.id}`.execute(t.db);
    const inputs = { place: paris, reference: 'RMA 9', date: '2026-12-01' };
    expect(await refusal(move(ready.id, { transition: 'send_to_vendor', inputs }, technician))).toMatchObject({
      errors: [{ code: 'role_needed' }],
    });
    const sent = await move(ready.id, { transition: 'send_to_vendor', inputs });
    expect(sent).toMatchObject({ state: 'in_maintenance', substate: { label: 'At the vendor' }, place: { id: paris }, person: null });
    expect(sent).toMatchObject({
      warrantyStartsOn: '2026-12-01',
      warrantyEndsOn: '2028-11-30',
      fields: { warrantyEndsOn: { manual: true } },
    });
    const { data: timeline } = await manager.call(getAssetTimeline, { params: { id: ready.id } });
    expect(timeline.items.map((e) => e.summary)).toEqual(
      expect.arrayContaining([
        'Warranty starts changed from nothing to 2026-12-01.',
        'Moved from in use to in maintenance (at the vendor).',
      ]),
    );
  });

  test('a role that holds in one place makes its moves only there', async () => {
    const here = await make({ state: 'in_use', place: paris });
    const there = await make({ state: 'in_use', place: berlin });
    await put((m) => Object.assign(m.transitions.find((one) => one.key === 'retire') ?? {}, { roles: ['asset_manager'] }));
    const user = await t.as('technician');
    await sql`insert into role_assignments (id, user_id, role, scope) values (${newId()}, ${user.userId}, 'asset_manager', ${JSON.stringify({ kind: 'place', id: paris })}::jsonb)`.execute(
      t.db,
    );
    expect(await refusal(move(there.id, { transition: 'retire' }, user))).toMatchObject({ errors: [{ code: 'role_needed' }] });
    expect((await move(here.id, { transition: 'retire' }, user)).state).toBe('retired');
    expect((await move(there.id, { transition: 'retire' }, admin)).state).toBe('retired');
    const auditor = await t.as('auditor');
    expect((await auditor.call(getAsset, { params: { id: here.id } })).data.transitions).toEqual([]);
  });

  test('an action that refuses undoes the whole move', async () => {
    await put((m) =>
      m.transitions.push(
        ...transition({
          key: 'doomed',
          label: 'Doomed',
          from: ['in_use'],
          to: 'lost',
          actions: [{ key: 'start_warranty', parameters: { date: '2026-01-01' } }, { key: 'test_refuse' }],
        }),
      ),
    );
    const asset = await make({ state: 'in_use' });
    expect(await refusal(move(asset.id, { transition: 'doomed' }))).toMatchObject({ status: 409, detail: 'The action says no.' });
    const { data } = await manager.call(listAssetStates, { params: { id: asset.id } });
    expect(data.items.map((i) => i.state)).toEqual(['in_use']);
    expect((await manager.call(getAsset, { params: { id: asset.id } })).data).toMatchObject({ state: 'in_use', version: asset.version });
  });

  test('is refused with all its mistakes, when it is stale, and while assets stand in what it removes', async () => {
    const { data: now } = await admin.call(getLifecycle, {});
    const wrong = structuredClone(now.machine);
    wrong.transitions.push(
      ...transition({ key: 'retire', label: 'Again', from: ['nowhere'], to: 'lost' }),
      ...transition({
        key: 'odd',
        label: 'Odd',
        from: ['disposed'],
        to: 'in_use',
        guards: [{ kind: 'has_person' }, { kind: 'no_person' }],
        actions: [{ key: 'fly' }],
      }),
    );
    const n = now.machine.transitions.length;
    const problem = await refusal(admin.call(putLifecycle, { ifMatch: `"${now.version}"`, body: wrong }));
    expect(problem).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(problem.errors?.map((e) => `${e.field} ${e.code}`)).toEqual([
      `transitions[${n}].key taken`,
      `transitions[${n}].from[0] unknown`,
      `transitions[${n + 1}].from[0] final`,
      `transitions[${n + 1}].guards contradiction`,
      `transitions[${n + 1}].actions[0] unknown`,
    ]);
    expect(await refusal(admin.call(putLifecycle, { ifMatch: '"0"', body: now.machine }))).toMatchObject({ status: 412, code: 'stale' });
    expect(await refusal(manager.call(putLifecycle, { ifMatch: `"${now.version}"`, body: now.machine }))).toMatchObject({ status: 403 });

    const asset = await make();
    await move(asset.id, { transition: 'reserve' });
    const without = structuredClone(now.machine);
    without.substates = without.substates.filter((s) => s.key !== 'reserved');
    without.transitions = without.transitions.filter((one) => one.key !== 'reserve');
    const { data: checked } = await admin.call(checkLifecycle, { body: without });
    expect(checked).toMatchObject({ errors: [], stranded: [{ state: 'in_stock', substate: 'reserved', assets: 1, why: 'removed' }] });
    expect(await refusal(admin.call(putLifecycle, { ifMatch: `"${now.version}"`, body: without }))).toMatchObject({
      status: 409,
      errors: [{ code: 'removed' }],
    });
    const retired = structuredClone(now.machine);
    for (const s of retired.substates) if (s.key === 'reserved') s.retired = true;
    retired.transitions = without.transitions;
    const { data: saved } = await admin.call(putLifecycle, { ifMatch: `"${now.version}"`, body: retired });
    expect(saved).toMatchObject({ version: now.version + 1, origin: 'changed', changedBy: expect.stringContaining('administrator') });
    expect((await move(asset.id, { transition: 'make_available' })).substate?.key).toBe('available');
  });

  test('is audited with before and after, and goes back to the shipped one', async () => {
    const { rows } = await sql<{
      summary: string;
      before: LifecycleMachine;
      after: LifecycleMachine;
    }>`select summary, before, after from audit_log where action = 'lifecycle.changed' order by at, id`.execute(t.db);
    expect(rows[0]).toMatchObject({
      summary: 'Changed the lifecycle: sub-state in_maintenance/at_vendor added, transition send_to_vendor added',
      before: { substates: shippedMachine.substates },
    });
    expect(rows[0]?.after.transitions.at(-1)).toMatchObject({ key: 'send_to_vendor' });
    // One asset is at the vendor, which the shipped machine does not know.
    expect(await refusal(admin.call(resetLifecycle, {}))).toMatchObject({ status: 409, errors: [{ code: 'removed' }] });
    await sql`update assets set substate = null where substate = 'at_vendor'`.execute(t.db);
    expect((await admin.call(resetLifecycle, {})).data).toMatchObject({ origin: 'shipped', machine: shippedMachine });
    expect(await refusal(admin.call(resetLifecycle, {}))).toMatchObject({ status: 409 });
  });
});

describe('where an asset stood', () => {
  test('is answered as of a moment or a day, and paged without a gap', async () => {
    const at = (day: string): void => t.setNow(new Date(`${day}T10:00:00Z`));
    // A session lives some hours: what is moved at a set time is moved by the token.
    const as = async (body: Record<string, unknown>, id: string) =>
      expect(
        (
          await t.anonymous.inject({
            method: 'POST',
            url: `/api/v1/assets/${id}/transition`,
            headers: { authorization: `Bearer ${t.token}` },
            payload: body,
          })
        ).statusCode,
      ).toBe(200);
    at('2030-01-10');
    const answer = await t.anonymous.inject({
      method: 'POST',
      url: '/api/v1/assets',
      headers: { authorization: `Bearer ${t.token}` },
      payload: { class: 'laptop', name: 'dated' },
    });
    const { id } = answer.json<AssetRecord>();
    at('2030-02-10');
    await as({ transition: 'reserve', reason: 'for Ada' }, id);
    at('2030-03-10');
    await as({ transition: 'make_available' }, id);
    await as({ to: 'in_use' }, id);
    at('2030-04-10');
    await as({ to: 'retired', reason: 'old' }, id);
    t.setNow(null);
    const states = async (query: Record<string, string | number>) => (await manager.call(listAssetStates, { params: { id }, query })).data;
    const short = (items: Awaited<ReturnType<typeof states>>['items']) => items.map((i) => [i.state, i.substate?.key ?? null]);
    expect(short((await states({ as_of: '2030-01-09' })).items)).toEqual([]);
    expect(short((await states({ as_of: '2030-02-09' })).items)).toEqual([['in_stock', null]]);
    expect((await states({ as_of: '2030-02-10' })).items).toMatchObject([
      {
        substate: { label: 'Reserved' },
        transition: { label: 'Reserve' },
        reason: 'for Ada',
        fromAt: '2030-02-10T10:00:00.000Z',
        toAt: '2030-03-10T10:00:00.000Z',
      },
    ]);
    expect(short((await states({ as_of: '2030-02-10T09:59:59Z' })).items)).toEqual([['in_stock', null]]);
    expect(short((await states({ as_of: '2030-03-31' })).items)).toEqual([['in_use', null]]);
    expect(await refusal(states({ as_of: 'yesterday' }))).toMatchObject({ status: 400 });
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof states>> = await states({ limit: 2, ...(cursor ? { cursor } : {}) });
      seen.push(...short(page.items));
      cursor = page.nextCursor;
    } while (cursor);
    // Two moves at one moment: both are there, in either order.
    expect(seen).toHaveLength(5);
    expect([seen[0], ...seen.slice(3)]).toEqual([
      ['retired', null],
      ['in_stock', 'reserved'],
      ['in_stock', null],
    ]);
    expect(await refusal(states({ cursor: 'x' }))).toMatchObject({ code: 'bad_cursor' });
    const local = await t.as('asset_manager', { kind: 'place', id: paris });
    expect(await refusal(local.call(listAssetStates, { params: { id } }))).toMatchObject({ status: 404 });
  });
});

describe('at once', () => {
  test('of many that make one move only one does, the others hear that it is made', async () => {
    const asset = await make({ state: 'in_use' });
    const all = await Promise.allSettled(Array.from({ length: 6 }, () => move(asset.id, { transition: 'retire' })));
    expect(all.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
    for (const r of all)
      if (r.status === 'rejected')
        expect((r.reason as ApiProblem).document).toMatchObject({
          status: 409,
          errors: [{ code: 'same_state', message: 'It is retired already.' }],
        });
    const { data } = await manager.call(listAssetStates, { params: { id: asset.id } });
    expect(data.items.map((i) => i.state)).toEqual(['retired', 'in_use']);
  });

  test('of two that saw it in one state and move it apart one wins, the other is stale', async () => {
    const asset = await make({ state: 'in_use' });
    const expected = { state: 'in_use', substate: null };
    const both = await Promise.allSettled([move(asset.id, { to: 'in_stock', expected }), move(asset.id, { to: 'lost', expected })]);
    expect(both.map((r) => r.status).toSorted((a, b) => a.localeCompare(b))).toEqual(['fulfilled', 'rejected']);
    for (const r of both)
      if (r.status === 'rejected')
        expect((r.reason as ApiProblem).document).toMatchObject({
          status: 412,
          code: 'stale',
          detail: expect.stringMatching(/^Someone moved it in the meantime: it is (lost|in stock) now\.$/),
        });
  });
});

describe('many assets', () => {
  test('are judged, moved and put back, with what is blocked by reason', async () => {
    const ids = await Promise.all(
      ['in_use', 'in_use', 'in_stock', 'in_stock', 'requested'].map(async (state) => (await make({ state })).id),
    );
    const [used1, used2, stock, held, asked] = ids as [string, string, string, string, string];
    await move(held, { transition: 'hold', reason: 'Case 8' });
    const wanted = { wanted: { to: 'retired' as const }, inputs: { reason: 'Refresh' } };
    const all = [...ids, nobody];
    const judged = await judgeTransitions(t.db, systemActor, all, wanted);
    expect(judged.willChange.map((m) => m.id).toSorted((a, b) => a.localeCompare(b))).toEqual(
      [used1, used2, stock, asked].toSorted((a, b) => a.localeCompare(b)),
    );
    expect(judged.blocked.map((b) => [b.code, b.ids])).toEqual(
      expect.arrayContaining([
        ['held_by_substate', [held]],
        ['not_found', [nobody]],
      ]),
    );
    const done = await inTx(t.db, (tx) => transitionMany(tx, systemActor, all, wanted, new Date()));
    expect(done).toEqual(judged);
    expect((await manager.call(getAsset, { params: { id: asked } })).data.state).toBe('retired');
    const again = await inTx(t.db, (tx) => transitionMany(tx, systemActor, all, wanted, new Date()));
    expect(again).toMatchObject({ willChange: [], blocked: [{ code: 'same_state' }, expect.anything(), expect.anything()] });
    await move(used2, { to: 'disposed' });
    await move(asked, { to: 'in_stock' });
    const undone = await inTx(t.db, (tx) => undoTransitions(tx, systemActor, done.willChange, new Date()));
    expect(undone.willChange.map((m) => m.id).toSorted((a, b) => a.localeCompare(b))).toEqual(
      [used1, stock].toSorted((a, b) => a.localeCompare(b)),
    );
    expect(undone.blocked.map((b) => [b.code, b.ids])).toEqual(
      expect.arrayContaining([
        ['final', [used2]],
        ['moved_on', [asked]],
      ]),
    );
    expect((await manager.call(getAsset, { params: { id: used1 } })).data.state).toBe('in_use');
  });

  test('outside the scope of whoever asks are not found', async () => {
    const here = await make({ state: 'in_use', place: paris });
    const there = await make({ state: 'in_use', place: berlin });
    const actor = {
      ...systemActor,
      kind: 'user' as const,
      label: 'Someone',
      grants: [{ permission: 'assets:write' as const, scope: { kind: 'place' as const, id: paris } }],
    };
    const judged = await judgeTransitions(t.db, actor, [here.id, there.id], { wanted: { transition: 'retire' }, inputs: {} });
    expect(judged).toMatchObject({ willChange: [{ id: here.id }], blocked: [{ code: 'not_found', ids: [there.id] }] });
  });

  test('take a fixed number of statements', async () => {
    const { countQueries } = await import('../../testing/index.ts');
    const count = async (n: number): Promise<number> => {
      const ids = await Promise.all(Array.from({ length: n }, async () => (await make({ state: 'in_use' })).id));
      const counted = countQueries(t.db);
      await inTx(counted.db, (tx) => transitionMany(tx, systemActor, ids, { wanted: { to: 'retired' }, inputs: {} }, new Date()));
      return counted.count();
    };
    const few = await count(2);
    expect(await count(12)).toBe(few);
  });
});
