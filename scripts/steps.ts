import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

export const root = dirname(import.meta.dirname);

/** The pinned Node and the tools of node_modules first, however the script was started. */
export const toolEnv: NodeJS.ProcessEnv = { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}` };

export interface Step {
  name: string;
  command: string;
  args: string[];
}

interface Outcome {
  step: Step;
  code: number;
  output: string;
  seconds: number;
}

/** Runs the steps, `atOnce` at a time; prints a line for each and the output of those that fail. Returns the names of the failed. */
export async function runSteps(steps: readonly Step[], atOnce: number): Promise<string[]> {
  const waiting = [...steps];
  const failed: string[] = [];
  const lane = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const outcome = await runQuietly(step);
      console.log(`${outcome.code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${outcome.seconds.toFixed(1)} s)`);
      if (outcome.code === 0) continue;
      failed.push(step.name);
      console.log(`${outcome.output.trimEnd()}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return failed;
}

async function runQuietly(step: Step): Promise<Outcome> {
  const startedMs = performance.now();
  const child = spawn(step.command, step.args, {
    cwd: root,
    env: { ...toolEnv, FORCE_COLOR: process.stdout.isTTY ? '1' : '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((done) => {
    child.on('error', (error) => {
      output += error.message;
      done(1);
    });
    child.on('close', (status) => done(status ?? 1));
  });
  return { step, code, output, seconds: (performance.now() - startedMs) / 1000 };
}

/** What is checked without running the program. */
export const staticSteps: readonly Step[] = [
  { name: 'types of server, tests and scripts', command: 'tsc', args: ['--noEmit', '-p', 'tsconfig.json'] },
  { name: 'types of the web UI', command: 'tsc', args: ['--noEmit', '-p', 'packages/web/tsconfig.json'] },
  { name: 'types of the browser tests', command: 'tsc', args: ['--noEmit', '-p', 'test/e2e/tsconfig.json'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'format (npm run format cures it)', command: 'oxfmt', args: ['--check', '.'] },
  { name: 'generated files (npm run generate cures them)', command: 'node', args: ['scripts/generate.ts', '--check'] },
];
