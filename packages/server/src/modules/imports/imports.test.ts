import { createAsset, getAsset, getAssetTimeline, updateAsset } from '@muster/api/assets';
import { ApiProblem } from '@muster/api/client';
import { importListRoutes, planImport, uploadImport } from '@muster/api/imports';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { ImportRunner, upload } from './test-import.ts';

let t: TestApp;
let who: TestActor;
let run: ImportRunner;

beforeAll(async () => {
  t = await testApp();
  who = await t.as('administrator');
  run = new ImportRunner(t, who);
});
afterAll(() => t.close());

const columns = (...fields: string[]) => fields.map((field, column) => ({ column, field }));
const asset = async (body: Parameters<typeof enter>[0]) => enter(body);
const enter = async (body: { class?: string; name?: string; tag?: string; serial?: string; model?: string }) =>
  (await who.call(createAsset, { body: { class: 'laptop', ...body } })).data;
const read = async (id: string) => (await who.call(getAsset, { params: { id } })).data;

describe('from the file to the asset and back', () => {
  test('compares, applies and undoes field by field', async () => {
    const known = await asset({ tag: 'IM-1', name: 'old-name', serial: 'SN-IM-1' });
    const same = await asset({ tag: 'IM-2', name: 'stays' });
    const file = await run.take(
      'three.csv',
      'Asset tag,Name,Class,Model\nim-1,new-name,,X1\nIM-2,stays,,\nIM-3,fresh,Laptop,"Model ""Q"""\n,,,\n',
    );
    expect(file).toMatchObject({ state: 'uploaded', headers: ['Asset tag', 'Name', 'Class', 'Model'], delimiter: ',', encoding: 'utf-8' });
    const planned = await run.plan(file.id, { resource: 'assets', columns: columns('tag', 'name', 'class', 'model'), keys: ['tag'] });
    expect(planned).toMatchObject({ state: 'planned', counts: { rows: 3, create: 1, update: 1, unchanged: 1, error: 0, conflict: 0 } });
    const [first, second, third] = await run.rows(file.id);
    expect(first).toMatchObject({ no: 2, action: 'update', record: { id: known.id, label: 'old-name' } });
    // The tag differs in case only, but it does differ.
    expect(first?.changes).toEqual([
      { field: 'tag', label: 'Asset tag', from: 'IM-1', to: 'im-1' },
      { field: 'name', label: 'Name', from: 'old-name', to: 'new-name' },
      { field: 'model', label: 'Model', from: null, to: 'X1' },
    ]);
    expect(second).toMatchObject({ action: 'unchanged', record: { id: same.id }, changes: [] });
    expect(third).toMatchObject({ action: 'create', record: { id: null } });
    expect((await read(known.id)).name).toBe('old-name');

    const applied = await run.apply(file.id);
    expect(applied).toMatchObject({ state: 'applied', counts: { applied: 2, failed: 0 } });
    expect(await read(known.id)).toMatchObject({ name: 'new-name', model: 'X1', tag: 'im-1' });
    const made = (await run.rows(file.id, { outcome: 'applied' }))[1]?.record.id ?? '';
    expect(await read(made)).toMatchObject({ name: 'fresh', model: 'Model "Q"', class: { key: 'laptop' }, state: 'in_stock' });
    const events = (await who.call(getAssetTimeline, { params: { id: known.id } })).data.items;
    expect(new Set(events.filter((e) => e.source === 'import').map((e) => e.data['field']))).toEqual(new Set(['model', 'name', 'tag']));
    const log = await sql<{
      action: string;
    }>`select action from audit_log where resource = 'imports' and resource_id = ${file.id} order by at`.execute(t.db);
    expect(log.rows.map((r) => r.action)).toEqual(['import.uploaded', 'import.applied']);

    const undone = await run.undo(file.id);
    expect(undone).toMatchObject({ state: 'undone', counts: { undone: 2, kept: 0 } });
    const back = await read(known.id);
    expect(back).toMatchObject({ name: 'old-name', model: null, tag: 'IM-1' });
    expect(back.fields).toEqual(known.fields);
    await expect(read(made)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('what somebody changed since stays, and is listed with the reason', async () => {
    const one = await asset({ tag: 'KEEP-1', name: 'before', model: 'before' });
    const file = await run.take(
      'keep.csv',
      'tag;name;model;class\nKEEP-1;imported;imported;\nKEEP-2;made;;laptop\nKEEP-3;made too;;laptop\n',
    );
    await run.plan(file.id, { resource: 'assets', columns: columns('tag', 'name', 'model', 'class'), keys: ['tag'] });
    await run.apply(file.id);
    const made = (await run.rows(file.id)).find((r) => r.no === 3)?.record.id ?? '';
    await who.call(updateAsset, { params: { id: one.id }, ifMatch: `"${(await read(one.id)).version}"`, body: { name: 'by hand' } });
    await who.call(updateAsset, { params: { id: made }, ifMatch: `"${(await read(made)).version}"`, body: { name: 'by hand' } });
    const undone = await run.undo(file.id);
    expect(undone.counts).toMatchObject({ undone: 1, kept: 2 });
    expect(await read(one.id)).toMatchObject({ name: 'by hand', model: 'before' });
    expect((await read(made)).name).toBe('by hand');
    const kept = await run.rows(file.id, { outcome: 'kept' });
    expect(kept.map((r) => r.errors.map((e) => e.code))).toEqual([['changed_since'], ['changed_since']]);
    expect(kept[0]?.errors[0]).toMatchObject({ field: 'name' });
  });

  test('rows that are wrong say everything that is wrong with them, and the others are applied', async () => {
    await asset({ name: 'twin-name', tag: 'TW-1' });
    await asset({ name: 'twin-name', tag: 'TW-2' });
    const text =
      'tag,name,class,cores,state,person\n' +
      'BAD-1,a,toaster,many,,\nBAD-2,b,laptop,,disposed,\nBAD-3,c,laptop,,,Nobody At All\nBAD-4,d,laptop,,assigned,\n' +
      'BAD-5,e,laptop,,,\nBAD-5,f,laptop,,,\n,twin-name,,,,\n,,laptop,4,,\nGOOD-1,g,laptop,8,,\nBAD-6,h,laptop,1,,x,y\n';
    const file = await run.take('bad.csv', text);
    const mapping = {
      resource: 'assets' as const,
      columns: columns('tag', 'name', 'class', 'cores', 'state', 'person'),
      keys: ['tag', 'name'],
    };
    const planned = await run.plan(file.id, mapping);
    expect(planned.counts).toMatchObject({ rows: 10, create: 1, conflict: 3, error: 6 });
    const bad = await run.rows(file.id);
    expect(bad.map((r) => [r.action, r.errors.map((e) => `${e.field} ${e.code}`)])).toEqual([
      ['error', ['class not_allowed', 'cores wrong_type']],
      ['error', ['state not_allowed']],
      ['error', ['person unknown']],
      ['error', ['person required']],
      ['conflict', [' twice']],
      ['conflict', [' twice']],
      ['conflict', ['tag several']],
      ['error', ['tag required', 'name required']],
      ['create', []],
      ['error', [' too_many_cells', 'person unknown']],
    ]);
    await expect(run.apply(file.id, 'all')).rejects.toMatchObject({ code: 'conflict' });
    const applied = await run.apply(file.id);
    expect(applied.counts).toMatchObject({ applied: 1, failed: 0 });
    const errors = await who.inject({ method: 'GET', url: `/api/v1/imports/${file.id}/errors` });
    expect(errors.statusCode).toBe(200);
    const lines = errors.body
      .replace(/^\uFEFF/, '')
      .trim()
      .split('\r\n');
    expect(lines[0]).toBe('tag,name,class,cores,state,person,Reason');
    expect(lines).toHaveLength(10);
    expect(lines[1]).toContain('BAD-1,a,toaster,many,,,');
    expect(lines[1]).toContain('not a number');
  });

  test('blank means nothing unless it is asked to clear', async () => {
    const one = await asset({ tag: 'BL-1', name: 'blank', model: 'M', serial: 'S-BL' });
    const file = await run.take('blank.csv', 'tag,name,model,serial\nBL-1,blank,,\n');
    const map = columns('tag', 'name', 'model', 'serial');
    expect((await run.plan(file.id, { resource: 'assets', columns: map, keys: ['tag'] })).counts).toMatchObject({ unchanged: 1 });
    const clear = map.map((c) => (c.field === 'model' ? { ...c, blank: 'clear' as const } : c));
    await run.plan(file.id, { resource: 'assets', columns: clear, keys: ['tag'] });
    expect((await run.rows(file.id))[0]?.changes).toEqual([{ field: 'model', label: 'Model', from: 'M', to: null }]);
    await run.apply(file.id);
    expect(await read(one.id)).toMatchObject({ model: null, serial: 'S-BL' });
    await run.undo(file.id);
    expect((await read(one.id)).fields).toEqual(one.fields);
  });

  test('what changed between the comparison and the import is not written over', async () => {
    const one = await asset({ tag: 'RACE-1', name: 'seen' });
    const file = await run.take('race.csv', 'tag,name,class\nRACE-1,file,\nRACE-2,file,laptop\n');
    await run.plan(file.id, { resource: 'assets', columns: columns('tag', 'name', 'class'), keys: ['tag'] });
    await who.call(updateAsset, { params: { id: one.id }, ifMatch: `"${one.version}"`, body: { name: 'meanwhile' } });
    await asset({ tag: 'RACE-2', name: 'meanwhile' });
    const applied = await run.apply(file.id);
    expect(applied.counts).toMatchObject({ applied: 0, failed: 2 });
    expect((await read(one.id)).name).toBe('meanwhile');
    expect((await run.rows(file.id, { outcome: 'failed' })).map((r) => r.errors[0]?.code)).toEqual(['changed_since', 'taken']);
  });

  test('all or nothing takes the whole import back when a row fails', async () => {
    const file = await run.take('all.csv', 'tag,class\nALL-1,laptop\nALL-2,laptop\n');
    await run.plan(file.id, { resource: 'assets', columns: columns('tag', 'class'), keys: ['tag'] });
    await asset({ tag: 'ALL-2' });
    const stopped = await run.apply(file.id, 'all');
    expect(stopped.state).toBe('stopped');
    const { rows } = await sql`select 1 from assets where tag = 'ALL-1'`.execute(t.db);
    expect(rows).toHaveLength(0);
  });

  test('people, places and org units that are not there are made by name when allowed, and go with the undo', async () => {
    const file = await run.take(
      'snipe.csv',
      '\uFEFFCompany,Name,Asset Tag,Category,Supplier,Manufacturer,Location,Order Number,Model,Model Notes,Model Number,Asset Notes,Purchase Date,Purchase Cost,Checkout Type,Checked Out To: Username,Checked Out To: First Name,Checked Out To: Last Name,Checked Out To: Email,Checked Out To: Location,Asset EOL Date\r' +
        'Acme Import,mac-1,SNP-1,Laptops,Shop,Apple,Imported Hall,1,MacBook,,A1,=1+1,1/23/23,"$1,234.50",user,jdoe9,Jane,Doe9,jane.doe9@example.org,,\r' +
        'Acme Import,scr-1,SNP-2,Displays,Shop,Dell,Imported Hall,1,U27,,,,1/24/23,200,,,,,,,\r',
    );
    expect(file.encoding).toBe('utf-8');
    const mapping = ImportRunner.mappingOf(file, 'snipe-it');
    const planned = await run.plan(file.id, mapping);
    expect(planned.counts).toMatchObject({ create: 2, error: 0, conflict: 0 });
    expect((await run.rows(file.id))[0]?.changes).toContainEqual({
      field: 'place',
      label: 'Place',
      from: null,
      to: { id: null, label: 'Imported Hall' },
    });
    await run.apply(file.id);
    const rows = await run.rows(file.id);
    const first = await read(rows[0]?.record.id ?? '');
    expect(first).toMatchObject({
      tag: 'SNP-1',
      class: { key: 'laptop' },
      notes: '=1+1',
      place: { label: 'Imported Hall' },
      orgUnit: { label: 'Acme Import' },
      person: { label: 'Jane Doe9' },
    });
    expect((await read(rows[1]?.record.id ?? '')).place).toEqual(first.place);
    await run.undo(file.id);
    const { rows: left } =
      await sql`select 1 from places where name = 'Imported Hall' union all select 1 from org_units where name = 'Acme Import'
      union all select 1 from people where email = 'jane.doe9@example.org'`.execute(t.db);
    expect(left).toHaveLength(0);
    // The mapping is remembered for files with these headers.
    const again = await run.take('again.csv', `${file.headers.join(';')}\n`);
    expect(again.suggestions[0]).toMatchObject({ kind: 'remembered', label: 'snipe.csv' });
  });
});

describe('what is refused', () => {
  test.each([
    ['../../etc/passwd.csv', 'a,b\n1,2', 422],
    ['table.exe', 'a,b\n1,2', 422],
    ['table.xls', 'a,b\n1,2', 422],
    ['table.xlsx', 'a,b\n1,2', 422],
    ['table.csv', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]), 422],
    ['table.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]), 422],
    ['table.csv', '<svg onload="alert(1)">', 422],
    ['table.csv', '', 422],
    ['table.csv', 'Tag,Name,tag\n1,2,3', 422],
    ['table.csv', 'a,b\n"never closed,2\n3,4\n', 422],
    ['table.xlsx', Buffer.from('PK\u0003\u0004 and nothing else that a ZIP file would have in it'), 422],
  ])('%s', async (name, content, status) => {
    const answer = await upload(who, name, content);
    expect(answer.statusCode, answer.body).toBe(status);
    expect(answer.json<{ detail?: string }>().detail).toBeTruthy();
  });

  test('a file over the limit, before it is read', async () => {
    const small = await testApp({ env: { MUSTER_MAX_IMPORT_MIB: '1' } });
    try {
      const admin = await small.as('administrator');
      const answer = await upload(admin, 'big.csv', Buffer.alloc(1024 * 1024 + 1, 'a,b\n'));
      expect(answer.statusCode).toBe(413);
      expect(answer.body).toContain('MUSTER_MAX_IMPORT_MIB');
    } finally {
      await small.close();
    }
  });

  test('a mapping that does not fit, with everything that is wrong', async () => {
    const file = await run.take('map.csv', 'a,b\n1,2\n');
    const problem = await who
      .call(planImport, {
        params: { id: file.id },
        body: {
          resource: 'assets',
          columns: [
            { column: 7, field: 'tag' },
            { column: 0, field: 'colour' },
          ],
          keys: ['serial', 'model'],
          defaults: { class: 'toaster' },
        },
      })
      .catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect((problem as ApiProblem).errors?.map((e) => `${e.field} ${e.code}`)).toEqual([
      'columns[0].column unknown',
      'columns[1].field unknown',
      'keys[0] not_mapped',
      'keys[1] not_allowed',
      'defaults.class not_allowed',
    ]);
  });

  test('who may not write what would be written', async () => {
    const file = await run.take('scope.csv', 'tag,class\nSC-1,laptop\n');
    const technician = await t.as('technician');
    expect((await upload(technician, 'x.csv', 'a,b\n')).statusCode).toBe(403);
    const limited = await t.as('asset_manager', { kind: 'asset_class', key: 'laptop' });
    expect((await upload(limited, 'x.csv', 'a,b\n')).statusCode).toBe(403);
    expect((await limited.inject({ method: 'GET', url: `/api/v1/imports/${file.id}/rows` })).statusCode).toBe(403);
    expect((await t.anonymous.inject({ method: 'POST', url: uploadImport.path, query: { name: 'x.csv' } })).statusCode).toBe(401);
  });

  test('a step out of turn', async () => {
    const file = await run.take('turn.csv', 'tag,class\nTURN-1,laptop\n');
    await expect(run.apply(file.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(run.undo(file.id)).rejects.toMatchObject({ code: 'conflict' });
    await run.plan(file.id, { resource: 'assets', columns: columns('tag', 'class'), keys: ['tag'] });
    await run.apply(file.id);
    await expect(run.apply(file.id)).rejects.toMatchObject({ code: 'conflict' });
    await run.undo(file.id);
    await expect(run.undo(file.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});

resourceSuite({
  routes: importListRoutes,
  seed: async (app) => {
    const admin = await app.as('administrator');
    const runner = new ImportRunner(app, admin);
    for (let i = 0; i < 8; i++) {
      const file = await runner.take(`list ${i % 3}.csv`, `tag,class\nLI-${i},laptop\nLX-${i},nothing\n`);
      if (i % 2 === 0) await runner.plan(file.id, { resource: 'assets', columns: columns('tag', 'class'), keys: ['tag'] });
      if (i % 4 === 0) await runner.apply(file.id);
    }
  },
});
