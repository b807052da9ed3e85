import { linkSync, readdirSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-error.ts';

/** When a process started, in clock ticks since boot; null when it does not live (a zombie does not). Tells a reused pid from the old one. */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces, so count from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

export interface Postmaster {
  readonly pid: number;
  readonly start: string;
  readonly ready: boolean;
}

/** The living PostgreSQL of this data folder by its postmaster.pid; null when there is none, or the pid now belongs to something else. */
export function runningPostmaster(pgData: string): Postmaster | null {
  let lines: string[];
  try {
    lines = readFileSync(join(pgData, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
  const pid = Number(lines[0]);
  const start = Number.isInteger(pid) && pid > 1 ? processStart(pid) : null;
  if (start === null) return null;
  try {
    // PostgreSQL runs as the owner of its data and works in that folder; a stranger with the same pid does not.
    if (statSync(`/proc/${pid}`).uid !== statSync(pgData).uid || readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(pgData)) return null;
  } catch (cause) {
    if (processStart(pid) !== start) return null;
    throw new EmbeddedPostgresError(
      `Process ${pid} holds ${pgData}, and this user may not look at it. Start Muster as the user who started it.`,
      { cause },
    );
  }
  return { pid, start, ready: lines[7]?.trim() === 'ready' };
}

/** Backends that outlive their killed postmaster end by themselves once they notice; the busy ones are ended. Throws when one remains. */
export async function endOrphans(pgData: string): Promise<void> {
  const folder = realpathSync(pgData);
  const none = (): true | null => (processesIn(folder).length === 0 ? true : null);
  if (await waitFor(none, 2000)) return;
  for (const pid of processesIn(folder)) signal(pid, 'SIGQUIT');
  if (await waitFor(none, 10_000)) return;
  throw new EmbeddedPostgresError(
    `Processes of a PostgreSQL that was killed still use ${folder} (${processesIn(folder).join(', ')}). End them, then start again.`,
  );
}

function processesIn(folder: string): number[] {
  const { uid } = statSync(folder);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && processStart(pid) !== null && worksIn(pid, folder, uid));
}

function worksIn(pid: number, folder: string, uid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === uid && readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}

export const isAlive = (process: { pid: number; start: string }): boolean => processStart(process.pid) === process.start;

/** Waits until `done` answers something other than null; null after `timeoutMs`. */
export async function waitFor<T>(done: () => T | null, timeoutMs: number): Promise<T | null> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 5; ; pauseMs = Math.min(pauseMs * 1.5, 100)) {
    const result = done();
    if (result !== null || performance.now() > deadline) return result;
    await sleep(pauseMs);
  }
}

/** Fast shutdown: clients are ended, everything is written. After `patienceMs` an immediate one, from which the next start recovers. */
export async function stopPostmaster(postmaster: { pid: number; start: string }, patienceMs = 60_000): Promise<void> {
  const gone = (): true | null => (isAlive(postmaster) ? null : true);
  signal(postmaster.pid, 'SIGINT');
  if (await waitFor(gone, patienceMs)) return;
  signal(postmaster.pid, 'SIGQUIT');
  if (await waitFor(gone, 10_000)) return;
  throw new EmbeddedPostgresError(`PostgreSQL (process ${postmaster.pid}) does not stop.`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Claims a data folder for this process, so that a second server refuses instead of sharing its database. Returns the release. A claim
 * of a dead process is taken over.
 */
export function claimFolder(dataDir: string): () => void {
  const path = join(dataDir, 'muster.pid');
  const mine = `${process.pid} ${processStart(process.pid) ?? ''}\n`;
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, mine);
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      // A link is made whole or not at all, and by one of two at most.
      if (tryLink(fresh, path)) return () => release(path, mine);
      const holder = readClaim(path);
      const [pid = '', start = ''] = holder.trim().split(' ');
      if (pid !== '' && processStart(Number(pid)) === start)
        throw new EmbeddedPostgresError(
          `The data folder ${dataDir} is in use by another Muster (process ${pid}). Stop that one, or give this one its own MUSTER_DATA_DIR.`,
        );
      removeDeadClaim(path, holder);
    }
    throw new EmbeddedPostgresError(`The data folder ${dataDir} is being claimed by another Muster that starts at the same time.`);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readClaim(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Moves the claim away first: if another process replaced it in between, its living claim is put back. */
function removeDeadClaim(path: string, dead: string): void {
  const aside = `${path}.dead-${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (readClaim(aside) !== dead) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function release(path: string, mine: string): void {
  if (readClaim(path) === mine) rmSync(path, { force: true });
}
