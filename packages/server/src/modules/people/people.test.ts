import * as api from '@muster/api/people';
import { createCustomField } from '@muster/api/custom-fields';
import { createPlace } from '@muster/api/places';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemActor } from '../../platform/context.ts';
import { inTx } from '../../platform/db/pool.ts';
import { newId } from '../../platform/ids.ts';
import { countQueries, resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ensurePeople, findByLogin, upsertDirectoryPeople } from './index.ts';

async function seed(t: TestApp): Promise<void> {
  const admin = await t.as('administrator');
  const hq = (await admin.call(api.createOrgUnit, { body: { name: 'Head office' } })).data;
  const it = (await admin.call(api.createOrgUnit, { body: { name: 'IT', parentId: hq.id, costCentre: '4711' } })).data;
  for (const name of ['Sales', 'Support', 'Plant 1', 'Plant 2', 'Legal', '=Formula'])
    await admin.call(api.createOrgUnit, { body: { name, parentId: name === 'Legal' ? it.id : hq.id } });
  const site = (await admin.call(createPlace, { body: { name: 'Paris' } })).data;
  await defineFields(admin);
  const people = ['Ada Lovelace', 'Alan Turing', 'Böhm Čapek', 'Grace Hopper', 'Grace Hopper', 'Łukasz O’Neil', '-dash', 'Zoë'];
  for (const [i, name] of people.entries()) {
    const { data } = await admin.call(api.createPerson, {
      body: {
        name,
        email: i % 2 ? `p${i}@example.org` : null,
        login: i % 3 ? `Login${i}` : null,
        employeeNumber: i % 4 ? `00${i}` : null,
        jobTitle: i < 3 ? 'Engineer' : null,
        orgUnitId: [hq.id, it.id, null][i % 3] ?? null,
        placeId: i % 2 ? site.id : null,
        active: i !== 3,
        custom: i === 0 ? { room: 'A1' } : {},
      },
    });
    if (i === 0)
      await sql`insert into assets (id, class_key, person_id) select ${newId()}, key, ${data.id} from asset_classes limit 1`.execute(t.db);
  }
}

/** Custom fields of people: a room and a desk as text, a floor as a number. */
async function defineFields(admin: TestActor): Promise<void> {
  for (const [key, type] of [
    ['room', 'text'],
    ['desk', 'text'],
    ['floor', 'number'],
  ] as const)
    await admin.call(createCustomField, { body: { resource: 'people', key, label: key, type } });
}

resourceSuite({ routes: api.personListRoutes, seed });
resourceSuite({ routes: api.orgUnitListRoutes, seed });

describe('people', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
    await defineFields(admin);
  });
  afterAll(() => t.close());
  const audited = async (id: string): Promise<string[]> =>
    (await sql<{ action: string }>`select action from audit_log where resource_id = ${id} order by at, id`.execute(t.db)).rows.map(
      (row) => row.action,
    );
  const names = async (filter: string): Promise<unknown[]> =>
    (await admin.call(api.personListRoutes.list, { query: { filter } })).data.items.map((item) => item.name);

  test('what a directory changes of a person is kept: renamed, left, came back, by the id that stays', async () => {
    const unit = (await admin.call(api.createOrgUnit, { body: { name: 'Harbour' } })).data;
    const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));
    const entry = {
      directoryId: 'guid-77',
      name: 'Mia Wall',
      email: 'mia@example.org',
      login: 'mia',
      employeeNumber: null,
      jobTitle: null,
      active: true,
    };
    const sync = async (change: Partial<typeof entry>, n: number): Promise<void> =>
      inTx(t.db, async (tx) => upsertDirectoryPeople(tx, systemActor, [{ ...entry, ...change }], 'entra', day(n)));
    await sync({}, 1);
    await sync({}, 2);
    const person = (await findByLogin(t.db, ['mia'])).get('mia');
    if (!person) throw new Error('The directory added nobody');
    await sync({ name: 'Mia Gate', login: 'mgate' }, 3);
    await sync({ name: 'Mia Gate', login: 'mgate', active: false }, 4);
    await sync({ name: 'Mia Gate', login: 'mgate' }, 5);
    const { data: now } = await admin.call(api.getPerson, { params: { id: person.id } });
    const body = { orgUnitId: unit.id, custom: { room: 'B7' } };
    await admin.call(api.updatePerson, { params: { id: person.id }, body, ifMatch: `"${now.version}"` });

    const read = async (query: { limit: number; cursor?: string }): Promise<api.PersonHistory> =>
      (await admin.call(api.getPersonHistory, { params: { id: person.id }, query })).data;
    const history = await read({ limit: 20 });
    expect(history.items.map((one) => [one.kind, one.source])).toEqual([
      ['changed', null],
      ['returned', 'entra'],
      ['left', 'entra'],
      ['renamed', 'entra'],
      ['added', 'entra'],
    ]);
    expect(history.items[0]).toMatchObject({ actor: expect.stringMatching(/./) as unknown });
    expect(history.items[0]?.changes).toEqual(
      expect.arrayContaining([
        { field: 'orgUnit', before: null, after: 'Harbour' },
        { field: 'custom.room', before: null, after: 'B7' },
      ]),
    );
    expect(history.items[3]?.changes).toEqual(
      expect.arrayContaining([
        { field: 'name', before: 'Mia Wall', after: 'Mia Gate' },
        { field: 'login', before: 'mia', after: 'mgate' },
      ]),
    );
    expect(history.directories).toEqual([{ source: 'entra', directoryId: 'guid-77', seenAt: day(5).toISOString() }]);
    const first = await read({ limit: 2 });
    const second = await read({ limit: 200, cursor: first.nextCursor ?? '' });
    expect([...first.items, ...second.items]).toEqual(history.items);
    expect(second.nextCursor).toBeNull();
    await expect(read({ limit: 2, cursor: 'x' })).rejects.toMatchObject({ code: 'bad_cursor' });
    await expect(admin.call(api.getPersonHistory, { params: { id: newId() }, query: {} })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('are added, changed under their version, deactivated and brought back, each in the audit log', async () => {
    const made = await admin.call(api.createPerson, { body: { name: '  Ada ', login: 'ADA', custom: { room: 'A1', floor: 2 } } });
    expect(made.data).toMatchObject({
      name: 'Ada',
      login: 'ada',
      email: null,
      active: true,
      source: 'manual',
      assets: 0,
      custom: { room: 'A1', floor: 2 },
      version: 1,
    });
    expect(made.etag).toBe('"1"');
    const params = { id: made.data.id };
    const changed = await admin.call(api.updatePerson, {
      params,
      ifMatch: '"1"',
      body: { jobTitle: 'Engineer', custom: { room: null, desk: 'x' } },
    });
    expect(changed.data).toMatchObject({ name: 'Ada', jobTitle: 'Engineer', custom: { floor: 2, desk: 'x' }, version: 2 });
    await expect(admin.call(api.updatePerson, { params, ifMatch: '"1"', body: { name: 'Late' } })).rejects.toMatchObject({ code: 'stale' });
    await expect(admin.call(api.updatePerson, { params, body: { name: 'Late' } })).rejects.toMatchObject({ code: 'if_match_required' });
    await admin.call(api.deletePerson, { params });
    await admin.call(api.deletePerson, { params });
    expect((await admin.call(api.getPerson, { params })).data).toMatchObject({ active: false, version: 3 });
    await admin.call(api.updatePerson, { params, ifMatch: '"3"', body: { active: true } });
    expect(await audited(made.data.id)).toEqual(['person.created', 'person.changed', 'person.deactivated', 'person.changed']);
    expect(await names('custom.desk:X')).toEqual(['Ada']);
  });

  test('what cannot be stored is said at once', async () => {
    await admin.call(api.createPerson, { body: { name: 'First', login: 'first', email: 'first@example.org' } });
    const body = { name: 'Second', login: 'FIRST', email: 'First@example.org', orgUnitId: newId(), placeId: newId() };
    await expect(admin.call(api.createPerson, { body })).rejects.toMatchObject({
      code: 'validation_failed',
      errors: [
        { field: 'login', code: 'taken' },
        { field: 'email', code: 'taken' },
        { field: 'orgUnitId', code: 'unknown' },
        { field: 'placeId', code: 'unknown' },
      ],
    });
    await expect(admin.call(api.createPerson, { body: { name: '', email: 'x', active: 1, nickname: 'y' } as never })).rejects.toMatchObject(
      { code: 'validation_failed' },
    );
    await expect(admin.call(api.getPerson, { params: { id: newId() } })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('two at once with one login: one is added', async () => {
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map(async () => admin.call(api.createPerson, { body: { name: 'Twin', login: 'twin' } })),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(['conflict', 'validation_failed']).toContain((result.reason as { code: string }).code);
  });

  test('org units are a tree: subtrees move, nothing goes into itself, only empty ones are removed', async () => {
    const make = async (name: string, parentId: string | null) => (await admin.call(api.createOrgUnit, { body: { name, parentId } })).data;
    const a = await make('A', null);
    const b = await make('B', a.id);
    const c = await make('C', b.id);
    const d = await make('D', null);
    await admin.call(api.createPerson, { body: { name: 'Cee', orgUnitId: c.id } });
    expect(await names(`within_org_unit:${a.id}`)).toEqual(['Cee']);
    await expect(admin.call(api.updateOrgUnit, { params: { id: a.id }, ifMatch: '"1"', body: { parentId: c.id } })).rejects.toMatchObject({
      errors: [{ field: 'parentId', code: 'cycle' }],
    });
    await expect(
      admin.call(api.updateOrgUnit, { params: { id: a.id }, ifMatch: '"1"', body: { parentId: newId() } }),
    ).rejects.toMatchObject({ errors: [{ code: 'unknown' }] });
    const moved = await admin.call(api.updateOrgUnit, { params: { id: b.id }, ifMatch: '"1"', body: { parentId: d.id } });
    expect(moved.data.path.map((step) => step.label)).toEqual(['D', 'B']);
    expect((await admin.call(api.getOrgUnit, { params: { id: c.id } })).data).toMatchObject({
      path: [{ label: 'D' }, { label: 'B' }, { label: 'C' }],
      parent: { label: 'B' },
      people: 1,
    });
    expect(await names(`within_org_unit:${a.id}`)).toEqual([]);
    expect(await names('within_org_unit:d')).toEqual(['Cee']);
    await expect(admin.call(api.deleteOrgUnit, { params: { id: c.id } })).rejects.toMatchObject({ code: 'conflict' });
    await expect(admin.call(api.deleteOrgUnit, { params: { id: d.id } })).rejects.toMatchObject({ code: 'conflict' });
    await admin.call(api.deleteOrgUnit, { params: { id: a.id } });
    expect(await audited(a.id)).toEqual(['org_unit.created', 'org_unit.removed']);
  });

  test('moves that cross leave no cycle', async () => {
    const make = async (name: string) => (await admin.call(api.createOrgUnit, { body: { name } })).data;
    const [x, y] = [await make('X'), await make('Y')];
    const results = await Promise.allSettled([
      admin.call(api.updateOrgUnit, { params: { id: x.id }, ifMatch: '"1"', body: { parentId: y.id } }),
      admin.call(api.updateOrgUnit, { params: { id: y.id }, ifMatch: '"1"', body: { parentId: x.id } }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a role within an org unit sees, changes and makes only what is in it', async () => {
    const unit = (await admin.call(api.createOrgUnit, { body: { name: 'Scoped' } })).data;
    const below = (await admin.call(api.createOrgUnit, { body: { name: 'Below', parentId: unit.id } })).data;
    const inside = (await admin.call(api.createPerson, { body: { name: 'Inside', orgUnitId: below.id } })).data;
    const outside = (await admin.call(api.createPerson, { body: { name: 'Outside' } })).data;
    const scoped = await t.as('asset_manager', { kind: 'org_unit', id: unit.id });
    expect((await scoped.call(api.personListRoutes.list, { query: {} })).data).toMatchObject({ total: 1, items: [{ name: 'Inside' }] });
    await scoped.call(api.getPerson, { params: { id: inside.id } });
    await expect(scoped.call(api.getPerson, { params: { id: outside.id } })).rejects.toMatchObject({ code: 'not_found' });
    await expect(scoped.call(api.deletePerson, { params: { id: outside.id } })).rejects.toMatchObject({ code: 'not_found' });
    await expect(scoped.call(api.createPerson, { body: { name: 'Elsewhere' } })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      scoped.call(api.updatePerson, { params: { id: inside.id }, ifMatch: '"1"', body: { orgUnitId: null } }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect((await scoped.call(api.createPerson, { body: { name: 'Inside too', orgUnitId: unit.id } })).data.orgUnit?.label).toBe('Scoped');
    await expect(scoped.call(api.createOrgUnit, { body: { name: 'Root of mine' } })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('reading roles cannot write', async () => {
    const auditor = await t.as('auditor');
    await auditor.call(api.personListRoutes.list, { query: {} });
    await expect(auditor.call(api.createPerson, { body: { name: 'No' } })).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('a source’s people are found by login or e-mail, else added, once, in few queries', async () => {
    const known = (await admin.call(api.createPerson, { body: { name: 'Known', login: 'known', email: 'known@example.org' } })).data;
    const reported = [
      { name: 'K', login: 'KNOWN' },
      { name: 'K', email: 'Known@Example.org' },
      { name: 'New', login: 'new1' },
      { name: 'New', login: 'NEW1 ', email: 'n@example.org' },
      ...Array.from({ length: 300 }, (_, i) => ({ name: `P${i}`, login: `bulk${i}` })),
    ];
    const ids = await inTx(t.db, async (tx) => {
      const counted = countQueries(tx);
      const result = await ensurePeople(counted.db as typeof tx, systemActor, reported, 'directory', new Date());
      expect(counted.count()).toBe(4);
      return result;
    });
    expect(ids.slice(0, 2)).toEqual([known.id, known.id]);
    expect(ids[2]).toBe(ids[3]);
    expect(new Set(ids).size).toBe(302);
    expect(await inTx(t.db, async (tx) => ensurePeople(tx, systemActor, reported, 'directory', new Date()))).toEqual(ids);
    const byLogin = await findByLogin(t.db, ['CORP\\Known', 'new1', 'nobody']);
    expect([...byLogin.entries()].map(([login, person]) => [login, person.id])).toEqual([
      ['CORP\\Known', known.id],
      ['new1', ids[2]],
    ]);
  });
});
