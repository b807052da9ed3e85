import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEnrolmentKey } from '@muster/api/access';
import { type Call, createClient } from '@muster/api/client';
import type { HostResult } from '@muster/api/collector';
import { getReportBody, reportListRoutes } from '@muster/api/discovery';
import * as api from '@muster/api/scans';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { root, type RunningServer, startServer, until } from '../running-server.ts';

/** Unprivileged UDP ports of the devices: all live on the loopback, so a range of 127.0.0.0/8 is a network. */
const SNMPD_PORT = 34_461;
const SIM_PORT = 34_462;

let server: RunningServer;
let call: Call;
let key: { id: string; key: string };
let folder: string;
const children: ChildProcess[] = [];
const collectors: ChildProcess[] = [];

function start(command: string, args: string[], env: Record<string, string> = {}): ChildProcess & { text: () => string } {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.on('error', (error) => (text += error.message));
  return Object.assign(child, { text: () => text });
}

const ended = async (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve())));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-scan-'));
  await chmod(folder, 0o755);
  await startSnmpd();
  await startSimulator();
  server = await startServer();
  call = createClient({ baseUrl: server.url, token: server.token });
  key = (await call(createEnrolmentKey, { body: { name: 'Collector', kind: 'collector' } })).data;
});
afterEach(async () => {
  for (const child of collectors.splice(0)) {
    child.kill('SIGKILL');
    await ended(child);
  }
});
afterAll(async () => {
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map(ended));
  await server?.stop();
  await server?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Debian's agent on every address of the loopback, with a community and a user. */
async function startSnmpd(): Promise<void> {
  const config = join(folder, 'snmpd.conf');
  await writeFile(
    config,
    `agentAddress udp:0.0.0.0:${SNMPD_PORT}\nrocommunity public default\ncreateUser muster SHA "authpassword1" AES "privpassword1"\nrouser muster priv\nsysName lab-host\n`,
  );
  children.push(start('/usr/sbin/snmpd', ['-f', '-Lo', '-C', '-c', config], { SNMP_PERSISTENT_DIR: join(folder, 'snmpd'), MIBS: '' }));
}

/** snmpsim serves recordings; the community is the name of the file. */
async function startSimulator(): Promise<void> {
  const data = join(folder, 'recordings');
  await mkdir(data);
  await mkdir(join(folder, 'cache'));
  for (const name of ['apc-7902b', 'geist-temperature-sensor'])
    await copyFile(join(root, '../shared/fixtures/snmp', `${name}.snmprec`), join(data, `${name}.snmprec`));
  for (const path of [folder, data, join(folder, 'cache')]) await chmod(path, 0o777);
  const user = process.getuid?.() === 0 ? ['--process-user=nobody', '--process-group=nogroup'] : [];
  children.push(
    start('/usr/bin/snmpsimd', [
      `--data-dir=${data}`,
      `--cache-dir=${join(folder, 'cache')}`,
      `--agent-udpv4-endpoint=127.0.0.1:${SIM_PORT}`,
      ...user,
    ]),
  );
}

let numbers = 0;
const credential = async (secret: api.ScanSecret): Promise<string> =>
  (await call(api.createCredentialSet, { body: { name: `Set ${numbers++}`, secret } })).data.id;

async function request(more: Partial<Parameters<typeof create>[0]>): Promise<string> {
  const { data } = await create({
    ranges: ['127.0.0.1'],
    tcpPorts: [9],
    ping: false,
    resolveNames: false,
    timeoutMs: 400,
    ratePerSecond: 1000,
    ...more,
  });
  return (await call(api.runScan, { params: { id: data.id } })).data.runId;
}
const create = async (more: { ranges: string[] } & Record<string, unknown>) =>
  call(api.createScanRange, { body: { name: `Net ${numbers++}`, collectorId: key.id, ...more } });

const scan = (data: string, options: { url?: string; args?: string[] } = {}): ChildProcess & { text: () => string } => {
  const child = start(
    join(root, 'node_modules/.bin/node'),
    [join(root, 'packages/cli/bin/muster.mjs'), 'scan', '--data', join(folder, data), ...(options.args ?? [])],
    {
      MUSTER_URL: options.url ?? server.url,
      MUSTER_COLLECTOR_KEY: key.key,
    },
  );
  collectors.push(child);
  return child;
};

const readRun = async (runId: string): Promise<api.ScanRun> => (await call(api.getScanRun, { params: { id: runId } })).data;
async function readHost(runId: string, address: string): Promise<HostResult> {
  const host = (await readRun(runId)).hosts.find((one) => one.address === address);
  const url = getReportBody.path.replace(':id', host?.reportId ?? '');
  const answer = await fetch(server.url + url, { headers: { authorization: `Bearer ${server.token}` } });
  return (await answer.json()) as HostResult;
}

describe('npx muster scan', () => {
  test.each([
    ['v2c', { kind: 'snmp_v2c', community: 'public' }, '2c'],
    [
      'v3 with authentication and privacy',
      {
        kind: 'snmp_v3',
        userName: 'muster',
        authProtocol: 'sha',
        authPassword: 'authpassword1',
        privProtocol: 'aes',
        privPassword: 'privpassword1',
        contextName: '',
      },
      '3',
    ],
  ] as const)('reads a real agent by SNMP %s, and the walk is a report', async (_name, secret, version) => {
    const wrong = await credential({ kind: 'snmp_v2c', community: 'wrong' });
    const credentialIds = [wrong, await credential(secret)];
    const runId = await request({ credentialIds, snmpPort: SNMPD_PORT });
    const collector = scan('one');
    await ended(collector);
    expect(collector.exitCode, collector.text()).toBe(0);
    const run = await readRun(runId);
    expect(run, collector.text()).toMatchObject({ state: 'done', total: 1, probed: 1, up: 1, walked: 1, results: 1 });
    const host = await readHost(runId, '127.0.0.1');
    expect(host.snmp).toMatchObject({ version, missing: [], credentialId: credentialIds[1] });
    expect(host.snmp?.rows).toContain('1.3.6.1.2.1.1.5.0|4|lab-host');
    const { data } = await until(
      'the walk is processed',
      () => call(reportListRoutes.list, { query: { filter: 'device_id:"127.0.0.1" kind:netscan' } }),
      (answer) => answer.data.items.length > 0 && answer.data.items.every((one) => one.state === 'done' || one.state === 'held'),
    );
    const everything = JSON.stringify([run, host, data.items]) + collector.text();
    expect(everything).not.toMatch(/authpassword1|privpassword1/);
  });

  test('reads recorded devices value for value', async () => {
    for (const name of ['apc-7902b', 'geist-temperature-sensor']) {
      const runId = await request({
        credentialIds: [await credential({ kind: 'snmp_v2c', community: name })],
        snmpPort: SIM_PORT,
        maxRows: 3000,
      });
      const collector = scan('sim');
      await ended(collector);
      expect(collector.exitCode, collector.text()).toBe(0);
      const host = await readHost(runId, '127.0.0.1');
      const recorded = await readFile(join(root, '../shared/fixtures/snmp', `${name}.snmprec`), 'latin1');
      const described = Buffer.from(/^1\.3\.6\.1\.2\.1\.1\.1\.0\|4x\|(.*)$/m.exec(recorded)?.[1] ?? '', 'hex').toString();
      expect(host.snmp?.rows).toContain(`1.3.6.1.2.1.1.1.0|4|${described}`);
    }
  });

  test('a run that the server was made to give outside its ranges is refused before a packet is sent', async () => {
    const work = {
      runId: '01a20d87-0000-7000-8000-000000000001',
      rangeId: '01a20d87-0000-7000-8000-000000000002',
      name: 'Not mine',
      ranges: ['192.0.2.1', '10.0.0.0/8'],
      excluded: [],
      allowPublic: false,
      hostBudget: 100,
      ratePerSecond: 10,
      concurrency: 1,
      timeoutMs: 100,
      hostSeconds: 5,
      maxRows: 100,
      tcpPorts: [],
      snmpPort: 161,
      ping: false,
      resolveNames: false,
      window: null,
      credentials: [],
    };
    const { url, close, paths } = await fakeServer({ runs: [work] });
    const collector = scan('refusing', { url });
    await ended(collector);
    close();
    expect(collector.text()).toContain('Refused: “192.0.2.1” holds public addresses');
    expect(paths).toEqual(['/collector/work', `/collector/runs/${work.runId}/end`]);
  });

  test('results wait on disk while the server is away, survive a SIGKILL of the collector, and are stored once', async () => {
    const runId = await request({
      ranges: ['127.0.0.1-127.0.0.40'],
      credentialIds: [await credential({ kind: 'snmp_v2c', community: 'public' })],
      snmpPort: SNMPD_PORT,
      maxRows: 200,
      concurrency: 2,
      ratePerSecond: 100,
    });
    const gate = await gateTo(server.url);
    const first = scan('away', { url: gate.url, args: ['--watch', '--poll', '1'] });
    await until(
      'the run is taken',
      () => readRun(runId),
      (run) => run.state === 'running',
    );
    gate.close();
    const outbox = join(folder, 'away', 'outbox');
    const waiting = async (): Promise<string[]> => (await readdir(outbox).catch(() => [])).filter((name) => name.endsWith('.message'));
    await until('results wait on disk', waiting, (files) => files.length >= 5);
    // Not the wrapper that npx runs, but the collector itself.
    process.kill(Number(await readFile(join(folder, 'away', 'lock'), 'utf8')), 'SIGKILL');
    await ended(first);
    expect((await waiting()).length).toBeGreaterThan(0);
    gate.open();
    const second = scan('away', { url: gate.url });
    await ended(second);
    gate.stop();
    expect(second.exitCode, second.text()).toBe(0);
    const run = await readRun(runId);
    expect(run, second.text()).toMatchObject({ state: 'done', total: 40, probed: 40, results: 40 });
    expect(new Set(run.hosts.map((host) => host.address)).size).toBe(40);
    const { data } = await call(reportListRoutes.list, { query: { filter: 'device_id:"127.0.0.7" kind:netscan', limit: 50 } });
    expect(data.items).toHaveLength(1);
    expect(await waiting()).toEqual([]);
  });
});

/** A server of nobody: it answers every message alike. */
async function fakeServer(answer: object): Promise<{ url: string; close: () => void; paths: string[] }> {
  const paths: string[] = [];
  const http = createServer((incoming, response) => {
    paths.push(incoming.url ?? '');
    incoming.resume().on('end', () => response.end(JSON.stringify(answer)));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, close: () => void http.close(), paths };
}

/** The way to the server, which can be shut: half of the answers are then lost after the server has acted on the request. */
async function gateTo(target: string): Promise<{ url: string; close: () => void; open: () => void; stop: () => void }> {
  let shut = false;
  let turn = 0;
  const http: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const loses = shut && turn++ % 2 === 0;
      const lose = (): void => void incoming.socket.destroy();
      if (shut && !loses) lose();
      else
        passOn(target, incoming, Buffer.concat(chunks)).then((answer) => {
          if (loses) lose();
          else response.writeHead(answer.status).end(answer.body);
          return undefined;
        }, lose);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: () => void (shut = true),
    open: () => void (shut = false),
    stop: () => void http.close(),
  };
}

async function passOn(target: string, { url, headers }: IncomingMessage, body: Buffer): Promise<{ status: number; body: string }> {
  const { authorization = '', 'content-type': type = '' } = headers;
  const answer = await fetch(target + url, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body: new Uint8Array(body),
  });
  return { status: answer.status, body: await answer.text() };
}
