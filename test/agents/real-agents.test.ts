import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetListRoutes } from '@muster/api/assets';
import { createClient } from '@muster/api/client';
import { reportResource } from '@muster/api/discovery';
import { installationListRoutes } from '@muster/api/inventory';
import { listRoutesOf } from '@muster/api/resource';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';

/*
 * Debian's agents, installed and unmodified, against a started server. They read the whole machine and keep their state under /var/lib, so
 * they run as root. As root a missing package is installed; otherwise the tests are skipped with the command to type.
 */
const reportRoutes = listRoutesOf(reportResource, '/api/v1/reports', 'discovery:read');
const root = process.getuid?.() === 0;
const packages = ['fusioninventory-agent', 'ocsinventory-agent'];

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

async function run(command: string, args: readonly string[]): Promise<Ran> {
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

async function install(): Promise<void> {
  const missing = packages.filter((name) => !existsSync(`/usr/bin/${name}`));
  if (missing.length === 0) return;
  const args = ['install', '-y', '-q', '--no-install-recommends', ...missing];
  let done = await run('apt-get', args);
  if (done.code !== 0) {
    await run('apt-get', ['update', '-q']);
    done = await run('apt-get', args);
  }
  if (done.code !== 0) throw new Error(`Could not install ${missing.join(' ')}:\n${done.output.slice(-2000)}`);
}

if (!root)
  process.stderr.write(
    `\nThe tests with real agents are skipped: they need root. Run: sudo apt-get install ${packages.join(' ')} && sudo npm test\n\n`,
  );

describe.skipIf(!root)('unmodified agents of Debian', () => {
  let server: RunningServer;
  let state: string;
  const call = () => createClient({ baseUrl: server.url, token: server.token });

  beforeAll(async () => {
    await install();
    server = await startServer();
    state = await mkdtemp(join(tmpdir(), 'muster-agents-'));
  });
  afterAll(async () => {
    await server?.stop();
    await server?.remove();
    if (state) await rm(state, { recursive: true, force: true });
  });

  /** The machine as it is on the record, once the report of this family is processed. */
  const recordOf = async (family: string) => {
    const report = await until(
      `the ${family} report is processed`,
      async () =>
        (await call()(reportRoutes.list, { query: { filter: `family:${family} kind:inventory`, sort: '-receivedAt' } })).data.items[0],
      (seen) => seen !== undefined && seen.state !== 'pending',
    );
    expect(report).toMatchObject({ state: 'done', partial: false });
    const assets = (await call()(assetListRoutes.list, { query: { q: hostname().split('.')[0] ?? '' } })).data.items;
    const asset = assets.find((a) => a.id === report?.asset?.id);
    const installed = await call()(installationListRoutes.list, {
      query: { filter: `asset:${asset?.id ?? ''}`, total: 'exact', limit: 1000 },
    });
    return { report, asset, total: installed.data.total ?? 0 };
  };
  const packageCount = async (): Promise<number> =>
    (await run('dpkg-query', ['-f', '${db:Status-Abbrev}\n', '-W'])).output.split('\n').filter((l) => l.startsWith('ii')).length;

  test('fusioninventory-agent completes, and the machine appears with its software', async () => {
    const conf = join(state, 'fi.cfg');
    await writeFile(
      conf,
      `server = ${server.url}/agent/${server.key}\nno-category = process,environment\ntasks = inventory\nlogger = stderr\n`,
    );
    const ran = await run('fusioninventory-agent', [`--conf-file=${conf}`, '--debug']);
    expect(ran.output).not.toMatch(/\[error\]/);
    expect(ran.code, ran.output).toBe(0);
    const { report, asset, total } = await recordOf('fusioninventory');
    expect(report).toMatchObject({ family: 'fusioninventory', userAgent: expect.stringContaining('FusionInventory-Agent_v2.6') });
    expect(asset).toMatchObject({ name: hostname().split('.')[0], osFamily: 'linux' });
    expect(total).toBeGreaterThanOrEqual((await packageCount()) * 0.9);
  });

  test('fusioninventory-agent with HTTP Basic instead of the path', async () => {
    const conf = join(state, 'fi-basic.cfg');
    await writeFile(
      conf,
      `server = ${server.url}/agent\nuser = agent\npassword = ${server.key}\nno-category = process,environment\ntasks = inventory\nlogger = stderr\n`,
    );
    const ran = await run('fusioninventory-agent', [`--conf-file=${conf}`, '--debug']);
    expect(ran.output).not.toMatch(/\[error\]/);
    expect(ran.code, ran.output).toBe(0);
    const reports = (await call()(reportRoutes.list, { query: { filter: 'family:fusioninventory', total: 'exact' } })).data;
    expect(reports.total).toBe(2);
  });

  test('fusioninventory-agent with a wrong key is told so, and nothing is stored', async () => {
    const conf = join(state, 'fi-wrong.cfg');
    await writeFile(conf, `server = ${server.url}/agent/not-a-key\ntasks = inventory\nlogger = stderr\n`);
    const before = (await call()(reportRoutes.list, { query: { total: 'exact' } })).data.total;
    const ran = await run('fusioninventory-agent', [`--conf-file=${conf}`, '--debug']);
    expect(ran.output).toMatch(/authentication required/i);
    expect((await call()(reportRoutes.list, { query: { total: 'exact' } })).data.total).toBe(before);
  });

  test('ocsinventory-agent completes, and the machine appears with its software', async () => {
    // Debian's package is configured to write a file; --local=0 makes it talk to the server.
    const ran = await run('ocsinventory-agent', [
      `--server=${server.url}/ocsinventory/${server.key}`,
      `--basevardir=${state}`,
      '--local=0',
      '--ssl=0',
      '--force',
      '--debug',
      '--tag=Berlin',
    ]);
    // It says that its optional SNMP scan lacks a Perl module.
    expect(ran.output).not.toMatch(/\[error\] (?!\[snmpscan\])/);
    expect(ran.code, ran.output).toBe(0);
    const { report, asset, total } = await recordOf('ocs');
    expect(report).toMatchObject({ family: 'ocs', userAgent: expect.stringContaining('OCS-NG_unified_unix_agent_v2.10') });
    expect(asset).toMatchObject({ osFamily: 'linux' });
    expect(total).toBeGreaterThanOrEqual((await packageCount()) * 0.9);
  });
});
