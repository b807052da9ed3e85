import * as api from '@muster/api/places';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

resourceSuite({
  routes: api.placeListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    const make = async (name: string, kind: api.PlaceKind, parentId: string | null) =>
      (await admin.call(api.createPlace, { body: { name, kind, parentId } })).data.id;
    const paris = await make('Paris', 'site', null);
    const lyon = await make('Lyon', 'site', null);
    const floor = await make('Floor 1', 'floor', await make('Building A', 'building', paris));
    for (const name of ['Room 1', 'Room 2', 'Store', '+plus']) await make(name, name === 'Store' ? 'stockroom' : 'room', floor);
    await make('Room 1', 'room', lyon);
    await sql`insert into assets (id, class_key, place_id) select ${newId()}, key, ${floor} from asset_classes limit 1`.execute(t.db);
  },
});

describe('places', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());
  const make = async (name: string, parentId: string | null = null) =>
    (await admin.call(api.createPlace, { body: { name, parentId } })).data;

  test('are a tree that moves as a whole and is removed when empty, each change in the audit log', async () => {
    const paris = await make('Paris');
    const hall = await make('Hall', paris.id);
    const rack = await make('Rack', hall.id);
    const lyon = await make('Lyon');
    expect(rack).toMatchObject({
      kind: 'site',
      path: [{ label: 'Paris' }, { label: 'Hall' }, { label: 'Rack' }],
      parent: { id: hall.id },
      version: 1,
    });
    const moved = await admin.call(api.updatePlace, { params: { id: hall.id }, ifMatch: '"1"', body: { parentId: lyon.id, kind: 'room' } });
    expect(moved.data).toMatchObject({ kind: 'room', parent: { label: 'Lyon' }, version: 2 });
    expect(moved.etag).toBe('"2"');
    const within = await admin.call(api.placeListRoutes.list, { query: { filter: 'within:lyon', sort: 'name' } });
    expect(within.data.items.map((item) => [item.name, item.path])).toEqual([
      ['Hall', 'Lyon / Hall'],
      ['Lyon', 'Lyon'],
      ['Rack', 'Lyon / Hall / Rack'],
    ]);
    await expect(
      admin.call(api.updatePlace, { params: { id: lyon.id }, ifMatch: '"1"', body: { parentId: rack.id } }),
    ).rejects.toMatchObject({ errors: [{ field: 'parentId', code: 'cycle' }] });
    await expect(admin.call(api.updatePlace, { params: { id: hall.id }, ifMatch: '"1"', body: { name: 'x' } })).rejects.toMatchObject({
      code: 'stale',
    });
    await expect(admin.call(api.deletePlace, { params: { id: hall.id } })).rejects.toMatchObject({
      code: 'conflict',
      message: '“Hall” still has places in it. Move them first.',
    });
    await admin.call(api.deletePlace, { params: { id: rack.id } });
    await expect(admin.call(api.getPlace, { params: { id: rack.id } })).rejects.toMatchObject({ code: 'not_found' });
    const { rows } = await sql<{
      action: string;
    }>`select action from audit_log where resource_id in (${hall.id}, ${rack.id}) order by at, id`.execute(t.db);
    expect(rows.map((row) => row.action)).toEqual(['place.created', 'place.created', 'place.changed', 'place.removed']);
  });

  test('a role within a place sees it and what is below', async () => {
    const site = await make('Berlin');
    const room = await make('Room', site.id);
    const elsewhere = await make('Rome');
    const scoped = await t.as('technician', { kind: 'place', id: site.id });
    expect((await scoped.call(api.placeListRoutes.list, { query: {} })).data.items.map((item) => item.name)).toEqual(['Berlin', 'Room']);
    await scoped.call(api.getPlace, { params: { id: room.id } });
    await expect(scoped.call(api.getPlace, { params: { id: elsewhere.id } })).rejects.toMatchObject({ code: 'not_found' });
    await expect(scoped.call(api.createPlace, { body: { name: 'No' } })).rejects.toMatchObject({ code: 'forbidden' });
  });
});
