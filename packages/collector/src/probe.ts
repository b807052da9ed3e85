import type { Probe } from '@muster/api/collector';
import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { connect, isIPv6 } from 'node:net';
import { askMdns, type MdnsFacts } from './mdns.ts';

export interface ProbeOptions {
  readonly tcpPorts: readonly number[];
  readonly timeoutMs: number;
  readonly ping: boolean;
  readonly resolveNames: boolean;
  /** Resolves when the next packet may be sent. */
  readonly turn: () => Promise<void>;
}

/** Looks for signs of a host without any credential: connections, an echo, its MAC address, its name. */
export async function probeHost(address: string, options: ProbeOptions): Promise<Probe> {
  const by: string[] = [];
  const openPorts: number[] = [];
  const tries = options.tcpPorts.map(async (port) => {
    await options.turn();
    const outcome = await knock(address, port, options.timeoutMs);
    if (outcome === 'silent') return;
    by.push(outcome === 'open' ? `tcp/${port}` : `tcp/${port} refused`);
    if (outcome === 'open') openPorts.push(port);
  });
  const echo = async (): Promise<void> => {
    await options.turn();
    if (await echoes(address, options.timeoutMs)) by.push('icmp');
  };
  if (options.ping) tries.push(echo());
  await Promise.all(tries);
  const mac = await macOf(address);
  if (mac !== null) by.push('arp');
  // Of hosts that are there; a name that a host gives itself is asked for like one of the reverse lookup.
  const asked = by.length > 0 && options.resolveNames;
  const [found, mdns] = asked ? await Promise.all([nameOf(address, options.timeoutMs), ownWords(address, options)]) : [null, null];
  if (mdns !== null) by.push('mdns');
  const name = found ?? mdns?.name ?? null;
  return { by: by.sort(), openPorts: openPorts.sort((a, b) => a - b), mac, name, ...(mdns ? { mdns } : {}) };
}

async function ownWords(address: string, { turn, timeoutMs }: ProbeOptions): Promise<MdnsFacts | null> {
  await turn();
  return askMdns(address, timeoutMs);
}

/** A connection that is refused shows a host as well as one that is accepted; it is closed at once and nothing is sent. */
async function knock(address: string, port: number, timeoutMs: number): Promise<'open' | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (outcome: 'open' | 'refused' | 'silent'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end('silent'), timeoutMs);
    socket.once('connect', () => end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(['ECONNREFUSED', 'ECONNRESET'].includes(error.code ?? '') ? 'refused' : 'silent'),
    );
  });
}

/** Whether the system's own `ping` exists: raw sockets need rights that a collector does not ask for. */
export async function canPing(): Promise<boolean> {
  return new Promise((resolve) =>
    execFile('ping', ['-V'], { timeout: 5000 }, (error) => resolve((error as { code?: unknown } | null)?.code !== 'ENOENT')),
  );
}

async function echoes(address: string, timeoutMs: number): Promise<boolean> {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const args = [...(isIPv6(address) ? ['-6'] : []), '-n', '-q', '-c', '1', '-W', String(seconds), address];
  return new Promise((resolve) => execFile('ping', args, { timeout: seconds * 1000 + 1000 }, (error) => resolve(error === null)));
}

/** From this machine's ARP table, which the probes have just filled for hosts on the same link; elsewhere there is none. */
async function macOf(address: string): Promise<string | null> {
  const table = await readFile('/proc/net/arp', 'utf8').catch(() => '');
  for (const line of table.split('\n').slice(1)) {
    const [ip, , flags, mac] = line.split(/\s+/);
    // Flag 2 says that the entry is complete.
    if (ip === address && (Number(flags) & 2) !== 0 && mac && mac !== '00:00:00:00:00:00') return mac.toLowerCase();
  }
  return null;
}

/** The name of the reverse lookup. One that only repeats the address is none. */
async function nameOf(address: string, timeoutMs: number): Promise<string | null> {
  try {
    const names = await new Resolver({ timeout: timeoutMs, tries: 1 }).reverse(address);
    return names.find((name) => name !== address && !name.includes(address))?.slice(0, 255) ?? null;
  } catch {
    return null;
  }
}
