import { createAsset, getAsset, getAssetTimeline, transitionAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import { handoverDocumentListRoutes } from '@muster/api/handover';
import { getLifecycle, type LifecycleMachine, putLifecycle } from '@muster/api/lifecycle';
import { notificationListRoutes } from '@muster/api/notifications';
import { createPerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import * as api from '@muster/api/tasks';
import { createTeam } from '@muster/api/teams';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

resourceSuite({
  routes: api.taskListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    const team = (await admin.call(createTeam, { body: { name: 'Workshop' } })).data.id;
    for (let i = 1; i <= 8; i++) {
      const asset = (await admin.call(createAsset, { body: { class: 'laptop', name: `laptop-${i % 3}` } })).data.id;
      const assignee = i % 3 === 0 ? null : i % 3 === 1 ? { kind: 'team' as const, id: team } : { kind: 'user' as const, id: admin.userId };
      const dueOn = i % 4 === 0 ? null : i % 2 ? '2999-01-01' : '2025-01-01';
      const made = await admin.call(api.createTask, {
        params: { id: asset },
        body: { title: `Task ${i}`, assignee, dueOn, ...(i < 3 ? { note: 'n' } : {}) },
      });
      if (i > 6)
        await admin.call(api.updateTask, { params: { id: made.data.id }, ifMatch: `"${made.data.version}"`, body: { done: true } });
    }
  },
});

describe('tasks and the actions of transitions', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());

  let count = 0;
  const asset = async (extra: Record<string, unknown> = {}) =>
    (await admin.call(createAsset, { body: { class: 'laptop', name: `asset-${++count}`, ...extra } })).data.id;
  const refused = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
    const error = await promise.then(
      () => null,
      (e: unknown) => e,
    );
    if (!(error instanceof ApiProblem)) throw new Error('It was not refused', { cause: error });
    return error.document;
  };
  /** Gives a shipped transition these actions. */
  const act = async (key: string, actions: LifecycleMachine['transitions'][number]['actions']) => {
    const { data } = await admin.call(getLifecycle, {});
    const transitions = data.machine.transitions.map((one) => (one.key === key ? { ...one, actions } : one));
    return admin.call(putLifecycle, { ifMatch: `"${data.version}"`, body: { ...data.machine, transitions } });
  };
  const tasksOf = async (id: string) => (await admin.call(api.taskListRoutes.list, { query: { filter: `asset:${id}` } })).data.items;

  test('a task is added, done once, open again and removed, with events and audit, within the scope', async () => {
    const here = (await admin.call(createPlace, { body: { name: 'Here' } })).data.id;
    const id = await asset();
    const made = (await admin.call(api.createTask, { params: { id }, body: { title: 'Clean it', dueOn: '2025-01-01' } })).data;
    expect(made).toMatchObject({ state: 'overdue', asset: { id }, assignee: null });
    const change = { params: { id: made.id }, ifMatch: `"${made.version}"`, body: { done: true } };
    const done = (await admin.call(api.updateTask, change)).data;
    expect(done).toMatchObject({ state: 'done' });
    expect(await refused(admin.call(api.updateTask, change))).toMatchObject({ code: 'stale' });
    const { data } = await admin.call(getAssetTimeline, { params: { id }, query: {} });
    expect(data.items.map((e) => e.summary)).toEqual(
      expect.arrayContaining(['The task “Clean it” was added.', 'The task “Clean it” is done.']),
    );
    const other = await t.as('technician', { kind: 'place', id: here });
    expect(await refused(other.call(api.getTask, { params: { id: made.id } }))).toMatchObject({ code: 'not_found' });
    expect(await refused(other.call(api.createTask, { params: { id }, body: { title: 'x' } }))).toMatchObject({ code: 'not_found' });
    expect(
      await refused(admin.call(api.createTask, { params: { id }, body: { title: 'x', assignee: { kind: 'team', id: newId() } } })),
    ).toMatchObject({
      errors: [{ field: 'assignee' }],
    });
    await admin.call(api.deleteTask, { params: { id: made.id } });
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${made.id} order by at, id`.execute(
      t.db,
    );
    expect(rows.map((r) => r.action)).toEqual(['task.created', 'task.done', 'task.removed']);
  });

  test('a machine whose actions lack a parameter, or have a wrong one, is refused with all mistakes', async () => {
    const actions = [
      { key: 'notify', parameters: { to: 'address' } },
      { key: 'create_task', parameters: { days: 'soon' } },
      { key: 'make_document', parameters: { language: 'fr' } },
    ];
    const { errors } = await refused(act('maintain', actions));
    expect(errors?.map((e) => [e.field.replace(/^.*parameters\./, ''), e.code])).toEqual([
      ['address', 'required'],
      ['title', 'required'],
      ['days', 'wrong_type'],
      ['language', 'unknown'],
    ]);
  });

  test('create_task gives each asset that moves a task for a team, due so many days on', async () => {
    const team = (await admin.call(createTeam, { body: { name: 'Repair' } })).data.id;
    await act('maintain', [{ key: 'create_task', parameters: { title: 'Call the vendor', assignee: 'repair', days: '3' } }]);
    const id = await asset({ state: 'in_use' });
    await admin.call(transitionAsset, { params: { id }, body: { transition: 'maintain' } });
    const dueOn = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    expect(await tasksOf(id)).toMatchObject([{ title: 'Call the vendor', assignee: 'Repair', assigneeId: team, dueOn, state: 'open' }]);
    expect((await admin.call(getAsset, { params: { id } })).data.state).toBe('in_maintenance');
  });

  test('notify tells the holder, those with a role in reach of the asset, and an address', async () => {
    const here = (await admin.call(createPlace, { body: { name: 'Workshop' } })).data.id;
    const eve = (await admin.call(createPerson, { body: { name: 'Eve' } })).data.id;
    const holder = await t.as('employee', { kind: 'own' }, { personId: eve });
    const near = await t.as('technician', { kind: 'place', id: here });
    const far = await t.as('technician', { kind: 'asset_class', key: 'phone' });
    await act('report_lost', [
      { key: 'notify', parameters: { to: 'holder', message: 'Please look for it' } },
      { key: 'notify', parameters: { to: 'technician' } },
      { key: 'notify', parameters: { to: 'address', address: 'security@example.org' } },
    ]);
    const id = await asset({ state: 'in_use', person: eve, place: here });
    await admin.call(transitionAsset, { params: { id }, body: { transition: 'report_lost' } });
    const told = async (who: TestActor) => (await who.call(notificationListRoutes.list, { query: {} })).data.items;
    expect(await told(holder)).toMatchObject([
      { kind: 'lifecycle', subjectId: id, text: expect.stringContaining('Please look for it') as string },
    ]);
    expect(await told(near)).toMatchObject([{ kind: 'lifecycle', subjectId: id, text: expect.stringContaining('Report lost') as string }]);
    expect(await told(far)).toEqual([]);
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from notifications where recipient = 'address:security@example.org'`.execute(t.db);
    expect(rows[0]?.n).toBe(1);
  });

  test('make_document hands what is assigned over to its person, once, and refuses where nobody has it', async () => {
    await act('assign', [
      { key: 'assign', parameters: {} },
      { key: 'make_document', parameters: { language: 'de' } },
    ]);
    await act('ship', [{ key: 'make_document', parameters: { language: 'en' } }]);
    const fay = (await admin.call(createPerson, { body: { name: 'Fay' } })).data.id;
    const id = await asset();
    expect(await refused(admin.call(transitionAsset, { params: { id }, body: { transition: 'ship' } }))).toMatchObject({ status: 409 });
    await admin.call(transitionAsset, { params: { id }, body: { transition: 'assign', inputs: { person: fay } } });
    await admin.call(transitionAsset, { params: { id }, body: { transition: 'ship' } });
    const documents = (await admin.call(handoverDocumentListRoutes.list, { query: { filter: `person:${fay}` } })).data.items;
    expect(documents).toMatchObject([{ state: 'pending', language: 'de', assets: 1 }]);
  });
});
