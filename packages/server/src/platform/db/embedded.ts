import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { canReach, chooseUser, prepareBinaries, systemStateDir, type Binaries, type Folders, type RunAs } from './embedded-binaries.ts';
import { EmbeddedPostgresError } from './embedded-error.ts';
import { claimFolder, endOrphans, isAlive, runningPostmaster, stopPostmaster, waitFor, type Postmaster } from './embedded-process.ts';
import { postgresConf } from './embedded-settings.ts';
import { openPool } from './pool.ts';

export { EmbeddedPostgresError } from './embedded-error.ts';

const DATABASE = 'muster';
const STARTUP_TIMEOUT_MS = 120_000;
/** sun_path holds 107 bytes; the socket's own name takes some. */
const LONGEST_SOCKET_FOLDER = 80;

export interface EmbeddedPostgres {
  /** Over a Unix socket in a folder that only PostgreSQL's user and root can enter. */
  readonly url: string;
  /** PostgreSQL's process. */
  readonly pid: number;
  /** Whether a PostgreSQL that a killed Muster left behind was taken over. */
  readonly adopted: boolean;
  /** Fast shutdown; end HTTP, jobs and the pool before. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  log: Logger;
  /** Overrides of postgresql.conf, for tests. */
  settings?: Record<string, string>;
  /** Instead of /var/lib/muster, for tests. */
  stateDir?: string;
}

/**
 * Starts PostgreSQL under `<dataDir>/postgres`, creating the cluster and the database at the first start, or takes over the one that a
 * killed Muster left running there. Throws EmbeddedPostgresError with advice when it cannot.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const dataDir = resolve(options.dataDir);
  makeFolder(dataDir);
  const release = claimFolder(dataDir);
  try {
    const folders = { dataDir, stateDir: options.stateDir ?? systemStateDir };
    const pgData = join(dataDir, 'postgres');
    const runAs = chooseUser(pgData);
    makeReachable(folders, runAs, log);
    const binaries = prepareBinaries(runAs, folders, log);
    refuseOtherMajor(pgData, binaries);
    if (!existsSync(join(pgData, 'PG_VERSION'))) await initialise(pgData, binaries, runAs, log);
    giveTo(realpathSync(pgData), runAs);
    const socketDir = makeSocketFolder(dataDir, runAs);
    const changed = writeConf(pgData, socketDir, runAs, options.settings ?? {});
    const found = await adopt(pgData, socketDir, binaries, changed, log);
    const postmaster = found ?? (await launch(pgData, binaries, runAs, log));
    const url = urlOf(socketDir);
    await ensureDatabase(url);
    return { url, pid: postmaster.pid, adopted: found !== null, stop: async () => stopAll(postmaster, socketDir, release, log) };
  } catch (error) {
    release();
    throw error;
  }
}

/** The URL of the PostgreSQL that a running Muster holds on this data folder, for commands beside it; null when none runs. */
export function runningEmbeddedUrl(dataDir: string): string | null {
  const absolute = resolve(dataDir);
  const pgData = join(absolute, 'postgres');
  return existsSync(pgData) && runningPostmaster(pgData)?.ready ? urlOf(socketFolder(absolute)) : null;
}

async function stopAll(postmaster: Postmaster, socketDir: string, release: () => void, log: Logger): Promise<void> {
  await stopPostmaster(postmaster);
  rmSync(socketDir, { recursive: true, force: true });
  release();
  log.debug({ postgresql: postmaster.pid }, 'PostgreSQL stopped');
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The data folder ${dataDir} cannot be created (${(cause as Error).message}). Set MUSTER_DATA_DIR to a folder this user may write.`,
      { cause },
    );
  }
}

/**
 * Root may keep its data where the unprivileged user of PostgreSQL cannot go (below /root). Then the cluster lies in /var/lib/muster and
 * `<dataDir>/postgres` is a link to it: removing the data folder still means starting afresh.
 */
function makeReachable({ dataDir, stateDir }: Folders, runAs: RunAs, log: Logger): void {
  const pgData = join(dataDir, 'postgres');
  if (lstatSync(pgData, { throwIfNoEntry: false })?.isSymbolicLink() || canReach(dataDir, runAs)) return;
  if (existsSync(pgData))
    throw new EmbeddedPostgresError(
      `User ${runAs.name}, who runs PostgreSQL, cannot enter ${dataDir}: a folder above it is closed. Open it (chmod o+x), or move the data folder and set MUSTER_DATA_DIR.`,
    );
  const real = join(stateDir, 'clusters', randomUUID());
  mkdirSync(real, { recursive: true, mode: 0o755 });
  symlinkSync(join(real, 'postgres'), pgData);
  log.warn(
    { dataDir, database: real, user: runAs.name },
    'the data folder is closed to the user who runs PostgreSQL, so the database is kept elsewhere',
  );
}

/** Where `<dataDir>/postgres` is or will be. */
function clusterPath(pgData: string): string {
  const stat = lstatSync(pgData, { throwIfNoEntry: false });
  if (!stat?.isSymbolicLink()) return pgData;
  return existsSync(pgData) ? realpathSync(pgData) : readlinkSync(pgData);
}

function refuseOtherMajor(pgData: string, binaries: Binaries): void {
  let version: string;
  try {
    version = readFileSync(join(pgData, 'PG_VERSION'), 'utf8').trim();
  } catch {
    return;
  }
  if (version === String(binaries.major)) return;
  throw new EmbeddedPostgresError(
    `The database in ${pgData} was made by PostgreSQL ${version}, and this Muster brings PostgreSQL ${binaries.major}; its files cannot be read. Nothing was changed. ` +
      `Either start the Muster version that made it and dump it while that runs (pg_dump -h ${join(pgData, '..', 'run')} -U muster muster), move the folder away, and load the dump with this version; or run PostgreSQL ${version} yourself and set DATABASE_URL.`,
  );
}

async function initialise(pgData: string, binaries: Binaries, runAs: RunAs, log: Logger): Promise<void> {
  const target = clusterPath(pgData);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new EmbeddedPostgresError(`${target} is not empty and holds no PostgreSQL cluster. Move it away; Muster makes a new one.`);
  // Made aside and renamed, so that a kill in between leaves no half cluster.
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  giveTo(fresh, runAs);
  log.info({ folder: target, user: runAs.name, postgresql: binaries.version }, 'creating the database');
  // C.UTF-8 of the built-in provider: its order never changes with the operating system, so an index never goes wrong.
  const args = [
    '-D',
    fresh,
    '-U',
    'muster',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  const child = spawnAs(binaries.initdb, args, binaries, runAs, 'pipe');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((done, fail) => child.on('error', fail).on('close', done));
  if (code !== 0)
    throw new EmbeddedPostgresError(`The database could not be created in ${fresh} (initdb ended with ${code}):\n${output.trim()}`);
  if (existsSync(target)) rmSync(target, { recursive: true });
  renameSync(fresh, target);
}

/** Gives the cluster to its user: deep only when the top is not theirs yet (a folder copied or restored by root). */
function giveTo(folder: string, runAs: RunAs): void {
  if (!runAs.switched || statSync(folder).uid === runAs.uid) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) lchownSync(join(folder, name), runAs.uid, runAs.gid);
  chownSync(folder, runAs.uid, runAs.gid);
}

function socketFolder(dataDir: string): string {
  const pgData = join(dataDir, 'postgres');
  const beside = join(clusterPath(pgData), '..', 'run');
  if (Buffer.byteLength(beside) <= LONGEST_SOCKET_FOLDER) return beside;
  return join(tmpdir(), `muster-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
}

function makeSocketFolder(dataDir: string, runAs: RunAs): string {
  const folder = socketFolder(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stat = lstatSync(folder);
  // In a shared temporary folder someone else may have been first.
  if (!stat.isDirectory() || (stat.uid !== runAs.uid && stat.uid !== process.getuid?.()))
    throw new EmbeddedPostgresError(`${folder} belongs to someone else; remove it.`);
  if (runAs.switched) chownSync(folder, runAs.uid, runAs.gid);
  chmodSync(folder, 0o700);
  return folder;
}

const urlOf = (socketDir: string): string => `postgres://muster@localhost/${DATABASE}?host=${encodeURIComponent(socketDir)}`;

/** Returns whether the settings differ from those PostgreSQL was last started with. */
function writeConf(pgData: string, socketDir: string, runAs: RunAs, overrides: Record<string, string>): boolean {
  const path = join(pgData, 'postgresql.conf');
  const wanted = postgresConf(socketDir, overrides);
  if (readFileSync(path, 'utf8') === wanted) return false;
  writeFileSync(path, wanted, { mode: 0o600 });
  if (runAs.switched) chownSync(path, runAs.uid, runAs.gid);
  return true;
}

/** The living PostgreSQL of this folder, when it may go on: same programs, same settings. Otherwise it is stopped, and a stale pid file removed. */
async function adopt(pgData: string, socketDir: string, binaries: Binaries, confChanged: boolean, log: Logger): Promise<Postmaster | null> {
  const found = runningPostmaster(pgData);
  if (!found) {
    await removeRemains(pgData, socketDir);
    return null;
  }
  const samePrograms = executableOf(found.pid) === realpathSync(binaries.postgres);
  if (samePrograms && !confChanged) {
    const ready = found.ready ? found : await waitFor(() => readyOrDead(pgData, found), STARTUP_TIMEOUT_MS);
    if (ready?.ready && isAlive(ready)) {
      log.info({ postgresql: found.pid }, 'taking over the PostgreSQL that a killed Muster left running');
      return ready;
    }
  }
  log.info({ postgresql: found.pid }, 'restarting the PostgreSQL that a killed Muster left running');
  await stopPostmaster(found);
  return null;
}

/**
 * Lock files of a PostgreSQL that was killed. It would clear them itself, unless the pid in them lives on as another process or a zombie.
 * Its check that no orphaned backend still writes goes by these files, so that is made sure first.
 */
async function removeRemains(pgData: string, socketDir: string): Promise<void> {
  await endOrphans(pgData);
  for (const path of [join(pgData, 'postmaster.pid'), join(socketDir, '.s.PGSQL.5432'), join(socketDir, '.s.PGSQL.5432.lock')])
    rmSync(path, { force: true });
}

function readyOrDead(pgData: string, postmaster: Postmaster): Postmaster | null {
  if (!isAlive(postmaster)) return { ...postmaster, ready: false };
  const now = runningPostmaster(pgData);
  return now?.ready ? now : null;
}

function executableOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

async function launch(pgData: string, binaries: Binaries, runAs: RunAs, log: Logger): Promise<Postmaster> {
  const outputPath = join(pgData, 'start.log');
  const output = openSync(outputPath, 'w', 0o600);
  const child = spawnAs(binaries.postgres, ['-D', realpathSync(pgData)], binaries, runAs, output);
  closeSync(output);
  let ended: string | null = null;
  child.on('error', (error) => (ended = error.message)).on('exit', (code, signal) => (ended = `ended with ${code ?? signal}`));
  const ready = await waitFor<Postmaster | 'ended'>(() => {
    if (ended !== null) return 'ended';
    const found = child.pid === undefined ? null : runningPostmasterSafely(pgData);
    return found?.ready && found.pid === child.pid ? found : null;
  }, STARTUP_TIMEOUT_MS);
  if (ready === null || ready === 'ended') {
    if (ready === null) child.kill('SIGQUIT');
    throw new EmbeddedPostgresError(`PostgreSQL did not start (${ended ?? 'not ready in time'}):\n${lastLines(pgData, outputPath)}`);
  }
  // Not ours to keep alive or to be kept alive by: the order of shutdown is the caller's.
  child.unref();
  log.debug({ postgresql: ready.pid }, 'PostgreSQL started');
  return ready;
}

/** Between fork and chdir the new process does not look like PostgreSQL yet; ask again. */
function runningPostmasterSafely(pgData: string): Postmaster | null {
  try {
    return runningPostmaster(pgData);
  } catch {
    return null;
  }
}

function lastLines(pgData: string, outputPath: string): string {
  const folder = join(pgData, 'log');
  const logs = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  logs.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
  const text = [outputPath, ...logs.slice(-1)].map((path) => readFileSync(path, 'utf8')).join('');
  return text.trim().split('\n').slice(-12).join('\n');
}

/**
 * In its own session, so that Ctrl-C in the terminal reaches Muster alone; with an environment of its own, so that the person's PG*
 * variables and the wide library path stay out.
 */
function spawnAs(program: string, args: string[], binaries: Binaries, runAs: RunAs, output: 'pipe' | number): ChildProcess {
  return spawn(program, args, {
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: binaries.libDir, LC_ALL: 'C', TZ: 'UTC' },
    ...(runAs.switched ? { uid: runAs.uid, gid: runAs.gid } : {}),
  });
}

async function ensureDatabase(url: string): Promise<void> {
  const pool = openPool(url.replace(`/${DATABASE}?`, '/postgres?'), { max: 1 });
  try {
    const { rowCount } = await pool.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (!rowCount) await pool.query(`create database ${DATABASE}`);
  } finally {
    await pool.end();
  }
}
