import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const muster = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [join(import.meta.dirname, '..', 'bin', 'muster.mjs'), ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });

test('without a command it lists those there are', () => {
  const { status, stdout } = muster([]);
  expect(status).toBe(0);
  for (const name of ['serve', 'worker', 'migrate', 'seed', 'import']) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
});

test.each(['tidy', 'toString', '__proto__'])('a command that is none ends with 2 and the list: %s', (name) => {
  const { status, stderr } = muster([name]);
  expect(status).toBe(2);
  expect(stderr).toContain(`There is no command ${name}.`);
  expect(stderr).toContain('migrate');
});

test('a command of the server says what is wrong with its options, all at once', () => {
  const { status, stderr } = muster(['serve', '--prot', '1'], { PORT: '99999', LOG_LEVEL: 'loud' });
  expect(status).toBe(1);
  for (const word of ['--prot', 'PORT', 'LOG_LEVEL']) expect(stderr).toContain(word);
  expect(stderr).not.toContain('    at ');
});

test('a command that needs a server says so when none answers', () => {
  const { status, stderr } = muster(['seed', '--devices', '1'], { MUSTER_URL: 'http://127.0.0.1:45999', MUSTER_API_TOKEN: 'mst_x' });
  expect(status).toBe(1);
  expect(stderr).toContain('No server answers');
  expect(muster(['seed']).stderr).toContain('MUSTER_API_TOKEN');
});

test('an import says what is wrong with its arguments', () => {
  const { status, stderr } = muster(['import']);
  expect(status).toBe(2);
  expect(stderr).toContain('MUSTER_API_TOKEN');
  expect(stderr).toContain('Give one file');
  expect(muster(['import', '--help']).stdout).toContain('--apply-all');
});
