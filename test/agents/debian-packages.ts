import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** How a program ended and all that it printed. */
export interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end, in English and without questions, however it ends. */
export async function execute(command: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Installs what is missing of packages, each named with a file it brings. Only root may. */
export async function installPackages(files: Readonly<Record<string, string>>): Promise<void> {
  const missing = Object.entries(files).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  if (missing.length === 0) return;
  const args = ['install', '-y', '-q', '--no-install-recommends', ...missing];
  let done = await execute('apt-get', args);
  if (done.code !== 0) {
    await execute('apt-get', ['update', '-q']);
    done = await execute('apt-get', args);
  }
  if (done.code !== 0) throw new Error(`Could not install ${missing.join(' ')}:\n${done.output.slice(-2000)}`);
}
