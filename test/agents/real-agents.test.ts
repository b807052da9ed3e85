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
import { execute, installPackages } from './debian-packages.ts';

/*
 * Debian's agents, installed and unmodified, against a started server. They read the whole machine and keep their state under /var/lib, so
 * they run as root. As root a missing package is installed; otherwise the tests are skipped with the command to type.
 */
const reportRoutes = listRoutesOf(reportResource, '/api/v1/reports', 'discovery:read');
const root = process.getuid?.() === 0;
const packages = { 'fusioninventory-agent': '/usr/bin/fusioninventory-agent', 'ocsinventory-agent': '/usr/bin/ocsinventory-agent' };

if (!root)
  process.stderr.write(
    `\nThe tests with real agents are skipped: they need root. Run: sudo apt-get install ${Object.keys(packages).join(' ')} && sudo npm test\n\n`,
  );

describe.skipIf(!root)('unmodified agents of Debian', () => {
  let server: RunningServer;
  let state: string;
  const call = () => createClient({ baseUrl: server.url, token: server.token });

  beforeAll(async () => {
    await installPackages(packages);
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
    (await execute('dpkg-query', ['-f', '${db:Status-Abbrev}\n', '-W'])).output.split('\n').filter((l) => l.startsWith('ii')).length;

  test('fusioninventory-agent completes, and the machine appears with its software', async () => {
    const conf = join(state, 'fi.cfg');
    await writeFile(
      conf,
      `server = ${server.url}/agent/${server.key}\nno-category = process,environment\ntasks = inventory\nlogger = stderr\n`,
    );
    const ran = await execute('fusioninventory-agent', [`--conf-file=${conf}`, '--debug']);
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
    const ran = await execute('fusioninventory-agent', [`--conf-file=${conf}`, '--debug']);
    expect(ran.output).not.toMatch(/\[error\]/);
    expect(ran.code, ran.output).toBe(0);
    const reports = (await call()(reportRoutes.list, { query: { filter: 'family:fusioninventory', total: 'exact' } })).data;
    expect(reports.total).toBe(2);
  });

  test('fusioninventory-agent with a wrong key is told so, and nothing is stored', async () => {
    const conf = join(state, 'fi-wrong.cfg');
    await writeFile(conf, `server = ${server.url}/agent/not-a-key\ntasks = inventory\nlogger = stderr\n`);
    const before = (await call()(reportRoutes.list, { query: { total: 'exact' } })).data.total;
    const ran = await execute('fusioninventory-agent', [`--conf-file=${conf}`, '--debug']);
    expect(ran.output).toMatch(/authentication required/i);
    expect((await call()(reportRoutes.list, { query: { total: 'exact' } })).data.total).toBe(before);
  });

  test('ocsinventory-agent completes, and the machine appears with its software', async () => {
    // Debian's package is configured to write a file; --local=0 makes it talk to the server.
    const ran = await execute('ocsinventory-agent', [
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
