import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { reportListRoutes } from '@muster/api/discovery';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { root, until } from '../running-server.ts';
import { CollectorRig, ended, start } from './collector-rig.ts';

/** Unprivileged UDP ports of the devices: all live on the loopback, so a range of 127.0.0.0/8 is a network. */
const SNMPD_PORT = 34_461;
const SIM_PORT = 34_462;

/** From real devices: a switch, a power strip, a server, a sensor. */
const recordings = ['huawei-s5720', 'apc-7902b', 'ibm-x3550-m3', 'geist-temperature-sensor'];
const fixtures = join(root, '../shared/fixtures/snmp');

async function recordingOf(name: string): Promise<Buffer> {
  const plain = join(fixtures, `${name}.snmprec`);
  if (existsSync(plain)) return readFile(plain);
  return execFileSync('bunzip2', ['-c', `${plain}.bz2`], { maxBuffer: 64 * 1024 * 1024 });
}

/** A line of a recording without its tag; text as hexadecimal, as recordings write the same text in both ways. */
function bare(line: string | undefined): string | undefined {
  const [oid, tag, ...rest] = (line ?? '').split('|');
  const value = rest.join('|');
  return line === undefined ? undefined : `${oid} ${tag === '4' ? Buffer.from(value, 'latin1').toString('hex') : value.toLowerCase()}`;
}

let rig: CollectorRig;
let folder: string;

beforeAll(async () => {
  rig = await CollectorRig.open();
  folder = rig.folder;
  await startSnmpd();
  await startSimulator();
});
afterEach(() => rig.endCollectors());
afterAll(() => rig.close());

/** Debian's agent on every address of the loopback, with a community and a user. */
async function startSnmpd(): Promise<void> {
  const config = join(folder, 'snmpd.conf');
  await writeFile(
    config,
    `agentAddress udp:0.0.0.0:${SNMPD_PORT}\nrocommunity public default\ncreateUser muster SHA "authpassword1" AES "privpassword1"\nrouser muster priv\nsysName lab-host\n`,
  );
  rig.children.push(start('/usr/sbin/snmpd', ['-f', '-Lo', '-C', '-c', config], { SNMP_PERSISTENT_DIR: join(folder, 'snmpd'), MIBS: '' }));
}

/** snmpsim serves recordings; the community is the name of the file. */
async function startSimulator(): Promise<void> {
  const data = join(folder, 'recordings');
  await mkdir(data);
  await mkdir(join(folder, 'cache'));
  for (const name of recordings) await writeFile(join(data, `${name}.snmprec`), await recordingOf(name));
  for (const path of [folder, data, join(folder, 'cache')]) await chmod(path, 0o777);
  const user = process.getuid?.() === 0 ? ['--process-user=nobody', '--process-group=nogroup'] : [];
  rig.children.push(
    start('/usr/bin/snmpsimd', [
      `--data-dir=${data}`,
      `--cache-dir=${join(folder, 'cache')}`,
      `--agent-udpv4-endpoint=127.0.0.1:${SIM_PORT}`,
      '--v3-user=sim',
      '--v3-auth-key=authpassword2',
      '--v3-auth-proto=SHA256',
      '--v3-priv-key=privpassword2',
      '--v3-priv-proto=AES',
      ...user,
    ]),
  );
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
    const wrong = await rig.credential({ kind: 'snmp_v2c', community: 'wrong' });
    const credentialIds = [wrong, await rig.credential(secret)];
    const runId = await rig.request({ credentialIds, snmpPort: SNMPD_PORT });
    const collector = rig.scan('one');
    await ended(collector);
    expect(collector.exitCode, collector.text()).toBe(0);
    const run = await rig.readRun(runId);
    expect(run, collector.text()).toMatchObject({ state: 'done', total: 1, probed: 1, up: 1, walked: 1, results: 1 });
    const host = await rig.readHost(runId, '127.0.0.1');
    expect(host.snmp).toMatchObject({ version, missing: [], credentialId: credentialIds[1] });
    expect(host.snmp?.rows).toContain('1.3.6.1.2.1.1.5.0|4|lab-host');
    const { data } = await until(
      'the walk is processed',
      () => rig.call(reportListRoutes.list, { query: { filter: 'device_id:"127.0.0.1" kind:netscan' } }),
      (answer) => answer.data.items.length > 0 && answer.data.items.every((one) => one.state === 'done' || one.state === 'held'),
    );
    const everything = JSON.stringify([run, host, data.items]) + collector.text();
    expect(everything).not.toMatch(/authpassword1|privpassword1/);
  });

  test.each(recordings)('reads the recorded device %s value for value, by v2c and by v3', async (name) => {
    const recorded = new Map(
      (await recordingOf(name))
        .toString('latin1')
        .split('\n')
        .map((line): [string, string] => [line.split('|')[0] ?? '', line.trim()]),
    );
    const wanted = [...recorded.keys()].filter((oid) => /^1\.3\.6\.1\.2\.1\.(1\.[156]\.0|2\.2\.1\.[26]\.|47\.1\.1\.1\.1\.)/.test(oid));
    expect(wanted.length).toBeGreaterThan(0);
    const user = { kind: 'snmp_v3', userName: 'sim', authProtocol: 'sha256', privProtocol: 'aes' } as const;
    for (const secret of [
      { kind: 'snmp_v2c', community: name } as const,
      { ...user, authPassword: 'authpassword2', privPassword: 'privpassword2', contextName: name },
    ]) {
      const { run, text } = await rig.scanned({ credentialIds: [await rig.credential(secret)], snmpPort: SIM_PORT, maxRows: 20_000 });
      expect(run, text).toMatchObject({ state: 'done', walked: 1, results: 1 });
      const host = await rig.readHost(run.id, '127.0.0.1');
      const read = new Map(host.snmp?.rows.split('\n').map((line): [string, string] => [line.split('|')[0] ?? '', line]));
      expect(wanted.filter((oid) => bare(read.get(oid)) !== bare(recorded.get(oid)))).toEqual([]);
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
      hostKeys: [],
    };
    const { url, close, paths } = await fakeServer({ runs: [work] });
    const collector = rig.scan('refusing', { url });
    await ended(collector);
    close();
    expect(collector.text()).toContain('Refused: “192.0.2.1” holds public addresses');
    expect(paths).toEqual(['/collector/work', `/collector/runs/${work.runId}/end`]);
  });

  test('results wait on disk while the server is away, survive a SIGKILL of the collector, and are stored once', async () => {
    const runId = await rig.request({
      ranges: ['127.0.0.1-127.0.0.40'],
      credentialIds: [await rig.credential({ kind: 'snmp_v2c', community: 'public' })],
      snmpPort: SNMPD_PORT,
      maxRows: 200,
      concurrency: 2,
      ratePerSecond: 100,
    });
    const gate = await gateTo(rig.server.url);
    const first = rig.scan('away', { url: gate.url, args: ['--watch', '--poll', '1'] });
    await until(
      'the run is taken',
      () => rig.readRun(runId),
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
    const second = rig.scan('away', { url: gate.url });
    await ended(second);
    gate.stop();
    expect(second.exitCode, second.text()).toBe(0);
    const run = await rig.readRun(runId);
    expect(run, second.text()).toMatchObject({ state: 'done', total: 40, probed: 40, results: 40 });
    expect(new Set(run.hosts.map((host) => host.address)).size).toBe(40);
    const { data } = await rig.call(reportListRoutes.list, { query: { filter: 'device_id:"127.0.0.7" kind:netscan', limit: 50 } });
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
