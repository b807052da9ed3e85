import { assetListRoutes, createAsset, getAsset, updateAsset } from '@muster/api/assets';
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
