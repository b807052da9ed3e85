// What start and dev share. Plain JavaScript: it runs on the machine's own Node, before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends with a sentence instead of a stack. */
export function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

const version = (text) => text.replace(/^v/, '').split('.').map(Number);
const [major = 0, minor = 0] = version(process.version);

/** Refuses machines on which nothing could work, before anything is downloaded. */
export function checkMachine() {
  if (major < 20 || (major === 20 && minor < 19))
    fail(
      `Muster needs Node 20.19 or later to start (this is ${process.version}); it then brings the Node 26 it runs on. See https://nodejs.org.`,
    );
  const bundled = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
  if (bundled) return;
  if (major >= 26 && process.env.DATABASE_URL) return;
  fail(
    `Muster brings its own Node and PostgreSQL for Linux on x64 and arm64; this is ${process.platform} on ${process.arch}. Here it runs with a Node 26 or later of your own and DATABASE_URL set to a PostgreSQL server (15 or later).`,
  );
}

/** Installs when node_modules is not what package-lock.json asks for. */
export function installIfNeeded() {
  const reason = whyInstall();
  if (reason === null) return;
  process.stdout.write(`Installing the dependencies (${reason}) ...\n`);
  const cli = process.env.npm_execpath;
  // The Node that runs npm may be the one in node_modules that npm is about to replace.
  const node = process.env.npm_node_execpath ?? process.execPath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const result = cli
    ? spawnSync(node, [cli, ...args], { cwd: root, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  if (result.error) fail(`npm could not be started (${result.error.message}). Install npm, or run "npm ci" yourself.`);
  if (result.status !== 0) fail('The dependencies could not be installed; npm says why above. Check the network and try again.');
}

/** A sentence part, or null when all is there. Reads npm's own record of what it installed. */
export function whyInstall(folder = root) {
  const record = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'first start';
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.startsWith('node_modules/') || entry.link) continue;
    const there = installed[path];
    if (there ? there.version !== entry.version : !entry.optional) return 'package-lock.json has changed';
  }
  return null;
}

/**
 * What Node is told when it runs the server: a young generation of 3 x 4 MB. By default it grows to three times 16 MB at the first load and is never
 * given back; the server's requests leave little that small collections could not take.
 */
export const serverFlags = ['--max-semi-space-size=4'];

/** The Node that can run Muster: the pinned one, or the machine's own from 26 on. */
export function findNode() {
  const pinned = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned) && spawnSync(pinned, ['--version']).status === 0) return pinned;
  if (major >= 26) return process.execPath;
  return fail(
    `The Node 26 that Muster runs on is not installed (npm package node-${process.platform}-${process.arch}). Run "npm ci" without --omit=optional, or start with a Node 26 or later of your own.`,
  );
}

const webInputs = [
  'packages/web/src',
  'packages/web/public',
  'packages/web/index.html',
  'packages/web/vite.config.ts',
  'packages/web/package.json',
  'packages/api/src',
  'package-lock.json',
];

/** Builds the web UI when it is missing or its sources have changed since. */
export function buildWebIfStale(node) {
  if (!existsSync(join(root, 'packages/web/index.html'))) return;
  const stamp = join(root, 'packages/web/dist/.built-from');
  const sources = hashOf(webInputs.map((path) => join(root, path)));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources) return;
  process.stdout.write('Building the web UI ...\n');
  const result = spawnSync(node, [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'packages/web', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (result.status !== 0) fail('The web UI could not be built; Vite says why above.');
  writeFileSync(stamp, sources);
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesBelow)) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesBelow(join(path, entry.name)));
}

/**
 * Passes signals on and ends as the child ends. Ctrl-C comes from the terminal and once more from npm; repeats within a second are one.
 */
export function follow(children) {
  let signalledMs = -Infinity;
  const forward = (signal) => {
    if (performance.now() - signalledMs < 1000) return;
    signalledMs = performance.now();
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  };
  process.on('SIGINT', () => forward('SIGINT'));
  process.on('SIGTERM', () => forward('SIGTERM'));
  process.on('SIGHUP', () => forward('SIGTERM'));
  // npm was killed outright and could pass nothing on: nobody is left who could stop us.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && forward('SIGTERM'), 1000).unref();
  let open = children.length;
  let exitCode = 0;
  for (const child of children) {
    child.on('error', (error) => fail(`Could not be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      exitCode ||= code ?? (signal === 'SIGKILL' ? 137 : 1);
      open--;
      if (open === 0) process.exit(exitCode);
      forward('SIGTERM');
    });
  }
}
