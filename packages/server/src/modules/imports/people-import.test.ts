import { createCustomField } from '@muster/api/custom-fields';
import type { ImportMappingInput } from '@muster/api/imports';
import { createOrgUnit, createPerson, getPerson, personListRoutes, updatePerson } from '@muster/api/people';
import { array, assert, asyncProperty, boolean, constantFrom, integer, option, record } from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ImportRunner } from './test-import.ts';

describe('people', () => {
  let t: TestApp;
  let who: TestActor;
  let run: ImportRunner;
  beforeAll(async () => {
    t = await testApp();
    who = await t.as('administrator');
    run = new ImportRunner(t, who);
    await who.call(createCustomField, { body: { resource: 'people', key: 'badge', label: 'Badge', type: 'text', unique: true } });
    await who.call(createCustomField, { body: { resource: 'people', key: 'since', label: 'Since', type: 'date' } });
    const unit = (await who.call(createOrgUnit, { body: { name: 'Sales' } })).data.id;
    for (let i = 0; i < 4; i++)
      await who.call(createPerson, {
        body: {
          name: `Person ${i}`,
          email: `p${i}@example.org`,
          ...(i % 2 === 0 ? { login: `p${i}`, orgUnitId: unit, custom: { badge: `B${i}`, since: '2024-01-31' } } : { active: false }),
        },
      });
  });
  afterAll(() => t.close());

  const everything = async () => ({
    people: (await sql`select to_jsonb(p) - 'version' - 'updated_at' as person from people p order by id`.execute(t.db)).rows,
    claims: (await sql`select * from custom_unique_values order by field_id, value`.execute(t.db)).rows,
    units: (await sql`select name from org_units order by name`.execute(t.db)).rows,
  });
  const plan = (id: string, fields: readonly string[], more: Partial<ImportMappingInput> = {}) =>
    run.plan(id, { resource: 'people', columns: fields.map((field, column) => ({ column, field })), keys: ['email'], ...more });

  test.each(['csv', 'xlsx'])('come back as “all unchanged” from their export as %s', async (format) => {
    const fields = 'id,name,email,login,employeeNumber,jobTitle,orgUnit,place,active,custom.badge,custom.since';
    const file = await who.inject({ method: 'GET', url: personListRoutes.export.path, query: { format, fields } });
    const taken = await run.take(`people.${format}`, file.rawPayload);
    const mapping = ImportRunner.mappingOf(taken, 'guessed-people');
    expect(mapping.columns).toHaveLength(fields.split(',').length);
    const planned = await run.plan(taken.id, mapping);
    expect(await run.rows(taken.id, { action: 'error' })).toEqual([]);
    expect(await run.rows(taken.id, { action: 'update' })).toEqual([]);
    expect(planned.counts?.unchanged).toBe(planned.counts?.rows);
  });

  test('are refused row by row with every reason', async () => {
    const file = await run.take(
      'bad.csv',
      'email,name,login,orgUnit,badge\np0@example.org,,,Nowhere,\np1@example.org,,P0,,B0\nno address,New,,,\nnew@example.org,,,,\n',
    );
    await plan(file.id, ['email', 'name', 'login', 'orgUnit', 'custom.badge']);
    const errors = (await run.rows(file.id, { action: 'error' })).map((row) => row.errors.map((e) => `${e.field} ${e.code}`));
    expect(errors).toEqual([['orgUnit unknown'], ['login taken', 'custom.badge taken'], ['email wrong_format'], ['name required']]);
  });

  test('who were changed since keep what somebody gave them', async () => {
    const file = await run.take('since.csv', 'email,jobTitle\np3@example.org,Buyer\nlate@example.org,\n');
    await plan(file.id, ['email', 'jobTitle'], { unmatched: 'error' });
    expect((await run.apply(file.id)).counts).toMatchObject({ applied: 1 });
    const id = (await who.call(personListRoutes.list, { query: { filter: 'email:p3@example.org' } })).data.items[0]?.id ?? '';
    const { version } = (await who.call(getPerson, { params: { id } })).data;
    await who.call(updatePerson, { params: { id }, ifMatch: `"${version}"`, body: { jobTitle: 'Head' } });
    expect((await run.undo(file.id)).counts).toMatchObject({ kept: 1 });
    expect((await who.call(getPerson, { params: { id } })).data.jobTitle).toBe('Head');
  });

  test('are as before after an undo, for any mixture of rows', async () => {
    const row = record({
      known: integer({ min: 0, max: 6 }),
      name: constantFrom('Ada', 'Bob', 'Üla'),
      login: option(constantFrom('l1', 'L2', 'l3')),
      jobTitle: option(constantFrom('Buyer', '=1')),
      orgUnit: option(constantFrom('Sales', 'Made 1', 'Made 2')),
      active: option(boolean()),
      badge: option(constantFrom('B1', 'b2', 'B9')),
    });
    const fields = ['email', 'name', 'login', 'jobTitle', 'orgUnit', 'active', 'custom.badge'];
    let n = 0;
    let written = 0;
    await assert(
      asyncProperty(array(row, { minLength: 1, maxLength: 6 }), boolean(), async (rows, clear) => {
        const was = await everything();
        const lines = rows.map((r) =>
          [`p${r.known}@example.org`, r.name, r.login, r.jobTitle, r.orgUnit, r.active, r.badge]
            .map((v) => (v === null ? '' : String(v)))
            .join(','),
        );
        const file = await run.take(`property-${n++}.csv`, `${fields.join(',')}\n${lines.join('\n')}\n`);
        const blank = (field: string) => (clear && ['login', 'jobTitle', 'custom.badge'].includes(field) ? 'clear' : 'keep');
        await plan(file.id, fields, {
          columns: fields.map((field, column) => ({ column, field, blank: blank(field) })),
          makeMissing: ['org-units'],
        });
        const { counts } = await run.apply(file.id);
        if (!counts || counts.applied === 0) return;
        written += counts.applied;
        expect(counts.failed).toBe(0);
        expect(await everything()).not.toEqual(was);
        expect((await run.undo(file.id)).counts).toMatchObject({ kept: 0, undone: counts.applied });
        expect(await everything()).toEqual(was);
      }),
      { numRuns: 12, endOnFailure: true },
    );
    expect(written).toBeGreaterThan(0);
  });
});
