import { Readable } from 'node:stream';
import { Problem } from '@muster/api/errors';
import { stringify } from 'csv-stringify';
import type { Platform } from '../../platform/context.ts';
import { harmless } from '../../platform/listing/index.ts';
import { mustHaveFile } from './files.ts';
import { mustFindImport } from './imports.ts';
import { readSheet } from './sheet.ts';
import { badRows } from './store-rows.ts';

const batch = 1000;

/**
 * The rows that were not or will not be applied, as the file had them, with a column that says why: correct it and import it again.
 * @throws Problem not_found; conflict when the file is gone
 */
export async function errorFile(platform: Platform, id: string): Promise<{ name: string; body: Readable }> {
  const row = await mustFindImport(platform.db, id);
  if (row.counts === null) throw new Problem('conflict', 'The file was not compared yet, so nothing is known of its rows.');
  const path = await mustHaveFile(platform.config, id);
  const lines = async function* (): AsyncGenerator<string[]> {
    let bad = await badRows(platform.db, id, 0, batch);
    let at = 0;
    for await (const { no, cells } of readSheet(path, row)) {
      while (bad[at] !== undefined && bad[at]!.no < no) at++;
      if (at >= bad.length) {
        if (bad.length < batch) return;
        bad = await badRows(platform.db, id, bad.at(-1)!.no, batch);
        at = 0;
      }
      const found = bad[at];
      if (found?.no !== no) continue;
      yield [...row.headers.map((_, i) => harmless(cells[i] ?? '')), found.errors.map((e) => e.message).join(' ')];
    }
  };
  const delimiter = row.delimiter ?? ',';
  const out = stringify({
    header: true,
    columns: [...row.headers, 'Reason'].map((header, i) => ({ key: String(i), header })),
    bom: true,
    delimiter,
    record_delimiter: 'windows',
    quoted_match: /[\r\n]/,
  });
  const source = Readable.from(lines());
  source.on('error', (error) => out.destroy(error));
  out.on('close', () => source.destroy());
  return { name: `${row.name.replace(/\.[^.]*$/, '').replaceAll(/[^\w.-]+/g, '_')}-errors.csv`, body: source.pipe(out) };
}
