import { type AssetRecord, createAsset, getAsset, getAssetTimeline, transitionAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import { getLifecycle, putLifecycle } from '@muster/api/lifecycle';
import { cancelPlannedTransition, plannedTransitionListRoutes, planTransition } from '@muster/api/planned-transitions';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { runPlannedJob } from './lifecycle-planned.ts';

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

resourceSuite({
  routes: plannedTransitionListRoutes,
  seed: async (t) => {
    const { call } = await t.as('administrator');
    for (let i = 0; i < 8; i++) {
      const { data } = await call(createAsset, { body: { class: 'laptop', name: `planned-${i}` } });
      const { data: planned } = await call(planTransition, {
        params: { id: data.id },
        body: { transition: i % 2 ? 'retire' : 'reserve', dueOn: day(i % 3), ...(i % 2 ? { reason: 'end of life' } : {}) },
      });
      if (i === 3) await call(cancelPlannedTransition, { params: { id: planned.id } });
    }
  },
});

let t: TestApp;
let manager: TestActor;
const paris = '00000000-0000-7000-8000-0000000000a1';
beforeAll(async () => {
  t = await testApp();
  manager = await t.as('asset_manager');
  await sql`insert into places (id, name, kind, parent_id, path) values (${paris}, 'Paris', 'site', null, array[${paris}]::uuid[])`.execute(
    t.db,
  );
});
afterAll(() => t.close());

const make = async (body: Record<string, unknown> = {}): Promise<AssetRecord> =>
  (await manager.call(createAsset, { body: { class: 'laptop', name: 'to be planned', state: 'in_use', ...body } })).data;
const plan = async (id: string, body: Record<string, unknown>, who = manager) =>
  (await who.call(planTransition, { params: { id }, body: { transition: 'retire', dueOn: day(0), ...body } })).data;
const read = async (id: string) => (await manager.call(plannedTransitionListRoutes.list, { query: { filter: `id:${id}` } })).data.items[0];
const tick = async (): Promise<void> => {
  await inTx(t.db, (tx) => t.platform.jobs.enqueue(tx, runPlannedJob.kind, {}, { title: 'Planned transitions', actor: systemActor }));
  await t.jobsDone(120_000);
};
const stateOf = async (id: string): Promise<string> => (await manager.call(getAsset, { params: { id } })).data.state;
const refusal = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiProblem) return error.document;
    throw error;
  }
  throw new Error('It was not refused');
};

test('on its day it is made by whoever planned it; not before, not twice', async () => {
  const today = await make();
  const later = await make();
  const made = await plan(today.id, { reason: 'Refresh' });
  expect(made).toMatchObject({ state: 'planned', label: 'Retire', reason: 'Refresh', asset: { id: today.id }, endedAt: null });
  const waiting = await plan(later.id, { dueOn: day(1) });
  await tick();
  expect(await stateOf(today.id)).toBe('retired');
  expect(await stateOf(later.id)).toBe('in_use');
  expect(await read(made.id)).toMatchObject({ state: 'done', problem: null });
  expect(await read(waiting.id)).toMatchObject({ state: 'planned' });
  await manager.call(transitionAsset, { params: { id: today.id }, body: { to: 'in_stock' } });
  await tick();
  expect(await stateOf(today.id)).toBe('in_stock');
  const { data: timeline } = await manager.call(getAssetTimeline, { params: { id: today.id } });
  const moved = timeline.items.find((e) => e.data['transition'] === 'retire' && e.kind === 'transitioned');
  expect(moved).toMatchObject({ actor: expect.stringContaining(manager.email), data: { reason: 'Refresh' } });
  expect(timeline.items.map((e) => e.summary)).toContain(`“Retire” was planned for ${day(0)}.`);
});

test('a refusal is refused at once with every bad field, and one transition is planned once', async () => {
  const asset = await make();
  const problem = await refusal(plan(asset.id, { transition: 'hold', dueOn: day(-2), inputs: { dueOn: day(3) } }));
  expect(problem).toMatchObject({ status: 400 });
  expect(problem.errors?.map((e) => `${e.field} ${e.code}`)).toEqual(['dueOn past', 'reason required', 'inputs.dueOn not_asked']);
  expect(await refusal(plan(asset.id, { transition: 'fly' }))).toMatchObject({ errors: [{ field: 'transition', code: 'unknown' }] });
  expect(await refusal(plan(asset.id, { dueOn: 'someday' }))).toMatchObject({ status: 400 });
  const both = await Promise.allSettled([plan(asset.id, { dueOn: day(5) }), plan(asset.id, { dueOn: day(6) })]);
  expect(both.map((r) => r.status).toSorted((a, b) => a.localeCompare(b))).toEqual(['fulfilled', 'rejected']);
  for (const r of both) if (r.status === 'rejected') expect((r.reason as ApiProblem).document).toMatchObject({ status: 409 });
});

test('it can be cancelled once, and is then not made', async () => {
  const asset = await make();
  const { id } = await plan(asset.id, {});
  expect((await manager.call(cancelPlannedTransition, { params: { id } })).data).toMatchObject({ state: 'cancelled' });
  expect(await refusal(manager.call(cancelPlannedTransition, { params: { id } }))).toMatchObject({ status: 409 });
  await tick();
  expect(await stateOf(asset.id)).toBe('in_use');
  const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${id} order by at, id`.execute(t.db);
  expect(rows.map((r) => r.action)).toEqual(['transition.planned', 'planned_transition.cancelled']);
});

test('it is judged on its day: what fails is kept with the reason and told on the timeline', async () => {
  const gone = await make();
  const impossible = await plan(gone.id, { transition: 'maintain' });
  await manager.call(transitionAsset, { params: { id: gone.id }, body: { to: 'lost' } });

  const planner = await t.as('technician');
  const orphan = await make();
  const byDisabled = await plan(orphan.id, {}, planner);
  await sql`update users set disabled = true where id = ${planner.userId}`.execute(t.db);

  const demoted = await t.as('asset_manager');
  const kept = await make();
  const byDemoted = await plan(kept.id, {}, demoted);
  await sql`update role_assignments set scope = ${JSON.stringify({ kind: 'place', id: paris })}::jsonb where user_id = ${demoted.userId}`.execute(
    t.db,
  );

  const restricted = await make();
  const technician = await t.as('technician');
  const noLonger = await plan(restricted.id, { transition: 'report_lost' }, technician);
  const admin = await t.as('administrator');
  const { data: inForce } = await admin.call(getLifecycle, {});
  const machine = structuredClone(inForce.machine);
  Object.assign(machine.transitions.find((one) => one.key === 'report_lost') ?? {}, { roles: ['asset_manager'] });
  await admin.call(putLifecycle, { ifMatch: `"${inForce.version}"`, body: machine });

  await tick();
  expect(await read(impossible.id)).toMatchObject({ state: 'failed', problem: expect.stringContaining('does not lead from lost') });
  expect(await read(byDisabled.id)).toMatchObject({ state: 'failed', problem: expect.stringContaining('may no longer sign in') });
  expect(await read(byDemoted.id)).toMatchObject({ state: 'failed', problem: expect.stringContaining('may no longer change this asset') });
  expect(await read(noLonger.id)).toMatchObject({ state: 'failed', problem: 'Only asset manager may do this.' });
  expect(await Promise.all([gone, orphan, kept, restricted].map((a) => stateOf(a.id)))).toEqual(['lost', 'in_use', 'in_use', 'in_use']);
  const { data: timeline } = await manager.call(getAssetTimeline, { params: { id: gone.id } });
  expect(timeline.items[0]?.summary).toMatch(/^“Send to maintenance”, planned for .*, was not made: /);
  const { rows } = await sql<{
    action: string;
  }>`select action from audit_log where resource_id = ${impossible.id} and action = 'planned_transition.failed'`.execute(t.db);
  expect(rows).toHaveLength(1);
});

test('outside the scope nothing is planned, seen or cancelled', async () => {
  const asset = await make();
  const { id } = await plan(asset.id, { dueOn: day(9) });
  const local = await t.as('asset_manager', { kind: 'place', id: paris });
  expect(await refusal(plan(asset.id, {}, local))).toMatchObject({ status: 404 });
  expect(await refusal(local.call(cancelPlannedTransition, { params: { id } }))).toMatchObject({ status: 404 });
  expect((await local.call(plannedTransitionListRoutes.list, {})).data.items).toEqual([]);
  const auditor = await t.as('auditor');
  expect(await refusal(plan(asset.id, {}, auditor))).toMatchObject({ status: 403 });
});
