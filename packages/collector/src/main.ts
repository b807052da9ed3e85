import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ScanWork } from '@muster/api/collector';
import { parseSpan } from '@muster/api/ip-ranges';
import { collect } from './collector.ts';
import { scanLocally } from './local-scan.ts';

const version = '0.1.0';
const usage = `muster scan [--url URL] [--key KEY] [--watch] [--poll SECONDS] [--data FOLDER] [--max-buffer MIB] [--only RANGE ...]
  Does the network scans that are due for this collector and delivers what it finds.
  --url        the server; MUSTER_URL or http://127.0.0.1:3000
  --key        an enrolment key of the kind collector; better in MUSTER_COLLECTOR_KEY, where other users of the machine cannot see it
  --watch      goes on and asks again every --poll seconds; 30
  --data       where undelivered results and the state of runs are kept; MUSTER_COLLECTOR_DIR or ~/.muster-collector
  --max-buffer most MiB kept there while the server is away; scanning waits when it is full; 512
  --only       ranges that this collector may scan at most, whatever the server says; MUSTER_COLLECTOR_ONLY, separated by commas

muster scan --print --range 10.0.0.0/24 [--range ...] [--exclude ...] [--community TEXT ...] [--allow-public] [--port N] [--rate N]
  Scans without a server and prints what answers, one JSON object a line.`;

const say = (line: string): void => void process.stderr.write(`${new Date().toISOString()} ${line}\n`);

function wholeNumber(text: string, name: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) throw new Usage(`--${name} takes a whole number from ${min} to ${max}.`);
  return value;
}

class Usage extends Error {}

async function main(args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readArguments(args);
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  if (values.print || values.range.length > 0) {
    if (values.range.length === 0) throw new Usage('--print needs at least one --range.');
    return scanLocally(localWork(values), (line) => void process.stdout.write(`${line}\n`), signal);
  }
  const key = values.key ?? process.env['MUSTER_COLLECTOR_KEY'] ?? '';
  const url = (values.url ?? process.env['MUSTER_URL'] ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
  if (key === '') throw new Usage('Give the key of this collector in MUSTER_COLLECTOR_KEY or with --key.');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new Usage(`--url takes an address such as https://muster.example.org, not ${url}.`);
  return collect({
    url,
    key,
    folder: values.data ?? process.env['MUSTER_COLLECTOR_DIR'] ?? join(homedir(), '.muster-collector'),
    version,
    watch: values.watch,
    only: onlyRanges(values.only),
    pollMs: 1000 * wholeNumber(values.poll, 'poll', 1, 86_400),
    maxOutboxBytes: 1024 * 1024 * wholeNumber(values['max-buffer'], 'max-buffer', 1, 1_048_576),
    flushMs: 60_000,
    say,
    signal,
  });
}

function onlyRanges(given: readonly string[]): string[] {
  const ranges = [...given, ...(process.env['MUSTER_COLLECTOR_ONLY'] ?? '').split(',')]
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const bad = ranges.filter((one) => parseSpan(one) === null);
  if (bad.length > 0) throw new Usage(`--only takes address ranges such as 10.0.0.0/24, not ${bad.join(', ')}.`);
  return ranges;
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        url: { type: 'string' },
        key: { type: 'string' },
        watch: { type: 'boolean', default: false },
        poll: { type: 'string', default: '30' },
        data: { type: 'string' },
        'max-buffer': { type: 'string', default: '512' },
        print: { type: 'boolean', default: false },
        range: { type: 'string', multiple: true, default: [] },
        exclude: { type: 'string', multiple: true, default: [] },
        only: { type: 'string', multiple: true, default: [] },
        community: { type: 'string', multiple: true, default: [] },
        'allow-public': { type: 'boolean', default: false },
        port: { type: 'string', default: '161' },
        rate: { type: 'string', default: '50' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

function localWork(values: ReturnType<typeof readArguments>['values']): ScanWork {
  const none = '00000000-0000-7000-8000-000000000000';
  return {
    runId: none,
    rangeId: none,
    name: 'local',
    ranges: values.range,
    excluded: values.exclude,
    allowPublic: values['allow-public'],
    hostBudget: 65_536,
    ratePerSecond: wholeNumber(values.rate, 'rate', 1, 1000),
    concurrency: 8,
    timeoutMs: 1000,
    hostSeconds: 120,
    maxRows: 60_000,
    tcpPorts: [22, 80, 443, 445, 3389, 9100],
    snmpPort: wholeNumber(values.port, 'port', 1, 65_535),
    ping: true,
    resolveNames: true,
    window: null,
    hostKeys: [],
    credentials: values.community.map((community, i) => ({
      id: none.replace(/.$/, String(i % 10)),
      name: `community ${i + 1}`,
      secret: { kind: 'snmp_v2c', community },
    })),
  };
}

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
try {
  process.exitCode = await main(
    process.argv.slice(2).filter((arg, i) => !(i === 0 && arg === 'scan')),
    stopping.signal,
  );
} catch (error) {
  const usageError = error instanceof Usage;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usageError ? `${usage}\n` : ''}`);
  process.exitCode = usageError ? 2 : 1;
}
