import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentListRoutes } from '@muster/api/agents';
import { getAsset } from '@muster/api/assets';
import { createClient } from '@muster/api/client';
import { getReport } from '@muster/api/discovery';
import * as api from '@muster/api/scans';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer, until } from '../running-server.ts';
import { execute, installPackages } from './debian-packages.ts';

/*
 * Debian's FusionInventory agent, unmodified, scans for the server: discovery, then SNMP inventory, of a switch that snmpsim plays on the
 * loopback. As root a missing package is installed; otherwise the test is skipped with the command to type.
 */
const root = process.getuid?.() === 0;
const task = '/usr/share/fusioninventory/lib/FusionInventory/Agent/Task/NetDiscovery.pm';
const programs = {
  'fusioninventory-agent': '/usr/bin/fusioninventory-agent',
  'fusioninventory-agent-task-network': task,
  snmpsim: '/usr/bin/snmpsimd',
};
const SIM_PORT = 34_471;

if (!root)
  process.stderr.write(
    `\nThe test with an agent that scans is skipped: it needs root. Run: sudo apt-get install ${Object.keys(programs).join(' ')} && sudo npm test\n\n`,
  );

/** A small switch of Cisco: system, three ports, a chassis with a serial number. */
const recording = `1.3.6.1.2.1.1.1.0|4|Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 12.2(55)SE
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.716
1.3.6.1.2.1.1.3.0|67|123456
1.3.6.1.2.1.1.4.0|4|Network
1.3.6.1.2.1.1.5.0|4|lab-switch
1.3.6.1.2.1.1.6.0|4|Lab
1.3.6.1.2.1.2.1.0|2|2
${[1, 2].map((n) => `1.3.6.1.2.1.2.2.1.1.${n}|2|${n}`).join('\n')}
${[1, 2].map((n) => `1.3.6.1.2.1.2.2.1.2.${n}|4|FastEthernet0/${n}`).join('\n')}
${[1, 2].map((n) => `1.3.6.1.2.1.2.2.1.3.${n}|2|6`).join('\n')}
${[1, 2].map((n) => `1.3.6.1.2.1.2.2.1.6.${n}|4x|001b21aabb0${n}`).join('\n')}
${[1, 2].map((n) => `1.3.6.1.2.1.2.2.1.8.${n}|2|1`).join('\n')}
1.3.6.1.2.1.17.1.1.0|4x|001b21aabb00
1.3.6.1.2.1.47.1.1.1.1.2.1001|4|WS-C2960-24TT-L
1.3.6.1.2.1.47.1.1.1.1.5.1001|2|3
1.3.6.1.2.1.47.1.1.1.1.7.1001|4|1
1.3.6.1.2.1.47.1.1.1.1.11.1001|4|FOC1234X0AB
1.3.6.1.2.1.47.1.1.1.1.12.1001|4|Cisco
1.3.6.1.2.1.47.1.1.1.1.13.1001|4|WS-C2960-24TT-L
1.3.6.1.4.1.9.3.6.3.0|4|FOC1234X0AB
`;

describe.skipIf(!root)('the FusionInventory agent of Debian as a scanner', () => {
  let server: RunningServer;
  let folder: string;
  let simulator: ChildProcess;
  const call = () => createClient({ baseUrl: server.url, token: server.token });

  beforeAll(async () => {
    await installPackages(programs);
    folder = await mkdtemp(join(tmpdir(), 'muster-network-agent-'));
    for (const name of ['data', 'cache', 'var']) await mkdir(join(folder, name));
    for (const name of ['', 'data', 'cache']) await chmod(join(folder, name), 0o777);
    await writeFile(join(folder, 'data', 'lab.snmprec'), recording);
    const where = [`--data-dir=${folder}/data`, `--cache-dir=${folder}/cache`, `--agent-udpv4-endpoint=127.0.0.1:${SIM_PORT}`];
    simulator = spawn('/usr/bin/snmpsimd', [...where, '--process-user=nobody', '--process-group=nogroup'], { stdio: 'ignore' });
    server = await startServer();
  });
  afterAll(async () => {
    simulator?.kill('SIGTERM');
    await server?.stop();
    await server?.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  test('finds the switch, reads it at its next contact, and the switch is an asset with its serial number', async () => {
    const conf = join(folder, 'agent.cfg');
    await writeFile(
      conf,
      `server = ${server.url}/agent/${server.key}\nno-category = software,process,environment\nlogger = stderr\nvardir = ${folder}/var\n`,
    );
    const contact = async (): Promise<string> => {
      const ran = await execute('fusioninventory-agent', [`--conf-file=${conf}`, '--debug', '--debug']);
      expect(ran.code, ran.output).toBe(0);
      return ran.output;
    };
    await contact();
    const agent = await until(
      'the agent is known',
      async () => (await call()(agentListRoutes.list, { query: { filter: 'family:fusioninventory' } })).data.items[0],
      (seen) => seen !== undefined,
    );
    const credential = await call()(api.createCredentialSet, { body: { name: 'Lab', secret: { kind: 'snmp_v2c', community: 'lab' } } });
    const range = await call()(api.createScanRange, {
      body: {
        name: 'Lab',
        agentId: agent?.id ?? '',
        ranges: ['127.0.0.1-127.0.0.2'],
        credentialIds: [credential.data.id],
        snmpPort: SIM_PORT,
        timeoutMs: 2000,
        concurrency: 2,
      },
    });
    const { runId } = (await call()(api.runScan, { params: { id: range.data.id } })).data;
    const run = async () => (await call()(api.getScanRun, { params: { id: runId } })).data;

    const discovery = await contact();
    const found = await until('discovery ended', run, (seen) => seen.probed === seen.total);
    expect(found, discovery).toMatchObject({ state: 'running', total: 2, walked: 0 });
    expect(found.hosts.map((h) => h.address)).toContain('127.0.0.1');

    const inventory = await contact();
    const done = await until('the run ended', run, (seen) => seen.state !== 'running');
    expect(done, inventory).toMatchObject({ state: 'done', walked: 1 });
    const host = done.hosts.find((h) => h.address === '127.0.0.1');
    expect(host?.name).toBe('lab-switch');
    const report = await until(
      'the report is processed',
      async () => (await call()(getReport, { params: { id: host?.reportId ?? '' } })).data.report,
      (seen) => seen.state !== 'pending',
    );
    expect(report).toMatchObject({ kind: 'netinventory', state: 'done' });
    const asset = (await call()(getAsset, { params: { id: report.asset?.id ?? '' } })).data;
    expect(asset).toMatchObject({ name: 'lab-switch', serial: 'FOC1234X0AB', class: { key: 'switch' } });
  });
});
