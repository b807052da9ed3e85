import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hydrate } from './embedded-binaries.ts';
import { processStart, runningPostmaster, waitFor } from './embedded-process.ts';
import { postgresConf } from './embedded-settings.ts';
import { runningEmbeddedUrl, startEmbedded, type EmbeddedPostgres } from './embedded.ts';
import { openDb } from './pool.ts';

const log = pino({ level: 'silent' });
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

let folder: string;
const running: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-embedded-'));
  chmodSync(folder, 0o755);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const postgres of running.splice(0)) await postgres.stop();
  const left = runningPostmaster(join(folder, 'data', 'postgres'));
  if (left) process.kill(left.pid, 'SIGQUIT');
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: { stateDir?: string; dataDir?: string } = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbedded({ dataDir: join(folder, 'data'), log, ...options });
  running.push(postgres);
  return postgres;
}

async function stop(postgres: EmbeddedPostgres): Promise<void> {
  running.splice(running.indexOf(postgres), 1);
  await postgres.stop();
}

async function query<T>(url: string, text: string): Promise<T[]> {
  const db = openDb(url, { max: 1 });
  try {
    return (await sql.raw<T>(text).execute(db)).rows;
  } finally {
    await db.destroy();
  }
}

/** Another Muster: a process that starts PostgreSQL on the folder and stays. Resolves with what it says when it is ready, or with its error. */
async function otherMuster(dataDir: string, user?: number): Promise<{ child: ChildProcess; said: string }> {
  const code = `
    import { startEmbedded } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'embedded.ts')).href)};
    import { createLogger } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '..', 'log.ts')).href)};
    startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, log: createLogger({ logLevel: 'silent' }) }).then(
      (postgres) => { console.log('ready ' + postgres.pid + ' ' + postgres.url); setInterval(() => {}, 1000); process.on('SIGTERM', () => postgres.stop().then(() => process.exit(0))); },
      (error) => { console.log('refused ' + error.message); process.exit(1); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  children.push(child);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await waitFor(() => (said.includes('\n') ? true : null), 25_000);
  return { child, said: said.trim() };
}

const ended = async (child: ChildProcess): Promise<void> => {
  await waitFor(() => (child.exitCode !== null || child.signalCode !== null ? true : null), 15_000);
};

describe('the embedded PostgreSQL', () => {
  test('is created at the first start, keeps its data, and leaves no trace of running after a stop', async () => {
    // What an interrupted creation leaves is swept.
    mkdirSync(join(folder, 'data', 'postgres.new', 'base'), { recursive: true });
    const first = await start();
    expect(first.adopted).toBe(false);
    await query(first.url, 'create table kept (x int); insert into kept values (7)');
    expect(runningEmbeddedUrl(join(folder, 'data'))).toBe(first.url);
    await stop(first);
    expect(processStart(first.pid)).toBeNull();
    expect(runningEmbeddedUrl(join(folder, 'data'))).toBeNull();
    expect(existsSync(join(folder, 'data', 'muster.pid'))).toBe(false);
    expect(existsSync(join(folder, 'data', 'postgres.new'))).toBe(false);
    const second = await start();
    expect(await query(second.url, 'select x from kept')).toEqual([{ x: 7 }]);
    expect(
      await query(second.url, "select current_setting('synchronous_commit') s, current_setting('fsync') f, current_setting('jit') j"),
    ).toEqual([{ s: 'on', f: 'on', j: 'off' }]);
    expect((statSync(join(folder, 'data', 'postgres')).mode & 0o777).toString(8)).toBe('700');
  });

  test('listens on no network and opens its socket to its own user only', async () => {
    const postgres = await start();
    expect(await query(postgres.url, "select current_setting('listen_addresses') a")).toEqual([{ a: '' }]);
    expect((statSync(join(folder, 'data', 'run')).mode & 0o777).toString(8)).toBe('700');
  });

  test('survives SIGKILL of Muster, and the next start takes it over', async () => {
    const { child, said } = await otherMuster(join(folder, 'data'));
    const [, pid = '', url = ''] = said.split(' ');
    await query(url, 'create table kept (x int); insert into kept values (1)');
    child.kill('SIGKILL');
    await ended(child);
    expect(processStart(Number(pid))).not.toBeNull();
    const next = await start();
    expect(next.adopted).toBe(true);
    expect(next.pid).toBe(Number(pid));
    expect(await query(next.url, 'select x from kept')).toEqual([{ x: 1 }]);
    await stop(next);
    expect(processStart(Number(pid))).toBeNull();
  });

  test('restarts what a killed Muster left when the settings have changed', async () => {
    const { child, said } = await otherMuster(join(folder, 'data'));
    child.kill('SIGKILL');
    await ended(child);
    const next = await startEmbedded({ dataDir: join(folder, 'data'), log, settings: { work_mem: '7MB' } });
    running.push(next);
    expect(next.adopted).toBe(false);
    expect(String(next.pid)).not.toBe(said.split(' ')[1]);
    expect(await query(next.url, "select current_setting('work_mem') w")).toEqual([{ w: '7MB' }]);
  });

  test('recovers when both were killed, even if another process got the pid since', async () => {
    const { child, said } = await otherMuster(join(folder, 'data'));
    const [, pid = '', url = ''] = said.split(' ');
    await query(url, 'create table kept (x int); insert into kept values (1)');
    child.kill('SIGKILL');
    process.kill(Number(pid), 'SIGKILL');
    await ended(child);
    await waitFor(() => (processStart(Number(pid)) === null ? true : null), 10_000);
    const pidFile = join(folder, 'data', 'postgres', 'postmaster.pid');
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join('\n'));
    const next = await start();
    expect(next.adopted).toBe(false);
    expect(await query(next.url, 'select x from kept')).toEqual([{ x: 1 }]);
  });

  test('refuses a second Muster on the same folder, in another process and in the same', async () => {
    await start();
    const { said } = await otherMuster(join(folder, 'data'));
    expect(said).toMatch(new RegExp(`^refused The data folder .* is in use by another Muster \\(process ${process.pid}\\)`));
    await expect(start()).rejects.toThrow('is in use by another Muster');
  });

  test('refuses the data of another major version with advice, and changes nothing', async () => {
    await stop(await start());
    const pgData = join(folder, 'data', 'postgres');
    writeFileSync(join(pgData, 'PG_VERSION'), '16\n');
    const before = readdirSync(pgData, { recursive: true }).length;
    await expect(start()).rejects.toThrow(/made by PostgreSQL 16.*brings PostgreSQL \d+.*pg_dump -h .*DATABASE_URL/s);
    expect(readdirSync(pgData, { recursive: true })).toHaveLength(before);
    expect(existsSync(join(folder, 'data', 'muster.pid'))).toBe(false);
  });

  test('refuses a folder with something else in it', async () => {
    mkdirSync(join(folder, 'data', 'postgres'), { recursive: true });
    writeFileSync(join(folder, 'data', 'postgres', 'letters.txt'), 'mine');
    await expect(start()).rejects.toThrow('is not empty and holds no PostgreSQL cluster');
    expect(readFileSync(join(folder, 'data', 'postgres', 'letters.txt'), 'utf8')).toBe('mine');
  });

  test('says what PostgreSQL said when it cannot start', async () => {
    await expect(startEmbedded({ dataDir: join(folder, 'data'), log, settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /did not start.*shared_buffers/s,
    );
    const next = await start();
    expect(await query(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('works below a path longer than a socket address may be', async () => {
    const dataDir = join(folder, 'a-rather-long-name-of-a-folder'.repeat(4), 'data');
    const postgres = await start({ dataDir });
    expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe.runIf(isRoot)('started by root', () => {
  test('PostgreSQL runs as an unprivileged user who owns the data', async () => {
    const postgres = await start();
    const uid = statSync(`/proc/${postgres.pid}`).uid;
    expect(uid).not.toBe(0);
    expect(statSync(join(folder, 'data', 'postgres')).uid).toBe(uid);
    expect(readFileSync(`/proc/${postgres.pid}/status`, 'utf8')).toMatch(/^Groups:\s*$/m);
  });

  test('keeps the database in the state folder when the data folder is closed to that user', async () => {
    chmodSync(folder, 0o755);
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const options = { dataDir: join(closed, 'data'), stateDir: join(folder, 'state') };
    const first = await start(options);
    await query(first.url, 'create table kept (x int)');
    expect(lstatSync(join(closed, 'data', 'postgres')).isSymbolicLink()).toBe(true);
    await stop(first);
    const second = await start(options);
    expect(await query(second.url, 'select * from kept')).toEqual([]);
    await stop(second);
    rmSync(closed, { recursive: true });
    mkdirSync(closed, { mode: 0o700 });
    const afresh = await start(options);
    expect(await query(afresh.url, "select to_regclass('kept') r")).toEqual([{ r: null }]);
  });

  test('an ordinary user starts it without more, and is told when the data is not theirs', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    chownSync(data, NOBODY, NOBODY);
    const { child, said } = await otherMuster(data, NOBODY);
    expect(said).toMatch(/^ready /);
    expect(statSync(`/proc/${said.split(' ')[1]}`).uid).toBe(NOBODY);
    child.kill('SIGTERM');
    await ended(child);
    // Root goes on as the owner of the data, so that the ordinary user can again.
    const byRoot = await start();
    expect(statSync(`/proc/${byRoot.pid}`).uid).toBe(NOBODY);
    await stop(byRoot);
    const again = await otherMuster(data, NOBODY);
    expect(again.said).toMatch(/^ready /);
    again.child.kill('SIGTERM');
    await ended(again.child);
    chownSync(join(data, 'postgres'), 1, 1);
    expect((await otherMuster(data, NOBODY)).said).toMatch(/^refused The database in .* belongs to user .*chown -R/);
  });
});

test('library links that an install script should have made are made', () => {
  const native = join(folder, 'native');
  mkdirSync(join(native, 'lib'), { recursive: true });
  for (const name of ['libpq.so.5.18', 'libz.so.1.2']) writeFileSync(join(native, 'lib', name), name);
  const links = [
    { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' },
    { source: 'native/lib/libz.so.1.2', target: 'native/lib/libz.so.1' },
  ];
  writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  symlinkSync('libz.so.1.2', join(native, 'lib', 'libz.so.1'));
  expect(hydrate(native)).toBe(true);
  expect(readFileSync(join(native, 'lib', 'libpq.so.5'), 'utf8')).toBe('libpq.so.5.18');
  unlinkSync(join(native, 'lib', 'libz.so.1'));
  expect(hydrate(native)).toBe(true);
  expect(readFileSync(join(native, 'lib', 'libz.so.1'), 'utf8')).toBe('libz.so.1.2');
});

test('a value in postgresql.conf cannot end its quotes', () => {
  expect(postgresConf("/tmp/it's", { work_mem: '1MB' })).toContain("unix_socket_directories = '/tmp/it''s'");
});
