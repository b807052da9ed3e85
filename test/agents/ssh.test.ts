import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { getAsset } from '@muster/api/assets';
import { getReport } from '@muster/api/discovery';
import { installationListRoutes } from '@muster/api/inventory';
import * as api from '@muster/api/scans';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort, until } from '../running-server.ts';
import { type Child, CollectorRig, ended, lacking, run, start } from './collector-rig.ts';

/* Debian's sshd on a port of its own, with keys of its own; this machine is what the collector logs in to and reads. */
const skipped = lacking('scans by SSH', ['/usr/sbin/sshd', '/usr/bin/ssh-keygen'], false);

describe.skipIf(skipped)('a scan by SSH of a real sshd', () => {
  let rig: CollectorRig;
  let sshd: Child;
  let folder: string;
  let port: number;

  beforeAll(async () => {
    rig = await CollectorRig.open();
    folder = join(rig.folder, 'ssh');
    await mkdir(folder);
    port = await freePort();
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'user')]);
    // sshd wants this folder when it runs as root.
    if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    await newHostKey();
    await startSshd();
  });
  afterEach(() => rig.endCollectors());
  afterAll(async () => {
    sshd?.kill('SIGTERM');
    if (sshd) await ended(sshd);
    await rig?.close();
  });

  async function newHostKey(): Promise<void> {
    await rm(join(folder, 'host'), { force: true });
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
  }
  async function startSshd(): Promise<void> {
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'user.pub')}`,
      `PidFile ${join(folder, 'pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PermitRootLogin prohibit-password',
    ];
    await writeFile(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
    sshd = start('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')]);
    const listens = async (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('connect', () => void (resolve(true), socket.destroy())).once('error', () => resolve(false));
      });
    await until('sshd listens', listens, (yes) => yes);
  }
  const fingerprint = async (): Promise<string> => (await run('ssh-keygen', ['-l', '-f', join(folder, 'host.pub')])).split(' ')[1] ?? '';

  test('makes an asset with hardware, software and identity, pins the host key, and refuses another one until it is forgotten', async () => {
    const secret = { kind: 'ssh', userName: userInfo().username, privateKey: await readFile(join(folder, 'user'), 'utf8'), port } as const;
    const rangeId = await rig.network({ credentialIds: [await rig.credential(secret)] });
    const first = await rig.scannedAgain(rangeId);
    expect(first.run, first.text).toMatchObject({ state: 'done', up: 1, walked: 1, results: 1 });
    const report = await rig.processed('127.0.0.1');
    expect(report, first.text).toMatchObject({ state: 'done', outcome: 'created', partial: false, family: 'collector' });
    const { data: detail } = await rig.call(getReport, { params: { id: report.id ?? '' } });
    expect(detail.observation).toMatchObject({ source: 'ssh', nativeId: expect.stringMatching(/^linux:[0-9a-f]{32}$/) });
    const id = report.asset?.id ?? '';
    const { data: asset } = await rig.call(getAsset, { params: { id } });
    expect(asset).toMatchObject({ name: hostname().split('.')[0], osFamily: 'linux' });
    const { data: titles } = await rig.call(installationListRoutes.list, { query: { filter: `asset:${id}`, total: 'exact', limit: 1 } });
    const packages = (await run('dpkg-query', ['-f', '${db:Status-Abbrev}\n', '-W'])).split('\n').filter((line) => line.startsWith('ii'));
    // And the operating system.
    expect(titles.total).toBe(packages.length + 1);
    const host = await rig.readHost(first.run.id, '127.0.0.1');
    expect(JSON.stringify(host) + first.text).not.toContain('PRIVATE KEY');

    const keys = async () => (await rig.call(api.hostKeyListRoutes.list, { query: { filter: `range:${rangeId}` } })).data.items;
    const pinned = await fingerprint();
    expect(await keys()).toMatchObject([{ address: '127.0.0.1', method: 'ssh', fingerprint: pinned, refused: null }]);

    sshd.kill('SIGTERM');
    await ended(sshd);
    await newHostKey();
    await startSshd();
    const second = await rig.scannedAgain(rangeId);
    expect(second.run).toMatchObject({ state: 'done', up: 1, walked: 0 });
    expect(second.run.log.filter((line) => line.level === 'error')).toMatchObject([
      { message: expect.stringContaining(`the host key is ${await fingerprint()}, and was ${pinned} before. Nothing was sent.`) },
    ]);
    expect(sshd.text()).not.toContain('Accepted');
    const [key] = await keys();
    expect(key).toMatchObject({ fingerprint: pinned, refused: await fingerprint() });
    // Nothing is lost: the asset stands with what it had.
    expect((await rig.call(installationListRoutes.list, { query: { filter: `asset:${id}`, total: 'exact', limit: 1 } })).data.total).toBe(
      titles.total,
    );

    await rig.call(api.forgetHostKey, { params: { id: key?.id ?? '' } });
    const third = await rig.scannedAgain(rangeId);
    expect(third.run, third.text).toMatchObject({ state: 'done', walked: 1 });
    expect(await rig.processed('127.0.0.1')).toMatchObject({ state: 'done', outcome: 'linked', asset: { id } });
    expect(await keys()).toMatchObject([{ fingerprint: await fingerprint(), refused: null }]);
    // Three collectors, each with three logins of a dozen commands: slow beside other work on two cores.
  }, 400_000);
});
