import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { refused } from './refusals.ts';
import type { SheetRow } from './sheet.ts';

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

const delimiters = [',', ';', '\t', '|'] as const;
/** Characters of one record: a quote that is never closed must not gather the rest of the file. */
const mostInRecord = 1024 * 1024;

/** The sign between the cells: the one that stands most often in the header line outside quotes. */
export function delimiterOf(head: string): string {
  const line = /^(?:"(?:[^"]|"")*"|[^\r\n"])*/.exec(head.replace(/^\uFEFF/, ''))?.[0] ?? '';
  const bare = line.replaceAll(/"(?:[^"]|"")*"/g, '');
  const counts = delimiters.map((sign) => bare.split(sign).length - 1);
  const most = Math.max(...counts);
  return most === 0 ? ',' : (delimiters[counts.indexOf(most)] ?? ',');
}

/** The records of a delimited text file. Line ends may be LF, CRLF or CR; cells are text, whatever a spreadsheet would make of them. */
export async function* openCsv(path: string, encoding: TextEncoding, delimiter: string): AsyncGenerator<SheetRow> {
  const decoder = new TextDecoder(encoding);
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: mostInRecord,
  });
  const decode = async function* (bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    for await (const chunk of bytes) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  };
  // The parser's own iterator carries the error of any part.
  pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), decode, parser, () => undefined);
  let no = 0;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) yield { no: ++no, cells };
  } catch (error) {
    if (error instanceof CsvError) throw refused(`The file cannot be read after row ${no}: ${sentence(error)}`);
    throw error;
  } finally {
    parser.destroy();
  }
}

function sentence(error: CsvError): string {
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return 'a quotation mark is opened and never closed.';
  if (error.code === 'CSV_MAX_RECORD_SIZE') return 'a row is longer than a megabyte; a quotation mark may be open.';
  return error.message;
}
