import * as api from '@muster/api/custom-fields';
import { createPerson, getPerson, personListRoutes } from '@muster/api/people';
import { createPlace, updatePlace } from '@muster/api/places';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';

const colours = [
  { value: 'red', label: 'Signal red' },
  { value: 'blue', label: 'Blue' },
];

resourceSuite({
  routes: api.customFieldListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (const [i, type] of api.customFieldTypes.entries())
      await admin.call(api.createCustomField, {
        body: {
          resource: api.customResources[i % 3] ?? 'assets',
          key: `field_${i}`,
          label: `Field ${i} ${type}`,
          type,
          position: i % 4,
          options: type.endsWith('choice') ? colours : [],
          class: i % 3 === 0 && i > 0 ? 'laptop' : null,
          required: type === 'text',
        },
      });
    const { items } = (await admin.call(api.customFieldListRoutes.list, { query: {} })).data;
    await admin.call(api.archiveCustomField, { params: { id: String(items[2]?.id) } });
  },
});

describe('custom field definitions', () => {
  let t: TestApp;
  let admin: TestActor;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
  });
  afterAll(() => t.close());
  const define = async (body: Parameters<typeof admin.call<typeof api.createCustomField>>[1]['body']) =>
    (await admin.call(api.createCustomField, { body })).data;
  const update = async (field: { id: string; version: number }, body: api.CustomFieldUpdate) =>
    (await admin.call(api.updateCustomField, { params: { id: field.id }, ifMatch: `"${field.version}"`, body })).data;

  test('everything that is wrong is said at once', async () => {
    const body = {
      resource: 'people',
      key: 'wrong',
      label: 'Wrong',
      type: 'text',
      unit: 'kg',
      pattern: '(?=a)',
      options: colours,
      class: 'laptop',
      classDefaults: { laptop: 5 },
      default: 5,
    } as const;
    const error = await admin.call(api.createCustomField, { body }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'validation_failed' });
    expect((error as { errors: { field: string }[] }).errors.map((e) => e.field).sort()).toEqual([
      'class',
      'classDefaults',
      'classDefaults.laptop',
      'default',
      'options',
      'pattern',
      'unit',
    ]);
    await expect(define({ resource: 'people', key: 'c', label: 'C', type: 'choice' })).rejects.toMatchObject({
      errors: [{ field: 'options' }],
    });
    await expect(define({ resource: 'people', key: 'u', label: 'U', type: 'boolean', unique: true })).rejects.toMatchObject({
      errors: [{ field: 'unique' }],
    });
  });

  test('a key is there once, also of two who define it at the same moment, and a new label breaks nothing', async () => {
    const both = await Promise.allSettled(
      ['One', 'Two'].map((label) => define({ resource: 'people', key: 'locker', label, type: 'text' })),
    );
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'conflict' });
    const field = (await admin.call(api.customFieldsOf, { params: { resource: 'people' } })).data.items.find((one) => one.key === 'locker');
    const person = (await admin.call(createPerson, { body: { name: 'Ada', custom: { locker: 'L7' } } })).data;
    await update(field!, { label: 'Locker number' });
    expect((await admin.call(getPerson, { params: { id: person.id } })).data.custom).toEqual({ locker: 'L7' });
    const found = await admin.call(personListRoutes.list, { query: { filter: 'custom.locker:l7' } });
    expect(found.data.items.map((item) => item.name)).toEqual(['Ada']);
    await expect(update(field!, { label: 'Late' })).rejects.toMatchObject({ code: 'stale' });
  });

  test('archived it is gone from forms and lists, restored its values are back', async () => {
    const field = await define({ resource: 'people', key: 'badge', label: 'Badge', type: 'text' });
    const person = (await admin.call(createPerson, { body: { name: 'Bob', custom: { badge: 'B1' } } })).data;
    await admin.call(api.archiveCustomField, { params: { id: field.id } });
    await admin.call(api.archiveCustomField, { params: { id: field.id } });
    expect((await admin.call(getPerson, { params: { id: person.id } })).data.custom).toEqual({});
    await expect(admin.call(personListRoutes.list, { query: { filter: 'custom.badge:b1' } })).rejects.toMatchObject({ code: 'bad_filter' });
    await expect(define({ resource: 'people', key: 'badge', label: 'Badge 2', type: 'text' })).rejects.toMatchObject({ code: 'conflict' });
    await update({ id: field.id, version: 2 }, { archived: false });
    expect((await admin.call(getPerson, { params: { id: person.id } })).data.custom).toEqual({ badge: 'B1' });
  });

  test('options are retired, not removed', async () => {
    const field = await define({ resource: 'places', key: 'colour', label: 'Colour', type: 'choice', options: colours });
    const red = (await admin.call(createPlace, { body: { name: 'Red room', custom: { colour: 'red' } } })).data;
    await expect(update(field, { options: [colours[1]!] })).rejects.toMatchObject({ errors: [{ field: 'options', code: 'in_use' }] });
    await update(field, { options: [{ ...colours[0]!, retired: true }, colours[1]!] });
    const kept = { params: { id: red.id }, ifMatch: '"1"', body: { name: 'Still red', custom: { colour: 'red' } } };
    expect((await admin.call(updatePlace, kept)).data.custom).toEqual({ colour: 'red' });
    await expect(admin.call(createPlace, { body: { name: 'Other', custom: { colour: 'red' } } })).rejects.toMatchObject({
      errors: [{ field: 'custom.colour', code: 'invalid' }],
    });
  });

  test('a change of type that loses values is previewed, refused, and done when it is confirmed', async () => {
    let field = await define({ resource: 'people', key: 'size', label: 'Size', type: 'text' });
    const ids: string[] = [];
    for (const size of ['5', '7.5', 'large', 'large'])
      ids.push((await admin.call(createPerson, { body: { name: `Size ${size}`, custom: { size } } })).data.id);
    const params = { id: field.id };
    const preview = (await admin.call(api.previewCustomType, { params, body: { type: 'number' } })).data;
    expect(preview).toMatchObject({ total: 4, kept: 2, lost: 2 });
    expect(preview.examples[0]).toEqual({ value: 'large', becomes: null, records: 2 });
    await expect(update(field, { type: 'number' })).rejects.toMatchObject({ code: 'conflict', errors: [{ message: '“large” (2)' }] });
    // Someone adds another value that would be lost: what was confirmed is no longer what would happen.
    await admin.call(createPerson, { body: { name: 'Size small', custom: { size: 'small' } } });
    await expect(update(field, { type: 'number', confirm: preview.confirm })).rejects.toMatchObject({ code: 'conflict' });
    const again = (await admin.call(api.previewCustomType, { params, body: { type: 'number' } })).data;
    field = await update(field, { type: 'number', unit: 'cm', confirm: again.confirm });
    expect(field).toMatchObject({ type: 'number', unit: 'cm' });
    const values = await Promise.all(ids.map(async (id) => (await admin.call(getPerson, { params: { id } })).data.custom));
    expect(values).toEqual([{ size: 5 }, { size: 7.5 }, {}, {}]);
    const big = await admin.call(personListRoutes.list, { query: { filter: 'custom.size>6', fields: 'custom.size' } });
    expect(big.data.items).toMatchObject([{ 'custom.size': 7.5 }]);
    // Back to text nothing is lost, so nothing is asked.
    field = await update(field, { type: 'text' });
    expect((await admin.call(getPerson, { params: { id: ids[1]! } })).data.custom).toEqual({ size: '7.5' });
    await expect(admin.call(api.previewCustomType, { params, body: { type: 'person' } })).rejects.toMatchObject({ code: 'conflict' });
  });

  test('unique is refused while values are there twice, and holds once it is on', async () => {
    const field = await define({ resource: 'people', key: 'pager', label: 'Pager', type: 'text' });
    const make = async (pager: string) => (await admin.call(createPerson, { body: { name: `Pager ${pager}`, custom: { pager } } })).data;
    await make('P1');
    const second = await make('p1');
    await expect(update(field, { unique: true })).rejects.toMatchObject({ code: 'conflict', errors: [{ field: 'unique' }] });
    await sql`update people set custom = '{"pager": "P2"}' where id = ${second.id}`.execute(t.db);
    const on = await update(field, { unique: true });
    await expect(make('P2')).rejects.toMatchObject({ errors: [{ field: 'custom.pager', code: 'taken' }] });
    await update(on, { unique: false });
    await make('P2');
  });

  test('an index is built and dropped by a job', async () => {
    const field = await define({ resource: 'people', key: 'desk_no', label: 'Desk', type: 'text', indexed: true });
    expect(field.indexState).toBe('building');
    await t.jobsDone(120_000);
    const indexes = async () =>
      (
        await sql<{
          name: string;
        }>`select indexname as name from pg_indexes where indexname like ${`custom_${field.id.replaceAll('-', '')}%`}`.execute(t.db)
      ).rows;
    expect(await indexes()).toHaveLength(2);
    const ready = (await admin.call(api.getCustomField, { params: { id: field.id } })).data;
    expect(ready.indexState).toBe('ready');
    await update(ready, { indexed: false });
    await t.jobsDone(120_000);
    expect(await indexes()).toHaveLength(0);
  });

  test('only administrators define; everyone may read what forms need', async () => {
    const manager = await t.as('asset_manager');
    await expect(
      manager.call(api.createCustomField, { body: { resource: 'people', key: 'x', label: 'X', type: 'text' } }),
    ).rejects.toMatchObject({
      code: 'forbidden',
    });
    const employee = await t.as('employee', { kind: 'own' });
    expect((await employee.call(api.customFieldsOf, { params: { resource: 'people' } })).data.items.length).toBeGreaterThan(0);
    const actions = (
      await sql<{ action: string }>`select distinct action from audit_log where resource = 'custom-fields' order by 1`.execute(t.db)
    ).rows;
    expect(actions.map((row) => row.action)).toEqual(['custom_field.archived', 'custom_field.changed', 'custom_field.created']);
  });
});
