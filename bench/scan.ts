import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type HostResult, type ScanWork } from '@muster/api/collector';
import { compareOids } from '../packages/collector/src/oid.ts';
import { type Next, startDevice, type TestDevice } from '../packages/collector/src/test-device.ts';
import { root } from '../test/running-server.ts';

/*
 * The collector against devices on loopback addresses. A server of nobody hands out the work and takes the results, so that only the
 * collector is measured. No port is knocked at and nobody is pinged: on the loopback every address refuses a connection at once.
 */
interface Figure {
  readonly work: string;
  readonly target: string;
  readonly measured: string;
}

const ids = { run: '01a20d87-0000-7000-8000-000000000001', range: '01a20d87-0000-7000-8000-000000000002' };
const work = (ranges: string[], port: number, more: Partial<ScanWork>): ScanWork => ({
  runId: ids.run,
  rangeId: ids.range,
  name: 'Bench',
  ranges,
  excluded: [],
  allowPublic: false,
  hostBudget: 4096,
  ratePerSecond: 50,
  concurrency: 8,
  timeoutMs: 1000,
  hostSeconds: 120,
  maxRows: 60_000,
  tcpPorts: [],
  snmpPort: port,
  ping: false,
  resolveNames: false,
  window: null,
  hostKeys: [],
  credentials: [{ id: '01a20d87-0000-7000-8000-000000000003', name: 'public', secret: { kind: 'snmp_v2c', community: 'public' } }],
  ...more,
});

/** What a device holds, answered in the order of the OIDs. */
function holding(values: ReadonlyMap<string, string>): Next {
  const sorted = [...values.keys()].toSorted(compareOids);
  return (asked) => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compareOids(sorted[middle] as string, asked) > 0) to = middle;
      else from = middle + 1;
    }
    const oid = sorted[from];
    return oid === undefined ? 'end' : { oid, text: values.get(oid) ?? '' };
  };
}

function tables(rows: Readonly<Record<string, { columns: number; rows: number }>>): Map<string, string> {
  const values = new Map<string, string>();
  for (let i = 1; i <= 7; i++) values.set(`1.3.6.1.2.1.1.${i}.0`, i === 2 ? '1.3.6.1.4.1.9.1.516' : `value ${i}`);
  for (const [table, size] of Object.entries(rows))
    for (let column = 1; column <= size.columns; column++)
      for (let row = 1; row <= size.rows; row++) values.set(`${table}.${column}.${row}`, `column ${column} of row ${row}`);
  return values;
}

/** A switch of one box, as most that answer are. */
const small = tables({ '1.3.6.1.2.1.2.2.1': { columns: 22, rows: 8 }, '1.3.6.1.2.1.31.1.1.1': { columns: 19, rows: 8 } });
/** 58 entities and 60 ports, with the addresses that its ports have learned. */
const stack = tables({
  '1.3.6.1.2.1.47.1.1.1.1': { columns: 16, rows: 58 },
  '1.3.6.1.2.1.2.2.1': { columns: 22, rows: 60 },
  '1.3.6.1.2.1.31.1.1.1': { columns: 19, rows: 60 },
  '1.3.6.1.2.1.17.4.3.1': { columns: 3, rows: 500 },
  '1.3.6.1.2.1.4.22.1': { columns: 4, rows: 85 },
});

interface Outcome {
  readonly seconds: number;
  readonly peakMb: number;
  readonly hosts: HostResult[];
}

/** Lets the collector do one run and watches its memory, as the system counts it. */
async function collect(run: ScanWork): Promise<Outcome> {
  const hosts: HostResult[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const path = incoming.url ?? '';
      if (path.endsWith('/hosts')) hosts.push(JSON.parse(gunzipSync(Buffer.concat(chunks)).toString()) as HostResult);
      response.end(JSON.stringify(path.endsWith('/work') ? { runs: [run] } : { state: 'running' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-scan-'));
  const started = performance.now();
  const child = spawn(join(root, 'node_modules/.bin/node'), [join(root, 'packages/collector/src/main.ts'), '--data', folder], {
    env: { ...process.env, MUSTER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, MUSTER_COLLECTOR_KEY: 'bench' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakMb = 0;
  const watch = setInterval(() => {
    // The wrapper of node_modules starts Node as its child; the collector writes its own number into the lock.
    void readFile(join(folder, 'lock'), 'utf8')
      .then((pid) => readFile(`/proc/${pid}/status`, 'utf8'))
      .then((status) => (peakMb = Math.max(peakMb, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024)))
      .catch(() => undefined);
  }, 200);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  server.close();
  await rm(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(`The collector ended with ${code}`);
  return { seconds, peakMb, hosts };
}

/** Sweeps a /22 of which one address in twenty answers, and reads one stack. */
export async function measureScan(): Promise<Figure[]> {
  const devices: TestDevice[] = [];
  const first = await startDevice(holding(stack), { address: '127.0.72.1' });
  devices.push(first);
  const { port } = first;
  for (let i = 0; i < 51; i++) devices.push(await startDevice(holding(small), { address: `127.0.${64 + (i % 4)}.${5 + i * 4}`, port }));
  try {
    const swept = await collect(work(['127.0.64.0/22'], port, { concurrency: 64, ratePerSecond: 1000 }));
    const read = await collect(work(['127.0.72.1'], port, {}));
    const walk = read.hosts[0]?.snmp;
    const walked = walk ? (Date.parse(walk.finishedAt) - Date.parse(walk.startedAt)) / 1000 : Number.NaN;
    const values = walk?.subtrees.reduce((sum, tree) => sum + tree.values, 0) ?? 0;
    const answered = swept.hosts.filter((host) => host.snmp?.missing.length === 0).length;
    return [
      {
        work: 'SNMP sweep of a /22, 51 devices answer, 64 hosts at once, 1000 packets/s',
        target: '< 60 s',
        measured: `${swept.seconds.toFixed(1)} s, ${answered} devices read`,
      },
      {
        work: `SNMP walk of a stack of 58 entities and 60 ports (${values} values), default limits`,
        target: '< 20 s',
        measured: `${walked.toFixed(1)} s; ${read.seconds.toFixed(1)} s with the start of the collector`,
      },
      {
        work: 'peak resident memory of the collector during the sweep and the walk',
        target: '< 200 MB',
        measured: `${swept.peakMb.toFixed(0)} MB and ${read.peakMb.toFixed(0)} MB`,
      },
    ];
  } finally {
    await Promise.all(devices.map(async (device) => device.close()));
  }
}

if (import.meta.main) for (const f of await measureScan()) console.log(`${f.work}: ${f.measured} (target ${f.target})`);
