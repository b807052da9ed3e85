import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configOptions } from './config-options.ts';
import { ConfigError, loadConfig, unknownVariables } from './config.ts';

const problemsOf = (env: Record<string, string>, argv: string[] = []): readonly string[] => {
  try {
    loadConfig({ env, argv });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  test('works without any setting', () => {
    expect(loadConfig({ env: {}, cwd: '/srv/muster' })).toEqual({
      host: '127.0.0.1',
      port: 3000,
      dataDir: '/srv/muster/data',
      databaseUrl: null,
      dbPoolMax: 16,
      adminEmail: null,
      adminPassword: null,
      apiToken: null,
      enrolmentKey: null,
      secretKey: null,
      baseUrl: 'http://127.0.0.1:3000',
      trustProxy: false,
      maxReportMib: 64,
      maxAttachmentMib: 25,
      maxImportMib: 512,
      logLevel: 'info',
      demo: false,
    });
  });

  test('an argument wins over the environment, an empty variable is none', () => {
    const config = loadConfig({
      env: { PORT: '4000', HOST: '', LOG_LEVEL: 'debug' },
      argv: ['--port', '5000', '--demo', '--base-url=https://m.example.com/'],
    });
    expect(config).toMatchObject({ port: 5000, host: '127.0.0.1', logLevel: 'debug', demo: true, baseUrl: 'https://m.example.com' });
  });

  test('the base URL is one that can be opened', () => {
    expect(loadConfig({ env: { HOST: '0.0.0.0', PORT: '80' } }).baseUrl).toBe('http://127.0.0.1:80');
    expect(loadConfig({ env: { HOST: '::1' } }).baseUrl).toBe('http://[::1]:3000');
  });

  test.each([
    [{ PORT: '70000' }, /^PORT is "70000": expected a whole number from 0 to 65535\. Example: PORT=8080/],
    [{ PORT: 'abc' }, /^PORT is "abc"/],
    [{ DATABASE_URL: 'mysql://x:geheim@y/z' }, /^DATABASE_URL is \(not shown\): expected a PostgreSQL URL/],
    [{ MUSTER_ADMIN_EMAIL: 'nobody', MUSTER_ADMIN_PASSWORD: 'long enough it is' }, /^MUSTER_ADMIN_EMAIL/],
    [{ MUSTER_ADMIN_EMAIL: 'a@example.org' }, /without MUSTER_ADMIN_PASSWORD/],
    [{ MUSTER_ADMIN_PASSWORD: 'long enough it is' }, /without MUSTER_ADMIN_EMAIL/],
    [{ MUSTER_ENROLMENT_KEY: 'has / slash' }, /letters, digits/],
    [{ LOG_LEVEL: 'loud' }, /expected one of fatal, error, warn/],
    [{ MUSTER_TRUST_PROXY: 'maybe' }, /expected true or false/],
    [{ MUSTER_BASE_URL: 'muster.example.com' }, /starts with http/],
  ])('%j is explained', (env, message) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
    expect(problems[0]).not.toContain('geheim');
  });

  test('everything wrong is said at once, arguments too, with what was probably meant', () => {
    const problems = problemsOf({ PORT: 'x', LOG_LEVEL: 'loud' }, ['--prot', '--host']);
    expect(problems).toHaveLength(4);
    expect(problems.join('\n')).toMatch(/--prot is not an argument of this command\. Did you mean --port\?/);
    expect(problems.join('\n')).toMatch(/--host needs a value/);
  });

  test('a variable that looks like ours and is not is worth a warning', () => {
    expect(unknownVariables({ MUSTER_DATADIR: 'x', MUSTER_DATA_DIR: 'y', PATH: 'z' })).toEqual([
      'MUSTER_DATADIR is not an option of Muster. Did you mean MUSTER_DATA_DIR?',
    ]);
  });

  test('every option is in the guide', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/configuration.md'), 'utf8');
    expect(configOptions.filter((option) => !guide.includes(`\`${option.env}\``))).toEqual([]);
  });
});
