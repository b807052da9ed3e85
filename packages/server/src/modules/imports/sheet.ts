import { refused } from './refusals.ts';
import { openCsv, type TextEncoding } from './read-csv.ts';
import { openXlsx } from './read-xlsx.ts';

/** One row of a table; `no` counts as a spreadsheet does, the header being row 1. */
export interface SheetRow {
  readonly no: number;
  readonly cells: readonly string[];
}

/** How a stored file is read. */
export interface FileFormat {
  readonly format: 'csv' | 'xlsx';
  readonly encoding: TextEncoding | null;
  readonly delimiter: string | null;
}

const mostColumns = 500;

/** The rows of a stored file one after the other, blank ones left out; memory does not grow with the file. @throws Problem refused_content */
export async function* readSheet(path: string, how: FileFormat): AsyncGenerator<SheetRow> {
  const rows = how.format === 'xlsx' ? openXlsx(path) : openCsv(path, how.encoding ?? 'utf-8', how.delimiter ?? ',');
  for await (const row of rows) {
    if (row.cells.length > mostColumns) throw refused(`Row ${row.no} has ${row.cells.length} columns; at most ${mostColumns} are read.`);
    if (row.cells.some((cell) => cell.trim() !== '')) yield row;
  }
}

/** The header row and some rows after it. @throws Problem refused_content: nothing in it, headers twice */
export async function readHead(path: string, how: FileFormat, most: number): Promise<{ headers: string[]; samples: string[][] }> {
  let headers: string[] | undefined;
  const samples: string[][] = [];
  for await (const { cells } of readSheet(path, how)) {
    if (headers === undefined) headers = cleanHeaders(cells);
    else samples.push(headers.map((_, i) => cells[i] ?? ''));
    if (samples.length >= most) break;
  }
  if (headers === undefined) throw refused('The file is empty.');
  return { headers, samples };
}

function cleanHeaders(cells: readonly string[]): string[] {
  const headers = cells.map((cell) => cell.trim().replaceAll(/\s+/g, ' '));
  while (headers.at(-1) === '') headers.pop();
  const seen = new Map<string, number>();
  const twice: string[] = [];
  for (const [i, header] of headers.entries()) {
    const first = seen.get(header.toLowerCase());
    if (header !== '' && first !== undefined) twice.push(`“${header}” (columns ${first + 1} and ${i + 1})`);
    else seen.set(header.toLowerCase(), i);
  }
  if (twice.length > 0)
    throw refused(`Headers stand there twice: ${twice.join(', ')}. Rename one of each, so that it is clear which is meant.`);
  return headers;
}
