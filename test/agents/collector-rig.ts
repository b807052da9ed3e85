import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEnrolmentKey } from '@muster/api/access';
import { type Call, createClient } from '@muster/api/client';
import type { HostResult } from '@muster/api/collector';
import { getReportBody, reportListRoutes } from '@muster/api/discovery';
import * as api from '@muster/api/scans';
import { root, type RunningServer, startServer, until } from '../running-server.ts';

export type Child = ChildProcess & { text: () => string };

/** A program with what it printed so far. */
export function start(command: string, args: readonly string[], env: Record<string, string> = {}): Child {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.on('error', (error) => (text += error.message));
  return Object.assign(child, { text: () => text });
}

export const ended = async (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => (child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve())));

/** Runs a program to its end; rejects with what it printed unless it ends with 0. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const child = start(command, args);
  await new Promise<void>((resolve) => void child.once('close', () => resolve()).once('error', () => resolve()));
  if (child.exitCode !== 0) throw new Error(`${command} ${args.join(' ')}: ${child.text()}`);
  return child.text();
}

/** What a group of tests lacks: rights of root, or programs. Printed once, because the tests are skipped then. */
export function lacking(what: string, files: readonly string[], needsRoot: boolean): boolean {
  const missing = files.filter((file) => !existsSync(file));
  const reasons = [...(needsRoot && process.getuid?.() !== 0 ? ['root'] : []), ...missing];
  if (reasons.length > 0)
    process.stderr.write(`\nSkipped: ${what}. Needed: ${reasons.join(', ')}. \`sudo npm test\` installs the programs.\n\n`);
  return reasons.length > 0;
}

/** A server, a collector's key, and what a test asks of both. */
export class CollectorRig {
  readonly server: RunningServer;
  readonly call: Call;
  readonly key: { id: string; key: string };
  readonly folder: string;
  /** Programs that live as long as the rig. */
  readonly children: Child[] = [];
  readonly #collectors: Child[] = [];
  #numbers = 0;

  private constructor(server: RunningServer, call: Call, key: { id: string; key: string }, folder: string) {
    this.server = server;
    this.call = call;
    this.key = key;
    this.folder = folder;
  }

  static async open(): Promise<CollectorRig> {
    const folder = await mkdtemp(join(tmpdir(), 'muster-scan-'));
    await chmod(folder, 0o755);
    const server = await startServer();
    const call = createClient({ baseUrl: server.url, token: server.token });
    const { data } = await call(createEnrolmentKey, { body: { name: 'Collector', kind: 'collector' } });
    return new CollectorRig(server, call, data, folder);
  }

  async endCollectors(): Promise<void> {
    for (const child of this.#collectors.splice(0)) {
      child.kill('SIGKILL');
      await ended(child);
    }
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGTERM');
    await Promise.all(this.children.map(ended));
    await this.server.stop();
    await this.server.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A credential set's id. */
  async credential(secret: api.ScanSecretInput): Promise<string> {
    return (await this.call(api.createCredentialSet, { body: { name: `Set ${this.#numbers++}`, secret } })).data.id;
  }

  /** A new network's id. */
  async network(more: Record<string, unknown>): Promise<string> {
    const body = {
      name: `Net ${this.#numbers++}`,
      collectorId: this.key.id,
      ranges: ['127.0.0.1'],
      tcpPorts: [9],
      ping: false,
      resolveNames: false,
      timeoutMs: 400,
      ratePerSecond: 1000,
      ...more,
    };
    return (await this.call(api.createScanRange, { body })).data.id;
  }

  /** A new network, and its run that waits for the collector. */
  async request(more: Record<string, unknown>): Promise<string> {
    return (await this.call(api.runScan, { params: { id: await this.network(more) } })).data.runId;
  }

  /** Starts `npx muster scan` with a folder of its own, within another program when `within` names one. */
  scan(data: string, options: { url?: string; args?: string[]; within?: string[] } = {}): Child {
    const command = [
      ...(options.within ?? []),
      join(root, 'node_modules/.bin/node'),
      join(root, 'packages/cli/bin/muster.mjs'),
      'scan',
      '--data',
      join(this.folder, data),
      ...(options.args ?? []),
    ];
    const env = { MUSTER_URL: options.url ?? this.server.url, MUSTER_COLLECTOR_KEY: this.key.key };
    const child = start(command[0] as string, command.slice(1), env);
    this.#collectors.push(child);
    return child;
  }

  /** Scans a new network, lets a collector do it and answers the run with what the collector printed. Throws unless it ends with 0. */
  async scanned(more: Record<string, unknown>): Promise<{ run: api.ScanRun; text: string }> {
    return this.scannedAgain(await this.network(more));
  }

  async scannedAgain(rangeId: string): Promise<{ run: api.ScanRun; text: string }> {
    const { data } = await this.call(api.runScan, { params: { id: rangeId } });
    const collector = this.scan('collector');
    await ended(collector);
    if (collector.exitCode !== 0) throw new Error(`The collector ended with ${collector.exitCode}:\n${collector.text()}`);
    return { run: await this.readRun(data.runId), text: collector.text() };
  }

  async readRun(runId: string): Promise<api.ScanRun> {
    return (await this.call(api.getScanRun, { params: { id: runId } })).data;
  }

  /** The original of a host's report. */
  async readHost(runId: string, address: string): Promise<HostResult> {
    const host = (await this.readRun(runId)).hosts.find((one) => one.address === address);
    const url = getReportBody.path.replace(':id', host?.reportId ?? '');
    const answer = await fetch(this.server.url + url, { headers: { authorization: `Bearer ${this.server.token}` } });
    return (await answer.json()) as HostResult;
  }

  /** The newest report of an address, once the inbox is through with it. */
  async processed(address: string, more = '') {
    const list = async () =>
      (await this.call(reportListRoutes.list, { query: { filter: `device_id:"${address}" ${more}`, sort: '-receivedAt' } })).data.items[0];
    const report = await until(`the report of ${address} is processed`, list, (one) => one !== undefined && one.state !== 'pending');
    if (report === undefined) throw new Error('no report');
    return report;
  }
}
