import { assetListRoutes, createAsset, getAsset, getAssetTimeline, updateAsset } from '@muster/api/assets';
import { createCustomField, type CustomFieldType, type CustomValues } from '@muster/api/custom-fields';
import type { ImportMappingInput } from '@muster/api/imports';
import { createPerson } from '@muster/api/people';
import { createPlace } from '@muster/api/places';
import { array, assert, asyncProperty, boolean, constantFrom, integer, option, record } from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { presets } from './suggest.ts';
import { ImportRunner } from './test-import.ts';

let t: TestApp;
let who: TestActor;
let run: ImportRunner;

beforeAll(async () => {
  t = await testApp();
  who = await t.as('administrator');
  run = new ImportRunner(t, who);
});
afterAll(() => t.close());

/** Everything that is stored of assets, except what counts or dates the writes themselves. */
const everything = async (): Promise<unknown> => {
  const { rows } = await sql`select to_jsonb(a) - 'version' - 'updated_at' - 'version_since' as asset,
      (select jsonb_agg(to_jsonb(v) order by v.field, v.source) from asset_field_values v where v.asset_id = a.id) as given
    from assets a order by a.id`.execute(t.db);
  return rows;
};

const importable =
  'id,tag,name,class,state,manufacturer,model,serial,osName,osVersion,cpu,cores,memoryMb,lastUser,person,place,orgUnit,domain,notes';

describe('an export', () => {
  test('comes back as “all unchanged”, as CSV and as XLSX, whatever stands in it', async () => {
    const nasty = [
      '=1+1',
      "'=quoted",
      "''twice",
      '-dash',
      '@at',
      '+49',
      "'tis",
      'semi;colon,comma',
      'quote "x"',
      'two\nlines',
      ' =trimmed',
      'TRUE',
      '007',
      '1e5',
      'Ünï≠码',
    ];
    const twins = await Promise.all(
      ['a', 'b'].map(async (n) => (await who.call(createPerson, { body: { name: 'Same Name', email: `${n}@example.org` } })).data),
    );
    const place = (await who.call(createPlace, { body: { name: 'Round Room', kind: 'room' } })).data;
    for (const [i, text] of nasty.entries())
      await who.call(createAsset, {
        body: {
          class: 'laptop',
          name: text,
          model: nasty[(i + 3) % nasty.length]!,
          serial: text,
          notes: `${text}\r\n${text}`,
          cores: i + 1,
          person: twins[i % 2]!.id,
          place: place.id,
          state: 'assigned',
        },
      });
    // As an agent may report it.
    await sql`update assets set state = 'discovered', os_name = '  spaced ' where name = 'TRUE'`.execute(t.db);
    for (const format of ['csv', 'xlsx']) {
      const file = await who.inject({ method: 'GET', url: assetListRoutes.export.path, query: { format, fields: importable } });
      expect(file.statusCode).toBe(200);
      const taken = await run.take(`assets.${format}`, file.rawPayload);
      const planned = await run.plan(taken.id, ImportRunner.mappingOf(taken, 'guessed-assets'));
      expect(await run.rows(taken.id, { action: 'error' })).toEqual([]);
      expect(await run.rows(taken.id, { action: 'update' })).toEqual([]);
      expect(planned.counts).toMatchObject({ rows: nasty.length, unchanged: nasty.length });
      const mapped = ImportRunner.mappingOf(taken, 'guessed-assets').columns.map((c) => c.field);
      expect(mapped).toEqual(importable.split(','));
    }
  });
});

describe('an undo', () => {
  test('restores exactly what was there, for any mixture of rows', async () => {
    const word = constantFrom('red', 'green', 'blue', 'X-1', '=1', 'ß');
    const row = record({
      known: integer({ min: 0, max: 7 }),
      name: option(word),
      model: option(word),
      cores: option(integer({ min: 1, max: 4 })),
      place: option(constantFrom('Room 1', 'Room 2', 'Room 3')),
      state: option(constantFrom('in_use', 'in_stock', 'in_maintenance')),
      class: option(constantFrom('laptop', 'server')),
    });
    await sql`delete from assets`.execute(t.db);
    for (let i = 0; i < 5; i++)
      await who.call(createAsset, {
        body: { class: 'laptop', tag: `P-${i}`, ...(i % 2 === 0 ? { name: `asset ${i}`, model: 'old' } : {}) },
      });
    // One is reported by an agent, so that taking a manual value away shows what it says.
    await sql`insert into asset_field_values (asset_id, field, source, value, observed_at)
      select id, 'model', 'glpi', '"reported"', now() from assets where tag in ('P-0', 'P-1')`.execute(t.db);
    const first = (await who.call(assetListRoutes.list, { query: { filter: 'tag:P-1' } })).data.items[0]?.id ?? '';
    const before = (await who.call(getAsset, { params: { id: first } })).data;
    await who.call(updateAsset, { params: { id: first }, ifMatch: `"${before.version}"`, body: { notes: 'settled' } });

    let n = 0;
    await assert(
      asyncProperty(array(row, { minLength: 1, maxLength: 8 }), boolean(), async (rows, clear) => {
        const was = await everything();
        const cell = (value: string | number | null): string => (value === null ? '' : `"${value}"`);
        const lines = rows.map((r) => [`P-${r.known}`, r.name, r.model, r.cores, r.place, r.state, r.class].map(cell).join(','));
        const file = await run.take(`property-${n++}.csv`, `tag,name,model,cores,place,state,class\n${lines.join('\n')}\n`);
        const fields = ['tag', 'name', 'model', 'cores', 'place', 'state', 'class'];
        await run.plan(file.id, {
          resource: 'assets',
          columns: fields.map((field, column) => ({
            column,
            field,
            blank: clear && (field === 'name' || field === 'model') ? 'clear' : 'keep',
          })),
          keys: ['tag'],
          makeMissing: ['places'],
          defaults: { class: 'desktop' },
        });
        const { counts } = await run.apply(file.id).catch(async () => run.take('none.csv', 'tag\n'));
        if (!counts || counts.applied === 0) return;
        expect(counts.failed).toBe(0);
        expect(await everything()).not.toEqual(was);
        const undone = await run.undo(file.id);
        expect(undone.counts).toMatchObject({ kept: 0, undone: counts.applied });
        expect(await everything()).toEqual(was);
        expect((await sql`select 1 from places where name like 'Room _'`.execute(t.db)).rows).toEqual([]);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });
});

describe('custom fields', () => {
  const options = [
    { value: 'hr', label: 'Human resources' },
    { value: 'it', label: 'IT' },
  ];
  const types: Record<string, CustomFieldType> = {
    note: 'text',
    weight: 'number',
    price: 'money',
    due: 'date',
    insured: 'boolean',
    team: 'choice',
    teams: 'multi_choice',
    buyer: 'person',
    home: 'place',
    dock: 'asset',
    manual: 'url',
    pin: 'encrypted',
  };
  const names = Object.keys(types).filter((key) => key !== 'pin');
  let ids: string[];
  beforeAll(async () => {
    await sql`delete from assets`.execute(t.db);
    for (const [key, type] of Object.entries(types))
      await who.call(createCustomField, {
        body: { resource: 'assets', key, label: `My ${key}`, type, options: type.endsWith('choice') ? options : [] },
      });
    await who.call(createCustomField, {
      body: { resource: 'assets', key: 'code', label: 'Code', type: 'text', unique: true, pattern: 'C-\\d+' },
    });
    await who.call(createCustomField, { body: { resource: 'assets', key: 'slots', label: 'Slots', type: 'number', class: 'server' } });
    const buyer = (await who.call(createPerson, { body: { name: 'Same Name', email: 'c@example.org' } })).data.id;
    const home = (await who.call(createPlace, { body: { name: 'Paris' } })).data.id;
    const dock = (await who.call(createAsset, { body: { class: 'laptop', name: 'Dock', tag: 'D-1' } })).data.id;
    const full = {
      note: "=quoted, 'text'",
      weight: 1.5,
      price: { amount: '100.00', currency: 'EUR' },
      due: '2026-12-31',
      insured: false,
      team: 'hr',
      teams: ['hr', 'it'],
      buyer,
      home,
      dock,
      manual: 'https://example.org/m',
      code: 'C-1',
    };
    const made = [
      { name: 'Full', tag: 'F-1', custom: full },
      { name: 'Some', tag: 'F-2', custom: { price: { amount: '0.125', currency: 'USD' }, teams: ['it'], code: 'C-2' } },
      { name: 'Bare', tag: 'F-3' },
    ];
    ids = [];
    for (const body of made) ids.push((await who.call(createAsset, { body: { class: 'laptop', ...body } })).data.id);
  });

  const stored = async () => ({
    assets: await everything(),
    claims: (await sql`select * from custom_unique_values order by value`.execute(t.db)).rows,
  });
  const asset = async (id: string) => (await who.call(getAsset, { params: { id } })).data;
  const plan = (id: string, fields: readonly string[], more: Partial<ImportMappingInput> = {}) =>
    run.plan(id, { resource: 'assets', columns: fields.map((field, column) => ({ column, field })), keys: ['tag'], ...more });

  test.each(['csv', 'xlsx'])('of every type come back as “all unchanged” from %s', async (format) => {
    const fields = ['id', 'class', ...names.map((key) => `custom.${key}`), 'custom.code'].join(',');
    const file = await who.inject({ method: 'GET', url: assetListRoutes.export.path, query: { format, fields } });
    expect(file.statusCode).toBe(200);
    const taken = await run.take(`custom.${format}`, file.rawPayload);
    const mapping = ImportRunner.mappingOf(taken, 'guessed-assets');
    expect(mapping.columns).toHaveLength(taken.headers.length);
    const planned = await run.plan(taken.id, mapping);
    expect(await run.rows(taken.id, { action: 'error' })).toEqual([]);
    expect(await run.rows(taken.id, { action: 'update' })).toEqual([]);
    expect(planned.counts).toMatchObject({ rows: 4, unchanged: 4 });
  });

  test('are compared field by field, applied with their unique values, and undone exactly', async () => {
    const before = await stored();
    const fields = [
      'tag',
      'class',
      'custom.note',
      'custom.price',
      'custom.due',
      'custom.teams',
      'custom.dock',
      'custom.code',
      'custom.slots',
    ];
    const file = await run.take(
      'change.csv',
      `tag,class,note,price,due,teams,dock,code,slots
F-1,,,,,,F-2,C-11,
F-2,server,words,12.50 EUR,2027-01-31,"it; Human resources",D-1,,4
N-1,laptop,new,GBP 3,,,Dock,C-3,
`,
    );
    const columns = fields.map((field, column) => ({
      column,
      field,
      blank: field === 'custom.note' ? ('clear' as const) : ('keep' as const),
    }));
    const planned = await plan(file.id, fields, { columns });
    expect(planned.counts).toMatchObject({ create: 1, update: 2, error: 0, conflict: 0 });
    const [first, second] = await run.rows(file.id, { action: 'update' });
    expect(first?.changes).toEqual([
      { field: 'custom.note', label: 'My note', from: "=quoted, 'text'", to: null },
      { field: 'custom.code', label: 'Code', from: 'C-1', to: 'C-11' },
      { field: 'custom.dock', label: 'My dock', from: { id: expect.any(String), label: 'Dock' }, to: { id: ids[1], label: 'F-2' } },
    ]);
    expect(second?.changes).toContainEqual({ field: 'custom.price', label: 'My price', from: '0.125 USD', to: '12.50 EUR' });
    expect(second?.changes).toContainEqual({ field: 'custom.teams', label: 'My teams', from: 'it', to: 'hr, it' });
    const applied = await run.apply(file.id);
    expect(applied.counts).toMatchObject({ applied: 3, failed: 0 });
    expect((await asset(ids[1] ?? '')).custom).toMatchObject({
      note: 'words',
      price: { amount: '12.50', currency: 'EUR' },
      due: '2027-01-31',
      teams: ['hr', 'it'],
      slots: 4,
      code: 'C-2',
    });
    const claims = (await stored()).claims.map((row) => (row as { value: string }).value);
    expect(claims).toEqual(['c-11', 'c-2', 'c-3']);
    const timeline = (await who.call(getAssetTimeline, { params: { id: ids[0] ?? '' } })).data.items.map((event) => event.summary);
    expect(timeline).toContainEqual(expect.stringContaining('Code changed from C-1 to C-11'));
    const undone = await run.undo(file.id);
    expect(undone.counts).toMatchObject({ undone: 3, kept: 0 });
    expect(await stored()).toEqual(before);
  });

  test('say per row what is wrong, and an encrypted one is refused before anything is read', async () => {
    const file = await run.take(
      'wrong.csv',
      `tag,price,team,dock,code,slots,due
F-1,12.50,,,,,
F-2,,sales,,,,
F-3,,,nowhere,C-1,,
D-1,,,,nonsense,3,32.1.2026
X-1,,,,C-9,,
X-2,,,,C-9,,
`,
    );
    const fields = ['tag', 'custom.price', 'custom.team', 'custom.dock', 'custom.code', 'custom.slots', 'custom.due'];
    await plan(file.id, fields, { defaults: { class: 'laptop' } });
    const errors = (await run.rows(file.id, { action: 'error' })).map((row) => row.errors.map((e) => `${e.field} ${e.code}`));
    expect(errors).toEqual([
      ['custom.price no_currency'],
      ['custom.team not_allowed'],
      ['custom.dock unknown', 'custom.code taken'],
      ['custom.due wrong_format', 'custom.code invalid', 'custom.slots not_applicable'],
      ['custom.code taken'],
      ['custom.code taken'],
    ]);
    await expect(plan(file.id, ['tag', 'custom.pin'])).rejects.toMatchObject({
      document: {
        code: 'validation_failed',
        errors: [{ field: 'columns[1].field', message: expect.stringContaining('“My pin” is encrypted') }],
      },
    });
  });

  test('stay where they were changed since, or where another asset took the earlier value', async () => {
    const file = await run.take('since.csv', 'tag,note,code\nF-1,imported,C-21\nF-2,imported,\n');
    await plan(file.id, ['tag', 'custom.note', 'custom.code']);
    await run.apply(file.id);
    const change = async (id: string, custom: CustomValues): Promise<void> => {
      const { version } = await asset(id);
      await who.call(updateAsset, { params: { id }, ifMatch: `"${version}"`, body: { custom } });
    };
    await change(ids[2] ?? '', { code: 'C-1' });
    await change(ids[1] ?? '', { note: 'mine' });
    const undone = await run.undo(file.id);
    expect(undone.counts).toMatchObject({ undone: 0, kept: 2 });
    const kept = (await run.rows(file.id, { outcome: 'kept' })).map((row) => row.errors.map((e) => `${e.field} ${e.code}`));
    expect(kept).toEqual([['custom.code taken'], ['custom.note changed_since']]);
    expect((await asset(ids[0] ?? '')).custom).toMatchObject({ note: "=quoted, 'text'", code: 'C-21' });
    expect((await asset(ids[1] ?? '')).custom).toMatchObject({ note: 'mine' });
  });
});

test('the presets name fields that there are, and Snipe-IT’s headers need no mapping by hand', async () => {
  const file = await run.take(
    'snipe.csv',
    'Company,Name,Asset Tag,Category,Supplier,Manufacturer,Location,Order Number,Model,Model Notes,Model Number,Asset Notes,Purchase Date,Purchase Cost,Checkout Type,Checked Out To: Username,Checked Out To: First Name,Checked Out To: Last Name,Checked Out To: Email,Checked Out To: Location,Asset EOL Date\n',
  );
  const mapping = ImportRunner.mappingOf(file, 'snipe-it');
  expect(mapping.columns.map((c) => `${file.headers[c.column]} -> ${c.field}`)).toEqual([
    'Company -> orgUnit',
    'Name -> name',
    'Asset Tag -> tag',
    'Category -> class',
    'Manufacturer -> manufacturer',
    'Location -> place',
    'Model -> model',
    'Asset Notes -> notes',
    'Checked Out To: Username -> person.login',
    'Checked Out To: First Name -> person.firstName',
    'Checked Out To: Last Name -> person.lastName',
    'Checked Out To: Email -> person.email',
  ]);
  const older = await run.take(
    'older.csv',
    'Full Name,Email,Username,item Name,Category,Model name,Manufacturer,Model Number,Serial,Asset Tag,Location,Notes,Purchase Date,Purchase Cost,Company,Status,Warranty,Supplier\n',
  );
  expect(ImportRunner.mappingOf(older, 'snipe-it').keys).toEqual(['tag', 'serial']);
  for (const preset of presets) {
    const headers = [...new Set([...preset.signature, ...Object.keys(preset.columns)])];
    const seen = await run.take('preset.csv', `${headers.map((h) => `"${h}"`).join(',')}\n`);
    const suggested = ImportRunner.mappingOf(seen, preset.key);
    // What is wrong with a preset is said here: unknown fields, classes and states.
    expect((await run.plan(seen.id, suggested)).state, preset.key).toBe('planned');
  }
});
