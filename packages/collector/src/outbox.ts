import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { writeDurably } from './durable-file.ts';
import type { Server } from './server.ts';

const gzipped = promisify(gzip);

export interface OutboxOptions {
  readonly folder: string;
  readonly server: Server;
  /** Most bytes kept on disk; whoever adds more waits until some are delivered. */
  readonly maxBytes: number;
  readonly say: (line: string) => void;
  /** The server's answer to a delivered message; null when it refused it for good. */
  readonly onAnswer: (path: string, answer: unknown) => void;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Refused messages are kept for whoever looks for the reason. */
const KEEP_REFUSED = 100;

interface Waiting {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Messages to the server, on disk before they count as sent, delivered one after the other in the order they were added. What a crash or a
 * lost answer leaves behind is delivered again; the server keeps each result once.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #stopping = new AbortController();
  #waiting: Waiting[] = [];
  #bytes = 0;
  #last = 0;
  #writing: Promise<unknown> = Promise.resolve();
  #adding = 0;
  #changed = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  private constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Opens the folder with what an earlier process left in it, and begins to deliver. */
  static async open(options: OutboxOptions): Promise<Outbox> {
    await mkdir(join(options.folder, 'refused'), { recursive: true, mode: 0o700 });
    const outbox = new Outbox(options);
    for (const name of (await readdir(options.folder)).sort()) {
      if (name.endsWith('.tmp')) await rm(join(options.folder, name), { force: true });
      const number = /^(\d{12})\.message$/.exec(name)?.[1];
      if (number === undefined) continue;
      const file = join(options.folder, name);
      const { size } = await stat(file);
      outbox.#waiting.push({ file, bytes: size });
      outbox.#bytes += size;
      outbox.#last = Number(number);
    }
    outbox.#running = outbox.#deliverAll();
    return outbox;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** Resolves when the message is on disk; it waits while the folder is full. Rejects once the outbox is closed. */
  async add(path: string, message: unknown): Promise<void> {
    const body = gzipped(JSON.stringify(message));
    // Its place is taken before anything is waited for, so the order is that of the calls.
    const mine = this.#writing.then(async () => this.#write(Buffer.concat([Buffer.from(`${path}\n`), await body])));
    this.#adding++;
    this.#writing = mine.catch(() => undefined).finally(() => this.#adding--);
    return mine;
  }

  async #write(content: Buffer): Promise<void> {
    while (this.#waiting.length > 0 && this.#bytes + content.length > this.#options.maxBytes) {
      await this.#changed.promise;
      this.#stopping.signal.throwIfAborted();
    }
    const file = join(this.#options.folder, `${String(++this.#last).padStart(12, '0')}.message`);
    await writeDurably(file, content);
    this.#waiting.push({ file, bytes: content.length });
    this.#bytes += content.length;
    this.#wake();
  }

  /** Resolves to true when everything is delivered, to false when the time is over first. */
  async flush(timeoutMs: number): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (this.#waiting.length > 0 || this.#adding > 0) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#stopping.signal.aborted) return false;
      await Promise.race([this.#changed.promise, pause(Math.min(left, 1000))]);
    }
    return true;
  }

  /** Ends the delivery; what waits stays on disk. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  async #deliverAll(): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const next = this.#waiting[0];
      if (!next) {
        await this.#changed.promise;
        continue;
      }
      const failed = await this.#deliver(next);
      if (failed === null) {
        this.#waiting.shift();
        this.#bytes -= next.bytes;
        pauseMs = FIRST_PAUSE_MS;
        this.#wake();
        continue;
      }
      if (signal.aborted) break;
      this.#options.say(`The server does not take messages (${failed}); ${this.#waiting.length} wait on disk.`);
      await pause(pauseMs, undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Null when the message is dealt with; else why it must be tried again. */
  async #deliver({ file }: Waiting): Promise<string | null> {
    const content = await readFile(file);
    const end = content.indexOf(10);
    const path = content.subarray(0, end).toString();
    const answer = await this.#options.server.send(path, content.subarray(end + 1), this.#stopping.signal);
    if (answer.kind === 'away') return answer.reason;
    if (answer.kind === 'refused') {
      this.#options.say(
        `The server refused a message to ${path}: ${answer.reason}. It is kept in ${join(this.#options.folder, 'refused')}.`,
      );
      await this.#setAside(file);
      this.#options.onAnswer(path, null);
      return null;
    }
    await rm(file, { force: true });
    this.#options.onAnswer(path, answer.body);
    return null;
  }

  async #setAside(file: string): Promise<void> {
    const folder = join(this.#options.folder, 'refused');
    await rename(file, join(folder, file.slice(-'000000000000.message'.length)));
    const kept = (await readdir(folder)).sort();
    for (const name of kept.slice(0, Math.max(0, kept.length - KEEP_REFUSED))) await rm(join(folder, name), { force: true });
  }
}
