import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger, redactUrl } from './log.ts';
import { createSecrets, loadSecretKey } from './secrets.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'muster-secrets-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('what is sealed opens again, differs each time, and hides what it is', () => {
  const secrets = createSecrets('a key of any length at all');
  for (const plain of ['', 'pässwörd', 'x'.repeat(10_000)]) expect(secrets.decrypt(secrets.encrypt(plain))).toBe(plain);
  expect(secrets.encrypt('same')).not.toBe(secrets.encrypt('same'));
  expect(Buffer.from(secrets.encrypt('visible').slice(3), 'base64url').toString('latin1')).not.toContain('visible');
});

test('an altered secret or another key opens nothing', () => {
  const sealed = createSecrets('first key').encrypt('credential');
  expect(() => createSecrets('second key').decrypt(sealed)).toThrow('sealed with another MUSTER_SECRET_KEY, or altered');
  const bytes = Buffer.from(sealed.slice(3), 'base64url');
  for (const at of [0, 12, bytes.length - 1]) {
    const altered = Buffer.from(bytes);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(() => createSecrets('first key').decrypt(`v1.${altered.toString('base64url')}`)).toThrow('altered');
  }
  expect(() => createSecrets('first key').decrypt('credential')).toThrow('Not a sealed secret');
});

test('the hash is SHA-256', () => {
  expect(createSecrets('k').hash('token')).toEqual(createHash('sha256').update('token').digest());
});

test('a key is made once, for its owner only, the same for processes that start together', async () => {
  const keys = await Promise.all([loadSecretKey({ secretKey: null, dataDir }), loadSecretKey({ secretKey: null, dataDir })]);
  expect(keys[0]).toBe(keys[1]);
  expect(keys[0]?.length).toBeGreaterThan(40);
  expect((statSync(join(dataDir, 'secret.key')).mode & 0o777).toString(8)).toBe('600');
  expect(readdirSync(dataDir)).toEqual(['secret.key']);
  expect(await loadSecretKey({ secretKey: null, dataDir })).toBe(keys[0]);
  expect(await loadSecretKey({ secretKey: 'from the environment', dataDir })).toBe('from the environment');
  writeFileSync(join(dataDir, 'secret.key'), '\n');
  await expect(loadSecretKey({ secretKey: null, dataDir })).rejects.toThrow('holds no key');
  expect(readFileSync(join(dataDir, 'secret.key'), 'utf8')).toBe('\n');
});

test('no secret reaches the log', () => {
  let lines = '';
  const log = createLogger({ logLevel: 'info' }, { write: (line: string) => void (lines += line) });
  log.info(
    {
      password: 'geheim',
      user: { token: 'geheim' },
      req: { method: 'POST', url: '/agent/geheim?x=1' },
      request: { headers: { authorization: 'geheim', cookie: 'geheim' } },
    },
    'a line',
  );
  log.debug('not at this level');
  expect(lines).not.toContain('geheim');
  expect(JSON.parse(lines)).toMatchObject({ msg: 'a line', password: '[secret]', req: { method: 'POST', url: '/agent/[secret]?x=1' } });
});

test.each([
  ['/agent/abc123', '/agent/[secret]'],
  ['/ocsinventory/abc123?a=1', '/ocsinventory/[secret]?a=1'],
  ['/accept/abc123', '/accept/[secret]'],
  ['/api/v1/accept/abc123', '/api/v1/accept/[secret]'],
  ['/setup?token=abc&x=1', '/setup?token=[secret]&x=1'],
  ['postgres://muster:pw@db:5432/m', 'postgres://muster:[secret]@db:5432/m'],
  ['/api/v1/assets?q=key', '/api/v1/assets?q=key'],
])('%s is logged as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown);
});
