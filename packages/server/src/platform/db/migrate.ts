import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sql } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import type { Db } from './types.ts';

const sourceRoot = join(import.meta.dirname, '..', '..');

export interface MigrationFile {
  /** File name without ending: `<utc>-<name>`; the order of all modules' migrations together. */
  name: string;
  /** `platform` or the module's name. */
  owner: string;
  text: string;
  sha256: string;
}

/** The schema cannot be brought to this program's version; the message says what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

/** Every migration file of the platform and the modules, in the order they run. */
export async function migrationFiles(root: string = sourceRoot): Promise<MigrationFile[]> {
  const modules = await readdir(join(root, 'modules'), { withFileTypes: true });
  const folders = [
    { owner: 'platform', path: join(root, 'platform', 'db', 'migrations') },
    ...modules
      .filter((entry) => entry.isDirectory())
      .map((entry) => ({ owner: entry.name, path: join(root, 'modules', entry.name, 'migrations') })),
  ];
  const found: MigrationFile[] = [];
  for (const folder of folders) {
    const names = await readdir(folder.path).catch(() => []);
    for (const file of names.filter((name) => name.endsWith('.sql'))) {
      const text = await readFile(join(folder.path, file), 'utf8');
      found.push({ name: basename(file, '.sql'), owner: folder.owner, text, sha256: createHash('sha256').update(text).digest('hex') });
    }
  }
  found.sort((a, b) => (a.name < b.name ? -1 : 1));
  const twice = found.find((file, i) => file.name === found[i + 1]?.name);
  if (twice) throw new MigrationError(`Two migrations are named ${twice.name}; their order would be undefined. Rename one.`);
  return found;
}

/**
 * Brings the database to this program's schema; several processes may call it at once (advisory lock). Returns the names applied.
 * Throws MigrationError when a file that ran before has changed since, or the database is of a newer program.
 */
export async function migrate(db: Db, files?: MigrationFile[]): Promise<string[]> {
  const all = files ?? (await migrationFiles());
  await createChecksumTable(db);
  await compareChecksums(db, all);
  const migrations: Record<string, Migration> = {};
  for (const file of all) migrations[file.name] = { up: async (tx) => apply(tx as Db, file) };
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'schema_migrations',
    migrationLockTableName: 'schema_migrations_lock',
    // Modules are written side by side: a file with an earlier time may arrive later.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw new MigrationError(
      `Migration ${failed ?? '(before the first)'} failed: ${error instanceof Error ? error.message : JSON.stringify(error)}`,
      { cause: error },
    );
  }
  return (results ?? []).filter((result) => result.status === 'Success').map((result) => result.migrationName);
}

async function createChecksumTable(db: Db): Promise<void> {
  // `if not exists` alone races between two processes that start together.
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(7120345001)`.execute(tx);
    await sql`create table if not exists schema_checksums (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`.execute(
      tx,
    );
  });
}

async function compareChecksums(db: Db, files: MigrationFile[]): Promise<void> {
  const { rows } = await sql<{ name: string; sha256: string }>`select name, sha256 from schema_checksums order by name`.execute(db);
  const byName = new Map(files.map((file) => [file.name, file]));
  const unknown = rows.filter((row) => !byName.has(row.name)).map((row) => row.name);
  if (unknown.length > 0)
    throw new MigrationError(
      `The database has migrations this version of Muster does not know (${unknown.join(', ')}): it was used with a newer version. Start that version, or restore a backup made before.`,
    );
  const changed = rows.filter((row) => byName.get(row.name)?.sha256 !== row.sha256).map((row) => row.name);
  if (changed.length > 0)
    throw new MigrationError(
      `These migrations have changed since they ran on this database: ${changed.join(', ')}. A migration is never edited after a release: undo the edit and add a new file. (During development: start with an empty data folder.)`,
    );
}

async function apply(db: Db, file: MigrationFile): Promise<void> {
  await sql.raw(file.text).execute(db);
  await sql`insert into schema_checksums (name, sha256) values (${file.name}, ${file.sha256})`.execute(db);
}
