import { ApiProblem } from '@muster/api/client';
import * as api from '@muster/api/saved-views';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countQueries, resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { systemActor } from '../../platform/context.ts';
import { viewsOf } from './store.ts';

async function seed(t: TestApp): Promise<void> {
  const manager = await t.as('asset_manager');
  for (const [i, name] of ['Laptops', 'Stock', 'To retire', 'Leavers', 'People of IT', '=Formula', '-dash', 'Böhm'].entries())
    await manager.call(api.createSavedView, {
      body: {
        resource: i === 4 ? 'people' : 'assets',
        name,
        filter: i % 2 ? null : 'name:x*',
        sort: i % 3 ? null : '-name',
        sharing: i === 3 ? 'roles' : 'everyone',
        ...(i === 3 ? { roles: ['administrator' as const] } : {}),
        position: i % 4,
        archived: i === 5,
      },
    });
}
resourceSuite({ routes: api.savedViewListRoutes, seed });

describe('saved views', () => {
  let t: TestApp;
  let manager: TestActor;
  let technician: TestActor;
  beforeAll(async () => {
    t = await testApp();
    manager = await t.as('asset_manager');
    technician = await t.as('technician');
  });
  afterAll(() => t.close());

  const make = async (who: TestActor, body: Partial<api.SavedViewCreate> & { name: string }) =>
    (await who.call(api.createSavedView, { body: { resource: 'assets', ...body } })).data;
  const menu = async (who: TestActor) => (await who.call(api.listViewMenu, { query: { resource: 'assets' } })).data.items;
  const refusal = async (promise: Promise<unknown>): Promise<ApiProblem['document']> => {
    const error = await promise.then(
      () => null,
      (e: unknown) => e,
    );
    if (!(error instanceof ApiProblem)) throw new Error('It was not refused', { cause: error });
    return error.document;
  };
  const audited = async (id: string) =>
    (await sql<{ action: string }>`select action from audit_log where resource_id = ${id} order by at, id`.execute(t.db)).rows.map(
      (r) => r.action,
    );

  test('belong to whoever saves them, are changed under their version and removed, each in the audit log', async () => {
    const view = await make(technician, {
      name: 'Mine',
      filter: 'class:laptop',
      q: 'dell',
      sort: '-lastSeenAt',
      columns: ['name', 'state'],
    });
    expect(view).toMatchObject({ isMine: true, mayChange: true, sharing: 'private', q: 'dell', columns: ['name', 'state'], problems: [] });
    expect((await menu(technician)).map((v) => v.name)).toEqual(['Mine']);
    expect(await menu(manager)).toEqual([]);
    expect(await refusal(manager.call(api.getSavedView, { params: { id: view.id } }))).toMatchObject({ code: 'not_found' });
    expect(await refusal(manager.call(api.deleteSavedView, { params: { id: view.id } }))).toMatchObject({ code: 'not_found' });
    const change = { params: { id: view.id }, ifMatch: `"${view.version}"`, body: { name: 'Mine too', filter: '' } };
    expect((await technician.call(api.updateSavedView, change)).data).toMatchObject({ name: 'Mine too', filter: null, q: 'dell' });
    expect(await refusal(technician.call(api.updateSavedView, change))).toMatchObject({ code: 'stale' });
    expect(await refusal(make(technician, { name: 'MINE TOO' }))).toMatchObject({ code: 'conflict', errors: [{ field: 'name' }] });
    await technician.call(api.deleteSavedView, { params: { id: view.id } });
    expect(await audited(view.id)).toEqual(['saved_view.created', 'saved_view.changed', 'saved_view.removed']);
    expect(await menu(technician)).toEqual([]);
  });

  test('are shared with everyone or with roles by those who may, and opened but not changed by the others', async () => {
    expect(await refusal(make(technician, { name: 'For all', sharing: 'everyone' }))).toMatchObject({ code: 'forbidden' });
    expect(await refusal(make(manager, { name: 'For some', sharing: 'roles' }))).toMatchObject({ errors: [{ field: 'roles' }] });
    const all = await make(manager, { name: 'For all', sharing: 'everyone' });
    const some = await make(manager, { name: 'For auditors', sharing: 'roles', roles: ['auditor'] });
    expect((await menu(technician)).map((v) => v.name)).toEqual(['For all']);
    expect((await menu(await t.as('auditor'))).map((v) => v.name)).toEqual(['For all', 'For auditors']);
    expect((await technician.call(api.getSavedView, { params: { id: all.id } })).data).toMatchObject({ isMine: false, mayChange: false });
    const rename = { params: { id: all.id }, ifMatch: `"${all.version}"`, body: { name: 'Hijacked' } };
    expect(await refusal(technician.call(api.updateSavedView, rename))).toMatchObject({ code: 'forbidden' });
    // Whoever may share keeps shared views in order, also when their owner has left.
    expect((await (await t.as('licence_manager')).call(api.updateSavedView, rename)).data).toMatchObject({ name: 'Hijacked' });
    const names = (await technician.call(api.savedViewListRoutes.list, { query: {} })).data.items.map((v) => v.id);
    expect(names).toContain(all.id);
    expect(names).not.toContain(some.id);
    const token = await t.anonymous.inject({
      method: 'POST',
      url: '/api/v1/saved-views',
      headers: { authorization: `Bearer ${t.token}` },
      payload: { resource: 'assets', name: 'Nobody’s' },
    });
    expect(token.statusCode).toBe(403);
  });

  test('one of them is where the list begins, per person', async () => {
    const view = await make(manager, { name: 'Start here', sharing: 'everyone' });
    await technician.call(api.setDefaultView, { body: { resource: 'assets', id: view.id } });
    expect((await menu(technician)).find((v) => v.isDefault)?.id).toBe(view.id);
    expect((await menu(manager)).some((v) => v.isDefault)).toBe(false);
    expect(await refusal(technician.call(api.setDefaultView, { body: { resource: 'people', id: view.id } }))).toMatchObject({
      errors: [{ field: 'id' }],
    });
    await technician.call(api.setDefaultView, { body: { resource: 'assets', id: null } });
    expect((await menu(technician)).some((v) => v.isDefault)).toBe(false);
  });

  test('what cannot be read is refused when saved, and told of when a field is gone later', async () => {
    expect(await refusal(make(manager, { name: 'Wrong', filter: 'clas:laptop' }))).toMatchObject({
      code: 'bad_filter',
      errors: [{ field: 'filter', code: 'unknown_field' }],
    });
    expect(await refusal(make(manager, { name: 'Wrong', sort: 'nosuch', columns: ['nosuch'] }))).toMatchObject({
      code: 'validation_failed',
      errors: [{ field: 'sort' }, { field: 'columns' }],
    });
    expect(await refusal(make(manager, { name: 'Wrong', resource: 'nosuch' }))).toMatchObject({ errors: [{ field: 'resource' }] });
    const view = await make(manager, { name: 'Later', filter: 'class:laptop' });
    await sql`update saved_views set filter = 'rack_unit:4' where id = ${view.id}`.execute(t.db);
    const broken = (await manager.call(api.getSavedView, { params: { id: view.id } })).data;
    expect(broken.problems).toMatchObject([{ field: 'filter', code: 'unknown_field' }]);
    expect(broken.filter).toBe('rack_unit:4');
    const renamed = await manager.call(api.updateSavedView, {
      params: { id: view.id },
      ifMatch: `"${view.version}"`,
      body: { name: 'Still mine' },
    });
    expect(renamed.data).toMatchObject({ name: 'Still mine', problems: [{ field: 'filter' }] });
  });

  test('the menu is one statement however many there are', async () => {
    const counted = countQueries(t.db);
    await viewsOf(counted.db, { ...systemActor, userId: manager.userId }, 'assets');
    expect(counted.count()).toBe(1);
  });
});
