/**
 * The benchmark: starts a server of its own, drives it with synthetic agents, prints figures with the machine named and appends
 * them to docs/benchmarks.md with --write. Nothing here asserts; the targets are printed beside what was measured.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, readFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { createClient } from '@muster/api/client';
import { listSources } from '@muster/api/discovery';
import { type RunningServer, root, startServer, until } from '../test/running-server.ts';
import { measureIdentity } from './identity.ts';
import { measureLists } from './lists.ts';
import { measureNetwork } from './network.ts';
import { reinventory } from './reinventory.ts';
import { measureScan } from './scan.ts';

const run = promisify(execFile);
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '3000' },
    assets: { type: 'string', default: '100000' },
    write: { type: 'boolean', default: false },
    loadgen: { type: 'string', default: join(root, '../shared/loadgen/load.mjs') },
  },
});
const count = Number(options.count);

interface Figure {
  work: string;
  target: string;
  measured: string;
}
const figures: Figure[] = [];
/** What else the machine did when the benchmark began. */
const loadBefore = loadavg()[0] ?? 0;
const add = (work: string, target: string, measured: string): void => {
  figures.push({ work, target, measured });
  console.log(`${work.padEnd(72)} target ${target.padEnd(18)} measured ${measured}`);
};

async function main(): Promise<void> {
  if (!existsSync(options.loadgen)) throw new Error(`No load generator at ${options.loadgen}; give one with --loadgen`);
  const first = await startServer();
  await first.stop();
  const server = await startServer({ dataDir: first.dataDir });
  add('ready after start on an installed checkout', '< 5 s', `${(server.readyMs / 1000).toFixed(2)} s`);
  try {
    await measureIngest(server);
    for (const f of await measureLists(server, Number(options.assets))) add(f.work, f.target, f.measured);
  } finally {
    await server.stop();
    await server.remove();
  }
  for (const f of await measureScan()) add(f.work, f.target, f.measured);
  for (const f of await measureNetwork()) add(f.work, f.target, f.measured);
  for (const f of measureIdentity(Number(options.assets))) add(f.work, f.target, f.measured);
  if (options.write) await appendFile(join(root, 'docs/benchmarks.md'), table());
}

async function measureIngest(server: RunningServer): Promise<void> {
  const memory = watchMemory(server.pid);
  await load(server, 'glpi', 200, 900_000, 0); // warm up
  await drained(server);
  const acknowledge = await load(server, 'glpi', count, 0, 0);
  add(
    `acknowledge inventories of 300 titles, 16 connections (n=${count})`,
    '>= 300 /s',
    `${acknowledge.rate} /s, p99 ${acknowledge.p99} ms`,
  );
  await measureBacklog(server, 'first inventories of 300 titles', '>= 100 /s', acknowledge.rate);
  const again = await reinventory(server, options.loadgen, count);
  add(`acknowledge re-inventories, 16 connections (n=${count})`, '>= 300 /s', `${again.rate} /s, p99 ${again.p99.toFixed(1)} ms`);
  await measureBacklog(server, 're-inventories with 3 changed titles', '>= 300 /s', again.rate);
  const many = await load(server, 'glpi', count, 0, 1);
  await measureBacklog(server, 're-inventories in which some 100 titles changed', 'none', many.rate);
  add('peak resident memory of the server process while ingesting', '< 400 MB', `${memory.stop()} MB`);
}

/** What the loads before left in the inbox, and how fast it is worked off. */
async function measureBacklog(server: RunningServer, what: string, target: string, arrived: number): Promise<void> {
  const backlog = await pending(server);
  const start = performance.now();
  await drained(server);
  const rate =
    backlog > 50 ? `${(backlog / ((performance.now() - start) / 1000)).toFixed(0)} /s` : `keeps up with ${arrived} /s that arrive`;
  add(`process ${what}, backlog of ${backlog}`, target, rate);
}

async function load(
  server: RunningServer,
  protocol: string,
  machines: number,
  offset: number,
  revision: number,
): Promise<{ rate: number; p99: number }> {
  const { stdout } = await run(
    process.execPath,
    [
      options.loadgen,
      '--url',
      `${server.url}/agent/${server.key}`,
      '--protocol',
      protocol,
      '--count',
      String(machines),
      '--offset',
      String(offset),
      '--revision',
      String(revision),
      '--concurrency',
      '16',
      '--mode',
      'inventory',
    ],
    { maxBuffer: 1 << 24 },
  );
  const result = JSON.parse(stdout) as {
    inventoriesPerSecond: number;
    errors: Record<string, number>;
    latencyMs: { inventory?: { p99: number } };
  };
  if (Object.keys(result.errors).length > 0) throw new Error(`The load had errors: ${JSON.stringify(result.errors)}`);
  return { rate: Math.round(result.inventoriesPerSecond), p99: result.latencyMs.inventory?.p99 ?? 0 };
}

const pending = async (server: RunningServer): Promise<number> =>
  (await createClient({ baseUrl: server.url, token: server.token })(listSources, {})).data.inbox.pending;
const drained = async (server: RunningServer): Promise<number> =>
  await until(
    'the inbox is empty',
    async () => await pending(server),
    (n) => n === 0,
    600_000,
  );

function watchMemory(pid: number): { stop: () => number } {
  let peak = 0;
  const look = async (): Promise<void> => {
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
  };
  const timer = setInterval(() => {
    void look();
  }, 200);
  return { stop: () => (clearInterval(timer), Math.round(peak)) };
}

function table(): string {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, PostgreSQL on the same machine, load generator too; load average before the start ${loadBefore.toFixed(1)}`;
  return `\n## ${new Date().toISOString().slice(0, 10)}\nMachine: ${machine}. Node ${process.version}.\n\n| work | target | measured |\n|---|---|---|\n${figures.map((f) => `| ${f.work} | ${f.target} | ${f.measured} |`).join('\n')}\n`;
}

await main();
