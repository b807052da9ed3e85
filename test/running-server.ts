import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverFlags } from '../scripts/runtime.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

export interface RunningServer {
  url: string;
  token: string;
  key: string;
  adminEmail: string;
  adminPassword: string;
  dataDir: string;
  pid: number;
  /** From spawn to ready, in milliseconds. */
  readyMs: number;
  output(): string;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** SIGTERM and wait; resolves to the exit code. */
  stop(): Promise<number | null>;
  /** Removes the data folder; only after stop or kill. */
  remove(): Promise<void>;
}

export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

/**
 * Starts the real server as `npm start` does, over its own PostgreSQL in a folder of its own. `dataDir` continues an earlier one.
 * A variable of `env` that is undefined is not set at all: a first start without an administrator.
 */
export async function startServer(
  options: { dataDir?: string; port?: number; env?: Record<string, string | undefined>; args?: string[] } = {},
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'muster-test-')));
  // PostgreSQL runs as an unprivileged user when we are root, so the way to its folder must be open.
  if (!options.dataDir) await chmod(dataDir, 0o755);
  const port = options.port ?? (await freePort());
  const secrets = {
    token: 'mst_test-token-with-enough-entropy-0123456789',
    key: 'test-enrolment-key-0123456789abcdef',
    adminEmail: 'ada@example.org',
    adminPassword: 'correct horse battery staple',
  };
  const started = performance.now();
  const child = spawn(
    join(root, 'node_modules/.bin/node'),
    [...serverFlags, join(root, 'packages/server/src/main.ts'), 'serve', ...(options.args ?? [])],
    {
      cwd: root,
      env: {
        ...process.env,
        PORT: String(port),
        HOST: '127.0.0.1',
        MUSTER_DATA_DIR: dataDir,
        MUSTER_API_TOKEN: secrets.token,
        MUSTER_ENROLMENT_KEY: secrets.key,
        MUSTER_ADMIN_EMAIL: secrets.adminEmail,
        MUSTER_ADMIN_PASSWORD: secrets.adminPassword,
        LOG_LEVEL: 'warn',
        ...options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  await untilReady(child, url, () => output);
  const readyMs = performance.now() - started;
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    url,
    dataDir,
    readyMs,
    ...secrets,
    pid: child.pid as number,
    output: () => output,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      return await exited;
    },
    remove: async () => await rm(dataDir, { recursive: true, force: true }),
  };
}

async function untilReady(child: ChildProcess, url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server stopped with ${child.exitCode}:\n${output()}`);
    try {
      if ((await fetch(`${url}/readyz`)).ok) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`The server was not ready within two minutes:\n${output()}`);
}

/** Polls until the condition holds; the error says what was last seen. */
export async function until<T>(what: string, look: () => Promise<T>, holds: (seen: T) => boolean, timeoutMs = 120_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}; last seen ${JSON.stringify(seen).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
