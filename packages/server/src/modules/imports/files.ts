import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '@muster/api/errors';
import type { Config } from '../../platform/config.ts';
import { delimiterOf, type TextEncoding } from './read-csv.ts';
import { refused } from './refusals.ts';
import type { FileFormat } from './sheet.ts';

/** Where the uploaded files are, named by the ids of their imports and never by what they are called. */
export const pathOf = (config: Config, importId: string): string => join(config.dataDir, 'imports', importId);

const extensions: Record<string, 'csv' | 'xlsx'> = { csv: 'csv', tsv: 'csv', txt: 'csv', xlsx: 'xlsx' };

/** The name a file is shown by. @throws Problem refused_content for a name that leads somewhere or of a kind that is not read */
export function fileNameOf(given: string): { name: string; format: 'csv' | 'xlsx' } {
  const name = given.trim();
  // oxlint-disable-next-line no-control-regex
  if (name === '' || /[\\/\u0000-\u001f]/.test(name) || name.includes('..'))
    throw refused('The name of the file must be a plain name, not a path.');
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const format = Object.hasOwn(extensions, extension) ? extensions[extension] : undefined;
  if (extension === 'xls') throw refused('Old Excel files (.xls) are not read. Save it as .xlsx or CSV.');
  if (!format) throw refused('Only CSV (.csv, .tsv, .txt) and Excel (.xlsx) files are read.');
  return { name, format };
}

/**
 * Writes an upload to the data folder while it comes and finds out how it is to be read. Nothing is kept of one that is refused.
 * @throws Problem too_large, refused_content
 */
export async function storeFile(
  config: Config,
  id: string,
  body: Readable,
  claimed: 'csv' | 'xlsx',
  length: number | null,
): Promise<FileFormat & { bytes: number }> {
  const most = config.maxImportMib * 1024 * 1024;
  const tooLarge = (): Problem =>
    new Problem('too_large', `The file is larger than the ${config.maxImportMib} MiB that are taken here (MUSTER_MAX_IMPORT_MIB).`);
  if (length !== null && length > most) throw tooLarge();
  const path = pathOf(config, id);
  const part = `${path}.part`;
  await mkdir(join(config.dataDir, 'imports'), { recursive: true });
  const looked = new Looked();
  try {
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          looked.take(chunk);
          if (looked.bytes > most) throw tooLarge();
          yield chunk;
        }
      },
      createWriteStream(part, { mode: 0o600, flush: true }),
    );
    const how = looked.format(claimed);
    await rename(part, path);
    return { ...how, bytes: looked.bytes };
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

export async function removeFile(config: Config, id: string): Promise<void> {
  await rm(pathOf(config, id), { force: true });
}

/** @throws Problem conflict when the file is gone or on another machine */
export async function mustHaveFile(config: Config, id: string): Promise<string> {
  const path = pathOf(config, id);
  try {
    await (await open(path)).close();
  } catch (error) {
    throw new Problem('conflict', 'The file of this import is no longer kept here. Upload it again.', { cause: error });
  }
  return path;
}

const headBytes = 64 * 1024;

/** Looks at the bytes that pass by: their number, their beginning, and whether all of them are UTF-8. */
class Looked {
  bytes = 0;
  #head = Buffer.alloc(0);
  readonly #utf8 = new TextDecoder('utf-8', { fatal: true });
  #isUtf8 = true;

  take(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.#head.length < headBytes) this.#head = Buffer.concat([this.#head, chunk.subarray(0, headBytes - this.#head.length)]);
    if (!this.#isUtf8) return;
    try {
      this.#utf8.decode(chunk, { stream: true });
    } catch {
      this.#isUtf8 = false;
    }
  }

  /** @throws Problem refused_content when it is not what its name says */
  format(claimed: 'csv' | 'xlsx'): FileFormat {
    const head = this.#head;
    if (head.length === 0) throw refused('The file is empty.');
    const zip = head.length > 3 && head.readUInt32BE(0) === 0x504b_0304;
    if (claimed === 'xlsx') {
      if (head.length > 3 && head.readUInt32BE(0) === 0xd0cf_11e0)
        throw refused(
          'The file is an old Excel file, or one with a password, under the name of an .xlsx. Save it again as .xlsx without a password.',
        );
      if (!zip) throw refused('The file is called .xlsx, but is none.');
      return { format: 'xlsx', encoding: null, delimiter: null };
    }
    if (zip) throw refused('The file is called a text file, but is a ZIP archive or an Excel file. Give it its right name.');
    const encoding = this.#encoding();
    const text = new TextDecoder(encoding).decode(head, { stream: true });
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000e-\u001f]/.test(text)) throw refused('The file is not text, so it is no CSV file.');
    if (/^\s*<(?:!doctype|html|\?xml|svg|script)/i.test(text.replace(/^\uFEFF/, '')))
      throw refused('The file is a web page or XML, not a table.');
    return { format: 'csv', encoding, delimiter: delimiterOf(text) };
  }

  #encoding(): TextEncoding {
    const head = this.#head;
    if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
    if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
    // Without a mark: Latin text in two bytes has a zero in every pair.
    const pairs = Math.min(head.length, 2000) >> 1;
    let low = 0;
    let high = 0;
    for (let i = 0; i < pairs; i++) {
      if (head[2 * i] === 0) high++;
      if (head[2 * i + 1] === 0) low++;
    }
    if (pairs > 4 && low > pairs * 0.7 && high === 0) return 'utf-16le';
    if (pairs > 4 && high > pairs * 0.7 && low === 0) return 'utf-16be';
    return this.#isUtf8 ? 'utf-8' : 'windows-1252';
  }
}
