import { readdir, readFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { compileKnowledge, deviceFromWalk, type NetworkDevice, readWalk } from '@muster/protocols/snmp';
import descriptions from '../../../content/network/descriptions.json' with { type: 'json' };
import devices from '../../../content/network/devices.json' with { type: 'json' };
import enterprises from '../../../content/network/enterprises.json' with { type: 'json' };
import objects from '../../../content/network/objects.json' with { type: 'json' };

const knowledge = compileKnowledge({ ...enterprises, ...devices, ...descriptions, ...objects });

export interface WalkScore {
  readonly file: string;
  readonly rows: number;
  readonly device: NetworkDevice | null;
  /** Why the file could not be read; null when it could. */
  readonly failure: string | null;
}

/** Reads every recording of a directory: `.snmprec`, `.snmpwalk`, `.walk` and `.txt`, also packed by bzip2. */
export async function scoreWalks(directory: string): Promise<WalkScore[]> {
  const files = (await readdir(directory)).filter((name) => /\.(snmprec|snmpwalk|walk|txt)(\.bz2)?$/.test(name)).sort();
  const scores: WalkScore[] = [];
  for (const file of files) {
    try {
      const { oids, rows } = readWalk(await contentOf(path.join(directory, file)));
      scores.push({ file, rows, device: deviceFromWalk(oids, knowledge), failure: null });
    } catch (error) {
      scores.push({ file, rows: 0, device: null, failure: error instanceof Error ? error.message : String(error) });
    }
  }
  return scores;
}

async function contentOf(file: string): Promise<Uint8Array> {
  if (!file.endsWith('.bz2')) return readFile(file);
  const { stdout } = await promisify(execFile)('bzip2', ['-dc', file], { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 });
  return stdout;
}

/** `muster conformance snmp DIR`: one line a recording and the totals; 0 when none crashed. */
export async function snmpSubject(args: string[]): Promise<number> {
  const directory = args[0];
  if (directory === undefined) {
    process.stderr.write('Usage: npx muster conformance snmp DIR\n');
    return 2;
  }
  const scores = await scoreWalks(directory);
  const read = scores.flatMap(({ device }) => (device ? [device] : []));
  process.stdout.write(`${scores.map(lineOf).join('\n')}\n\n${totals(scores, read)}\n`);
  return scores.length > 0 && read.length === scores.length ? 0 : 1;
}

function lineOf({ file, device, failure }: WalkScore): string {
  if (!device) return `${file}: FAILED: ${failure}`;
  const counts = `${device.ports.length} ports, ${device.components.length} components, ${device.neighbours.length} neighbours`;
  const facts = [device.type ?? 'type unknown', device.vendor, device.model, device.serial && `serial ${device.serial}`, device.name];
  return `${file}: ${facts.filter(Boolean).join(' | ')} | ${counts}`;
}

function totals(scores: readonly WalkScore[], read: readonly NetworkDevice[]): string {
  const share = (n: number): string => `${n} of ${scores.length} (${scores.length === 0 ? 0 : Math.round((100 * n) / scores.length)} %)`;
  const having = (fits: (d: NetworkDevice) => boolean): string => share(read.filter(fits).length);
  const sum = (count: (d: NetworkDevice) => number): number => read.reduce((total, d) => total + count(d), 0);
  return [
    `read        ${share(read.length)}, ${scores.reduce((n, s) => n + s.rows, 0)} rows`,
    `typed       ${having((d) => d.type !== null)}`,
    `vendor      ${having((d) => d.vendor !== null)}`,
    `model       ${having((d) => d.model !== null)}`,
    `serial      ${having((d) => d.serial !== null)}`,
    `ports ${sum((d) => d.ports.length)}, components ${sum((d) => d.components.length)}, neighbours ${sum((d) => d.neighbours.length)}`,
    `learned addresses ${sum((d) => d.forwarding.length)}, ARP ${sum((d) => d.arp.length)}, software ${sum((d) => d.software.length)}`,
  ].join('\n');
}
