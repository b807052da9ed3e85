import * as assets from '@muster/api/assets';
import * as api from '@muster/api/places';
import * as racks from '@muster/api/racks';
import * as fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp();
  admin = await t.as('administrator');
});
afterAll(() => t.close());

const place = async (name: string, kind: api.PlaceKind, more: Partial<api.PlaceCreate> = {}) =>
  (await admin.call(api.createPlace, { body: { name, kind, ...more } })).data;
const asset = async (name: string, cls = 'server') =>
  (await admin.call(assets.createAsset, { body: { name, class: cls, state: 'in_use' } })).data.id;
const mount = async (id: string, rackId: string, unit: number, height = 1, side: racks.RackSide = 'both', actor = admin) =>
  (await actor.call(racks.mountAsset, { params: { id }, body: { rackId, unit, height, side } })).data;
const elevation = async (id: string, actor = admin) => (await actor.call(racks.getElevation, { params: { id } })).data;

describe('addresses', () => {
  test('a place has its own, or the city of the place above; bad parts are told all at once', async () => {
    const site = await place('Campus', 'site', {
      address: { street: 'Hauptstr. 1', postcode: '10115', city: 'Berlin', region: null, country: 'DE' },
      notes: 'Ring twice.',
    });
    expect(site).toMatchObject({ address: { city: 'Berlin', country: 'DE' }, notes: 'Ring twice.', rackUnits: null });
    const room = await place('Cellar', 'room', { parentId: site.id });
    const found = await admin.call(api.placeListRoutes.list, { query: { filter: 'city:berlin', sort: 'name' } });
    expect(found.data.items.map((item) => [item.name, item.city, item.country])).toEqual([
      ['Campus', 'Berlin', 'DE'],
      ['Cellar', 'Berlin', 'DE'],
    ]);
    await expect(
      admin.call(api.updatePlace, {
        params: { id: room.id },
        ifMatch: '"1"',
        body: { address: { street: null, postcode: 'x'.repeat(21), city: null, region: null, country: 'Germany' } },
      }),
    ).rejects.toMatchObject({ code: 'validation_failed', errors: [{ field: 'address.postcode' }, { field: 'address.country' }] });
    await expect(admin.call(api.updatePlace, { params: { id: room.id }, ifMatch: '"1"', body: { rackUnits: 10 } })).rejects.toMatchObject({
      errors: [{ field: 'rackUnits', code: 'not_a_rack' }],
    });
  });
});

describe('racks', () => {
  test('show what is mounted from the top, what has no position, and what is free', async () => {
    const rack = await place('R1', 'rack', { rackUnits: 10 });
    const [a, b, c, loose] = [await asset('a'), await asset('b'), await asset('c'), await asset('loose')];
    await mount(a, rack.id, 1, 2);
    await mount(b, rack.id, 9, 2, 'front');
    await mount(c, rack.id, 9, 1, 'rear');
    const version = (await admin.call(assets.getAsset, { params: { id: loose } })).data.version;
    await admin.call(assets.updateAsset, { params: { id: loose }, ifMatch: `"${version}"`, body: { place: rack.id } });
    expect(await elevation(rack.id)).toMatchObject({
      units: 10,
      freeUnits: 6,
      hidden: 0,
      mounts: [
        { asset: { label: 'b' }, unit: 9, height: 2, side: 'front', class: 'Server' },
        { asset: { label: 'c' }, unit: 9, height: 1, side: 'rear' },
        { asset: { label: 'a' }, unit: 1, height: 2, side: 'both' },
      ],
      unmounted: [{ label: 'loose' }],
    });
    expect((await admin.call(assets.getAsset, { params: { id: a } })).data.place).toMatchObject({ id: rack.id });
    const timeline = (await admin.call(assets.getAssetTimeline, { params: { id: a }, query: {} })).data.items.map((e) => e.summary);
    expect(timeline).toContain('Mounted in R1 at unit 1, 2 high.');
    const { rows } = await sql<{ action: string }>`select action from audit_log where resource_id = ${a} and action like '%rack%'`.execute(
      t.db,
    );
    expect(rows).toEqual([{ action: 'asset.rack_mounted' }]);
  });

  test('refuse what does not fit, with the reason and what is in the way', async () => {
    const rack = await place('R2', 'rack', { rackUnits: 4 });
    const room = await place('No rack', 'room');
    const [a, b, laptop] = [await asset('first'), await asset('second'), await asset('notebook', 'laptop')];
    await mount(a, rack.id, 2, 2, 'front');
    await expect(mount(b, rack.id, 3, 1, 'both')).rejects.toMatchObject({
      code: 'conflict',
      message: 'In the way: first (unit 2, 2 high).',
    });
    await mount(b, rack.id, 3, 1, 'rear');
    await expect(mount(laptop, rack.id, 4, 2)).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [
        { field: 'unit', code: 'too_high', message: 'It would reach unit 5; “R2” has 4 units.' },
        { field: 'id', code: 'not_rackable' },
      ],
    });
    await expect(mount(a, room.id, 1)).rejects.toMatchObject({ errors: [{ field: 'rackId', code: 'not_a_rack' }] });
    await expect(mount(a, a, 1)).rejects.toMatchObject({ errors: [{ field: 'rackId', code: 'unknown' }] });
    await expect(elevation(room.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(admin.call(api.updatePlace, { params: { id: rack.id }, ifMatch: '"1"', body: { rackUnits: 2 } })).rejects.toMatchObject({
      code: 'conflict',
      message: 'Something is mounted up to unit 3 of “R2”. Move it first.',
    });
  });

  test('a position holds while the asset is placed in the rack, and may be taken by another when it left', async () => {
    const rack = await place('R3', 'rack');
    const store = await place('Store', 'stockroom');
    const [a, b] = [await asset('leaver'), await asset('next')];
    await mount(a, rack.id, 5);
    const { version } = (await admin.call(assets.getAsset, { params: { id: a } })).data;
    await admin.call(assets.updateAsset, { params: { id: a }, ifMatch: `"${version}"`, body: { place: store.id } });
    expect((await elevation(rack.id)).mounts).toEqual([]);
    await mount(b, rack.id, 5);
    await expect(admin.call(racks.unmountAsset, { params: { id: a } })).rejects.toMatchObject({ code: 'conflict' });
    await admin.call(racks.unmountAsset, { params: { id: b } });
    expect(await elevation(rack.id)).toMatchObject({ units: 42, mounts: [], unmounted: [{ label: 'next' }] });
  });

  test('of two at once for one unit, one is mounted and the other is told by what', async () => {
    const rack = await place('R4', 'rack');
    const [a, b] = [await asset('left'), await asset('right')];
    const answers = await Promise.allSettled([mount(a, rack.id, 7), mount(b, rack.id, 7)]);
    expect(answers.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = answers.find((one) => one.status === 'rejected');
    expect(refused?.reason).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^In the way: (left|right) \(unit 7, 1 high\)\.$/),
    });
    expect((await elevation(rack.id)).mounts).toHaveLength(1);
  });

  test('a role within a class sees only its own, and that something else is there', async () => {
    const rack = await place('R5', 'rack');
    const [server, net] = [await asset('srv'), await asset('sw', 'switch')];
    await mount(server, rack.id, 1);
    await mount(net, rack.id, 2);
    const scoped = await t.as('technician', { kind: 'place', id: rack.id });
    expect(await elevation(rack.id, scoped)).toMatchObject({ hidden: 0 });
    const elsewhere = await t.as('technician', { kind: 'place', id: (await place('Far', 'site')).id });
    await expect(elevation(rack.id, elsewhere)).rejects.toMatchObject({ code: 'not_found' });
    await expect(mount(server, rack.id, 3, 1, 'both', elsewhere)).rejects.toMatchObject({ code: 'not_found' });
    const auditor = await t.as('auditor');
    await expect(mount(server, rack.id, 3, 1, 'both', auditor)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('whatever is asked in whatever order, nothing shares a unit at one depth', async () => {
    const rack = await place('R6', 'rack', { rackUnits: 8 });
    const things = await Promise.all(['p', 'q', 'r', 's'].map((name) => asset(name)));
    const move = fc.record({
      thing: fc.nat(3),
      unit: fc.integer({ min: 1, max: 8 }),
      height: fc.integer({ min: 1, max: 4 }),
      side: fc.constantFrom(...racks.rackSides),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 8 }), async (moves) => {
        await Promise.allSettled(moves.map(async (m) => await mount(things[m.thing]!, rack.id, m.unit, m.height, m.side)));
        const { mounts } = await elevation(rack.id);
        for (const a of mounts) {
          expect(a.unit + a.height - 1).toBeLessThanOrEqual(8);
          for (const b of mounts)
            if (a !== b && (a.side === b.side || a.side === 'both' || b.side === 'both'))
              expect(a.unit + a.height <= b.unit || b.unit + b.height <= a.unit).toBe(true);
        }
      }),
      { numRuns: 15 },
    );
  });
});
