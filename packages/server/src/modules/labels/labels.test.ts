import { createAsset, getAssetTimeline } from '@muster/api/assets';
import { createStickerBatch, getStickerBatch, listAssetCodes } from '@muster/api/codes';
import * as api from '@muster/api/labels';
import { PNG } from 'pngjs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import sheets from '../../../../../content/labels/sheets.json' with { type: 'json' };
import { newId } from '../../platform/ids.ts';
import { resourceSuite, testApp, type TestActor, type TestApp } from '../../testing/index.ts';
import { scanPdf } from './test-scanner.ts';
import { definitionErrors } from './templates.ts';

const roll: api.LabelDefinition = {
  width: 60,
  height: 40,
  media: { kind: 'roll' },
  elements: [
    { type: 'text', x: 2, y: 2, width: 30, height: 6, content: 'Property of {organisation}', size: 9, align: 'left', bold: true },
    { type: 'text', x: 2, y: 9, width: 30, height: 6, content: '{name}', size: 12, align: 'right', bold: false },
    { type: 'code', x: 36, y: 1, width: 22, height: 22, symbology: 'qr', content: '{url}' },
    { type: 'code', x: 2, y: 18, width: 14, height: 14, symbology: 'datamatrix', content: '{code}' },
    { type: 'code', x: 18, y: 26, width: 40, height: 9, symbology: 'code128', content: '{tag}' },
    { type: 'line', x: 2, y: 37, width: 56, height: 0.4 },
  ],
};
const sheet: api.LabelDefinition = {
  width: 63.5,
  height: 38.1,
  media: {
    kind: 'sheet',
    pageWidth: 210,
    pageHeight: 297,
    columns: 3,
    rows: 7,
    marginLeft: 7.2,
    marginTop: 15.1,
    pitchX: 66,
    pitchY: 38.1,
  },
  elements: [
    { type: 'code', x: 2, y: 4, width: 28, height: 28, symbology: 'qr', content: '{url}' },
    { type: 'text', x: 32, y: 4, width: 29, height: 8, content: '{tag}', size: 14, align: 'left', bold: false },
  ],
};

resourceSuite({
  routes: api.labelTemplateListRoutes,
  seed: async (t) => {
    const admin = await t.as('administrator');
    for (const [index, name] of ['Roll', 'Sheet', '+small', 'Big', 'Cable', 'Door', 'Phone', 'Rack'].entries())
      await admin.call(api.createLabelTemplate, {
        body: { name, definition: index % 2 ? sheet : roll, defaultFor: index === 0 ? ['laptop', 'phone'] : index === 3 ? ['server'] : [] },
      });
  },
});
resourceSuite({
  routes: api.foundReportListRoutes,
  seed: async (t) => {
    for (const [index, name] of ['alpha', 'beta', '+gamma', 'delta', 'eps', 'zeta', 'eta', 'theta'].entries()) {
      const id = newId();
      await sql`insert into assets (id, class_key, name) values (${id}, 'laptop', ${name})`.execute(t.db);
      await sql`insert into found_reports (asset_id, id, at, message, contact) values (${id}, ${newId()}, date_trunc('second', now()) - make_interval(hours => ${index}), ${`found ${name}`}, ${index % 2 ? 'me@example.org' : null})`.execute(
        t.db,
      );
    }
  },
});

let t: TestApp;
let admin: TestActor;
beforeAll(async () => {
  t = await testApp({ env: { MUSTER_BASE_URL: 'https://assets.example.org' } });
  admin = await t.as('administrator');
});
afterAll(() => t.close());

const make = async (name: string, tag: string) => (await admin.call(createAsset, { body: { class: 'laptop', name, tag } })).data;
const template = async (name: string, definition: api.LabelDefinition, defaultFor: string[] = []) =>
  (await admin.call(api.createLabelTemplate, { body: { name, definition, defaultFor } })).data;
const print = async (body: object, actor = admin) => actor.inject({ method: 'POST', url: '/api/v1/labels/print', payload: body });
const ownCode = async (id: string) =>
  (await admin.call(listAssetCodes, { params: { id } })).data.items.find((one) => one.kind === 'own')?.value ?? '';

describe('a printed label', () => {
  test('is read back by a scanner: QR, Data Matrix and Code 128 hold what they should, and texts in any script stay in their boxes', async () => {
    const asset = await make('Ноутбук Žižka ελληνικά a name that is much too long for its box', 'NB>000042');
    const { id } = await template('roll', roll);
    const answer = await print({ templateId: id, assetIds: [asset.id] });
    expect(answer.statusCode, answer.body.slice(0, 300)).toBe(200);
    expect(answer.headers['content-type']).toBe('application/pdf');
    const [page, ...more] = await scanPdf(answer.rawPayload);
    expect(more).toEqual([]);
    expect([page?.width, page?.height].map((one) => Math.round((one ?? 0) * 10) / 10)).toEqual([60, 40]);
    const code = await ownCode(asset.id);
    expect(code).toMatch(/^[A-HJ-NP-Z2-9]{12}$/);
    expect(page?.codes.map((one) => [one.format, one.text]).sort()).toEqual([
      ['Code128', 'NB>000042'],
      ['DataMatrix', code],
      ['QRCode', `https://assets.example.org/c/${code}`],
    ]);
    const texts = page?.texts.map((one) => one.text).join('') ?? '';
    expect(texts).toContain('Property of My organisation');
    expect(texts).toMatch(/Ноутбук Žižka ελλην.*…$/);
    for (const one of page?.texts ?? []) {
      expect(one.x).toBeGreaterThanOrEqual(1.99);
      expect(one.x + one.width).toBeLessThanOrEqual(32.1);
    }
    // Printed again, it carries the same code.
    await print({ templateId: id, assetIds: [asset.id], format: 'zpl' });
    expect(await ownCode(asset.id)).toBe(code);
  });

  test('lies on its place of the sheet, from the first free one on, in the order asked for', async () => {
    const assets = await Promise.all(Array.from({ length: 5 }, (_, index) => make(`on sheet ${index}`, `SH-${index}`)));
    const { id } = await template('sheet', sheet);
    const order = [3, 0, 4, 1, 2].map((index) => assets[index]?.id ?? '');
    const answer = await print({ templateId: id, assetIds: order, startAt: 20 });
    const pages = await scanPdf(answer.rawPayload);
    expect(pages.map((page) => page.codes.length)).toEqual([2, 3]);
    const urls = await Promise.all(order.map(async (one) => `https://assets.example.org/c/${await ownCode(one)}`));
    // Places 20 and 21 are the second and third of the last row.
    for (const [index, [column, row, page]] of (
      [
        [1, 6, 0],
        [2, 6, 0],
        [0, 0, 1],
        [1, 0, 1],
        [2, 0, 1],
      ] as const
    ).entries()) {
      const code = pages[page]?.codes.find((one) => one.text === urls[index]);
      // Inside the box of the code, whose quiet zone is part of it.
      const left = 7.2 + column * 66 + 2;
      const top = 15.1 + row * 38.1 + 4;
      expect(code?.x).toBeGreaterThan(left);
      expect(code?.x).toBeLessThan(left + 8);
      expect(code?.y).toBeGreaterThan(top);
      expect(code?.y).toBeLessThan(top + 8);
    }
    const late = await print({ templateId: id, assetIds: order, startAt: 22 });
    expect(late.json()).toMatchObject({ code: 'validation_failed', errors: [{ field: 'startAt', message: 'A sheet has 21 places.' }] });
  });

  test('as ZPL says the same in the printer’s commands, with data that cannot break out of its field', async () => {
    const asset = await make('^XZ~JA_ \\ Größe', 'NB>^1');
    const png = new PNG({ width: 16, height: 8 });
    for (let at = 0; at < png.data.length; at += 4) png.data.set([0, 0, 0, at % 64 < 32 ? 255 : 0], at);
    const picture = { type: 'image' as const, x: 40, y: 24, width: 4, height: 2, png: PNG.sync.write(png).toString('base64') };
    const { id } = await template('zpl', { ...roll, elements: [...roll.elements, picture] });
    const answer = await print({ templateId: id, assetIds: [asset.id], format: 'zpl', copies: 2 });
    expect(answer.headers['content-type']).toBe('application/vnd.zebra.zpl');
    const labels = answer.body.trim().split('^XZ\n');
    expect(labels).toHaveLength(2);
    const lines = labels[0]?.split('\n') ?? [];
    const code = await ownCode(asset.id);
    expect(lines.slice(0, 5)).toEqual(['^XA', '^CI28', '^PW480', '^LL320', '^LH0,0']);
    expect(lines).toContainEqual(expect.stringMatching(/^\^FO\d+,\d+\^A0N,\d+,\d+\^FH_\^FD_5EXZ_7EJA_5F _5C Größe\^FS$/));
    expect(lines).toContainEqual(
      expect.stringMatching(new RegExp(String.raw`^\^FO\d+,\d+\^BQN,2,\d+\^FH_\^FDMA,https://assets\.example\.org/c/${code}\^FS$`)),
    );
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(String.raw`^\^FO\d+,\d+\^BXN,\d+,200\^FH_\^FD${code}\^FS$`)));
    expect(lines).toContainEqual(expect.stringMatching(/\^BY\d\^BCN,72,N,N,N\^FH_\^FD>:NB>0_5E1\^FS$/));
    expect(lines).toContainEqual('^FO16,296^GB448,3,3^FS');
    const graphic = lines.find((line) => line.includes('^GFA'));
    expect(graphic).toBe(`^FO320,192^GFA,64,64,4,${'FFFF0000'.repeat(16)}^FS`);
  });
});

describe('printing', () => {
  test('a batch of stickers prints one label for each, without an asset', async () => {
    const { id: batchId } = (await admin.call(createStickerBatch, { body: { name: 'roll', stickers: 3 } })).data;
    const { id } = await template('stickers', sheet);
    const [page] = await scanPdf((await print({ templateId: id, batchId })).rawPayload);
    const { items } = (await admin.call(getStickerBatch, { params: { id: batchId } })).data;
    expect(page?.codes.map((one) => one.text).sort()).toEqual(items.map((one) => `https://assets.example.org/c/${one.value}`).sort());
    const limited = await t.as('technician', { kind: 'asset_class', key: 'laptop' });
    expect((await print({ templateId: id, batchId }, limited)).statusCode).toBe(403);
  });

  test('is refused whole, with the reason, when a code does not fit, an asset is not the caller’s, or it is too much', async () => {
    const asset = await make('long', 'A-TAG-THAT-IS-FAR-TOO-LONG-FOR-SO-SMALL-A-LABEL');
    const narrow = await template('narrow', {
      ...roll,
      elements: [{ type: 'code', x: 0, y: 0, width: 20, height: 8, symbology: 'code128', content: '{tag}' }],
    });
    const answer = await print({ templateId: narrow.id, assetIds: [asset.id] });
    expect(answer.json()).toMatchObject({
      code: 'validation_failed',
      errors: [{ code: 'cannot_draw', message: expect.stringMatching(/needs at least \d+(\.\d)? mm/) as string }],
    });
    const cyrillic = await make('cyr', 'Ж-1');
    expect((await print({ templateId: narrow.id, assetIds: [cyrillic.id] })).statusCode).toBe(400);
    const limited = await t.as('technician', { kind: 'asset_class', key: 'server' });
    expect((await print({ templateId: narrow.id, assetIds: [asset.id] }, limited)).statusCode).toBe(404);
    expect(
      (await print({ templateId: narrow.id, assetIds: Array.from({ length: 60 }, () => asset.id), copies: 100 })).json(),
    ).toMatchObject({ code: 'too_large', detail: 'These are 6000 labels; at most 5000 are printed at once.' });
    expect((await print({ templateId: narrow.id })).json()).toMatchObject({ code: 'validation_failed' });
    expect((await print({ templateId: newId(), assetIds: [asset.id] })).statusCode).toBe(404);
    const { rows } = await sql<{
      n: number;
    }>`select count(*)::int as n from audit_log where action = 'labels.printed' and resource_id = ${narrow.id} and summary like '%6000%'`.execute(
      t.db,
    );
    expect(rows[0]?.n).toBe(0);
  });
});

describe('label templates', () => {
  test('all faults of a description come at once, and one template is the default of a class', async () => {
    const bad = {
      ...sheet,
      media: { ...sheet.media, columns: 4 },
      elements: [
        { type: 'text', x: 60, y: 0, width: 20, height: 5, content: '{tagg}', size: 9 },
        { type: 'image', x: 0, y: 0, width: 5, height: 5, png: Buffer.from('<svg onload="x()"/>').toString('base64') },
      ],
    };
    const answer = await admin.inject({
      method: 'POST',
      url: '/api/v1/label-templates',
      payload: { name: 'bad', definition: bad, defaultFor: ['nosuch'] },
    });
    expect(answer.json<{ errors: { field: string; code: string }[] }>().errors.map((one) => [one.field, one.code])).toEqual([
      ['definition.media.columns', 'too_wide'],
      ['definition.elements[0].width', 'outside'],
      ['definition.elements[0].content', 'unknown'],
      ['definition.elements[1].png', 'not_png'],
      ['defaultFor', 'unknown'],
    ]);
    const first = await template('default', roll, ['tablet']);
    await expect(template('another', roll, ['tablet'])).rejects.toMatchObject({
      code: 'conflict',
      message: '“default” is the default for tablet already.',
    });
    await expect(template('Default', roll)).rejects.toMatchObject({ code: 'conflict', errors: [{ field: 'name' }] });
    const params = { id: first.id };
    await admin.call(api.updateLabelTemplate, { params, ifMatch: '"1"', body: { defaultFor: [] } });
    await expect(admin.call(api.updateLabelTemplate, { params, ifMatch: '"1"', body: { name: 'x' } })).rejects.toMatchObject({
      code: 'stale',
    });
    await template('another', roll, ['tablet']);
    await admin.call(api.deleteLabelTemplate, { params });
    await expect(admin.call(api.getLabelTemplate, { params })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('every sheet of the content fits its page', async () => {
    expect(sheets.sheets.length).toBeGreaterThan(5);
    for (const { key, width, height, media } of sheets.sheets)
      expect([key, definitionErrors({ width, height, media: media as api.LabelMedia, elements: [] })]).toEqual([key, []]);
    expect((await admin.call(api.listLabelSheets, {})).data.items).toHaveLength(sheets.sheets.length);
  });

  test('the preview draws what is printed and escapes what people typed', async () => {
    const asset = await make('<script>&"', 'PRE-1');
    const { svg } = (await admin.call(api.previewLabel, { body: { definition: roll, assetId: asset.id } })).data;
    expect(svg).toMatch(/^<svg [^>]*width="60mm" height="40mm"/);
    expect(svg).toContain('&#60;script&#62;&#38;&#34;');
    expect(svg).not.toContain('<script');
    expect((await admin.call(api.previewLabel, { body: { definition: roll } })).data.svg).toContain('LAPTOP-0042');
  });
});

describe('the page of found items', () => {
  const read = async (code: string) => (await t.anonymous.call(api.readFound, { params: { code } })).data;
  test('tells strangers only what was allowed, and an unknown code nothing else', async () => {
    const asset = await make('lost', 'LOST-1');
    const { id } = await template('found', sheet);
    await print({ templateId: id, assetIds: [asset.id] });
    const code = await ownCode(asset.id);
    const off = { enabled: false, organisation: null, contact: '', tag: null };
    expect([await read(code), await read('NOSUCH')]).toEqual([off, off]);
    await expect(t.anonymous.call(api.reportFound, { params: { code }, body: { message: 'hello' } })).rejects.toMatchObject({
      code: 'not_found',
    });
    const settings = { enabled: true, showOrganisation: true, showTag: false, contact: 'Call 030 123' };
    await admin.call(api.putFoundPage, { body: settings });
    const on = { enabled: true, organisation: 'My organisation', contact: 'Call 030 123', tag: null };
    expect([await read(code), await read('NOSUCH'), await read('LOST-1')]).toEqual([on, on, on]);
    await admin.call(api.putFoundPage, { body: { ...settings, showOrganisation: false, showTag: true } });
    expect(await read(code.toLowerCase())).toEqual({ ...on, organisation: null, tag: 'LOST-1' });
    // A tag or serial number can be guessed: only the codes made here lead to it.
    expect(await read('LOST-1')).toEqual({ ...on, organisation: null });
    const said = { message: 'It lay on the 18:04 to Bern', contact: 'ruth@example.org' };
    const known = await t.anonymous.call(api.reportFound, { params: { code }, body: said });
    const unknown = await t.anonymous.call(api.reportFound, { params: { code: 'NOSUCH' }, body: said });
    expect(known.data).toEqual(unknown.data);
    const { items } = (await admin.call(api.foundReportListRoutes.list, { query: {} })).data;
    expect(items).toMatchObject([{ asset: { id: asset.id }, ...said }]);
    const events = (await admin.call(getAssetTimeline, { params: { id: asset.id }, query: { kind: 'found_reported' } })).data.items;
    expect(events[0]?.summary).toBe('Someone who found it wrote: It lay on the 18:04 to Bern (ruth@example.org)');
    const other = await t.as('technician', { kind: 'asset_class', key: 'server' });
    expect((await other.call(api.foundReportListRoutes.list, { query: {} })).data.items).toEqual([]);
    expect((await t.anonymous.inject({ url: `/api/v1/found/${code}` })).headers['x-robots-tag']).toContain('noindex');
  });

  test('takes a few messages from one address, and reads from it are limited too', async () => {
    t.setNow(new Date('2030-01-01T00:00:00Z'));
    const say = async () => t.anonymous.inject({ method: 'POST', url: '/api/v1/found/X', payload: { message: 'again' } });
    const answers = [];
    for (let n = 0; n < 6; n++) answers.push((await say()).statusCode);
    expect(answers).toEqual([202, 202, 202, 202, 202, 429]);
    t.setNow(new Date('2030-01-01T00:11:00Z'));
    expect((await say()).statusCode).toBe(202);
    let reads = 0;
    while ((await t.anonymous.inject({ url: '/api/v1/found/X' })).statusCode === 200 && reads < 1000) reads++;
    expect(reads).toBe(60);
    t.setNow(null);
  });
});
