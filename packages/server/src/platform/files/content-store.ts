import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '@muster/api/errors';
import { newId } from '../ids.ts';

// Bytes under the data folder, named by their SHA-256, so that the same file is kept once and a name can never lead anywhere. A file gets
// its name only when all of it is on the disk.

const headBytes = 64 * 1024;
const folderOf = (dataDir: string): string => join(dataDir, 'files');
const incomingOf = (dataDir: string): string => join(folderOf(dataDir), 'incoming');

function pathOf(dataDir: string, hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw new Error('not a SHA-256');
  return join(folderOf(dataDir), hash.slice(0, 2), hash);
}

/** An upload that is on the disk in full, but not kept yet. */
export interface Received {
  /** Where it waits. */
  readonly path: string;
  readonly hash: string;
  readonly bytes: number;
  /** Its first 64 KiB. */
  readonly head: Buffer;
  /** All of it is UTF-8 without control characters other than tabs and line ends. */
  readonly isText: boolean;
}

/**
 * Writes an upload to the disk while it comes, flushed. Nothing is left of one that is too large, breaks off or fails.
 * @param length Content-Length, null when it is not told
 * @throws Problem too_large, body_not_readable
 */
export async function receiveFile(
  dataDir: string,
  body: Readable,
  { maxMib, option, length }: { maxMib: number; option: string; length: number | null },
): Promise<Received> {
  const most = maxMib * 1024 * 1024;
  const tooLarge = (): Problem => new Problem('too_large', `The file is larger than the ${maxMib} MiB that are taken here (${option}).`);
  if (length !== null && length > most) throw tooLarge();
  await mkdir(incomingOf(dataDir), { recursive: true });
  const path = join(incomingOf(dataDir), newId());
  const hash = createHash('sha256');
  const text = new TextLook();
  const head: Buffer[] = [];
  let bytes = 0;
  try {
    await pipeline(
      body,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          if (bytes < headBytes) head.push(chunk.subarray(0, headBytes - bytes));
          bytes += chunk.length;
          if (bytes > most) throw tooLarge();
          hash.update(chunk);
          text.take(chunk);
          yield chunk;
        }
      },
      createWriteStream(path, { mode: 0o600, flush: true, flags: 'wx' }),
    );
    if (length !== null && bytes !== length) throw brokenOff();
    return { path, hash: hash.digest('hex'), bytes, head: Buffer.concat(head), isText: text.ends() };
  } catch (error) {
    await rm(path, { force: true });
    const code = (error as { code?: string }).code;
    throw code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' ? brokenOff(error) : error;
  }
}

const brokenOff = (cause?: unknown): Problem => new Problem('body_not_readable', 'The upload ended before the file did.', { cause });

/** Forgets an upload that is not kept. */
export const dropReceived = async (received: Received): Promise<void> => rm(received.path, { force: true });

/** Gives an upload its name for good; the folder is flushed too, so that it outlives a loss of power. */
export async function keepFile(dataDir: string, received: Received): Promise<void> {
  const path = pathOf(dataDir, received.hash);
  await mkdir(dirname(path), { recursive: true });
  await rename(received.path, path);
  for (const folder of [dirname(path), folderOf(dataDir)]) {
    const handle = await open(folder);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** A kept file to read. @throws Problem not_found when the bytes are not here */
export async function openFile(dataDir: string, hash: string): Promise<ReadStream> {
  const path = pathOf(dataDir, hash);
  try {
    await stat(path);
  } catch (error) {
    throw new Problem('not_found', 'The bytes of this file are not in the data folder of this server.', { cause: error });
  }
  return createReadStream(path);
}

export const removeFile = async (dataDir: string, hash: string): Promise<void> => rm(pathOf(dataDir, hash), { force: true });

/** The hashes of all kept files, one folder at a time. */
export async function* keptFiles(dataDir: string): AsyncGenerator<string[]> {
  const folders = await readdir(folderOf(dataDir)).catch(() => []);
  for (const folder of folders)
    if (/^[0-9a-f]{2}$/.test(folder)) yield (await readdir(join(folderOf(dataDir), folder))).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

/** Removes what was left by servers that died while a file came in. */
export async function dropAbandoned(dataDir: string, before: Date): Promise<number> {
  let dropped = 0;
  for (const name of await readdir(incomingOf(dataDir)).catch(() => [])) {
    const path = join(incomingOf(dataDir), name);
    if ((await stat(path)).mtime >= before) continue;
    await rm(path, { force: true });
    dropped++;
  }
  return dropped;
}

/** Whether all bytes that pass by are text in UTF-8. */
class TextLook {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #isText = true;

  take(chunk: Buffer): void {
    if (!this.#isText) return;
    try {
      const text = this.#decoder.decode(chunk, { stream: true });
      // oxlint-disable-next-line no-control-regex
      this.#isText = !/[\u0000-\u0008\u000b\u000e-\u001f\u007f]/.test(text);
    } catch {
      this.#isText = false;
    }
  }

  ends(): boolean {
    try {
      this.#decoder.decode();
    } catch {
      return false;
    }
    return this.#isText;
  }
}
