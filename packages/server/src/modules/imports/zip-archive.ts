import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';
import { refused } from './refusals.ts';

// ZIP as PKWARE's APPNOTE 6.3.10 describes it, as far as XLSX files need it: one disk, stored or deflated entries, no encryption.

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly offset: number;
}

const endSignature = 0x0605_4b50;
const entrySignature = 0x0201_4b50;
const localSignature = 0x0403_4b50;
const mostEntries = 5000;
const mostDirectory = 4 * 1024 * 1024;
/** Deflated XML of a table is some 10 to 30 times smaller; a bomb is a thousand times. Small parts may be anything. */
const mostRatio = 200;
const freeBytes = 16 * 1024 * 1024;

/** A ZIP file whose parts are read one at a time and never as a whole. */
export class ZipArchive {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, entries: ReadonlyMap<string, ZipEntry>) {
    this.#path = path;
    this.#file = file;
    this.entries = entries;
  }

  /** @throws Problem refused_content when it is no ZIP file that can be read */
  static async open(path: string): Promise<ZipArchive> {
    const file = await open(path);
    try {
      return new ZipArchive(path, file, await readDirectory(file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** The bytes of a part as they are unpacked. @throws Problem refused_content for what unpacks out of all proportion */
  async *read(entry: ZipEntry): AsyncGenerator<Uint8Array> {
    const head = await bytesAt(this.#file, entry.offset, 30);
    if (head.readUInt32LE(0) !== localSignature) throw damaged();
    const start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    if (entry.packed === 0) return;
    const packed = createReadStream(this.#path, { start, end: start + entry.packed - 1, highWaterMark: 128 * 1024 });
    if (entry.method === 0) {
      yield* packed as AsyncIterable<Uint8Array>;
      return;
    }
    const limit = Math.max(freeBytes, entry.packed * mostRatio);
    const inflate = createInflateRaw({ chunkSize: 128 * 1024 });
    packed.on('error', (error) => inflate.destroy(error));
    packed.pipe(inflate);
    let total = 0;
    try {
      for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
        total += chunk.length;
        if (total > limit) throw refused('The file unpacks to more than 200 times its size, as only a file made to do harm does.');
        yield chunk;
      }
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('Z_')) throw damaged();
      throw error;
    } finally {
      packed.destroy();
      inflate.destroy();
    }
  }

  /** A small part as text. @throws Problem refused_content when it is large */
  async text(name: string, mostBytes: number): Promise<string | null> {
    const entry = this.entries.get(name);
    if (!entry) return null;
    const chunks: Uint8Array[] = [];
    let total = 0;
    for await (const chunk of this.read(entry)) {
      total += chunk.length;
      if (total > mostBytes) throw refused(`The part ${name} of the file is too large.`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

const damaged = (): Error => refused('The file is damaged: it is not a whole XLSX file.');

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw damaged();
  return buffer;
}

async function readDirectory(file: FileHandle): Promise<Map<string, ZipEntry>> {
  const { size } = await file.stat();
  const tailLength = Math.min(size, 65_557);
  const tail = await bytesAt(file, size - tailLength, tailLength);
  let at = tail.length - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== endSignature) at--;
  if (at < 0) throw damaged();
  const count = tail.readUInt16LE(at + 10);
  const length = tail.readUInt32LE(at + 12);
  const offset = tail.readUInt32LE(at + 16);
  if (count > mostEntries || length > mostDirectory || offset === 0xffff_ffff)
    throw refused('The file has more parts than an XLSX file has.');
  const directory = await bytesAt(file, offset, length);
  const entries = new Map<string, ZipEntry>();
  for (let i = 0, p = 0; i < count; i++) {
    if (p + 46 > directory.length || directory.readUInt32LE(p) !== entrySignature) throw damaged();
    const nameLength = directory.readUInt16LE(p + 28);
    const name = directory.toString('utf8', p + 46, p + 46 + nameLength);
    const method = directory.readUInt16LE(p + 10);
    if ((directory.readUInt16LE(p + 8) & 1) === 1) throw refused('The file is protected by a password. Save it without one.');
    if (method !== 0 && method !== 8) throw refused('The file is packed in a way that XLSX files are not.');
    entries.set(name, { name, method, packed: directory.readUInt32LE(p + 20), offset: directory.readUInt32LE(p + 42) });
    p += 46 + nameLength + directory.readUInt16LE(p + 30) + directory.readUInt16LE(p + 32);
  }
  return entries;
}
