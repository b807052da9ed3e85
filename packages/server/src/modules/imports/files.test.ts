import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import writeExcelFile from 'write-excel-file/node';
import { loadConfig } from '../../platform/config.ts';
import { pathOf, storeFile } from './files.ts';
import { readHead, readSheet, type SheetRow } from './sheet.ts';

let folder: string;
let number = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-test-files-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stores bytes as an upload and reads all rows. */
async function rowsOf(bytes: Buffer, kind: 'csv' | 'xlsx' = 'csv'): Promise<SheetRow[]> {
  const config = loadConfig({ env: { MUSTER_DATA_DIR: folder, MUSTER_SECRET_KEY: 'x'.repeat(24) } });
  const id = `file-${number++}`;
  // In small pieces, as a network brings them: characters and line ends are cut anywhere.
  const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7));
  const how = await storeFile(config, id, Readable.from(pieces), kind, bytes.length);
  const rows: SheetRow[] = [];
  for await (const row of readSheet(pathOf(config, id), how)) rows.push(row);
  return rows;
}
const cells = async (bytes: Buffer, kind?: 'csv' | 'xlsx'): Promise<(readonly string[])[]> =>
  (await rowsOf(bytes, kind)).map((r) => r.cells);

const table = 'Größe;Name\r\n"1\n2";Zoë\r\n"a;""b""";=1+1\r\n';
const expected = [
  ['Größe', 'Name'],
  ['1\n2', 'Zoë'],
  ['a;"b"', '=1+1'],
];

describe('CSV', () => {
  test.each([
    ['UTF-8', Buffer.from(table)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${table}`)],
    ['UTF-16 LE with a mark', Buffer.from(`\uFEFF${table}`, 'utf16le')],
    ['UTF-16 BE with a mark', Buffer.from(`\uFEFF${table}`, 'utf16le').swap16()],
    ['UTF-16 LE without one', Buffer.from(table.padEnd(200, ' '), 'utf16le')],
    ['Windows-1252', Buffer.from(table, 'latin1')],
    ['tabs', Buffer.from(table.replaceAll(';', '\t').replace('a\t', 'a;'))],
    ['CR alone', Buffer.from(table.replaceAll('\r\n', '\r'))],
    ['LF alone', Buffer.from(table.replaceAll('\r\n', '\n'))],
  ])('%s', async (_, bytes) => expect(await cells(bytes)).toEqual(expected));

  test('rows keep the number that a spreadsheet shows, blank ones are left out', async () => {
    expect((await rowsOf(Buffer.from('a,b\n\n1,2\n,\n3,4\n'))).map((r) => r.no)).toEqual([1, 3, 5]);
  });

  test('a quotation mark that is never closed ends with a reason and not with all memory', async () => {
    await expect(cells(Buffer.concat([Buffer.from('a,b\n"open'), Buffer.alloc(3 * 1024 * 1024, 'x,\n')]))).rejects.toMatchObject({
      code: 'refused_content',
    });
  });
});

describe('XLSX', () => {
  const book = (sheet: string, extra: Record<string, string> = {}): Buffer =>
    Buffer.from(
      zipSync({
        'xl/workbook.xml': strToU8(
          '<workbook xmlns:r="r"><workbookPr/><sheets><sheet name="Hidden" state="hidden" r:id="rId9"/><sheet name="One" r:id="rId1"/></sheets></workbook>',
        ),
        'xl/_rels/workbook.xml.rels': strToU8('<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>'),
        'xl/worksheets/sheet1.xml': strToU8(sheet),
        ...Object.fromEntries(Object.entries(extra).map(([name, text]) => [name, strToU8(text)])),
      }),
    );

  test('what a spreadsheet program writes', async () => {
    const bytes = await writeExcelFile(
      [
        ['Tag', 'Count', 'Bought', 'At', 'Ok'].map((value) => ({ value })),
        [
          { type: String, value: '=1+1' },
          { type: Number, value: 1234.5 },
          { type: Date, value: new Date('2024-02-29T00:00:00Z'), format: 'yyyy-mm-dd' },
          { type: Date, value: new Date('2024-02-29T13:30:00Z'), format: 'dd/mm/yyyy hh:mm' },
          { type: Boolean, value: true },
        ],
      ],
      { sheet: 'One' },
    ).toBuffer();
    expect(await cells(bytes, 'xlsx')).toEqual([
      ['Tag', 'Count', 'Bought', 'At', 'Ok'],
      ['=1+1', '1234.5', '2024-02-29', '2024-02-29T13:30:00', 'true'],
    ]);
  });

  test('gaps, rich texts, formulas and whole numbers', async () => {
    const sheet =
      '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>C &amp; D</t></is></c></row>' +
      '<row r="4"><c r="A4"><f>SUM(B1:B9)</f><v>45</v></c><c r="B4"><v>1.2E+3</v></c><c r="C4" t="b"><v>0</v></c></row></sheetData></worksheet>';
    const strings = '<sst><si><r><t>Ri</t></r><r><t>ch</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si></sst>';
    expect(await rowsOf(book(sheet, { 'xl/sharedStrings.xml': strings }), 'xlsx')).toEqual([
      { no: 1, cells: ['Rich', '', 'C & D'] },
      { no: 4, cells: ['=SUM(B1:B9)', '1200', 'false'] },
    ]);
  });

  test.each([
    ['a bomb', book('<worksheet><sheetData>' + ' '.repeat(40 * 1024 * 1024) + '</sheetData></worksheet>'), 'unpacks'],
    ['entities', book('<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'), 'entities'],
    ['broken XML', book('<worksheet><sheetData><row></sheetData>'), 'damaged'],
    ['another ZIP', Buffer.from(zipSync({ 'a.txt': strToU8('hello') })), 'not an XLSX'],
    ['half a file', book('<worksheet/>').subarray(0, 300), 'damaged'],
  ])('refuses %s', async (_, bytes, reason) => {
    await expect(cells(bytes, 'xlsx')).rejects.toMatchObject({
      code: 'refused_content',
      message: expect.stringContaining(reason) as string,
    });
  });
});

test('headers that stand there twice are an error, and blank ones at the end are none', async () => {
  const path = join(folder, 'heads');
  writeFileSync(path, 'Tag, Name ,,\n1,2,3,4\n');
  const how = { format: 'csv', encoding: 'utf-8', delimiter: ',' } as const;
  expect(await readHead(path, how, 5)).toEqual({ headers: ['Tag', 'Name'], samples: [['1', '2']] });
  writeFileSync(path, 'Company,Name,company\n');
  await expect(readHead(path, how, 5)).rejects.toMatchObject({
    code: 'refused_content',
    message: expect.stringContaining('company') as string,
  });
});
