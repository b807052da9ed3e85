import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ScanWork } from '@muster/api/collector';
import { Outbox } from './outbox.ts';
import { Server } from './server.ts';
import { sweep } from './sweep.ts';
import { isOpen } from './window.ts';

export interface CollectorOptions {
  readonly url: string;
  readonly key: string;
  readonly folder: string;
  readonly version: string;
  readonly watch: boolean;
  /** Ranges that it may scan at most; empty: what the server says. */
  readonly only: readonly string[];
  readonly pollMs: number;
  readonly maxOutboxBytes: number;
  /** How long the end waits for the server to take what is left, without `watch`. */
  readonly flushMs: number;
  readonly say: (line: string) => void;
  /** Aborted by a signal to the process. */
  readonly signal: AbortSignal;
}

/** Fetches work and does it, once or until it is stopped. Resolves to the exit code. */
export async function collect(options: CollectorOptions): Promise<number> {
  const release = await lock(options.folder);
  const host = hostname();
  const server = new Server({ url: options.url, key: options.key, version: options.version, host });
  const runs = new Map<string, AbortController>();
  const outbox = await Outbox.open({
    folder: join(options.folder, 'outbox'),
    server,
    maxBytes: options.maxOutboxBytes,
    say: options.say,
    onAnswer: (path, answer) => {
      // The run was ended at the server, or is gone there.
      const state = (answer as { state?: unknown } | null)?.state;
      if (answer === null || (typeof state === 'string' && state !== 'running')) runs.get(path.split('/')[3] ?? '')?.abort();
    },
  });
  const doRun = async (work: ScanWork): Promise<boolean> => {
    const ended = new AbortController();
    runs.set(work.runId, ended);
    try {
      return await sweep(work, {
        outbox,
        checkpoints: join(options.folder, 'runs'),
        only: options.only,
        collector: { version: options.version, host },
        say: options.say,
        signal: AbortSignal.any([ended.signal, options.signal]),
        cancelled: () => ended.signal.aborted,
      });
    } finally {
      runs.delete(work.runId);
    }
  };
  try {
    return options.watch ? await watch(options, server, doRun) : await once(options, server, outbox, doRun);
  } finally {
    await outbox.close();
    await release();
  }
}

async function once(
  options: CollectorOptions,
  server: Server,
  outbox: Outbox,
  doRun: (work: ScanWork) => Promise<boolean>,
): Promise<number> {
  const works = await server.fetchWork(options.signal);
  if (works.length === 0) options.say('Nothing is due.');
  for (const work of works) {
    if (options.signal.aborted) break;
    if (isOpen(work.window, new Date())) await doRun(work);
    else options.say(`${work.name}: not at this time of day (${work.window?.from} to ${work.window?.until}).`);
  }
  if (await outbox.flush(options.flushMs)) return options.signal.aborted ? 1 : 0;
  options.say(`${outbox.count} messages wait on disk in ${options.folder}; the next start delivers them.`);
  return 1;
}

/** Work whose time of day has not come stays in memory, with its credentials, and is not asked for again. */
async function watch(options: CollectorOptions, server: Server, doRun: (work: ScanWork) => Promise<boolean>): Promise<number> {
  const { signal } = options;
  let complaint = '';
  while (!signal.aborted) {
    let worked = false;
    try {
      for (const work of await server.fetchWork(signal)) {
        worked = true;
        while (!signal.aborted && !(isOpen(work.window, new Date()) && (await doRun(work)))) await rest(options.pollMs, signal);
      }
      complaint = '';
    } catch (error) {
      if (signal.aborted) break;
      const message = (error as Error).message;
      // Once, not at every turn.
      if (message !== complaint) options.say(message);
      complaint = message;
    }
    if (!worked) await rest(options.pollMs, signal);
  }
  return 0;
}

const rest = async (ms: number, signal: AbortSignal): Promise<void> => pause(ms, undefined, { signal }).catch(() => undefined);

/** One process a folder: two would deliver each other's messages. A lock that a crash left behind is taken over. */
async function lock(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      await handle.writeFile(String(process.pid));
      await handle.close();
      return async () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const pid = Number(await readFile(file, 'utf8').catch(() => ''));
      if (pid !== process.pid && isAlive(pid))
        throw new Error(`The collector ${pid} works in ${folder} already. Give this one a folder of its own with --data.`, {
          cause: error,
        });
      await rm(file, { force: true });
    }
  }
  throw new Error(`${folder} is taken by another collector.`);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
