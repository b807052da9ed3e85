import { assetListRoutes, createAsset, getAsset, getAssetTimeline, updateAsset } from '@muster/api/assets';
import * as api from '@muster/api/custom-fields';
import { createOrgUnit, createPerson, updatePerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';

const options = [
  { value: 'hr', label: 'Human resources' },
  { value: 'it', label: 'IT' },
];
const types: [string, api.CustomFieldType][] = [
  ['note', 'text'],
  ['weight', 'number'],
  ['price', 'money'],
  ['due', 'date'],
  ['insured', 'boolean'],
  ['team', 'choice'],
  ['teams', 'multi_choice'],
  ['buyer', 'person'],
  ['home', 'place'],
  ['dock', 'asset'],
  ['manual', 'url'],
  ['pin', 'encrypted'],
];

describe('custom values of assets', () => {
  let t: TestApp;
  let admin: TestActor;
  let buyer: string;
  let home: string;
  let dock: string;
  let full: string;
  beforeAll(async () => {
    t = await testApp();
    admin = await t.as('administrator');
    for (const [i, [key, type]] of types.entries())
      await admin.call(api.createCustomField, {
        body: { resource: 'assets', key, label: `My ${key}`, type, position: i, options: type.endsWith('choice') ? options : [] },
      });
    buyer = (await admin.call(createPerson, { body: { name: 'Ada' } })).data.id;
    home = (await admin.call(createPlace, { body: { name: 'Paris' } })).data.id;
    dock = (await admin.call(createAsset, { body: { class: 'laptop', name: 'Dock' } })).data.id;
    full = (await admin.call(createAsset, { body: { class: 'laptop', name: 'Full', custom: values() } })).data.id;
    await admin.call(createAsset, {
      body: {
        class: 'laptop',
        name: 'Other',
        custom: { note: 'B', weight: 3, due: '2027-03-01', insured: false, team: 'it', teams: ['it'] },
      },
    });
  });
  afterAll(() => t.close());
  const values = () => ({
    note: 'Alpha',
    weight: 1.5,
    price: { amount: '100.00', currency: 'EUR' },
    due: '2026-12-31',
    insured: true,
    team: 'hr',
    teams: ['it', 'hr'],
    buyer,
    home,
    dock,
    manual: 'https://example.org/m',
  });
  const names = async (filter: string) =>
    (await admin.call(assetListRoutes.list, { query: { filter, sort: 'name' } })).data.items.map((item) => item.name);

  test('a record shows them typed, with references named', async () => {
    const asset = (await admin.call(getAsset, { params: { id: full } })).data;
    expect(asset.custom).toEqual({
      ...values(),
      teams: ['hr', 'it'],
      buyer: { id: buyer, label: 'Ada' },
      home: { id: home, label: 'Paris' },
      dock: { id: dock, label: 'Dock' },
    });
  });

  test.each([
    ['custom.note:alpha', ['Full']],
    ['custom.note:al*', ['Full']],
    ['custom.weight>2', ['Other']],
    ['custom.weight:[1 TO 2]', ['Full']],
    ['custom.price>=100', ['Full']],
    ['custom.price:"100 EUR"', ['Full']],
    ['custom.price:"100 USD"', []],
    ['custom.due<2027-01-01', ['Full']],
    ['custom.due:2027', ['Other']],
    ['custom.insured:yes', ['Full']],
    ['custom.team:it', ['Other']],
    ['custom.teams:it', ['Full', 'Other']],
    ['custom.teams:hr', ['Full']],
    ['custom.buyer:Ada', ['Full']],
    ['custom.home:paris', ['Full']],
    ['custom.dock:Dock', ['Full']],
    ['has:custom.manual', ['Full']],
    ['custom.pin:null class:laptop', ['Dock', 'Full', 'Other']],
  ])('the filter %s', async (filter, expected) => expect(await names(filter)).toEqual(expected));

  test('mistakes in a filter name the field that was meant', async () => {
    await expect(names('custom.wieght:1')).rejects.toMatchObject({ errors: [{ code: 'unknown_field', suggestions: ['custom.weight'] }] });
    await expect(names('custom.weight:heavy')).rejects.toMatchObject({ errors: [{ code: 'wrong_type' }] });
    await expect(names('custom.team:legal')).rejects.toMatchObject({ errors: [{ code: 'unknown_value' }] });
  });

  test.each(types.filter(([, type]) => type !== 'encrypted' && type !== 'multi_choice').map(([key]) => key))(
    'sorts and pages by %s',
    async (key) => {
      for (const sort of [`custom.${key}`, `-custom.${key}`]) {
        const whole = (await admin.call(assetListRoutes.list, { query: { sort, fields: `name,custom.${key}` } })).data.items;
        expect(whole).toHaveLength(3);
        const paged: unknown[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = (
            await admin.call(assetListRoutes.list, {
              query: { sort, fields: `name,custom.${key}`, limit: 1, ...(cursor ? { cursor } : {}) },
            })
          ).data;
          paged.push(...page.items);
          cursor = page.nextCursor;
        }
        expect(paged).toEqual(whole);
      }
    },
  );

  test('facets and export know them', async () => {
    const { facets } = (await admin.call(assetListRoutes.facets, { query: {} })).data;
    expect(facets.find((facet) => facet.field === 'custom.team')).toMatchObject({
      label: 'My team',
      values: [
        { value: 'hr', label: 'Human resources', count: 1 },
        { value: 'it', label: 'IT', count: 1 },
        { value: null, count: 1 },
      ],
    });
    expect(facets.some((facet) => facet.field === 'custom.insured')).toBe(true);
    const keys = types.map(([key]) => `custom.${key}`).filter((key) => key !== 'custom.pin');
    const answer = await admin.inject({
      method: 'GET',
      url: assetListRoutes.export.path,
      query: { filter: 'name:Full', fields: keys.join(',') },
    });
    expect(parse(answer.body, { columns: true })).toMatchObject([
      {
        'custom.note': 'Alpha',
        'custom.weight': '1.5',
        'custom.price': '100.00',
        'custom.price_currency': 'EUR',
        'custom.due': '2026-12-31',
        'custom.insured': 'true',
        'custom.team': 'hr',
        'custom.teams': 'hr, it',
        'custom.buyer': 'Ada',
        'custom.home': 'Paris',
        'custom.dock': 'Dock',
        'custom.manual': 'https://example.org/m',
      },
    ]);
  });

  test('all that is wrong is said at once, with the record’s own mistakes', async () => {
    const custom = { note: 5, weight: 'x', due: '2026-02-30', team: 'legal', buyer: newId(), nosuch: 1, pin: '1234' };
    const error = await admin.call(createAsset, { body: { class: 'nosuch', name: 'Bad', custom } }).catch((e: unknown) => e);
    expect((error as { errors: { field: string }[] }).errors.map((e) => e.field).sort()).toEqual([
      'class',
      'custom.buyer',
      'custom.due',
      'custom.nosuch',
      'custom.note',
      'custom.pin',
      'custom.team',
      'custom.weight',
    ]);
  });

  test('a reference must be within the caller’s scope', async () => {
    const unit = (await admin.call(createOrgUnit, { body: { name: 'Unit' } })).data.id;
    const scoped = await t.as('asset_manager', { kind: 'org_unit', id: unit });
    await expect(
      scoped.call(createAsset, { body: { class: 'laptop', name: 'Scoped', orgUnit: unit, custom: { buyer } } }),
    ).rejects.toMatchObject({
      errors: [{ field: 'custom.buyer', code: 'unknown' }],
    });
    const own = (await admin.call(createPerson, { body: { name: 'Own', orgUnitId: unit } })).data.id;
    await scoped.call(createAsset, { body: { class: 'laptop', name: 'Scoped', orgUnit: unit, custom: { buyer: own } } });
  });

  test('a change is an event and an audit row, and null removes', async () => {
    const made = (await admin.call(createAsset, { body: { class: 'laptop', name: 'Change', custom: { team: 'hr', note: 'x' } } })).data;
    const params = { id: made.id };
    const changed = (await admin.call(updateAsset, { params, ifMatch: `"${made.version}"`, body: { custom: { team: 'it', note: null } } }))
      .data;
    expect(changed.custom).toEqual({ team: 'it' });
    const { items } = (await admin.call(getAssetTimeline, { params, query: { kind: 'field_changed' } })).data;
    expect(items.map((event) => event.summary).sort()).toEqual([
      'My note changed from x to nothing.',
      'My team changed from Human resources to IT.',
    ]);
    const { rows } = await sql<{
      before: unknown;
      after: unknown;
    }>`select before, after from audit_log where resource_id = ${made.id} and action = 'asset.updated'`.execute(t.db);
    expect(rows).toEqual([
      { before: { 'custom.team': 'Human resources', 'custom.note': 'x' }, after: { 'custom.team': 'IT', 'custom.note': null } },
    ]);
  });

  test('an encrypted value is shown nowhere but by its own route, which leaves a row', async () => {
    const target = { resource: 'assets', recordId: full, key: 'pin' } as const;
    await admin.call(api.setCustomSecret, { body: { ...target, value: 'secret-4711' } });
    expect((await admin.call(getAsset, { params: { id: full } })).data.custom['pin']).toMatchObject({ setBy: expect.any(String) });
    expect(await names('has:custom.pin')).toEqual(['Full']);
    await expect(admin.call(assetListRoutes.list, { query: { fields: 'custom.pin' } })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    expect((await admin.call(api.revealCustomSecret, { body: target })).data.value).toBe('secret-4711');
    const technician = await t.as('technician');
    await expect(technician.call(api.revealCustomSecret, { body: target })).rejects.toMatchObject({ code: 'forbidden' });
    const elsewhere = await t.as('asset_manager', { kind: 'place', id: home });
    await expect(elsewhere.call(api.revealCustomSecret, { body: target })).rejects.toMatchObject({ code: 'not_found' });
    await expect(elsewhere.call(api.setCustomSecret, { body: { ...target, value: null } })).rejects.toMatchObject({ code: 'not_found' });
    const { rows } = await sql<{
      action: string;
    }>`select action from audit_log where action like 'custom_secret.%' order by at, id`.execute(t.db);
    expect(rows.map((row) => row.action)).toEqual(['custom_secret.set', 'custom_secret.revealed']);
    for (const table of ['custom_secrets', 'assets', 'audit_log', 'asset_events', 'asset_field_values']) {
      const leak = await sql<{ n: string }>`select count(*) as n from ${sql.table(table)} x where x::text like '%secret-4711%'`.execute(
        t.db,
      );
      expect(leak.rows[0]?.n, table).toBe('0');
    }
  });

  test('of two writers of one unique value at once, one wins', async () => {
    await admin.call(api.createCustomField, { body: { resource: 'people', key: 'badge', label: 'Badge', type: 'text', unique: true } });
    const badge = async (name: string) => admin.call(createPerson, { body: { name, custom: { badge: 'B-1' } } });
    const all = await Promise.allSettled(['One', 'Two', 'Three', 'Four'].map(badge));
    expect(all.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    for (const one of all)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ errors: [{ field: 'custom.badge', code: 'taken' }] });
    const winner = all.find((one) => one.status === 'fulfilled')?.value.data;
    await admin.call(updatePerson, { params: { id: winner!.id }, ifMatch: '"1"', body: { custom: { badge: 'b-1' } } });
    await admin.call(updatePerson, { params: { id: winner!.id }, ifMatch: '"2"', body: { custom: { badge: null } } });
    await badge('Five');
  });

  test('a field of a class is one of the classes below it, and required and default hold there', async () => {
    const body = {
      resource: 'assets',
      key: 'bios',
      label: 'BIOS password set',
      type: 'boolean',
      class: 'computer',
      required: true,
    } as const;
    await admin.call(api.createCustomField, { body });
    const host = { resource: 'assets', key: 'role', label: 'Role', type: 'text', class: 'server', default: 'general' } as const;
    await admin.call(api.createCustomField, { body: { ...host, classDefaults: { blade: 'compute' } } });
    await expect(admin.call(createAsset, { body: { class: 'laptop', name: 'No' } })).rejects.toMatchObject({
      errors: [{ field: 'custom.bios', code: 'required' }],
    });
    await expect(admin.call(createAsset, { body: { class: 'printer', name: 'No', custom: { bios: true } } })).rejects.toMatchObject({
      errors: [{ field: 'custom.bios', code: 'not_applicable' }],
    });
    const server = (await admin.call(createAsset, { body: { class: 'server', name: 'S', custom: { bios: true } } })).data;
    expect(server.custom).toEqual({ bios: true, role: 'general' });
    const discovered = newId();
    await sql`insert into assets (id, class_key, name) values (${discovered}, 'blade', 'Found')`.execute(t.db);
    expect((await admin.call(getAsset, { params: { id: discovered } })).data.customInherited).toEqual({
      role: { value: 'compute', from: 'class', label: 'Blade server' },
    });
  });
});
